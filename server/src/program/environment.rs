//! Environment variables of the flags.

use std::env;

use clap::{Arg, Command};

/// Command in which an empty variable counts as unset, as where a container's file passes on one that has no value.
#[must_use]
pub fn without_empty_variables(command: Command) -> Command {
    let is_empty = |arg: &Arg| arg.get_env().and_then(env::var_os).is_some_and(|it| it.is_empty());
    let unset = |arg: Arg| if is_empty(&arg) { arg.env(None::<&str>) } else { arg };
    command.mut_args(unset).mut_subcommands(without_empty_variables)
}
