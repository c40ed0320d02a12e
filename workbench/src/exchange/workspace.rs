//! Workspace file: saved messages, connections and environments, readable and diff-friendly
//! (`docs/workspace-file.md`).

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use thiserror::Error;

use super::{
    connection_fields::{ConnectionFields, Texts},
    unreadable::{EXPLAINED, Unreadable},
};

use crate::compose::{
    Draft, Environment, EnvironmentError, Environments, Folder, Form, NAME_CHARACTERS, Saved,
    SavedError, SavedMessage, TOP,
};
use crate::{
    connect::{ConnectionError, SavedConnection, SavedConnections},
    payload::{JsonError, LineColumn, json},
};

/// Written version. Older ones can be read.
pub const VERSION: u64 = 1;
/// Bytes of a file, at most. A line of text takes up to 16 bytes around it, so that this is what the
/// bounds of [`Saved`] and [`Environments`] come to when a message is nothing but line breaks.
pub const FILE_BYTES: usize = 40 << 20;

/// Value of `format`, by which a file is recognised.
const FORMAT: &str = "wsbench-workspace";

/// Entries of a list that are read, at most: more than fit, of which many may be unreadable.
const ENTRIES: usize = 10_000;

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
    /// It is larger than [`FILE_BYTES`].
    #[error("The file is larger than {} MiB, the limit of a workspace.", FILE_BYTES >> 20)]
    TooLarge,
    /// It is not JSON.
    #[error("The file is not JSON: {0}.")]
    Json(JsonError),
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
    /// Invalid message or folder.
    #[error("Invalid file at {path}: {error}")]
    Saved {
        /// Path such as `folders[0].messages[2]`, counted from 0.
        path: String,
        /// Error of the saved message or folder.
        error: SavedError,
    },
    /// Invalid connection.
    #[error("Invalid file at {path}: {error}")]
    Connection {
        /// Path such as `connections[0]`, counted from 0.
        path: String,
        /// Error of the connection.
        error: ConnectionError,
    },
    /// Invalid environment.
    #[error("Invalid file at {path}: {error}")]
    Environment {
        /// Path such as `environments[0]`, counted from 0.
        path: String,
        /// Error of the environment.
        error: EnvironmentError,
    },
}

/// The start of every version.
#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow, default)]
    format: Cow<'a, str>,
    version: u64,
}

/// Whole file, to write.
#[derive(Serialize)]
struct File<'a> {
    format: &'static str,
    version: u64,
    messages: Vec<MessageFields<'a>>,
    folders: Vec<FolderFields<'a>>,
    connections: Vec<ConnectionFields<'a>>,
    environments: Vec<EnvironmentFields<'a>>,
}

/// Folder, to write.
#[derive(Serialize)]
struct FolderFields<'a> {
    name: Cow<'a, str>,
    messages: Vec<MessageFields<'a>>,
}

/// File whose entries are text until each is parsed.
#[derive(Deserialize)]
struct UnreadFile<'a> {
    #[serde(borrow, default)]
    messages: Entries<'a>,
    #[serde(borrow, default)]
    folders: Entries<'a>,
    #[serde(borrow, default)]
    connections: Entries<'a>,
    #[serde(borrow, default)]
    environments: Entries<'a>,
}

/// Folder with messages that are not parsed yet.
#[derive(Deserialize)]
#[serde(expecting = "a folder")]
struct UnreadFolder<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    messages: Entries<'a>,
}

/// First entries of a list, and the number of the others.
#[derive(Default)]
struct Entries<'a> {
    /// Entries within the bound, unparsed.
    first: Vec<&'a RawValue>,
    /// Number of entries beyond it.
    others: u64,
}

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut entries = Entries::default();
                while entries.first.len() < ENTRIES
                    && let Some(entry) = list.next_element()?
                {
                    entries.first.push(entry);
                }
                while list.next_element::<IgnoredAny>()?.is_some() {
                    entries.others += 1;
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_seq(List)
    }
}

/// Saved message.
#[derive(Serialize, Deserialize)]
#[serde(expecting = "a message")]
struct MessageFields<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(default)]
    form: Form,
    /// Text, a JSON string a line, so that a difference of two files is readable.
    text: Lines<'a>,
}

/// Text: a single line as a string, several as a list, so that line changes diff as lines.
struct Lines<'a>(Cow<'a, str>);

impl Serialize for Lines<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.contains('\n') {
            serializer.collect_seq(self.0.split('\n'))
        } else {
            serializer.serialize_str(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Lines<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Joined;
        impl<'de> Visitor<'de> for Joined {
            type Value = String;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of lines")
            }

            fn visit_str<E>(self, line: &str) -> Result<String, E> {
                Ok(line.to_owned())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<String, A::Error> {
                let mut text: String = lines.next_element()?.unwrap_or_default();
                while let Some(line) = lines.next_element::<Cow<'_, str>>()? {
                    text.push('\n');
                    text.push_str(&line);
                }
                Ok(text)
            }
        }
        deserializer.deserialize_any(Joined).map(|text| Self(text.into()))
    }
}

/// Environment with its variables.
#[derive(Serialize, Deserialize)]
#[serde(expecting = "an environment")]
struct EnvironmentFields<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(default)]
    variables: Texts,
}

/// The file.
impl fmt::Display for Workspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut folders = self.saved.folders().iter().map(|folder| FolderFields {
            name: folder.name().into(),
            messages: folder
                .messages()
                .iter()
                .map(|message| MessageFields {
                    name: message.name.as_str().into(),
                    form: message.draft.form,
                    text: Lines(message.draft.text.as_str().into()),
                })
                .collect(),
        });
        let environments = self.environments.list().iter().map(|environment| EnvironmentFields {
            name: environment.name().into(),
            variables: Texts(environment.variables().to_vec()),
        });
        let file = File {
            format: FORMAT,
            version: VERSION,
            // The top level comes first.
            messages: folders.next().map_or_else(Vec::new, |top| top.messages),
            folders: folders.collect(),
            connections: self.connections.list().iter().map(ConnectionFields::new).collect(),
            environments: environments.collect(),
        };
        let text = serde_json::to_string_pretty(&file).map_err(|_| fmt::Error)?;
        writeln!(f, "{text}")
    }
}

impl Workspace {
    /// Parses a file. Unknown fields are ignored.
    ///
    /// # Errors
    ///
    /// The first error and its position.
    pub fn read(text: &str) -> Result<Self, WorkspaceError> {
        let (workspace, unreadable) = Self::read_entries(text)?;
        unreadable.first.into_iter().next().map_or(Ok(workspace), Err)
    }

    /// Parses the messages, folders, connections and environments of a file that can be read, and counts the
    /// others.
    ///
    /// # Errors
    ///
    /// If the file as a whole cannot be read.
    pub fn read_entries(text: &str) -> Result<(Self, Unreadable<WorkspaceError>), WorkspaceError> {
        if text.len() > FILE_BYTES {
            return Err(WorkspaceError::TooLarge);
        }
        // Windows editors add a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        json::check(text).map_err(WorkspaceError::Json)?;
        if !text.trim_start().starts_with('{') {
            return Err(WorkspaceError::Format);
        }
        let header: Header<'_> = parsed(text)?;
        if header.format != FORMAT {
            return Err(WorkspaceError::Format);
        }
        if header.version > VERSION {
            return Err(WorkspaceError::Newer(header.version));
        }
        let file: UnreadFile<'_> = parsed(text)?;
        let mut reading =
            Reading { text, workspace: Self::default(), unreadable: Unreadable::default() };
        reading.file(file);
        Ok((reading.workspace, reading.unreadable))
    }

    /// Merges another workspace. Existing items stay; a different item of the same name gets a
    /// number.
    ///
    /// # Errors
    ///
    /// If a limit is exceeded. Nothing is added then. `path` names the item that did not fit.
    pub fn merge(&mut self, other: &Self) -> Result<Merged, WorkspaceError> {
        let (mut whole, mut merged) = (self.clone(), Merged::default());
        for folder in other.saved.folders() {
            let wrong = |error| WorkspaceError::Saved { path: folder.name().to_owned(), error };
            let has = |folders: &[Folder]| folders.iter().any(|it| it.name() == folder.name());
            if !has(whole.saved.folders()) {
                whole.saved.add_folder(folder.name()).map_err(wrong)?;
            }
            for SavedMessage { name, draft } in folder.messages() {
                let there = |name: &str| whole.saved.draft(folder.name(), name);
                if let Some(name) = free_name(name, draft, there) {
                    whole.saved.add(folder.name(), &name, draft.clone()).map_err(wrong)?;
                    merged.messages += 1;
                }
            }
        }
        for SavedConnection { name, target } in other.connections.list() {
            let there = |name: &str| whole.connections.target(name);
            if let Some(name) = free_name(name, target, there) {
                let added = whole.connections.add(&name, target.clone());
                added.map_err(|error| WorkspaceError::Connection { path: name, error })?;
                merged.connections += 1;
            }
        }
        for environment in other.environments.list() {
            let (name, variables) = (environment.name(), environment.variables().to_vec());
            let list = whole.environments.list();
            let there = |name: &str| list.iter().find(|it| it.name() == name);
            let Some(name) = free_name(name, &variables, |it| Some(there(it)?.variables())) else {
                continue;
            };
            Environment::new(name, variables)
                .and_then(|environment| whole.environments.add(environment))
                .map_err(|error| WorkspaceError::Environment {
                    path: environment.name().to_owned(),
                    error,
                })?;
            merged.environments += 1;
        }
        *self = whole;
        Ok(merged)
    }
}

/// Counts of merged items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Saved messages.
    pub messages: usize,
    /// Saved connections.
    pub connections: usize,
    /// Environments.
    pub environments: usize,
}

/// Free name for `thing`: its own, or numbered if another has it. `None` if `thing` already exists.
fn free_name<'a, T: PartialEq<U> + ?Sized + 'a, U>(
    name: &str,
    thing: &U,
    there: impl Fn(&str) -> Option<&'a T>,
) -> Option<String> {
    let mut free = name.to_owned();
    for number in 2_u32.. {
        match there(&free) {
            None => return Some(free),
            Some(same) if same == thing => return None,
            Some(_) => {
                let end = format!(" ({number})");
                let room = NAME_CHARACTERS - end.len();
                let start: String = name.chars().take(room).collect();
                free = start.trim_end().to_owned() + &end;
            }
        }
    }
    None
}

/// Parses a whole text, with places from its start.
fn parsed<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, WorkspaceError> {
    parsed_at(text, || LineColumn::START)
}

/// Parses a part of a file that starts at `start`.
fn parsed_at<'a, T: Deserialize<'a>>(
    text: &'a str,
    start: impl FnOnce() -> LineColumn,
) -> Result<T, WorkspaceError> {
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let place = format!(" at line {line} column {column}");
        let words = error.to_string();
        let problem = words.strip_suffix(&place).unwrap_or(&words).to_owned();
        let start = start();
        let column = if line == 1 { start.column - 1 + column } else { column };
        WorkspaceError::Field { line: start.line - 1 + line, column, problem }
    })
}

/// Workspace that is read from a file, entry by entry.
struct Reading<'a> {
    text: &'a str,
    /// Entries read so far.
    workspace: Workspace,
    /// Entries left out, with the first errors.
    unreadable: Unreadable<WorkspaceError>,
}

impl<'a> Reading<'a> {
    /// Reads the parts of a file, one entry after the other: an invalid one does not spoil the
    /// rest.
    fn file(&mut self, file: UnreadFile<'a>) {
        self.messages(TOP, file.messages, "");
        self.each(file.folders, |reading, index, folder: UnreadFolder<'_>| {
            let path = format!("folders[{index}]");
            let added = reading.workspace.saved.add_folder(&folder.name);
            added.map_err(|error| WorkspaceError::Saved { path: path.clone(), error })?;
            reading.messages(&folder.name, folder.messages, &(path + "."));
            Ok(())
        });
        self.each(file.connections, |reading, index, it: ConnectionFields<'_>| {
            let name = it.name.clone().into_owned();
            let added = reading.workspace.connections.add(&name, it.target());
            added.map_err(|error| WorkspaceError::Connection {
                path: format!("connections[{index}]"),
                error,
            })
        });
        self.each(file.environments, |reading, index, it: EnvironmentFields<'_>| {
            let environments = &mut reading.workspace.environments;
            let added = Environment::new(it.name, it.variables.0);
            added.and_then(|environment| environments.add(environment)).map_err(|error| {
                WorkspaceError::Environment { path: format!("environments[{index}]"), error }
            })
        });
    }

    /// Reads the messages of a folder; `path` leads to them in messages.
    fn messages(&mut self, folder: &str, messages: Entries<'a>, path: &str) {
        self.each(messages, |reading, index, message: MessageFields<'_>| {
            let MessageFields { name, form, text } = message;
            let added = reading.workspace.saved.add(folder, &name, Draft::new(form, text.0));
            added.map_err(|error| WorkspaceError::Saved {
                path: format!("{path}messages[{index}]"),
                error,
            })
        });
    }

    /// Parses and adds each entry of a list; those that fail are counted.
    fn each<T: Deserialize<'a>>(
        &mut self,
        entries: Entries<'a>,
        mut add: impl FnMut(&mut Self, usize, T) -> Result<(), WorkspaceError>,
    ) {
        for (index, entry) in entries.first.into_iter().enumerate() {
            let (text, entry) = (self.text, entry.get());
            // serde borrows from the text.
            let at = entry.as_ptr().addr().saturating_sub(text.as_ptr().addr());
            // The position takes the time of the text before, and is known to be wanted only then.
            let is_explained = self.unreadable.first.len() < EXPLAINED;
            let start = || {
                if is_explained { LineColumn::of_bytes(text, at) } else { LineColumn::START }
            };
            let added = parsed_at(entry, start).and_then(|entry| add(self, index, entry));
            if let Err(error) = added {
                self.unreadable.add(|| error);
            }
        }
        self.unreadable.count += entries.others;
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        compose::{ENVIRONMENTS, ENVIRONMENTS_BYTES, FOLDERS, SAVED, SAVED_BYTES, VARIABLES},
        connect::{CONNECTIONS, CONNECTIONS_BYTES, SUBPROTOCOLS, Target},
        relay::{HEADERS, RelayOptions},
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
        let document = include_str!("../../../docs/workspace-file.md");
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
        let large = " ".repeat(FILE_BYTES + 1);
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
            Invalid file at line 2, column 24: missing field `text`.
            Invalid file at line 2, column 32: invalid type: integer `1`, expected a string or a list of lines.
            Invalid file at line 2, column 46: unknown variant `xml`, expected one of `text`, `json`, `hex`, `base64`.
            Invalid file at folders[0].messages[1]: Message a already exists here. Choose another name, or replace it.
            Invalid file at folders[0]: Enter a name.
            Invalid file at line 2, column 56: invalid type: sequence, expected an object of strings.
            Invalid file at connections[1]: Connection C already exists. Choose another name.
            Invalid file at line 2, column 40: invalid type: sequence, expected an object of strings.
            Invalid file at environments[0]: Variable 2: Variable a already exists. Choose another name."]]
        .assert_eq(&sentences.join("\n"));
    }

    #[test]
    fn entries_that_cannot_be_read_are_left_out_alone() {
        let many = "7,".repeat(ENTRIES + 1);
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
        assert_eq!(unreadable.count, 3 + ENTRIES as u64 + 2);
        let sentences: Vec<_> = unreadable.first.iter().map(ToString::to_string).collect();
        expect![[r"
            Invalid file at line 2, column 57: invalid type: integer `7`, expected a string.
            Invalid file at folders[0].messages[1]: Message a already exists here. Choose another name, or replace it.
            Invalid file at line 3, column 97: invalid type: integer `5`, expected a folder."]]
        .assert_eq(&sentences.join("\n"));
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
        let items = (SAVED + FOLDERS + ENVIRONMENTS + CONNECTIONS)
            * (4 * NAME_CHARACTERS * 2 + 200)
            + ENVIRONMENTS * VARIABLES * 20
            + CONNECTIONS * (HEADERS + SUBPROTOCOLS + 10) * 30;
        let text =
            SAVED_BYTES * LINE_BYTES + (ENVIRONMENTS_BYTES + CONNECTIONS_BYTES) * ESCAPE_BYTES;
        assert!(items + text <= FILE_BYTES);
    }

    #[test]
    fn merging_keeps_conflicting_items() {
        let mut workspace = example();
        let mut other = example();
        let long = "x".repeat(NAME_CHARACTERS);
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
        full.saved.add("F", "a", Draft::new(Form::Text, "x".repeat(SAVED_BYTES))).unwrap();
        let error = WorkspaceError::Saved { path: "F".into(), error: SavedError::Full };
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
