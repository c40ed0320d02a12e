//! A file to be sent: chosen, then shown, then sent.

use leptos::{ev, prelude::*};
use workbench::State;

use crate::{Shell, element::Element, files, language::words};

/// Bytes of a file, at most: the engine holds it in its own memory, the browser in its buffer, and
/// few servers take as much in one message.
const FILE: u64 = 128 << 20;

/// A button that asks for a file.
pub(super) fn file_button(shell: Shell) -> Element {
    let words = &words().files;
    let choose = move |event: ev::Event| {
        if let Some(file) = files::chosen(&event).into_iter().next() {
            shell.file().set(Some(file));
        }
    };
    let input = Element::new("input", "spoken").attribute("type", "file").on("change", choose);
    Element::new("label", "plain file-button").text(words.file).children([input])
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
        let sized =
            Element::new("span", "file-size").text(&(crate::language::words().figures.size)(size));
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
