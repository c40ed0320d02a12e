//! Watch over the scenario files: polls their times and sizes.
//!
//! Reading them for a few files takes microseconds, and works on every system, however an editor saves
//! (docs/decisions/0014-scenarios.md).

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tokio::time::sleep;

/// Polling interval. A save is noticed within two intervals.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// Time and size of a file; `None` while it is gone, as it may be while it is saved.
type Stamp = Option<(SystemTime, u64)>;

/// Watched files, with their times and sizes as they were before they were read.
pub(super) struct Watch(Vec<(PathBuf, Stamp)>);

impl Watch {
    /// Notes the times and sizes of files, before they are read: a save while one is read counts.
    pub(super) fn begin<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        Self(files.into_iter().map(|path| (path.clone(), stamp(path))).collect())
    }

    /// Adds a file before it is read, unless it is watched already.
    pub(super) fn add(&mut self, path: PathBuf) {
        if !self.0.iter().any(|(known, _)| *known == path) {
            let stamp = stamp(&path);
            self.0.push((path, stamp));
        }
    }

    /// Waits until a file is saved, and unchanged for one interval: it may be written in parts.
    /// Returns its path.
    pub(super) async fn saved(&self) -> &Path {
        let mut before = None;
        loop {
            let mut stamps = self.0.iter().map(|(path, noted)| (path, stamp(path), *noted));
            let saved = stamps.find(|(_, now, noted)| now.is_some() && now != noted);
            let saved = saved.map(|(path, now, _)| (path, now));
            if let Some((path, _)) = saved
                && saved == before
            {
                return path;
            }
            before = saved;
            sleep(POLL_INTERVAL).await;
        }
    }
}

/// Time and size of a file now.
fn stamp(path: &Path) -> Stamp {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
