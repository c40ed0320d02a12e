//! English.

use workbench::{
    CloseCode, Direction, Imported, Origin, TABS, Tally,
    compose::{self, Merged, Progress, Removed, SENT},
    detail::{End, Form, MAX_DEPTH, MAX_NODES, size_in_words},
    figures::{count, size, span},
    formats::PassedOver,
    measure::{self, Numbered},
    share::LeftOut,
};

use super::words::{
    Address, Announcer, ChartWords, Closing, Composer, Connection, Detail, Figures, Files, List,
    Measure, Notices, Options, Page, Pins, Repeating, Saving, Sharing, Shortcuts, Standing, Tabs,
    Toolbar, Variables, Words,
};
use crate::{
    composer::{Panel, Undo, Unrepeatable},
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
        unsent: |messages, is_open| {
            let what = counted(messages as u64, "message was", "messages were");
            let why = if is_open {
                "the other side did not read as fast as they came"
            } else {
                "the connection is not open"
            };
            format!("{what} not sent: {why}. ")
        },
        send_again: "Send again",
        discard: "Discard",
        controls: "What the message is",
        form_of: "Form of the message",
        form: |form| match form {
            compose::Form::Text => "Text",
            compose::Form::Json => "JSON",
            compose::Form::Hex => "Hex",
            compose::Form::Base64 => "Base64",
        },
        format: "Format",
        minify: "Minify",
        keys: "Enter sends, Shift+Enter breaks the line, ↑ brings back what was sent",
        becomes: |text| format!("Becomes: {text}"),
        wrong: |error| sentence(&error.to_string()),
        wrong_when_filled: |error| format!("With its variables filled in, at {error}"),
        go_to: "Go to the mistake",
        as_text: "Send as Text",
        as_text_means: "Send it as it is, although it is not JSON",
        panel: |panel| match panel {
            Panel::Variables => "Variables",
            Panel::Saved => "Saved",
            Panel::Repeat => "Repeat",
        },
        close: "Close this panel",
        unstored: "This browser has no room to keep this, or forbids it: it will be gone when the \
                   page is closed.",
        undone: |undo| match undo {
            Undo::Removed(Removed::Folder { folder, .. }) => {
                let messages = folder.messages().len() as u64;
                let messages = counted(messages, "message", "messages");
                format!("Removed the folder {} with {messages}. ", undo.name())
            }
            Undo::Removed(_) | Undo::Environment(..) => format!("Removed {}. ", undo.name()),
            Undo::Replaced(..) => format!("Replaced {}. ", undo.name()),
        },
        undo: "Undo",
        forget: "Forget what was removed or replaced",
    },
    files: Files {
        file: "File…",
        send: "Send file",
        remove: "Do not send this file",
        too_large: |most| format!("It is larger than {}, and cannot be sent.", size(most)),
        drop_here: "Drop a file here to send it",
    },
    repeating: Repeating {
        every: "Every, in ms",
        times: "Times",
        means: "Sends what is in the box. Without a pause it goes as fast as the connection takes \
                it; without a number, until it is stopped.",
        start: "Start",
        stop: "Stop",
        mistake: |mistake| match mistake {
            Unrepeatable::NotANumber => "Both are whole numbers, or empty.".to_owned(),
            Unrepeatable::Wrong(error) => error.to_string(),
            Unrepeatable::Empty => "Write the message to repeat into the box.".to_owned(),
        },
        progress: |progress, rate| {
            let Progress { sent, of, missed, .. } = *progress;
            let says = match of {
                Some(of) => format!("Repeated {} of {}", count(sent), counted(of, "time", "times")),
                None => format!("Repeated {}", counted(sent, "time", "times")),
            };
            let missed =
                if missed > 0 { format!(", {} missed", count(missed)) } else { String::new() };
            let rate = rate.map_or_else(String::new, |rate| format!(", {} a second", count(rate)));
            says + &missed + &rate
        },
    },
    saving: Saving {
        none_yet: "Nothing is saved yet. Give what is in the box a name to have it at hand.",
        name: "Name",
        folder: "Folder",
        no_folder: "none",
        save: "Save",
        load: "Put it into the box",
        send: "Send",
        send_it: |name| format!("Send {name}"),
        change: "Change",
        change_it: |name| format!("Change {name}"),
        apply: "Apply",
        replace: "Replace by what is in the box",
        remove: "Remove",
        remove_folder: "Remove with its messages",
        mistake: ToString::to_string,
    },
    variables: Variables {
        environment: "Environment",
        none: "none",
        none_yet: "Your own variables live in environments, such as local and production: the same \
                   names with other values. Add one, and write {{name}} in a message.",
        add_environment: "Add an environment",
        new_name: |number| format!("Environment {number}"),
        name_of_environment: "Its name",
        remove_environment: "Remove it",
        add: "Add a variable",
        name: "name",
        value: "value",
        name_of: |number| format!("Name of variable {number}"),
        value_of: |number| format!("Value of variable {number}"),
        remove: |number| format!("Remove variable {number}"),
        wrong: ToString::to_string,
        mistake: ToString::to_string,
        built_in: "Filled in by themselves; a click writes one into the box:",
        meanings: [
            "the time, such as 2026-01-02T03:04:05.678901Z",
            "another one each time",
            "1, 2, 3: one more with each message",
            "a whole number between the two",
        ],
    },
    measure: Measure {
        title: "Measure",
        sent: "Sent",
        received: "Received",
        held: "Held",
        rows: |rows| if rows == 1 { "row" } else { "rows" },
        a_second: |amount| format!("{amount}/s"),
        fault: |stream| match stream {
            Numbered { missing: 1.., .. } => Some(format!("{} missing", count(stream.missing))),
            Numbered { repeats: 1.., .. } => Some(counted(stream.repeats, "repeat", "repeats")),
            Numbered { late: 1.., .. } => Some(format!("{} late", count(stream.late))),
            _ => None,
        },
        nothing_yet: "Nothing has passed yet. Once something does, here are messages a second over \
            the last minute, how long echoes take, and what is missing of messages that are \
            numbered. Connect and send one.",
        charts: "The last minute by second",
        how_to_read: "Point at a second, or use the arrow keys on the charts, for its figures.",
        messages: ChartWords {
            title: "Messages a second",
            lines: ["sent", "received"],
            nothing: "Nothing passed within the last minute.",
        },
        round_trips: ChartWords {
            title: "Round-trip time",
            lines: ["mean", "longest"],
            nothing: "No echo came within the last minute.",
        },
        a_minute_ago: "60 s ago",
        half_a_minute_ago: "30 s",
        now: "now",
        second: |second| {
            let Tally { messages, bytes } = second.sent;
            let sent = format!("sent {} ({})", count(messages), size(bytes));
            let Tally { messages, bytes } = second.received;
            let received = format!("received {} ({})", count(messages), size(bytes));
            let round_trips = second.mean().map_or_else(String::new, |mean| {
                let trips = counted(second.round_trips, "round trip", "round trips");
                format!("; {trips}, mean {}, longest {}", span(mean), span(second.longest))
            });
            format!("{sent}, {received}{round_trips}")
        },
        passed: "Messages",
        count: "Echoes",
        mean: "Mean",
        longest: "Longest",
        no_round_trips: "None yet. A round trip is measured where a message comes back as it was \
            sent, or with “Echo: ” before it, as from /ws and /echo.",
        numbered: "Numbered stream",
        not_numbered: "None seen. Messages that begin with a number, or are JSON with a “seq”, are \
            checked for gaps, as those of /stream are.",
        numbers: "Numbers",
        form: |form| match form {
            measure::Form::Text => "begin a text",
            measure::Form::Json => "are in JSON",
            measure::Form::Binary => "begin the binary",
        },
        next: "Next",
        missing: "Missing",
        repeats: "Repeats",
        late: "Late",
        table: "As a table",
        table_caption: "The last minute by second, newest first. Seconds in which nothing passed \
            are left out.",
        time: "Time",
        sent_bytes: "Sent, size",
        received_bytes: "Received, size",
    },
    announcer: Announcer {
        received: |start| format!("Received: {start}"),
        received_many: |messages| counted(messages, "message received", "messages received"),
    },
    sharing: Sharing {
        title: "Files and links",
        connection: "This connection, to pass on",
        copy_link: "Copy as link",
        copy_command: "Copy as wsbench command",
        list: "This list",
        exported: |rows| {
            let rows = counted(rows, "row that is listed is", "rows that are listed are");
            format!("The {rows} exported.")
        },
        json_lines: "Export as JSON Lines",
        har: "Export as HAR",
        text_log: "Export as text log",
        import: "Import JSON Lines or HAR…",
        workspace: "Saved messages and environments",
        save: "Save as workspace file",
        open: "Add from workspace file…",
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

/// Begins like one.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
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
        Notice::FileNotSent => {
            "The file was not sent: the connection takes no more for now, or the file cannot be \
             read any more. It is still there to be sent again."
        }
        Notice::NotTaken => "This message cannot be edited here: it is larger than 16 MiB.",
        Notice::Imported(imported) => return self::imported(imported),
        Notice::NotStored => {
            "This browser has no room for tabs, settings and saved messages, or forbids keeping them: \
             changes will be gone when the page is closed. Save a workspace file to keep messages."
        }
        Notice::NoTab => return format!("There are {TABS} tabs, and no more can be. Close one."),
        Notice::Filled { address, subprotocols, draft } => {
            let address = address.then(|| "the address".to_owned());
            let subprotocols = (*subprotocols > 0)
                .then(|| counted(*subprotocols as u64, "subprotocol", "subprotocols"));
            let draft = draft.then(|| "the draft".to_owned());
            let filled: Vec<_> = address.into_iter().chain(subprotocols).chain(draft).collect();
            return match filled.as_slice() {
                [] => "This link is empty: it filled in nothing.".to_owned(),
                filled => format!(
                    "This link filled in {}. Nothing was sent, and nothing is connected.",
                    and(filled)
                ),
            };
        }
        Notice::Link(error) => return error.to_string(),
        Notice::Address(mistake) => return format!("There is no command yet. {mistake}"),
        Notice::WithoutDraft => {
            "Copied without the draft: a command holds texts, and this is bytes or has a mistake."
        }
        Notice::Pasted { messages, left_out } => return pasted(*messages, left_out),
        Notice::NotACommand(error) => return error.to_string(),
        Notice::Opened(name, Merged { messages: 0, environments: 0 }) => {
            return format!("All that {name} holds is here already.");
        }
        Notice::Opened(name, Merged { messages, environments }) => {
            let messages = counted(*messages as u64, "message", "messages");
            let environments = counted(*environments as u64, "environment", "environments");
            return format!(
                "Added from {name}: {messages}, {environments}. Nothing that was here has changed."
            );
        }
        Notice::NotOpened(name, error) => return format!("Nothing was added from {name}. {error}"),
    };
    says.to_owned()
}

/// `a`, `a and b`, `a, b and c`.
fn and(words: &[String]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => words.concat(),
    }
}

fn pasted(messages: usize, left_out: &[LeftOut]) -> String {
    let mut says =
        vec![match messages {
        0 => "The command filled in where to connect.".to_owned(),
        1 => "The command filled in where to connect, and its message as the draft.".to_owned(),
        _ => "The command filled in where to connect, and its first message as the draft. Arrow up \
              in the box brings the next ones."
            .to_owned(),
    }];
    if messages > SENT + 1 {
        says.push(format!("Those after the first {} are left out.", SENT + 1));
    }
    says.extend(left_out.iter().map(ToString::to_string));
    says.push("Nothing was sent.".to_owned());
    says.join(" ")
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
