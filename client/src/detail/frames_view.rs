//! Frames of a relayed message, as they were on the wire.

use leptos::prelude::*;
use workbench::relay::WireFrame;

use super::words::words;
use crate::language::format;

/// Table of the frames; nothing for a message of the browser's own.
pub(super) fn frames(frames: &[WireFrame]) -> Option<AnyView> {
    if frames.is_empty() {
        return None;
    }
    let words = &words().frames;
    let row = |frame: &WireFrame| {
        let flags = [(frame.fin, "FIN"), (frame.compressed, "RSV1"), (frame.masked, "MASK")];
        let flags = flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name);
        let size = format().size;
        view! {
            <tr>
                <td>{opcode(frame.opcode)}</td>
                <td>{flags.collect::<Vec<_>>().join(" ")}</td>
                <td class="frame-head">{frame.head()}</td>
                <td>{size(frame.wire_len)}</td>
                <td>{frame.inflated.map(size)}</td>
            </tr>
        }
    };
    let names = [words.opcode, words.flags, words.head, words.payload, words.inflated];
    let names = names.map(|name| view! { <th scope="col">{name}</th> });
    Some(
        view! {
            <details class="frames">
                <summary>{(words.title)(frames.len(), WireFrame::ratio(frames))}</summary>
                <table>
                    <thead><tr>{names}</tr></thead>
                    <tbody>{frames.iter().map(row).collect_view()}</tbody>
                </table>
            </details>
        }
        .into_any(),
    )
}

/// Name of the opcode of a message's frame (RFC 6455 section 5.2).
fn opcode(opcode: u8) -> String {
    match opcode {
        0 => "continuation".to_owned(),
        1 => "text".to_owned(),
        2 => "binary".to_owned(),
        other => format!("0x{other:x}"),
    }
}
