//! What both clients share, as pure state: events and the time come in, effects go out.
//!
//! A shell (the browser page, the terminal client) owns the sockets, the clock and the timers. It
//! reports what happens as an [`Event`], and performs the [`Effect`] it gets back in one `match`.
//! That makes every rule in here testable natively, in microseconds, without a network.

mod address;
pub mod compose;
mod desk;
pub mod detail;
mod engine;
mod failure;
pub mod figures;
mod find;
pub mod formats;
mod json;
mod keeping;
mod listing;
pub mod measure;
mod place;
mod preset;
mod query;
mod recent;
pub mod share;
mod subprotocol;
mod transcript;
mod transfer;
mod window;
mod wire;

pub use address::{Address, AddressError, AddressSpace, endpoint_of_page};
pub use desk::{Desk, DeskTab, TABS};
pub use engine::{COPIED, Engine, Reaction};
pub use failure::{Cause, Page, causes};
pub use find::{Query, RegexError, Which};
pub use keeping::{Change, KEPT_BYTES, KEPT_ENTRIES, KEPT_MESSAGE};
pub use measure::Tally;
pub use preset::{Group, Preset, PresetOption, Suggestion, suggestions};
pub use query::{
    Parameter, decoded, encoded, parameters, with_name, with_parameter, with_value,
    without_parameter,
};
pub use recent::{RECENT, Recent};
pub use subprotocol::{SubprotocolError, wrong_subprotocols};
pub use transcript::{Bounds, Content, Entry, Imported, Item, Origin, Transcript};
pub use transfer::Piece;
pub use window::Window;
pub use wire::{
    Command, EntryRef, Fetched, ImportReport, Line, Purpose, Repeating, Report, Row, RowContent,
    RowRequest, Snapshot, Target, read, write,
};
