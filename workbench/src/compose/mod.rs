//! Messages to send: drafts, variables, saved messages, history, and repetition.

mod draft;
mod draft_error;
mod environment;
mod framing;
mod history;
mod layout;
mod mask;
mod named;
mod repeat;
mod saved;
mod template;
mod variable;

pub use draft::{Composed, Draft, Form};
pub use draft_error::{DraftError, MAX_FORMATTED_BYTES};
pub use environment::{Environment, Environments, RemovedEnvironment};
pub use framing::Framing;
pub use history::{MAX_SENT, SentHistory};
pub use mask::{is_in_variables, mask_url};
pub use named::{ItemError, ItemKind, MAX_NAME_CHARACTERS, NameError};
pub use repeat::{MAX_BURST, Progress, Repeat, Repetition};
pub use saved::{Folder, Removed, Saved, SavedMessage, TOP};
pub use template::{
    BUILT_IN, FillError, Flaw, MAX_FILLED_BYTES, MAX_VARIABLE_BYTES, Template, TemplateError,
    Values,
};
pub use variable::{MAX_VALUE_BYTES, MAX_VARIABLES, VariableError, wrong_variables};

pub(crate) use mask::{MIN_SECRET, mask_secrets, typed_text};
pub(crate) use named::{Named, NamedList};
pub(crate) use template::{BRACES_IN_URL, placeholders};
