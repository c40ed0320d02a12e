//! Takes a release of the page apart, so that a first load waits for no code that it does not run
//! (docs/decisions/0010).

mod module;
mod names;
mod parts;
mod profile;
mod recording;

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use self::{module::Module, names::Names, parts::Parts, profile::Profile};
use crate::{page, process, setup, workspace};

const INDEX: &str = "index.html";
const HEAD_END: &str = "</head>";

/// How the names begin of the files that trunk made of the client, and how they end.
const PAGE: &str = "wsbench-page-";
const SCRIPT: &str = ".js";
const FIRST: &str = "_bg.wasm";
/// The rest's (client/src/rest.rs).
const REST: &str = "_rest.wasm";

/// Hexadecimal digits of the hash in their names.
const HASH_LEN: usize = 16;

/// Set while trunk builds a page that records, to where the module goes that the record is of.
pub(crate) const RECORDED: &str = "WSBENCH_RECORDED";

/// What answers the recording's question in a thread with an engine, where no driver looks.
const ANSWER: &str = include_str!("answer.js");

/// Replaces the one module in trunk's staging folder by two. One of an unknown kind, as another compiler
/// may make, stays whole, and the page with it: that is only slower to load.
pub(crate) fn run(staging: &Path) -> Result<()> {
    let staged = Staged::find(staging)?;
    let (whole, script) = (staged.read(FIRST)?, String::from_utf8(staged.read(SCRIPT)?)?);
    let profile = Profile::read()?;
    match split(&whole, &script, &profile) {
        Ok((script, parts)) => staged.replace(&script, &parts),
        Err(error) => {
            eprintln!("The page stays one module, since that cannot be taken apart: {error:#}");
            Ok(())
        }
    }
}

/// The script and the modules that come of `whole` and its `script`.
fn split(whole: &[u8], script: &str, profile: &Profile) -> Result<(String, Parts)> {
    let module = Module::read(whole)?;
    if profile.is_stale(&module) {
        eprintln!(
            "The page's code has changed much since it was recorded what of it a first load runs. To \
             keep that load small, run `cargo xtask profile`."
        );
    }
    let names = Names::new(&module, script)?;
    let parts = parts::take_apart(&module, &names, |it| profile.has(&module, it))?;
    Ok((names.shorten(script), parts))
}

/// Has the page in trunk's staging folder record which functions run.
pub(crate) fn record(staging: &Path, recorded: &Path) -> Result<()> {
    let staged = Staged::find(staging)?;
    let whole = staged.read(FIRST)?;
    fs::write(recorded, &whole)?;
    let recording = recording::record(&Module::read(&whole)?)?;
    fs::write(staged.path(FIRST), recording)?;
    let worker = staging.join("worker.js");
    let script = fs::read_to_string(&worker)?;
    Ok(fs::write(worker, script + &ANSWER.replace("SCRIPT", &staged.name(SCRIPT)))?)
}

/// Records what runs in a first load, and builds the page by it.
pub(crate) fn profile() -> Result<()> {
    let tools = setup::everything()?;
    let recorded = workspace::target()?.join("xtask/recorded.wasm");
    let mut build = tools.trunk();
    process::run(build.args(["build", "--release", "--offline"]).env(RECORDED, &recorded))?;
    let whole = fs::read(&recorded)?;
    let module = Module::read(&whole)?;
    let marks = recording::marks(&module)?;
    let mut load = tools.cargo();
    load.args(["run", "-p", "tests", "--bin", "first-load", "--"]);
    load.args([marks.start, marks.end].map(|mark| mark.to_string()));
    let ran = process::read(&mut load)?;
    let ran = ran.lines().map(str::parse).collect::<Result<Vec<u32>, _>>()?;
    Profile::of(&module, ran.into_iter().map(|mark| module.defined().start + mark)).write()?;
    page::build(&tools)
}

/// What trunk made of the client, where it waits for being finished.
struct Staged {
    folder: PathBuf,
    document: String,
    hash: String,
    /// The folder of the files in the document's URLs.
    base: String,
}

impl Staged {
    fn find(folder: &Path) -> Result<Self> {
        let index = folder.join(INDEX);
        let document = fs::read_to_string(&index)
            .with_context(|| format!("Cannot read {}", index.display()))?;
        let (base, hash) = named(&document)
            .with_context(|| format!("{} names no script of the page", index.display()))?;
        let (base, hash) = (base.to_owned(), hash.to_owned());
        Ok(Self { folder: folder.to_owned(), document, hash, base })
    }

    fn name(&self, end: &str) -> String {
        format!("{PAGE}{}{end}", self.hash)
    }

    fn path(&self, end: &str) -> PathBuf {
        self.folder.join(self.name(end))
    }

    fn read(&self, end: &str) -> Result<Vec<u8>> {
        let path = self.path(end);
        fs::read(&path).with_context(|| format!("Cannot read {}", path.display()))
    }

    /// Puts the parts where the whole was, under a hash of them and of the script. The document names
    /// the rest, for the page to fetch once it is drawn, and for `offline.js` to keep. In a way that no
    /// browser acts on: a `prefetch` would share the line with the first part.
    fn replace(&self, script: &str, parts: &Parts) -> Result<()> {
        let files = [(SCRIPT, script.as_bytes()), (FIRST, &parts.first), (REST, &parts.rest)];
        let mut hasher = DefaultHasher::new();
        files.hash(&mut hasher);
        let hash = format!("{:0HASH_LEN$x}", hasher.finish());

        fs::remove_file(self.path(SCRIPT))?;
        fs::remove_file(self.path(FIRST))?;
        for (end, content) in files {
            fs::write(self.folder.join(format!("{PAGE}{hash}{end}")), content)?;
        }
        ensure!(self.document.contains(HEAD_END), "{INDEX} has no {HEAD_END}");
        let link =
            format!("<link rel=\"rest\" href=\"{}{PAGE}{hash}{REST}\">{HEAD_END}", self.base);
        let document = self.document.replace(&self.hash, &hash).replacen(HEAD_END, &link, 1);
        Ok(fs::write(self.folder.join(INDEX), document)?)
    }
}

/// The folder of the page's files in URLs, and the hash in their names.
fn named(document: &str) -> Option<(&str, &str)> {
    let (before, after) = document.split_once(PAGE)?;
    let (_, base) = before.rsplit_once(['"', '\'', '='])?;
    Some((base, after.get(..HASH_LEN)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_its_script() {
        let document = "<script>import init from '/on/wsbench-page-0123456789abcdef.js';</script>";
        assert_eq!(named(document), Some(("/on/", "0123456789abcdef")));
        let minified = "<link href=/wsbench-page-0123456789abcdef.js rel=modulepreload>";
        assert_eq!(named(minified), Some(("/", "0123456789abcdef")));
        assert_eq!(named("<p>"), None);
    }
}
