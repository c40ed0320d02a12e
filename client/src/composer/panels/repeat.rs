//! Repetition: sends the draft repeatedly, at an interval or as fast as possible.

use leptos::prelude::*;
use workbench::engine::{ComposerCommand, Repeating};

use super::{
    fields::{ErrorLine, Field, on_submit},
    repetition::{RepeatError, parse_repetition},
};
use crate::{
    Shell,
    browser::clock::now,
    composer::{ComposerState, draft_check::DraftCheck, words::words},
};

#[component]
pub(super) fn RepeatPanel(composer: ComposerState) -> impl IntoView {
    let words = &words().repeating;
    let shell = composer.shell;
    let error = RwSignal::new(None::<String>);
    let (can_send, is_running) = (composer.can_send(), is_running(shell));
    let begin = move || {
        error.set(None);
        if can_send.get_untracked() {
            error.set(start(composer).err());
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
                {move || (!is_running.get()).then(|| progress(shell)).flatten()}
            </p>
        </div>
    }
}

/// Starts repeating the draft; the error is a sentence for the person.
fn start(composer: ComposerState) -> Result<(), String> {
    let draft = composer.shell.draft().get_untracked();
    let check = DraftCheck::of(&draft, || composer.preview_values());
    if check.is_error() {
        return Err(check.message().unwrap_or_default());
    }
    let repetition = if draft.text.is_empty() {
        Err(RepeatError::EmptyDraft)
    } else {
        parse_repetition(&composer.interval.get_untracked(), &composer.count.get_untracked())
    };
    let repetition = repetition.map_err(words().repeating.error)?;
    composer.shell.command(ComposerCommand::Repeat(draft, repetition));
    Ok(())
}

fn progress(shell: Shell) -> Option<String> {
    let Repeating { progress, is_over } = shell.snapshot().with(|it| it.repeating)?;
    let elapsed = now().since(progress.since).as_secs_f64();
    // The time of the end is not known.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "for a person to read"
    )]
    let rate = (!is_over && elapsed >= 1.0).then_some((progress.sent as f64 / elapsed) as u64);
    Some((words().repeating.progress)(&progress, rate))
}

/// Progress of the running repetition, and its Stop button; shown whether the panel is open or not.
#[component]
pub(in crate::composer) fn RepeatStatus(shell: Shell) -> impl IntoView {
    let is_running = is_running(shell);
    view! {
        <div class="running">
            <Show when=move || is_running.get()>
                <span class="repeating">
                    <span>{move || progress(shell)}</span>
                    <button
                        type="button"
                        class="plain stop"
                        on:click=move |_| shell.command(ComposerCommand::StopRepeating)
                    >
                        {words().repeating.stop}
                    </button>
                </span>
            </Show>
        </div>
    }
}

fn is_running(shell: Shell) -> Memo<bool> {
    let snapshot = shell.snapshot();
    Memo::new(move |_| snapshot.with(|it| it.repeating.is_some_and(|it| !it.is_over)))
}
