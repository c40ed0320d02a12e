//! The message as text, in the encoding that the person picks.

use std::sync::Arc;

use leptos::{ev, prelude::*};
use workbench::payload::{Block, Decoded, Encoding, Inspected, blocks};

use super::words::words;
use crate::ui::element::Element;

pub(super) fn text_view(message: Arc<Inspected>, encoding: RwSignal<Encoding>) -> AnyView {
    let block = |block: Block<'_>| {
        let class = if block.goes_on { "block goes-on" } else { "block" };
        Element::new("div", class).attribute("dir", "auto").text(block.text)
    };
    let text = move || {
        let encoding = encoding.get();
        let decoded = Decoded::new(&message.part, encoding, message.is_whole());
        let invalid = match decoded.invalid {
            0 => String::new(),
            places => (words().invalid)(places, name(encoding)),
        };
        let notice = Element::new("p", "text-notice notice").text(&invalid);
        let text = Element::new("div", "text-view")
            .attribute("role", "group")
            .attribute("aria-label", words().text)
            .attribute("tabindex", "0")
            .children(blocks(&decoded.text).map(block));
        Element::new("div", "detail-view").children([notice, text]).view()
    };
    let tools = Element::new("div", "detail-tools").children([encoding_choice(encoding)]);
    Element::new("div", "detail-view").children([tools]).live_child(text).view()
}

fn encoding_choice(encoding: RwSignal<Encoding>) -> Element {
    let choose = move |event: ev::Event| {
        let picked = event_target_value(&event);
        if let Some(picked) = Encoding::ALL.into_iter().find(|it| name(*it) == picked) {
            encoding.set(picked);
        }
    };
    let picked = encoding.get_untracked();
    let option = move |offered: Encoding| {
        let option = Element::new("option", "").text(name(offered));
        if offered == picked { option.attribute("selected", "") } else { option }
    };
    let select =
        Element::new("select", "").on("change", choose).children(Encoding::ALL.map(option));
    Element::new("label", "").text(words().read_as).children([select])
}

fn name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf16Le => "UTF-16LE",
        Encoding::Utf16Be => "UTF-16BE",
    }
}
