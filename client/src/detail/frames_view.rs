//! Frames of a relayed connection, as they were on the wire.

use leptos::prelude::*;
use workbench::{
    payload::{hex_line, hex_line_count},
    relay::{ControlFrame, MessageFrames, RSV2, RSV3, WireFrame},
};

use super::{columns::columns, words::words};
use crate::language::format;

/// Bytes in a line of a frame's payload.
const WIDTH: usize = 8;

/// Bytes in a line where the pane is too narrow for [`WIDTH`].
const NARROW: usize = 4;

/// Columns of a line of [`WIDTH`] bytes, with the gaps between its parts.
const COLUMNS: usize = 41;

/// Table of the first frames of a message, folded; nothing for a message of the browser's own.
pub(super) fn frames(frames: &MessageFrames) -> Option<AnyView> {
    let title = (words().frames.title)(frames);
    (frames.count > 0).then(|| {
        view! {
            <details class="frames">
                <summary>{title}</summary>
                {table(&frames.first)}
            </details>
        }
        .into_any()
    })
}

/// Frame of no message, and its payload in hexadecimal.
pub(super) fn control(frame: &ControlFrame) -> AnyView {
    let ControlFrame { payload, frame, .. } = frame.clone();
    let (dump, probe) = (NodeRef::new(), NodeRef::new());
    let columns = columns(dump, probe);
    let width = Memo::new(move |_| if columns.get() < COLUMNS { NARROW } else { WIDTH });
    let lines = move || {
        let width = width.get();
        let line = |index| {
            let line = hex_line(&payload, index, width);
            let hex = format!("{:width$}", line.hex, width = 3 * width);
            view! { <span class="head-line">{format!("{:06x}  {hex} {}\n", line.offset, line.ascii)}</span> }
        };
        (0..hex_line_count(payload.len(), width)).map(line).collect_view()
    };
    view! {
        {frame.map(|frame| table(&[frame]))}
        <div node_ref=dump>
            <div class="probe" node_ref=probe></div>
            <pre class="head">{move || lines()}</pre>
        </div>
    }
    .into_any()
}

/// Table of frames: opcode, flags, bytes of the header, size on the wire and inflated size.
fn table(frames: &[WireFrame]) -> AnyView {
    let words = &words().frames;
    let row = |frame: &WireFrame| {
        let flags = [
            (frame.fin, "FIN"),
            (frame.compressed, "RSV1"),
            (frame.opcode & RSV2 != 0, "RSV2"),
            (frame.opcode & RSV3 != 0, "RSV3"),
            (frame.masked, "MASK"),
        ];
        let flags = flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name);
        let size = format().size;
        view! {
            <tr>
                <td>{opcode(frame.opcode & 0x0f)}</td>
                <td>{flags.collect::<Vec<_>>().join(" ")}</td>
                <td class="frame-head">{frame.head()}</td>
                <td>{size(frame.wire_len)}</td>
                <td>{frame.inflated.map(size)}</td>
            </tr>
        }
    };
    let names = [words.opcode, words.flags, words.head, words.payload, words.inflated];
    let names = names.into_iter().map(|name| view! { <th scope="col">{name}</th> });
    view! {
        <table class="frame-table">
            <thead><tr>{names.collect_view()}</tr></thead>
            <tbody>{frames.iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// Name of an opcode; the number of a reserved one.
fn opcode(opcode: u8) -> String {
    let name = (words().frames.opcode_name)(opcode);
    name.map_or_else(|| format!("0x{opcode:x}"), str::to_owned)
}
