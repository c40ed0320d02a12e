//! Suggestions below the address box: saved connections, recent addresses and the server's endpoints.

use leptos::{ev, prelude::*};
use workbench::connect::{
    self, Entry, Group, Listed, Preset, SavedConnection, Suggestion, suggestions,
};

use super::recents::Recents;
use crate::{
    connect::{
        form::ConnectForm,
        options::options_tab::OptionsTab,
        words::{Options, Words, words},
    },
    ui::aria,
};

/// Language of the descriptions that servers give (RFC 5646).
pub(in crate::connect) const SERVER_LANGUAGE: &str = "en";

/// State of the suggestion list: filter, visibility and active entry.
#[derive(Clone, Copy)]
pub(in crate::connect) struct SuggestionList {
    form: ConnectForm,
    recents: Recents,
    presets: Signal<Vec<Preset>>,
    /// True if the list is to be shown, provided that it has entries.
    pub(super) is_open: RwSignal<bool>,
    /// Search words; empty when the list was opened without typing.
    filter: RwSignal<String>,
    /// Index of the entry that Enter accepts.
    pub(super) active: RwSignal<Option<usize>>,
    /// True once the folded groups were unfolded.
    is_unfolded: RwSignal<bool>,
    /// Entries that match the filter, with folded groups as one entry each.
    entries: Memo<Vec<Entry>>,
    /// Connects, if a connection in use is to be switched.
    on_connect: Callback<()>,
}

impl SuggestionList {
    /// Creates a closed list.
    pub(super) fn new(
        form: ConnectForm,
        recents: Recents,
        presets: Signal<Vec<Preset>>,
        on_connect: Callback<()>,
    ) -> Self {
        let (filter, is_unfolded) = (RwSignal::new(String::new()), RwSignal::new(false));
        let recent = recents.addresses();
        let entries = Memo::new(move |_| {
            let origin = form.origin();
            let saved = form.target.library.map(|it| it.workspace.read());
            let listed = Listed {
                saved: saved.as_ref().map_or(&[], |it| it.connections.list()),
                recent: &recent.read(),
                presets: &presets.read(),
                origin: origin.as_deref(),
            };
            let found = suggestions(&listed, &filter.read());
            // A search shows all matches, folded groups included.
            connect::entries(&found, !is_unfolded.get() && filter.with(String::is_empty))
        });
        let (is_open, active) = (RwSignal::new(false), RwSignal::new(None));
        Self { form, recents, presets, is_open, filter, active, is_unfolded, entries, on_connect }
    }

    /// True if the list is open and has entries.
    pub(super) fn is_shown(self) -> bool {
        self.is_open.get() && self.entries.with(|entries| !entries.is_empty())
    }

    /// Opens the list with a filter, without an active entry.
    pub(super) fn open(self, filter: String) {
        self.filter.set(filter);
        self.active.set(None);
        self.is_open.set(true);
    }

    /// Closes the list; folded groups are folded again.
    pub(super) fn close(self) {
        self.is_open.set(false);
        self.is_unfolded.set(false);
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

    /// Unfolds a folded group. Fills in a saved connection, or the address of another entry, and chooses the options of
    /// its endpoint if it has any; a connection in use switches to it, unless it lacks a part of its path.
    pub(super) fn accept(self, index: usize) {
        let entry = self.entries.with_untracked(|entries| entries.get(index).cloned());
        let address = match entry {
            Some(Entry::Address(Suggestion { group: Group::Saved, label, .. })) => {
                return self.accept_saved(&label);
            }
            Some(Entry::Address(suggestion)) => suggestion.address,
            Some(Entry::Folded(..)) => return self.is_unfolded.set(true),
            None => return,
        };
        let preset = self.form.origin().and_then(|origin| {
            let fits = |it: &&Preset| !it.options.is_empty() && it.fits(&address, &origin);
            self.presets.with_untracked(|presets| presets.iter().find(fits).cloned())
        });
        if preset.is_some() {
            self.form.options_tab.set(OptionsTab::Endpoint);
        }
        let is_complete = preset.is_none_or(|it| it.is_complete(&address));
        self.form.shows_errors.set(false);
        self.form.target.address.set(address);
        self.finish(is_complete);
    }

    /// Fills in a saved connection. Its tab of the options has the undo, and is unfolded if options were replaced.
    fn accept_saved(self, name: &str) {
        let list = self.form.target.library.map(|it| it.workspace.read_untracked());
        let found = |it: &&SavedConnection| it.name == name;
        let saved = list.and_then(|it| it.connections.list().iter().find(found).cloned());
        if let Some(saved) = saved {
            let target = self.form.target;
            let replaces_options = target.relay.with_untracked(Option::is_some)
                || target.subprotocols.with_untracked(|it| !it.is_empty());
            self.form.options_tab.set(OptionsTab::Saved);
            if replaces_options {
                self.form.is_expanded.set(true);
            }
            self.form.load_saved(saved, move || self.finish(true));
        }
    }

    /// Removes a recent address; the next entry is active then. Returns false for another entry.
    pub(super) fn forget(self, index: usize) -> bool {
        let entry = self.entries.with_untracked(|entries| entries.get(index).cloned());
        let recent = entry.filter(|it| it.suggestion().group == Group::Recent);
        if let Some(entry) = &recent {
            self.recents.remove(&entry.suggestion().address);
            let last = self.entries.with_untracked(Vec::len).checked_sub(1);
            self.active.update(|it| *it = it.zip(last).map(|(active, last)| active.min(last)));
        }
        recent.is_some()
    }

    /// Closes the list, and switches a connection in use to what was filled in, if that is complete; or says which
    /// secret it lacks.
    fn finish(self, is_complete: bool) {
        self.close();
        if is_complete && untrack(|| self.form.is_in_use()) {
            self.on_connect.run(());
        } else {
            self.form.show_missing();
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
        let is_own =
            |entry: &Entry| matches!(entry.suggestion().group, Group::Saved | Group::Recent);
        let first_preset = entries.iter().position(|(_, entry)| !is_own(entry));
        let groups = entries
            .chunk_by(|(_, one), (_, next)| one.suggestion().group == next.suggestion().group);
        let group = |entries: &[(usize, Entry)]| {
            let origin = (entries.first().map(|(index, _)| *index) == first_preset)
                .then(|| view! { <Origin form /> });
            view! {
                {origin}
                <EntryGroup list entries=entries.to_vec() />
            }
        };
        groups.map(group).collect_view()
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
            {move || list.is_shown().then(|| view! { <CoveredNote form /> {groups()} })}
        </div>
    }
}

/// Server of the endpoints, which are listed by their paths.
#[component]
fn Origin(form: ConnectForm) -> impl IntoView {
    view! {
        <p class="origin" aria-hidden="true">
            {words().address.this_server} " " <code>{form.origin()}</code>
        </p>
    }
}

/// Copy of the note below the box, which the list covers.
#[component]
fn CoveredNote(form: ConnectForm) -> impl IntoView {
    view! {
        <p class="note covered" class:wrong=move || form.is_wrong() aria-hidden="true">
            {move || form.note()}
        </p>
    }
}

/// Entries of one group, below its heading. `entries` is not empty.
#[component]
fn EntryGroup(list: SuggestionList, entries: Vec<(usize, Entry)>) -> impl IntoView {
    let Words { address: words, options: Options { saved, .. }, .. } = words();
    let first = entries.first().map(|(_, first)| first.suggestion());
    let language = first.and_then(language);
    let (name, heading) = match first.map(|first| &first.group) {
        Some(Group::Named(name)) => (name.clone(), Some(name.clone())),
        // Its heading is the server's address above.
        Some(Group::ThisServer) => (words.this_server.to_owned(), None),
        Some(Group::Saved) => (saved.to_string(), Some(saved.to_string())),
        Some(Group::Recent) | None => (words.recent.to_owned(), Some(words.recent.to_owned())),
    };
    let heading = heading
        .map(|name| view! { <div class="heading" aria-hidden="true" lang=language>{name}</div> });
    let entries = entries.into_iter();
    let entries = entries.map(|(index, entry)| view! { <EntryRow list index entry /> });
    view! {
        <div role="group" aria-label=name>
            {heading}
            {entries.collect_view()}
        </div>
    }
}

/// Row of one entry: the address with its description and a mark if it misbehaves on purpose, or
/// the size of a folded group. A click accepts it.
#[component]
fn EntryRow(list: SuggestionList, index: usize, entry: Entry) -> impl IntoView {
    let words = &words().address;
    let content = match entry {
        Entry::Folded(_, count) => {
            view! { <span class="summary">{(words.unfold)(count)}</span> }.into_any()
        }
        Entry::Address(suggestion) => {
            let language = language(&suggestion);
            let Suggestion { label, dangerous, summary, group, .. } = suggestion;
            let forget = (group == Group::Recent).then(|| view! { <Forget list index /> });
            let badge =
                dangerous.then(|| view! { <span class="dangerous">{words.misbehaves}</span> });
            view! {
                <code>{label}</code>
                <span class="summary" lang=language>{summary}</span>
                {badge}
                {forget}
            }
            .into_any()
        }
    };
    view! {
        <div
            class="suggestion"
            role="option"
            id=list.id(index)
            aria-selected=move || aria(list.active.get() == Some(index))
            on:click=move |_| list.accept(index)
        >
            {content}
        </div>
    }
}

/// Sign that removes a recent address. No button: the focus stays in the box, which has a key for it.
#[component]
fn Forget(list: SuggestionList, index: usize) -> impl IntoView {
    let on_click = move |event: ev::MouseEvent| {
        event.stop_propagation();
        list.forget(index);
    };
    view! {
        <span class="forget" title=words().address.forget aria-hidden="true" on:click=on_click>
            "×"
        </span>
    }
}

/// Language of a suggestion's texts, if it is not the page's.
fn language(suggestion: &Suggestion) -> Option<&'static str> {
    (!suggestion.is_translated).then_some(SERVER_LANGUAGE)
}
