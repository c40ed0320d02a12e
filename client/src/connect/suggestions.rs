//! Suggestions below the address box: recent addresses and the server's endpoints.

use leptos::{ev, prelude::*};
use workbench::connect::{Group, Preset, Suggestion, suggestions};

use super::{form::ConnectForm, options::kind::OptionsTab, words::words};

/// Language of the descriptions that servers give (RFC 5646).
pub(super) const SERVER_LANGUAGE: &str = "en";

/// State of the suggestion list: filter, visibility and active entry.
#[derive(Clone, Copy)]
pub(super) struct SuggestionList {
    form: ConnectForm,
    presets: Signal<Vec<Preset>>,
    pub(super) is_open: RwSignal<bool>,
    /// Search words; empty when the list was opened without typing.
    filter: RwSignal<String>,
    /// Index of the entry that Enter accepts.
    pub(super) active: RwSignal<Option<usize>>,
    entries: Memo<Vec<Suggestion>>,
    on_connect: Callback<()>,
}

impl SuggestionList {
    pub(super) fn new(
        form: ConnectForm,
        recent: Signal<Vec<String>>,
        presets: Signal<Vec<Preset>>,
        on_connect: Callback<()>,
    ) -> Self {
        let filter = RwSignal::new(String::new());
        let entries = Memo::new(move |_| {
            let origin = form.origin();
            recent.with(|recent| {
                presets.with(|presets| {
                    filter.with(|filter| suggestions(recent, presets, origin.as_deref(), filter))
                })
            })
        });
        let (is_open, active) = (RwSignal::new(false), RwSignal::new(None));
        Self { form, presets, is_open, filter, active, entries, on_connect }
    }

    /// True if the list is open and has entries.
    pub(super) fn is_shown(self) -> bool {
        self.is_open.get() && self.entries.with(|entries| !entries.is_empty())
    }

    pub(super) fn open(self, filter: String) {
        self.filter.set(filter);
        self.active.set(None);
        self.is_open.set(true);
    }

    pub(super) fn close(self) {
        self.is_open.set(false);
        self.active.set(None);
    }

    /// Moves the active entry one down, or up; wraps around at the ends.
    pub(super) fn step(self, is_up: bool) {
        if !self.is_open.get_untracked() {
            self.open(String::new());
        }
        let count = self.entries.with_untracked(Vec::len);
        self.active.update(|active| {
            *active = match (*active, is_up) {
                _ if count == 0 => None,
                (None | Some(0), true) => Some(count - 1),
                (Some(index), true) => Some(index - 1),
                (None, false) => Some(0),
                (Some(index), false) => Some((index + 1) % count),
            };
        });
    }

    /// Fills in the entry's address, and expands the options if its endpoint has any. A connection in
    /// use switches to it.
    pub(super) fn accept(self, index: usize) {
        let address =
            self.entries.with_untracked(|entries| entries.get(index).map(|it| it.address.clone()));
        let Some(address) = address else { return };
        let has_options = self.form.origin().is_some_and(|origin| {
            self.presets.with_untracked(|presets| {
                presets.iter().any(|it| !it.options.is_empty() && it.fits(&address, &origin))
            })
        });
        if has_options {
            self.form.options_tab.set(OptionsTab::Endpoint);
            self.form.is_expanded.set(true);
        }
        self.form.shows_errors.set(false);
        self.form.address.set(address);
        self.close();
        if untrack(|| self.form.is_in_use()) {
            self.on_connect.run(());
        }
    }

    /// Element id of an entry.
    pub(super) fn id(self, index: usize) -> String {
        self.form.id(&format!("entry-{index}"))
    }
}

/// Listbox of the suggestions, by group.
#[component]
pub(super) fn Suggestions(form: ConnectForm, list: SuggestionList) -> impl IntoView {
    let groups = move || {
        let entries: Vec<_> = list.entries.get().into_iter().enumerate().collect();
        let groups = entries.chunk_by(|(_, one), (_, next)| one.group == next.group);
        groups.map(|entries| view! { <EntryGroup list entries=entries.to_vec() /> }).collect_view()
    };
    view! {
        <div
            class="suggestions"
            role="listbox"
            id=form.id("list")
            aria-label=words().address.suggestions
            // The box keeps the focus.
            on:mousedown=|event: ev::MouseEvent| event.prevent_default()
        >
            {move || list.is_shown().then(groups)}
        </div>
    }
}

/// Entries of one group, below its heading. `entries` is not empty.
#[component]
fn EntryGroup(list: SuggestionList, entries: Vec<(usize, Suggestion)>) -> impl IntoView {
    let (name, language) = match entries.first().map(|(_, first)| first.group.clone()) {
        Some(Group::Named(name)) => (name, Some(SERVER_LANGUAGE)),
        Some(Group::ThisServer) => (words().address.this_server.to_owned(), None),
        Some(Group::Recent) | None => (words().address.recent.to_owned(), None),
    };
    let entries = entries.into_iter();
    let entries = entries.map(|(index, suggestion)| view! { <Entry list index suggestion /> });
    view! {
        <div role="group" aria-label=name.clone()>
            <div class="heading" aria-hidden="true" lang=language>{name.clone()}</div>
            {entries.collect_view()}
        </div>
    }
}

#[component]
fn Entry(list: SuggestionList, index: usize, suggestion: Suggestion) -> impl IntoView {
    let Suggestion { address, dangerous, summary, .. } = suggestion;
    let badge =
        dangerous.then(|| view! { <span class="dangerous">{words().address.misbehaves}</span> });
    view! {
        <div
            class="suggestion"
            role="option"
            id=list.id(index)
            aria-selected=move || (list.active.get() == Some(index)).to_string()
            on:click=move |_| list.accept(index)
        >
            <code>{address}</code>
            {badge}
            <span class="summary" lang=SERVER_LANGUAGE>{summary}</span>
        </div>
    }
}
