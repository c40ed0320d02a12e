//! Panel of variables: the user's own, in environments, and the built-in ones.

mod environment;
mod state;

use std::iter;

use leptos::prelude::*;

use self::{environment::EnvironmentForm, state::VariablesState};
use super::fields::ErrorLine;
use crate::{
    browser::dom::focus::focus_and_select,
    composer::{ComposerState, text_box::TextBox, words::words},
    language::shared,
    ui::{button::Button, choice::Choice},
};

/// Built-in variables, as they are written in a message. One example of each; `random` has its bounds as arguments.
const BUILT_IN: [&str; 5] = ["{{now}}", "{{now_ms}}", "{{uuid}}", "{{seq}}", "{{random 1 100}}"];

/// Environment choice, form of the active environment, and the built-in variables with their meanings.
#[component]
pub(super) fn VariablesPanel(composer: ComposerState, text_box: TextBox) -> impl IntoView {
    let variables = VariablesState::new(composer);
    // A new form for each name: nothing typed for one environment stays in another.
    let form = move || match variables.chosen.get() {
        Some(name) => view! { <EnvironmentForm variables name /> }.into_any(),
        None => view! { <p class="hint">{words().variables.none_yet}</p> }.into_any(),
    };
    view! {
        <div>
            <EnvironmentChoice variables />
            <ErrorLine message=variables.error_message() />
            <div class="environment-form">{move || form()}</div>
            <BuiltInVariables text_box />
        </div>
    }
}

/// Choice of the active environment, and a button that adds one. The first option is none.
#[component]
fn EnvironmentChoice(variables: VariablesState) -> impl IntoView {
    let words = &words().variables;
    let names = Memo::new(move |_| variables.names());
    let options = move || {
        let none = shared().none.to_owned();
        names.with(|names| iter::once(&none).chain(names).cloned().collect::<Vec<_>>())
    };
    let chosen = move || {
        let chosen = variables.chosen.get();
        names.with(|names| names.iter().position(|it| chosen.as_ref() == Some(it)))
    };
    view! {
        <div class="panel-form">
            <Choice
                class="environment"
                title=words.environment
                options
                chosen=move || chosen().map_or(0, |index| index + 1)
                on_choose=move |index: usize| {
                    let name = names.with_untracked(|it| it.get(index.checked_sub(1)?).cloned());
                    variables.choose(name.as_deref());
                }
            />
            <Button
                class="plain add-environment"
                label=words.add_environment
                on_click=move || {
                    variables.add_environment();
                    // The form of the new one is there by then.
                    request_animation_frame(|| focus_and_select(".environment-name"));
                }
            />
        </div>
    }
}

/// Built-in variables; a click inserts one at the caret. The draft is edited as by typing, so that the check runs.
#[component]
fn BuiltInVariables(text_box: TextBox) -> impl IntoView {
    let words = &words().variables;
    let rows = BUILT_IN.into_iter().zip(words.meanings).map(|(variable, meaning)| {
        view! {
            <li>
                <Button class="plain insert" label=variable on_click=move || text_box.insert(variable) />
                <span>{meaning}</span>
            </li>
        }
    });
    view! {
        <div class="built-in">
            <p class="hint">{words.built_in}</p>
            <ul>{rows.collect_view()}</ul>
        </div>
    }
}
