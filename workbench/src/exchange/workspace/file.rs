//! Fields of a workspace file, as serde writes and reads them.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    FORMAT, VERSION, Workspace,
    connection::{ConnectionFields, Texts},
};
use crate::{compose::Form, exchange::list};

/// Entries of a list that are read, at most: more than fit, of which many may be unreadable.
pub(super) const MAX_ENTRIES: usize = 10_000;

/// The start of every version.
#[derive(Deserialize)]
pub(super) struct Header<'a> {
    #[serde(borrow, default)]
    pub(super) format: Cow<'a, str>,
    pub(super) version: u64,
}

/// Whole file, to write.
#[derive(Serialize)]
pub(super) struct File<'a> {
    format: &'static str,
    version: u64,
    messages: Vec<MessageFields<'a>>,
    folders: Vec<FolderFields<'a>>,
    connections: Vec<ConnectionFields<'a>>,
    environments: Vec<EnvironmentFields<'a>>,
}

impl<'a> File<'a> {
    /// File of a workspace.
    pub(super) fn new(workspace: &'a Workspace) -> Self {
        let mut folders = workspace.saved.folders().iter().map(|folder| FolderFields {
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
        let environments =
            workspace.environments.list().iter().map(|environment| EnvironmentFields {
                name: environment.name().into(),
                variables: Texts(environment.variables().to_vec()),
            });
        Self {
            format: FORMAT,
            version: VERSION,
            // The top level comes first.
            messages: folders.next().map_or_else(Vec::new, |top| top.messages),
            folders: folders.collect(),
            connections: workspace.connections.list().iter().map(ConnectionFields::new).collect(),
            environments: environments.collect(),
        }
    }
}

/// Folder, to write.
#[derive(Serialize)]
struct FolderFields<'a> {
    name: Cow<'a, str>,
    messages: Vec<MessageFields<'a>>,
}

/// File whose entries are text until each is parsed.
#[derive(Deserialize)]
pub(super) struct UnreadFile<'a> {
    #[serde(borrow, default)]
    pub(super) messages: Entries<'a>,
    #[serde(borrow, default)]
    pub(super) folders: Entries<'a>,
    #[serde(borrow, default)]
    pub(super) connections: Entries<'a>,
    #[serde(borrow, default)]
    pub(super) environments: Entries<'a>,
}

/// Folder with messages that are not parsed yet.
#[derive(Deserialize)]
#[serde(expecting = "a folder")]
pub(super) struct UnreadFolder<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) messages: Entries<'a>,
}

/// First entries of a list, and the number of the others.
#[derive(Default)]
pub(super) struct Entries<'a> {
    /// Entries within the bound, unparsed.
    pub(super) first: Vec<&'a RawValue>,
    /// Number of entries beyond it.
    pub(super) others: u64,
}

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut entries = Self::default();
        list::each(deserializer, "a list", |entry| {
            if entries.first.len() < MAX_ENTRIES {
                entries.first.push(entry);
            } else {
                entries.others += 1;
            }
        })?;
        Ok(entries)
    }
}

/// Saved message.
#[derive(Serialize, Deserialize)]
#[serde(expecting = "a message")]
pub(super) struct MessageFields<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(default)]
    pub(super) form: Form,
    /// Text, a JSON string a line, so that a difference of two files is readable.
    pub(super) text: Lines<'a>,
}

/// Text: a single line as a string, several as a list, so that line changes diff as lines.
pub(super) struct Lines<'a>(pub(super) Cow<'a, str>);

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
pub(super) struct EnvironmentFields<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(default)]
    pub(super) variables: Texts,
}
