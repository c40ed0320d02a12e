//! Names that belong to some folders only: those of the operating system and of the browser.

use quote::ToTokens;

use super::{
    packages::PURE,
    paths::{Mention, mentions},
    source::Source,
};

/// Clocks, sockets, timers, files, threads and the screen. Pure packages take their values from the
/// caller, and so can be tested without waiting.
const IMPURE_NAMES: [&str; 11] = [
    "Instant", "SystemTime", "std::net", "std::fs", "std::io", "std::env", "std::thread",
    "std::process", "println!", "print!", "dbg!",
];

/// Crates of the browser's API, by their whole names.
const BROWSER_CRATES: [&str; 3] = ["idb", "js_sys", "web_sys"];
/// Families of such crates, by the beginnings of their names.
const BROWSER_FAMILIES: [&str; 2] = ["gloo_", "wasm_bindgen"];

/// Folder of the client that wraps the browser's API.
const BROWSER: &str = "src/browser";

/// Refuses clocks, sockets and the like in pure packages. One breach a name and file, however often
/// it stands there.
pub(super) fn pure(sources: &[Source]) -> Vec<String> {
    let is_pure = |source: &&Source| PURE.iter().any(|package| source.is_in(package, "src"));
    let breaches = sources.iter().filter(is_pure).flat_map(|source| {
        let mentions = mentions(source.syntax.to_token_stream());
        let named = IMPURE_NAMES.iter().filter(move |name| mentions.iter().any(|it| is(it, name)));
        named.map(|name| {
            format!("{} names {name}: the package is pure; pass it in", source.path.display())
        })
    });
    breaches.collect()
}

/// Refuses the browser's crates in the client outside [`BROWSER`]. One breach a file: the first
/// name found.
pub(super) fn browser(sources: &[Source]) -> Vec<String> {
    let is_outside =
        |source: &&Source| source.is_in("client", "src") && !source.is_in("client", BROWSER);
    let breaches = sources.iter().filter(is_outside).filter_map(|source| {
        let mentions = mentions(source.syntax.to_token_stream());
        let named = mentions.iter().filter(|it| !it.is_member).map(|it| &*it.segments[0]);
        let name = named.into_iter().find(|name| is_of_browser(name))?;
        Some(format!("{} names {name}: only client/{BROWSER} does", source.path.display()))
    });
    breaches.collect()
}

/// True for a crate of [`BROWSER_CRATES`], and for any of a family, such as `gloo_net`.
fn is_of_browser(name: &str) -> bool {
    BROWSER_CRATES.contains(&name) || BROWSER_FAMILIES.iter().any(|family| name.starts_with(family))
}

/// True if the path contains `name`: a segment, several joined by `::`, or a macro with its `!`.
fn is(mention: &Mention, name: &str) -> bool {
    let (path, is_macro) = name.strip_suffix('!').map_or((name, false), |path| (path, true));
    let wanted: Vec<_> = path.split("::").collect();
    let contains = mention.segments.windows(wanted.len()).any(|window| window == wanted);
    contains && (!is_macro || mention.next == Some('!'))
}

#[cfg(test)]
mod tests {
    use super::{super::source::made_up, *};

    fn impure(path: &str, code: &str) -> usize {
        pure(&made_up(&[(path, code)])).len()
    }

    fn of_browser(path: &str, code: &str) -> usize {
        browser(&made_up(&[(path, code)])).len()
    }

    #[test]
    fn a_pure_package_names_nothing_impure() {
        for code in [
            "use std::time::Instant;",
            "use std::{fmt, net::TcpStream};",
            "fn a() { std::fs::read(b); }",
            "fn a() { println!(\"a\"); }",
        ] {
            assert_eq!(impure("workbench/src/log/a.rs", code), 1, "{code}");
            assert_eq!(impure("session/src/a.rs", code), 1, "{code}");
            assert_eq!(impure("protocol/src/a.rs", code), 1, "{code}");
            assert_eq!(impure("server/src/a.rs", code), 0, "{code}");
            assert_eq!(impure("workbench/tests/a.rs", code), 0, "{code}");
        }
    }

    #[test]
    fn a_comment_or_a_text_is_no_name() {
        assert_eq!(impure("workbench/src/a.rs", "// Instant\nfn a() { b(\"std::fs\"); }"), 0);
        assert_eq!(impure("workbench/src/a.rs", "/// An Instant.\nfn println() {}"), 0);
    }

    #[test]
    fn only_the_browsers_folder_names_its_crates() {
        for code in [
            "use web_sys::Window;",
            "fn a() { js_sys::Date::now(); }",
            "use gloo_timers::future::sleep;",
            "use wasm_bindgen_futures::JsFuture;",
            "#[wasm_bindgen]\nfn a() {}",
            "fn a() { view! { <b c=idb::D /> } }",
        ] {
            assert_eq!(of_browser("client/src/messages/a.rs", code), 1, "{code}");
            assert_eq!(of_browser("client/src/browser/a.rs", code), 0, "{code}");
            assert_eq!(of_browser("client/src/browser/storage/a.rs", code), 0, "{code}");
            assert_eq!(of_browser("client/tests/a.rs", code), 0, "{code}");
        }
        assert_eq!(of_browser("client/src/messages/a.rs", "fn a() { b.idb(); }"), 0);
    }
}
