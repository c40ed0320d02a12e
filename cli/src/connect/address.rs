//! Address to connect to, and mistakes in its place: a scenario file, or a misspelled command.

use std::{ffi::OsStr, path::Path};

use clap::{
    Arg, Command,
    builder::TypedValueParser,
    error::{Error, ErrorKind},
};
use connector::ServerUrl;

use crate::handshake::SERVER_URL;

/// Least similarity (Jaro-Winkler, 0 to 1) of a word that is taken for a misspelled command.
const SIMILARITY: f64 = 0.9;

/// Parser of an address. A scenario file, and a word that is almost a command, are errors. The
/// sentence names the command to use.
#[derive(Clone)]
pub(super) struct Address;

impl TypedValueParser for Address {
    type Value = ServerUrl;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<ServerUrl, Error> {
        match value.to_str().and_then(|text| mistake(command, text)) {
            Some(sentence) => Err(command.clone().error(ErrorKind::ValueValidation, sentence)),
            None => SERVER_URL.parse_ref(command, argument, value),
        }
    }
}

/// Sentence about an argument that is no address; `None` for one that may be. Hosts of one word
/// need a scheme only if they look like a command.
fn mistake(command: &Command, text: &str) -> Option<String> {
    let path = Path::new(text);
    if path.extension().is_some_and(|extension| extension == "ws") && path.is_file() {
        return Some(format!("'{text}' is a scenario file: run it with `wsbench run {text}`"));
    }
    // A host of one word without a port.
    if !text.chars().all(char::is_alphabetic) {
        return None;
    }
    let names = command.get_subcommands().filter(|it| !it.is_hide_set()).map(Command::get_name);
    let name = scenario::similar(text, names, SIMILARITY)?;
    Some(format!(
        "no command '{text}': did you mean `wsbench {name}`? For a host of this name, write ws://{text}"
    ))
}
