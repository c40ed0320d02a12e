//! Files and folders: first line, name, and number of files.

use std::{collections::BTreeMap, path::Path};

use super::source::Source;

/// Names that say nothing about the content. Code lands in such files for want of a better place,
/// and they grow without a subject.
const EMPTY_NAMES: [&str; 6] = ["common", "helper", "helpers", "misc", "util", "utils"];

/// Maximum number of source files in a folder, without [`FACADES`].
const MOST_FILES: usize = 12;

/// Files that stand for their folder.
const FACADES: [&str; 3] = ["lib", "main", "mod"];

/// Requires a `//!` line at the top of each file. It has to be the very first line, above
/// attributes and imports.
pub(super) fn openings(sources: &[Source]) -> Vec<String> {
    let silent = sources.iter().filter(|source| !source.text.starts_with("//!"));
    let breach = |source: &Source| {
        format!("{} does not open with a //! line that names its content", source.path.display())
    };
    silent.map(breach).collect()
}

/// Refuses names such as `utils`, of files and of folders. A name counts as a whole: `string_utils`
/// would pass.
pub(super) fn empty_names(sources: &[Source]) -> Vec<String> {
    let is_empty = |source: &&Source| {
        let folders = source.folder().iter().filter_map(|folder| folder.to_str());
        folders.chain([source.stem()]).any(|name| EMPTY_NAMES.contains(&name))
    };
    let breach =
        |source: &Source| format!("{} has a name that says nothing", source.path.display());
    sources.iter().filter(is_empty).map(breach).collect()
}

/// Bounds the number of files in each folder below a package's `src`. Folders below are counted by
/// themselves.
pub(super) fn sizes(sources: &[Source]) -> Vec<String> {
    let mut folders = BTreeMap::<&Path, usize>::new();
    let counted = sources.iter().filter(|source| {
        source.path.iter().nth(1).is_some_and(|it| it == "src") && !FACADES.contains(&source.stem())
    });
    for source in counted {
        *folders.entry(source.folder()).or_default() += 1;
    }
    let full = folders.into_iter().filter(|(_, files)| *files > MOST_FILES);
    let breach = |(folder, files): (&Path, _)| {
        format!("{} has {files} files; {MOST_FILES} are the most", folder.display())
    };
    full.map(breach).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::source::made_up, *};

    #[test]
    fn a_file_opens_with_a_module_comment() {
        let sources = made_up(&[("a/src/a.rs", "//! A."), ("a/src/b.rs", "// B.\nfn b() {}")]);
        assert_eq!(
            openings(&sources),
            ["a/src/b.rs does not open with a //! line that names its content"]
        );
    }

    #[test]
    fn a_file_or_folder_has_a_name_that_says_something() {
        let sources = made_up(&[("a/src/utils.rs", ""), ("a/src/common/b.rs", ""), ("a/c.rs", "")]);
        assert_eq!(
            empty_names(&sources),
            [
                "a/src/utils.rs has a name that says nothing",
                "a/src/common/b.rs has a name that says nothing"
            ]
        );
    }

    #[test]
    fn a_folder_of_src_has_a_dozen_files_beside_its_facade() {
        let names: Vec<_> = (0..MOST_FILES).map(|number| format!("a/src/b/f{number}.rs")).collect();
        let mut files: Vec<_> = names.iter().map(|name| (&**name, "")).collect();
        files.extend([("a/src/b/mod.rs", ""), ("a/src/b/c/deeper.rs", ""), ("a/src/lib.rs", "")]);
        assert_eq!(sizes(&made_up(&files)), [""; 0]);
        files.push(("a/src/b/more.rs", ""));
        assert_eq!(sizes(&made_up(&files)), ["a/src/b has 13 files; 12 are the most"]);
    }

    #[test]
    fn a_folder_outside_src_may_have_more_files() {
        let names: Vec<_> = (0..20).map(|number| format!("tests/page/f{number}.rs")).collect();
        let files: Vec<_> = names.iter().map(|name| (&**name, "")).collect();
        assert_eq!(sizes(&made_up(&files)), [""; 0]);
    }
}
