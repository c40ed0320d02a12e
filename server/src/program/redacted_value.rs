//! Arguments with credentials: errors do not repeat them.

use std::{borrow::Cow, ffi::OsStr};

use clap::{
    Arg, Command,
    builder::TypedValueParser,
    error::{Error, ErrorKind},
};
use connector::redact_all;

/// Parser of an argument, with the form that errors show.
#[derive(Clone, Debug)]
pub struct RedactedValue<T> {
    /// Parses the text; the error is the end of a sentence.
    pub parse: fn(&str) -> Result<T, String>,
    /// Text without its credentials.
    pub redact: fn(&str) -> Cow<'_, str>,
}

/// Parser of a variable whose value is a credential: `NAME=VALUE`.
#[must_use]
pub fn secret_variable() -> RedactedValue<(String, String)> {
    RedactedValue { parse: scenario::assignment, redact: redact_all }
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for RedactedValue<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, Error> {
        let Some(text) = value.to_str() else {
            return Err(Error::new(ErrorKind::InvalidUtf8).with_cmd(command));
        };
        (self.parse)(text).map_err(|why| {
            let argument = argument.map(ToString::to_string).unwrap_or_default();
            let shown = (self.redact)(text);
            let sentence = format!("invalid value '{shown}' for '{argument}': {why}");
            command.clone().error(ErrorKind::ValueValidation, sentence)
        })
    }
}
