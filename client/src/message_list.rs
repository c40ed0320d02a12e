//! The conversation: messages in both directions and what the connection did, newest last.

use std::sync::Arc;

use leptos::{html, prelude::*};
use workbench::{Entry, Item, Message, State};

use crate::{Shell, clock::time_of_day, following::Following};

/// Bytes of a message that its row shows, at most.
const SHOWN: usize = 2_048;

#[component]
pub(crate) fn MessageList(shell: Shell) -> impl IntoView {
    let rows = shell.rows();
    let list = NodeRef::<html::Ol>::new();
    let following = Following::new(list);
    Effect::new(move || {
        rows.track();
        following.keep_up();
    });
    let dropped = Memo::new(move |_| rows.with(|rows| rows.dropped));
    let can_send = Memo::new(move |_| shell.state().with(State::can_send));
    let is_empty = Memo::new(move |_| {
        rows.with(|rows| rows.entries.iter().all(|entry| entry.item.message().is_none()))
    });
    view! {
        <Show when=move || dropped.get() != 0>
            <p class="notice">
                "The list keeps the newest messages; " {dropped} " older rows were let go."
            </p>
        </Show>
        <div class="conversation" role="log" aria-label="Conversation">
            // tabindex: a list that scrolls must be reachable by keyboard.
            // role: without its numbers, VoiceOver takes it for no list.
            <ol class="messages" role="list" aria-label="Messages" tabindex="0" node_ref=list on:scroll=move |_| following.scrolled()>
                <For each=move || rows.get().entries key=|entry| entry.id let:entry>
                    <Row entry />
                </For>
            </ol>
            <Show when=move || is_empty.get() && can_send.get()>
                <p class="empty">
                    "Type a message and press Enter. The server answers “hi” with “Echo: hi”."
                </p>
            </Show>
        </div>
    }
}

#[component]
fn Row(entry: Arc<Entry>) -> impl IntoView {
    let time = time_of_day(entry.at);
    match &entry.item {
        Item::Sent(message) => message_row(time, message, "sent", "↑"),
        Item::Received(message) => message_row(time, message, "received", "↓"),
        Item::Opened => event_row(time, "Connected".to_owned()),
        Item::Ended(ending) => event_row(time, ending.to_string()),
    }
}

fn message_row(
    time: String,
    message: &Message,
    direction: &'static str,
    arrow: &'static str,
) -> AnyView {
    let preview = message.preview(SHOWN);
    let kind = match message {
        Message::Text(_) => "text",
        Message::Binary(_) => "binary",
    };
    let omitted = (preview.omitted > 0).then(
        || view! { <span class="omitted">{format!("… {} more bytes", preview.omitted)}</span> },
    );
    view! {
        <li class="message" data-direction=direction data-kind=kind>
            <time>{time}</time>
            <span class="direction" title=direction>
                <span aria-hidden="true">{arrow}</span>
                <span class="spoken">{direction}</span>
            </span>
            <span class="payload"><span class="text">{preview.text}</span>{omitted}</span>
            <span class="size">{message.len()} " B"</span>
        </li>
    }
    .into_any()
}

fn event_row(time: String, what: String) -> AnyView {
    view! { <li class="event"><time>{time}</time><span>{what}</span></li> }.into_any()
}
