//! The message as text, in the encoding that the person picks.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::detail::{Block, Decoded, Encoding, Inspected, blocks};

use super::words;

#[component]
pub(super) fn TextView(message: Arc<Inspected>, encoding: RwSignal<Encoding>) -> impl IntoView {
    let is_empty = message.size == 0;
    let decoded =
        Memo::new(move |_| Decoded::new(&message.part, encoding.get(), message.is_whole()));
    let invalid = move || words::invalid(decoded.with(|it| it.invalid), name(encoding.get()));
    let block = |block: Block<'_>| {
        view! { <div class="block" class:goes-on=block.goes_on dir="auto">{block.text.to_owned()}</div> }
    };
    view! {
        <div class="detail-tools">
            <EncodingChoice encoding />
            <p class="notice" role="status">{invalid}</p>
        </div>
        <div class="text-view" role="group" aria-label="Text" tabindex="0">
            {is_empty.then(|| view! { <p class="notice">{words::EMPTY}</p> })}
            {move || decoded.with(|decoded| blocks(&decoded.text).map(block).collect_view())}
        </div>
    }
}

#[component]
fn EncodingChoice(encoding: RwSignal<Encoding>) -> impl IntoView {
    let choose = move |event| {
        let picked = event_target_value(&event);
        if let Some(picked) = Encoding::ALL.into_iter().find(|it| name(*it) == picked) {
            encoding.set(picked);
        }
    };
    let option = move |offered: Encoding| {
        let is_picked = move || encoding.get() == offered;
        view! { <option value=name(offered) prop:selected=is_picked>{name(offered)}</option> }
    };
    view! {
        <label class="encoding">
            {words::READ_AS} " "
            <select on:change=choose>{Encoding::ALL.map(option).collect_view()}</select>
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
