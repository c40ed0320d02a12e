//! Menu of the header with language and theme.

use leptos::prelude::*;

use super::{state::Settings, theme::Theme, words::words};
use crate::{
    browser::dom::focus::focus,
    language::Language,
    ui::choice::{Choice, named},
};

/// Selector of the button. The focus returns to it after the page was rendered anew.
const OPENER: &str = ".show-settings";

/// Id of the popover. The button names it as its `popovertarget`, so that the browser opens and
/// closes it without a script.
const MENU: &str = "settings";

/// Button, and the browser's popover with the choices. Menu and button need no state of ours:
/// `popover="auto"` closes by Escape and by a press elsewhere.
#[component]
pub(crate) fn SettingsMenu(settings: Settings) -> impl IntoView {
    let words = words();
    view! {
        <button
            type="button"
            class="show-settings"
            popovertarget=MENU
            aria-label=words.settings
            title=words.settings
        >
            "⚙\u{fe0e}"
        </button>
        <div class="menu settings" id=MENU popover="auto" role="group" aria-label=words.settings>
            <LanguageChoice settings />
            <ThemeChoice settings />
        </div>
    }
}

/// Choice of language. Each language is listed by its own name, for readers who do not know the current one.
#[component]
fn LanguageChoice(settings: Settings) -> impl IntoView {
    let on_change = move |event| {
        if let Some(language) = Language::with_code(&event_target_value(&event)) {
            settings.language.set(language);
            // The page is rendered anew, and the menu with it.
            request_animation_frame(|| focus(OPENER));
        }
    };
    let option = |language: Language| {
        view! {
            <option
                value=language.code()
                lang=language.code()
                prop:selected=move || settings.language.get() == language
            >
                {language.name()}
            </option>
        }
    };
    view! {
        <label class="language">
            {words().language}
            <select on:change=on_change>{Language::ALL.into_iter().map(option).collect_view()}</select>
        </label>
    }
}

/// Choice of theme. Applies at once, and is stored for all windows of this browser.
#[component]
fn ThemeChoice(settings: Settings) -> impl IntoView {
    let words = words();
    view! {
        <Choice
            title=words.theme
            class="theme"
            options=named(Theme::ALL.map(words.theme_name))
            chosen=move || settings.theme.get() as usize
            on_choose=move |index: usize| settings.theme.set(Theme::ALL[index])
        />
    }
}
