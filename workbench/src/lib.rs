//! The page's engine. Pure: inputs and the time come in, outputs go out.
//!
//! No socket, clock, timer or screen: the browser's worker owns those. Every rule is therefore tested
//! natively, without a network.

mod codec;
pub mod compose;
pub mod connect;
pub mod engine;
pub mod exchange;
pub mod format;
pub mod log;
pub mod metrics;
pub mod open_tabs;
pub mod payload;
pub mod relay;

pub use codec::{read, write};
