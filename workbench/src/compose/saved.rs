//! Saved messages in folders. Folders are not nested: one level is enough, and readable at a
//! glance.

use super::{
    draft::Draft,
    named::{ItemError, ItemKind, Named, NamedList, check_name},
};

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

impl Named for SavedMessage {
    const KIND: ItemKind = ItemKind::Message;

    fn name(&self) -> &str {
        &self.name
    }

    fn bytes(&self) -> usize {
        self.draft.text.len()
    }
}

/// Named group of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Name; empty for the top level.
    name: String,
    /// Messages in order; names are unique within the folder.
    messages: NamedList<SavedMessage>,
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
        self.messages.items()
    }

    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), messages: NamedList::default() }
    }
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
        Self { folders: vec![Folder::new(TOP)] }
    }
}

impl Saved {
    /// Folders; the first holds the messages without a folder.
    #[must_use]
    pub fn folders(&self) -> &[Folder] {
        &self.folders
    }

    /// Draft of a message; `None` if there is none of this name.
    #[must_use]
    pub fn draft(&self, folder: &str, name: &str) -> Option<&Draft> {
        let folder = &self.folders[self.find(folder).ok()?];
        folder.messages.get(name).map(|it| &it.draft)
    }

    /// Appends a draft to a folder, which is created if missing.
    ///
    /// # Errors
    /// If a name is invalid or taken, or a limit is reached.
    pub fn add(&mut self, folder: &str, name: &str, draft: Draft) -> Result<(), ItemError> {
        self.insert(folder, usize::MAX, SavedMessage { name: name.to_owned(), draft })
    }

    /// Replaces the draft of an existing message.
    ///
    /// # Errors
    /// If it does not exist, or a limit is reached.
    pub fn replace(&mut self, folder: &str, name: &str, draft: Draft) -> Result<(), ItemError> {
        let at = self.find(folder)?;
        let messages = &self.folders[at].messages;
        let freed = messages.items()[messages.find(name)?].bytes();
        let (items, bytes) = self.size();
        ItemKind::Message.check(items, bytes - freed + draft.text.len())?;
        let message = SavedMessage { name: name.to_owned(), draft };
        self.folders[at].messages.replace(name, message)
    }

    /// Renames a message.
    ///
    /// # Errors
    /// If it does not exist, or the name is invalid or taken.
    pub fn rename(&mut self, folder: &str, name: &str, new: &str) -> Result<(), ItemError> {
        let at = self.find(folder)?;
        let messages = &mut self.folders[at].messages;
        let draft = messages.items()[messages.find(name)?].draft.clone();
        let message = SavedMessage { name: new.to_owned(), draft };
        messages.replace(name, message)
    }

    /// Moves a message to the end of another folder, or of its own.
    ///
    /// # Errors
    /// If one of them does not exist, or the name is taken in the target folder.
    pub fn move_to(&mut self, folder: &str, name: &str, other: &str) -> Result<(), ItemError> {
        let (from, to) = (self.find(folder)?, self.find(other)?);
        self.folders[from].messages.find(name)?;
        if from != to {
            self.folders[to].messages.check_free(name)?;
        }
        let moved = self.folders[from].messages.remove(name);
        moved.map_or(Ok(()), |(_, message)| self.insert(other, usize::MAX, message))
    }

    /// Removes a message.
    pub fn remove(&mut self, folder: &str, name: &str) -> Option<Removed> {
        let place = self.find(folder).ok()?;
        let (at, message) = self.folders[place].messages.remove(name)?;
        Some(Removed::Message { folder: folder.to_owned(), at, message })
    }

    /// Appends an empty folder.
    ///
    /// # Errors
    /// If the name is invalid or taken, or the limit is reached.
    pub fn add_folder(&mut self, name: &str) -> Result<(), ItemError> {
        self.insert_folder(usize::MAX, Folder::new(name))
    }

    /// Renames a folder.
    ///
    /// # Errors
    /// If it does not exist, or the name is invalid or taken.
    pub fn rename_folder(&mut self, name: &str, new: &str) -> Result<(), ItemError> {
        let at = self.find(name)?;
        if at == 0 {
            return Err(ItemError::Missing(ItemKind::Folder, name.to_owned()));
        }
        if new != name {
            self.check_folder(new)?;
        }
        new.clone_into(&mut self.folders[at].name);
        Ok(())
    }

    /// Removes a folder with its messages; never [`TOP`].
    pub fn remove_folder(&mut self, name: &str) -> Option<Removed> {
        let at = self.find(name).ok().filter(|at| *at > 0)?;
        Some(Removed::Folder { at, folder: self.folders.remove(at) })
    }

    /// Restores a removed item at its index. Its folder is recreated if missing.
    ///
    /// # Errors
    /// If its name is taken by now, or a limit is reached.
    pub fn restore(&mut self, removed: Removed) -> Result<(), ItemError> {
        match removed {
            Removed::Message { folder, at, message } => self.insert(&folder, at, message),
            Removed::Folder { at, folder } => self.insert_folder(at, folder),
        }
    }

    /// Adds a message at an index of a folder, which is created if missing.
    fn insert(&mut self, folder: &str, at: usize, message: SavedMessage) -> Result<(), ItemError> {
        let found = self.find(folder).ok();
        if let Some(found) = found {
            self.folders[found].messages.check_free(&message.name)?;
        }
        let (items, bytes) = self.size();
        ItemKind::Message.check(items + 1, bytes + message.bytes())?;
        if let Some(found) = found {
            return self.folders[found].messages.insert(at, message);
        }
        let mut folder = Folder::new(folder);
        folder.messages.insert(at, message)?;
        self.insert_folder(usize::MAX, folder)
    }

    /// Adds a folder with its messages; the top level stays first.
    fn insert_folder(&mut self, at: usize, folder: Folder) -> Result<(), ItemError> {
        self.check_folder(&folder.name)?;
        ItemKind::Folder.check(self.folders.len(), 0)?;
        let (items, bytes) = self.size();
        let messages = &folder.messages;
        ItemKind::Message.check(items + messages.items().len(), bytes + messages.bytes())?;
        self.folders.insert(at.clamp(1, self.folders.len()), folder);
        Ok(())
    }

    /// Validates the name of a new folder.
    fn check_folder(&self, name: &str) -> Result<(), ItemError> {
        check_name(name)?;
        let twice = |_| Err(ItemError::Twice(ItemKind::Folder, name.to_owned()));
        self.find(name).map_or(Ok(()), twice)
    }

    /// Number and bytes of all messages.
    fn size(&self) -> (usize, usize) {
        let lists = || self.folders.iter().map(|it| &it.messages);
        (lists().map(|it| it.items().len()).sum(), lists().map(NamedList::bytes).sum())
    }

    /// Index of the folder with this name.
    fn find(&self, folder: &str) -> Result<usize, ItemError> {
        let at = self.folders.iter().position(|it| it.name == folder);
        at.ok_or_else(|| ItemError::Missing(ItemKind::Folder, folder.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        ItemError::{Full, Missing, Name, TooMany, Twice},
        *,
    };
    use crate::compose::{Form, NameError};

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
            let names: Vec<_> = folder.messages().iter().map(|it| it.name.as_str()).collect();
            format!("{}: {}", folder.name, names.join(" "))
        };
        saved.folders().iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn messages_are_added_renamed_moved_and_replaced() {
        let mut saved = saved(&[(TOP, "a"), ("F", "a"), ("F", "b"), ("G", "c")]);
        let twice = |name: &str| Err(Twice(ItemKind::Message, name.into()));
        assert_eq!(saved.add("F", "a", draft("")), twice("a"));
        assert_eq!(saved.move_to(TOP, "a", "F"), twice("a"));
        assert_eq!(saved.rename("F", "a", "b"), twice("b"));
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
        let missing = Missing(ItemKind::Message, "b".into());
        let no_folder = Missing(ItemKind::Folder, "G".into());
        assert_eq!(saved.rename("F", "b", "c"), Err(missing.clone()));
        assert_eq!(saved.replace("F", "b", draft("")), Err(missing));
        assert_eq!(saved.move_to("F", "a", "G"), Err(no_folder.clone()));
        assert_eq!(saved.rename_folder("G", "H"), Err(no_folder));
        let no_name = Missing(ItemKind::Folder, TOP.into());
        assert_eq!(saved.rename_folder(TOP, "H"), Err(no_name));
        assert_eq!(saved.add_folder("F"), Err(Twice(ItemKind::Folder, "F".into())));
        assert_eq!(saved.add_folder(TOP), Err(Name(NameError::Empty)));
        assert_eq!(saved.add("G", " a", draft("")), Err(Name(NameError::Blanks)));
        assert_eq!((saved.remove("F", "b"), saved.remove_folder(TOP)), (None, None));
        assert_eq!(saved, before);
    }

    #[test]
    fn a_message_and_its_folder_are_restored() {
        let mut saved = saved(&[("F", "a"), ("F", "b")]);
        let message = saved.remove("F", "a").unwrap();
        let folder = saved.remove_folder("F").unwrap();
        saved.restore(message.clone()).unwrap();
        assert_eq!(saved.restore(folder), Err(Twice(ItemKind::Folder, "F".into())));
        assert_eq!(saved.restore(message), Err(Twice(ItemKind::Message, "a".into())));
        assert_eq!(listed(&saved), ": \nF: a");
    }

    #[test]
    fn one_past_a_limit_is_refused() {
        let mut saved = Saved::default();
        for number in 0..ItemKind::Folder.max() {
            saved.add_folder(&number.to_string()).unwrap();
        }
        assert_eq!(saved.add_folder("more"), Err(TooMany(ItemKind::Folder)));
        assert_eq!(saved.add("more", "a", draft("")), Err(TooMany(ItemKind::Folder)));
        for number in 0..ItemKind::Message.max() {
            saved.add(TOP, &number.to_string(), draft("")).unwrap();
        }
        assert_eq!(saved.add("1", "more", draft("")), Err(TooMany(ItemKind::Message)));

        let mut saved = Saved::default();
        saved.add(TOP, "large", draft("x".repeat(ItemKind::Message.max_bytes() - 1))).unwrap();
        saved.add(TOP, "small", draft("x")).unwrap();
        assert_eq!(saved.add("F", "more", draft("x")), Err(Full(ItemKind::Message)));
        assert_eq!(saved.replace(TOP, "small", draft("xx")), Err(Full(ItemKind::Message)));
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
                    prop_assert_eq!(saved.find(folder.name()), Ok(index));
                    for (at, message) in folder.messages().iter().enumerate() {
                        prop_assert_eq!(folder.messages.find(&message.name), Ok(at));
                    }
                }
            }
        }
    }
}
