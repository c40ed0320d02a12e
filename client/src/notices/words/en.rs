//! English.

use workbench::{
    compose::SENT,
    exchange::{ImportReport, LeftOut, Merged, PassedOver},
    format::count,
    open_tabs::TABS,
};

use super::Words;
use crate::{engine::shell::Notice, language::en::counted};

pub(super) static WORDS: Words = Words { close: "Close this notice", says: notice };

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

fn imported(imported: &ImportReport) -> String {
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
