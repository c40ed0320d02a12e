//! Repetition: sends the draft repeatedly, at an interval or as fast as possible.

use leptos::prelude::*;
use workbench::engine::{ComposerCommand, Repeating};

use super::{
    fields::{ErrorLine, Field, on_submit},
    repetition::{RepeatError, parse_repetition},
};
use crate::{
    EngineHandle,
    browser::clock::now,
    composer::{ComposerState, draft_check::DraftCheck, text_box::TextBox, words::words},
    ui::{button::Button, show::Show},
};

/// Form with interval and count, the start button, and the progress of a repetition that is over.
/// A start closes the panel, which would cover the newest rows; another start replaces the first.
#[component]
pub(super) fn RepeatPanel(composer: ComposerState, text_box: TextBox) -> impl IntoView {
    let words = &words().repeating;
    let engine = composer.engine;
    let error = RwSignal::new(None::<String>);
    let (can_send, is_running) = (composer.can_send, is_running(engine));
    let begin = move || {
        error.set(None);
        match can_send.get_untracked().then(|| start(composer)) {
            Some(Ok(true)) => {
                composer.panel.set(None);
                text_box.focus();
            }
            Some(Err(sentence)) => error.set(Some(sentence)),
            _ => {}
        }
    };
    view! {
        <div>
            <form class="panel-form" on:submit=on_submit(begin)>
                <Field label=words.interval class="number" text=composer.interval />
                <Field label=words.count class="number" text=composer.count />
                <button type="submit" class="plain" disabled=move || !can_send.get()>
                    {words.start}
                </button>
            </form>
            <p class="hint">{words.hint}</p>
            <ErrorLine message=error />
            <p class="progress">
                {move || (!is_running.get()).then(|| progress(engine)).flatten()}
            </p>
        </div>
    }
}

/// Starts repeating the draft; `false` if the status line says why not. The error is a sentence for
/// the user: an invalid draft, an empty one, or a number out of range.
///
/// The draft is copied: edits do not change a running repetition.
fn start(composer: ComposerState) -> Result<bool, String> {
    let draft = composer.engine.draft.get_untracked();
    let Ok(framing) = untrack(|| composer.framing()) else {
        // The status line says what is wrong with it.
        composer.framing.focus();
        return Ok(false);
    };
    let check = DraftCheck::of(&draft, framing, &|| composer.preview_values());
    if check.is_error() {
        return Err(check.message().unwrap_or_default());
    }
    let repetition = if framing.is_some_and(|it| !it.can_repeat()) {
        Err(RepeatError::Framing)
    } else if draft.text.is_empty() && framing.is_none() {
        Err(RepeatError::EmptyDraft)
    } else {
        parse_repetition(&composer.interval.get_untracked(), &composer.count.get_untracked())
    };
    let repetition = repetition.map_err(words().repeating.error)?;
    composer.engine.command(ComposerCommand::Repeat(draft, framing, repetition));
    Ok(true)
}

/// Progress of the repetition as text, with messages a second from the first full second on; `None`
/// before the first repetition.
fn progress(engine: EngineHandle) -> Option<String> {
    let Repeating { progress, is_over } = engine.snapshot.with(|it| it.repeating)?;
    let micros = now().0.saturating_sub(progress.since.0);
    // The time of the end is not known.
    let rate = (!is_over && micros >= 1_000_000).then(|| progress.sent * 1_000_000 / micros);
    Some((words().repeating.progress)(&progress, rate))
}

/// Progress of the running repetition, and its Stop button. Present while one runs only.
#[component]
pub(in crate::composer) fn RepeatStatus(engine: EngineHandle) -> impl IntoView {
    let is_running = is_running(engine);
    view! {
        <div class="running">
            <Show when=move || is_running.get()>
                <span class="repeating">
                    // First, so that the words, which grow, do not move it.
                    <Button
                        class="plain stop"
                        label=words().repeating.stop
                        on_click=move || engine.command(ComposerCommand::StopRepeating)
                    />
                    <span>{move || progress(engine)}</span>
                </span>
            </Show>
        </div>
    }
}

/// True while a repetition is running.
fn is_running(engine: EngineHandle) -> Memo<bool> {
    engine.part(|it| it.repeating.is_some_and(|it| !it.is_over))
}
