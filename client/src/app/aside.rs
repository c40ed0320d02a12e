//! Detail pane beside the list, with the actions on its message.

use leptos::prelude::*;
use workbench::engine::{ComposerCommand, LogCommand, Purpose};

use super::words::words;
use crate::{
    EngineHandle,
    browser::dom::focus::{COMPOSER, focus},
    detail::{DetailPane, event_view::EventPane},
    settings::Settings,
    tabs::tab::Tab,
    ui::{button::Button, show::Show, splitter::Splitter},
};

/// Detail pane of the open message, resizable; absent while none is open. Between 280 and 960 CSS pixels wide, stored
/// in `settings`. An event of the connection takes the place of a message: the engine reports one or the other.
#[component]
pub(super) fn Aside(tab: Tab, settings: Settings) -> impl IntoView {
    let engine = tab.engine;
    let stored = settings.detail_width;
    let width = RwSignal::new(stored.get_untracked());
    let (event, inspected) = (engine.event, engine.inspected);
    let is_event = move || event.with(Option::is_some);
    let is_shown = move || is_event() || inspected.with(Option::is_some);
    let on_copy_text = Callback::new(move |text: String| engine.copy(&text));
    let on_close = Callback::new(move |()| engine.inspect(None));
    view! {
        <Show when=is_shown>
            <Splitter label=words().detail_width size=width settled=stored min=280 max=960 />
            <div class="aside" style:width=move || format!("{}px", width.get())>
                {move || event.get().map(|row| view! { <EventPane row on_close on_copy_text /> })}
                <Show when=move || !is_event()>
                    <DetailPane
                        inspected
                        compared=engine.compared
                        chosen=tab.chosen_view
                        on_close
                        on_copy=Callback::new(move |id| engine.command(LogCommand::Fetch(id, Purpose::Copy)))
                        on_compare=Callback::new(move |id| engine.compare(id))
                        on_copy_text
                        actions=Callback::new(move |id| view! { <EntryActions engine id /> }.into_any())
                    />
                </Show>
            </div>
        </Show>
    }
}

/// Buttons that pin, resend or edit message `id`. Pinning and resending happen in the engine; editing fetches the
/// payload, which replaces the draft once it arrives, and moves the focus to the composer.
#[component]
fn EntryActions(engine: EngineHandle, id: u64) -> impl IntoView {
    let words = words();
    let is_pinned =
        Memo::new(move |_| engine.snapshot.with(|it| it.pinned.iter().any(|row| row.id == id)));
    let pin = move || engine.command(LogCommand::Pin(id, !is_pinned.get_untracked()));
    let send_again = move || engine.command(ComposerCommand::SendAgain(id));
    let edit = move || {
        engine.command(LogCommand::Fetch(id, Purpose::Edit));
        focus(COMPOSER);
    };
    view! {
        <div class="entry-actions" role="group" aria-label=words.message_actions>
            <Button
                class="plain pin"
                label=move || if is_pinned.get() { words.unpin } else { words.pin }
                on_click=pin
            />
            <Button class="plain send-again" label=words.send_again on_click=send_again />
            <Button class="plain edit" label=words.edit on_click=edit />
        </div>
    }
}
