//! Scenario files (`docs/scenario.md`): WebSocket conversations as files, tests and mocks.
//!
//! [`Source::parse`] turns a file, and those that it includes, into a [`Scenario`], or into all its
//! [`Diagnostic`]s; [`format()`] lays a file out. A [`Run`] is the state machine of one execution: events of the
//! connections and the time come in, requests to connect and send go out. It knows no socket, clock or file.
//!
//! ```
//! use scenario::{Connected, Input, Outgoing, Output, Run, Verdict, parse};
//! use session::Time;
//! use workbench::compose::Values;
//!
//! let file = "connect ws://localhost:8080/echo\n> hi\n< \"hi\"\n";
//! let mut run = Run::new(&parse(file).expect("it has no mistake"), None, Values::new(7))?;
//! let mut outputs = run.update(None, Time(0));
//! while let Some(output) = outputs.pop() {
//!     // A server that echoes.
//!     let (connection, input) = match output {
//!         Output::Connect(connection, _) => (connection, Input::Connected(Connected::Open(None))),
//!         Output::Send(connection, Outgoing::Message(text)) => (connection, Input::Message(text)),
//!         Output::Send(connection, Outgoing::Close(..)) => (connection, Input::Closed(None)),
//!         _ => continue,
//!     };
//!     outputs.extend(run.update(Some((connection, input)), Time(1)));
//! }
//! assert_eq!(run.verdict(), Some(&Verdict::Passed));
//! # Ok::<(), String>(())
//! ```

mod duration;
mod path;
mod recording;
mod run;
mod syntax;

pub use recording::{Recording, Written, write};
pub use run::{
    Answer, BYTES_HELD, CONNECTIONS, Connected, ConnectionId, Failure, Input, LATENCIES,
    MAX_FRAGMENTS, MESSAGES_HELD, Mock, Outgoing, Output, Plan, Request, Run, Secrets, Seen, Start,
    Verdict,
};
pub use syntax::{
    Diagnostic, Place, Requirement, Scenario, Section, Serve, Side, Source, Span, TEXT_BYTES,
    assignment, check_name, format, parse, similar,
};
