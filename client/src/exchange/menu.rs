//! The menu with everything that comes in and goes out.
//!
//! The browser's own popover closes at Escape and at a click elsewhere, and brings the focus back.

use leptos::prelude::*;
use workbench::exchange::Format;

use super::{command::copy_command, export, import, link::copy_link, words::words, workspace};
use crate::{
    browser::files::{Picked, ask, input},
    composer::library::Library,
    tabs::tab::{Tab, Tabs},
    ui::element::{Element, Place},
};

/// The id of what opens.
const MENU: &str = "files";

/// What a file of a list may be called.
const LISTS: &str = ".jsonl,.ndjson,.har,.json";

/// What a file of a workspace may be called.
const WORKSPACES: &str = ".json";

#[component]
pub(crate) fn FilesMenu(tabs: Tabs, library: Library) -> impl IntoView {
    let words = words();
    let (lists, workspaces) = (Place::new(), Place::new());
    let with_tab = move |act: fn(Tab)| {
        move || {
            if let Some(tab) = untrack(|| tabs.active()) {
                act(tab);
            }
        }
    };
    let rows = move || {
        let tab = tabs.active();
        tab.map_or(0, |tab| tab.shell.snapshot().with(|it| it.listed.end - it.listed.start))
    };
    let exported = Memo::new(move |_| rows());
    let says_exported =
        Element::new("p", "").live_child(move || (words.exported)(exported.get()).into_any());
    let list = group(words.list).children([
        says_exported,
        item(words.json_lines, with_tab(|tab| export(tab, Format::JsonLines))),
        item(words.har, with_tab(|tab| export(tab, Format::Har))),
        item(words.text_log, with_tab(|tab| export(tab, Format::TextLog))),
        item(words.import, move || ask(lists)),
    ]);
    let library_group = group(words.workspace).children([
        item(words.save, move || workspace::save(library)),
        item(words.open, move || ask(workspaces)),
    ]);
    let connection = group(words.connection).children([
        item(words.copy_link, with_tab(copy_link)),
        item(words.copy_command, move || {
            if let Some(tab) = untrack(|| tabs.active()) {
                copy_command(tab, library);
            }
        }),
    ]);
    Element::new("div", "files")
        .children([
            Element::new("button", "")
                .attribute("type", "button")
                .attribute("popovertarget", MENU)
                .text(words.title),
            Element::new("div", "menu")
                .attribute("id", MENU)
                .attribute("popover", "auto")
                .children([connection, list, library_group]),
            inputs(lists, LISTS, words.import, move |files| import(tabs, files)),
            inputs(workspaces, WORKSPACES, words.open, move |files| {
                workspace::open(tabs, library, files);
            }),
        ])
        .view()
}

fn group(title: &str) -> Element {
    Element::new("div", "")
        .attribute("role", "group")
        .attribute("aria-label", title)
        .children([Element::new("h2", "").text(title)])
}

/// A button that closes the menu, too.
fn item(label: &str, act: impl Fn() + 'static) -> Element {
    Element::button("", act)
        .attribute("popovertarget", MENU)
        .attribute("popovertargetaction", "hide")
        .text(label)
}

/// An input for several files that `accept` names.
fn inputs(
    place: Place,
    accept: &str,
    label: &str,
    take: impl Fn(Vec<Picked>) + 'static,
) -> Element {
    input(place, label, take).attribute("accept", accept).attribute("multiple", "")
}
