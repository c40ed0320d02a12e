//! Messages that could not be sent: the connection closed meanwhile, or its buffer is full.

use std::collections::VecDeque;

use leptos::prelude::*;

use super::{ComposerState, words::words};
use crate::ui::{button::Button, show::Show};

/// Notice of the number of unsent messages, with buttons that send them again (needs a connection)
/// or discard them; absent while there are none.
#[component]
pub(super) fn Unsent(composer: ComposerState) -> impl IntoView {
    let words = &words().composer;
    let engine = composer.engine;
    let count = Memo::new(move |_| engine.unsent.with(VecDeque::len));
    let can_send = composer.can_send;
    view! {
        <Show when=move || count.get() != 0>
            <p class="unsent notice" role="status">
                {move || (words.unsent)(count.get())}
                <Button
                    label=words.send_again
                    is_disabled=move || !can_send.get()
                    on_click=move || engine.send_unsent()
                />
                <Button label=words.discard on_click=move || engine.discard_unsent() />
            </p>
        </Show>
    }
}
