//! Texts of the composer. One struct for all languages: a missing text fails to compile.

mod en;
mod ko;

use workbench::compose::{DraftError, Form, Framing, ItemError, Progress, VariableError};

use crate::{
    composer::{Panel, RepeatError, Undo},
    language::choose,
    ui::row_editor::PairWords,
};

/// Words in the current language.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// Words of the composer in one language.
pub(crate) struct Words {
    pub(crate) composer: Composer,
    pub(crate) files: Files,
    pub(crate) repeating: Repeating,
    pub(crate) saving: Saving,
    pub(crate) variables: Variables,
}

pub(crate) struct Composer {
    pub(crate) message: &'static str,
    pub(crate) placeholder: &'static str,
    /// Label of the button, by the frames.
    pub(crate) send: fn(Option<Framing>) -> &'static str,
    pub(crate) send_hint: &'static str,
    pub(crate) not_connected: &'static str,
    /// Sentence about a message that was not sent, as there is no connection.
    pub(crate) is_kept: &'static str,
    pub(crate) connect_and_send: &'static str,
    pub(crate) connect: &'static str,
    pub(crate) is_empty: &'static str,
    pub(crate) send_empty: &'static str,
    /// Number of messages that were not sent.
    pub(crate) unsent: fn(usize) -> String,
    pub(crate) send_again: &'static str,
    pub(crate) discard: &'static str,
    /// Label of the controls above the text box.
    pub(crate) controls: &'static str,
    pub(crate) form_label: &'static str,
    pub(crate) form: fn(Form) -> &'static str,
    pub(crate) framing_label: &'static str,
    pub(crate) framing: fn(Option<Framing>) -> &'static str,
    pub(crate) fragment_bytes: &'static str,
    pub(crate) fragment_count: &'static str,
    pub(crate) close_code: &'static str,
    /// Errors in the number of fragments, with its maximum, and in the close code.
    pub(crate) wrong_number: fn(u32) -> String,
    pub(crate) wrong_code: &'static str,
    pub(crate) format: &'static str,
    pub(crate) minify: &'static str,
    pub(crate) key_hint: &'static str,
    /// A draft over [`MAX_DRAFT_BYTES`](workbench::open_tabs::MAX_DRAFT_BYTES).
    pub(crate) too_long: &'static str,
    /// Start of the message with variables filled in.
    pub(crate) preview: fn(&str) -> String,
    pub(crate) invalid: fn(&DraftError) -> String,
    /// Error whose position refers to the message with variables filled in.
    pub(crate) invalid_filled: fn(&DraftError) -> String,
    pub(crate) go_to_error: &'static str,
    pub(crate) as_text: &'static str,
    pub(crate) as_text_hint: &'static str,
    pub(crate) panel: fn(Panel) -> &'static str,
    pub(crate) close: &'static str,
    pub(crate) unstored: &'static str,
    /// Description of the last deletion or replacement.
    pub(crate) undone: fn(&Undo) -> String,
}

/// Attached file.
pub(crate) struct Files {
    pub(crate) file: &'static str,
    pub(crate) send: &'static str,
    pub(crate) remove: &'static str,
    pub(crate) too_large: fn(u64) -> String,
    /// Names of files that are not attached.
    pub(crate) left_out: fn(&str) -> String,
    pub(crate) drop_here: &'static str,
}

/// Repetition panel.
pub(crate) struct Repeating {
    pub(crate) interval: &'static str,
    pub(crate) count: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) start: &'static str,
    pub(crate) stop: &'static str,
    pub(crate) error: fn(RepeatError) -> &'static str,
    /// State of one that is over: all were sent, or it was stopped.
    pub(crate) over: fn(bool) -> &'static str,
    /// Progress, and rate in messages per second.
    pub(crate) progress: fn(&Progress, Option<u64>) -> String,
}

/// Panel of saved messages.
pub(crate) struct Saving {
    pub(crate) none_yet: &'static str,
    pub(crate) name: &'static str,
    pub(crate) folder: &'static str,
    pub(crate) save: &'static str,
    /// A message was saved by this name.
    pub(crate) saved: fn(&str) -> String,
    pub(crate) load: &'static str,
    pub(crate) send: &'static str,
    pub(crate) send_named: fn(&str) -> String,
    pub(crate) edit: &'static str,
    pub(crate) edit_named: fn(&str) -> String,
    pub(crate) apply: &'static str,
    pub(crate) replace: &'static str,
    pub(crate) replace_named: fn(&str) -> String,
    pub(crate) delete: &'static str,
    pub(crate) delete_folder: &'static str,
    pub(crate) error: fn(&ItemError) -> String,
}

/// Panel of environments and their variables, numbered from 1.
pub(crate) struct Variables {
    pub(crate) environment: &'static str,
    pub(crate) none_yet: &'static str,
    pub(crate) add_environment: &'static str,
    pub(crate) new_name: fn(usize) -> String,
    pub(crate) environment_name: &'static str,
    pub(crate) delete_environment: &'static str,
    pub(crate) rows: PairWords,
    pub(crate) invalid: fn(&VariableError) -> String,
    pub(crate) error: fn(&ItemError) -> String,
    pub(crate) built_in: &'static str,
    /// Meanings of `now`, `now_ms`, `uuid`, `seq` and `random`.
    pub(crate) meanings: [&'static str; 5],
}
