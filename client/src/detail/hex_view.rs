//! Hex view: offsets, hexadecimal and ASCII.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::payload::{Inspected, hex_line, hex_line_count};

use super::{
    rows::{Ids, Rows},
    words::words,
};

#[component]
pub(super) fn HexView(message: Arc<Inspected>) -> impl IntoView {
    let ids = Ids::new((0..hex_line_count(message.part.len())).collect());
    let row = move |index| {
        let line = hex_line(&message.part, index);
        view! {
            <div class="row hex-row" style:padding-left="12px">
                <span class="offset">{format!("{:06x}", line.offset)}</span>
                <span class="hex">{line.hex}</span>
                <span class="ascii">{line.ascii}</span>
            </div>
        }
    };
    view! { <Rows label=words().hexadecimal ids row /> }
}
