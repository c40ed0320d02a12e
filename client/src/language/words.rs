//! What every language has a word for: a `struct` a view, so that a word that is missing in one
//! language does not compile.

use std::time::Duration;

use workbench::{
    AddressError, Agreement, Brought, Cause, Close, CloseCode, CloseError, Direction, Ending,
    NotAnExpression, SubprotocolError,
    compose::{DraftError, EnvironmentError, Form, Progress, SavedError, VariableError},
    detail::{Comparison, End, Inspected},
    measure::{self, Numbered, Second},
};

use crate::{
    composer::{Panel, Undo, Unrepeatable},
    settings::{Theme, TimeShown},
    shell::Notice,
    shortcuts::{Deed, Where},
};

/// All that the page says in one language.
pub(crate) struct Words {
    pub(crate) figures: Figures,
    pub(crate) page: Page,
    pub(crate) tabs: Tabs,
    pub(crate) address: Address,
    pub(crate) connection: Connection,
    pub(crate) closing: Closing,
    pub(crate) options: Options,
    pub(crate) notices: Notices,
    pub(crate) toolbar: Toolbar,
    pub(crate) standing: Standing,
    pub(crate) list: List,
    pub(crate) pins: Pins,
    pub(crate) detail: Detail,
    pub(crate) composer: Composer,
    pub(crate) measure: Measure,
    pub(crate) files: Files,
    pub(crate) repeating: Repeating,
    pub(crate) saving: Saving,
    pub(crate) variables: Variables,
    pub(crate) announcer: Announcer,
    pub(crate) sharing: Sharing,
    pub(crate) shortcuts: Shortcuts,
}

/// Numbers as a person reads them.
pub(crate) struct Figures {
    pub(crate) count: fn(u64) -> String,
    /// Bytes, in three digits at most.
    pub(crate) size: fn(u64) -> String,
    /// Bytes, rounded down.
    pub(crate) part: fn(u64) -> String,
    pub(crate) span: fn(Duration) -> String,
}

pub(crate) struct Page {
    pub(crate) name: &'static str,
    pub(crate) language: &'static str,
    pub(crate) colours: &'static str,
    pub(crate) theme: fn(Theme) -> &'static str,
    pub(crate) conversation: &'static str,
    /// The group of what can be done with a message.
    pub(crate) with_message: &'static str,
    pub(crate) pin: &'static str,
    pub(crate) unpin: &'static str,
    pub(crate) send_again: &'static str,
    pub(crate) edit: &'static str,
}

pub(crate) struct Tabs {
    pub(crate) connections: &'static str,
    /// The button, and a tab without an address.
    pub(crate) new: &'static str,
    pub(crate) close: fn(&str) -> String,
    pub(crate) closed: fn(&str) -> String,
    pub(crate) undo: &'static str,
    pub(crate) forget: &'static str,
}

/// The address box and its list.
pub(crate) struct Address {
    pub(crate) label: &'static str,
    pub(crate) offer: &'static str,
    pub(crate) misbehaves: &'static str,
    /// The heading of recent addresses.
    pub(crate) recent: &'static str,
    /// The heading of endpoints without a group.
    pub(crate) this_server: &'static str,
    pub(crate) mistake: fn(&AddressError) -> String,
    pub(crate) subprotocol_is_wrong: &'static str,
    pub(crate) for_the_next: &'static str,
}

/// How the connection stands, and the buttons beside it.
pub(crate) struct Connection {
    pub(crate) title: &'static str,
    pub(crate) connect: &'static str,
    pub(crate) disconnect: &'static str,
    pub(crate) disconnect_with_code: &'static str,
    pub(crate) stop_retrying: &'static str,
    pub(crate) try_now: &'static str,
    pub(crate) idle: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) closed: &'static str,
    pub(crate) connecting: &'static str,
    pub(crate) open: &'static str,
    pub(crate) closing: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) cancelled: &'static str,
    /// How it was closed, as a sentence.
    pub(crate) was_closed: fn(&Close) -> String,
    /// The same where there was no Close frame.
    pub(crate) was_lost: fn(&Close) -> String,
    pub(crate) cause: fn(&Cause) -> String,
    pub(crate) other_causes: &'static str,
    /// For the ear, which no countdown is read to.
    pub(crate) will_retry: &'static str,
    /// Seconds.
    pub(crate) retries_in: fn(u64) -> String,
    pub(crate) subprotocol: &'static str,
    pub(crate) extensions: &'static str,
}

/// The form that closes with a code and a reason.
pub(crate) struct Closing {
    pub(crate) title: &'static str,
    pub(crate) code: &'static str,
    pub(crate) reason: &'static str,
    /// What the code says, as a sentence.
    pub(crate) meaning: fn(CloseCode) -> String,
    pub(crate) mistake: fn(&CloseError) -> String,
    /// Bytes in the reason, of those that there may be.
    pub(crate) bytes: fn(usize, usize) -> String,
    pub(crate) cancel: &'static str,
    pub(crate) disconnect: &'static str,
}

/// What is folded below the address.
pub(crate) struct Options {
    pub(crate) title: &'static str,
    /// What is in them, behind the title.
    pub(crate) which: &'static str,
    /// The title of an endpoint's own, by its path.
    pub(crate) of: fn(&str) -> String,
    pub(crate) query: &'static str,
    pub(crate) add_parameter: &'static str,
    /// Parameters and subprotocols are numbered from 1.
    pub(crate) name_of_parameter: fn(usize) -> String,
    pub(crate) value_of_parameter: fn(usize) -> String,
    pub(crate) remove_parameter: fn(usize) -> String,
    pub(crate) name: &'static str,
    pub(crate) value: &'static str,
    pub(crate) remove: &'static str,
    pub(crate) subprotocols: &'static str,
    pub(crate) add_subprotocol: &'static str,
    pub(crate) subprotocol: fn(usize) -> String,
    pub(crate) remove_subprotocol: fn(usize) -> String,
    pub(crate) subprotocol_mistake: fn(&SubprotocolError) -> String,
    pub(crate) reconnect: &'static str,
    pub(crate) connect_again: &'static str,
    pub(crate) attempts: &'static str,
    pub(crate) no_limit: &'static str,
    pub(crate) limit_is_wrong: &'static str,
}

pub(crate) struct Notices {
    pub(crate) close: &'static str,
    pub(crate) says: fn(&Notice) -> String,
}

/// What is looked for, and what can be done with the list.
pub(crate) struct Toolbar {
    pub(crate) title: &'static str,
    pub(crate) find: &'static str,
    /// In the empty box.
    pub(crate) find_what: &'static str,
    pub(crate) match_case: &'static str,
    pub(crate) expression: &'static str,
    pub(crate) what_is_listed: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) list_sent: &'static str,
    pub(crate) received: &'static str,
    pub(crate) list_received: &'static str,
    pub(crate) events: &'static str,
    pub(crate) list_events: &'static str,
    pub(crate) more: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) any_kind: &'static str,
    pub(crate) text: &'static str,
    pub(crate) binary: &'static str,
    pub(crate) bytes_at_least: &'static str,
    pub(crate) bytes_at_most: &'static str,
    /// In an empty box for a number.
    pub(crate) any: &'static str,
    pub(crate) time: &'static str,
    pub(crate) time_shown: fn(TimeShown) -> &'static str,
    pub(crate) rows_held: &'static str,
    pub(crate) mebibytes_held: &'static str,
    pub(crate) pause: &'static str,
    pub(crate) resume: &'static str,
    pub(crate) pause_means: &'static str,
    pub(crate) clear: &'static str,
    pub(crate) clear_means: &'static str,
}

/// What the list is, where that is not plain.
pub(crate) struct Standing {
    pub(crate) not_an_expression: fn(&NotAnExpression) -> String,
    /// Rows that are listed, of those that are held.
    pub(crate) found: fn(u64, u64) -> String,
    pub(crate) looking: fn(u64) -> String,
    pub(crate) paused: fn(u64) -> String,
    pub(crate) let_go: fn(u64) -> String,
    pub(crate) cleared: fn(u64) -> String,
    pub(crate) undo: &'static str,
    pub(crate) forget: &'static str,
}

pub(crate) struct List {
    pub(crate) title: &'static str,
    pub(crate) nothing_found: &'static str,
    pub(crate) begin: &'static str,
    pub(crate) send_first: &'static str,
    pub(crate) to_newest: &'static str,
    pub(crate) new: fn(u64) -> String,
    pub(crate) direction: fn(Direction) -> &'static str,
    /// What was agreed on, and how long there was no connection if it was lost before.
    pub(crate) opened: fn(&Agreement, Option<Duration>) -> String,
    pub(crate) ended: fn(&Ending) -> String,
    pub(crate) brought: fn(&Brought) -> String,
}

pub(crate) struct Pins {
    pub(crate) title: &'static str,
    pub(crate) unpin: &'static str,
}

/// The pane that shows one message closely.
pub(crate) struct Detail {
    pub(crate) title: &'static str,
    pub(crate) nothing_picked: &'static str,
    pub(crate) width: &'static str,
    pub(crate) copy: &'static str,
    pub(crate) compare: &'static str,
    pub(crate) close: &'static str,
    pub(crate) views: &'static str,
    pub(crate) text: &'static str,
    pub(crate) hex: &'static str,
    pub(crate) hexadecimal: &'static str,
    pub(crate) kind: fn(&Inspected) -> &'static str,
    /// What must be known of a message before its bytes are read.
    pub(crate) notice: fn(&Inspected) -> Option<String>,
    pub(crate) read_as: &'static str,
    /// Places that are not valid in the encoding of this name; at least one.
    pub(crate) invalid: fn(usize, &str) -> String,
    pub(crate) fold_all: &'static str,
    pub(crate) unfold_all: &'static str,
    /// Why an outline ends early, or is not one.
    pub(crate) end: fn(&End) -> Option<String>,
    /// What is in a folded object or array.
    pub(crate) items: fn(usize) -> String,
    /// Bytes that a value's row does not show of it.
    pub(crate) more: fn(u64) -> String,
    pub(crate) pick_another: &'static str,
    pub(crate) differences: &'static str,
    pub(crate) changes: &'static str,
    pub(crate) all_lines: &'static str,
    pub(crate) only_in_first: &'static str,
    pub(crate) only_in_second: &'static str,
    pub(crate) left_out: fn(usize) -> String,
    /// What a comparison came to.
    pub(crate) compared: fn(&Comparison) -> String,
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

/// What comes in and goes out as files, links and commands.
pub(crate) struct Sharing {
    pub(crate) title: &'static str,
    pub(crate) connection: &'static str,
    pub(crate) copy_link: &'static str,
    pub(crate) copy_command: &'static str,
    pub(crate) list: &'static str,
    /// How many rows an export has: those that are listed.
    pub(crate) exported: fn(u64) -> String,
    pub(crate) json_lines: &'static str,
    pub(crate) har: &'static str,
    pub(crate) text_log: &'static str,
    pub(crate) import: &'static str,
    pub(crate) workspace: &'static str,
    pub(crate) save: &'static str,
    pub(crate) open: &'static str,
}

/// What was measured. Labels stand before their numbers.
pub(crate) struct Measure {
    pub(crate) title: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) received: &'static str,
    pub(crate) held: &'static str,
    pub(crate) rows: fn(u64) -> &'static str,
    /// A number within a second.
    pub(crate) a_second: fn(String) -> String,
    /// The worst that is wrong with a numbered stream, in a word.
    pub(crate) fault: fn(&Numbered) -> Option<String>,
    /// What will be here once something passes.
    pub(crate) nothing_yet: &'static str,
    /// What the charts are, and how they are read by keyboard.
    pub(crate) charts: &'static str,
    pub(crate) how_to_read: &'static str,
    pub(crate) messages: ChartWords,
    pub(crate) round_trips: ChartWords,
    pub(crate) a_minute_ago: &'static str,
    pub(crate) half_a_minute_ago: &'static str,
    pub(crate) now: &'static str,
    /// The figures of a second.
    pub(crate) second: fn(&Second) -> String,
    /// The heading of how much passed.
    pub(crate) passed: &'static str,
    pub(crate) count: &'static str,
    pub(crate) mean: &'static str,
    pub(crate) longest: &'static str,
    /// What a round trip is, where there was none.
    pub(crate) no_round_trips: &'static str,
    pub(crate) numbered: &'static str,
    /// What a numbered stream is, where there is none.
    pub(crate) not_numbered: &'static str,
    pub(crate) numbers: &'static str,
    pub(crate) form: fn(measure::Form) -> &'static str,
    pub(crate) next: &'static str,
    pub(crate) missing: &'static str,
    pub(crate) repeats: &'static str,
    pub(crate) late: &'static str,
    pub(crate) table: &'static str,
    pub(crate) table_caption: &'static str,
    pub(crate) time: &'static str,
    pub(crate) sent_bytes: &'static str,
    pub(crate) received_bytes: &'static str,
}

/// A chart of two lines.
pub(crate) struct ChartWords {
    pub(crate) title: &'static str,
    pub(crate) lines: [&'static str; 2],
    /// Where there is nothing to show.
    pub(crate) nothing: &'static str,
}

pub(crate) struct Announcer {
    /// The start of a message.
    pub(crate) received: fn(&str) -> String,
    pub(crate) received_many: fn(u64) -> String,
}

/// The list of keys.
pub(crate) struct Shortcuts {
    pub(crate) title: &'static str,
    pub(crate) close: &'static str,
    pub(crate) place: fn(Where) -> &'static str,
    pub(crate) deed: fn(Deed) -> &'static str,
    /// The switch for keys without a modifier.
    pub(crate) single_keys: &'static str,
}
