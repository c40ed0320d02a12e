//! The languages of the page, and which of them it speaks.
//!
//! The words of a view stand beside it, in its folder's `words/`. A view reads them once, where it is
//! made: the whole page is drawn anew in another language.

pub(crate) mod en;
mod format;
pub(crate) mod ko;

use std::cell::Cell;

use leptos::prelude::{document, window};

pub(crate) use self::format::format;

/// A language that the page speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English, which is spoken where none of the person's languages is known.
    En,
    /// Korean.
    Ko,
}

thread_local! {
    static SPOKEN: Cell<Language> = const { Cell::new(Language::En) };
}

impl Language {
    /// Each.
    pub const ALL: [Self; 2] = [Self::En, Self::Ko];

    /// Its code (RFC 5646).
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// What it calls itself.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Code and name.
    fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::En => ("en", "English"),
            Self::Ko => ("ko", "한국어"),
        }
    }

    /// The language with this code, if it is known.
    #[must_use]
    pub fn with_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The first known one of `tags` (RFC 5646), which are in order of preference: `ko-KR` is Korean.
    #[must_use]
    pub fn preferred(tags: impl IntoIterator<Item = String>) -> Self {
        let known = |tag: String| Self::with_code(&tag.split('-').next()?.to_ascii_lowercase());
        tags.into_iter().find_map(known).unwrap_or(Self::En)
    }

    /// The one that the person has told the browser to prefer.
    #[must_use]
    pub fn of_browser() -> Self {
        Self::preferred(window().navigator().languages().iter().filter_map(|tag| tag.as_string()))
    }

    /// Has [`words`] be of this language from now on, and tells the browser so.
    pub(crate) fn speak(self) {
        SPOKEN.set(self);
        if let Some(html) = document().document_element() {
            // Fails only for names that cannot be an attribute's.
            let _ = html.set_attribute("lang", self.code());
        }
    }
}

/// Chooses the one for the language of the page; they are in the order of [`Language::ALL`].
pub(crate) fn choose<T>(each: [&'static T; Language::ALL.len()]) -> &'static T {
    each[SPOKEN.get() as usize]
}
