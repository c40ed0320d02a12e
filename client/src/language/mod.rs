//! The languages of the page, and which of them it speaks.
//!
//! A view reads [`words`] once, where it is made: the whole page is drawn anew in another language.

mod en;
mod ko;
mod words;

use std::cell::Cell;

use leptos::prelude::{document, window};

pub(crate) use self::words::{ChartWords, Words};

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

    /// Its code, its name, and its words.
    fn row(self) -> (&'static str, &'static str, &'static Words) {
        match self {
            Self::En => ("en", "English", &en::WORDS),
            Self::Ko => ("ko", "한국어", &ko::WORDS),
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

/// The words of the language that the page speaks.
pub(crate) fn words() -> &'static Words {
    SPOKEN.get().row().2
}
