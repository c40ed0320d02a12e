//! The box for the address, with a list of recent ones and of the server's endpoints below it.
//!
//! A combobox as the ARIA Authoring Practices describe it: the focus stays in the box, and the
//! arrow keys move through the list.

use leptos::{ev, html, prelude::*};
use workbench::{Group, Preset, State, Suggestion, suggestions};

use super::target::Target;
use crate::{clipboard::pasted, language::words, reveal::reveal};

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

#[component]
pub(super) fn AddressBox(
    target: Target,
    recent: Signal<Vec<String>>,
    presets: Signal<Vec<Preset>>,
    take: Callback<String, bool>,
    connect: Callback<()>,
) -> impl IntoView {
    let list = List::new(target, recent, presets);
    let on_paste = move |event: ev::ClipboardEvent| {
        if take.run(pasted(&event)) {
            event.prevent_default();
            list.close();
        }
    };
    let input = NodeRef::<html::Input>::new();
    let on_key = move |event: ev::KeyboardEvent| {
        if !event.is_composing() && list.takes(&event.key(), take, connect) {
            event.prevent_default();
        }
    };
    Effect::new(move || {
        if let Some(index) = list.active.get() {
            reveal(&list.id(index));
        }
    });
    view! {
        <div class="address">
            <input
                type="text"
                role="combobox"
                inputmode="url"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-label=words().address.label
                placeholder=EXAMPLE
                aria-autocomplete="list"
                aria-controls=target.id("list")
                aria-describedby=target.id("note")
                aria-expanded=move || list.is_shown().to_string()
                aria-activedescendant=move || list.active.get().map(|index| list.id(index))
                aria-invalid=move || target.mistake().map(|_| "true")
                node_ref=input
                prop:value=target.address
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    list.open(typed.clone());
                    target.type_address(typed);
                }
                on:keydown=on_key
                on:paste=on_paste
                on:blur=move |_| list.close()
                on:change=move |_| target.leave_address()
            />
            <Opener list input />
            <Entries list />
        </div>
    }
}

/// Opens the list with everything in it. The box keeps the focus, and the keyboard has its arrows.
#[component]
fn Opener(list: List, input: NodeRef<html::Input>) -> impl IntoView {
    let toggle = move |_| {
        if let Some(input) = input.get_untracked() {
            let _ = input.focus();
        }
        if list.is_open.get_untracked() { list.close() } else { list.open(String::new()) }
    };
    view! {
        <button
            type="button"
            class="opener"
            tabindex="-1"
            aria-label=words().address.offer
            title=words().address.offer
            on:mousedown=move |event| event.prevent_default()
            on:click=toggle
        >
            <span class="arrow" aria-hidden="true"></span>
        </button>
    }
}

#[component]
fn Entries(list: List) -> impl IntoView {
    let groups = move || {
        let mut rest = list.entries.get().into_iter().enumerate().peekable();
        let mut groups = Vec::new();
        while let Some(first) = rest.next() {
            let group = first.1.group.clone();
            let mut entries = vec![first];
            while let Some(next) = rest.next_if(|(_, it)| it.group == group) {
                entries.push(next);
            }
            groups.push((group, entries));
        }
        groups
    };
    let group = move |(group, entries): (Group, Vec<(usize, Suggestion)>)| {
        let entries = entries.into_iter().map(|(index, it)| view! { <Entry list index it /> });
        let (name, language) = match group {
            Group::Recent => (words().address.recent.to_owned(), None),
            Group::ThisServer => (words().address.this_server.to_owned(), None),
            Group::Named(name) => (name, Some(SERVERS)),
        };
        let heading = name.clone();
        view! {
            <div role="group" aria-label=name>
                <div class="heading" aria-hidden="true" lang=language>{heading}</div>
                {entries.collect::<Vec<_>>()}
            </div>
        }
    };
    view! {
        <div
            class="suggestions"
            role="listbox"
            id=list.target.id("list")
            aria-label=words().address.offer
            on:mousedown=move |event| event.prevent_default()
        >
            {move || list.is_shown().then(|| groups().into_iter().map(group).collect::<Vec<_>>())}
        </div>
    }
}

#[component]
fn Entry(list: List, index: usize, it: Suggestion) -> impl IntoView {
    view! {
        <div
            class="suggestion"
            role="option"
            id=list.id(index)
            aria-selected=move || (list.active.get() == Some(index)).to_string()
            on:click=move |_| list.choose(index)
        >
            <code>{it.address}</code>
            {it.dangerous.then(|| view! { <span class="dangerous">{words().address.misbehaves}</span> })}
            <span class="summary" lang=SERVERS>{it.summary}</span>
        </div>
    }
}
