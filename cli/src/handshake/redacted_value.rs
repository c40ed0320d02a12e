//! Arguments with credentials: errors do not repeat them.

use std::{borrow::Cow, ffi::OsStr};

use clap::{
    Arg, Command,
    builder::TypedValueParser,
    error::{Error, ErrorKind},
};
use connector::{Header, Proxy, ServerUrl, header_value, redact_all, redact_header, redact_url};

/// Parser of an argument, with the form that errors show.
#[derive(Clone)]
pub(crate) struct RedactedValue<T> {
    /// Parses the text; the error is the end of a sentence.
    parse: fn(&str) -> Result<T, String>,
    /// Text without its credentials.
    redact: fn(&str) -> Cow<'_, str>,
}

/// Parser of a header value that is a credential.
pub(crate) fn secret_value() -> RedactedValue<String> {
    RedactedValue { parse: header_value, redact: redact_all }
}

/// Parser of a variable whose value is a credential: `NAME=VALUE`.
pub(crate) fn secret_variable() -> RedactedValue<(String, String)> {
    RedactedValue { parse: scenario::assignment, redact: redact_all }
}

/// Parser of the URL of a server, which may hold a password.
pub(crate) fn server_url() -> RedactedValue<ServerUrl> {
    RedactedValue { parse: str::parse, redact: redact_url }
}

/// Parser of the URL of a proxy, which may hold a password.
pub(crate) fn proxy() -> RedactedValue<Proxy> {
    RedactedValue { parse: str::parse, redact: redact_url }
}

/// Parser of a header, which may hold a credential.
pub(crate) fn header() -> RedactedValue<Header> {
    RedactedValue { parse: str::parse, redact: redact_header }
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
