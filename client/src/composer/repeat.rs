//! Sending what is in the box again and again.

use std::time::Duration;

use leptos::prelude::*;
use session::State;
use workbench::{
    compose::{Repetition, RepetitionError},
    engine::{ComposerCommand, Repeating},
};

use super::{
    Composing,
    check::Checked,
    panels::{field, form, submit, wrong},
    says,
    words::words,
};
use crate::{Shell, browser::clock::now, ui::element::Element};

/// Why a repetition cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unrepeatable {
    /// A field is no whole number.
    NotANumber,
    /// The numbers are wrong.
    Wrong(RepetitionError),
    /// There is nothing in the box.
    Empty,
}

/// The panel.
pub(super) fn repeat(composing: Composing) -> Element {
    let words = &words().repeating;
    let shell = composing.shell;
    let problem = RwSignal::new(None::<String>);
    let (state, is_running) = (shell.state(), is_running(shell));
    let begin = move || {
        problem.set(None);
        if !state.with_untracked(State::can_send) {
            return;
        }
        if let Err(error) = start(composing) {
            problem.set(Some(error));
        }
    };
    let start = submit(words.start)
        .live("disabled", move || (!state.with(State::can_send)).then(String::new));
    let numeric = |label, text| field(label, "number", text);
    Element::new("div", "").children([
        form("panel-form", begin).children([
            numeric(words.every, composing.every),
            numeric(words.times, composing.times),
            start,
        ]),
        Element::new("p", "hint").text(words.means),
        wrong(move || problem.get()),
        Element::new("p", "progress")
            .live_child(move || (!is_running.get()).then(|| progress(shell)).flatten().into_any()),
    ])
}

fn start(composing: Composing) -> Result<(), String> {
    let draft = composing.shell.draft().get_untracked();
    let checked = Checked::of(&draft, || composing.values());
    if checked.is_wrong() {
        return Err(says(&checked).unwrap_or_default());
    }
    let repetition = if draft.text.is_empty() {
        Err(Unrepeatable::Empty)
    } else {
        read(&composing.every.get_untracked(), &composing.times.get_untracked())
    };
    let repetition = repetition.map_err(words().repeating.mistake)?;
    composing.shell.command(ComposerCommand::Repeat(draft, repetition));
    Ok(())
}

/// Fields may be empty.
fn read(every: &str, times: &str) -> Result<Repetition, Unrepeatable> {
    let number = |text: &str| match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Unrepeatable::NotANumber),
    };
    let every = number(every)?.map(Duration::from_millis);
    Repetition::new(every, number(times)?).map_err(Unrepeatable::Wrong)
}

fn progress(shell: Shell) -> Option<String> {
    let Repeating { progress, is_over } = shell.snapshot().with(|it| it.repeating)?;
    let elapsed = now().since(progress.since).as_secs_f64();
    // At its end nobody knows how long it took.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "for a person to read"
    )]
    let rate = (!is_over && elapsed >= 1.0).then_some((progress.sent as f64 / elapsed) as u64);
    Some((words().repeating.progress)(&progress, rate))
}

/// A line about the repetition that goes on, whatever is unfolded.
pub(super) fn running(shell: Shell) -> Element {
    let is_running = is_running(shell);
    let child = move || {
        if !is_running.get() {
            return ().into_any();
        }
        let words = &words().repeating;
        let says = Element::new("span", "").live_child(move || progress(shell).into_any());
        let stop =
            Element::button("plain stop", move || shell.command(ComposerCommand::StopRepeating))
                .text(words.stop);
        Element::new("span", "repeating").children([says, stop]).view()
    };
    Element::new("div", "running").live_child(child)
}

fn is_running(shell: Shell) -> Memo<bool> {
    let snapshot = shell.snapshot();
    Memo::new(move |_| snapshot.with(|it| it.repeating.is_some_and(|it| !it.is_over)))
}
