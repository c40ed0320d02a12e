//! The keys of the page: one table, for what they do and for the list of them on `?`.

use leptos::{ev, html, prelude::*};

use super::words::words;
use crate::{
    browser::focus::{focus, is_typing, press},
    settings::Settings,
};

/// Where keys work.
#[derive(Clone, Copy)]
pub(crate) enum Where {
    Anywhere,
    Address,
    List,
    Message,
    Tabs,
}

/// What a key does.
#[derive(Clone, Copy)]
pub(crate) enum Action {
    ShowKeys,
    Find,
    AddTab,
    Connect,
    ToAddress,
    ToList,
    ToMessage,
    Offers,
    TakeOffer,
    CloseOffers,
    Walk,
    WalkFar,
    LookClosely,
    CloseMessage,
    Send,
    BreakLine,
    OtherTab,
    CloseTab,
}

/// Those that work anywhere are seen to here, the others where they work. A letter with Alt is no
/// browser's own, and types nothing but on a Mac.
const KEYS: [(Where, &[(&str, Action)]); 5] = [
    (
        Where::Anywhere,
        &[
            ("?", Action::ShowKeys),
            ("/", Action::Find),
            ("Alt+N", Action::AddTab),
            ("Alt+C", Action::Connect),
            ("Alt+A", Action::ToAddress),
            ("Alt+L", Action::ToList),
            ("Alt+M", Action::ToMessage),
        ],
    ),
    (
        Where::Address,
        &[("↓ ↑", Action::Offers), ("Enter", Action::TakeOffer), ("Esc", Action::CloseOffers)],
    ),
    (
        Where::List,
        &[
            ("↓ ↑", Action::Walk),
            ("PgDn PgUp Home End", Action::WalkFar),
            ("Enter", Action::LookClosely),
            ("Esc", Action::CloseMessage),
        ],
    ),
    (Where::Message, &[("Enter", Action::Send), ("Shift+Enter", Action::BreakLine)]),
    (Where::Tabs, &[("← →", Action::OtherTab), ("Delete", Action::CloseTab)]),
];

const ADDRESS: &str = "[role='combobox']";

/// Sees to the keys, and lists them when asked.
#[component]
pub(crate) fn Shortcuts(settings: Settings) -> impl IntoView {
    let words = words();
    let list = NodeRef::<html::Dialog>::new();
    let is_listed = move || list.get_untracked().is_some_and(|list| list.open());
    let show = move |_| {
        if let Some(list) = list.get_untracked() {
            let _ = list.show_modal();
        }
    };
    let close = move |_| {
        if let Some(list) = list.get_untracked() {
            list.close();
        }
    };
    let keys = window_event_listener(ev::keydown, move |event| {
        if !event.default_prevented()
            && !is_listed()
            && let Some(deed) = deed(&event, settings.has_single_keys.get_untracked())
        {
            event.prevent_default();
            perform(deed);
        }
    });
    on_cleanup(move || keys.remove());
    view! {
        <button type="button" class="show-keys" aria-label=words.title title=words.title on:click=show>
            "?"
        </button>
        <dialog class="keys" aria-labelledby="keys-title" node_ref=list>
            <h2 id="keys-title">{words.title}</h2>
            <button type="button" class="forget" aria-label=words.close on:click=close>"×"</button>
            {KEYS.map(|(place, keys)| view! {
                <section>
                    <h3>{(words.place)(place)}</h3>
                    <dl>{keys.iter().map(|(keys, deed)| view! {
                        <dt><kbd>{as_on_this_keyboard(keys)}</kbd></dt>
                        <dd>{(words.deed)(*deed)}</dd>
                    }).collect::<Vec<_>>()}</dl>
                </section>
            })}
            <label>
                <input
                    type="checkbox"
                    prop:checked=settings.has_single_keys
                    on:change=move |event| settings.has_single_keys.set(event_target_checked(&event))
                />
                {words.single_keys}
            </label>
        </dialog>
    }
}

/// What a key means anywhere, if it means something and nobody is typing it.
fn deed(event: &ev::KeyboardEvent, has_single_keys: bool) -> Option<Action> {
    if event.ctrl_key() || event.meta_key() || event.is_composing() {
        return None;
    }
    // With Alt the key counts, not what it types: that depends on the language of the keyboard.
    let (keys, is_meant) = if event.alt_key() {
        (format!("Alt+{}", event.code().strip_prefix("Key")?), !(is_mac() && is_typing()))
    } else {
        (event.key(), has_single_keys && !is_typing())
    };
    let (_, anywhere) = KEYS[Where::Anywhere as usize];
    anywhere.iter().find(|(known, _)| is_meant && *known == keys).map(|(_, deed)| *deed)
}

fn perform(deed: Action) {
    match deed {
        Action::ShowKeys => press(".show-keys"),
        Action::Find => focus(".find input"),
        Action::AddTab => {
            press("button.add");
            // When it is there.
            request_animation_frame(|| focus(ADDRESS));
        }
        Action::Connect => press("button.connect"),
        Action::ToAddress => focus(ADDRESS),
        Action::ToList => focus(".scroller"),
        Action::ToMessage => focus(".composer textarea"),
        _ => {}
    }
}

fn as_on_this_keyboard(keys: &str) -> String {
    if is_mac() { keys.replace("Alt+", "⌥") } else { keys.to_owned() }
}

fn is_mac() -> bool {
    window().navigator().platform().is_ok_and(|platform| platform.starts_with("Mac"))
}
