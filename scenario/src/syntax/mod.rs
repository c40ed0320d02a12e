//! Syntax of scenario files: from text to steps, and back to text.

mod block;
mod cursor;
mod diagnostic;
mod line;
mod matcher;
mod payload;
mod print;
mod source;
mod step;
mod text;
mod variables;

pub(crate) use self::{
    block::{Block, Kind, Statement, Variable},
    line::{ConnectOption, is_connection_name},
    matcher::{Matcher, Operator, Test, Type},
    payload::Payload,
    step::{Action, Capture, Condition, Expectation, Part, Pattern},
    text::Text,
};
pub use self::{
    block::{Scenario, Section, Serve, parse},
    diagnostic::{Diagnostic, Span},
    line::Requirement,
    print::format,
    source::{Place, Source},
    step::{Side, assignment, check_name},
};

/// Maximum size of a file with its included files, in bytes. Longer ones are programs.
pub const TEXT_BYTES: usize = 1 << 20;
