//! `wsbench fmt`: the format of scenario files.

use std::{fs, path::PathBuf};

use clap::Args;

use super::{report::Report, scenario_file::ScenarioFile};
use crate::process::{Exit, fail, print_error};

/// Format scenario files: indentation, spaces and empty lines
///
/// Texts, JSON and comments are not changed. Nor is a file with errors.
#[derive(Args)]
#[command(max_term_width = 100, after_help = "Examples:\n  wsbench fmt --check tests/*.ws")]
pub(crate) struct FmtFlags {
    /// Scenario files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Change nothing; exit with status 3 if a file is not formatted
    #[arg(long)]
    check: bool,
}

/// Lays files out in place. Files are written only if they change. Returns the worst exit status of
/// all.
pub(crate) fn format_files(flags: &FmtFlags) -> Exit {
    let report = Report::of_mistakes();
    let mut exit = Exit::Done;
    for path in &flags.files {
        let laid_out =
            ScenarioFile::read(path).map_err(|sentence| fail(&sentence)).and_then(|source| {
                let before = source.text.text();
                scenario::format(before).map(|text| (text != before).then_some(text)).map_err(
                    |mistakes| {
                        report.mistakes(&source, &mistakes);
                        Exit::Usage
                    },
                )
            });
        let of_file = match laid_out {
            Err(of_file) => of_file,
            Ok(None) => continue,
            Ok(Some(_)) if flags.check => {
                print_error(&format!("{} is not formatted.", path.display()));
                Exit::Unmet
            }
            Ok(Some(text)) => match fs::write(path, text) {
                Ok(()) => continue,
                Err(error) => fail(&format!("Cannot write {}: {error}.", path.display())),
            },
        };
        exit = super::worse(exit, of_file);
    }
    exit
}
