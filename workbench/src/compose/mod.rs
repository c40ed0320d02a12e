//! What a person writes to be sent: drafts, the variables in them, what was sent and what is saved,
//! and sending it again and again.

mod base64;
mod draft;
mod environment;
mod hex;
mod history;
mod layout;
mod repeat;
mod saved;
mod template;
mod workspace;

pub use base64::{Base64Error, base64_text};
pub use draft::{Composed, Draft, DraftError, Form};
pub use environment::{
    ENVIRONMENTS, ENVIRONMENTS_BYTES, Environment, EnvironmentError, Environments,
    RemovedEnvironment, VALUE_BYTES, VARIABLE_BYTES, VARIABLES, VariableError, wrong_variables,
};
pub use hex::{HexError, hex_text};
pub use history::{SENT, SENT_BYTES, SentHistory};
pub use layout::FORMATTED_BYTES;
pub use repeat::{BURST, CATCH_UP, FLOOR, Progress, Repeat, Repetition, RepetitionError};
pub use saved::{
    FOLDERS, Folder, Removed, SAVED, SAVED_BYTES, Saved, SavedError, SavedMessage, TOP,
};
pub use template::{BUILT_IN, FILLED_BYTES, FillError, Flaw, Template, TemplateError, Values};
pub use workspace::{FILE_BYTES, Merged, VERSION, Workspace, WorkspaceError};

pub use crate::place::Place;

/// Characters in the name of a folder, a saved message or an environment, at most: what a list shows.
pub const NAME_CHARACTERS: usize = 100;

/// What is wrong with a name that a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// There is none.
    #[error("Give it a name.")]
    Empty,
    /// It is longer than [`NAME_CHARACTERS`].
    #[error("A name has at most {NAME_CHARACTERS} characters. Shorten it.")]
    TooLong,
    /// Blanks around it, a line break or another control character: what cannot be seen.
    #[error("A name is one line without blanks around it.")]
    Blanks,
}

fn check_name(name: &str) -> Result<(), NameError> {
    if name.trim().is_empty() {
        Err(NameError::Empty)
    } else if name.chars().nth(NAME_CHARACTERS).is_some() {
        Err(NameError::TooLong)
    } else if name.trim() != name || name.contains(char::is_control) {
        Err(NameError::Blanks)
    } else {
        Ok(())
    }
}
