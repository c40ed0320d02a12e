//! Notices of a tab: results and failures beside its connection.

mod words;

use leptos::prelude::*;

use self::words::words;
use crate::{EngineHandle, engine::notice::Notice};

/// Current notices of a tab; each stays until it is replaced or closed.
#[component]
pub(crate) fn Notices(engine: EngineHandle) -> impl IntoView {
    let shown = move |notice: RwSignal<Option<Notice>>| {
        move || notice.get().map(|it| view! { <NoticeLine it on_close=move || notice.set(None) /> })
    };
    view! { <div class="notices" role="status">{shown(engine.unkept())} {shown(engine.notice())}</div> }
}

#[component]
fn NoticeLine(it: Notice, on_close: impl Fn() + 'static) -> impl IntoView {
    let words = words();
    view! {
        <p class="notice" class:bad=matches!(it, Notice::Broken(_))>
            {(words.text)(&it)}
            <button type="button" class="forget" aria-label=words.close on:click=move |_| on_close()>
                "×"
            </button>
        </p>
    }
}
