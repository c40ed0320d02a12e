//! Exports and imports in slices, so that commands and messages are handled in between.

use std::vec;

use serde::{Deserialize, Serialize};
use session::MASK;

use super::{
    export::Exporter,
    file_format::Format,
    import::{Import, ImportError, ImportedItem, PassedOver},
    unreadable::Unreadable,
};
use crate::{
    connect::Target,
    log::{Entry, Item, LogEvent},
    relay::WireFrame,
};

/// Result of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// The file's name.
    pub name: String,
    /// Number of imported entries.
    pub entries: u64,
    /// Target of the imported connection, if the file has it.
    pub target: Option<Target>,
    /// Counts of skipped content.
    pub passed_over: PassedOver,
    /// Entries that could not be read.
    pub unreadable: Unreadable<ImportError>,
    /// Error that ended the import early.
    pub error: Option<ImportError>,
}

/// Entries per slice: some ten milliseconds of work.
const MAX_SLICE_ENTRIES: usize = 2_048;

/// Bytes per slice, exceeded by at most one entry.
const MAX_SLICE_BYTES: usize = 1 << 20;

/// Export in progress.
#[derive(Debug)]
pub(crate) struct Exporting {
    format: Format,
    exporter: Exporter,
    /// Header that the exporter wrote before the first entry; `None` once it is in a piece.
    begun: Option<String>,
    /// Id behind the last entry.
    end: u64,
    /// Number of entries.
    entries: u64,
    /// Remaining entries; `None` until the filter has come to the last one.
    ids: Option<vec::IntoIter<u64>>,
}

/// Chunk of an exported file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChunk {
    /// True for the first chunk: it takes the place of an earlier file that has no end.
    pub starts: bool,
    /// Text.
    pub text: String,
    /// File format and number of entries, in the last chunk.
    pub ends: Option<(Format, u64)>,
}

impl Exporting {
    pub(crate) fn begin(format: Format, target: &Target, has_secrets: bool, end: u64) -> Self {
        let mut begun = String::new();
        let exporter = Exporter::begin(format, target, has_secrets, &mut begun);
        Self { format, exporter, begun: Some(begun), end, entries: 0, ids: None }
    }

    /// Id behind the last entry, until the entries are known.
    pub(crate) fn awaits(&self) -> Option<u64> {
        self.ids.is_none().then_some(self.end)
    }

    /// Takes the entries: those of one moment, whatever the list is filtered by or cleared of later.
    pub(crate) fn list(&mut self, ids: Vec<u64>) {
        self.entries = ids.len() as u64;
        self.ids = Some(ids.into_iter());
    }

    /// Writes the next slice of entries, each with its frames; returns the rest, if any.
    pub(crate) fn advance<'a>(
        mut self,
        entry: impl Fn(u64) -> Option<(Entry<'a>, &'a [WireFrame])>,
    ) -> (FileChunk, Option<Self>) {
        let begun = self.begun.take();
        let starts = begun.is_some();
        let mut text = begun.unwrap_or_default();
        let mut count = 0;
        while let Some(id) = self.ids.as_mut().and_then(Iterator::next) {
            if let Some((entry, frames)) = entry(id) {
                self.exporter.entry(&entry, frames, &mut text);
            }
            count += 1;
            if count == MAX_SLICE_ENTRIES || text.len() >= MAX_SLICE_BYTES {
                return (FileChunk { starts, text, ends: None }, Some(self));
            }
        }
        self.exporter.end(&mut text);
        (FileChunk { starts, text, ends: Some((self.format, self.entries)) }, None)
    }
}

/// Import in progress.
#[derive(Debug)]
pub(crate) struct Importing {
    name: String,
    import: Import,
    /// Target of the first connection.
    target: Option<Target>,
    entries: u64,
    unreadable: Unreadable<ImportError>,
}

impl Importing {
    /// Begins with the content of a file, in which invalid UTF-8 is replaced; `None` if it could not be read.
    pub(crate) fn begin(name: String, content: Option<Vec<u8>>) -> Result<Self, ImportError> {
        let text = String::from_utf8(content.ok_or(ImportError::Unread)?);
        let text = text.unwrap_or_else(|it| String::from_utf8_lossy(it.as_bytes()).into_owned());
        let import = Import::new(text).map_err(|error| match error {
            ImportError::Format if name.rsplit('.').next() == Some("ws") => {
                ImportError::Scenario(name.clone())
            }
            error => error,
        })?;
        let target = import.connections().first().map(|connection| connection.target.clone());
        Ok(Self { name, import, target, entries: 0, unreadable: Unreadable::default() })
    }

    /// Imports a slice into `take`; returns the report at the end.
    pub(crate) fn advance(&mut self, mut take: impl FnMut(ImportedItem)) -> Option<ImportReport> {
        let (begin, _) = self.import.progress();
        let mut count = 0;
        while count < MAX_SLICE_ENTRIES && self.import.progress().0 - begin < MAX_SLICE_BYTES {
            match self.import.step() {
                // Counted by its bytes.
                Some(Ok(None)) => continue,
                Some(Ok(Some(item))) => {
                    self.entries += 1;
                    self.target = self.target.take().or_else(|| target_of(&item.item));
                    take(item);
                }
                Some(Err(error)) if error.ends_import() => return Some(self.end(Some(error))),
                Some(Err(error)) => self.unreadable.add(|| error),
                None => return Some(self.end(None)),
            }
            count += 1;
        }
        None
    }

    fn end(&self, error: Option<ImportError>) -> ImportReport {
        ImportReport {
            name: self.name.clone(),
            entries: self.entries,
            target: self.target.clone().map(unmasked),
            passed_over: self.import.passed_over(),
            unreadable: self.unreadable.clone(),
            error,
        }
    }
}

/// Target with nothing in place of each secret that the page or `wsbench` masked: it is to be typed.
fn unmasked(mut target: Target) -> Target {
    for mask in [MASK, "[redacted]"] {
        target.url = target.url.replace(&format!("={mask}"), "=");
    }
    target
}

/// Target of a connection in JSON Lines: the address of its first opening or failure.
fn target_of(item: &Item) -> Option<Target> {
    let (url, subprotocol) = match item {
        Item::Event(LogEvent::Opened(it)) => (&it.address, &it.negotiated.subprotocol),
        Item::Event(LogEvent::Ended(it)) => (&it.address, &it.subprotocol),
        _ => return None,
    };
    let subprotocols = Some(subprotocol.clone()).filter(|it| !it.is_empty());
    let target = Target { subprotocols: subprotocols.into_iter().collect(), ..Target::default() };
    (!url.is_empty()).then(|| Target { url: url.clone(), ..target })
}
