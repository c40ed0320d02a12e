//! Draft check: validates the draft while it is typed, and previews its variables.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use workbench::{
    compose::{Draft, DraftError, Framing, Template, Values},
    payload::LineColumn,
};

use super::{ComposerState, words::words};

/// Bytes of a draft that is checked at each keystroke; longer ones wait for [`DEBOUNCE`]. Checking
/// reads the whole draft: at this length it takes some milliseconds.
const IMMEDIATE_BYTES: usize = 100_000;
/// Pause in typing after which a long draft is checked.
const DEBOUNCE: Duration = Duration::from_millis(300);
/// Bytes of a preview: about a line.
const PREVIEW_BYTES: usize = 200;

/// Result of checking a draft. Errors of both kinds keep the draft from being sent; a preview does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum DraftCheck {
    /// Empty, or valid and without variables.
    #[default]
    Valid,
    /// Valid: the start of the message with variables filled in.
    Preview(String),
    /// Invalid as typed.
    Invalid(DraftError),
    /// Invalid with variables filled in; positions refer to the filled text.
    InvalidFilled(DraftError),
}

impl DraftCheck {
    /// Checks a draft as it would be sent: its form, its template, then the message with variables
    /// filled in, in the frames of `framing`.
    ///
    /// `values` is called only if variables or frames have to be tried.
    pub(super) fn of(draft: &Draft, framing: Option<Framing>, values: &dyn Fn() -> Values) -> Self {
        if draft.text.is_empty() {
            return Self::Valid;
        }
        if let Err(error) = draft.check() {
            return Self::Invalid(error);
        }
        let is_constant = Template::is_constant_text(&draft.text);
        if is_constant && framing.is_none() {
            return Self::Valid;
        }
        let message = draft.message(&mut values());
        match message.and_then(|it| Framing::checked(framing, it)) {
            Ok(_) if is_constant => Self::Valid,
            Ok(message) => Self::Preview(message.payload().preview(PREVIEW_BYTES).text),
            Err(error @ (DraftError::Fill(_) | DraftError::TooLongFor { .. })) => {
                Self::Invalid(error)
            }
            Err(error) => Self::InvalidFilled(error),
        }
    }

    /// True if the draft cannot be sent.
    pub(super) fn is_error(&self) -> bool {
        matches!(self, Self::Invalid(_) | Self::InvalidFilled(_))
    }

    /// Position of the error in the draft. `None` if the position refers to the filled text, which nobody has typed.
    pub(super) fn place(&self) -> Option<LineColumn> {
        match self {
            Self::Invalid(error) => error.place(),
            _ => None,
        }
    }

    /// Sentence for the status line; `None` if there is nothing to report. A preview is a message, too.
    pub(super) fn message(&self) -> Option<String> {
        let words = &words().composer;
        match self {
            Self::Valid => None,
            Self::Preview(text) => Some((words.preview)(text)),
            Self::Invalid(error) => Some((words.invalid)(error)),
            Self::InvalidFilled(error) => Some((words.invalid_filled)(error)),
        }
    }
}

/// Check of the current draft, debounced if it is long. Recomputed when the draft, the library or the frames change;
/// with variables in the draft, also when the number of the next message does; an unchanged result renders nothing. A
/// check runs in a task of its own, so that the keystroke is drawn first.
pub(super) fn draft_check(composer: ComposerState) -> Signal<DraftCheck> {
    let result = RwSignal::new(DraftCheck::default());
    let draft = composer.engine.draft;
    let next_seq = composer.engine.part(|it| it.next_seq);
    let has_variables = Memo::new(move |_| {
        result.with(|it| matches!(it, DraftCheck::Preview(_) | DraftCheck::InvalidFilled(_)))
    });
    let is_relayed = composer.is_relayed;
    let check = move || {
        let values = || composer.preview_values();
        let framing = untrack(|| composer.framing()).ok().flatten();
        let now = draft.try_with_untracked(|draft| DraftCheck::of(draft, framing, &values));
        if let Some(now) = now
            && result.try_with_untracked(|before| *before != now) == Some(true)
        {
            result.try_set(now);
        }
    };
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let cancel = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    // Only sets a timer: no signal is written from an effect.
    Effect::new(move || {
        // During a repetition it changes each frame, which would put off the check of a long draft for as long.
        if has_variables.get() {
            next_seq.track();
        }
        composer.library.workspace.track();
        is_relayed.get();
        composer.framing.track();
        let bytes = draft.with(|draft| draft.text.len());
        let delay = if bytes > IMMEDIATE_BYTES { DEBOUNCE } else { Duration::ZERO };
        cancel();
        timer.set_value(set_timeout_with_handle(check, delay).ok());
    });
    on_cleanup(cancel);
    result.into()
}
