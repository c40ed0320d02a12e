//! The box for the address, with a list of recent ones and of the server's endpoints below it.
//!
//! A combobox as the ARIA Authoring Practices describe it: the focus stays in the box, and the
//! arrow keys move through the list.

use leptos::{ev, prelude::*};
use session::State;
use workbench::{Group, Preset, Suggestion, suggestions};

use super::{target::Target, words::words};
use crate::{
    browser::{clipboard::pasted, scroll::scroll_into_view},
    ui::element::{Element, Place, focus},
};

/// The language of what servers say of themselves.
pub(super) const SERVERS: &str = "en";
const EXAMPLE: &str = "ws://localhost:8080/ws";

/// The list below the box. Copies are the same.
#[derive(Clone, Copy)]
struct List {
    target: Target,
    presets: Signal<Vec<Preset>>,
    is_open: RwSignal<bool>,
    /// Words that the entries must have: what was typed since the list was last opened by hand.
    sought: RwSignal<String>,
    /// The entry that Enter would take.
    active: RwSignal<Option<usize>>,
    entries: Memo<Vec<Suggestion>>,
}

impl List {
    fn new(target: Target, recent: Signal<Vec<String>>, presets: Signal<Vec<Preset>>) -> Self {
        let sought = RwSignal::new(String::new());
        let entries = Memo::new(move |_| {
            let origin = target.origin();
            recent.with(|recent| {
                presets.with(|presets| {
                    sought.with(|sought| suggestions(recent, presets, origin.as_deref(), sought))
                })
            })
        });
        let (is_open, active) = (RwSignal::new(false), RwSignal::new(None));
        Self { target, presets, is_open, sought, active, entries }
    }

    fn is_shown(self) -> bool {
        self.is_open.get() && self.entries.with(|entries| !entries.is_empty())
    }

    fn open(self, sought: String) {
        self.sought.set(sought);
        self.active.set(None);
        self.is_open.set(true);
    }

    fn close(self) {
        self.is_open.set(false);
        self.active.set(None);
    }

    /// Moves to the next entry, or the one before, and round at the ends.
    fn step(self, is_back: bool) {
        if !self.is_open.get_untracked() {
            self.open(String::new());
        }
        let count = self.entries.with_untracked(Vec::len);
        self.active.update(|active| {
            *active = match (*active, is_back) {
                _ if count == 0 => None,
                (None | Some(0), true) => Some(count - 1),
                (Some(index), true) => Some(index - 1),
                (None, false) => Some(0),
                (Some(index), false) => Some((index + 1) % count),
            };
        });
    }

    fn choose(self, index: usize) {
        let address =
            self.entries.with_untracked(|entries| entries.get(index).map(|it| it.address.clone()));
        let Some(address) = address else { return };
        let has_options = self.target.origin().is_some_and(|origin| {
            self.presets.with_untracked(|presets| {
                presets.iter().any(|it| !it.options.is_empty() && it.fits(&address, &origin))
            })
        });
        if has_options {
            self.target.is_unfolded.set(true);
        }
        self.target.names_mistakes.set(false);
        self.target.address.set(address);
        self.close();
    }

    /// Does what a key means, if it means something here.
    fn takes(self, key: &str, take: Callback<String, bool>, connect: Callback<()>) -> bool {
        match key {
            "ArrowDown" | "ArrowUp" => self.step(key == "ArrowUp"),
            "Escape" if self.is_open.get_untracked() => self.close(),
            "Enter" => {
                if let Some(index) = self.active.get_untracked() {
                    self.choose(index);
                    return true;
                }
                self.close();
                if take.run(self.target.address.get_untracked()) {
                    return true;
                }
                // What is connected stays so: the address is for the next time.
                if self.target.state.with_untracked(State::can_connect) {
                    connect.run(());
                }
            }
            _ => return false,
        }
        true
    }

    fn id(self, index: usize) -> String {
        self.target.id(&format!("entry-{index}"))
    }
}

pub(super) fn address_box(
    target: Target,
    recent: Signal<Vec<String>>,
    presets: Signal<Vec<Preset>>,
    take: Callback<String, bool>,
    connect: Callback<()>,
) -> Element {
    let list = List::new(target, recent, presets);
    let input = Place::new();
    Effect::new(move || {
        if let Some(index) = list.active.get() {
            scroll_into_view(&list.id(index));
        }
    });
    Element::new("div", "address").children([
        combobox(list, take, connect).at(input),
        opener(list, input),
        entries(list),
    ])
}

fn combobox(list: List, take: Callback<String, bool>, connect: Callback<()>) -> Element {
    let target = list.target;
    let on_type = move |typed: String| {
        list.open(typed.clone());
        target.type_address(typed);
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if !event.is_composing() && list.takes(&event.key(), take, connect) {
            event.prevent_default();
        }
    };
    let on_paste = move |event: ev::ClipboardEvent| {
        if take.run(pasted(&event)) {
            event.prevent_default();
            list.close();
        }
    };
    Element::new("input", "")
        .attribute("type", "text")
        .attribute("role", "combobox")
        .attribute("inputmode", "url")
        .attribute("autocomplete", "off")
        .attribute("autocapitalize", "off")
        .attribute("spellcheck", "false")
        .attribute("aria-label", words().address.label)
        .attribute("placeholder", EXAMPLE)
        .attribute("aria-autocomplete", "list")
        .attribute("aria-controls", &target.id("list"))
        .attribute("aria-describedby", &target.id("note"))
        .live("aria-expanded", move || Some(list.is_shown().to_string()))
        .live("aria-activedescendant", move || list.active.get().map(|index| list.id(index)))
        .live_flag("aria-invalid", move || target.mistake().is_some())
        .property("value", move || target.address.get())
        .on_value("input", on_type)
        .on("keydown", on_key)
        .on("paste", on_paste)
        .on("blur", move |_: ev::Event| list.close())
        .on("change", move |_: ev::Event| target.leave_address())
}

/// Opens the list with everything in it. The box keeps the focus, and the keyboard has its arrows.
fn opener(list: List, input: Place) -> Element {
    let toggle = move || {
        focus(input);
        if list.is_open.get_untracked() { list.close() } else { list.open(String::new()) }
    };
    Element::button("opener", toggle)
        .attribute("tabindex", "-1")
        .attribute("aria-label", words().address.offer)
        .attribute("title", words().address.offer)
        .on("mousedown", |event: ev::Event| event.prevent_default())
        .children([arrow()])
}

/// The mark of a button that shows more.
pub(super) fn arrow() -> Element {
    Element::new("span", "arrow").attribute("aria-hidden", "true")
}

fn entries(list: List) -> Element {
    let groups = move || {
        let entries: Vec<_> = list.entries.get().into_iter().enumerate().collect();
        let groups = entries.chunk_by(|(_, one), (_, next)| one.group == next.group);
        groups.filter_map(|entries| group(list, entries)).collect()
    };
    Element::new("div", "suggestions")
        .attribute("role", "listbox")
        .attribute("id", &list.target.id("list"))
        .attribute("aria-label", words().address.offer)
        .on("mousedown", |event: ev::Event| event.prevent_default())
        .live_children(move || if list.is_shown() { groups() } else { Vec::new() })
}

/// The entries of one group, and its name above them.
fn group(list: List, entries: &[(usize, Suggestion)]) -> Option<Element> {
    let (_, first) = entries.first()?;
    let heading = Element::new("div", "heading").attribute("aria-hidden", "true");
    let (name, heading) = match &first.group {
        Group::Recent => (words().address.recent, heading),
        Group::ThisServer => (words().address.this_server, heading),
        Group::Named(name) => (name.as_str(), heading.attribute("lang", SERVERS)),
    };
    let entries = entries.iter().map(|(index, it)| entry(list, *index, it));
    let group = Element::new("div", "").attribute("role", "group").attribute("aria-label", name);
    Some(group.children([heading.text(name)]).children(entries))
}

fn entry(list: List, index: usize, it: &Suggestion) -> Element {
    let misbehaves = || Element::new("span", "dangerous").text(words().address.misbehaves);
    Element::new("div", "suggestion")
        .attribute("role", "option")
        .attribute("id", &list.id(index))
        .live("aria-selected", move || Some((list.active.get() == Some(index)).to_string()))
        .on("click", move |_: ev::Event| list.choose(index))
        .children([Element::new("code", "").text(&it.address)])
        .children(it.dangerous.then(misbehaves))
        .children([Element::new("span", "summary").attribute("lang", SERVERS).text(&it.summary)])
}
