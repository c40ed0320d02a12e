//! English.

use workbench::{
    compose::MAX_SENT,
    engine::{MAX_COPIED_BYTES, Warning},
    exchange::{ImportError, ImportReport, LeftOut, Merged, PassedOver, Unreadable},
    format::count,
    log::{MAX_PINNED_BYTES, MAX_PINS},
    open_tabs::MAX_TABS,
};

use super::{Words, mebibytes};
use crate::{
    engine::{
        notice::{Limit, Notice},
        outgoing::{MAX_UNSENT, MAX_UNSENT_BYTES},
    },
    language::en::{counted, overrun_text},
    library::UNREAD,
};

pub(super) static WORDS: Words = Words {
    close: "Close this notice",
    stop: "Stop this connection",
    relay: "Connect through this server",
    lower: "Lower the limit",
    text: notice,
};

fn notice(notice: &Notice) -> String {
    let text = match notice {
        Notice::Broken(cause) => return broken(cause),
        Notice::Restarted(cause) => {
            return format!(
                "The engine of this tab failed ({cause}) and was restarted, without a connection."
            );
        }
        Notice::Stuck => {
            "This tab has not responded for 3 seconds: messages arrive faster than the browser can handle."
        }
        Notice::Stopped => {
            "The connection was stopped because the tab did not respond. Its messages may be missing \
             from the list."
        }
        Notice::Engine(warning) => return self::warning(warning),
        Notice::ImportEnded(name) => {
            return format!("The import of {name} did not finish. Import it again.");
        }
        Notice::Unread(entries) => {
            return format!(
                "Not all saved messages, connections and environments could be read.{} The browser's local \
                 storage keeps a copy: {UNREAD}.",
                unreadable(entries)
            );
        }
        Notice::Copied => "Copied.",
        Notice::CopiedStart => {
            return format!(
                "Copied the first {}. The message is larger.",
                mebibytes(MAX_COPIED_BYTES)
            );
        }
        Notice::NotCopied => {
            "The browser blocked copying. It is allowed only on pages from https or localhost."
        }
        Notice::UnsentDropped => return unsent_dropped(),
        Notice::Discarded(messages) => {
            let messages = counted(messages.len() as u64, "unsent message", "unsent messages");
            return format!("Discarded {messages}.");
        }
        Notice::LowerLimit(limit) => return lower_limit(*limit),
        Notice::FileNotSent => {
            "File not sent: the connection is busy, or the file is no longer readable. It is still \
             attached. Send it again."
        }
        Notice::TooLargeToEdit => {
            return format!(
                "This message is too large to edit here: the limit is {}.",
                mebibytes(MAX_COPIED_BYTES)
            );
        }
        Notice::Exported(name, rows) => {
            return format!("Exported {} to {name}.", counted(*rows, "row", "rows"));
        }
        Notice::Imported(report) => return imported(report),
        Notice::NotStored => {
            "The browser cannot store tabs, settings and saved messages: storage is full or blocked. \
             Changes are lost when the page is closed. Save a workspace file to keep messages."
        }
        Notice::NoTab => {
            return format!("The limit of {MAX_TABS} tabs is reached. Close one first.");
        }
        Notice::Filled { address, subprotocols, draft } => {
            return filled(*address, *subprotocols, *draft);
        }
        Notice::NotReconnected(Some(error)) => {
            return format!("Not reconnected. {error} See Options, Route.");
        }
        Notice::NotReconnected(None) => {
            "Not reconnected: the address or an option is incomplete. Secrets are not stored. See \
             Options."
        }
        Notice::Link(error) => return error.to_string(),
        Notice::Address(error) => return format!("Nothing was copied. {error}"),
        Notice::Subprotocol(error) => return format!("Nothing was copied. {error}"),
        Notice::Route(error) => return format!("Nothing was copied. {error}"),
        Notice::WithoutDraft => {
            "Copied without the draft: it is binary or invalid, and a command can only hold text."
        }
        Notice::WithoutCertificates => {
            "Copied without what a command cannot hold, such as certificates."
        }
        Notice::WithoutSecrets => {
            "Copied without secrets and certificates. Put secrets into variables to copy their names."
        }
        Notice::Pasted { messages, is_relayed, left_out, .. } => {
            return pasted(*messages, *is_relayed, left_out);
        }
        Notice::NotACommand(error) => return error.to_string(),
        Notice::WorkspaceMerged(name, merged, left_out) => {
            return opened(name, *merged) + &unreadable(left_out);
        }
        Notice::WorkspaceNotRead(name, error) => {
            return format!("Nothing was added from {name}. {error}");
        }
    };
    text.to_owned()
}

/// Unsent messages over a limit.
fn unsent_dropped() -> String {
    format!(
        "Not all unsent messages were kept: the limit is {} messages and {}.",
        count(MAX_UNSENT as u64),
        mebibytes(MAX_UNSENT_BYTES)
    )
}

/// Warning of the engine.
fn warning(warning: &Warning) -> String {
    match warning {
        Warning::NotPinned => {
            format!(
                "Not pinned: the limit is {MAX_PINS} messages of up to {} each. Unpin another first.",
                mebibytes(MAX_PINNED_BYTES)
            )
        }
        Warning::NotPersisted => {
            "The browser cannot store this list: storage is full or blocked. The list is lost when \
             the page is closed. Export it to keep it."
                .to_owned()
        }
        Warning::Overrun(overrun) => overrun_text(overrun),
        Warning::RepetitionStopped(sent) => {
            let sent = counted(*sent, "message", "messages");
            format!(
                "The repetition stopped after {sent}: a variable makes the next one invalid. Correct \
                 the draft or its variables, then repeat."
            )
        }
    }
}

/// Question before rows are dropped.
fn lower_limit(limit: Limit) -> String {
    let limit = match limit {
        Limit::Rows(rows) => counted(rows as u64, "row", "rows"),
        Limit::Bytes(bytes) => mebibytes(bytes),
    };
    format!("Lower the limit to {limit}? Older rows beyond it are dropped, in all tabs.")
}

/// End of the engine; `cause` is empty if it could not be loaded.
fn broken(cause: &str) -> String {
    let cause = if cause.is_empty() { "worker.js could not be loaded" } else { cause };
    format!(
        "The engine of this tab stopped ({cause}). Open a new connection with +, or reload the page."
    )
}

/// Result of merging a workspace file.
fn opened(name: &str, Merged { messages, connections, environments }: Merged) -> String {
    if messages + connections + environments == 0 {
        return format!("Nothing new in {name}.");
    }
    let messages = counted(messages as u64, "message", "messages");
    let environments = counted(environments as u64, "environment", "environments");
    let connections = counted(connections as u64, "connection", "connections");
    format!(
        "Added from {name}: {messages}, {connections}, {environments}. Existing ones are unchanged."
    )
}

/// Number of entries that cannot be read, and why the first cannot; empty if there are none.
fn unreadable<E: ToString>(entries: &Unreadable<E>) -> String {
    if entries.count == 0 {
        return String::new();
    }
    let left_out = counted(entries.count, "unreadable entry", "unreadable entries");
    let mut sentences = vec![format!(" Skipped {left_out}.")];
    sentences.extend(entries.first.iter().map(ToString::to_string));
    let more = entries.count - entries.first.len() as u64;
    if more > 0 {
        sentences.push(format!("And {} more.", count(more)));
    }
    sentences.join(" ")
}

/// Result of opening a share link.
fn filled(address: bool, subprotocols: usize, draft: bool) -> String {
    let address = address.then(|| "address".to_owned());
    let subprotocols =
        (subprotocols > 0).then(|| counted(subprotocols as u64, "subprotocol", "subprotocols"));
    let draft = draft.then(|| "draft".to_owned());
    let filled: Vec<_> = address.into_iter().chain(subprotocols).chain(draft).collect();
    if filled.is_empty() {
        return "The link is empty. Nothing was filled in.".to_owned();
    }
    format!("Filled in from the link: {}. Nothing was sent or connected.", filled.join(", "))
}

/// Result of pasting a command.
fn pasted(messages: usize, is_relayed: bool, left_out: &[LeftOut]) -> String {
    let mut sentences = vec![
        match messages {
            0 => "Address filled in from the command.",
            1 => "Address and draft filled in from the command.",
            _ => {
                "Address and draft filled in from the command. Press the up arrow in the box for \
                 its next messages."
            }
        }
        .to_owned(),
    ];
    if messages > MAX_SENT + 1 {
        sentences.push(format!("Messages after the first {} were skipped.", MAX_SENT + 1));
    }
    if is_relayed {
        sentences.push(
            "Its options need a connection through this server: see Options, Route.".to_owned(),
        );
    }
    sentences.extend(left_out.iter().map(ToString::to_string));
    sentences.push("Nothing was sent.".to_owned());
    sentences.join(" ")
}

/// Result of an import.
fn imported(report: &ImportReport) -> String {
    let mut sentences = vec![match report.entries {
        0 => format!("Nothing was imported from {}.", report.name),
        some => format!("Imported {} from {}.", counted(some, "row", "rows"), report.name),
    }];
    let PassedOver { control_frames, other_messages, other_requests } = report.passed_over;
    let skipped = control_frames + other_messages;
    if skipped > 0 {
        let frames =
            counted(skipped, "frame that is not a message", "frames that are not messages");
        sentences.push(format!("Skipped {frames}."));
    }
    if other_requests > 0 {
        let requests = counted(other_requests, "request", "requests");
        sentences.push(format!("Skipped {requests} without a WebSocket."));
    }
    let options = report.target.as_ref().and_then(|target| target.relay.as_ref());
    if let Some(options) = options.filter(|_| report.entries > 0) {
        let names = options.header_names().join(", ");
        sentences.push(format!("Filled in, to connect through this server: {names}."));
    }
    if let Some(error) = &report.error {
        sentences.push(error.to_string());
        if *error == ImportError::Format {
            sentences.push("To send a file, drop it on the message box.".to_owned());
        }
    }
    sentences.join(" ") + &unreadable(&report.unreadable)
}
