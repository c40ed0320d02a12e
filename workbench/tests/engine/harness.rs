//! An engine with a clock, as view, socket and store see it.

use std::time::Duration;

use session::{Attempt, Close, EndReason, Message, Negotiated, Time};
use workbench::{
    connect::{Page, Target},
    engine::{
        Command, ConnectionCommand, ConnectionState, Engine, FileCommand, Input, LogCommand,
        Output, Report, Snapshot, SocketInput, SocketOutput, StoreInput, StoreOutput, Timer,
    },
    exchange::{Format, ImportReport},
    log::{LogEvent, Query, Row, RowContent, RowRequest, StoreChange},
};

/// Endpoint of the server that sent the page.
pub(crate) const HOME: &str = "ws://localhost:8080/ws";

/// An engine, and a clock that goes on by a millisecond with each input.
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) now: Time,
    /// The newest snapshot.
    pub(crate) snapshot: Option<Snapshot>,
    /// Snapshots since one was on screen.
    pub(crate) ahead: u32,
    /// Time of the newest snapshot.
    shown_at: Time,
    /// Addresses of connections that opened, as reported.
    pub(crate) addresses: Vec<String>,
    /// Timers that are set.
    pub(crate) timers: Vec<(Timer, Duration)>,
    /// The browser takes messages as fast as they come.
    pub(crate) keeps_up: bool,
}

impl Bench {
    /// Disconnected, with an empty store.
    pub(crate) fn new() -> Self {
        Self::restored(&[])
    }

    /// Disconnected, with a store that has these chunks, and looking at the newest 100 rows.
    pub(crate) fn restored(chunks: &[(u32, Vec<u8>)]) -> Self {
        let mut bench = Self {
            engine: Engine::of_page(7, Page::from_endpoint(Some(HOME))),
            now: Time(0),
            snapshot: None,
            ahead: 0,
            shown_at: Time(0),
            addresses: Vec::new(),
            timers: Vec::new(),
            keeps_up: true,
        };
        let outputs = bench.update(Input::Store(StoreInput::Opened(None)));
        assert_eq!(outputs, [Output::Store(StoreOutput::Read)]);
        bench.update(Input::Store(StoreInput::Restored(chunks.to_vec())));
        bench.command(LogCommand::RequestRows(RowRequest::Newest(100)));
        bench
    }

    /// Connected.
    pub(crate) fn open() -> Self {
        let mut bench = Self::new();
        assert_eq!(bench.connect(target()), [opens(0, target())]);
        bench.opened(0);
        bench
    }

    /// Outputs of an input, without snapshots, openings and timers.
    pub(crate) fn update(&mut self, input: Input) -> Vec<Output> {
        self.now = self.now.after(Duration::from_millis(1));
        if input == Input::Command(Command::Shown) {
            self.ahead = 0;
        }
        let (mut others, mut probed) = (Vec::new(), None);
        for output in self.engine.update(input, self.now) {
            match output {
                Output::Report(Report::Snapshot(snapshot)) => {
                    self.ahead += 1;
                    let is_due = self.now.since(self.shown_at) >= Duration::from_millis(100);
                    assert!(self.ahead <= 2 || is_due, "a snapshot that nobody waits for");
                    self.shown_at = self.now;
                    self.snapshot = Some(*snapshot);
                }
                Output::Report(Report::Opened(address)) => self.addresses.push(address),
                Output::Timer(timer, after) => self.timers.push((timer, after)),
                Output::Socket(SocketOutput::Probe(attempt)) if self.keeps_up => {
                    probed = Some(attempt);
                }
                output => others.push(output),
            }
        }
        if let Some(attempt) = probed {
            others.extend(self.socket(SocketInput::Probed(attempt)));
        }
        others
    }

    pub(crate) fn command(&mut self, command: impl Into<Command>) -> Vec<Output> {
        self.update(Input::Command(command.into()))
    }

    pub(crate) fn connect(&mut self, target: Target) -> Vec<Output> {
        self.command(ConnectionCommand::Connect(target.into()))
    }

    pub(crate) fn disconnect(&mut self) -> Vec<Output> {
        self.command(ConnectionCommand::Disconnect(Close::normal()))
    }

    /// The report that answers a command.
    pub(crate) fn report(&mut self, command: impl Into<Command>) -> Option<Report> {
        self.command(command).into_iter().find_map(|output| match output {
            Output::Report(report) => Some(report),
            _ => None,
        })
    }

    pub(crate) fn socket(&mut self, input: SocketInput) -> Vec<Output> {
        self.update(Input::Socket(input))
    }

    pub(crate) fn opened(&mut self, attempt: u32) -> Vec<Output> {
        self.socket(SocketInput::Opened(Attempt(attempt), Negotiated::default()))
    }

    /// The first connection receives a text.
    pub(crate) fn receives(&mut self, received: &str) -> Vec<Output> {
        self.socket(SocketInput::Received(Attempt(0), text(received)))
    }

    pub(crate) fn fires(&mut self, timer: Timer) -> Vec<Output> {
        self.update(Input::Timer(timer))
    }

    /// Time after which a timer fires, if it is set.
    pub(crate) fn timer(&self, timer: Timer) -> Option<Duration> {
        self.timers.iter().find(|(it, _)| *it == timer).map(|(_, after)| *after)
    }

    /// Fires a timer, if it is set.
    pub(crate) fn goes_on(&mut self, timer: Timer) -> Option<Vec<Output>> {
        let at = self.timers.iter().position(|(it, _)| *it == timer)?;
        self.timers.remove(at);
        Some(self.fires(timer))
    }

    /// Newest snapshot, once a filter has looked at all there is.
    pub(crate) fn shows(&mut self) -> Snapshot {
        while self.goes_on(Timer::Filter).is_some() {}
        self.command(Command::Shown);
        self.snapshot.clone().expect("the page is ready and there is news")
    }

    pub(crate) fn connection(&mut self) -> ConnectionState {
        self.shows().connection
    }

    pub(crate) fn rows(&mut self) -> Vec<RowContent> {
        self.shows().rows.into_iter().map(|row| row.shows).collect()
    }

    /// Texts of the messages in the list.
    pub(crate) fn lines(&mut self) -> Vec<String> {
        self.shows().rows.iter().filter_map(line).collect()
    }

    /// Events in the list, oldest first.
    pub(crate) fn events(&mut self) -> Vec<LogEvent> {
        let event = |row| match row {
            RowContent::Event(event) => Some(event),
            RowContent::Message { .. } => None,
        };
        self.rows().into_iter().filter_map(event).collect()
    }

    /// Change of the store, when its timer fires.
    pub(crate) fn persists(&mut self) -> Option<StoreChange> {
        let outputs = self.goes_on(Timer::Persist)?;
        let change = outputs.into_iter().find_map(|output| match output {
            Output::Store(StoreOutput::Change(change)) => Some(change),
            _ => None,
        })?;
        self.update(Input::Store(StoreInput::Written));
        Some(change)
    }

    /// The list as a file without secrets.
    pub(crate) fn exports(&mut self, format: Format) -> String {
        let begun = self.command(export(format, false));
        self.file(begun, format)
    }

    /// The file that an export writes from these outputs on.
    pub(crate) fn file(&mut self, mut outputs: Vec<Output>, format: Format) -> String {
        let mut file = String::new();
        loop {
            let mut end = None;
            for output in outputs {
                if let Output::File(piece) = output {
                    if piece.starts {
                        file.clear();
                    }
                    file += &piece.text;
                    end = piece.ends.map(|(format, _)| format);
                }
            }
            let Some(next) = self.goes_on(Timer::Export) else {
                assert_eq!(end, Some(format), "it goes on until its end");
                return file;
            };
            assert_eq!(end, None);
            outputs = next;
        }
    }

    pub(crate) fn imports(&mut self, text: &str) -> ImportReport {
        self.imports_content(Some(text.into()))
    }

    /// Imports a file of this content; `None` for one that cannot be read.
    pub(crate) fn imports_content(&mut self, content: Option<Vec<u8>>) -> ImportReport {
        let mut outputs = self.update(Input::File(FileCommand::Import("list".into()), content));
        while let Some(next) = self.goes_on(Timer::Import) {
            assert_eq!(outputs, [], "it goes on until its end");
            outputs = next;
        }
        let [Output::Report(Report::Imported(report))] = &outputs[..] else {
            panic!("{outputs:?}")
        };
        report.as_ref().clone()
    }
}

pub(crate) fn text(text: &str) -> Message {
    Message::Text(text.into())
}

/// Target of [`Bench::open`].
pub(crate) fn target() -> Target {
    Target { url: HOME.into(), ..Target::default() }
}

pub(crate) fn find(text: &str) -> LogCommand {
    LogCommand::Find(Query { text: text.into(), ..Query::default() })
}

/// Export by a view whose address is `ws://typed`.
pub(crate) fn export(format: Format, has_secrets: bool) -> Command {
    let target = Target { url: "ws://typed".into(), ..Target::default() };
    Command::Export { format, target, has_secrets }
}

pub(crate) fn opens(attempt: u32, target: Target) -> Output {
    Output::Socket(SocketOutput::Open(Attempt(attempt), target))
}

pub(crate) fn sends(attempt: u32, message: Message) -> Output {
    Output::Socket(SocketOutput::Send(Attempt(attempt), message))
}

pub(crate) fn closes(attempt: u32) -> Output {
    Output::Socket(SocketOutput::Close(Attempt(attempt), Close::normal()))
}

pub(crate) fn asks(attempt: u32, url: &str) -> Output {
    Output::Socket(SocketOutput::Ask(Attempt(attempt), url.into()))
}

/// End of a connection by both sides.
pub(crate) fn ended(attempt: u32) -> SocketInput {
    SocketInput::Ended(Attempt(attempt), EndReason::Closed(Close::normal()))
}

/// End of a connection without a Close frame.
pub(crate) fn lost(attempt: u32) -> SocketInput {
    SocketInput::Ended(Attempt(attempt), EndReason::Closed(Close::abnormal()))
}

/// Messages that these outputs send.
pub(crate) fn messages(outputs: Vec<Output>) -> Vec<Message> {
    let message = |output| match output {
        Output::Socket(SocketOutput::Send(_, message)) => Some(message),
        _ => None,
    };
    outputs.into_iter().filter_map(message).collect()
}

/// Text of a row that is a message.
pub(crate) fn line(row: &Row) -> Option<String> {
    match &row.shows {
        RowContent::Message { line, .. } => Some(line.text.clone()),
        RowContent::Event(_) => None,
    }
}
