//! Merging of two workspaces.

use super::{Workspace, WorkspaceError};
use crate::{
    compose::{Environment, Folder, MAX_NAME_CHARACTERS, SavedMessage},
    connect::SavedConnection,
};

impl Workspace {
    /// Merges another workspace. Existing items stay; a different item of the same name gets a
    /// number.
    ///
    /// # Errors
    /// If a limit is exceeded. Nothing is added then. `path` names the item that did not fit.
    pub fn merge(&mut self, other: &Self) -> Result<Merged, WorkspaceError> {
        let (mut whole, mut merged) = (self.clone(), Merged::default());
        let wrong = |path: &str| {
            let path = path.to_owned();
            move |error| WorkspaceError::Item { path, error }
        };
        for folder in other.saved.folders() {
            let has = |folders: &[Folder]| folders.iter().any(|it| it.name() == folder.name());
            if !has(whole.saved.folders()) {
                whole.saved.add_folder(folder.name()).map_err(wrong(folder.name()))?;
            }
            for SavedMessage { name, draft } in folder.messages() {
                let there = |name: &str| whole.saved.draft(folder.name(), name);
                if let Some(name) = free_name(name, draft, there) {
                    let added = whole.saved.add(folder.name(), &name, draft.clone());
                    added.map_err(wrong(folder.name()))?;
                    merged.messages += 1;
                }
            }
        }
        for SavedConnection { name, target } in other.connections.list() {
            let there = |name: &str| whole.connections.target(name);
            if let Some(name) = free_name(name, target, there) {
                whole.connections.add(&name, target.clone()).map_err(wrong(&name))?;
                merged.connections += 1;
            }
        }
        for environment in other.environments.list() {
            let (own, variables) = (environment.name(), environment.variables().to_vec());
            let list = whole.environments.list();
            let there = |name: &str| list.iter().find(|it| it.name() == name);
            let free = free_name(own, &variables, |it| Some(there(it)?.variables()));
            let Some(name) = free else { continue };
            let added = Environment::new(name, variables);
            added.and_then(|it| whole.environments.add(it)).map_err(wrong(own))?;
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
                let room = MAX_NAME_CHARACTERS - end.len();
                let start: String = name.chars().take(room).collect();
                free = start.trim_end().to_owned() + &end;
            }
        }
    }
    None
}
