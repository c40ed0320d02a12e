//! Watch over the scenario files: their times and sizes, looked at again and again.
//!
//! A look at a few files takes microseconds, and works on every system, however an editor saves
//! (docs/decisions/0014-scenarios.md).

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tokio::time::sleep;

/// Time between two looks.
const INTERVAL: Duration = Duration::from_millis(200);

/// Time and size of a file; `None` while it is gone, as it may be while it is saved.
type Stamp = Option<(SystemTime, u64)>;

/// Files with what they were when they were read.
pub(super) struct Watch(Vec<(PathBuf, Stamp)>);

impl Watch {
    /// Notes the files as they are. To be called before they are read.
    pub(super) fn begin<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        Self(files.into_iter().map(|path| (path.clone(), stamp(path))).collect())
    }

    /// Notes more files, which may be among them.
    pub(super) fn add(&mut self, files: impl Iterator<Item = PathBuf>) {
        for path in files {
            if !self.0.iter().any(|(known, _)| *known == path) {
                let stamp = stamp(&path);
                self.0.push((path, stamp));
            }
        }
    }

    /// Waits until a file is saved, and stays so for a moment: it may be written in parts. Returns its path.
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
            sleep(INTERVAL).await;
        }
    }
}

fn stamp(path: &Path) -> Stamp {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
