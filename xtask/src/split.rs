//! Takes the release build of the page apart: into the module that it begins with, and those that it
//! fetches later (docs/decisions/0010); and compresses it. Trunk has this done when it has built the page.

use std::{
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, anyhow};

use crate::{page, process, setup, workspace};

/// Stands in names for the hash of what they name, until that is known. As long as it, so that a
/// module's bytes stay where they are.
const NO_HASH: &str = "0000000000000000";

/// How the files begin that trunk made of the one module.
const WHOLE: &str = "wsbench-page-";

/// What fetches the modules that come later.
const PARTS: &str = "parts";

/// Replaces the one module in trunk's staging folder by its parts.
pub(crate) fn run() -> Result<()> {
    let said = |name| {
        env::var(name).with_context(|| {
            format!("{name} is not set: trunk calls this when it has built the page. Use `cargo xtask build`.")
        })
    };
    // A build for development is one module: client/src/later.rs.
    if said("TRUNK_PROFILE")? != "release" {
        return Ok(());
    }
    let staging = PathBuf::from(said("TRUNK_STAGING_DIR")?);
    let tools = setup::for_page()?;
    let parts = take_apart(&|program| tools.command(program))?;

    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    let hash = format!("{:016x}", hasher.finish());
    let parts = parts.into_iter().map(|(name, content)| {
        (name.replace(NO_HASH, &hash), replace(content, NO_HASH.as_bytes(), hash.as_bytes()))
    });
    put(&staging, &parts.collect::<Vec<_>>(), &hash)?;
    page::compress(&staging)
}

/// The files that the module becomes, by name.
fn take_apart(command: &dyn Fn(&str) -> Command) -> Result<Vec<(String, Vec<u8>)>> {
    let target = workspace::target()?;
    let whole = target.join("wasm32-unknown-unknown/page/wsbench-page.wasm");
    let whole = fs::read(&whole).with_context(|| format!("Cannot read {}", whole.display()))?;
    let folder = target.join("xtask/split");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;

    let first = format!("{WHOLE}{NO_HASH}");
    let main = folder.join("main.wasm");
    let (script, link) = (format!("./{first}.js"), format!("./{PARTS}-{NO_HASH}.js"));
    let mut options = wasm_split_cli_support::Options::new(&whole);
    options.output_dir = &folder;
    options.main_out_path = &main;
    options.main_module = &script;
    options.link_name = &link;
    let later = wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow!("The page's module could not be taken apart: {error:#}"))?
        .split_modules;
    process::run(
        command("wasm-bindgen")
            .args([
                "--target",
                "web",
                "--no-typescript",
                "--keep-lld-exports",
                "--out-name",
                &first,
            ])
            .arg("--out-dir")
            .args([&folder, &main]),
    )?;

    let mut linking = fs::read_to_string(folder.join(&link))?;
    let mut modules = vec![(format!("{first}_bg.wasm"), folder.join(format!("{first}_bg.wasm")))];
    for path in later {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let stem = file.trim_start_matches("split_").trim_end_matches(".wasm");
        let name = format!("{stem}-{NO_HASH}.wasm");
        linking = linking.replace(&format!("./{file}"), &format!("./{name}"));
        modules.push((name, path));
    }
    let mut parts = vec![
        (format!("{first}.js"), fs::read(folder.join(format!("{first}.js")))?),
        (format!("{PARTS}-{NO_HASH}.js"), linking.into_bytes()),
    ];
    for (name, path) in modules {
        process::run(command("wasm-opt").arg("-Oz").arg(&path).arg("-o").arg(&path))?;
        parts.push((name, fs::read(path)?));
    }
    Ok(parts)
}

/// Puts the parts where the whole was, and has the document name them: what fetches the others is
/// asked for with the first, and the others when the browser has nothing else to do.
fn put(staging: &Path, parts: &[(String, Vec<u8>)], hash: &str) -> Result<()> {
    let index = staging.join("index.html");
    let document =
        fs::read_to_string(&index).with_context(|| format!("Cannot read {}", index.display()))?;
    let (base, old) = named(&document)
        .with_context(|| format!("{} names no script of the page", index.display()))?;
    let links = parts.iter().filter(|(name, _)| !name.starts_with(WHOLE)).map(|(name, _)| {
        let (how, kind) = if name.starts_with(PARTS) {
            ("modulepreload", "")
        } else {
            ("prefetch", " as=\"fetch\"")
        };
        format!("<link rel=\"{how}\" href=\"{base}{name}\" crossorigin=\"anonymous\"{kind}>")
    });
    let links = links.collect::<String>() + "</head>";
    let document = document.replace(old, hash).replacen("</head>", &links, 1);
    for file in ["{}.js", "{}_bg.wasm"] {
        fs::remove_file(staging.join(file.replace("{}", &format!("{WHOLE}{old}"))))?;
    }
    for (name, content) in parts {
        fs::write(staging.join(name), content)?;
    }
    Ok(fs::write(index, document)?)
}

/// The folder of the page's script in URLs, and the hash in its name.
fn named(document: &str) -> Option<(&str, &str)> {
    let (before, rest) = document.split_once(WHOLE)?;
    let (_, base) = before.rsplit_once(['"', '\''])?;
    Some((base, rest.get(..NO_HASH.len())?))
}

fn replace(mut content: Vec<u8>, what: &[u8], with: &[u8]) -> Vec<u8> {
    let mut from = 0;
    while let Some(at) = content[from..].windows(what.len()).position(|bytes| bytes == what) {
        content[from + at..from + at + with.len()].copy_from_slice(with);
        from += at + with.len();
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_its_script() {
        let document = "<script>import init from '/on/wsbench-page-0123456789abcdef.js';</script>";
        assert_eq!(named(document), Some(("/on/", "0123456789abcdef")));
        assert_eq!(named("<p>"), None);
    }

    #[test]
    fn each_place_gets_the_hash() {
        assert_eq!(replace(b"a00b00".to_vec(), b"00", b"12"), b"a12b12");
    }
}
