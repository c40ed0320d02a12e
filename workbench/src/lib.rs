//! The page's engine. Pure: inputs and the time come in, outputs go out.
//!
//! No socket, clock, timer or screen: the browser's worker owns those. Every rule is therefore tested
//! natively, without a network.
//!
//! ```
//! use session::{Attempt, Time};
//! use workbench::{
//!     connect::Target,
//!     engine::{Command, ConnectionCommand, Engine, Input, Output, SocketOutput, StoreInput},
//! };
//!
//! let mut engine = Engine::new(7);
//! // The store keeps nothing of an earlier visit.
//! drop(engine.update(Input::Store(StoreInput::Opened(None)), Time(0)));
//! drop(engine.update(Input::Store(StoreInput::Restored(Vec::new())), Time(0)));
//! let target = Target { url: "ws://localhost:8080/ws".into(), ..Target::default() };
//! let connect = Command::from(ConnectionCommand::Connect(target.clone().into()));
//! let mut outputs = engine.update(Input::Command(connect), Time(1)).into_iter();
//! assert!(outputs.any(|it| it == Output::Socket(SocketOutput::Open(Attempt(0), target.clone()))));
//! ```

mod codec;
pub mod compose;
pub mod connect;
pub mod engine;
pub mod exchange;
#[cfg(test)]
mod fixtures;
pub mod format;
pub mod log;
pub mod metrics;
pub mod open_tabs;
pub mod payload;
pub mod relay;

pub use codec::{decode, encode};
