//! Keyboard shortcuts: handler of the global keys, and the dialog that lists all keys.

use leptos::{ev, html, prelude::*};

use super::{
    keys::{Action, GLOBAL, KEYS},
    state::Settings,
    words::words,
};
use crate::{
    browser::{
        dom::{
            focus::{ADDRESS, COMPOSER, focus, focus_and_select, is_typing, press},
            keyboard::is_composing,
        },
        platform::is_mac,
    },
    language::shared,
    ui::{button::SignButton, choice::Checkbox},
};

/// Button and dialog; handles the global keys while it is mounted. Keys that another handler has
/// used, or that are pressed while the dialog is open, are left alone.
#[component]
pub(crate) fn Shortcuts(settings: Settings) -> impl IntoView {
    let words = words();
    let dialog = NodeRef::<html::Dialog>::new();
    let is_open = move || dialog.get_untracked().is_some_and(|dialog| dialog.open());
    let show = move || {
        if let Some(dialog) = dialog.get_untracked() {
            let _ = dialog.set_attribute("closedby", "any");
            let _ = dialog.show_modal();
        }
    };
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let keys = window_event_listener(ev::keydown, move |event| {
        if !event.default_prevented()
            && !is_open()
            && let Some(action) = action(&event, settings.has_single_keys.get_untracked())
        {
            event.prevent_default();
            perform(action);
        }
    });
    on_cleanup(move || keys.remove());
    view! {
        <SignButton class="show-keys" sign="?" label=words.title on_click=show />
        <dialog class="keys" aria-labelledby="keys-title" node_ref=dialog>
            <h2 id="keys-title">{words.title}</h2>
            <SignButton label=shared().close on_click=close />
            <KeyTables />
            <Checkbox
                label=words.single_keys
                is_on=settings.has_single_keys
                set=move |is_on| settings.has_single_keys.set(is_on)
            />
        </dialog>
    }
}

/// Tables of keys and actions, one for each scope; keys are named for this system.
#[component]
fn KeyTables() -> impl IntoView {
    let words = words();
    KEYS.map(|(scope, keys)| {
        let rows = keys.iter().map(|(keys, action)| {
            view! {
                <dt><kbd>{key_name(keys)}</kbd></dt>
                <dd>{(words.action)(*action)}</dd>
            }
        });
        view! {
            <section>
                <h3>{(words.scope)(scope)}</h3>
                <dl>{rows.collect_view()}</dl>
            </section>
        }
    })
}

/// Returns the global action of a key press, unless it types text. `has_single_keys` is the setting
/// for keys without a modifier. Letters with Alt are told by their place on the keyboard, since the
/// character depends on its layout.
fn action(event: &ev::KeyboardEvent, has_single_keys: bool) -> Option<Action> {
    // A held key would press Connect and Disconnect in turn; only Find is walked so.
    let is_held = event.repeat() && event.key() != "F3";
    if is_held || event.ctrl_key() || event.meta_key() || is_composing(event) {
        return None;
    }
    // With Alt the physical key counts: the character depends on the keyboard's language.
    let (keys, is_enabled) = if event.alt_key() {
        (format!("Alt+{}", event.code().strip_prefix("Key")?), !(is_mac() && is_typing()))
    } else if event.key() == "F3" {
        (if event.shift_key() { "Shift+F3" } else { "F3" }.to_owned(), true)
    } else {
        (event.key(), has_single_keys && !is_typing())
    };
    GLOBAL.iter().find(|(known, _)| is_enabled && *known == keys).map(|(_, action)| *action)
}

/// Performs a global action by the element that offers it: a button that is absent or disabled then
/// does nothing, as a click would.
fn perform(action: Action) {
    match action {
        Action::ShowKeys => press(".show-keys"),
        Action::Find => focus(".find input"),
        Action::FindNext => press(".find .next"),
        Action::FindPrevious => press(".find .previous"),
        Action::AddTab => press("button.add"),
        Action::Connect => press("button.connect"),
        Action::FocusAddress => focus_and_select(ADDRESS),
        Action::FocusList => focus(".scroller"),
        Action::FocusComposer => focus(COMPOSER),
        _ => {}
    }
}

/// Name of keys on this system: a Mac has signs for its modifiers.
fn key_name(keys: &str) -> String {
    if is_mac() { keys.replace("Alt+", "⌥").replace("Ctrl+", "⌘") } else { keys.to_owned() }
}
