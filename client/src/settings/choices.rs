//! Language and theme menus in the header.

use leptos::prelude::*;

use super::{state::Settings, theme::Theme, words::words};
use crate::language::Language;

/// Language menu. Each language is listed by its own name, for readers who do not know the current one.
#[component]
pub(crate) fn LanguageChoice(settings: Settings) -> impl IntoView {
    let on_change = move |event| {
        if let Some(language) = Language::with_code(&event_target_value(&event)) {
            settings.language.set(language);
        }
    };
    let option = |language: Language| {
        view! {
            <option
                value=language.code()
                lang=language.code()
                selected=move || settings.language.get() == language
            >
                {language.name()}
            </option>
        }
    };
    view! {
        <label class="language">
            <span class="spoken">{words().language}</span>
            <select on:change=on_change>{Language::ALL.map(option)}</select>
        </label>
    }
}

/// Theme menu.
#[component]
pub(crate) fn ThemeChoice(settings: Settings) -> impl IntoView {
    let on_change = move |event| {
        let name = event_target_value(&event);
        if let Some(theme) = Theme::ALL.into_iter().find(|theme| theme.name() == name) {
            settings.theme.set(theme);
        }
    };
    let option = |theme: Theme| {
        view! {
            <option value=theme.name() selected=move || settings.theme.get() == theme>
                {(words().theme_name)(theme)}
            </option>
        }
    };
    view! {
        <label class="theme">
            <span class="spoken">{words().theme}</span>
            <select on:change=on_change>{Theme::ALL.map(option)}</select>
        </label>
    }
}
