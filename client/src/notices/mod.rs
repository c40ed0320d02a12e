//! Notices of a tab: results and failures. They lie over the page, so that nothing moves.

mod words;

use std::time::Duration;

use leptos::{html, prelude::*};
use workbench::engine::Warning;

use self::words::words;
use crate::{
    EngineHandle,
    browser::location::server_url,
    engine::notice::{self, Notice},
    ui::keyed::keyed,
};

/// Time after which a notice that passes is gone. One that is being read stays for as long again.
const READING: Duration = Duration::from_secs(6);

/// Selector of a notice that stays for now: it is pointed at, or has the focus.
const ATTENDED: &str = ":hover, :focus-within";

/// Current notices of a tab, oldest first, in a live region. `on_relay` connects through the page's
/// server.
#[component]
pub(crate) fn Notices(engine: EngineHandle, on_relay: Callback<()>) -> impl IntoView {
    let notices = engine.notices();
    let line = move |number| {
        let notice = notices.with_untracked(|notices| notices.get(number));
        let on_close = Callback::new(move |()| {
            notices.try_update(|notices| notices.remove(number));
        });
        notice.map(|notice| view! { <NoticeLine engine notice on_relay on_close /> }).into_any()
    };
    view! {
        <div class="notices" role="status" aria-atomic="false">
            {keyed(Signal::derive(move || notices.with(notice::Notices::numbers)), Callback::new(line))}
        </div>
    }
}

/// Text of a notice with a close button, and an action if there is one: terminating a stuck worker,
/// or connecting through the relay, which slows the peer down. Closes itself if the notice
/// [passes](Notice::passes).
#[component]
fn NoticeLine(
    /// Engine whose worker may be stopped.
    engine: EngineHandle,
    /// Notice, which does not change.
    notice: Notice,
    on_relay: Callback<()>,
    on_close: Callback<()>,
) -> impl IntoView {
    let words = words();
    let line = NodeRef::<html::P>::new();
    if notice.passes() {
        let pass = move || {
            let line = line.get_untracked();
            if !line.is_some_and(|line| line.matches(ATTENDED).unwrap_or(false)) {
                on_close.run(());
            }
        };
        if let Ok(interval) = set_interval_with_handle(pass, READING) {
            on_cleanup(move || interval.clear());
        }
    }
    // The server holds the peer back, as the browser does not.
    let can_relay = matches!(notice, Notice::Engine(Warning::Overrun(_))) && server_url().is_some();
    let relay = move |_| {
        on_close.run(());
        on_relay.run(());
    };
    view! {
        <p class="notice" class:bad=matches!(notice, Notice::Broken(_) | Notice::Stuck) node_ref=line>
            <span>{(words.text)(&notice)}</span>
            {(notice == Notice::Stuck).then(|| view! {
                <button type="button" class="stop-worker" on:click=move |_| engine.stop()>{words.stop}</button>
            })}
            {can_relay.then(|| view! {
                <button type="button" class="relay" on:click=relay>{words.relay}</button>
            })}
            <button type="button" class="forget" aria-label=words.close on:click=move |_| on_close.run(())>
                "×"
            </button>
        </p>
    }
}
