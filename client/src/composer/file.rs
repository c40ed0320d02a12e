//! A file to be sent: chosen, then shown, then sent.

use leptos::prelude::*;
use session::State;

use super::words::words;
use crate::{
    Shell,
    browser::files::{Picked, ask, input},
    ui::element::{Element, Place},
};

/// Bytes of a file, at most: the engine holds it in its own memory, the browser in its buffer, and
/// few servers take as much in one message.
const FILE: u64 = 128 << 20;

/// A button that asks for a file.
pub(super) fn file_button(shell: Shell) -> Element {
    let words = &words().files;
    let place = Place::new();
    let choose = move |files: Vec<Picked>| {
        if let Some(file) = files.into_iter().next() {
            shell.file().set(Some(file));
        }
    };
    Element::new("span", "file-button").children([
        Element::button("plain", move || ask(place)).text(words.file),
        input(place, words.file, choose),
    ])
}

/// The file that was chosen.
pub(super) fn file_chip(shell: Shell) -> AnyView {
    let state = shell.state();
    let can_send = Memo::new(move |_| state.with(State::can_send));
    let chip = move || {
        let Some((name, size)) =
            shell.file().with(|it| it.as_ref().map(|it| (it.name(), it.size())))
        else {
            return ().into_any();
        };
        let words = &words().files;
        let is_too_large = size > FILE;
        let named = Element::new("b", "file-name").text(&name);
        let sized = Element::new("span", "file-size").text(&(crate::language::format().size)(size));
        let send = Element::button("plain send-file", move || shell.send_file())
            .live("disabled", move || (is_too_large || !can_send.get()).then(String::new))
            .text(words.send);
        let remove = Element::button("forget", move || shell.file().set(None))
            .attribute("aria-label", words.remove)
            .attribute("title", words.remove)
            .text("×");
        let mut chip = Element::new("span", "file-chip").children([named, sized, send, remove]);
        if is_too_large {
            chip = chip.children([Element::new("span", "wrong").text(&(words.too_large)(FILE))]);
        }
        chip.view()
    };
    Element::new("div", "file").attribute("role", "status").live_child(chip).view()
}
