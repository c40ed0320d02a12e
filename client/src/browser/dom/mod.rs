//! Document: failure, focus, keys, scrolling, sizes, pop-ups, and the static frame.

pub(crate) mod failure;
pub(crate) mod focus;
pub(crate) mod frame;
pub(crate) mod keyboard;
pub(crate) mod popup;
pub(crate) mod resize;
pub(crate) mod scroll;
