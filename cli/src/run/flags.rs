//! Flags of `wsbench run`.

use std::{path::PathBuf, str::FromStr, time::Duration};

use clap::Args;

use super::{HandshakeFlags, variables::ScenarioFlags, wait_for::WaitFor};
use crate::{
    connect::MAX_MESSAGE,
    quantity::{parse_positive_duration, parse_positive_size},
};

/// Run scenario files: WebSocket conversations as tests
///
/// Each file lists the messages to send and to expect; docs/scenario.md describes the syntax. Sections run one
/// after the other, or in parallel with --jobs. A failed step is shown with its line, the message received
/// instead, and the last messages.
///
/// --set overrides `WSBENCH_VAR_NAME` of the environment, which overrides @NAME of the file.
#[derive(Args)]
#[command(
    max_term_width = 100,
    after_help = "\
Examples:
  wsbench run chat.ws
  wsbench run tests/*.ws --set host=staging.example:443 --secret token=\"$TOKEN\"
  wsbench run chat.ws --only login --seed 7
  wsbench run chat.ws --report junit=report.xml
  wsbench run tests/*.ws --with 'npm start' --wait-for ws://localhost:8080
  wsbench run chat.ws --watch

Exit status:
  0    every step passed
  1    no connection, or an error on this machine, such as a file that cannot be read or written
  2    a file or an argument is wrong
  3    a step failed
  130  interrupted by Ctrl-C"
)]
pub(crate) struct RunFlags {
    /// Scenario files
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) scenario: ScenarioFlags,
    /// Time limit of each file, over all its sections
    #[arg(long, value_name = "TIME", value_parser = parse_positive_duration)]
    pub(super) limit: Option<Duration>,
    /// Sections to run in parallel; output stays in the order of the files
    #[arg(
        long,
        short,
        value_name = "N",
        default_value_t = 1,
        value_parser = clap::value_parser!(u16).range(1..=256)
    )]
    pub(super) jobs: u16,
    /// Check the files without running them
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Do not print passed steps
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Write a report: junit=FILE, json=FILE or tap=FILE, where - is standard output; repeatable
    #[arg(long, value_name = "KIND=FILE")]
    pub(super) report: Vec<ReportFile>,
    /// Write a transcript of the connections as JSON Lines, to FILE or to a file per section in FOLDER/
    #[arg(long, value_name = "FILE|FOLDER/")]
    pub(super) transcript: Option<PathBuf>,
    /// Run again whenever a file is saved, until Ctrl-C
    #[arg(long)]
    pub(super) watch: bool,
    /// Start the program under test with a shell command, and stop it after the run; its output is shown
    /// if the run fails
    #[arg(long, value_name = "COMMAND", requires = "wait_for")]
    pub(super) with: Option<String>,
    /// Wait before the run until a WebSocket opens at ws://…, a request to http://… has a status below 500,
    /// or tcp://HOST:PORT accepts a connection
    #[arg(long, value_name = "URL")]
    pub(super) wait_for: Option<WaitFor>,
    /// Time limit of --wait-for
    #[arg(
        long,
        value_name = "TIME",
        value_parser = parse_positive_duration,
        default_value = "30s",
        requires = "wait_for",
        hide_short_help = true
    )]
    pub(super) wait_timeout: Duration,
    /// Maximum size of a received message
    #[arg(long, value_name = "SIZE", value_parser = parse_positive_size, default_value = MAX_MESSAGE)]
    pub(super) max_message: usize,
    #[command(flatten)]
    pub(super) handshake: HandshakeFlags,
}

/// Report to write. Several may be asked for, one of them on standard output.
#[derive(Clone)]
pub(super) struct ReportFile {
    pub(super) kind: ReportKind,
    /// File; `None` for standard output.
    pub(super) path: Option<PathBuf>,
}

/// Form of a report, for other programs.
#[derive(Clone, Copy)]
pub(super) enum ReportKind {
    /// `JUnit` XML, as CI systems read it.
    Junit,
    /// JSON Lines, one object a section.
    Json,
    /// Test Anything Protocol, version 14.
    Tap,
}

impl FromStr for ReportFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, path) = match text.split_once('=') {
            Some(("junit", path)) => (ReportKind::Junit, path),
            Some(("json", path)) => (ReportKind::Json, path),
            Some(("tap", path)) => (ReportKind::Tap, path),
            _ => return Err("write junit=FILE, json=FILE or tap=FILE".to_owned()),
        };
        Ok(Self { kind, path: (path != "-").then(|| path.into()) })
    }
}
