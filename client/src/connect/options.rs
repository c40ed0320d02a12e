//! What an address says beyond its path, and how it is connected to: folded until asked for.

use leptos::{html, prelude::*};
use workbench::{
    Parameter, Preset, PresetOption, Retries, parameters, with_name, with_parameter, with_value,
    without_parameter, wrong_subprotocols,
};

use super::target::Target;

const FOLD: &str = "Query, subprotocols, options";
const REMOVE: &str = "Remove";
const LIMIT_IS_WRONG: &str = "A whole number from 1 to 1000, or nothing for no limit.";

/// Retries in a row that a person can ask for, at most; more is no limit.
const MOST_RETRIES: u32 = 1_000;

#[component]
pub(super) fn Options(
    target: Target,
    presets: Signal<Vec<Preset>>,
    retries: RwSignal<Retries>,
) -> impl IntoView {
    let is_unfolded = target.is_unfolded;
    view! {
        <button
            type="button"
            class="fold"
            aria-expanded=move || is_unfolded.get().to_string()
            aria-controls=target.id("options")
            on:click=move |_| is_unfolded.update(|it| *it = !*it)
        >
            <span class="arrow" aria-hidden="true"></span>
            {FOLD}
        </button>
        <div class="options" id=target.id("options") hidden=move || !is_unfolded.get()>
            <Show when=move || is_unfolded.get()>
                <PresetOptions target presets />
                <Query target />
                <Subprotocols target />
                <Reconnect target retries />
            </Show>
        </div>
    }
}

/// What can be chosen about the endpoint in the address, if the server has described it.
#[component]
fn PresetOptions(target: Target, presets: Signal<Vec<Preset>>) -> impl IntoView {
    let preset = Memo::new(move |_| {
        let origin = target.origin()?;
        let fits = |it: &&Preset| {
            !it.options.is_empty() && target.address.with(|address| it.fits(address, &origin))
        };
        presets.with(|presets| presets.iter().find(fits).cloned())
    });
    move || {
        preset.get().map(|preset| {
            let title = format!("Options of {}", preset.path);
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
    view! { <label><code>{name}</code> {input} <span class="hint">{hint}</span></label> }
}

/// The query as rows. Each is a piece of the address, and changes nothing else of it.
#[component]
fn Query(target: Target) -> impl IntoView {
    let address = target.address;
    let rows = Memo::new(move |_| address.with(|address| parameters(address)));
    let is_added = StoredValue::new(false);
    let add_button = NodeRef::<html::Button>::new();
    let add = move |_| {
        is_added.set_value(true);
        address.update(|address| *address = with_parameter(address, "", ""));
    };
    let remove = Callback::new(move |index| {
        address.update(|address| *address = without_parameter(address, index));
        if let Some(add) = add_button.get_untracked() {
            let _ = add.focus();
        }
    });
    view! {
        <fieldset class="parts">
            <legend>"Query"</legend>
            <For each=move || 0..rows.with(Vec::len) key=|index| *index let(index)>
                <QueryRow address rows index is_added remove />
            </For>
            <button type="button" class="add-part" node_ref=add_button on:click=add>
                "Add a parameter"
            </button>
        </fieldset>
    }
}

#[component]
fn QueryRow(
    address: RwSignal<String>,
    rows: Memo<Vec<Parameter>>,
    index: usize,
    is_added: StoredValue<bool>,
    remove: Callback<usize>,
) -> impl IntoView {
    let row = move || rows.with(|rows| rows.get(index).cloned());
    let name = move || row().map(|row| row.name).unwrap_or_default();
    let value = move || row().and_then(|row| row.value).unwrap_or_default();
    let change = move |change: fn(&str, usize, &str) -> String, to: String| {
        address.update(|address| *address = change(address, index, &to));
    };
    view! {
        <div class="part">
            <input
                class="name"
                aria-label=format!("Name of parameter {}", index + 1)
                placeholder="name"
                autocomplete="off"
                spellcheck="false"
                node_ref=focused_if(is_added)
                prop:value=name
                on:input=move |event| change(with_name, event_target_value(&event))
            />
            <input
                class="value"
                aria-label=format!("Value of parameter {}", index + 1)
                placeholder="value"
                autocomplete="off"
                spellcheck="false"
                prop:value=value
                on:input=move |event| change(with_value, event_target_value(&event))
            />
            <Remove what=format!("parameter {}", index + 1) on_click=move |()| remove.run(index) />
        </div>
    }
}

/// The subprotocols to ask for, the preferred one first.
#[component]
fn Subprotocols(target: Target) -> impl IntoView {
    let names = target.subprotocols;
    let is_added = StoredValue::new(false);
    let add_button = NodeRef::<html::Button>::new();
    let add = move |_| {
        is_added.set_value(true);
        names.update(|names| names.push(String::new()));
    };
    let remove = Callback::new(move |index| {
        names.update(|names| {
            names.remove(index);
        });
        if let Some(add) = add_button.get_untracked() {
            let _ = add.focus();
        }
    });
    view! {
        <fieldset class="parts">
            <legend>"Subprotocols, the preferred one first"</legend>
            <For each=move || 0..names.with(Vec::len) key=|index| *index let(index)>
                <SubprotocolRow target index is_added remove />
            </For>
            <button type="button" class="add-part" node_ref=add_button on:click=add>
                "Add a subprotocol"
            </button>
        </fieldset>
    }
}

#[component]
fn SubprotocolRow(
    target: Target,
    index: usize,
    is_added: StoredValue<bool>,
    remove: Callback<usize>,
) -> impl IntoView {
    let names = target.subprotocols;
    let wrong = Memo::new(move |_| {
        let mut wrong = names.with(|names| wrong_subprotocols(names));
        (index < wrong.len()).then(|| wrong.swap_remove(index)).flatten()
    });
    let change = move |to: String| {
        names.update(|names| {
            if let Some(name) = names.get_mut(index) {
                *name = to;
            }
        });
    };
    let note = target.id(&format!("subprotocol-{index}"));
    view! {
        <div class="part">
            <input
                class="subprotocol"
                aria-label=format!("Subprotocol {}", index + 1)
                placeholder="name"
                autocomplete="off"
                spellcheck="false"
                aria-describedby=note.clone()
                aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                node_ref=focused_if(is_added)
                prop:value=move || names.with(|names| names.get(index).cloned())
                on:input=move |event| change(event_target_value(&event))
            />
            <Remove what=format!("subprotocol {}", index + 1) on_click=move |()| remove.run(index) />
            <p class="wrong" role="status" id=note>
                {move || wrong.get().map(|wrong| wrong.to_string())}
            </p>
        </div>
    }
}

/// Whether and how often a lost connection is tried again.
#[component]
fn Reconnect(target: Target, retries: RwSignal<Retries>) -> impl IntoView {
    let is_on = move || retries.get() != Retries::NONE;
    let typed = RwSignal::new(match retries.get_untracked() {
        Retries::NONE | Retries::UNLIMITED => String::new(),
        Retries(limit) => limit.to_string(),
    });
    let limit = Memo::new(move |_| {
        typed.with(|typed| match typed.trim() {
            "" => Some(Retries::UNLIMITED),
            typed => {
                let limit = typed.parse().ok().filter(|limit| (1..=MOST_RETRIES).contains(limit));
                limit.map(Retries)
            }
        })
    });
    // A limit that is wrong changes nothing, and turning it on with one is without a limit.
    let turn = move |is_on: bool| {
        let limit = || limit.get_untracked().unwrap_or(Retries::UNLIMITED);
        retries.set(if is_on { limit() } else { Retries::NONE });
    };
    let change = move |to| {
        typed.set(to);
        if let (Some(limit), true) = (limit.get_untracked(), is_on()) {
            retries.set(limit);
        }
    };
    view! {
        <fieldset class="reconnect">
            <legend>"Reconnect"</legend>
            <label class="switch">
                <input
                    type="checkbox"
                    prop:checked=is_on
                    on:change=move |event| turn(event_target_checked(&event))
                />
                "Connect again when the connection is lost"
            </label>
            <label>
                "Attempts in a row, at most"
                <input
                    class="limit"
                    inputmode="numeric"
                    autocomplete="off"
                    placeholder="no limit"
                    aria-describedby=target.id("limit")
                    aria-invalid=move || limit.get().is_none().then_some("true")
                    prop:value=typed
                    on:input=move |event| change(event_target_value(&event))
                />
            </label>
            <p class="wrong" role="status" id=target.id("limit")>
                {move || limit.get().is_none().then_some(LIMIT_IS_WRONG)}
            </p>
        </fieldset>
    }
}

/// An input that takes the focus when it appears, if the person has just added it.
fn focused_if(is_added: StoredValue<bool>) -> NodeRef<html::Input> {
    let input = NodeRef::<html::Input>::new();
    input.on_load(move |input| {
        if is_added.get_value() {
            is_added.set_value(false);
            let _ = input.focus();
        }
    });
    input
}

#[component]
fn Remove(what: String, on_click: impl Fn(()) + 'static) -> impl IntoView {
    let label = format!("{REMOVE} {what}");
    view! {
        <button type="button" class="remove-part" aria-label=label title=REMOVE on:click=move |_| on_click(())>
            "×"
        </button>
    }
}
