//! Reading of a workspace file: what can be read of it, entry by entry.

use serde::Deserialize;
use session::describe_json_error;

use super::{
    FORMAT, MAX_FILE_BYTES, VERSION, Workspace, WorkspaceError,
    connection::ConnectionFields,
    file::{Entries, EnvironmentFields, Header, MessageFields, UnreadFile, UnreadFolder},
};
use crate::{
    compose::{Draft, Environment, ItemError, TOP, wrong_variables},
    exchange::{
        file_format::first_field,
        unreadable::{MAX_EXPLAINED, Unreadable},
    },
    payload::{LineColumn, json},
};

impl Workspace {
    /// Parses a file. Unknown fields are ignored.
    ///
    /// # Errors
    /// The first error and its position.
    pub fn read(text: &str) -> Result<Self, WorkspaceError> {
        let (workspace, unreadable) = Self::read_entries(text)?;
        unreadable.first.into_iter().next().map_or(Ok(workspace), Err)
    }

    /// Parses the messages, folders, connections and environments of a file that can be read, and counts the
    /// others.
    ///
    /// # Errors
    /// If the file as a whole cannot be read.
    pub fn read_entries(text: &str) -> Result<(Self, Unreadable<WorkspaceError>), WorkspaceError> {
        if text.len() > MAX_FILE_BYTES {
            return Err(WorkspaceError::TooLarge);
        }
        // Windows editors add a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if matches!(first_field(text), Some("time" | "log")) {
            return Err(WorkspaceError::MessageList);
        }
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
        let start = start();
        let column = if line == 1 { start.column - 1 + column } else { column };
        WorkspaceError::Field {
            line: start.line - 1 + line,
            column,
            problem: describe_json_error(&error),
        }
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
        self.each("folders", file.folders, |reading, path, folder: UnreadFolder<'_>| {
            reading.workspace.saved.add_folder(&folder.name)?;
            reading.messages(&folder.name, folder.messages, &format!("{path}."));
            Ok(())
        });
        self.each("connections", file.connections, |reading, _, it: ConnectionFields<'_>| {
            let name = it.name.clone().into_owned();
            reading.workspace.connections.add(&name, it.target())
        });
        self.each("environments", file.environments, |reading, _, it: EnvironmentFields<'_>| {
            let (name, rows) = (it.name, it.variables.0);
            // One with the name of a built-in variable is left out alone.
            Environment::new(&*name, rows.clone())?;
            reading.workspace.environments.add(Environment::of_valid(name, &rows)?)?;
            let mut wrong = (0..).zip(wrong_variables(&rows));
            let built_in = wrong.find_map(|(row, error)| Some((row, error?)));
            built_in.map_or(Ok(()), |(row, error)| Err(ItemError::Variable { row, error }))
        });
    }

    /// Reads the messages of a folder; `path` leads to them in messages.
    fn messages(&mut self, folder: &str, messages: Entries<'a>, path: &str) {
        let path = format!("{path}messages");
        self.each(&path, messages, |reading, _, message: MessageFields<'_>| {
            let MessageFields { name, form, text } = message;
            reading.workspace.saved.add(folder, &name, Draft::new(form, text.0))
        });
    }

    /// Parses and adds each entry of the list at `path`; those that fail are counted.
    fn each<T: Deserialize<'a>>(
        &mut self,
        path: &str,
        entries: Entries<'a>,
        mut add: impl FnMut(&mut Self, &str, T) -> Result<(), ItemError>,
    ) {
        for (index, entry) in entries.first.into_iter().enumerate() {
            let (text, entry) = (self.text, entry.get());
            // serde borrows from the text.
            let at = entry.as_ptr().addr().saturating_sub(text.as_ptr().addr());
            // The position takes the time of the text before, and is known to be wanted only then.
            let is_explained = self.unreadable.first.len() < MAX_EXPLAINED;
            let start = || {
                if is_explained { LineColumn::of_bytes(text, at) } else { LineColumn::START }
            };
            let path = format!("{path}[{index}]");
            let added = parsed_at(entry, start).and_then(|entry| {
                add(self, &path, entry).map_err(|error| WorkspaceError::Item { path, error })
            });
            if let Err(error) = added {
                self.unreadable.add(|| error);
            }
        }
        self.unreadable.count += entries.others;
    }
}
