//! `wsbench`: a WebSocket client for terminals and scripts. Reads the flags and starts what they name.

mod autobahn;
mod bench;
mod command;
mod connect;
mod dial;
mod exit;
mod flags;
mod handshake;
mod input;
mod interrupt;
mod link;
mod output;
mod prompt;
mod quantity;
mod resolve;
mod script;
mod shell;
mod statistics;
mod target;
mod tls;

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use clap::{CommandFactory, Parser, error::ErrorKind};
use clap_mangen::Man;
use tokio::time::Instant;

use crate::{
    connect::Target,
    exit::Exit,
    flags::{BenchFlags, Flags, HandshakeFlags, TalkFlags, Task, When},
    input::{Cut, Input},
    interrupt::Interrupt,
    output::{Format, Output, complain},
    prompt::Prompt,
    script::Expectations,
    target::Address,
};

fn main() -> ExitCode {
    let flags = Flags::parse();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("Cannot start: {error}.")).into(),
    };
    let exit = match flags.task {
        None => runtime.block_on(talk(flags.talk)),
        Some(Task::Bench(flags)) => runtime.block_on(load(&flags)),
        Some(Task::Autobahn { url, case, handshake }) => {
            runtime.block_on(autobahn::run(target(url, &handshake), case))
        }
        Some(Task::Completions { shell }) => print(|out| {
            clap_complete::generate(shell, &mut Flags::command(), "wsbench", out);
            Ok(())
        }),
        Some(Task::Man { command }) => manual(command.as_deref()),
    };
    // Standard input is read by a thread that ends only with the next line; nobody waits for it.
    runtime.shutdown_background();
    prompt::restore_terminal();
    exit.into()
}

fn fail(sentence: &str) -> Exit {
    complain(sentence);
    Exit::Failed
}

/// Ends as clap does for an argument that is wrong by itself.
fn refuse(sentence: &str) -> ! {
    Flags::command().error(ErrorKind::ValueValidation, sentence).exit()
}

/// Writes a document to standard output; a reader that has enough is fine.
fn print(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Exit {
    let mut document = Vec::new();
    match write(&mut document).and_then(|()| io::stdout().write_all(&document)) {
        Ok(()) => Exit::Done,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
        Err(error) => fail(&format!("Cannot write to standard output: {error}.")),
    }
}

/// Prints the manual page, or the one of a command.
fn manual(command: Option<&str>) -> Exit {
    let mut all = Flags::command();
    // Fills in what commands have from above: the version, the usage.
    all.build();
    let page = match command {
        None => Man::new(all),
        Some(name) => match all.find_subcommand(name) {
            Some(command) => Man::new(command.clone()).title(format!("wsbench-{name}")),
            None => refuse(&format!("'{name}' is not a command of wsbench; --help lists them")),
        },
    };
    print(|out| page.render(out))
}

fn target(address: Address, flags: &HandshakeFlags) -> Target {
    let target = resolve::target(address, flags).unwrap_or_else(|sentence| refuse(&sentence));
    if flags.insecure && target.tls.is_some() {
        complain("The server's certificate is not checked (--insecure).");
    }
    if target.tls.is_none() && (flags.insecure || flags.cacert.is_some() || flags.cert.is_some()) {
        complain("Flags for TLS change nothing with ws://; wss:// is encrypted.");
    }
    target
}

async fn load(flags: &BenchFlags) -> Exit {
    let other = flags.compare.clone().map(|other| target(other, &flags.handshake));
    bench::run(flags, target(flags.url.clone(), &flags.handshake), other).await
}

async fn talk(flags: TalkFlags) -> Exit {
    // clap insists on it unless there is a task.
    let Some(address) = flags.url else { return Exit::Usage };
    let target = target(address, &flags.handshake);
    if flags.binary && flags.chunk > flags.max_message {
        refuse("--chunk is larger than --max-message");
    }
    if flags.null && io::stdin().is_terminal() && io::stdout().is_terminal() {
        refuse("--null is for pipes: at the prompt a line is a message");
    }
    // Signals are handled before anyone can know that it is time for one.
    let interrupt = match Interrupt::listen() {
        Ok(interrupt) => interrupt,
        Err(error) => return fail(&format!("Cannot handle signals: {error}.")),
    };
    let format = match (flags.json, flags.raw, flags.null) {
        (true, ..) => Format::Json,
        (_, true, _) => Format::Raw,
        (.., true) => Format::Lines { separator: 0 },
        _ if io::stdout().is_terminal() => Format::Terminal,
        _ => Format::Lines { separator: b'\n' },
    };
    let cut = match (flags.binary, flags.json_input, flags.null) {
        (true, ..) => Cut::Chunks { bytes: flags.chunk },
        (_, true, _) => Cut::Records,
        (.., true) => Cut::Lines { separator: 0 },
        _ => Cut::Lines { separator: b'\n' },
    };
    // A script that knows when it is done does not wait for a person to type.
    let ends_by_itself = !flags.expect.is_empty() || flags.count.is_some() || flags.wait.is_some();
    // In a loop of a shell standard input is the loop's.
    let says_all = !flags.execute.is_empty();
    let (input, printer) = if says_all || io::stdin().is_terminal() && ends_by_itself {
        (Input::only(flags.execute), None)
    } else {
        match Prompt::new().filter(|_| !flags.binary && !flags.json_input && !flags.raw) {
            Some((prompt, printer)) => {
                (Input::prompt(flags.execute, prompt, interrupt.clone()), Some(printer))
            }
            None => (Input::stdin(flags.execute, cut, flags.max_message), None),
        }
    };
    let colour = output::colour(match flags.color {
        When::Auto => None,
        When::Always => Some(true),
        When::Never => Some(false),
    });
    let timeout = flags.timeout.map(|timeout| (timeout, Instant::now() + timeout));
    let give_up = timeout.map(|(_, at)| at);
    let output = Output::start(format, colour, flags.quiet, printer, interrupt.clone(), give_up);
    let options = shell::Options {
        target,
        expectations: Expectations::new(flags.expect, flags.count),
        wait: flags.wait,
        timeout,
        reconnect: flags.reconnect,
        show_control: flags.show_control,
        ping: flags.ping,
        verbose: flags.handshake.verbose,
        max_message: flags.max_message,
    };
    shell::converse(options, input, output, interrupt).await
}
