//! English.

use workbench::{
    CloseCode, Direction, Imported, Origin,
    detail::{End, Form, MAX_DEPTH, MAX_NODES, size_in_words},
    figures::{count, size, span},
    formats::PassedOver,
};

use super::words::{
    Address, Announcer, Closing, Composer, Connection, Detail, Figures, List, Notices, Options,
    Page, Pins, Shortcuts, Standing, Tabs, Tallies, Toolbar, Words,
};
use crate::{
    settings::{Theme, TimeShown},
    shell::Notice,
    shortcuts::{Deed, Where},
};

pub(super) static WORDS: Words = Words {
    figures: Figures { count, size, part: size_in_words, span },
    page: Page {
        name: "Workbench",
        language: "Language",
        colours: "Colours",
        theme: |theme| match theme {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        },
        conversation: "Conversation",
        with_message: "With this message",
        pin: "Pin",
        unpin: "Unpin",
        send_again: "Send again",
        edit: "Edit and send",
    },
    tabs: Tabs {
        connections: "Connections",
        new: "New connection",
        close: |name| format!("Close {name}"),
        closed: |name| format!("Closed {name}. "),
        undo: "Undo",
        forget: "Forget the closed tab",
    },
    address: Address {
        label: "Address",
        offer: "Recent addresses and endpoints",
        misbehaves: "misbehaves",
        recent: "Recent",
        this_server: "This server",
        mistake: ToString::to_string,
        subprotocol_is_wrong: "A subprotocol cannot be asked for like this. See below.",
        for_the_next: "The address was changed. It counts from the next connection on.",
    },
    connection: Connection {
        title: "Connection",
        connect: "Connect",
        disconnect: "Disconnect",
        disconnect_with_code: "Disconnect with a code and a reason",
        stop_retrying: "Stop retrying",
        try_now: "Try now",
        idle: "Not connected",
        failed: "Failed",
        closed: "Closed",
        connecting: "Connecting…",
        open: "Connected",
        closing: "Closing…",
        lost: "Connection lost",
        cancelled: "The connection was called off before it opened.",
        was_closed: |close| format!("{close}."),
        was_lost: |close| format!("{close}. Is the server still running?"),
        cause: ToString::to_string,
        other_causes: "Other usual causes",
        will_retry: " It will be tried again.",
        retries_in: |seconds| format!("Trying again in {seconds} s"),
        subprotocol: "Subprotocol",
        extensions: "Extensions",
    },
    closing: Closing {
        title: "Disconnect with a code",
        code: "Code",
        reason: "Reason",
        meaning: |code: CloseCode| format!("{code}: {}.", code.meaning()),
        mistake: ToString::to_string,
        bytes: |bytes, most| format!("{bytes} of {most} bytes"),
        cancel: "Cancel",
        disconnect: "Disconnect",
    },
    options: Options {
        title: "Options",
        which: ": query, subprotocols, reconnect",
        of: |path| format!("Options of {path}"),
        query: "Query",
        add_parameter: "Add a parameter",
        name_of_parameter: |number| format!("Name of parameter {number}"),
        value_of_parameter: |number| format!("Value of parameter {number}"),
        remove_parameter: |number| format!("Remove parameter {number}"),
        name: "name",
        value: "value",
        remove: "Remove",
        subprotocols: "Subprotocols, the preferred one first",
        add_subprotocol: "Add a subprotocol",
        subprotocol: |number| format!("Subprotocol {number}"),
        remove_subprotocol: |number| format!("Remove subprotocol {number}"),
        subprotocol_mistake: ToString::to_string,
        reconnect: "Reconnect",
        connect_again: "Connect again when the connection is lost",
        attempts: "Attempts in a row, at most",
        no_limit: "no limit",
        limit_is_wrong: "A whole number from 1 to 1000, or nothing for no limit.",
    },
    notices: Notices { close: "Close this notice", says: notice },
    toolbar: Toolbar {
        title: "List",
        find: "Find",
        find_what: "Find…",
        match_case: "Match upper and lower case",
        expression: "Regular expression",
        what_is_listed: "What is listed",
        sent: "Sent",
        list_sent: "List what was sent",
        received: "Received",
        list_received: "List what was received",
        events: "Events",
        list_events: "List what the connection did",
        more: "More",
        kind: "Kind",
        any_kind: "text and binary",
        text: "text",
        binary: "binary",
        bytes_at_least: "Bytes, at least",
        bytes_at_most: "Bytes, at most",
        any: "any",
        time: "Time",
        time_shown: |time| match time {
            TimeShown::Clock => "clock",
            TimeShown::SinceStart => "since start",
            TimeShown::SinceBefore => "since previous",
        },
        rows_held: "Rows held, at most",
        mebibytes_held: "MiB held, at most",
        pause: "Pause",
        resume: "Resume",
        pause_means: "Stop the list; nothing is lost meanwhile",
        clear: "Clear",
        clear_means: "Empty the list",
    },
    standing: Standing {
        not_an_expression: ToString::to_string,
        found: |found, held| format!("{} of {}", count(found), counted(held, "row", "rows")),
        looking: |more| format!("looking at {} more", count(more)),
        paused: |new| format!("paused, {} new since", count(new)),
        let_go: |rows| counted(rows, "older row was let go", "older rows were let go"),
        cleared: |rows| counted(rows, "row cleared. ", "rows cleared. "),
        undo: "Undo",
        forget: "Forget what was cleared",
    },
    list: List {
        title: "Messages",
        nothing_found: "No message is like this. Change what is looked for, or clear it.",
        begin: "Type a message and press Enter, or begin with this one:",
        send_first: "Send “hi”",
        to_newest: "To the newest",
        new: |new| format!("{} new", count(new)),
        direction: |direction| match direction {
            Direction::Out => "sent",
            Direction::In => "received",
        },
        opened: |agreement, outage| {
            let opened = match outage {
                Some(outage) => format!("Reconnected after {}", span(outage)),
                None => "Connected".to_owned(),
            };
            match agreement.subprotocol.as_str() {
                "" => opened,
                subprotocol => format!("{opened}, subprotocol {subprotocol}"),
            }
        },
        ended: ToString::to_string,
        brought: |brought| {
            let rows = match brought.entries {
                1 => "The row above is".to_owned(),
                rows => format!("The {} rows above are", count(rows)),
            };
            match &brought.from {
                Origin::LastVisit => format!("{rows} from before the page was loaded"),
                Origin::File(name) => format!("{rows} from {name}"),
            }
        },
    },
    pins: Pins { title: "Pinned messages", unpin: "Unpin" },
    detail: Detail {
        title: "Message",
        nothing_picked: "Pick a message in the list to look at it closely.",
        width: "Width of the message pane",
        copy: "Copy",
        compare: "Compare",
        close: "Close",
        views: "Views of the message",
        text: "Text",
        hex: "Hex",
        hexadecimal: "Hexadecimal",
        kind: |message| if message.is_text { "text" } else { "binary" },
        notice: |message| {
            if message.size == 0 {
                return Some("The message is empty: it has no bytes.".to_owned());
            }
            (!message.is_whole()).then(|| {
                let part = size_in_words(message.part.len() as u64);
                let whole = size_in_words(message.size);
                format!("The first {part} of {whole} are shown. Copy takes the whole message.")
            })
        },
        read_as: "Read as",
        invalid: |places, encoding| match places {
            1 => format!("One place is not valid {encoding}. A � stands for it."),
            _ => format!("{places} places are not valid {encoding}. A � stands for each."),
        },
        fold_all: "Fold all",
        unfold_all: "Unfold all",
        end: |end| match end {
            End::Whole => None,
            End::Cut => Some("The outline ends with the part of the message that is shown.".into()),
            End::Full => Some(format!("The outline ends after {MAX_NODES} lines.")),
            End::Deep => Some(format!("The outline ends where {MAX_DEPTH} brackets are open.")),
            End::Wrong(mistake) => Some(format!("This is not JSON. At {mistake}.")),
        },
        items: |items| match items {
            1 => "1 item".to_owned(),
            _ => format!("{items} items"),
        },
        more: |bytes| format!("… {} more", size_in_words(bytes)),
        pick_another: "Pick the message to compare this one with in the list.",
        differences: "Differences",
        changes: "Changes",
        all_lines: "All lines",
        only_in_first: "only in the first",
        only_in_second: "only in the second",
        left_out: |lines| match lines {
            1 => "⋯ 1 line that is the same".to_owned(),
            _ => format!("⋯ {lines} lines that are the same"),
        },
        compared: |comparison| {
            let what = match comparison.form {
                Form::Json => "Compared as JSON, laid out",
                Form::Text => "Compared as text",
                Form::Hex => "Compared as bytes",
            };
            let differences = match comparison.changes() {
                0 => "no line differs".to_owned(),
                1 => "1 line differs".to_owned(),
                lines => format!("{lines} lines differ"),
            };
            let bound = if comparison.is_whole { "" } else { " Only the first part was compared." };
            format!("{what}: {differences}.{bound}")
        },
    },
    composer: Composer {
        message: "Message",
        enter: "Enter a message",
        send: "Send",
        is_empty: "The box is empty. ",
        send_empty: "Send an empty message",
        unsent: |messages| match messages {
            1 => "1 message could not be sent. ".to_owned(),
            _ => format!("{messages} messages could not be sent. "),
        },
        send_again: "Send again",
        discard: "Discard",
    },
    tallies: Tallies {
        sent: "sent ",
        received: "received ",
        held: "held ",
        rows: |rows| if rows == 1 { " row" } else { " rows" },
    },
    announcer: Announcer {
        received: |start| format!("Received: {start}"),
        received_many: |messages| counted(messages, "message received", "messages received"),
    },
    shortcuts: Shortcuts {
        title: "Keyboard shortcuts",
        close: "Close",
        place: |place| match place {
            Where::Anywhere => "Anywhere",
            Where::Address => "In the address",
            Where::List => "In the list",
            Where::Message => "In the message",
            Where::Tabs => "On a tab",
        },
        deed: |deed| match deed {
            Deed::ShowKeys => "Show this list",
            Deed::Find => "Find in the list",
            Deed::AddTab => "Open a new connection",
            Deed::Connect => "Connect or disconnect",
            Deed::ToAddress => "Go to the address",
            Deed::ToList => "Go to the list",
            Deed::ToMessage => "Go to the message",
            Deed::Offers => "Choose from what is offered",
            Deed::TakeOffer => "Take it, or connect",
            Deed::CloseOffers => "Close what is offered",
            Deed::Walk => "Next or previous row",
            Deed::WalkFar => "A page on or back, first or last row",
            Deed::LookClosely => "Go into the row's message",
            Deed::CloseMessage => "Close the message pane",
            Deed::Send => "Send",
            Deed::BreakLine => "Begin a new line",
            Deed::OtherTab => "Next or previous tab",
            Deed::CloseTab => "Close the tab",
        },
        single_keys: "Use the shortcuts ? and /, which have no modifier key",
    },
};

fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

fn notice(notice: &Notice) -> String {
    let says = match notice {
        Notice::Broken(cause) => {
            let cause = if cause.is_empty() { "worker.js could not be loaded" } else { cause };
            return format!(
                "The engine of this tab has stopped ({cause}), and what the tab held is lost. \
                 Open a new connection with +, or reload the page."
            );
        }
        Notice::Copied => "Copied.",
        Notice::NotCopied => {
            "The browser did not allow copying. It does so for pages from https or from localhost."
        }
        Notice::NotPinned => {
            "Not pinned: at most 100 messages of up to 1 MiB can be. Unpin another first."
        }
        Notice::NotKept => {
            "More than 1,000 messages could not be sent: those after them were not kept."
        }
        Notice::ListNotKept => {
            "This browser has no room for the list, or forbids keeping it: it will be gone when the \
             page is closed. Export it to keep it."
        }
        Notice::NotTaken => "This message cannot be edited here: it is larger than 16 MiB.",
        Notice::Imported(imported) => return self::imported(imported),
    };
    says.to_owned()
}

fn imported(imported: &Imported) -> String {
    let entries = match imported.entries {
        1 => "1 entry was".to_owned(),
        entries => format!("{} entries were", count(entries)),
    };
    let mut says = vec![format!("{entries} read from {}.", imported.name)];
    let PassedOver { control_frames, other_messages, other_requests } = imported.passed_over;
    let frames = control_frames + other_messages;
    if frames > 0 {
        says.push(format!("Passed over, as they are no messages: {}.", count(frames)));
    }
    if other_requests > 0 {
        says.push(format!("Requests without a WebSocket: {}.", count(other_requests)));
    }
    if let Some(error) = &imported.error {
        says.push(error.to_string());
    }
    says.join(" ")
}
