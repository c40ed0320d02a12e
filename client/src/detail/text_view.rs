//! The message as text, in the encoding that the person picks.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::detail::{Block, Decoded, Encoding, Inspected, blocks};

use super::words;

pub(super) fn text_view(message: Arc<Inspected>, encoding: RwSignal<Encoding>) -> AnyView {
    let block = |block: Block<'_>| {
        let class = if block.goes_on { "block goes-on" } else { "block" };
        view! { <div class=class dir="auto">{block.text.to_owned()}</div> }
    };
    let text = move || {
        let encoding = encoding.get();
        let decoded = Decoded::new(&message.part, encoding, message.is_whole());
        let invalid = words::invalid(decoded.invalid, name(encoding));
        view! {
            <p class="text-notice notice">{invalid}</p>
            <div class="text-view" role="group" aria-label=words::TEXT tabindex="0">
                {blocks(&decoded.text).map(block).collect::<Vec<_>>()}
            </div>
        }
    };
    view! {
        <div class="detail-tools">{encoding_choice(encoding)}</div>
        {text}
    }
    .into_any()
}

fn encoding_choice(encoding: RwSignal<Encoding>) -> impl IntoView {
    let choose = move |event| {
        let picked = event_target_value(&event);
        if let Some(picked) = Encoding::ALL.into_iter().find(|it| name(*it) == picked) {
            encoding.set(picked);
        }
    };
    let picked = encoding.get_untracked();
    let option = move |offered: Encoding| {
        view! { <option selected=offered == picked>{name(offered)}</option> }
    };
    view! {
        <label class="encoding">
            {words::READ_AS}
            <select on:change=choose>{Encoding::ALL.map(option)}</select>
        </label>
    }
}

fn name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf16Le => "UTF-16LE",
        Encoding::Utf16Be => "UTF-16BE",
    }
}
