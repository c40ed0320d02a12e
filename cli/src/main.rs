//! `wsbench`: WebSocket client, echo and test server, load generator and test runner in one program.
//!
//! Parses the command line and starts the command: a folder or file each.

mod autobahn;
mod bench;
mod connect;
mod documents;
mod handshake;
mod listen;
mod process;
mod quantity;
mod record;
mod run;
mod websocket;

use std::{env, process::ExitCode};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind};
use clap_complete::Shell;
use connector::ServerUrl;

use crate::{
    bench::BenchFlags,
    connect::ConnectFlags,
    handshake::{HandshakeFlags, SERVER_URL},
    listen::ListenFlags,
    process::{EarlyExit, Exit, fail, terminal_mode},
    record::{ConvertFlags, RecordFlags},
    run::{FmtFlags, RunFlags},
};

/// Allocator of the program, where it can be built: not for Windows.
#[cfg(unix)]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Examples in the short and the full help.
const EXAMPLES: &str = "\
Examples:
  wsbench ws://localhost:8080                       type messages, read answers
  echo hi | wsbench ws://localhost:8080             send a line, print the answer
  wsbench ws://localhost:8080 -x hi --expect hi     send, wait for the answer, exit
  wsbench server                                    start the echo and test server
  wsbench listen :9000                              wait for a client, talk with it
  wsbench bench ws://localhost:8080/echo            load a server
  wsbench run chat.ws                               run a scenario file as a test";

/// Examples in the full help only.
const MORE_EXAMPLES: &str = "
  wsbench mock ticker.ws                            serve a scenario file as a mock
  wsbench record ws://localhost:8080 -o chat.ws     record a conversation as a test
  wsbench wss://example.org/feed --count 10 --json </dev/null
  wsbench ws://localhost:8080 --binary --chunk 16KiB <photo.jpg --raw >same.jpg
  wsbench ws://localhost:8080 --json-input <exported.jsonl
  wsbench localhost:8080 -x init --expect ack -x go --fail-on '^error' --expect-close 1000
  wsbench ws://localhost:8080 -H 'X-Id: 7' --bearer \"$TOKEN\" --subprotocol chat -v
  wsbench ws://localhost:8080 --ping 1s --show-control --reconnect";

/// WebSocket workbench: client, echo and test server, load generator and test runner
///
/// With a URL, each line of standard input is sent as a message, and each message received is printed
/// as a line. On a terminal there is a prompt with editing and history; type /help for its commands.
/// In a pipe, standard output carries messages only; notices about the connection go to standard
/// error. Binary messages are printed as hexadecimal, unless --raw or --json is given.
///
/// At the end of the input, wsbench closes the connection once every message has been echoed, with or
/// without "Echo: " before it. If the answers are not echoes, it closes after 2 seconds without a
/// message; if more messages arrive than were sent, after 30 seconds. --wait, --expect, --count and
/// --expect-close define the end explicitly. Ctrl-C closes the connection at once, a second one exits.
///
/// With -x, standard input is not read. On a terminal, the flags that define the end disable the prompt,
/// so that a script never waits for the keyboard. The history of the prompt is kept in wsbench/history in
/// the user's state folder; `WSBENCH_HISTORY` names another file, or none if empty.
#[derive(Parser)]
#[command(
    name = "wsbench",
    version = server::VERSION,
    long_version = server::LONG_VERSION.as_str(),
    max_term_width = 100,
    arg_required_else_help = true,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = format!("{EXAMPLES}\n\n--help lists all options and exit statuses."),
    after_long_help = format!("{EXAMPLES}{MORE_EXAMPLES}\n\n{}", Exit::HELP),
)]
struct Program {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    connect: ConnectFlags,
}

#[derive(Subcommand)]
enum Command {
    #[command(
        version = server::VERSION,
        long_version = server::LONG_VERSION.as_str(),
        max_term_width = 100
    )]
    Server(Box<server::Flags>),
    Listen(Box<ListenFlags>),
    #[command(
        version = server::VERSION,
        long_version = server::LONG_VERSION.as_str(),
        max_term_width = 100
    )]
    Mock(Box<server::MockFlags>),
    Bench(Box<BenchFlags>),
    Run(Box<RunFlags>),
    Fmt(FmtFlags),
    Record(Box<RecordFlags>),
    Convert(ConvertFlags),
    /// Echo to Autobahn's fuzzing server, case by case
    ///
    /// Start it with `wstest -m fuzzingserver`; the results are in its reports.
    #[command(hide = true, after_help = "Example:\n  wsbench autobahn ws://127.0.0.1:9001")]
    Autobahn {
        /// Address of the fuzzing server
        #[arg(value_name = "URL", value_parser = SERVER_URL)]
        url: ServerUrl,
        /// Run only these cases, counted from 1
        #[arg(long, value_name = "N", value_delimiter = ',')]
        case: Vec<u32>,
        #[command(flatten)]
        handshake: Box<HandshakeFlags>,
    },
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  \
        wsbench completions bash >~/.local/share/bash-completion/completions/wsbench")]
    Completions {
        /// Shell
        shell: Shell,
    },
    /// Print a man page
    #[command(after_help = "Example:\n  wsbench man >~/.local/share/man/man1/wsbench.1\n  \
        wsbench man server >~/.local/share/man/man1/wsbench-server.1")]
    Man {
        /// Command to document, such as server or bench. Default: wsbench itself
        command: Option<String>,
    },
}

/// Definition of the command line, with texts as a terminal shows them.
fn plain_command() -> clap::Command {
    server::without_backticks(Program::command())
}

/// Parses the arguments, and performs the command, or connects if there is none.
fn main() -> ExitCode {
    let mut command = server::without_empty_variables(plain_command());
    let matches = command.try_get_matches_from_mut(env::args_os());
    let matches = matches.unwrap_or_else(|error| server::naming_variable(error, &command).exit());
    let program = Program::from_arg_matches(&matches);
    let mut program = program.unwrap_or_else(|error| error.format(&mut command).exit());
    program.connect.note_order(&matches);
    if let (Some(Command::Record(flags)), Some((_, matches))) =
        (&mut program.command, matches.subcommand())
    {
        flags.connect.note_order(matches);
    }
    let result = match program.command {
        None => in_runtime(connect::run(program.connect, None)),
        Some(Command::Server(flags)) => return server::start(*flags),
        Some(Command::Listen(flags)) => in_runtime(listen::run(*flags)),
        Some(Command::Mock(flags)) => match run::check(flags.files()) {
            Ok(()) => return server::start((*flags).into()),
            Err(exit) => Err(exit.into()),
        },
        Some(Command::Bench(flags)) => in_runtime(bench::run(*flags)),
        Some(Command::Run(flags)) => in_runtime(run::run(*flags)),
        Some(Command::Fmt(flags)) => Ok(run::format_files(&flags)),
        Some(Command::Record(flags)) => in_runtime(record::record(*flags)),
        Some(Command::Convert(flags)) => record::convert(&flags),
        Some(Command::Autobahn { url, case, handshake }) => in_runtime(async {
            let target = handshake.target(url)?;
            Ok(autobahn::run(target, case).await)
        }),
        Some(Command::Completions { shell }) => {
            Ok(documents::print_completions(shell, plain_command()))
        }
        Some(Command::Man { command }) => {
            documents::print_man_page(command.as_deref(), plain_command())
        }
    };
    match result {
        Ok(exit) | Err(EarlyExit::Printed(exit)) => exit.into(),
        Err(EarlyExit::Usage(sentence)) => {
            let name = matches.subcommand_name();
            let named = name.and_then(|name| command.find_subcommand(name)).cloned();
            named.unwrap_or(command).error(ErrorKind::ValueValidation, sentence).exit()
        }
    }
}

/// Runs a client command on one thread.
fn in_runtime(command: impl Future<Output = Result<Exit, EarlyExit>>) -> Result<Exit, EarlyExit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| fail(&format!("Cannot start: {error}.")))?;
    let result = runtime.block_on(command);
    // The thread that reads standard input ends only with the next line; do not wait for it.
    runtime.shutdown_background();
    terminal_mode::restore();
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Program::command().debug_assert();
    }
}
