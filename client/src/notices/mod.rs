//! Notices of a tab: results and failures. They lie over the page, so that nothing moves.

mod words;

use std::time::Duration;

use leptos::prelude::*;
use workbench::{engine::Warning, log::Bounds};

use self::words::words;
use crate::{
    browser::{dom::focus::when_left, location::server_url},
    engine::notice::{self, Notice},
    language::shared,
    tabs::tab::UNDO_TIME,
    ui::{
        button::{Button, SignButton},
        keyed::keyed,
    },
};

/// Time after which a notice that passes is gone. One that is being read stays for as long again.
const READING: Duration = Duration::from_secs(6);

/// Current notices of a tab, oldest first, in a live region. `bounds` are in force. `on_action` does what the button of
/// a notice says.
#[component]
pub(crate) fn Notices(
    notices: RwSignal<notice::Notices>,
    bounds: RwSignal<Bounds>,
    on_action: Callback<Notice>,
) -> impl IntoView {
    let line = move |number| {
        let notice = notices.with_untracked(|notices| notices.get(number));
        let on_close = Callback::new(move |()| {
            notices.try_update(|notices| notices.remove(number));
        });
        notice.map(|notice| view! { <NoticeLine number notice on_action on_close /> }).into_any()
    };
    let numbers = Signal::derive(move || notices.with(|notices| notices.numbers(bounds.get())));
    view! {
        <div class="notices" role="status" aria-atomic="false">
            {keyed(numbers, Callback::new(line))}
        </div>
    }
}

/// Text of a notice with a close button, and its action if there is one. Closes itself if the
/// notice [passes](Notice::is_transient).
#[component]
fn NoticeLine(
    number: u64,
    notice: Notice,
    on_action: Callback<Notice>,
    on_close: Callback<()>,
) -> impl IntoView {
    let words = words();
    let id = format!("notice-{number}");
    if notice.is_transient() {
        let time = if notice.can_undo() { UNDO_TIME } else { READING };
        when_left(&format!("#{id}"), time, move || on_close.run(()));
    }
    let is_bad = matches!(
        notice,
        Notice::Broken(_)
            | Notice::Restarted(_)
            | Notice::Stuck
            | Notice::NotStored
            | Notice::Engine(Warning::NotPersisted)
    );
    let text = (words.text)(&notice);
    let action = action(&notice).map(|(class, label)| {
        let act = move || {
            on_close.run(());
            on_action.run(notice.clone());
        };
        view! { <Button class label on_click=act /> }
    });
    view! {
        // Bad news interrupts what is read out.
        <p class="notice" class:bad=is_bad role=is_bad.then_some("alert") id=id>
            <span>{text}</span>
            {action}
            <SignButton label=words.close on_click=on_close />
        </p>
    }
}

/// Class and label of a notice's button; `None` if there is nothing to do. The server holds a fast
/// peer back, as the browser does not.
fn action(notice: &Notice) -> Option<(&'static str, &'static str)> {
    let words = words();
    match notice {
        Notice::Stuck => Some(("stop-worker", words.stop)),
        Notice::Engine(Warning::Overrun(_)) if server_url().is_some() => {
            Some(("relay", words.relay))
        }
        Notice::LowerLimit(_) => Some(("lower", words.lower)),
        notice => notice.can_undo().then_some(("undo", shared().undo)),
    }
}
