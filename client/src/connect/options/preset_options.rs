//! Options of the endpoint in the address, as form fields.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::connect::{Preset, PresetOption};

use crate::{
    connect::{
        address::suggestions::SERVER_LANGUAGE, form::ConnectForm, state::has_failed, words::words,
    },
    ui::{choice::Choice, text_input::TextInput},
};

/// Fields for the options of the endpoint with this index; empty without one. A field changes its
/// own part of the address only.
#[component]
pub(super) fn PresetOptions(
    form: ConnectForm,
    presets: Signal<Vec<Preset>>,
    index: Memo<Option<usize>>,
) -> impl IntoView {
    let fields = move || {
        let preset = presets.with(|presets| presets.get(index.get()?).cloned())?;
        let preset = Arc::new(preset);
        let option = |option: &PresetOption| view! { <OptionField form preset=preset.clone() option=option.clone() /> };
        Some(view! {
            <fieldset class="preset">
                <legend>{(words().options.of_endpoint)(&preset.path)}</legend>
                {preset.options.iter().map(option).collect_view()}
            </fieldset>
        })
    };
    view! { <div>{move || fields()}</div> }
}

/// Field of one option, by its name, with its description and allowed values; the default is the placeholder of a
/// text box. Text by the server that has no translation is marked as English.
#[component]
fn OptionField(form: ConnectForm, preset: Arc<Preset>, option: PresetOption) -> impl IntoView {
    let PresetOption { name, summary, default, choices, allowed, is_translated, .. } =
        option.clone();
    let hint = match (summary.is_empty(), allowed.is_empty()) {
        (false, false) => format!("{summary} ({allowed})"),
        _ => format!("{summary}{allowed}"),
    };
    let of = Arc::new((preset, option));
    let value = {
        let of = of.clone();
        Memo::new(move |_| form.target.address.with(|it| of.0.value(it, &of.1)))
    };
    let on_change = Callback::new(move |value: String| {
        form.target.address.update(|it| *it = of.0.with_value(it, &of.1, &value));
    });
    let field = if choices.is_empty() {
        let value = Signal::derive(move || value.get().unwrap_or_default());
        let is_invalid = {
            let name = name.clone();
            // An edit of the address ends the failure.
            move || {
                has_failed(&form.shown_state())
                    && form
                        .reported
                        .with(|it| it.causes.iter().any(|it| it.refused_option() == Some(&name)))
            }
        };
        view! { <TextInput placeholder=default value is_invalid on_input=on_change /> }.into_any()
    } else {
        view! { <ChoiceField value default choices on_change /> }.into_any()
    };
    view! {
        <label>
            <code>{name}</code>
            {field}
            <span class="hint" lang=(!is_translated).then_some(SERVER_LANGUAGE)>{hint}</span>
        </label>
    }
}

/// Select box for an option with fixed values; the default is chosen while the address has none. One that is none of
/// the values is a choice of its own.
#[component]
fn ChoiceField(
    value: Memo<Option<String>>,
    default: String,
    choices: Vec<String>,
    on_change: Callback<String>,
) -> impl IntoView {
    let unset = Some(default.clone()).filter(|it| !choices.contains(it));
    let choices: Vec<_> = unset.into_iter().chain(choices).collect();
    let text = |choice: &String| if choice.is_empty() { "–".to_owned() } else { choice.clone() };
    let options: Vec<_> = choices.iter().map(text).collect();
    let choices = StoredValue::new(choices);
    let chosen = move || {
        let index = |choices: &Vec<String>| {
            value.with(|it| {
                choices.iter().position(|choice| choice == it.as_ref().unwrap_or(&default))
            })
        };
        choices.with_value(index).unwrap_or_default()
    };
    let on_choose = move |index| {
        if let Some(choice) = choices.with_value(|choices| choices.get(index).cloned()) {
            on_change.run(choice);
        }
    };
    view! { <Choice options chosen on_choose=move |index: usize| on_choose(index) /> }
}
