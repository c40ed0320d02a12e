//! Words of the message list: a struct, so that a missing translation does not compile.

mod en;
mod ko;

use session::{Payload, visible_line};
use workbench::{
    connect::Overrun,
    log::{ActiveFilter, Ended, Imported, LogEvent, Opened, QueryError, RowContent, Switched},
    relay::{ControlFrame, Opening},
};

use crate::{language::choose, settings::TimeShown};

/// Bytes of a frame that are shown in hexadecimal, at most.
const HEX_BYTES: usize = 125;

/// Words in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// Words of the message list, in one language.
pub(crate) struct Words {
    pub(crate) find: Find,
    pub(crate) chips: Chips,
    pub(crate) toolbar: Toolbar,
    pub(crate) status: Status,
    pub(crate) list: List,
    pub(crate) pins: Pins,
    pub(crate) actions: Actions,
    pub(crate) announcer: Announcer,
}

/// Find: search text, its options, and steps from match to match.
pub(crate) struct Find {
    pub(crate) title: &'static str,
    pub(crate) placeholder: &'static str,
    pub(crate) match_case: &'static str,
    pub(crate) regex: &'static str,
    pub(crate) mode: &'static str,
    pub(crate) filter: &'static str,
    pub(crate) filter_title: &'static str,
    pub(crate) mark: &'static str,
    pub(crate) mark_title: &'static str,
    pub(crate) previous: &'static str,
    pub(crate) next: &'static str,
    /// Number of the current match, if it is one, and of all.
    pub(crate) position: fn(Option<u64>, u64) -> String,
    /// Notice at the end of a text with more matches than are marked.
    pub(crate) unmarked: &'static str,
}

/// Chips of active filters.
pub(crate) struct Chips {
    pub(crate) title: &'static str,
    pub(crate) name: fn(&ActiveFilter) -> String,
    /// Action of a chip with this name.
    pub(crate) remove: fn(&str) -> String,
    pub(crate) clear: &'static str,
}

/// Toolbar: filters, pause and clear.
pub(crate) struct Toolbar {
    pub(crate) title: &'static str,
    pub(crate) shown: &'static str,
    pub(crate) show_sent: &'static str,
    pub(crate) show_received: &'static str,
    pub(crate) events: &'static str,
    pub(crate) show_events: &'static str,
    pub(crate) frames: &'static str,
    pub(crate) show_frames: &'static str,
    pub(crate) more: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) any_kind: &'static str,
    pub(crate) text: &'static str,
    pub(crate) binary: &'static str,
    pub(crate) min_size: &'static str,
    pub(crate) max_size: &'static str,
    /// Placeholder of an empty number box: no limit.
    pub(crate) any: &'static str,
    pub(crate) invalid_size: &'static str,
    /// Condition on a JSON field, an example, and what can be written.
    pub(crate) field: &'static str,
    pub(crate) field_placeholder: &'static str,
    pub(crate) field_help: &'static str,
    pub(crate) time: &'static str,
    pub(crate) time_shown: fn(TimeShown) -> &'static str,
    pub(crate) rows: &'static str,
    pub(crate) normal_rows: &'static str,
    pub(crate) compact_rows: &'static str,
    pub(crate) max_rows: &'static str,
    pub(crate) max_mebibytes: &'static str,
    pub(crate) invalid_limit: fn(u32) -> String,
    pub(crate) pause: &'static str,
    pub(crate) resume: &'static str,
    pub(crate) pause_title: &'static str,
    /// Button that pauses reading from the target, and resumes it.
    pub(crate) pause_reading: &'static str,
    pub(crate) resume_reading: &'static str,
    pub(crate) reading_title: &'static str,
    pub(crate) clear: &'static str,
    pub(crate) clear_title: &'static str,
}

/// Status: filter results, pause, evicted and cleared rows.
pub(crate) struct Status {
    pub(crate) query_error: fn(&QueryError) -> String,
    /// Matching rows, of those stored.
    pub(crate) found: fn(u64, u64) -> String,
    pub(crate) searching: fn(u64) -> String,
    pub(crate) not_reading: &'static str,
    pub(crate) paused: fn(u64) -> String,
    pub(crate) evicted: fn(u64) -> String,
    /// Pings and pongs without a row.
    pub(crate) folded: fn(u64) -> String,
    pub(crate) cleared: fn(u64) -> String,
    pub(crate) discard: &'static str,
}

pub(crate) struct List {
    pub(crate) title: &'static str,
    pub(crate) no_matches: &'static str,
    /// Takes the words for a condition on a field.
    pub(crate) by_field: fn(&str) -> String,
    pub(crate) not_connected: &'static str,
    /// Nothing is listed while the list is paused.
    pub(crate) paused: &'static str,
    pub(crate) first_message: &'static str,
    pub(crate) send_first: &'static str,
    pub(crate) jump_to_newest: &'static str,
    pub(crate) new: fn(u64) -> String,
    pub(crate) opened: fn(&Opened) -> String,
    pub(crate) ended: fn(&Ended) -> String,
    pub(crate) imported: fn(&Imported) -> String,
    pub(crate) switched: fn(&Switched) -> String,
    /// Connection closed because messages lag behind.
    pub(crate) overrun: fn(&Overrun) -> String,
    /// Ping, pong or Close frame, with its payload made visible.
    pub(crate) control: fn(&ControlFrame, &str) -> String,
    pub(crate) handshake: fn(&Opening) -> String,
}

/// Address as the end of a row; empty if unknown.
fn of(address: &str) -> String {
    if address.is_empty() { String::new() } else { format!(" · {address}") }
}

impl List {
    /// Text of an event; empty for a message.
    pub(crate) fn event(&self, content: &RowContent) -> String {
        let RowContent::Event(event) = content else { return String::new() };
        match event {
            LogEvent::Opened(opened) => (self.opened)(opened),
            LogEvent::Ended(ended) => (self.ended)(ended),
            LogEvent::Imported(imported) => (self.imported)(imported),
            LogEvent::Switched(switched) => (self.switched)(switched),
            LogEvent::Overrun(overrun) => (self.overrun)(overrun),
            LogEvent::Control(frame) => {
                let text = match frame.text() {
                    Some(text) => visible_line(&text).into_owned(),
                    None => Payload::Binary(&frame.payload).preview(HEX_BYTES).text,
                };
                (self.control)(frame, &text)
            }
            LogEvent::Handshake(opening) => (self.handshake)(opening),
        }
    }
}

pub(crate) struct Pins {
    pub(crate) title: &'static str,
    pub(crate) pinned: fn(usize) -> String,
    pub(crate) unpin: &'static str,
    pub(crate) unpin_all: &'static str,
}

/// Actions on a row.
pub(crate) struct Actions {
    pub(crate) title: &'static str,
    pub(crate) copy: &'static str,
    pub(crate) send_again: &'static str,
    pub(crate) pin: &'static str,
}

pub(crate) struct Announcer {
    pub(crate) received: fn(&str) -> String,
    pub(crate) received_many: fn(u64) -> String,
}
