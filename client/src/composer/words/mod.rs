//! Words of the composer: a struct, so that a word that is missing in a language does not compile.

mod en;
mod ko;

use workbench::compose::{DraftError, EnvironmentError, Form, Progress, SavedError, VariableError};

use crate::{
    composer::{Panel, Undo, Unrepeatable},
    language::choose,
};

/// Words in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// Words of the composer, in one language.
pub(crate) struct Words {
    pub(crate) composer: Composer,
    pub(crate) files: Files,
    pub(crate) repeating: Repeating,
    pub(crate) saving: Saving,
    pub(crate) variables: Variables,
}

pub(crate) struct Composer {
    pub(crate) message: &'static str,
    /// In the empty box.
    pub(crate) enter: &'static str,
    pub(crate) send: &'static str,
    pub(crate) is_empty: &'static str,
    pub(crate) send_empty: &'static str,
    /// Messages that could not be sent, and whether the connection is open.
    pub(crate) unsent: fn(usize, bool) -> String,
    pub(crate) send_again: &'static str,
    pub(crate) discard: &'static str,
    /// The row of controls.
    pub(crate) controls: &'static str,
    pub(crate) form_of: &'static str,
    pub(crate) form: fn(Form) -> &'static str,
    pub(crate) format: &'static str,
    pub(crate) minify: &'static str,
    /// What the keys do.
    pub(crate) keys: &'static str,
    /// The start of what variables become.
    pub(crate) becomes: fn(&str) -> String,
    pub(crate) wrong: fn(&DraftError) -> String,
    /// The same where the place is in what variables became.
    pub(crate) wrong_when_filled: fn(&DraftError) -> String,
    pub(crate) go_to: &'static str,
    pub(crate) as_text: &'static str,
    pub(crate) as_text_means: &'static str,
    pub(crate) panel: fn(Panel) -> &'static str,
    pub(crate) close: &'static str,
    pub(crate) unstored: &'static str,
    /// What was done and can be undone.
    pub(crate) undone: fn(&Undo) -> String,
    pub(crate) undo: &'static str,
    pub(crate) forget: &'static str,
}

/// A file to be sent.
pub(crate) struct Files {
    pub(crate) file: &'static str,
    pub(crate) send: &'static str,
    pub(crate) remove: &'static str,
    /// The most bytes that it may have.
    pub(crate) too_large: fn(u64) -> String,
    pub(crate) drop_here: &'static str,
}

/// The form that repeats a message.
pub(crate) struct Repeating {
    pub(crate) every: &'static str,
    pub(crate) times: &'static str,
    /// What empty fields mean.
    pub(crate) means: &'static str,
    pub(crate) start: &'static str,
    pub(crate) stop: &'static str,
    pub(crate) mistake: fn(Unrepeatable) -> String,
    /// How far it is, and messages a second.
    pub(crate) progress: fn(&Progress, Option<u64>) -> String,
}

/// Saved messages.
pub(crate) struct Saving {
    pub(crate) none_yet: &'static str,
    pub(crate) name: &'static str,
    pub(crate) folder: &'static str,
    pub(crate) no_folder: &'static str,
    pub(crate) save: &'static str,
    pub(crate) load: &'static str,
    pub(crate) send: &'static str,
    pub(crate) send_it: fn(&str) -> String,
    pub(crate) change: &'static str,
    pub(crate) change_it: fn(&str) -> String,
    pub(crate) apply: &'static str,
    pub(crate) replace: &'static str,
    pub(crate) remove: &'static str,
    pub(crate) remove_folder: &'static str,
    pub(crate) mistake: fn(&SavedError) -> String,
}

/// Environments and their variables, which are numbered from 1.
pub(crate) struct Variables {
    pub(crate) environment: &'static str,
    pub(crate) none: &'static str,
    pub(crate) none_yet: &'static str,
    pub(crate) add_environment: &'static str,
    pub(crate) new_name: fn(usize) -> String,
    pub(crate) name_of_environment: &'static str,
    pub(crate) remove_environment: &'static str,
    pub(crate) add: &'static str,
    pub(crate) name: &'static str,
    pub(crate) value: &'static str,
    pub(crate) name_of: fn(usize) -> String,
    pub(crate) value_of: fn(usize) -> String,
    pub(crate) remove: fn(usize) -> String,
    pub(crate) wrong: fn(&VariableError) -> String,
    pub(crate) mistake: fn(&EnvironmentError) -> String,
    pub(crate) built_in: &'static str,
    /// What now, uuid, seq and random become.
    pub(crate) meanings: [&'static str; 4],
}
