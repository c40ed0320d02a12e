//! What the program prints: messages on standard output, what is said about the connection on
//! standard error, or both above the prompt.
//!
//! A thread writes, so that a reader who has stopped reading does not stop Ctrl-C, nor, until as much
//! waits as may, the answers to pings: these come in order with the messages.

use std::{
    cell::Cell,
    fmt::Write as _,
    io::{self, BufWriter, IsTerminal, Stdout, Write},
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use anstyle::{AnsiColor, Style};
use session::{Direction, EndReason, Fact, Message, Payload, Record};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    time::{Instant, sleep, sleep_until},
};

use crate::{
    exit::Exit,
    interrupt::Interrupt,
    prompt::Printer,
    quantity::{show_count, show_counted, show_duration, to_hex},
};

/// Pieces and bytes that wait to be written, at most. One piece may be larger: a message.
const WAITING_PIECES: usize = 1_024;
const WAITING_BYTES: u32 = 4 << 20;

/// Bytes that are printed above the prompt at once, about a screen's worth of repainting.
const BATCH: usize = 64 << 10;

/// Bytes of a message that a terminal shows: a person reads no more, and may wait long for it.
const SHOWN: usize = 16 << 10;

/// Bytes of a control frame's payload, or of a binary message, that a terminal shows.
const SHOWN_BYTES: usize = 32;

/// Time for what waits to be written, when the program was interrupted, its time is over, or a person
/// waits for it.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For a person.
    Terminal,
    /// A message's payload, then this byte.
    Lines { separator: u8 },
    /// The payload alone.
    Raw,
    /// An object a line, of everything that happens.
    Json,
}

/// Where colour goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour {
    pub(crate) stdout: bool,
    pub(crate) stderr: bool,
}

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const INCOMING: Style = AnsiColor::Cyan.on_default();
const ASIDE: Style = Style::new().dimmed();

/// All that is printed while a connection is wanted.
pub(crate) struct Output {
    format: Format,
    colour: Colour,
    quiet: bool,
    /// Everything goes to the terminal that standard output is.
    above_prompt: bool,
    indents_json: Cell<bool>,
    pieces: mpsc::Sender<Piece>,
    budget: Arc<Semaphore>,
    failure: watch::Receiver<Option<Failure>>,
    interrupt: Interrupt,
    /// When nobody wants to wait for the reader any more.
    give_up: Option<Instant>,
    thread: JoinHandle<()>,
}

/// Why nothing can be written any more.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The reader has enough (`| head`).
    ReaderGone,
    /// The reader takes nothing, and the time for everything is over.
    Late,
    /// In words.
    Other(String),
}

impl Failure {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::ReaderGone => Exit::Done,
            Self::Late => Exit::Unmet,
            Self::Other(_) => Exit::Failed,
        }
    }
}

struct Piece {
    bytes: Vec<u8>,
    is_aside: bool,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Output {
    /// Starts the thread. With a `printer` everything is printed by it.
    pub(crate) fn start(
        format: Format,
        colour: Colour,
        quiet: bool,
        printer: Option<Printer>,
        interrupt: Interrupt,
        give_up: Option<Instant>,
    ) -> Self {
        let (pieces, waiting) = mpsc::channel(WAITING_PIECES);
        let (failed, failure) = watch::channel(None);
        let above_prompt = printer.is_some();
        let thread = std::thread::spawn(move || {
            let written = match printer {
                Some(printer) => print_above(waiting, printer),
                None => write_streams(waiting),
            };
            if let Err(error) = written {
                failed.send_replace(Some(match error.kind() {
                    io::ErrorKind::BrokenPipe => Failure::ReaderGone,
                    _ => Failure::Other(format!("Cannot write to standard output: {error}.")),
                }));
            }
        });
        Self {
            format,
            colour,
            quiet,
            above_prompt,
            indents_json: Cell::new(false),
            pieces,
            budget: Arc::new(Semaphore::new(WAITING_BYTES as usize)),
            failure,
            interrupt,
            give_up,
            thread,
        }
    }

    /// Whether what was sent, and control frames, are printed too.
    pub(crate) fn shows_all(&self) -> bool {
        self.format == Format::Json
    }

    /// Shows JSON that comes indented from now on, or no longer. Returns which.
    pub(crate) fn toggle_json(&self) -> bool {
        self.indents_json.set(!self.indents_json.get());
        self.indents_json.get()
    }

    /// Says what is told to it, a line or more at a time, as long as there is room: for those who
    /// cannot wait.
    pub(crate) fn teller(&self) -> impl Fn(&str) + Send + Sync + 'static {
        let pieces = self.pieces.clone();
        move |text| {
            let bytes = (escape_controls(text) + "\n").into_bytes();
            let _ = pieces.try_send(Piece { bytes, is_aside: true, _permit: None });
        }
    }

    /// Resolves when nothing can be written any more.
    pub(crate) async fn failed(&self) -> Failure {
        let mut failure = self.failure.clone();
        match failure.wait_for(Option::is_some).await {
            Ok(failure) => failure.clone().unwrap_or(Failure::ReaderGone),
            // The thread ended well.
            Err(_) => std::future::pending().await,
        }
    }

    /// Prints what happened.
    pub(crate) async fn record(&self, record: &Record) {
        if self.format == Format::Json {
            let line = escape_json(&record.to_string()) + "\n";
            return self.print(line.into_bytes()).await;
        }
        match &record.fact {
            Fact::Message(Direction::In, message, _) => {
                let bytes = self.message(message);
                self.print(bytes).await;
            }
            Fact::Opened => self.remark(GOOD, "Connected to server").await,
            Fact::Ended(EndReason::Closed(close), cause) => {
                let cause = cause.as_ref().map(|cause| format!(" ({cause})")).unwrap_or_default();
                self.remark(ASIDE, &format!("Disconnected from server: {close}{cause}")).await;
            }
            Fact::Ended(EndReason::Cancelled, _) => self.remark(ASIDE, "Cancelled").await,
            // Who typed a message sees it; a failure is told in its own words by `error`.
            Fact::Message(Direction::Out, ..) | Fact::Ended(EndReason::Failed, _) => {}
            Fact::Ping(..) | Fact::Pong(..) | Fact::Close(..) => {
                self.aside(&control_frame(&record.fact)).await;
            }
        }
    }

    /// Says what went wrong.
    pub(crate) async fn error(&self, sentence: &str) {
        self.say(BAD, sentence).await;
    }

    /// Says something about the connection that was asked for.
    pub(crate) async fn aside(&self, text: &str) {
        self.say(ASIDE, text).await;
    }

    /// Says something about the connection that was not asked for.
    pub(crate) async fn remark(&self, style: Style, text: &str) {
        if !self.quiet {
            self.say(style, text).await;
        }
    }

    /// Waits until everything is written, and no teller is left, then says what went wrong; not long
    /// if that is all there is to do.
    pub(crate) async fn finish(self, mut last_words: Vec<String>) -> Option<Failure> {
        if self.above_prompt {
            for sentence in std::mem::take(&mut last_words) {
                self.error(&sentence).await;
            }
        }
        drop(self.pieces);
        let hurried_at = if self.above_prompt { Some(Instant::now()) } else { self.give_up };
        let until = hurried_at.map(|at| at + LAST_WORDS);
        let is_written = ended(&self.thread, until, &self.interrupt).await;
        let mut failure = self.failure.borrow().clone();
        match &failure {
            Some(Failure::Other(sentence)) => last_words.push(sentence.clone()),
            None if !is_written && !self.interrupt.is_raised() && !self.above_prompt => {
                last_words.push("Standard output was not read in time (--timeout).".to_owned());
                failure = Some(Failure::Late);
            }
            _ => {}
        }
        let colour = self.colour.stderr;
        let last_words = std::thread::spawn(move || {
            for sentence in last_words {
                complain(&paint(colour, BAD, &escape_controls(&sentence)));
            }
        });
        let until = until.map(|_| Instant::now() + LAST_WORDS);
        ended(&last_words, until, &self.interrupt).await;
        failure
    }

    fn message(&self, message: &Message) -> Vec<u8> {
        let mut bytes = match (self.format, message) {
            (Format::Terminal, message) => return self.for_terminal(message).into_bytes(),
            (Format::Raw, Message::Binary(bytes)) => return bytes.clone(),
            (_, Message::Binary(bytes)) => to_hex(bytes).into_bytes(),
            (Format::Lines { .. }, Message::Text(text)) if io::stdout().is_terminal() => {
                escape_controls(text).into_bytes()
            }
            (_, Message::Text(text)) => text.clone().into_bytes(),
        };
        if let Format::Lines { separator } = self.format {
            bytes.push(separator);
        }
        bytes
    }

    fn for_terminal(&self, message: &Message) -> String {
        let indented = self.indents_json.get().then(|| indented(message)).flatten();
        let message = indented.as_ref().unwrap_or(message);
        let (start, omitted) = match message {
            Message::Text(_) => {
                let preview = message.payload().preview(SHOWN);
                (escape_controls(&preview.text), preview.omitted)
            }
            Message::Binary(bytes) => {
                let preview = message.payload().preview(SHOWN_BYTES);
                let size = show_counted(bytes.len() as u64, "byte", "bytes");
                let colon = if bytes.is_empty() { "" } else { ": " };
                (format!("{size} of binary data{colon}{}", preview.text), preview.omitted)
            }
        };
        let more = match omitted {
            0 => String::new(),
            _ => format!(" … and {} more bytes", show_count(omitted as u64)),
        };
        let label = paint(self.colour.stdout, INCOMING, "Received:");
        format!("{label} {start}{}\n", paint(self.colour.stdout, ASIDE, &more))
    }

    async fn time_is_over(&self) {
        match self.give_up {
            Some(at) => sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    async fn say(&self, style: Style, text: &str) {
        let colour = if self.above_prompt { self.colour.stdout } else { self.colour.stderr };
        // What a server sends (a reason, the body of an answer) may be in it.
        let line = paint(colour, style, &escape_controls(text)) + "\n";
        self.hand_over(line.into_bytes(), true).await;
    }

    async fn print(&self, bytes: Vec<u8>) {
        self.hand_over(bytes, false).await;
    }

    /// Waits until there is room, or nobody wants to wait any more.
    async fn hand_over(&self, bytes: Vec<u8>, is_aside: bool) {
        let size = u32::try_from(bytes.len()).unwrap_or(WAITING_BYTES).min(WAITING_BYTES);
        let handing_over = async {
            let permit = Arc::clone(&self.budget).acquire_many_owned(size).await.ok();
            // An end of the thread is reported by `failed`.
            let _ = self.pieces.send(Piece { bytes, is_aside, _permit: permit }).await;
        };
        tokio::select! {
            biased;
            () = handing_over => {}
            () = self.interrupt.raised() => {}
            () = self.time_is_over() => {}
            _ = self.failed() => {}
        }
    }
}

/// Waits for the end of a thread, but not longer than `until`, nor long after an interrupt. Returns
/// whether it ended.
async fn ended(thread: &JoinHandle<()>, until: Option<Instant>, interrupt: &Interrupt) -> bool {
    let mut until = until;
    while !thread.is_finished() {
        let now = Instant::now();
        if interrupt.is_raised() {
            let soon = now + LAST_WORDS;
            until = Some(until.map_or(soon, |until| until.min(soon)));
        }
        if until.is_some_and(|until| until <= now) {
            return false;
        }
        sleep(Duration::from_millis(1)).await;
    }
    true
}

/// Says something on standard error when there is no [`Output`]; nobody is left to tell if that
/// fails.
pub(crate) fn complain(sentence: &str) {
    let _ = writeln!(io::stderr(), "{sentence}");
}

fn paint(colour: bool, style: Style, text: &str) -> String {
    if colour && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
}

/// Writes pieces where they belong, flushing when none waits.
fn write_streams(mut waiting: mpsc::Receiver<Piece>) -> io::Result<()> {
    let mut stdout: BufWriter<Stdout> = BufWriter::with_capacity(BATCH, io::stdout());
    while let Some(piece) = waiting.blocking_recv() {
        let mut next = Some(piece);
        while let Some(piece) = next {
            if piece.is_aside {
                stdout.flush()?;
                // Nobody to tell if that fails.
                let _ = io::stderr().write_all(&piece.bytes);
            } else {
                stdout.write_all(&piece.bytes)?;
            }
            next = waiting.try_recv().ok();
        }
        stdout.flush()?;
    }
    Ok(())
}

/// Prints pieces above the prompt, several at once if they come faster than it can be repainted.
fn print_above(mut waiting: mpsc::Receiver<Piece>, mut printer: Printer) -> io::Result<()> {
    while let Some(piece) = waiting.blocking_recv() {
        let mut batch = piece.bytes;
        while batch.len() < BATCH {
            let Ok(piece) = waiting.try_recv() else { break };
            batch.extend_from_slice(&piece.bytes);
        }
        let text = String::from_utf8_lossy(&batch).into_owned();
        printer.print(text)?;
    }
    printer.settle()
}

fn indented(message: &Message) -> Option<Message> {
    let Message::Text(text) = message else { return None };
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    serde_json::to_string_pretty(&value).ok().map(Message::Text)
}

fn control_frame(fact: &Fact) -> String {
    let went = |direction| match direction {
        Direction::In => "received",
        Direction::Out => "sent",
    };
    match fact {
        Fact::Ping(direction, payload) => {
            format!("Ping {}{}", went(*direction), shown_payload(payload))
        }
        Fact::Pong(direction, payload, round_trip) => {
            let after = round_trip.map(|time| format!(" after {}", show_duration(time)));
            let after = after.unwrap_or_default();
            format!("Pong {}{after}{}", went(*direction), shown_payload(payload))
        }
        Fact::Close(direction, close) => format!("Close frame {}: {close}", went(*direction)),
        Fact::Opened | Fact::Message(..) | Fact::Ended(..) => String::new(),
    }
}

fn shown_payload(payload: &[u8]) -> String {
    match std::str::from_utf8(payload) {
        Ok("") => String::new(),
        Ok(text) if !text.chars().any(char::is_control) => format!(": {text}"),
        _ => {
            let preview = Payload::Binary(payload).preview(SHOWN_BYTES);
            let more = if preview.omitted > 0 { " …" } else { "" };
            format!(": {} bytes, {}{more}", payload.len(), preview.text)
        }
    }
}

/// A server must not be able to move the cursor or change the colours of the terminal.
pub(crate) fn escape_controls(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() && !matches!(character, '\n' | '\t') {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// The same for a line of JSON, which stays what it is: JSON itself escapes all but DEL and C1.
fn escape_json(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    for character in line.chars() {
        if character.is_control() {
            // Writing to a String cannot fail.
            let _ = write!(escaped, "\\u{:04x}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Whether standard output, and standard error, take colour; `wish` overrides what they are.
pub(crate) fn colour(wish: Option<bool>) -> Colour {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let auto = |is_terminal| wish.unwrap_or(is_terminal && !is_set("NO_COLOR") && !is_dumb);
    Colour { stdout: auto(io::stdout().is_terminal()), stderr: auto(io::stderr().is_terminal()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_become_visible() {
        assert_eq!(escape_controls("\u{1b}[2Jgone"), r"\u{1b}[2Jgone");
        assert_eq!(escape_controls("two\nlines\tand 안녕"), "two\nlines\tand 안녕");
        assert_eq!(escape_json("{\"a\":\"\u{9b}2J\u{7f}\"}"), r#"{"a":"\u009b2J\u007f"}"#);
    }

    #[test]
    fn indented_json_is_the_same_json() {
        let text = r#"{"z":1.10,"a":[12345678901234567890123]}"#;
        let Some(Message::Text(shown)) = indented(&Message::Text(text.into())) else { panic!() };
        assert_eq!(shown.replace([' ', '\n'], ""), text);
        assert_eq!(indented(&Message::Text("no JSON".into())), None);
    }

    #[test]
    fn payloads_of_control_frames_are_shown_as_what_they_are() {
        assert_eq!(shown_payload(b""), "");
        assert_eq!(shown_payload(b"hello"), ": hello");
        assert_eq!(shown_payload(&[0, 1]), ": 2 bytes, 00 01");
    }
}
