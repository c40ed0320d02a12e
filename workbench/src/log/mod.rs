//! The message log of a tab: transcript, listing, search, and persistence.

mod event;
mod field;
mod listing;
mod marker;
mod needle;
mod persistence;
mod pins;
mod query;
mod row;
mod search;
mod transcript;
mod window;

pub use event::{Ended, Imported, LogEvent, Opened, Origin, Switched};
pub use field::{FieldError, MAX_FIELD_BYTES};
pub use marker::Marker;
pub use needle::RegexError;
pub use persistence::{MAX_KEPT_ENTRIES, StoreChange};
pub use pins::{MAX_PINNED_BYTES, MAX_PINS};
pub use query::{ActiveFilter, EntryKinds, Query};
pub use row::{EntryRef, Line, Row, RowContent, RowRequest};
pub use search::QueryError;
pub use transcript::{Bounds, Content, Entry, Item, Transcript};
pub use window::Window;

pub(crate) use listing::Listing;
pub(crate) use persistence::{Kept, PersistedChunks};
pub(crate) use pins::{MessageRef, Pins};
pub(crate) use search::Filter;
