//! The message as offsets, hexadecimal and ASCII.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::payload::{Inspected, hex_line, hex_line_count};

use super::{
    rows::{Ids, Row, rows},
    words::words,
};

pub(super) fn hex_view(message: Arc<Inspected>) -> AnyView {
    let ids = Ids::new((0..hex_line_count(message.part.len())).collect());
    let row = move |index| {
        let line = hex_line(&message.part, index);
        let offset = format!("{:06x}", line.offset);
        let cells = vec![("offset", offset), ("hex", line.hex), ("ascii", line.ascii)];
        Row { class: "row hex-row", indent: 12, cells, ..Row::default() }
    };
    rows(words().hexadecimal, ids, Arc::new(row)).view()
}
