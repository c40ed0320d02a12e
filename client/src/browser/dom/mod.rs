//! Document: focus, scrolling, sizes, and the static frame.

pub(crate) mod focus;
pub(crate) mod frame;
pub(crate) mod resize;
pub(crate) mod scroll;
