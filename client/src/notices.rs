//! What the person has to know of a tab, beside its connection.

use leptos::prelude::*;

use crate::{Shell, shell::Notice};

#[component]
pub(crate) fn Notices(shell: Shell) -> impl IntoView {
    let notice = shell.notice();
    view! {
        <div class="notices" role="status">
            {move || notice.get().map(|it| view! {
                <p class="notice" class:bad=matches!(it, Notice::Broken(_))>
                    {words(&it)}
                    <button type="button" class="forget" aria-label="Close this notice" on:click=move |_| notice.set(None)>"×"</button>
                </p>
            })}
        </div>
    }
}

fn words(notice: &Notice) -> String {
    match notice {
        Notice::Broken(cause) => format!(
            "The engine of this tab has stopped ({cause}), and what the tab held is lost. \
             Open a new connection with +, or reload the page."
        ),
        Notice::Copied => "Copied.".to_owned(),
        Notice::NotCopied => {
            "The browser did not allow copying. It does so for pages from https or from localhost."
                .to_owned()
        }
        Notice::NotPinned => {
            "Not pinned: at most 100 messages of up to 1 MiB can be. Unpin another first."
                .to_owned()
        }
        Notice::NotKept => {
            "More than 1,000 messages could not be sent: those after them were not kept.".to_owned()
        }
        Notice::ListNotKept => {
            "This browser has no room for this list, or forbids keeping it: it will be gone when the \
             page is closed. Export it to keep it."
                .to_owned()
        }
        Notice::NotTaken => {
            "This message cannot be edited here: it is not text, or above 16 MiB.".to_owned()
        }
    }
}
