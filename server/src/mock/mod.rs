//! Mock: paths that scenario files serve (`docs/scenario.md`).
//!
//! From a request on: `respond` (the opening handshake), `conversation` (the handler of one
//! client), `clock` (its times), `tally` (counts of conversations and steps), `list` (`/mock`),
//! `file` (a scenario file that was read), `scenario_files` (files on this machine).

mod clock;
mod conversation;
mod file;
mod list;
mod respond;
pub mod scenario_files;
mod tally;

use std::{path::PathBuf, sync::Arc};

use parking_lot::{Mutex, RwLock};
use scenario::Secrets;

pub use self::clock::ScenarioClock;
pub(crate) use self::{file::MockError, list::list, respond::respond};
use self::{file::MockFile, tally::Misses};

/// Prefix of environment variables that set variables of a scenario. The rest of a name, in lower
/// case, is the name of the variable.
const VARIABLE_PREFIX: &str = "WSBENCH_VAR_";

/// Names and values of the scenario variables that the environment sets: `WSBENCH_VAR_HOST` sets
/// `host`. Those that are not UTF-8 are left out.
pub fn environment_variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| {
        let name = name.to_str()?.strip_prefix(VARIABLE_PREFIX)?.to_ascii_lowercase();
        Some((name, value.into_string().ok()?))
    })
}

/// Scenario files that a server mocks. Cheap to clone: a handle.
#[derive(Clone, Debug, Default)]
pub struct Mock {
    /// `None` without a file.
    state: Option<Arc<State>>,
}

/// Variables of flags and environment, which go before the files' own.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    /// Names and values.
    pub(crate) values: Vec<(String, String)>,
    /// Values that are not shown.
    pub(crate) secrets: Secrets,
}

/// State behind all handles of a mock.
#[derive(Debug)]
struct State {
    /// Files to read again on SIGHUP.
    paths: Vec<PathBuf>,
    variables: Variables,
    /// Paths that the server has itself.
    own: Vec<&'static str>,
    /// True if the server's own paths are off.
    is_alone: bool,
    /// Files for new connections.
    current: RwLock<Arc<Script>>,
}

/// Files as they were read at one time, and the requests to them since.
#[derive(Debug)]
struct Script {
    /// Files in the order of the flags; the first that serves a path answers.
    files: Vec<MockFile>,
    /// Number of the last connection.
    connections: Mutex<u64>,
    /// Requests and messages without an answer.
    misses: Misses,
}

impl Mock {
    /// Reads scenario files, to serve them beside the server's `own` paths, or beside the administrative ones only if it
    /// `is_alone`.
    /// `variables` go before those of the environment, `WSBENCH_VAR_NAME`, and these before the files'.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, all mistakes of all files, or a path that the server has itself.
    pub(crate) fn read(
        paths: Vec<PathBuf>,
        mut variables: Variables,
        own: Vec<&'static str>,
        is_alone: bool,
    ) -> Result<Self, MockError> {
        if paths.is_empty() {
            return Ok(Self::default());
        }
        let set: Vec<_> = variables.values.iter().map(|(name, _)| name.clone()).collect();
        variables.values.extend(environment_variables());
        let script = Script::read(&paths, &own, is_alone, &variables)?;
        let is_nowhere =
            |name: &&String| !script.files.iter().any(|file| file.mock.scenario().mentions(name));
        if let Some(name) = set.iter().find(is_nowhere) {
            let sentence = format!("No file uses {{{{{name}}}}}, which --set or --secret sets.");
            return Err(MockError::Mistakes(vec![sentence]));
        }
        let current = RwLock::new(Arc::new(script));
        Ok(Self { state: Some(Arc::new(State { paths, variables, own, is_alone, current })) })
    }

    /// Reads the files again. Connections that are open go on with the old ones.
    ///
    /// # Errors
    ///
    /// As [`Self::read`]; the old ones are served on.
    pub(crate) fn reload(&self) -> Result<(), MockError> {
        if let Some(state) = &self.state {
            let script =
                Arc::new(Script::read(&state.paths, &state.own, state.is_alone, &state.variables)?);
            *state.current.write() = script;
        }
        Ok(())
    }

    /// True if there is a file to serve.
    pub(crate) fn is_on(&self) -> bool {
        self.state.is_some()
    }

    /// True if the server's own paths are off: `wsbench mock`.
    pub(crate) fn is_alone(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.is_alone)
    }

    /// Files for a new connection; `None` without a mock.
    fn script(&self) -> Option<Arc<Script>> {
        let state = self.state.as_ref()?;
        Some(Arc::clone(&state.current.read()))
    }

    /// Names and values of the variables, by flags first.
    fn variables(&self) -> Vec<(String, String)> {
        self.state.as_ref().map(|state| state.variables.values.clone()).unwrap_or_default()
    }

    /// Values that are masked in the log and in `/mock`.
    fn secrets(&self) -> Secrets {
        self.state.as_ref().map(|state| state.variables.secrets.clone()).unwrap_or_default()
    }
}

impl Script {
    /// Reads all files; the mistakes of all are reported together.
    fn read(
        paths: &[PathBuf],
        own: &[&str],
        is_alone: bool,
        variables: &Variables,
    ) -> Result<Self, MockError> {
        let given: Vec<_> = variables.values.iter().map(|(name, _)| &**name).collect();
        let (mut files, mut mistakes) = (Vec::new(), Vec::new());
        for path in paths {
            match MockFile::read(path, own, is_alone, &given) {
                Ok(file) => files.push(file),
                Err(MockError::Mistakes(found)) => mistakes.extend(found),
                Err(error) => return Err(error),
            }
        }
        if mistakes.is_empty() {
            Ok(Self { files, connections: Mutex::default(), misses: Misses::default() })
        } else {
            Err(MockError::Mistakes(mistakes))
        }
    }

    /// Served paths, as they are written, each once.
    fn paths(&self) -> Vec<&str> {
        let mut paths = Vec::new();
        for serve in self.files.iter().flat_map(|file| file.mock.scenario().serves()) {
            if !paths.contains(&&*serve.path) {
                paths.push(&serve.path);
            }
        }
        paths
    }
}
