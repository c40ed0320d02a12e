//! Workspace file: saved messages, connections and environments, readable and diff-friendly
//! (`docs/workspace-file.md`).

mod connection;
mod file;
mod merge;
mod read;

use std::fmt;

use thiserror::Error;

use self::file::File;
pub use self::merge::Merged;
use crate::{
    compose::{Environments, ItemError, Saved},
    connect::SavedConnections,
    payload::JsonError,
};

/// Written version. Older ones can be read.
pub const VERSION: u64 = 1;
/// Bytes of a file, at most. A line of text takes up to 16 bytes around it, so that this is what the
/// bounds of [`Saved`] and [`Environments`] come to when a message is nothing but line breaks.
pub const MAX_FILE_BYTES: usize = 40 << 20;

/// Value of `format`, by which a file is recognised.
const FORMAT: &str = "wsbench-workspace";

/// Saved messages, connections and environments, as a shareable file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workspace {
    /// Saved messages.
    pub saved: Saved,
    /// Saved connections.
    pub connections: SavedConnections,
    /// Environments. The active one is not written: it is personal.
    pub environments: Environments,
}

/// Invalid workspace file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WorkspaceError {
    /// Changed or removed since it was chosen.
    #[error("The file was changed or removed after it was chosen. Choose it again.")]
    Unread,
    /// It is larger than [`MAX_FILE_BYTES`].
    #[error("The file is larger than {} MiB, the limit of a workspace.", MAX_FILE_BYTES >> 20)]
    TooLarge,
    /// It is not JSON.
    #[error("The file is not JSON: {0}.")]
    Json(JsonError),
    /// JSON Lines or HAR.
    #[error("This is a list of messages. Choose “Import JSON Lines or HAR…”.")]
    MessageList,
    /// JSON with another `format`.
    #[error("The file is not a workspace: it needs \"format\": \"{FORMAT}\".")]
    Format,
    /// Later version.
    #[error("The file has version {0}; this program reads up to {VERSION}. Update it.")]
    Newer(u64),
    /// Missing field, or field of the wrong type.
    #[error("Invalid file at line {line}, column {column}: {problem}.")]
    Field {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted in bytes from 1.
        column: usize,
        /// Error in serde's words.
        problem: String,
    },
    /// Invalid message, folder, connection or environment.
    #[error("Invalid file at {path}: {error}")]
    Item {
        /// Path such as `folders[0].messages[2]`, counted from 0.
        path: String,
        /// Error of the item.
        error: ItemError,
    },
}

/// The file.
impl fmt::Display for Workspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string_pretty(&File::new(self)).map_err(|_| fmt::Error)?;
        writeln!(f, "{text}")
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::{file::MAX_ENTRIES, *};
    use crate::{
        compose::{
            Draft, Environment, Folder, Form, ItemKind, MAX_NAME_CHARACTERS, MAX_VARIABLES, TOP,
        },
        connect::{MAX_SUBPROTOCOLS, Target},
        fixtures::pairs,
        relay::{MAX_HEADERS, RelayOptions},
    };

    /// An empty line, with its indentation, quotes and comma.
    const LINE_BYTES: usize = 16;
    /// `\u0001`
    const ESCAPE_BYTES: usize = 6;

    fn owned((name, value): (&str, &str)) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    fn example() -> Workspace {
        let mut workspace = Workspace::default();
        let saved = &mut workspace.saved;
        saved.add(TOP, "Ping", Draft::new(Form::Text, "ping {{seq}}")).unwrap();
        let join = "{\n  \"join\": \"{{room}}\",\n  \"id\": \"{{uuid}}\"\n}";
        saved.add("Chat", "Join", Draft::new(Form::Json, join)).unwrap();
        saved.add("Chat", "Key", Draft::new(Form::Hex, "00 ff")).unwrap();
        let headers =
            [("Authorization", "Bearer {{token}}"), ("Origin", "https://app.example.org")];
        let options = RelayOptions {
            headers: headers.map(owned).into(),
            proxy: "http://proxy.example.org:3128".to_owned(),
            follows_redirects: true,
            ..RelayOptions::default()
        };
        let orders = Target {
            url: "wss://{{host}}/orders".to_owned(),
            subprotocols: vec!["orders.v1".to_owned()],
            relay: Some(Box::new(options)),
        };
        workspace.connections.add("Orders", orders).unwrap();
        let variables = [("room", "lobby"), ("host", "localhost:8080")].map(owned);
        let local = Environment::new("Local", variables.to_vec()).unwrap();
        workspace.environments.add(local).unwrap();
        workspace
    }

    #[test]
    fn output_matches_the_documentation() {
        let document = include_str!("../../../../docs/workspace-file.md");
        let (_, rest) = document.split_once("```json\n").unwrap();
        let (file, _) = rest.split_once("```").unwrap();
        assert_eq!(example().to_string(), file);
        assert_eq!(Workspace::read(file), Ok(example()));
    }

    #[test]
    fn unknown_and_missing_fields_are_accepted() {
        // Also those that are deeper than serde_json reads.
        let (open, close) = ("[".repeat(200), "]".repeat(200));
        let file = format!(
            r#"{{"version":1,"new":{open}{close},"format":"wsbench-workspace",
            "messages":[{{"name":"a","text":["b","c\r"],"new":1}}],
            "folders":[{{"name":"F"}}],"environments":[{{"name":"E"}}],
            "connections":[{{"name":"C","address":"ws://a"}},
                {{"name":"R","address":"ws://a","relay":{{"new":"1","compression":"off","redirects":"no"}}}}]}}"#
        );
        let workspace = Workspace::read(&format!("\u{feff}{file}")).unwrap();
        assert_eq!(workspace.saved.draft(TOP, "a"), Some(&Draft::new(Form::Text, "b\nc\r")));
        assert_eq!(workspace.saved.folders()[1].name(), "F");
        assert_eq!(workspace.environments.list()[0].variables(), []);
        let relay = |name| workspace.connections.target(name).and_then(|it| it.relay.clone());
        let options = RelayOptions { is_uncompressed: true, ..RelayOptions::default() };
        assert_eq!((relay("C"), relay("R")), (None, Some(Box::new(options))));
    }

    fn sentence(text: &str) -> String {
        Workspace::read(text).map_or_else(|error| error.to_string(), |it| format!("{it:?}"))
    }

    #[test]
    fn other_files_are_refused_with_a_reason() {
        expect!["The file is not JSON: line 2, column 1: expected a value, but the text ends."]
            .assert_eq(&sentence("[1,\n"));
        for text in ["[]", "1", r#"{"version":1}"#, r#"{"format":"x","version":9}"#] {
            assert_eq!(Workspace::read(text), Err(WorkspaceError::Format), "{text}");
        }
        expect!["The file has version 2; this program reads up to 1. Update it."]
            .assert_eq(&sentence(r#"{"format":"wsbench-workspace","version":2,"messages":7}"#));
        for list in ["{\"time\":\"a\"}\n{\"time\"", "{ \"log\": {}}"] {
            assert_eq!(Workspace::read(list), Err(WorkspaceError::MessageList), "{list}");
        }
        let large = " ".repeat(MAX_FILE_BYTES + 1);
        assert_eq!(Workspace::read(&large), Err(WorkspaceError::TooLarge));
        // One byte less is looked at, and goes wrong at its start.
        let read = Workspace::read(&format!("x{}", &large[2..]));
        assert!(matches!(read, Err(WorkspaceError::Json(_))));
    }

    #[test]
    fn errors_name_their_path() {
        let wrongs = [
            r#""messages":[{"name":"a"}]"#,
            r#""messages":[{"name":"a","text":1}]"#,
            r#""messages":[{"name":"a","text":"","form":"xml"}]"#,
            r#""folders":[{"name":"F","messages":[{"name":"a","text":""},{"name":"a","text":""}]}]"#,
            r#""folders":[{"name":""}]"#,
            r#""connections":[{"name":"C","address":"ws://a","headers":["a"]}]"#,
            r#""connections":[{"name":"C","address":""},{"name":"C","address":""}]"#,
            r#""environments":[{"name":"E","variables":["a"]}]"#,
            r#""environments":[{"name":"E","variables":{"a":"","a":""}}]"#,
        ];
        let file = |rest| format!("{{\"format\":\"wsbench-workspace\",\"version\":1,\n{rest}}}");
        let sentences = wrongs.map(|wrong| sentence(&file(wrong)));
        expect![["
            Invalid file at line 2, column 24: missing field 'text'.
            Invalid file at line 2, column 32: expected a string or a list of lines, found integer '1'.
            Invalid file at line 2, column 46: expected one of 'text', 'json', 'hex', 'base64', found 'xml'.
            Invalid file at folders[0].messages[1]: Message a already exists. Choose another name.
            Invalid file at folders[0]: Enter a name.
            Invalid file at line 2, column 56: expected an object of strings, found sequence.
            Invalid file at connections[1]: Connection C already exists. Choose another name.
            Invalid file at line 2, column 40: expected an object of strings, found sequence.
            Invalid file at environments[0]: Variable 2: Variable a already exists. Choose another name."]]
        .assert_eq(&sentences.join("\n"));
    }

    #[test]
    fn entries_that_cannot_be_read_are_left_out_alone() {
        let many = "7,".repeat(MAX_ENTRIES + 1);
        let file = format!(
            r#"{{"format":"wsbench-workspace","version":1,
            "messages":[{{"name":"a","text":"1"}},{{"name":7,"text":""}},{{"name":"b","text":"2"}}],
            "folders":[{{"name":"F","messages":[{{"name":"a","text":"3"}},{{"name":"a","text":""}}]}},5],
            "environments":[{many}{{"name":"E"}}]}}"#
        );
        let (workspace, unreadable) = Workspace::read_entries(&file).unwrap();
        let text = |folder, name| workspace.saved.draft(folder, name).map(|it| it.text.as_str());
        assert_eq!(
            [text(TOP, "a"), text(TOP, "b"), text("F", "a")],
            [Some("1"), Some("2"), Some("3")]
        );
        assert_eq!(unreadable.count, 3 + MAX_ENTRIES as u64 + 2);
        let sentences: Vec<_> = unreadable.first.iter().map(ToString::to_string).collect();
        expect![["
            Invalid file at line 2, column 57: expected a string, found integer '7'.
            Invalid file at folders[0].messages[1]: Message a already exists. Choose another name.
            Invalid file at line 3, column 97: expected a folder, found integer '5'."]]
        .assert_eq(&sentences.join("\n"));
    }

    #[test]
    fn a_variable_with_the_name_of_a_built_in_one_is_left_out_alone() {
        let file = r#"{"format":"wsbench-workspace","version":1,
            "environments":[{"name":"E","variables":{"host":"a","now":"x"}}]}"#;
        let (workspace, unreadable) = Workspace::read_entries(file).unwrap();
        assert_eq!(workspace.environments.list()[0].variables(), pairs([("host", "a")]));
        assert_eq!(
            (unreadable.count, unreadable.first[0].to_string().as_str()),
            (
                1,
                "Invalid file at environments[0]: Variable 2: now is a built-in variable. Choose another name."
            )
        );
    }

    #[test]
    fn the_largest_workspace_fits_into_a_file() {
        let written = |text: &str| {
            let mut workspace = Workspace::default();
            workspace.saved.add("F", "a", Draft::new(Form::Text, text)).unwrap();
            workspace.to_string().len()
        };
        // The two texts that take most: line breaks, and characters that must be escaped.
        let (lines, escapes) = ("\n".repeat(1_000), "\u{1}".repeat(1_000));
        assert!(written(&lines) - written("\n") <= 1_000 * LINE_BYTES);
        assert!(written(&escapes) - written("") <= 1_000 * ESCAPE_BYTES);
        // An item takes its name, and what stands around it.
        let [messages, folders, environments, connections] =
            [ItemKind::Message, ItemKind::Folder, ItemKind::Environment, ItemKind::Connection];
        let items = (messages.max() + folders.max() + environments.max() + connections.max())
            * (4 * MAX_NAME_CHARACTERS * 2 + 200)
            + environments.max() * MAX_VARIABLES * 20
            + connections.max() * (MAX_HEADERS + MAX_SUBPROTOCOLS + 10) * 30;
        let text = messages.max_bytes() * LINE_BYTES
            + (environments.max_bytes() + connections.max_bytes()) * ESCAPE_BYTES;
        assert!(items + text <= MAX_FILE_BYTES);
    }

    #[test]
    fn merging_keeps_conflicting_items() {
        let mut workspace = example();
        let mut other = example();
        let long = "x".repeat(MAX_NAME_CHARACTERS);
        for (it, text) in [(&mut workspace, "1"), (&mut other, "2")] {
            it.saved.add("Chat", &long, Draft::new(Form::Text, text)).unwrap();
        }
        other.saved.replace(TOP, "Ping", Draft::new(Form::Text, "other")).unwrap();
        let empty = Environment::new("Local", Vec::new()).unwrap();
        other.environments.replace("Local", empty).unwrap();
        other.connections.save("Orders", Target::default()).unwrap();
        let merged = Merged { messages: 2, connections: 1, environments: 1 };
        assert_eq!(workspace.merge(&other), Ok(merged));
        let text = |folder, name: &str| workspace.saved.draft(folder, name).unwrap().text.as_str();
        assert_eq!(text(TOP, "Ping"), "ping {{seq}}");
        assert_eq!(text(TOP, "Ping (2)"), "other");
        assert_eq!(text("Chat", &format!("{} (2)", &long[4..])), "2");
        let names: Vec<_> = workspace.environments.list().iter().map(Environment::name).collect();
        assert_eq!(names, ["Local", "Local (2)"]);
        let names: Vec<_> =
            workspace.connections.list().iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["Orders", "Orders (2)"]);
    }

    #[test]
    fn a_failed_merge_changes_nothing() {
        let mut workspace = example();
        let mut full = Workspace::default();
        full.saved
            .add("F", "a", Draft::new(Form::Text, "x".repeat(ItemKind::Message.max_bytes())))
            .unwrap();
        let error =
            WorkspaceError::Item { path: "F".into(), error: ItemError::Full(ItemKind::Message) };
        assert_eq!(workspace.merge(&full), Err(error));
        assert_eq!(workspace, example());
    }

    fn any_target() -> impl Strategy<Value = Target> {
        let options = (
            prop::collection::vec(("[A-Z]{1,2}", any::<String>()), 0..3),
            any::<[String; 4]>(),
            any::<[bool; 2]>(),
        );
        let relay = options.prop_map(|(headers, texts, [follows_redirects, is_uncompressed])| {
            let [proxy, address, certificate, authorities] = texts;
            Box::new(RelayOptions {
                headers,
                certificate,
                authorities,
                proxy,
                address,
                is_uncompressed,
                follows_redirects,
                ..RelayOptions::default()
            })
        });
        let subprotocols = prop::collection::vec(any::<String>(), 0..3);
        let target = (any::<String>(), subprotocols, prop::option::of(relay));
        target.prop_map(|(url, subprotocols, relay)| Target { url, subprotocols, relay })
    }

    fn any_workspace() -> impl Strategy<Value = Workspace> {
        let text = || prop_oneof![any::<String>(), "[a-c\r\n]{0,8}"];
        let message = ("[FG]?", "[a-z가]{1,3}", prop::sample::select(Form::ALL.to_vec()), text());
        let variables = prop::collection::btree_map("[a-z]{5,9}", text(), 0..5);
        let environment = ("[a-z가]{1,3}", variables);
        let environments = prop::collection::vec(environment, 0..4);
        let connections = prop::collection::vec(("[a-z가]{1,3}", any_target()), 0..4);
        let all = (prop::collection::vec(message, 0..8), connections, environments);
        all.prop_map(|(messages, connections, environments)| {
            let mut workspace = Workspace::default();
            for (name, target) in connections {
                let _ = workspace.connections.add(&name, target);
            }
            // Those whose names are taken are left out.
            for (folder, name, form, text) in messages {
                let _ = workspace.saved.add(&folder, &name, Draft::new(form, text));
            }
            for (name, variables) in environments {
                let variables: Vec<_> = variables.into_iter().rev().collect();
                if let Ok(environment) = Environment::new(name, variables) {
                    let _ = workspace.environments.add(environment);
                }
            }
            workspace
        })
    }

    proptest! {
        #[test]
        fn output_parses_back(workspace in any_workspace()) {
            let file = workspace.to_string();
            prop_assert!(file.ends_with('\n'));
            prop_assert_eq!(Workspace::read(&file), Ok(workspace));
        }

        #[test]
        fn merging_loses_nothing(mut one in any_workspace(), other in any_workspace()) {
            let before = one.clone();
            one.merge(&other).unwrap();
            let texts = |workspace: &Workspace| {
                let folders = workspace.saved.folders().iter().flat_map(Folder::messages);
                folders.map(|message| message.draft.clone()).collect::<Vec<_>>()
            };
            let all = texts(&one);
            prop_assert!(texts(&before).iter().chain(&texts(&other)).all(|it| all.contains(it)));
            // What is there already does not come again.
            let whole = one.clone();
            prop_assert_eq!(one.merge(&before), Ok(Merged::default()));
            prop_assert_eq!(one, whole);
        }

        #[test]
        fn line_changes_diff_as_lines(
            lines in prop::collection::vec("[a-z \"]{0,5}", 2..6), index: prop::sample::Index
        ) {
            let file = |lines: &[String]| {
                let mut workspace = Workspace::default();
                workspace.saved.add(TOP, "a", Draft::new(Form::Text, lines.join("\n"))).unwrap();
                workspace.to_string()
            };
            let mut changed = lines.clone();
            changed[index.index(lines.len())] += "!";
            let (before, after) = (file(&lines), file(&changed));
            prop_assert_eq!(before.lines().count(), after.lines().count());
            prop_assert_eq!(before.lines().zip(after.lines()).filter(|(a, b)| a != b).count(), 1);
        }

        #[test]
        fn arbitrary_text_does_not_panic(cut in any::<prop::sample::Index>(), with in "[\\[\\]{}\",:0a]{0,3}") {
            let file = example().to_string();
            let at = cut.index(file.len());
            let _ = Workspace::read(&format!("{}{with}{}", &file[..at], &file[at..]));
            let _ = Workspace::read(&format!("{}{with}", &file[..at]));
        }
    }
}
