//! Find: the search text, its options, and steps from match to match.

use leptos::{ev, prelude::*};
use workbench::{
    engine::LogCommand,
    log::{Query, QueryError},
};

use super::words::words;
use crate::{
    browser::dom::{focus::focus, keyboard::is_composing},
    tabs::tab::Tab,
    ui::button::{SignButton, Toggle},
};

/// Search box with its switches, and the steps through the matches.
///
/// Each letter changes the query of the tab; the engine searches in slices, so that typing never
/// waits. A regular expression that cannot be compiled marks the box as invalid, with its reason in
/// the status line. Enter steps forward, Shift+Enter back.
#[component]
pub(super) fn Find(tab: Tab) -> impl IntoView {
    let words = &words().find;
    let query_error = tab.engine.query_error;
    let is_invalid = move || query_error.with(|it| matches!(it, Some(QueryError::Regex(_))));
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && !is_composing(&event) {
            event.prevent_default();
            step(tab, event.shift_key());
        }
    };
    view! {
        <div class="find">
            <input
                type="search"
                aria-label=words.title
                placeholder=words.placeholder
                spellcheck="false"
                autocomplete="off"
                aria-invalid=move || is_invalid().then_some("true")
                aria-describedby="list-status"
                prop:value=move || tab.query.with(|query| query.text.clone())
                on:input=move |event| tab.find(|query| query.text = event_target_value(&event))
                on:keydown=on_key
            />
            <QueryToggle tab label="Aa" title=words.match_case option=|it| &mut it.matches_case />
            <QueryToggle tab label=".*" title=words.regex option=|it| &mut it.is_expression />
            <div class="steps">
                <ModeChoice tab />
                <Steps tab />
            </div>
        </div>
    }
}

/// Switch of a query's option.
#[component]
pub(super) fn QueryToggle(
    tab: Tab,
    label: &'static str,
    title: &'static str,
    /// Field of the query that the button switches.
    option: fn(&mut Query) -> &mut bool,
) -> impl IntoView {
    let is_on = move || *option(&mut tab.query.get());
    let toggle = move || tab.find(|query| *option(query) ^= true);
    view! { <Toggle label title is_on on_click=toggle /> }
}

/// Choice between listing the matches alone and marking them among all rows. The engine reads it as
/// `marks_only`; filtering is the default.
#[component]
fn ModeChoice(tab: Tab) -> impl IntoView {
    let words = &words().find;
    let marks_only = Signal::derive(move || tab.query.with(|query| query.marks_only));
    let choose = move |marks_only| move || tab.find(|it| it.marks_only = marks_only);
    view! {
        <div class="choices" role="group" aria-label=words.mode>
            <Toggle
                label=words.filter
                title=words.filter_title
                is_on=move || !marks_only.get()
                on_click=choose(false)
            />
            <Toggle
                label=words.mark
                title=words.mark_title
                is_on=marks_only
                on_click=choose(true)
            />
        </div>
    }
}

/// Buttons to the match before and the next, and which of how many is current.
#[component]
fn Steps(tab: Tab) -> impl IntoView {
    let words = &words().find;
    let snapshot = tab.engine.snapshot;
    let position =
        move || snapshot.with(|it| it.found.map(|it| (words.position)(it.at, it.matches)));
    view! {
        // `F3` presses them by their classes.
        <SignButton class="step previous" sign="↑" label=words.previous on_click=move || step(tab, true) />
        <SignButton class="step next" sign="↓" label=words.next on_click=move || step(tab, false) />
        <span class="position">{move || position()}</span>
    }
}

/// Goes to the next match or the one before; without a text to the box for it.
fn step(tab: Tab, is_back: bool) {
    if tab.query.with_untracked(|query| query.text.is_empty()) {
        focus(".find input");
    } else {
        tab.engine.command(LogCommand::FindNext { is_back });
    }
}
