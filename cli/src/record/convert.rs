//! `wsbench convert`: a recording as a scenario file.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use scenario::Recording;
use serde_json::Value;
use server::read_bounded;
use session::{Direction, EndReason, Fact, Handshake, Record};
use workbench::{
    exchange::{Format, Import, MAX_IMPORT_BYTES},
    log::{Item, LogEvent},
};

use super::{
    destination::{open, replace, sentence},
    recorder::Recorder,
    written_as::WrittenAs,
};
use crate::process::{EarlyExit, Exit, fail, print_document, print_notice};

/// Convert a recording (JSON Lines, HAR) to a scenario file
///
/// Reads the output of `wsbench --json`, an export of the page, or a HAR of a browser's developer tools, and writes a
/// test of the server, or a mock of it. Credentials in URLs become variables, such as {{token}}, and so does each
/// value of --secret. Other secrets in messages remain: review the file before sharing it.
#[derive(Args)]
#[command(
    max_term_width = 100,
    after_help = "\
Examples:
  wsbench ws://localhost:8080 --json | tee talk.jsonl
  wsbench convert talk.jsonl -o talk.ws
  wsbench convert example.org.har --as mock -o mock.ws"
)]
pub(crate) struct ConvertFlags {
    /// Recording: JSON Lines or HAR
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Scenario file to write. Default: standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite the scenario file if it exists
    #[arg(long, requires = "output")]
    force: bool,
    #[command(flatten)]
    scenario: WrittenAs,
}

/// Converts a recording. A mistake of the content is a usage error.
pub(crate) fn convert(flags: &ConvertFlags) -> Result<Exit, EarlyExit> {
    let (recordings, order) = read(&flags.file)?;
    let text = flags.scenario.write(&recordings, &order, false)?;
    let Some(path) = &flags.output else {
        return Ok(print_document(|document| document.write_all(text.as_bytes())));
    };
    let written = open(path, flags.force).and_then(|mut file| replace(&mut file, &text));
    written.map_err(|error| fail(&sentence(path, &error)))?;
    Ok(Exit::Done)
}

/// True without a message or Close frame: there is nothing to test.
fn is_empty(recording: &Recording) -> bool {
    !recording.facts.iter().any(|fact| matches!(fact, Fact::Message(..) | Fact::Close(..)))
}

/// Connections, and the index of each fact's connection, in the order of the facts.
type Conversations = (Vec<Recording>, Vec<usize>);

/// Reads the connections of a recording. At most `MAX_IMPORT_BYTES`; invalid lines are left out with a
/// notice. An error is printed.
fn read(path: &Path) -> Result<Conversations, Exit> {
    let shown = path.display();
    let wrong = |sentence: String| {
        print_notice(&sentence);
        Exit::Usage
    };
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::FileTooLarge => wrong(format!("{shown} is {error}.")),
        _ => fail(&format!("Cannot read {shown}: {error}.")),
    };
    // A wrong path may be that of a film.
    let bytes = read_bounded(path, MAX_IMPORT_BYTES as u64).map_err(failed)?;
    let text = String::from_utf8(bytes);
    let text = text.map_err(|_| wrong(format!("{shown} is not UTF-8 text.")))?;
    let import = Import::new(text).map_err(|error| wrong(format!("{shown}: {error}")))?;
    let (recordings, order) = match import.format() {
        Format::Har => of_har(import),
        _ => of_lines(import.text()),
    };
    if recordings.iter().all(is_empty) {
        return Err(wrong(format!("{shown} has no messages.")));
    }
    Ok((recordings, order))
}

/// Connections of JSON Lines. The field `connection` tells connections at the same time apart.
fn of_lines(text: &str) -> Conversations {
    // The file has its own bound.
    let mut recorder = Recorder::new(Vec::new(), usize::MAX);
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    for (line, (number, record)) in lines.zip(Record::read_all(text)) {
        match record {
            Err(error) => print_notice(&format!("Line {number} skipped: {error}.")),
            Ok(record) => {
                // As `wsbench run --transcript` and `wsbench listen --json` name it.
                let fields: Value = serde_json::from_str(line).unwrap_or_default();
                recorder.record(fields["connection"].as_str(), &record.fact);
            }
        }
    }
    (recorder.recordings, recorder.order)
}

/// Connections of a HAR, ordered by the times of messages. A HAR does not tell the side that
/// closed.
fn of_har(import: Import) -> Conversations {
    let mut recordings: Vec<Recording> = import
        .connections()
        .iter()
        .map(|connection| Recording {
            url: Some(connection.target.url.clone()),
            subprotocols: connection.target.subprotocols.clone(),
            ..Recording::default()
        })
        .collect();
    let mut facts = Vec::new();
    for item in import {
        match item {
            Err(error) => print_notice(&error.to_string()),
            Ok(item) => {
                let fact = match item.item {
                    Item::Event(LogEvent::Opened(_)) => Fact::Opened(Handshake::default()),
                    Item::Sent(message) => Fact::Message(Direction::Out, message, None),
                    Item::Received(message) => Fact::Message(Direction::In, message, None),
                    // Failed and cancelled attempts never opened a WebSocket.
                    Item::Event(LogEvent::Ended(ended))
                        if matches!(ended.reason, EndReason::Closed(_)) =>
                    {
                        Fact::Ended(ended.reason, None, Handshake::default())
                    }
                    Item::Event(_) => continue,
                };
                facts.push((item.at, item.connection, fact));
            }
        }
    }
    // Stable: of a connection, they stand in their order.
    facts.sort_by_key(|(at, ..)| *at);
    let mut order = Vec::new();
    for (_, connection, fact) in facts {
        if let Some(recording) = recordings.get_mut(connection) {
            recording.facts.push(fact);
            order.push(connection);
        }
    }
    (recordings, order)
}
