//! Messages that could not be sent: the connection closed meanwhile, or its buffer is full.

use leptos::prelude::*;

use super::{ComposerState, words::words};
use crate::ui::{button::Button, show::Show};

/// Notice of the number of unsent messages, with buttons that send them again (needs a connection)
/// or discard them; absent while there are none.
#[component]
pub(super) fn Unsent(composer: ComposerState) -> impl IntoView {
    let words = &words().composer;
    let engine = composer.engine;
    let count = engine.unsent();
    let can_send = composer.can_send();
    view! {
        <Show when=move || count.get() != 0>
            <p class="unsent notice" role="status">
                {move || (words.unsent)(count.get(), can_send.get())}
                <button
                    type="button"
                    disabled=move || !can_send.get()
                    on:click=move |_| engine.send_unsent()
                >
                    {words.send_again}
                </button>
                <Button label=words.discard on_click=move || engine.discard_unsent() />
            </p>
        </Show>
    }
}
