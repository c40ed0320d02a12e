//! Names the commit and the target in `--version`, and the folder of the page that a release embeds.
//!
//! The commit is that of `WSBENCH_COMMIT` for whoever builds without git, else git's, else the one that
//! `cargo package` noted. The page is the one that was built in this repository, else the one that this package
//! carries, for `cargo install` (docs/decisions/0020-install.md).

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Characters of a commit that are shown.
const SHOWN: usize = 12;

/// Page that was built in this repository.
const BUILT: &str = "../dist";
/// Page that this package carries.
const CARRIED: &str = "page";

/// Extension of compressed files.
const COMPRESSED: &str = "br";

/// Sets the variables that the sources read at compile time, and writes `built.rs`, the type that
/// embeds the page.
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=WSBENCH_COMMIT");
    println!("cargo::rerun-if-changed=build.rs");
    let commit = given().or_else(of_git).or_else(of_package);
    let commit = commit.unwrap_or_else(|| "unknown commit".to_owned());
    println!("cargo::rustc-env=WSBENCH_COMMIT={commit}");
    println!("cargo::rustc-env=WSBENCH_TARGET={}", env::var("TARGET")?);
    // Other builds read dist/ as they run.
    if env::var("PROFILE")? == "release" {
        println!("cargo::rerun-if-changed={BUILT}");
        println!("cargo::rerun-if-changed={CARRIED}");
    }
    let page = page()?;
    let page = page.to_str().ok_or("The folder of the page has a name that is not UTF-8")?;
    let built = format!(
        "/// The page that this release embeds.\n\
         #[derive(RustEmbed)]\n#[folder = {page:?}]\n#[allow_missing = true]\npub(crate) struct Built;\n"
    );
    Ok(fs::write(Path::new(&env::var("OUT_DIR")?).join("built.rs"), built)?)
}

/// Folder of the page: its compressed files, since a browser takes no others. Of `trunk build` there are none, and
/// its folder is embedded as it is.
fn page() -> Result<PathBuf, Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).to_owned();
    let built = folder.join(BUILT);
    let is_built = built.join("index.html").exists();
    let source = if is_built { built } else { folder.join(CARRIED) };
    if is_built && !source.join("index.html.br").exists() {
        return Ok(source);
    }
    let embedded = Path::new(&env::var("OUT_DIR")?).join("page");
    if embedded.exists() {
        fs::remove_dir_all(&embedded)?;
    }
    fs::create_dir(&embedded)?;
    // Without a page the program says how to build it.
    for file in fs::read_dir(source).into_iter().flatten() {
        let path = file?.path();
        if path.extension().is_some_and(|it| it == COMPRESSED) {
            fs::copy(&path, embedded.join(path.file_name().ok_or("A file has no name")?))?;
        }
    }
    Ok(embedded)
}

/// Commit by the environment; an empty variable is none.
fn given() -> Option<String> {
    env::var("WSBENCH_COMMIT").ok().filter(|commit| !commit.is_empty())
}

/// Commit of this repository: a package that was unpacked within another one must not name that.
fn of_git() -> Option<String> {
    if !Path::new("../.git").exists() {
        return None;
    }
    // Changes with every commit and every checkout; elsewhere in a linked work tree.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    println!("cargo::rerun-if-changed={log}");
    git(&["rev-parse", &format!("--short={SHOWN}"), "HEAD"])
}

/// Output of git without the newline at its end; `None` if git is missing or fails.
fn git(arguments: &[&str]) -> Option<String> {
    let answer = Command::new("git").args(arguments).output().ok()?;
    let text = answer.status.success().then(|| String::from_utf8(answer.stdout).ok())??;
    Some(text.trim().to_owned())
}

/// Commit in `.cargo_vcs_info.json`, which `cargo package` writes: `{"git": {"sha1": "0123…"}, …}`.
fn of_package() -> Option<String> {
    let noted = fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, rest) = noted.split_once("\"sha1\"")?;
    Some(rest.split('"').nth(1)?.get(..SHOWN)?.to_owned())
}
