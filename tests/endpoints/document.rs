//! `docs/endpoints.md`: its tables are written from `/endpoints.json` and from what was measured.

use std::{
    fmt::Write,
    fs,
    sync::{Mutex, MutexGuard, PoisonError},
};

use harness::Server;
use serde_json::Value;

use crate::list;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/endpoints.md");

/// One test at a time reads the file and writes it.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The file before, in and after the part of this name.
fn parts<'a>(text: &'a str, name: &str) -> (&'a str, &'a str, &'a str) {
    let (begin, end) = (format!("<!-- begin {name} -->\n\n"), format!("\n<!-- end {name} -->"));
    let from = text.find(&begin).expect("the part begins") + begin.len();
    let to = text.find(&end).expect("the part ends");
    (&text[..from], &text[from..to], &text[to..])
}

/// The part of this name, as it is recorded.
pub(crate) fn part(name: &str) -> String {
    let _alone = alone();
    let text = fs::read_to_string(FILE).expect("the document is there");
    parts(&text, name).1.to_owned()
}

/// Fails unless the part of this name is `expected`; writes it where `UPDATE_EXPECT` is set.
pub(crate) fn is_recorded(name: &str, expected: &str) {
    let _alone = alone();
    let text = fs::read_to_string(FILE).expect("the document is there");
    let (before, recorded, after) = parts(&text, name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(FILE, [before, expected, after].concat()).expect("the document can be written");
        return;
    }
    assert_eq!(
        recorded, expected,
        "docs/endpoints.md is out of date: `cargo xtask document` writes it"
    );
}

/// Escapes a text for a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn endpoint(endpoint: &Value, text: &mut String) {
    let field = |name: &str| endpoint[name].as_str().unwrap();
    let dangerous = if endpoint["dangerous"] == true { " Off with `--no-faults`." } else { "" };
    let details = Some(field("details")).filter(|it| !it.is_empty());
    let details = details.map_or_else(String::new, |it| format!(" {it}."));
    writeln!(text, "\n### {}\n\n{}.{details}{dangerous}", field("path"), field("summary")).unwrap();
    let options = endpoint["options"].as_array().unwrap();
    if options.is_empty() {
        return;
    }
    text.push_str("\n| option | description | values | default |\n| --- | --- | --- | --- |\n");
    for option in options {
        let field = |name: &str| cell(option[name].as_str().unwrap());
        let default = match option["default"].as_str() {
            None => String::new(),
            Some("") => "empty".to_owned(),
            Some(default) => format!("`{}`", cell(default)),
        };
        let row = [format!("`{}`", field("name")), field("summary"), field("allowed"), default];
        writeln!(text, "| {} |", row.join(" | ")).unwrap();
    }
}

/// The faults differ in what they do and hardly in their options: a row each.
fn faults(endpoints: &[&Value], text: &mut String) {
    text.push_str(
        "\nOff with `--no-faults`. Faults in frames (not in the handshake) take the option `after` as \
         `/close` does: messages or time before the fault. Until then, and after a fault that does not end the \
         connection, they echo.\n\n| path | violation |\n| --- | --- |\n",
    );
    for endpoint in endpoints {
        let field = |name: &str| cell(endpoint[name].as_str().unwrap());
        let (violation, details) = (field("summary"), field("details"));
        writeln!(text, "| `{}` | {violation} ({details}) |", field("path")).unwrap();
    }
}

#[tokio::test]
async fn the_document_lists_what_the_server_lists() {
    let server = Server::start().await;
    let list = list(&server).await;
    let endpoints = list["endpoints"].as_array().unwrap();
    let mut groups = Vec::<(&str, Vec<&Value>)>::new();
    for endpoint in endpoints {
        let name = endpoint["group"].as_str().unwrap();
        match groups.iter_mut().find(|(group, _)| *group == name) {
            Some((_, members)) => members.push(endpoint),
            None => groups.push((name, vec![endpoint])),
        }
    }
    let mut text = String::new();
    for (group, members) in groups {
        writeln!(text, "{}## {group}", if text.is_empty() { "" } else { "\n" }).unwrap();
        if group == "Faults" {
            faults(&members, &mut text);
        } else {
            for member in members {
                endpoint(member, &mut text);
            }
        }
    }
    is_recorded("endpoints", &text);
}
