//! Transcript of a run: the conversations of its connections, as JSON Lines (docs/json-lines.md).

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use connector::ConnectError;
use scenario::Secrets;
use server::ScenarioClock;
use session::{EndReason, Fact, Handshake, Record};

use crate::{
    connect::{Opened, failed_handshake, json_line},
    handshake::{failure, shown_url},
};

/// Place of the transcripts: one file for all sections, or a folder with a file for each.
pub(super) enum Transcripts {
    /// One file, which sections share in turn.
    File(Arc<Mutex<BufWriter<File>>>),
    /// Folder, with a file for each section, and the names of the files so far.
    Folder(PathBuf, Mutex<HashSet<String>>),
}

/// Transcript of one section. Recorders of its connections share the file.
#[derive(Clone)]
pub(super) struct Transcript {
    out: Arc<Mutex<BufWriter<File>>>,
    /// File and section, named where a connection begins.
    title: Arc<str>,
    /// Secrets, hidden in every record.
    secrets: Secrets,
    clock: ScenarioClock,
}

/// Transcript of one connection. A record is a line.
#[derive(Clone)]
pub(super) struct ConnectionTranscript {
    transcript: Transcript,
    /// Name of the connection, if it has one.
    name: Option<String>,
}

impl Transcripts {
    /// Creates the file, unless `path` is a folder or ends like one. Missing folders are made.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        if is_folder(path) {
            fs::create_dir_all(path)?;
            return Ok(Self::Folder(path.to_owned(), Mutex::default()));
        }
        Ok(Self::File(open(path)?))
    }

    /// Begins the transcript of a section. In a folder its file is named after the scenario and the
    /// section, with a number if the name is taken.
    pub(super) fn begin(
        &self,
        file: &Path,
        section: Option<&str>,
        secrets: &Secrets,
        clock: ScenarioClock,
    ) -> io::Result<Transcript> {
        let out = match self {
            Self::File(out) => Arc::clone(out),
            Self::Folder(folder, taken) => {
                let path = file_name(&file.with_extension("").to_string_lossy());
                let section = section.map(|section| format!(".{}", file_name(section)));
                let stem = path + &section.unwrap_or_default();
                let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
                let (mut name, mut number) = (stem.clone(), 1);
                // Some systems do not tell case apart in names of files.
                while !taken.insert(name.to_lowercase()) {
                    number += 1;
                    name = format!("{stem}-{number}");
                }
                open(&folder.join(name + ".jsonl"))?
            }
        };
        let section = section.map(|section| format!(" [{section}]")).unwrap_or_default();
        let title = format!("{}{section}", file.display()).into();
        Ok(Transcript { out, title, secrets: secrets.clone(), clock })
    }
}

/// True for a folder, and for a path that ends like one.
pub(super) fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.to_string_lossy().ends_with(std::path::is_separator)
}

/// Creates a file, shared by the recorders.
fn open(path: &Path) -> io::Result<Arc<Mutex<BufWriter<File>>>> {
    Ok(Arc::new(Mutex::new(BufWriter::new(File::create(path)?))))
}

/// Path or name of a section as part of a file's name. Characters that a file system may refuse
/// become `-`.
fn file_name(text: &str) -> String {
    let keep = |it: char| if it.is_alphanumeric() || "-_. ".contains(it) { it } else { '-' };
    text.trim_start_matches(['.', '/']).chars().map(keep).collect()
}

impl Transcript {
    /// Transcript of a connection with this name.
    pub(super) fn of(&self, name: Option<String>) -> ConnectionTranscript {
        ConnectionTranscript { transcript: self.clone(), name }
    }

    /// Writes the rest of the buffer. The error is the first one of all writes.
    pub(super) fn finish(&self) -> io::Result<()> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

impl ConnectionTranscript {
    /// Writes a fact. An error shows again in [`Transcript::finish`]. A connection's first record
    /// names the scenario and section, each record its connection.
    pub(super) fn record(&self, fact: Fact) {
        let Transcript { out, title, secrets, clock } = &self.transcript;
        let begins = matches!(fact, Fact::Opened(_) | Fact::Ended(EndReason::Failed, ..));
        let record = Record { at: clock.now(), fact: secrets.hide_in(fact) };
        let scenario = begins.then(|| ("scenario".to_owned(), secrets.hide(title).into()));
        let name = self.name.clone().map(|name| ("connection".to_owned(), name.into()));
        let line = json_line(&record, scenario.into_iter().chain(name).collect(), false);
        let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = out.write_all(line.as_bytes());
    }

    /// Writes the opening of the connection.
    pub(super) fn opened(&self, opened: &Opened, shows_secrets: bool) {
        let url = Some(shown_url(&opened.url, shows_secrets));
        self.record(Fact::Opened(Handshake { url, ..opened.handshake(Some(1)) }));
    }

    /// Records a failed opening, with its HTTP status if there was a response.
    pub(super) fn failed(&self, error: &ConnectError, shows_secrets: bool) {
        let handshake = failed_handshake(error, Some(1), shows_secrets);
        self.record(Fact::Ended(EndReason::Failed, Some(failure(error, shows_secrets)), handshake));
    }
}
