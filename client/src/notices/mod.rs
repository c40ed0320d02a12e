//! What the person has to know of a tab, beside its connection.

mod words;

use leptos::prelude::*;

use self::words::words;
use crate::{Shell, engine::shell::Notice};

#[component]
pub(crate) fn Notices(shell: Shell) -> impl IntoView {
    let words = words();
    let shown = move |notice: RwSignal<Option<Notice>>| {
        move || {
            notice.get().map(|it| view! {
                <p class="notice" class:bad=matches!(it, Notice::Broken(_))>
                    {(words.says)(&it)}
                    <button type="button" class="forget" aria-label=words.close on:click=move |_| notice.set(None)>"×"</button>
                </p>
            })
        }
    };
    view! { <div class="notices" role="status">{shown(shell.unkept())} {shown(shell.notice())}</div> }
}
