//! A list on its way to a file, or from one: in slices, so that commands and messages have their
//! turn in between.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{
    export::Exporter,
    file_format::Format,
    import::{Import, ImportError, ImportedItem, PassedOver},
};
use crate::{connect::Target, log::Entry};

/// Result of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// The file's name.
    pub name: String,
    /// Entries that were read.
    pub entries: u64,
    /// Target of the imported connection, if the file has it.
    pub target: Option<Target>,
    /// Counts of skipped content.
    pub passed_over: PassedOver,
    /// Error that ended the import early.
    pub error: Option<ImportError>,
}

/// Entries that are read or written in one slice: some ten milliseconds of work.
const SLICE: usize = 2_048;

/// Bytes that are read or written in one slice, at most, and one entry more.
const SLICE_BYTES: usize = 1 << 20;

/// A list that is being written.
#[derive(Debug)]
pub(crate) struct Exporting {
    format: Format,
    exporter: Exporter,
    /// Header that the exporter wrote before the first entry.
    begun: String,
    /// Entries that are yet to be written.
    ids: Range<u64>,
}

/// A part of a file that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text of it.
    pub text: String,
    /// The format of the whole file, if this is the end of it.
    pub ends: Option<Format>,
}

impl Exporting {
    pub(crate) fn begin(format: Format, target: &Target, ids: Range<u64>) -> Self {
        let mut begun = String::new();
        let exporter = Exporter::begin(format, target, &mut begun);
        Self { format, exporter, begun, ids }
    }

    /// Entries that are yet to be written.
    pub(crate) fn ids(&self) -> Range<u64> {
        self.ids.clone()
    }

    /// Writes the first of `entries`, and gives back what is to go on if there are more.
    pub(crate) fn advance<'a>(
        mut self,
        entries: impl Iterator<Item = Entry<'a>>,
    ) -> (Piece, Option<Self>) {
        let mut text = std::mem::take(&mut self.begun);
        for (count, entry) in entries.enumerate() {
            if count == SLICE || text.len() >= SLICE_BYTES {
                self.ids.start = entry.id;
                return (Piece { text, ends: None }, Some(self));
            }
            self.exporter.entry(&entry, &mut text);
        }
        self.exporter.end(&mut text);
        (Piece { text, ends: Some(self.format) }, None)
    }
}

/// A file that is being read.
#[derive(Debug)]
pub(crate) struct Importing {
    name: String,
    import: Import,
    entries: u64,
}

impl Importing {
    pub(crate) fn begin(name: String, text: String) -> Result<Self, ImportError> {
        Ok(Self { name, import: Import::new(text)?, entries: 0 })
    }

    /// Reads some, hands them to `take`, and says what came of it when that was all.
    pub(crate) fn advance(&mut self, mut take: impl FnMut(ImportedItem)) -> Option<ImportReport> {
        let (begin, _) = self.import.progress();
        for _ in 0..SLICE {
            match self.import.next() {
                Some(Ok(item)) => {
                    self.entries += 1;
                    take(item);
                }
                Some(Err(error)) => return Some(self.end(Some(error))),
                None => return Some(self.end(None)),
            }
            if self.import.progress().0 - begin >= SLICE_BYTES {
                break;
            }
        }
        None
    }

    fn end(&self, error: Option<ImportError>) -> ImportReport {
        ImportReport {
            name: self.name.clone(),
            entries: self.entries,
            target: self.import.connections().first().map(|connection| connection.target.clone()),
            passed_over: self.import.passed_over(),
            error,
        }
    }
}
