//! Words of the detail pane: a struct, so that a missing translation does not compile.

mod en;
mod ko;

use session::{Close, CloseCode};
use workbench::{
    connect::Cause,
    engine::MAX_COPIED_BYTES,
    payload::{Comparison, End, Inspected},
    relay::{MessageFrames, Stage},
};

use crate::language::choose;

/// Bytes of a message that are copied, at most.
const MOST_COPIED: u64 = MAX_COPIED_BYTES as u64;

/// Words in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// Words of the detail pane.
pub(crate) struct Words {
    pub(crate) event: Event,
    pub(crate) handshake: Handshake,
    pub(crate) frames: Frames,
    pub(crate) title: &'static str,
    pub(crate) copy: &'static str,
    pub(crate) compare: &'static str,
    pub(crate) views: &'static str,
    pub(crate) text: &'static str,
    pub(crate) hex: &'static str,
    pub(crate) hexadecimal: &'static str,
    pub(crate) kind: fn(&Inspected) -> &'static str,
    /// Notice above the views: the message is empty, or shown in part.
    pub(crate) notice: fn(&Inspected) -> Option<String>,
    pub(crate) encoding: &'static str,
    /// Count of invalid sequences, at least one, in the encoding of this name.
    pub(crate) invalid: fn(usize, &str) -> String,
    pub(crate) fold_all: &'static str,
    pub(crate) unfold_all: &'static str,
    /// Copies the current value of the JSON, or its path.
    pub(crate) copy_value: &'static str,
    /// In place of the button that copies a value, of one that is shown in part.
    pub(crate) cut_value: &'static str,
    pub(crate) path: &'static str,
    pub(crate) copy_path: &'static str,
    /// Reason that an outline stops early or cannot be read.
    pub(crate) outline_end: fn(&End) -> Option<String>,
    /// Number of items in a folded object or array.
    pub(crate) items: fn(usize) -> String,
    /// Bytes of a value left out of its row.
    pub(crate) more: fn(u64) -> String,
    pub(crate) select_another: &'static str,
    pub(crate) differences: &'static str,
    pub(crate) changes: &'static str,
    pub(crate) all_lines: &'static str,
    pub(crate) only_in_first: &'static str,
    pub(crate) only_in_second: &'static str,
    pub(crate) left_out: fn(usize) -> String,
    pub(crate) compared: fn(&Comparison) -> String,
}

/// Words for the opening handshake of a relayed connection.
pub(crate) struct Handshake {
    pub(crate) stage: fn(Stage) -> &'static str,
    /// Mark of the stage that failed, after its time.
    pub(crate) failed: &'static str,
    pub(crate) resolved: &'static str,
    pub(crate) connected: &'static str,
    pub(crate) trusted: &'static str,
    pub(crate) not_trusted: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) certificate: &'static str,
    pub(crate) request: &'static str,
    pub(crate) response: &'static str,
    pub(crate) body: &'static str,
    /// Purpose of a header of the handshake, by its name in lower case; empty for others.
    pub(crate) header: fn(&str) -> &'static str,
}

/// Words for the frames of a message.
pub(crate) struct Frames {
    /// Number of frames and of those that are shown, and their size compared to what they inflated to.
    pub(crate) title: fn(&MessageFrames) -> String,
    pub(crate) opcode: &'static str,
    /// Name of an opcode (RFC 6455 section 5.2); `None` for a reserved one.
    pub(crate) opcode_name: fn(u8) -> Option<&'static str>,
    pub(crate) flags: &'static str,
    pub(crate) head: &'static str,
    pub(crate) payload: &'static str,
    pub(crate) inflated: &'static str,
    /// Title of the pane of a frame of no message.
    pub(crate) control: &'static str,
}

/// Words for an event of a connection.
pub(crate) struct Event {
    pub(crate) title: &'static str,
    pub(crate) details: &'static str,
    pub(crate) address: &'static str,
    /// Name of the time without a connection.
    pub(crate) outage: &'static str,
    pub(crate) code: &'static str,
    /// Close code and its meaning.
    pub(crate) meaning: fn(CloseCode) -> String,
    pub(crate) reason: &'static str,
    /// Close frame in a line.
    pub(crate) close: fn(&Close) -> String,
    /// Name of the closing handshake, and its results.
    pub(crate) handshake: &'static str,
    pub(crate) clean: &'static str,
    pub(crate) unclean: &'static str,
    /// Name of the time from opening to end.
    pub(crate) lasted: &'static str,
    pub(crate) round_trip: &'static str,
    pub(crate) probable_cause: &'static str,
    pub(crate) cause_text: fn(&Cause) -> String,
}
