//! Syntax of scenario files: from text to steps, and back to text.

mod cursor;
mod diagnostic;
mod line;
mod matcher;
mod parser;
mod payload;
mod print;
mod scenario;
mod source;
mod step;
mod text;
mod variables;

pub(crate) use self::{
    cursor::is_token,
    line::{ConnectOption, is_connection_name},
    matcher::{Matcher, Operator, Test, Type},
    payload::Payload,
    scenario::{Block, Statement, StatementKind, Variable},
    step::{Action, Capture, Condition, Expectation, Part, Pattern},
    text::{GROUPS_TEXT, Text},
};
pub use self::{
    diagnostic::{Diagnostic, Span, similar},
    line::Requirement,
    parser::parse,
    print::format,
    scenario::{Scenario, Section, Serve},
    source::{Place, Source},
    step::{Side, assignment, check_name},
};

/// Maximum size of a file with its included files, in bytes. Longer ones are programs.
pub const TEXT_BYTES: usize = 1 << 20;
