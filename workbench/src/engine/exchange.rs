//! Import and export of the message log, in slices between other inputs.

use std::time::Duration;

use session::Time;

use super::{
    log::Log,
    output::{Output, Outputs, Timer},
    report::Report,
};
use crate::{
    exchange::{Exporting, ImportReport, Importing},
    log::{Imported, Item, LogEvent, Origin},
};

/// State of import and export.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    exporting: Option<Exporting>,
    importing: Option<Importing>,
}

impl Exchange {
    /// True if no file is being written or read.
    pub(super) fn is_idle(&self) -> bool {
        self.exporting.is_none() && self.importing.is_none()
    }

    /// Begins an export, in place of one under way.
    pub(super) fn begin_export(&mut self, exporting: Exporting, log: &Log, outputs: &mut Outputs) {
        let is_running = self.exporting.replace(exporting).is_some();
        // An export in place of another goes on with its timer.
        if !is_running {
            self.export(log, outputs);
        }
    }

    /// Writes the next piece of a file, once the filter has come to its last entry.
    pub(super) fn export(&mut self, log: &Log, outputs: &mut Outputs) {
        let Some(mut exporting) = self.exporting.take() else { return };
        if let Some(end) = exporting.awaits() {
            if !log.is_filtered(end) {
                self.exporting = Some(exporting);
                return;
            }
            exporting.list(log.listed_before(end));
        }
        let (piece, rest) = log.export(exporting);
        outputs.push_back(Output::File(piece));
        self.exporting = rest;
        if self.exporting.is_some() {
            outputs.push_back(Output::Timer(Timer::Export, Duration::ZERO));
        }
    }

    /// Goes on with an export after a slice of the filter that it waits for.
    pub(super) fn filtered(&mut self, log: &Log, outputs: &mut Outputs) {
        if self.exporting.as_ref().is_some_and(|it| it.awaits().is_some()) {
            self.export(log, outputs);
        }
    }

    /// Begins an import, in place of one under way. A file that cannot be read, or of no known format, is reported.
    pub(super) fn begin_import(
        &mut self,
        name: String,
        content: Option<Vec<u8>>,
        log: &mut Log,
        now: Time,
        outputs: &mut Outputs,
    ) {
        let is_running = self.importing.is_some();
        match Importing::begin(name.clone(), content) {
            Ok(importing) => self.importing = Some(importing),
            Err(error) => {
                let report = ImportReport { name, error: Some(error), ..ImportReport::default() };
                outputs.push_back(Output::Report(Report::Imported(Box::new(report))));
                return;
            }
        }
        if !is_running {
            self.import(log, now, outputs);
        }
    }

    /// Reads the next slice of a file. Reports at its end.
    pub(super) fn import(&mut self, log: &mut Log, now: Time, outputs: &mut Outputs) {
        let Some(importing) = &mut self.importing else { return };
        let report = importing.advance(|it| log.push(it.at, it.item, it.round_trip, outputs));
        let Some(report) = report else {
            outputs.push_back(Output::Timer(Timer::Import, Duration::ZERO));
            return;
        };
        self.importing = None;
        if report.entries > 0 {
            let from = Origin::File(report.name.clone());
            let divider = Imported { entries: report.entries, from };
            log.push(now, Item::Event(LogEvent::Imported(divider)), None, outputs);
        }
        outputs.push_back(Output::Report(Report::Imported(Box::new(report))));
    }
}
