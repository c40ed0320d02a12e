//! `wsbench URL`: a conversation with a server, from a terminal or a script.

mod address;
mod compression;
mod conversation;
mod end_policy;
mod expectations;
mod expected_close;
mod flags;
mod input;
mod output;
mod pings;
mod search;
mod socket;
mod statistics;

use std::io::{self, IsTerminal};

use connector::{Target, redact_url};
use session::{Retries, Search};
use tokio::time::{Instant, sleep_until};

pub(crate) use self::{
    compression::Compression,
    conversation::{Accept, Observer},
    flags::{ConnectFlags, MAX_MESSAGE},
    input::{InputFormat, Splitter},
    output::json_line,
    socket::{
        CLOSE_TIMEOUT, Opened, Socket, SocketEnd, SocketEvent, failed_handshake, violation_sentence,
    },
};
use self::{
    conversation::{Opening, Options},
    end_policy::{EndRules, Timeout},
    expectations::Expectations,
    flags::When,
    input::{Input, Prompt, PromptPrinter},
    output::{Output, OutputFormat, OutputOptions},
};
use crate::{
    handshake::shown_url,
    process::{Colors, EarlyExit, Exit, Interrupt, print_error},
    quantity::MAX_DURATION,
};

/// Connects, and ends with the conversation; an observer gets every fact. Flags that exclude each other
/// are refused before.
pub(crate) async fn run(
    flags: ConnectFlags,
    observer: Option<Observer>,
) -> Result<Exit, EarlyExit> {
    // clap requires it unless there is a command.
    let Some(url) = flags.url.clone() else { return Ok(Exit::Usage) };
    check(&flags)?;
    if !flags.streams.quiet
        && let Some(scheme) = url.typed_scheme()
    {
        let url = shown_url(&url, flags.handshake.show_secrets);
        print_error(&format!("Using {url} for {scheme}://."));
    }
    let mut target = flags.handshake.target(url)?;
    target.request.offers = flags.compression.clone().unwrap_or_default().0;
    let is_terminal = io::stdout().is_terminal();
    if flags.streams.raw && is_terminal {
        print_error("With --raw, messages of the server can control this terminal.");
    }
    // Before anything is printed: a script may send a signal as soon as it reads that.
    let interrupt = Interrupt::listen()?;
    let (input, printer) = input(&flags, &interrupt);
    let timeout = flags.script.timeout.map(|limit| Timeout { limit, at: Instant::now() + limit });
    let output = Output::start(
        OutputOptions {
            format: output_format(&flags, is_terminal),
            is_terminal,
            peer: "server",
            colors: colors(flags.streams.color),
            quiet: flags.streams.quiet,
            deadline: timeout.map(|timeout| timeout.at),
        },
        printer,
        interrupt.clone(),
    );
    let options = Options { observer, ..options(flags, target, timeout) };
    Ok(conversation::run(options, input, output, interrupt).await)
}

/// Checks the flags that clap cannot relate to each other. `Err` is a usage error.
fn check(flags: &ConnectFlags) -> Result<(), String> {
    if let Some(second) = &flags.second_url {
        let second = redact_url(second);
        return Err(format!(
            "unexpected second URL '{second}'; `wsbench bench URL…` takes several"
        ));
    }
    if flags.streams.binary && flags.streams.chunk > flags.streams.max_message {
        return Err("--chunk is larger than --max-message".to_owned());
    }
    if flags.script.execute.iter().any(|message| message.len() > flags.streams.max_message) {
        return Err("a message of -x is larger than --max-message".to_owned());
    }
    if flags.streams.null && io::stdin().is_terminal() && io::stdout().is_terminal() {
        return Err("--null is for pipes: at the prompt, a line is a message".to_owned());
    }
    Ok(())
}

/// Options of the conversation for these flags.
fn options(flags: ConnectFlags, target: Target, timeout: Option<Timeout>) -> Options {
    // Most files are compressed already, and compressing takes nine tenths of the time.
    let compresses = flags.compression.is_some() || !flags.streams.binary;
    Options {
        opening: Opening::Connect(Box::new(target)),
        end_rules: EndRules {
            expectations: Expectations::new(flags.script.expect, flags.script.count),
            fail_on: flags.script.fail_on.into_iter().map(Search::new).collect(),
            expected_close: flags.script.expect_close,
            wait: flags.script.wait,
            timeout,
        },
        retries: match (flags.script.reconnect, flags.script.retries) {
            (false, _) => Retries::NONE,
            (true, None) => Retries::UNLIMITED,
            (true, Some(limit)) => Retries(limit),
        },
        show_control: flags.streams.show_control,
        frames: flags.streams.frames,
        ping: flags.streams.ping,
        verbose: flags.handshake.verbose,
        shows_secrets: flags.handshake.show_secrets,
        max_message: flags.streams.max_message,
        compress_from: if compresses { 0 } else { usize::MAX },
        observer: None,
    }
}

/// Options of `wsbench listen` for the client that talks with the terminal.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct Listening {
    /// Output of JSON Lines.
    pub(crate) json: bool,
    /// Errors only, no notices.
    pub(crate) quiet: bool,
    /// Notices about the opening, too.
    pub(crate) verbose: bool,
    /// Ping and Pong frames of the peer, too.
    pub(crate) show_control: bool,
    /// Each frame with its header, too.
    pub(crate) frames: bool,
    /// Maximum size of a received message, in bytes.
    pub(crate) max_message: usize,
}

/// Holds a conversation with the first peer that opens a WebSocket. The peer ends it, or Ctrl-C.
pub(crate) async fn listen(options: Listening, accept: Accept, interrupt: Interrupt) -> Exit {
    let is_terminal = io::stdout().is_terminal();
    let (input, printer) = if let Some((prompt, printer)) = Prompt::new() {
        (Input::prompt(prompt, interrupt.clone()), Some(printer))
    } else {
        let lines = InputFormat::Lines { separator: b'\n' };
        (Input::stdin(lines, options.max_message), None)
    };
    let format = match (options.json, is_terminal) {
        (true, _) => OutputFormat::Json,
        (_, true) => OutputFormat::Terminal,
        _ => OutputFormat::Lines { separator: b'\n' },
    };
    let output = Output::start(
        OutputOptions {
            format,
            is_terminal,
            peer: "client",
            colors: Colors::new(None),
            quiet: options.quiet,
            deadline: None,
        },
        printer,
        interrupt.clone(),
    );
    let options = Options {
        opening: Opening::Accept(Some(accept)),
        // The peer decides when to leave: the end of standard input does not end the conversation.
        end_rules: EndRules { wait: Some(MAX_DURATION), ..EndRules::default() },
        retries: Retries::NONE,
        show_control: options.show_control,
        frames: options.frames,
        ping: None,
        verbose: options.verbose,
        // Its credentials were sent to this user.
        shows_secrets: true,
        max_message: options.max_message,
        // The listener's WebSocket has its own.
        compress_from: 0,
        observer: None,
    };
    conversation::run(options, input, output, interrupt).await
}

/// Input for these flags; with a prompt, the printer that writes above it. A prompt needs a
/// terminal on both sides.
fn input(flags: &ConnectFlags, interrupt: &Interrupt) -> (Input, Option<PromptPrinter>) {
    let execute =
        flags.script.execute.iter().cloned().zip(flags.script.expected_before.iter().copied());
    let execute: Vec<_> = execute.collect();
    // A script that defines its end must not wait for a user to type.
    let has_end = !flags.script.expect.is_empty()
        || flags.script.expect_close.is_some()
        || flags.script.count.is_some()
        || flags.script.wait.is_some();
    // With -x, standard input may belong to the shell's loop around this command.
    if !execute.is_empty() || io::stdin().is_terminal() && has_end {
        return (Input::messages(execute), None);
    }
    // Not made in vain: it takes over the terminal.
    let has_prompt = !flags.streams.binary && !flags.streams.json_input && !flags.streams.raw;
    match has_prompt.then(Prompt::new).flatten() {
        Some((prompt, printer)) => (Input::prompt(prompt, interrupt.clone()), Some(printer)),
        None => (Input::stdin(input_format(flags), flags.streams.max_message), None),
    }
}

/// Input format for these flags.
fn input_format(flags: &ConnectFlags) -> InputFormat {
    match (flags.streams.binary, flags.streams.json_input, flags.streams.null) {
        (true, ..) => InputFormat::Chunks { bytes: flags.streams.chunk },
        (_, true, _) => InputFormat::Records,
        (.., true) => InputFormat::Lines { separator: 0 },
        _ => InputFormat::Lines { separator: b'\n' },
    }
}

/// Output format for these flags and this standard output.
fn output_format(flags: &ConnectFlags, is_terminal: bool) -> OutputFormat {
    match (flags.streams.json, flags.streams.raw, flags.streams.null) {
        (true, ..) => OutputFormat::Json,
        (_, true, _) => OutputFormat::Raw,
        (.., true) => OutputFormat::Lines { separator: 0 },
        _ if is_terminal => OutputFormat::Terminal,
        _ => OutputFormat::Lines { separator: b'\n' },
    }
}

/// Colors by the flag `--color`.
fn colors(when: When) -> Colors {
    Colors::new(match when {
        When::Auto => None,
        When::Always => Some(true),
        When::Never => Some(false),
    })
}

/// Sleeps until `deadline`; forever without one.
async fn sleep_until_some(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
