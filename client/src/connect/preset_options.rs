//! The options of the server's endpoint in the address, as a form.

use leptos::prelude::*;
use workbench::{Preset, PresetOption};

use super::{address_box::SERVERS, target::Target};
use crate::language::words;

/// What can be chosen about the endpoint in the address, if the server has described it.
#[component]
pub(super) fn PresetOptions(target: Target, presets: Signal<Vec<Preset>>) -> impl IntoView {
    let preset = Memo::new(move |_| {
        let origin = target.origin()?;
        let fits = |it: &&Preset| {
            !it.options.is_empty() && target.address.with(|address| it.fits(address, &origin))
        };
        presets.with(|presets| presets.iter().find(fits).cloned())
    });
    move || {
        preset.get().map(|preset| {
            let title = (words().options.of)(&preset.path);
            let option = |option: PresetOption| {
                let preset = preset.clone();
                view! { <ChosenOption target preset option /> }
            };
            let options = preset.options.iter().cloned().map(option).collect::<Vec<_>>();
            view! { <fieldset class="preset"><legend>{title}</legend>{options}</fieldset> }
        })
    }
}

#[component]
fn ChosenOption(target: Target, preset: Preset, option: PresetOption) -> impl IntoView {
    let PresetOption { name, summary, default, choices, allowed, .. } = option.clone();
    let preset = StoredValue::new((preset, option));
    let value = Memo::new(move |_| {
        target.address.with(|it| preset.with_value(|(preset, option)| preset.value(it, option)))
    });
    let choose = move |chosen: String| {
        target.address.update(|address| {
            *address =
                preset.with_value(|(preset, option)| preset.with_value(address, option, &chosen));
        });
    };
    let hint = match (summary.is_empty(), allowed.is_empty()) {
        (false, false) => format!("{summary} ({allowed})"),
        _ => summary + &allowed,
    };
    let input = if choices.is_empty() {
        view! {
            <input
                autocomplete="off"
                spellcheck="false"
                placeholder=default
                prop:value=move || value.get().unwrap_or_default()
                on:input=move |event| choose(event_target_value(&event))
            />
        }
        .into_any()
    } else {
        let choice = |choice: String| {
            let (own, default) = (choice.clone(), default.clone());
            let is_chosen = move || value.get().unwrap_or_else(|| default.clone()) == own;
            view! { <option prop:selected=is_chosen>{choice}</option> }
        };
        let choices = choices.into_iter().map(choice).collect::<Vec<_>>();
        view! {
            <select on:change=move |event| choose(event_target_value(&event))>{choices}</select>
        }
        .into_any()
    };
    view! { <label><code>{name}</code> {input} <span class="hint" lang=SERVERS>{hint}</span></label> }
}
