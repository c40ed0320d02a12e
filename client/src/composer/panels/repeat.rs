//! Repetition: sends the draft repeatedly, at an interval or as fast as possible.

use std::time::Duration;

use leptos::prelude::*;
use workbench::engine::{ComposerCommand, Repeating};

use super::{
    fields::{ErrorLine, Field},
    repetition::{RepeatError, parse_repetition},
};
use crate::{
    EngineHandle,
    browser::{clock::now, dom::focus::when_left},
    composer::{ComposerState, draft_check::DraftCheck, text_box::TextBox, words::words},
    ui::{button::Button, show::Show, text_input::on_submit},
};

/// Time for which the end of a repetition is shown.
const END_SHOWN: Duration = Duration::from_secs(10);

/// Form with interval and count, and the start button.
/// A start closes the panel, which would cover the newest rows; another start replaces the first.
#[component]
pub(super) fn RepeatPanel(composer: ComposerState, text_box: TextBox) -> impl IntoView {
    let words = &words().repeating;
    // Sentence about the box that is wrong, or about the draft.
    let error = RwSignal::new(None::<(Option<RepeatError>, String)>);
    let can_send = composer.can_send;
    let begin = move || match can_send.get_untracked().then(|| start(composer)) {
        Some(Ok(true)) => {
            composer.panel.set(None);
            text_box.focus();
        }
        Some(Err(mistake)) => error.set(Some(mistake)),
        _ => error.set(None),
    };
    let is_wrong = move |part| {
        Signal::derive(move || error.with(|it| it.as_ref().is_some_and(|it| it.0 == Some(part))))
    };
    let says = move || error.get().map(|it| it.1);
    view! {
        <div>
            <form class="panel-form" on:submit=on_submit(begin) on:input=move |_| error.set(None)>
                <Field
                    label=words.interval
                    class="interval"
                    text=composer.interval
                    is_invalid=is_wrong(RepeatError::Interval)
                />
                <Field
                    label=words.count
                    class="times"
                    text=composer.count
                    is_invalid=is_wrong(RepeatError::Count)
                />
                <button type="submit" class="plain" disabled=move || !can_send.get()>
                    {words.start}
                </button>
            </form>
            // At one place, so that nothing moves.
            <div class="help">
                <p class="hint">{words.hint}</p>
                <ErrorLine message=Signal::derive(says) />
            </div>
        </div>
    }
}

/// Starts repeating the draft; `false` if the status line says why not. The error is a sentence for
/// the user, with the box that it is about: an invalid draft, an empty one, or a number out of range.
///
/// The draft is copied: edits do not change a running repetition.
fn start(composer: ComposerState) -> Result<bool, (Option<RepeatError>, String)> {
    let draft = composer.engine.draft.get_untracked();
    let Ok(framing) = untrack(|| composer.framing()) else {
        // The status line says what is wrong with it.
        composer.framing.focus();
        return Ok(false);
    };
    let check = DraftCheck::of(&draft, framing, &|| composer.preview_values());
    if check.is_error() {
        return Err((None, check.message().unwrap_or_default()));
    }
    let repetition = if framing.is_some_and(|it| !it.can_repeat()) {
        Err(RepeatError::Framing)
    } else if draft.text.is_empty() && framing.is_none() {
        Err(RepeatError::EmptyDraft)
    } else {
        parse_repetition(&composer.interval.get_untracked(), &composer.count.get_untracked())
    };
    let says = |error| (Some(error), (words().repeating.error)(error).to_owned());
    composer.engine.command(ComposerCommand::Repeat(draft, framing, repetition.map_err(says)?));
    Ok(true)
}

/// Progress of the repetition as text, with messages a second from the first full second on, and its end; `None`
/// before the first repetition.
fn progress(engine: EngineHandle) -> Option<String> {
    let words = &words().repeating;
    let Repeating { progress, is_over } = engine.snapshot.with(|it| it.repeating)?;
    let micros = now().0.saturating_sub(progress.since.0);
    // The time of the end is not known.
    let rate = (!is_over && micros >= 1_000_000).then(|| progress.sent * 1_000_000 / micros);
    let says = (words.progress)(&progress, rate);
    let end = is_over.then(|| (words.over)(progress.of == Some(progress.sent)));
    Some(end.into_iter().chain([says.as_str()]).collect::<Vec<_>>().join(" "))
}

/// Progress of the running repetition, and its Stop button; for a while, that it is over.
#[component]
pub(in crate::composer) fn RepeatStatus(engine: EngineHandle) -> impl IntoView {
    let is_running = is_running(engine);
    let repeating = engine.part(|it| it.repeating.map(|it| (it.progress.since, it.is_over)));
    // Start of the repetition whose end was shown long enough.
    let seen = RwSignal::new(None);
    let is_over =
        move || repeating.get().is_some_and(|(of, is_over)| is_over && seen.get() != Some(of));
    view! {
        <div class="running" role="status" aria-live=move || is_running.get().then_some("off")>
            <Show when=is_running>
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
            <Show when=is_over>
                {
                    when_left(".repeated", END_SHOWN, move || seen.set(untrack(|| repeating.get()).map(|it| it.0)));
                    view! { <span class="repeated">{move || progress(engine)}</span> }
                }
            </Show>
        </div>
    }
}

/// True while a repetition is running.
fn is_running(engine: EngineHandle) -> Memo<bool> {
    engine.part(|it| it.repeating.is_some_and(|it| !it.is_over))
}
