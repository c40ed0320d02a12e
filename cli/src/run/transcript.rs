//! Transcript of a run: what passed over its connections, as JSON Lines (docs/json-lines.md).

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use connector::ConnectError;
use scenario::Secrets;
use serde_json::{Map, Value};
use session::{EndReason, Fact, Handshake, Record};

use crate::{clock::Clock, connect::Opened, wording::failure};

/// HTTP status of an open connection.
const SWITCHING_PROTOCOLS: u16 = 101;

/// Place of the transcripts: one file for all sections, or a folder with a file for each.
pub(super) enum Transcripts {
    File(Arc<Mutex<BufWriter<File>>>),
    Folder(PathBuf),
}

/// Transcript of one section.
#[derive(Clone)]
pub(super) struct Transcript {
    out: Arc<Mutex<BufWriter<File>>>,
    /// File and section, named where a connection begins.
    title: Arc<str>,
    secrets: Secrets,
    clock: Clock,
}

/// Transcript of one connection.
#[derive(Clone)]
pub(super) struct Recorder {
    transcript: Transcript,
    /// Name of the connection, if it has one.
    name: Option<String>,
}

impl Transcripts {
    /// Creates the file, unless `path` is a folder or ends like one.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        if is_folder(path) {
            fs::create_dir_all(path)?;
            return Ok(Self::Folder(path.to_owned()));
        }
        Ok(Self::File(open(path)?))
    }

    /// Begins the transcript of a section.
    pub(super) fn begin(
        &self,
        file: &Path,
        section: Option<&str>,
        secrets: &Secrets,
        clock: Clock,
    ) -> io::Result<Transcript> {
        let out = match self {
            Self::File(out) => Arc::clone(out),
            Self::Folder(folder) => {
                let path = file_name(&file.with_extension("").to_string_lossy());
                let section = section.map(|section| format!(".{}", file_name(section)));
                open(&folder.join(format!("{path}{}.jsonl", section.unwrap_or_default())))?
            }
        };
        let section = section.map(|section| format!(" [{section}]")).unwrap_or_default();
        let title = format!("{}{section}", file.display()).into();
        Ok(Transcript { out, title, secrets: secrets.clone(), clock })
    }
}

/// `true` for a folder, and for a path that ends like one.
pub(super) fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.to_string_lossy().ends_with(std::path::is_separator)
}

fn open(path: &Path) -> io::Result<Arc<Mutex<BufWriter<File>>>> {
    Ok(Arc::new(Mutex::new(BufWriter::new(File::create(path)?))))
}

/// Path or name of a section as part of a file's name.
fn file_name(text: &str) -> String {
    let keep = |it: char| if it.is_alphanumeric() || "-_. ".contains(it) { it } else { '-' };
    text.trim_start_matches(['.', '/']).chars().map(keep).collect()
}

impl Transcript {
    /// Recorder of a connection with this name.
    pub(super) fn of(&self, name: Option<String>) -> Recorder {
        Recorder { transcript: self.clone(), name }
    }

    /// Writes what is left.
    pub(super) fn finish(&self) -> io::Result<()> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

impl Recorder {
    /// Writes a fact. An error shows again in [`Transcript::finish`].
    pub(super) fn record(&self, fact: Fact) {
        let Transcript { out, title, secrets, clock } = &self.transcript;
        let begins = matches!(fact, Fact::Opened(_) | Fact::Ended(EndReason::Failed, ..));
        let record = Record { at: clock.now(), fact: secrets.hide_in(fact) };
        let mut line = record.to_string();
        if (begins || self.name.is_some())
            && let Ok(mut object) = serde_json::from_str::<Map<String, Value>>(&line)
        {
            let scenario = begins.then(|| ("scenario".to_owned(), secrets.hide(title).into()));
            let name = self.name.clone().map(|name| ("connection".to_owned(), name.into()));
            object.extend(scenario.into_iter().chain(name));
            line = Value::from(object).to_string();
        }
        let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(out, "{line}");
    }

    /// Writes the opening of the connection.
    pub(super) fn opened(&self, opened: &Opened) {
        self.record(Fact::Opened(Handshake {
            attempt: Some(1),
            url: Some(opened.url.clone()),
            address: opened.address.map(|address| address.to_string()),
            status: Some(SWITCHING_PROTOCOLS),
            subprotocol: opened.subprotocol.clone(),
            extensions: opened.deflate.map(|deflate| deflate.to_string()),
        }));
    }

    /// Writes that there was no connection.
    pub(super) fn failed(&self, error: &ConnectError, shows_secrets: bool) {
        let handshake = Handshake {
            attempt: Some(1),
            url: Some(error.url().to_string()),
            address: error.address().map(|address| address.to_string()),
            status: error.status(),
            ..Handshake::default()
        };
        self.record(Fact::Ended(EndReason::Failed, Some(failure(error, shows_secrets)), handshake));
    }
}
