//! Panel of variables: the user's own, in environments, and the built-in ones.

mod environment;
mod state;

use leptos::prelude::*;

use self::{environment::EnvironmentForm, state::VariablesState};
use super::fields::ErrorLine;
use crate::{
    browser::dom::focus::focus_all,
    composer::{ComposerState, text_box::TextBox, words::words},
    language::shared,
    ui::button::Button,
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
        let chosen = variables.chosen.get().unwrap_or_default();
        let names = std::iter::once(String::new()).chain(names.get());
        names
            .map(|name| {
                let is_chosen = name == chosen;
                let label = if name.is_empty() { shared().none.to_owned() } else { name.clone() };
                view! { <option value=name prop:selected=is_chosen>{label}</option> }
            })
            .collect_view()
    };
    view! {
        <div class="panel-form">
            <label>
                {words.environment}
                <select
                    class="environment"
                    on:change=move |event| variables.choose(&event_target_value(&event))
                >
                    {move || options()}
                </select>
            </label>
            <Button
                class="plain add-environment"
                label=words.add_environment
                on_click=move || {
                    variables.add_environment();
                    // The form of the new one is there by then.
                    request_animation_frame(|| focus_all(".environment-name"));
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
