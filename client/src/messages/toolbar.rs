//! Toolbar of the message list: find, kinds of rows, overflow menu, clear and pause.

use leptos::prelude::*;
use workbench::engine::LogCommand;

use super::{
    find::{Find, QueryToggle},
    more::More,
    words::words,
};
use crate::{
    language::shared,
    settings::Settings,
    tabs::tab::Tab,
    ui::{button::Button, show::Show},
};

/// Toolbar, from the search to the pause button. All of it changes the tab's query or sends commands to its engine,
/// except most of the overflow menu's choices, which are settings of all tabs.
#[component]
pub(crate) fn Toolbar(tab: Tab, settings: Settings) -> impl IntoView {
    view! {
        <div class="toolbar" role="group" aria-label=words().toolbar.title>
            <Find tab />
            <Directions tab />
            <More tab settings />
            <ClearButton tab />
            <PauseButton tab />
        </div>
    }
}

/// Switches of the kinds of rows: sent, received, events and frames. Each is a field of the query, and on by default.
///
/// Frames are shown by the relay only, so that their switch is absent for a direct connection, unless frames are
/// filtered out: that has to be undone somewhere.
#[component]
fn Directions(tab: Tab) -> impl IntoView {
    let words = &words().toolbar;
    let has_frames = Memo::new(move |_| {
        tab.target.relay.with(Option::is_some) || tab.query.with(|query| !query.which.frames)
    });
    view! {
        <div class="choices" role="group" aria-label=words.shown>
            <QueryToggle tab label=shared().sent title=words.show_sent option=|it| &mut it.which.sent />
            <QueryToggle tab label=shared().received title=words.show_received option=|it| &mut it.which.received />
            <QueryToggle tab label=words.events title=words.show_events option=|it| &mut it.which.events />
            <Show when=move || has_frames.get()>
                <QueryToggle tab label=words.frames title=words.show_frames option=|it| &mut it.which.frames />
            </Show>
        </div>
    }
}

/// Pause of the list: rows that arrive are counted and kept, not listed, until it is resumed. The
/// connection is not affected.
#[component]
fn PauseButton(tab: Tab) -> impl IntoView {
    let words = &words().toolbar;
    let is_paused = tab.engine.part(|it| it.since_pause.is_some());
    let label = move || if is_paused.get() { words.resume } else { words.pause };
    let toggle = move || tab.engine.command(LogCommand::Pause(!is_paused.get_untracked()));
    view! { <Button class="pause" label title=words.pause_title on_click=toggle /> }
}

/// Clears the list of the tab, for good after 20 s; the status line offers to undo it until then.
#[component]
fn ClearButton(tab: Tab) -> impl IntoView {
    let words = &words().toolbar;
    let (label, title) = (words.clear, words.clear_title);
    view! { <Button class="clear" label title on_click=move || tab.clear() /> }
}
