//! Port file: tells scripts the port that was picked.

use std::{
    ffi::OsString,
    fmt::Write as _,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process,
};

/// File with the bound ports, there while the server listens. Removed on drop.
#[derive(Debug)]
pub(super) struct PortFile(PathBuf);

/// Error with the file, as a sentence with a remedy.
#[derive(Debug, thiserror::Error)]
pub(super) enum PortFileError {
    /// Folder, link or device at the path, which must not be replaced.
    #[error(
        "{} is not a regular file. Give --port-file a file that may be replaced.", path.display()
    )]
    NotAFile { path: PathBuf },
    /// Error of the operating system.
    #[error("Cannot write {}: {source}. Give --port-file another file.", path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl PortFile {
    /// Removes the file of an earlier run, which a script could take for this run's.
    pub(super) fn new(path: PathBuf) -> Result<Self, PortFileError> {
        let removed = match fs::symlink_metadata(&path) {
            Ok(found) if found.is_file() => fs::remove_file(&path),
            Ok(_) => return Err(PortFileError::NotAFile { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        };
        match removed {
            Ok(()) => Ok(Self(path)),
            Err(source) => Err(PortFileError::Io { path, source }),
        }
    }

    /// Writes the ports, a line each. Whoever sees the file sees all of it.
    pub(super) fn write(&self, ports: &[u16]) -> Result<(), PortFileError> {
        let mut text = String::new();
        for port in ports {
            let _ = writeln!(text, "{port}");
        }
        let draft = draft(&self.0);
        // One of a process before, or a link that another user has put there: its name can be foreseen.
        let _ = fs::remove_file(&draft);
        let written = File::create_new(&draft).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            fs::rename(&draft, &self.0)
        });
        written.map_err(|source| {
            let _ = fs::remove_file(&draft);
            PortFileError::Io { path: self.0.clone(), source }
        })
    }
}

impl Drop for PortFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Path of a draft beside `path`, of this process alone: a rename then shows all of the content at
/// once.
fn draft(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{}", process::id()));
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_there_from_the_writing_to_the_end() {
        let folder = std::env::temp_dir().join(format!("wsbench-port-file-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("port");
        fs::write(&path, "1\n").unwrap();
        let file = PortFile::new(path.clone()).unwrap();
        assert!(!path.exists(), "that of an earlier run is gone");
        // Elsewhere, and the link there.
        let victim = folder.join("victim");
        fs::write(&victim, "").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(&victim, draft(&path)).unwrap();
        file.write(&[8080, 8081]).unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "");
        fs::remove_file(&victim).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "8080\n8081\n");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no draft is left");
        drop(file);
        assert!(!path.exists());
        fs::remove_dir(&folder).unwrap();
    }
}
