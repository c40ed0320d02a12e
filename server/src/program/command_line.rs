//! Command line of the program: its variables, and its texts.

use std::{env, iter};

use clap::{
    Arg, Command, Error,
    builder::{Resettable, StyledStr},
    error::{ContextKind, ContextValue},
};

/// Command in which an empty variable counts as unset, as where a container's file passes on one that has no value.
#[must_use]
pub fn without_empty_variables(command: Command) -> Command {
    let is_empty = |arg: &Arg| arg.get_env().and_then(env::var_os).is_some_and(|it| it.is_empty());
    let unset = |arg: Arg| if is_empty(&arg) { arg.env(None::<&str>) } else { arg };
    command.mut_args(unset).mut_subcommands(without_empty_variables)
}

/// Command whose texts have no backticks: doc comments need them, a terminal shows them.
#[must_use]
pub fn without_backticks(command: Command) -> Command {
    fn plain(text: Option<&StyledStr>) -> Resettable<StyledStr> {
        text.map(|it| it.to_string().replace('`', "").into()).into()
    }
    let (about, long_about) = (plain(command.get_about()), plain(command.get_long_about()));
    let plain_arg = |arg: Arg| {
        let (help, long_help) = (plain(arg.get_help()), plain(arg.get_long_help()));
        arg.help(help).long_help(long_help)
    };
    let command = command.about(about).long_about(long_about).mut_args(plain_arg);
    command.mut_subcommands(without_backticks)
}

/// Error of an argument with the name of its variable, if the value came from that.
#[must_use]
pub fn naming_variable(mut error: Error, command: &Command) -> Error {
    if let Some(variable) = variable(&error, command) {
        error.insert(ContextKind::InvalidArg, ContextValue::String(variable));
    }
    error
}

/// Variable of the argument that an error is about, unless the argument was typed.
fn variable(error: &Error, command: &Command) -> Option<String> {
    let ContextValue::String(argument) = error.get(ContextKind::InvalidArg)? else { return None };
    let flag = argument.split(' ').next()?;
    let is_typed = env::args_os().any(|typed| typed.to_string_lossy().starts_with(flag));
    let commands = iter::once(command).chain(command.get_subcommands());
    let mut arguments = commands.flat_map(Command::get_arguments);
    let found = arguments.find(|it| it.get_env().is_some() && it.get_long() == flag.get(2..));
    found?.get_env().filter(|_| !is_typed).map(|name| name.to_string_lossy().into_owned())
}
