//! Lists of named items, within limits: saved messages and their folders, connections, environments.

use std::fmt;

use thiserror::Error;

use super::variable::{MAX_VARIABLES, VariableError};
use crate::{connect::MAX_SUBPROTOCOLS, format::size, relay::MAX_HEADERS};

/// Maximum length of a name in characters.
pub const MAX_NAME_CHARACTERS: usize = 100;

/// Invalid name of a list item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// Empty name.
    #[error("Enter a name.")]
    Empty,
    /// Name longer than [`MAX_NAME_CHARACTERS`].
    #[error("A name has at most {MAX_NAME_CHARACTERS} characters. Shorten it.")]
    TooLong,
    /// Surrounding spaces, a line break or another control character.
    #[error("A name must be one line without leading or trailing spaces.")]
    Blanks,
}

/// Checks a name for a message, folder, connection or environment.
pub(super) fn check_name(name: &str) -> Result<(), NameError> {
    if name.trim().is_empty() {
        Err(NameError::Empty)
    } else if name.chars().nth(MAX_NAME_CHARACTERS).is_some() {
        Err(NameError::TooLong)
    } else if name.trim() != name || name.contains(char::is_control) {
        Err(NameError::Blanks)
    } else {
        Ok(())
    }
}

/// Kind of a named item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// Saved message; its name is unique in its folder.
    Message,
    /// Folder of saved messages.
    Folder,
    /// Saved connection.
    Connection,
    /// Environment of variables.
    Environment,
}

impl ItemKind {
    /// Maximum number of items; of messages in all folders.
    #[must_use]
    pub const fn max(self) -> usize {
        match self {
            Self::Message => 1_000,
            Self::Folder => 100,
            Self::Connection => 200,
            Self::Environment => 50,
        }
    }

    /// Maximum total size of items in bytes, without their names: browsers store about five million characters per
    /// page.
    #[must_use]
    pub const fn max_bytes(self) -> usize {
        match self {
            Self::Message | Self::Folder => 2 << 20,
            Self::Connection => 256 << 10,
            Self::Environment => 512 << 10,
        }
    }

    /// Checks the limits for so many items.
    pub(super) fn check(self, items: usize, bytes: usize) -> Result<(), ItemError> {
        if items > self.max() {
            Err(ItemError::TooMany(self))
        } else if bytes > self.max_bytes() {
            Err(ItemError::Full(self))
        } else {
            Ok(())
        }
    }
}

/// Noun as a sentence begins with it.
impl fmt::Display for ItemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Item that cannot be added, replaced or renamed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ItemError {
    /// Invalid name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Duplicate name.
    #[error("{0} {1} already exists. Choose another name.")]
    Twice(ItemKind, String),
    /// Unknown name.
    #[error("{0} {1} does not exist.")]
    Missing(ItemKind, String),
    /// More than [`ItemKind::max`].
    #[error("{0}s: the limit of {max} is reached. Delete one.", max = .0.max())]
    TooMany(ItemKind),
    /// More than [`ItemKind::max_bytes`].
    #[error("{0}s hold at most {max} in total. Delete large ones.", max = size(.0.max_bytes() as u64))]
    Full(ItemKind),
    /// Connection with more than [`MAX_HEADERS`] or [`MAX_SUBPROTOCOLS`].
    #[error("A connection has at most {MAX_HEADERS} headers and {MAX_SUBPROTOCOLS} subprotocols.")]
    TooManyParts,
    /// Environment with an invalid variable.
    #[error("Variable {}: {error}", row + 1)]
    Variable {
        /// Row, counted from 0.
        row: usize,
        /// Error of the variable.
        error: VariableError,
    },
    /// Environment with more than [`MAX_VARIABLES`].
    #[error("An environment has at most {MAX_VARIABLES} variables. Remove some.")]
    TooManyVariables,
}

/// Item with a name that is unique in its list.
pub(crate) trait Named {
    const KIND: ItemKind;

    fn name(&self) -> &str;

    /// Size in bytes, for the limit on all items. Takes time in proportion.
    fn bytes(&self) -> usize;
}

/// Items with unique names, in display order, within the limits of their kind. A failed operation changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedList<T> {
    items: Vec<T>,
    /// Bytes of all items.
    bytes: usize,
}

impl<T> Default for NamedList<T> {
    fn default() -> Self {
        Self { items: Vec::new(), bytes: 0 }
    }
}

impl<T: Named> NamedList<T> {
    pub(crate) fn items(&self) -> &[T] {
        &self.items
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.items.iter().find(|it| it.name() == name)
    }

    /// Index of the item of this name.
    pub(crate) fn find(&self, name: &str) -> Result<usize, ItemError> {
        let at = self.items.iter().position(|it| it.name() == name);
        at.ok_or_else(|| ItemError::Missing(T::KIND, name.to_owned()))
    }

    /// Checks that no item has this name.
    pub(crate) fn check_free(&self, name: &str) -> Result<(), ItemError> {
        self.get(name).map_or(Ok(()), |_| Err(ItemError::Twice(T::KIND, name.to_owned())))
    }

    /// Adds an item at an index, or at the end if that is nearer.
    pub(crate) fn insert(&mut self, at: usize, item: T) -> Result<(), ItemError> {
        check_name(item.name())?;
        self.check_free(item.name())?;
        let bytes = self.bytes + item.bytes();
        T::KIND.check(self.items.len() + 1, bytes)?;
        self.bytes = bytes;
        self.items.insert(at.min(self.items.len()), item);
        Ok(())
    }

    /// Puts an item in place of the one of this name, also under another name.
    pub(crate) fn replace(&mut self, name: &str, item: T) -> Result<(), ItemError> {
        let at = self.find(name)?;
        check_name(item.name())?;
        if item.name() != name {
            self.check_free(item.name())?;
        }
        let bytes = self.bytes - self.items[at].bytes() + item.bytes();
        T::KIND.check(self.items.len(), bytes)?;
        self.bytes = bytes;
        self.items[at] = item;
        Ok(())
    }

    /// Removes the item of this name. Returns its index, too.
    pub(crate) fn remove(&mut self, name: &str) -> Option<(usize, T)> {
        let at = self.find(name).ok()?;
        let item = self.items.remove(at);
        self.bytes -= item.bytes();
        Some((at, item))
    }
}
