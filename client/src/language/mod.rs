//! The languages of the page, and which of them it speaks.
//!
//! A view reads [`words`] once, where it is made: the whole page is drawn anew in another language.

mod en;
mod ko;
mod words;

use std::cell::Cell;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

pub(crate) use self::words::{ChartWords, Words};
use crate::later::{NotFetched, later};

/// A language that the page speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English, which is spoken where none of the person's languages is known.
    En,
    /// Korean.
    Ko,
}

thread_local! {
    static SPOKEN: Cell<&'static Words> = const { Cell::new(&en::WORDS) };
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

    /// Its code, and its name.
    fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::En => ("en", "English"),
            Self::Ko => ("ko", "한국어"),
        }
    }

    /// Its words. English ones are always here.
    async fn words(self) -> Result<&'static Words, NotFetched> {
        match self {
            Self::En => Ok(&en::WORDS),
            Self::Ko => korean().await,
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

    /// Has [`words`] be these from now on, which are its own, and tells the browser so.
    fn speak(self, words: &'static Words) {
        SPOKEN.set(words);
        if let Some(html) = document().document_element() {
            // Fails only for names that cannot be an attribute's.
            let _ = html.set_attribute("lang", self.code());
        }
    }
}

later!(ko, fn korean() -> &'static Words = ko::words);

/// The words of the language that the page speaks.
pub(crate) fn words() -> &'static Words {
    SPOKEN.get()
}

/// The language that the page speaks: the one that is `chosen`, once its words are here. If they do not
/// come it is the one before; English, if there was none.
pub(crate) fn spoken(chosen: RwSignal<Language>) -> Signal<Option<Language>> {
    let spoken = RwSignal::new(None);
    Effect::new(move || {
        let wanted = chosen.get();
        spawn_local(async move {
            let words = wanted.words().await;
            // Another may be wanted by now.
            if chosen.try_get_untracked() != Some(wanted) {
                return;
            }
            match (words, spoken.get_untracked()) {
                (Ok(words), _) => {
                    wanted.speak(words);
                    spoken.set(Some(wanted));
                }
                (Err(NotFetched), Some(before)) => chosen.set(before),
                (Err(NotFetched), None) => spoken.set(Some(Language::En)),
            }
        });
    });
    spoken.into()
}
