//! Scenario files (`docs/scenario.md`): a WebSocket conversation written down once.
//!
//! [`Source::parse`] turns a file, and those that it includes, into a [`Scenario`], or into all its
//! [`Diagnostic`]s; [`format()`] lays a file out. A [`Run`] is the state machine of one execution: events of the connections and the time come in, requests to
//! connect and send go out. It knows no socket, clock or file.

mod duration;
mod path;
mod recording;
mod run;
mod syntax;

pub use recording::{Recording, Written, write};
pub use run::{
    Answer, Connected, Connection, Failure, Input, LATENCIES, MESSAGES_HELD, Outgoing, Output,
    Plan, Request, Run, Seen, Start, Verdict,
};
pub use syntax::{
    Diagnostic, Place, Requirement, Scenario, Section, Serve, Side, Source, Span, TEXT_BYTES,
    assignment, check_name, format, parse,
};
