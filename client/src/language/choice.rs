//! Language of the page, and the choice of words by it.

use std::cell::Cell;

use crate::browser::language::{preferred_languages, set_document_language, set_document_title};

/// Language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English: the default.
    En,
    /// Korean.
    Ko,
}

thread_local! {
    /// Per thread: a worker has no words, the page has one language.
    static CURRENT: Cell<Language> = const { Cell::new(Language::En) };
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::En, Self::Ko];

    /// Language tag (RFC 5646).
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }

    /// Name of the language in itself, for its readers to find in the menu.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Ko => "한국어",
        }
    }

    /// Title of the document; `None` for that of `index.html`. The static page is English, so that
    /// English needs no change of the title.
    fn title(self) -> Option<&'static str> {
        match self {
            Self::En => None,
            Self::Ko => Some("WebSocket 워크벤치"),
        }
    }

    /// Finds the language with this code. Codes are lowercase; `None` for an unknown one.
    #[must_use]
    pub fn with_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// First supported language of `tags` (RFC 5646), most preferred first: `ko-KR` is Korean. Only
    /// the first subtag of each counts. English if none is supported.
    #[must_use]
    pub fn preferred(tags: impl IntoIterator<Item = String>) -> Self {
        let supported = |tag: String| Self::with_code(&tag.split('-').next()?.to_ascii_lowercase());
        tags.into_iter().find_map(supported).unwrap_or(Self::En)
    }

    /// Supported language that the browser's settings prefer.
    #[must_use]
    pub fn of_browser() -> Self {
        Self::preferred(preferred_languages())
    }

    /// Makes this the language of the page: of words read from now on, and of the document.
    pub(crate) fn speak(self) {
        CURRENT.set(self);
        set_document_language(self.code());
        set_document_title(self.title());
    }
}

/// Picks the item for the current language, from one per language in the order of
/// [`Language::ALL`]. No fallback: a language that lacks an item does not compile.
pub(crate) fn choose<T>(each: [&'static T; Language::ALL.len()]) -> &'static T {
    each[CURRENT.get() as usize]
}
