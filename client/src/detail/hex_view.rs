//! The message as offsets, hexadecimal and ASCII.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::detail::{Inspected, hex_line, hex_line_count};

use super::{
    rows::{MakeRow, Rows},
    words,
};

#[component]
pub(super) fn HexView(message: Arc<Inspected>) -> impl IntoView {
    let is_empty = message.size == 0;
    let ids: Arc<[usize]> = (0..hex_line_count(message.part.len())).collect();
    let row: MakeRow = Arc::new(move |index| {
        let line = hex_line(&message.part, index);
        view! {
            <div class="row hex-row">
                <span class="offset">{format!("{:06x}", line.offset)}</span>
                <span class="hex">{line.hex}</span>
                <span class="ascii">{line.ascii}</span>
            </div>
        }
        .into_any()
    });
    view! {
        {is_empty.then(|| view! { <p class="detail-tools notice">{words::EMPTY}</p> })}
        <Rows label="Hexadecimal" ids=Signal::stored(ids) row />
    }
}
