//! Trees of files, packed so that the same content gives the same bytes.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
};

use anyhow::Result;
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

/// Mode of a file that is not run.
pub(super) const FILE: u32 = 0o644;
/// Mode of a program, and of a folder.
pub(super) const PROGRAM: u32 = 0o755;

/// Files by path, each with its mode.
#[derive(Default)]
pub(super) struct Tree(BTreeMap<String, (u32, Vec<u8>)>);

impl Tree {
    /// Adds a file, in place of an earlier one at the same path.
    pub(super) fn add(&mut self, path: impl Into<String>, mode: u32, content: impl Into<Vec<u8>>) {
        self.0.insert(path.into(), (mode, content.into()));
    }

    /// Paths and contents, in order of the paths.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(path, (_, content))| (&**path, &**content))
    }

    /// Compressed tar archive: in order of the paths, of root, all from `time`, in seconds since 1970.
    pub(super) fn tar_gz(&self, time: u64) -> Result<Vec<u8>> {
        let mut builder = Builder::new(Vec::new());
        let folders: BTreeSet<&str> = self.0.keys().flat_map(|path| folders(path)).collect();
        for folder in folders {
            let mut header = header(EntryType::Directory, PROGRAM, 0, time)?;
            builder.append_data(&mut header, format!("{folder}/"), &[][..])?;
        }
        for (path, (mode, content)) in &self.0 {
            let mut header = header(EntryType::Regular, *mode, content.len(), time)?;
            builder.append_data(&mut header, path, &**content)?;
        }
        gz(&builder.into_inner()?)
    }
}

/// Compresses without a name or a time, at the highest level.
pub(super) fn gz(content: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = GzBuilder::new().write(Vec::new(), Compression::best());
    compressed.write_all(content)?;
    Ok(compressed.finish()?)
}

/// `usr` and `usr/bin` of `usr/bin/wsbench`.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| &path[..end])
}

/// Header of an entry owned by root. Fields that would tell the machine or the user, such as ids,
/// are fixed.
fn header(kind: EntryType, mode: u32, len: usize, time: u64) -> Result<Header> {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(len as u64);
    header.set_mtime(time);
    header.set_uid(0);
    header.set_gid(0);
    header.set_username("root")?;
    header.set_groupname("root")?;
    Ok(header)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn packed(paths: &[&str]) -> Vec<u8> {
        let mut tree = Tree::default();
        for path in paths {
            tree.add(*path, FILE, *path);
        }
        tree.tar_gz(1_700_000_000).unwrap()
    }

    #[test]
    fn the_order_of_adding_does_not_show() {
        assert_eq!(packed(&["b/c", "a", "b/a"]), packed(&["a", "b/a", "b/c"]));
        assert_ne!(packed(&["a"]), packed(&["b"]));
    }

    #[test]
    fn an_archive_has_its_folders_first_and_all_belongs_to_root() {
        let archive = packed(&["usr/bin/wsbench", "etc/wsbench"]);
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&*archive));
        let mut found = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let (header, path) = (entry.header().clone(), entry.path().unwrap().into_owned());
            assert_eq!((header.uid().unwrap(), header.mtime().unwrap()), (0, 1_700_000_000));
            let mut content = String::new();
            entry.read_to_string(&mut content).unwrap();
            found.push((path.display().to_string(), content));
        }
        let expected = [
            ("etc/", ""),
            ("usr/", ""),
            ("usr/bin/", ""),
            ("etc/wsbench", "etc/wsbench"),
            ("usr/bin/wsbench", "usr/bin/wsbench"),
        ];
        assert_eq!(found, expected.map(|(path, text)| (path.to_owned(), text.to_owned())));
    }
}
