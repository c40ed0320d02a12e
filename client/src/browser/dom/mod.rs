//! Document: failure, focus, scrolling, sizes, pop-ups, and the static frame.

pub(crate) mod failure;
pub(crate) mod focus;
pub(crate) mod frame;
pub(crate) mod outside;
pub(crate) mod resize;
pub(crate) mod scroll;
