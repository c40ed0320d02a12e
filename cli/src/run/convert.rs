//! `wsbench convert`: a recording as a scenario file.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use scenario::{Recording, Side};
use session::{Direction, Fact, Record};
use workbench::{
    exchange::{Format, IMPORT_BYTES, Import},
    log::Item,
};

use crate::process::{Exit, fail, print_error, print_notice};

/// Write a recording down as a scenario file: from JSON Lines or a HAR
///
/// Reads what `wsbench --json` printed, what the page exported, or a HAR of a browser's developer tools, and writes a
/// test of the server, or a mock of it. Credentials in URLs become variables, as in {{token}}; those in messages stay:
/// look through the file before it is shared.
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
    /// Scenario file to write; without it, standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the scenario file if there is one
    #[arg(long, requires = "output")]
    force: bool,
    /// Side to write down: a test of the server, or a mock of it
    #[arg(long = "as", value_name = "SIDE", default_value = "test")]
    side: SideName,
}

#[derive(Clone, Copy, ValueEnum)]
enum SideName {
    Test,
    Mock,
}

/// Converts a recording.
pub(crate) fn convert(flags: &ConvertFlags) -> Exit {
    let recordings = match read(&flags.file) {
        Ok(recordings) => recordings,
        Err(ReadError::File(sentence)) => return fail(&sentence),
        Err(ReadError::Content(sentence)) => {
            print_notice(&sentence);
            return Exit::Usage;
        }
    };
    let side = match flags.side {
        SideName::Test => Side::Client,
        SideName::Mock => Side::Server,
    };
    let written = match scenario::write(&recordings, side) {
        Ok(written) => written,
        Err(mistakes) => {
            for mistake in &mistakes {
                print_error(&format!("The recording cannot be written down: {mistake}"));
            }
            return Exit::Usage;
        }
    };
    for index in written.left_out {
        print_error(&format!(
            "Connection {} is left out: its path and subprotocols are those of one before it.",
            index + 1
        ));
    }
    match &flags.output {
        None => crate::process::print_document(|document| {
            document.extend(written.text.bytes());
            Ok(())
        }),
        Some(path) => match save(path, &written.text, flags.force) {
            Ok(()) => Exit::Done,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fail(&format!("{} is there already; --force replaces it.", path.display()))
            }
            Err(error) => fail(&format!("Cannot write {}: {error}.", path.display())),
        },
    }
}

/// Writes a file, an existing one only if `replaces`.
fn save(path: &Path, text: &str, replaces: bool) -> io::Result<()> {
    if replaces {
        return fs::write(path, text);
    }
    fs::File::create_new(path)?.write_all(text.as_bytes())
}

/// Recording that cannot be read, as a sentence.
enum ReadError {
    /// The file, for a reason of this machine.
    File(String),
    /// Its content.
    Content(String),
}

/// Reads the connections of a recording.
fn read(path: &Path) -> Result<Vec<Recording>, ReadError> {
    let shown = path.display();
    let failed = |error: io::Error| ReadError::File(format!("Cannot read {shown}: {error}."));
    // Before it is read: a wrong path may be that of a film.
    if fs::metadata(path).map_err(failed)?.len() > IMPORT_BYTES as u64 {
        let limit = IMPORT_BYTES >> 20;
        return Err(ReadError::Content(format!("{shown} is larger than {limit} MiB.")));
    }
    let bytes = fs::read(path).map_err(failed)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| ReadError::Content(format!("{shown} is no text in UTF-8.")))?;
    let import = Import::new(text.clone())
        .map_err(|error| ReadError::Content(format!("{shown}: {error}")))?;
    let recordings = match import.format() {
        Format::Har => of_har(import),
        _ => of_lines(&text),
    };
    if recordings.iter().all(|recording| recording.facts.is_empty()) {
        return Err(ReadError::Content(format!("{shown} has no messages.")));
    }
    Ok(recordings)
}

/// Connections of JSON Lines: each `open` begins one.
fn of_lines(text: &str) -> Vec<Recording> {
    let mut recordings: Vec<Recording> = Vec::new();
    for (number, record) in Record::read_all(text) {
        match record {
            Err(error) => print_notice(&format!("Line {number} is left out: {error}.")),
            Ok(Record { fact: Fact::Opened(handshake), .. }) => recordings.push(Recording {
                url: handshake.url,
                subprotocols: handshake.subprotocol.into_iter().collect(),
                facts: Vec::new(),
            }),
            Ok(Record { fact: fact @ (Fact::Message(..) | Fact::Close(..)), .. }) => {
                // What the page exports may begin after the opening.
                if recordings.is_empty() {
                    recordings.push(Recording::default());
                }
                if let Some(last) = recordings.last_mut() {
                    last.facts.push(fact);
                }
            }
            Ok(_) => {}
        }
    }
    recordings
}

/// Connections of a HAR. It does not say who closed.
fn of_har(import: Import) -> Vec<Recording> {
    let mut recordings: Vec<Recording> = import
        .connections()
        .iter()
        .map(|connection| Recording {
            url: Some(connection.target.url.clone()),
            subprotocols: connection.target.subprotocols.clone(),
            facts: Vec::new(),
        })
        .collect();
    for item in import {
        match item {
            Err(error) => print_notice(&error.to_string()),
            Ok(item) => {
                let fact = match item.item {
                    Item::Sent(message) => Fact::Message(Direction::Out, message, None),
                    Item::Received(message) => Fact::Message(Direction::In, message, None),
                    _ => continue,
                };
                if let Some(recording) = recordings.get_mut(item.connection) {
                    recording.facts.push(fact);
                }
            }
        }
    }
    recordings
}
