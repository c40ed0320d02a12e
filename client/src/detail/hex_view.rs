//! Hex view: offsets, hexadecimal and ASCII.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::payload::{BYTES_PER_LINE, Inspected, hex_line, hex_line_count};

use super::{
    columns::columns,
    rows::{Ids, Rows, rows_viewport},
    words::words,
};

/// Columns of a line of [`BYTES_PER_LINE`] bytes, with the gaps between its parts.
const WIDE: usize = 78;

/// Lines of 16 bytes, or 8 where the pane is too narrow for them. A line is formatted when it is
/// rendered, so that the size of the message costs only its row ids.
#[component]
pub(super) fn HexView(message: Arc<Inspected>) -> impl IntoView {
    let length = message.part.len();
    let (scroller, probe) = (NodeRef::new(), NodeRef::new());
    let columns = columns(scroller, probe);
    let width =
        Memo::new(move |_| if columns.get() < WIDE { BYTES_PER_LINE / 2 } else { BYTES_PER_LINE });
    let ids: Ids = Memo::new(move |_| (0..hex_line_count(length, width.get())).collect()).into();
    let viewport = rows_viewport(scroller, ids);
    let row = Callback::new(move |index| {
        let message = message.clone();
        let line = move || {
            let line = hex_line(&message.part, index, width.get());
            view! {
                <span class="offset">{format!("{:06x}", line.offset)}</span>
                <span class="hex" class:wide=width.get() == BYTES_PER_LINE>{line.hex}</span>
                <span class="ascii">{line.ascii}</span>
            }
        };
        view! { <div class="row hex-row" style:padding-left="12px">{move || line()}</div> }
            .into_any()
    });
    view! {
        <div class="probe hex-row" node_ref=probe></div>
        <Rows label=words().hexadecimal ids viewport row />
    }
}
