//! Messages to send: drafts, variables, saved messages, history, and repetition.

mod draft;
mod draft_error;
mod environment;
mod framing;
mod history;
mod layout;
mod mask;
mod name;
mod repeat;
mod saved;
mod template;

pub use draft::{Composed, Draft, Form};
pub use draft_error::{DraftError, FORMATTED_BYTES};
pub use environment::{
    ENVIRONMENTS, ENVIRONMENTS_BYTES, Environment, EnvironmentError, Environments,
    RemovedEnvironment, VALUE_BYTES, VARIABLES, VariableError, wrong_variables,
};
pub use framing::Framing;
pub use history::{SENT, SentHistory};
pub use mask::{is_in_variables, mask_url};
pub use name::{NAME_CHARACTERS, NameError};
pub use repeat::{BURST, FLOOR, Progress, Repeat, Repetition, RepetitionError};
pub use saved::{
    FOLDERS, Folder, Removed, SAVED, SAVED_BYTES, Saved, SavedError, SavedMessage, TOP,
};
pub use template::{
    BUILT_IN, FILLED_BYTES, FillError, Flaw, Template, TemplateError, VARIABLE_BYTES, Values,
};

pub(crate) use mask::{MIN_SECRET, typed_text};
pub(crate) use name::check_name;
pub(crate) use template::{BRACES_IN_URL, placeholders};
