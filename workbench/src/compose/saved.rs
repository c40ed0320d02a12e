//! Saved messages in folders. Folders are not nested: one level is enough, and readable at a
//! glance.

use thiserror::Error;

use crate::compose::{Draft, NameError, check_name};

/// Maximum number of folders.
pub const MAX_FOLDERS: usize = 100;
/// Maximum number of messages in all folders.
pub const MAX_SAVED: usize = 1_000;
/// Maximum total size of messages in bytes: browsers store about five million characters per page.
pub const MAX_SAVED_BYTES: usize = 2 << 20;

/// Name of the top level.
pub const TOP: &str = "";

/// Named draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedMessage {
    /// Unique in its folder.
    pub name: String,
    /// Saved draft.
    pub draft: Draft,
}

/// Named group of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Name; empty for the top level.
    name: String,
    /// Messages in order; names are unique within the folder.
    messages: Vec<SavedMessage>,
}

impl Folder {
    /// Name; [`TOP`] for the top level.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Messages in display order.
    #[must_use]
    pub fn messages(&self) -> &[SavedMessage] {
        &self.messages
    }

    /// Index of the message with this name.
    fn place(&self, name: &str) -> Option<usize> {
        self.messages.iter().position(|it| it.name == name)
    }
}

/// Error of saving, moving or renaming.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SavedError {
    /// Invalid name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Duplicate name in the folder.
    #[error("Message {0} already exists here. Choose another name, or replace it.")]
    Twice(String),
    /// Duplicate folder name.
    #[error("Folder {0} already exists. Choose another name.")]
    FolderTwice(String),
    /// Unknown message.
    #[error("There is no message {0} here.")]
    Missing(String),
    /// Unknown folder.
    #[error("There is no folder {0}.")]
    FolderMissing(String),
    /// More than [`MAX_SAVED`].
    #[error("The limit of {MAX_SAVED} saved messages is reached. Delete some.")]
    TooMany,
    /// More than [`MAX_FOLDERS`].
    #[error("The limit of {MAX_FOLDERS} folders is reached. Delete one.")]
    TooManyFolders,
    /// More than [`MAX_SAVED_BYTES`].
    #[error("Saved messages hold at most {} MiB in total. Delete large ones.", MAX_SAVED_BYTES >> 20)]
    Full,
}

/// Removed message or folder, for undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removed {
    /// Removed message and its position.
    Message {
        /// Its folder.
        folder: String,
        /// Index in the folder.
        at: usize,
        /// The message.
        message: SavedMessage,
    },
    /// Removed folder with all its messages.
    Folder {
        /// Index.
        at: usize,
        /// The folder.
        folder: Folder,
    },
}

/// Saved messages: the top level, then the folders in display order.
///
/// Messages and folders are identified by name. A failed operation changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// [`TOP`] always exists, as the first.
    folders: Vec<Folder>,
}

impl Default for Saved {
    fn default() -> Self {
        Self { folders: vec![Folder { name: TOP.to_owned(), messages: Vec::new() }] }
    }
}

impl Saved {
    /// Folders; the first holds the messages without a folder.
    #[must_use]
    pub fn folders(&self) -> &[Folder] {
        &self.folders
    }

    /// A message.
    #[must_use]
    pub fn draft(&self, folder: &str, name: &str) -> Option<&Draft> {
        let folder = &self.folders[self.folder(folder).ok()?];
        Some(&folder.messages[folder.place(name)?].draft)
    }

    /// Appends a draft to a folder, which is created if missing.
    ///
    /// # Errors
    /// If a name is invalid or taken, or a limit is reached.
    pub fn add(&mut self, folder: &str, name: &str, draft: Draft) -> Result<(), SavedError> {
        let message = SavedMessage { name: name.to_owned(), draft };
        self.insert(folder, usize::MAX, message)
    }

    /// Replaces the draft of an existing message.
    ///
    /// # Errors
    /// If it does not exist, or a limit is reached.
    pub fn replace(&mut self, folder: &str, name: &str, draft: Draft) -> Result<(), SavedError> {
        let (folder, at) = self.find(folder, name)?;
        let freed = self.folders[folder].messages[at].draft.text.len();
        if self.bytes() - freed + draft.text.len() > MAX_SAVED_BYTES {
            return Err(SavedError::Full);
        }
        self.folders[folder].messages[at].draft = draft;
        Ok(())
    }

    /// Renames a message.
    ///
    /// # Errors
    /// If it does not exist, or the name is invalid or taken.
    pub fn rename(&mut self, folder: &str, name: &str, new: &str) -> Result<(), SavedError> {
        let (folder, at) = self.find(folder, name)?;
        check_name(new)?;
        if new != name && self.folders[folder].place(new).is_some() {
            return Err(SavedError::Twice(new.to_owned()));
        }
        new.clone_into(&mut self.folders[folder].messages[at].name);
        Ok(())
    }

    /// Moves a message to the end of another folder, or of its own.
    ///
    /// # Errors
    /// If one of them does not exist, or the name is taken in the target folder.
    pub fn move_to(&mut self, folder: &str, name: &str, other: &str) -> Result<(), SavedError> {
        let (from, at) = self.find(folder, name)?;
        let to = self.folder(other)?;
        if from != to && self.folders[to].place(name).is_some() {
            return Err(SavedError::Twice(name.to_owned()));
        }
        let message = self.folders[from].messages.remove(at);
        self.folders[to].messages.push(message);
        Ok(())
    }

    /// Removes a message.
    pub fn remove(&mut self, folder: &str, name: &str) -> Option<Removed> {
        let (place, at) = self.find(folder, name).ok()?;
        let message = self.folders[place].messages.remove(at);
        Some(Removed::Message { folder: folder.to_owned(), at, message })
    }

    /// Appends an empty folder.
    ///
    /// # Errors
    /// If the name is invalid or taken, or there are [`MAX_FOLDERS`].
    pub fn add_folder(&mut self, name: &str) -> Result<(), SavedError> {
        self.insert_folder(usize::MAX, Folder { name: name.to_owned(), messages: Vec::new() })
    }

    /// Renames a folder.
    ///
    /// # Errors
    /// If it does not exist, or the name is invalid or taken.
    pub fn rename_folder(&mut self, name: &str, new: &str) -> Result<(), SavedError> {
        if name == TOP {
            return Err(SavedError::FolderMissing(name.to_owned()));
        }
        let at = self.folder(name)?;
        self.check_folder(new, Some(at))?;
        new.clone_into(&mut self.folders[at].name);
        Ok(())
    }

    /// Removes a folder with its messages; never [`TOP`].
    pub fn remove_folder(&mut self, name: &str) -> Option<Removed> {
        let at = self.folder(name).ok().filter(|at| *at > 0)?;
        Some(Removed::Folder { at, folder: self.folders.remove(at) })
    }

    /// Restores a removed item at its index. Its folder is recreated if missing.
    ///
    /// # Errors
    /// If its name is taken by now, or a limit is reached.
    pub fn restore(&mut self, removed: Removed) -> Result<(), SavedError> {
        match removed {
            Removed::Message { folder, at, message } => self.insert(&folder, at, message),
            Removed::Folder { at, folder } => self.insert_folder(at, folder),
        }
    }

    /// Adds a message at an index of a folder, if its name is free and the bounds allow it.
    fn insert(&mut self, folder: &str, at: usize, message: SavedMessage) -> Result<(), SavedError> {
        check_name(&message.name)?;
        let place = self.folder(folder);
        if let Ok(place) = place
            && self.folders[place].place(&message.name).is_some()
        {
            return Err(SavedError::Twice(message.name));
        }
        self.check_room(1, message.draft.text.len())?;
        let place = if let Ok(place) = place {
            place
        } else {
            self.add_folder(folder)?;
            self.folders.len() - 1
        };
        let messages = &mut self.folders[place].messages;
        messages.insert(at.min(messages.len()), message);
        Ok(())
    }

    /// Adds a folder with its messages; the top level stays first.
    fn insert_folder(&mut self, at: usize, folder: Folder) -> Result<(), SavedError> {
        self.check_folder(&folder.name, None)?;
        if self.folders.len() > MAX_FOLDERS {
            return Err(SavedError::TooManyFolders);
        }
        let bytes = folder.messages.iter().map(|it| it.draft.text.len()).sum();
        self.check_room(folder.messages.len(), bytes)?;
        self.folders.insert(at.clamp(1, self.folders.len()), folder);
        Ok(())
    }

    /// Validates `name` for the folder at `own`, or for a new one.
    fn check_folder(&self, name: &str, own: Option<usize>) -> Result<(), SavedError> {
        check_name(name)?;
        match self.folder(name) {
            Ok(at) if Some(at) != own => Err(SavedError::FolderTwice(name.to_owned())),
            _ => Ok(()),
        }
    }

    /// Checks the bounds with so many more messages and bytes.
    fn check_room(&self, messages: usize, bytes: usize) -> Result<(), SavedError> {
        let count: usize = self.folders.iter().map(|folder| folder.messages.len()).sum();
        if count + messages > MAX_SAVED {
            Err(SavedError::TooMany)
        } else if self.bytes() + bytes > MAX_SAVED_BYTES {
            Err(SavedError::Full)
        } else {
            Ok(())
        }
    }

    fn bytes(&self) -> usize {
        let messages = self.folders.iter().flat_map(|folder| &folder.messages);
        messages.map(|message| message.draft.text.len()).sum()
    }

    /// Index of the folder with this name.
    fn folder(&self, name: &str) -> Result<usize, SavedError> {
        let at = self.folders.iter().position(|folder| folder.name == name);
        at.ok_or_else(|| SavedError::FolderMissing(name.to_owned()))
    }

    /// Index of a message's folder, and its index there.
    fn find(&self, folder: &str, name: &str) -> Result<(usize, usize), SavedError> {
        let folder = self.folder(folder)?;
        let at = self.folders[folder].place(name);
        Ok((folder, at.ok_or_else(|| SavedError::Missing(name.to_owned()))?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::compose::Form;

    fn draft(text: impl Into<String>) -> Draft {
        Draft::new(Form::Text, text)
    }

    fn saved(messages: &[(&str, &str)]) -> Saved {
        let mut saved = Saved::default();
        for (folder, name) in messages {
            saved.add(folder, name, draft(*name)).unwrap();
        }
        saved
    }

    fn listed(saved: &Saved) -> String {
        let line = |folder: &Folder| {
            let names: Vec<_> = folder.messages.iter().map(|it| it.name.as_str()).collect();
            format!("{}: {}", folder.name, names.join(" "))
        };
        saved.folders().iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn messages_are_added_renamed_moved_and_replaced() {
        let mut saved = saved(&[(TOP, "a"), ("F", "a"), ("F", "b"), ("G", "c")]);
        assert_eq!(saved.add("F", "a", draft("")), Err(SavedError::Twice("a".into())));
        assert_eq!(saved.move_to(TOP, "a", "F"), Err(SavedError::Twice("a".into())));
        assert_eq!(saved.rename("F", "a", "b"), Err(SavedError::Twice("b".into())));
        saved.rename("F", "a", "first").unwrap();
        saved.move_to(TOP, "a", "F").unwrap();
        saved.move_to("F", "first", "F").unwrap();
        saved.replace("G", "c", draft("new")).unwrap();
        saved.rename_folder("G", "H").unwrap();
        assert_eq!(listed(&saved), ": \nF: b a first\nH: c");
        assert_eq!(saved.draft("H", "c"), Some(&draft("new")));
        assert_eq!(saved.draft("G", "c"), None);
    }

    #[test]
    fn missing_items_are_named() {
        let mut saved = saved(&[("F", "a")]);
        let before = saved.clone();
        let missing = SavedError::Missing("b".into());
        let no_folder = SavedError::FolderMissing("G".into());
        assert_eq!(saved.rename("F", "b", "c"), Err(missing.clone()));
        assert_eq!(saved.replace("F", "b", draft("")), Err(missing));
        assert_eq!(saved.move_to("F", "a", "G"), Err(no_folder.clone()));
        assert_eq!(saved.rename_folder("G", "H"), Err(no_folder));
        assert_eq!(saved.rename_folder(TOP, "H"), Err(SavedError::FolderMissing(TOP.into())));
        assert_eq!(saved.add_folder("F"), Err(SavedError::FolderTwice("F".into())));
        assert_eq!(saved.add_folder(TOP), Err(SavedError::Name(NameError::Empty)));
        assert_eq!(saved.add("G", " a", draft("")), Err(SavedError::Name(NameError::Blanks)));
        assert_eq!((saved.remove("F", "b"), saved.remove_folder(TOP)), (None, None));
        assert_eq!(saved, before);
    }

    #[test]
    fn a_message_and_its_folder_are_restored() {
        let mut saved = saved(&[("F", "a"), ("F", "b")]);
        let message = saved.remove("F", "a").unwrap();
        let folder = saved.remove_folder("F").unwrap();
        saved.restore(message.clone()).unwrap();
        assert_eq!(saved.restore(folder), Err(SavedError::FolderTwice("F".into())));
        assert_eq!(saved.restore(message), Err(SavedError::Twice("a".into())));
        assert_eq!(listed(&saved), ": \nF: a");
    }

    #[test]
    fn one_past_a_limit_is_refused() {
        let mut saved = Saved::default();
        for number in 0..MAX_FOLDERS {
            saved.add_folder(&number.to_string()).unwrap();
        }
        assert_eq!(saved.add_folder("more"), Err(SavedError::TooManyFolders));
        assert_eq!(saved.add("more", "a", draft("")), Err(SavedError::TooManyFolders));
        for number in 0..MAX_SAVED {
            saved.add(TOP, &number.to_string(), draft("")).unwrap();
        }
        assert_eq!(saved.add("1", "more", draft("")), Err(SavedError::TooMany));

        let mut saved = Saved::default();
        saved.add(TOP, "large", draft("x".repeat(MAX_SAVED_BYTES - 1))).unwrap();
        saved.add(TOP, "small", draft("x")).unwrap();
        assert_eq!(saved.add("F", "more", draft("x")), Err(SavedError::Full));
        assert_eq!(saved.replace(TOP, "small", draft("xx")), Err(SavedError::Full));
        assert_eq!(saved.folders().len(), 1, "no folder is made for what is not saved");
    }

    proptest! {
        #[test]
        fn names_are_unique_failures_atomic_and_removals_undoable(
            steps in prop::collection::vec((0..8_u8, "[FG]?", "[a-c]", "[FG]?", "[a-c]"), 0..40)
        ) {
            let mut saved = Saved::default();
            for (step, folder, name, other, new) in steps {
                let before = saved.clone();
                let done = match step {
                    0 | 1 => saved.add(&folder, &name, draft(&new)),
                    2 => saved.rename(&folder, &name, &new),
                    3 => saved.move_to(&folder, &name, &other),
                    4 => saved.replace(&folder, &name, draft(&new)),
                    5 => saved.rename_folder(&folder, &other),
                    _ => {
                        let removed =
                            if step == 6 { saved.remove(&folder, &name) } else { saved.remove_folder(&folder) };
                        if let Some(removed) = removed {
                            prop_assert_ne!(&saved, &before);
                            let without = saved.clone();
                            saved.restore(removed).unwrap();
                            prop_assert_eq!(&saved, &before);
                            saved = without;
                        }
                        Ok(())
                    }
                };
                if done.is_err() {
                    prop_assert_eq!(&saved, &before);
                }
                prop_assert_eq!(saved.folders()[0].name(), TOP);
                for (index, folder) in saved.folders().iter().enumerate() {
                    prop_assert_eq!(saved.folder(folder.name()), Ok(index));
                    for (at, message) in folder.messages().iter().enumerate() {
                        prop_assert_eq!(folder.place(&message.name), Some(at));
                    }
                }
            }
        }
    }
}
