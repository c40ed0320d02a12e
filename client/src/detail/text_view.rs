//! Text view, decoded by the chosen encoding.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::payload::{Block, Decoded, Encoding, Inspected, blocks};

use super::words::words;
use crate::ui::{
    choice::{Choice, named},
    marked::with_matches,
};

/// Text of the message, decoded anew for another encoding, which the message does not tell.
#[component]
pub(super) fn TextView(message: Arc<Inspected>, encoding: RwSignal<Encoding>) -> impl IntoView {
    view! {
        <div class="detail-view">
            <div class="detail-tools">
                <EncodingChoice encoding />
            </div>
            {move || {
                let (message, encoding) = (message.clone(), encoding.get());
                view! { <DecodedText message encoding /> }
            }}
        </div>
    }
}

/// Decoded text, in blocks of some lines. Line breaks are kept, `\r\n` as one; other invisible
/// characters are signs. A line above counts invalid sequences.
#[component]
fn DecodedText(message: Arc<Inspected>, encoding: Encoding) -> impl IntoView {
    let words = words();
    let decoded = Decoded::new(&message.part, encoding, message.is_whole());
    let invalid = match decoded.invalid {
        0 => String::new(),
        sequences => (words.invalid)(sequences, name(encoding)),
    };
    let block = |block: Block<'_>| {
        let text = block.text.replace("\r\n", "\n");
        let text = with_matches(&text, |character| matches!(character, '\n' | '\t'));
        view! { <div class="block" dir="auto">{text}</div> }
    };
    view! {
        <div class="detail-view">
            <p class="text-notice notice">{invalid}</p>
            <div class="text-view" role="group" aria-label=words.text tabindex="0">
                {blocks(&decoded.text).map(block).collect::<Vec<_>>()}
            </div>
        </div>
    }
}

/// Choice of the encoding: UTF-8, UTF-16LE or UTF-16BE (WHATWG Encoding).
#[component]
fn EncodingChoice(encoding: RwSignal<Encoding>) -> impl IntoView {
    view! {
        <Choice
            title=words().encoding
            options=named(Encoding::ALL.map(name))
            chosen=move || encoding.get() as usize
            on_choose=move |index: usize| encoding.set(Encoding::ALL[index])
        />
    }
}

/// Label of an encoding (WHATWG Encoding), the same in every language.
fn name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf16Le => "UTF-16LE",
        Encoding::Utf16Be => "UTF-16BE",
    }
}
