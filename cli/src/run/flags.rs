//! Flags of `wsbench run`.

use std::{path::PathBuf, str::FromStr};

use clap::Args;

use super::HandshakeFlags;
use crate::{connect::MAX_MESSAGE, quantity::parse_positive_size, redacted_value::secret_value};

/// Prefix of environment variables that set variables of a scenario.
const VARIABLE_PREFIX: &str = "WSBENCH_VAR_";

/// Run scenario files: WebSocket conversations written down as tests
///
/// Each file says what is sent and what must come; docs/scenario.md describes the syntax. Sections run one after
/// the other. A step that fails is shown with its line, what came instead, and the last messages.
///
/// --set goes before the environment's `WSBENCH_VAR_NAME`, and that before the file's @NAME.
#[derive(Args)]
#[command(
    max_term_width = 100,
    after_help = "\
Examples:
  wsbench run chat.ws
  wsbench run tests/*.ws --set host=staging.example:443 --secret token=\"$TOKEN\"
  wsbench run chat.ws --only login --seed 7
  wsbench run chat.ws --report junit=report.xml

Exit status:
  0    every step passed
  1    no connection
  2    a file or an argument is wrong
  3    a step failed"
)]
pub(crate) struct RunFlags {
    /// Scenario files
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// Set a variable; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = scenario::assignment)]
    set: Vec<(String, String)>,
    /// Set a variable that is printed as ***; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = secret_value())]
    secret: Vec<String>,
    /// Run this section only
    #[arg(long, value_name = "SECTION")]
    pub(super) only: Option<String>,
    /// Repeat the random values of a run
    #[arg(long, value_name = "NUMBER")]
    pub(super) seed: Option<u64>,
    /// Check the files, and run nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Print no step that passes
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Write a report: junit=FILE, json=FILE or tap=FILE; repeatable
    #[arg(long, value_name = "KIND=FILE")]
    pub(super) report: Vec<ReportFile>,
    /// Maximum size of a received message
    #[arg(long, value_name = "SIZE", value_parser = parse_positive_size, default_value = MAX_MESSAGE)]
    pub(super) max_message: usize,
    #[command(flatten)]
    pub(super) handshake: HandshakeFlags,
}

/// File of a report.
#[derive(Clone)]
pub(super) enum ReportFile {
    Junit(PathBuf),
    Json(PathBuf),
    Tap(PathBuf),
}

impl FromStr for ReportFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some(("junit", path)) => Ok(Self::Junit(path.into())),
            Some(("json", path)) => Ok(Self::Json(path.into())),
            Some(("tap", path)) => Ok(Self::Tap(path.into())),
            _ => Err("write junit=FILE, json=FILE or tap=FILE".to_owned()),
        }
    }
}

impl RunFlags {
    /// Variables in the order in which they go before each other.
    pub(super) fn variables(&self) -> Result<Vec<(String, String)>, String> {
        let secrets = self
            .secret
            .iter()
            .map(|secret| scenario::assignment(secret))
            .collect::<Result<Vec<_>, _>>()?;
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.to_str()?.strip_prefix(VARIABLE_PREFIX)?.to_ascii_lowercase();
            Some((name, value.into_string().ok()?))
        });
        Ok(self.set.iter().cloned().chain(secrets).chain(environment).collect())
    }

    /// Values that are never printed.
    pub(super) fn secrets(&self) -> Vec<String> {
        let values = self.secret.iter().filter_map(|secret| secret.split_once('='));
        values.map(|(_, value)| value.to_owned()).filter(|value| !value.is_empty()).collect()
    }
}
