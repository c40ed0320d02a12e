//! Whether the draft can be sent, and what its variables make of it: said in a line below the box.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use workbench::{
    compose::{Draft, DraftError, Template, Values},
    payload::LineColumn,
};

use super::Composing;

/// Bytes of a draft that is checked at each key; with a longer one it would be felt.
const AT_ONCE: usize = 100_000;
/// How long a person has stopped typing when a longer one is checked.
const PAUSE: Duration = Duration::from_millis(300);
/// Bytes that a preview shows: about a line.
const PREVIEW: usize = 200;

/// What is to be said of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Checked {
    /// Nothing: it is sent as it stands.
    #[default]
    Plain,
    /// The start of what its variables make of it.
    Becomes(String),
    /// It cannot be sent.
    Wrong(DraftError),
    /// What its variables make of it cannot be sent.
    WrongWhenFilled(DraftError),
}

impl Checked {
    pub(super) fn of(draft: &Draft, values: impl FnOnce() -> Values) -> Self {
        if draft.text.is_empty() {
            return Self::Plain;
        }
        if let Err(error) = draft.check() {
            return Self::Wrong(error);
        }
        if Template::parse(draft.text.as_str()).is_ok_and(|it| it.is_constant()) {
            return Self::Plain;
        }
        match draft.message(&mut values()) {
            Ok(message) => Self::Becomes(message.payload().preview(PREVIEW).text),
            Err(error @ DraftError::Fill(_)) => Self::Wrong(error),
            Err(error) => Self::WrongWhenFilled(error),
        }
    }

    pub(super) fn is_wrong(&self) -> bool {
        matches!(self, Self::Wrong(_) | Self::WrongWhenFilled(_))
    }

    /// Where in the draft the mistake is.
    pub(super) fn place(&self) -> Option<LineColumn> {
        match self {
            Self::Wrong(error) => error.place(),
            _ => None,
        }
    }
}

/// What is to be said of what is in the box.
pub(super) fn checked(composing: Composing) -> Signal<Checked> {
    let checked = RwSignal::new(Checked::default());
    let draft = composing.shell.draft();
    let next_seq = Memo::new(move |_| composing.snapshot.with(|snapshot| snapshot.next_seq));
    let check = move || {
        let now = draft.try_with_untracked(|draft| Checked::of(draft, || composing.values()));
        if let Some(now) = now
            && checked.try_with_untracked(|before| *before != now) == Some(true)
        {
            checked.try_set(now);
        }
    };
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let cancel = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    Effect::new(move || {
        // A memo that is not read does not follow what it is made of.
        next_seq.get();
        composing.library.workspace().track();
        let length = draft.with(|draft| draft.text.len());
        let pause = if length > AT_ONCE { PAUSE } else { Duration::ZERO };
        cancel();
        timer.set_value(set_timeout_with_handle(check, pause).ok());
    });
    on_cleanup(cancel);
    checked.into()
}

/// Where a browser counts `place` to be in a text: in units of UTF-16, with a line break as one.
pub(super) fn offset(text: &str, place: LineColumn) -> u32 {
    let mut lines = text.split_inclusive('\n');
    let units = |text: &str| text.encode_utf16().filter(|unit| *unit != u16::from(b'\r')).count();
    let before: usize = lines.by_ref().take(place.line.saturating_sub(1)).map(units).sum();
    let line = lines.next().unwrap_or_default();
    let column: String = line.chars().take(place.column.saturating_sub(1)).collect();
    u32::try_from(before + units(&column)).unwrap_or(u32::MAX)
}
