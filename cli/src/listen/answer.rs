//! Answers of `wsbench listen` without a terminal: echo, a file, a command.

use std::{path::PathBuf, time::Duration};

use session::{Close, CloseCode, Instruction, Message, visible_line};
use tokio::io::{AsyncRead, BufReader};

use super::{
    client_process::ClientProcess,
    records::{ConnectionRecords, Records},
};
use crate::{
    connect::{InputFormat, Opened, Socket, SocketEvent, Splitter},
    process::print_notice,
    websocket::{Outgoing, WebSocket},
};

/// Close code for an error on this side (RFC 6455 section 7.4.1).
const INTERNAL_ERROR: CloseCode = CloseCode(1011);

/// Source of the messages that a client gets.
pub(super) enum Answer {
    /// Echo of its own messages.
    Echo,
    /// Lines of a file.
    File(PathBuf),
    /// Output lines of a shell command, which gets the client's messages as input.
    Command(String),
}

/// Answers to all clients, with their limits.
pub(super) struct Answers {
    /// Source, the same for all clients.
    pub(super) answer: Answer,
    /// Maximum size of a message, in bytes.
    pub(super) max_message: usize,
    /// Time for a client, or its process, to read a message.
    pub(super) write_timeout: Duration,
    /// True to report each client's coming and going.
    pub(super) verbose: bool,
    /// Records on standard output, with `--json`.
    pub(super) records: Option<Records>,
}

/// Lines of a file or command, as messages.
type Lines = Splitter<BufReader<Box<dyn AsyncRead + Send + Unpin>>>;

impl Answers {
    /// Serves one client to the end of its connection. Errors are notices that name the client.
    pub(super) async fn give(&self, opened: Opened, websocket: WebSocket) {
        let client = opened.address.map_or_else(String::new, |address| address.to_string());
        if self.verbose {
            let url = visible_line(&opened.url).into_owned();
            let compression = opened.deflate.map_or("none".to_owned(), |it| it.to_string());
            print_notice(&format!("{client} connected to {url}; compression: {compression}"));
        }
        let mut records =
            self.records.as_ref().map_or(ConnectionRecords::NONE, Records::connection);
        records.opened(&opened).await;
        let mut socket = Socket::new(self.max_message);
        socket.accept(std::future::ready((opened, websocket)));
        if let Err(sentence) = self.serve(&mut socket, &mut records).await {
            print_notice(&format!("{client}: {sentence}"));
        }
        if self.verbose {
            print_notice(&format!("{client} disconnected"));
        }
    }

    /// Answers until the end of the connection. The error is a sentence.
    ///
    /// A message that a process has no room for holds up the client: nothing more is read
    /// meanwhile, until the process is given up.
    async fn serve(
        &self,
        socket: &mut Socket,
        records: &mut ConnectionRecords<'_>,
    ) -> Result<(), String> {
        let (mut process, mut lines) = match &self.answer {
            Answer::Echo => (None, None),
            Answer::File(path) => {
                let file = tokio::fs::File::open(path).await;
                let file =
                    file.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
                (None, Some(self.lines(Box::new(file))))
            }
            Answer::Command(line) => {
                let (process, output) = ClientProcess::start(line)?;
                (Some(process), Some(self.lines(output)))
            }
        };
        // Message that the process has no room for.
        let mut held: Option<Vec<u8>> = None;
        let result = loop {
            let is_ready = socket.is_ready();
            tokio::select! {
                event = socket.event(), if held.is_none() => {
                    records.event(&event).await;
                    match event {
                        SocketEvent::Received(message) => match (&self.answer, process.is_some()) {
                            (Answer::Echo, _) => {
                                if let Err(why) = self.send(socket, message, records).await {
                                    break Err(why);
                                }
                            }
                            (_, true) => held = Some(to_line(message)),
                            _ => {}
                        },
                        SocketEvent::Ended(_) | SocketEvent::Failed(_) => break Ok(()),
                        _ => {}
                    }
                }
                is_read = self.feed(process.as_mut(), held.as_deref()), if held.is_some() => {
                    if !is_read {
                        break Err("dropped: its command stopped reading".to_owned());
                    }
                    held = None;
                }
                line = next(lines.as_mut()), if is_ready && lines.is_some() => match line {
                    Ok(Some(Instruction::Send(message))) => {
                        if let Err(why) = self.send(socket, message, records).await {
                            break Err(why);
                        }
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => {
                        (lines, held) = (None, None);
                        close(socket, Close::normal(), records).await;
                    }
                    Err(_) => {
                        (lines, held) = (None, None);
                        print_notice(&format!(
                            "Line not sent: not UTF-8, or larger than {} bytes.",
                            self.max_message
                        ));
                        let error = Close { code: INTERNAL_ERROR, reason: String::new() };
                        close(socket, error, records).await;
                    }
                },
            }
        };
        if let Some(process) = process {
            process.end().await;
        }
        result
    }

    /// Sends a message. The error is the end of a sentence: the client did not read in time.
    async fn send(
        &self,
        socket: &mut Socket,
        message: Message,
        records: &mut ConnectionRecords<'_>,
    ) -> Result<(), String> {
        let message = Outgoing::Message(message);
        records.sent(&message).await;
        let is_read = socket.write(message, self.write_timeout).await;
        if is_read { Ok(()) } else { Err("dropped: it stopped reading".to_owned()) }
    }

    /// Writes a line to the process. False if that reads nothing of it in time. Cancel safe: the written
    /// part is not written again.
    async fn feed(&self, process: Option<&mut ClientProcess>, line: Option<&[u8]>) -> bool {
        match (process, line) {
            (Some(process), Some(line)) => process.write(line, self.write_timeout).await,
            _ => true,
        }
    }

    /// Splitter of a source into lines of at most a message's size.
    fn lines(&self, reader: Box<dyn AsyncRead + Send + Unpin>) -> Lines {
        let format = InputFormat::Lines { separator: b'\n' };
        Splitter::new(BufReader::new(reader), format, self.max_message)
    }
}

/// Sends a Close frame, and records it.
async fn close(socket: &mut Socket, close: Close, records: &mut ConnectionRecords<'_>) {
    records.sent(&Outgoing::Close(close.clone())).await;
    socket.close(close);
}

/// Line of a process's input. Line breaks within the message stay.
fn to_line(message: Message) -> Vec<u8> {
    let mut line = match message {
        Message::Text(text) => text.into_bytes(),
        Message::Binary(bytes) => bytes,
    };
    line.push(b'\n');
    line
}

/// Next line; pending forever without a source.
async fn next(lines: Option<&mut Lines>) -> Result<Option<Instruction>, String> {
    match lines {
        Some(lines) => lines.next().await,
        None => std::future::pending().await,
    }
}
