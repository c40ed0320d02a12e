//! Detail pane of an event of a connection: its facts, as a list of names and values.

use std::{borrow::Cow, time::Duration};

use leptos::prelude::*;
use session::{EndReason, Payload};
use workbench::{
    log::{Ended, LogEvent, Opened, Row, RowContent},
    relay::{ControlFrame, ControlKind},
};

use super::{
    frames_view::control, handshake_view::handshake, header::DetailFrame, rows::without_breaks,
    words::words,
};
use crate::{
    browser::clock::time_of_day,
    language::{format, shared},
    messages,
    ui::button::Button,
};

/// Names and values. An empty value is left out by the view.
type Facts = Vec<(&'static str, String)>;

/// Pane of an event: time, the sentence of its row, its facts, and the opening handshake of a
/// relayed connection.
#[component]
pub(crate) fn EventPane(
    row: Row,
    on_close: Callback<()>,
    on_copy_text: Callback<String>,
) -> impl IntoView {
    let Row { at, round_trip, shows, .. } = row;
    let words = words();
    let sentence = messages::words::words().list.event(&shows);
    let (title, more, copied) = match &shows {
        RowContent::Event(LogEvent::Handshake(opening)) => {
            (words.event.title, Some(handshake(opening)), None)
        }
        RowContent::Event(LogEvent::Control(frame)) => {
            (words.frames.control, Some(control(frame)), Some(copied(frame)))
        }
        _ => (words.event.title, None, None),
    };
    let copy = copied.map(|text| {
        let on_click = move || on_copy_text.run(text.clone());
        view! { <Button class="plain" label=words.copy on_click /> }
    });
    let facts = facts(&shows, round_trip).into_iter().filter(|(_, value)| !value.is_empty());
    let facts = facts.map(|(name, value)| {
        view! { <dt>{name}</dt> <dd>{without_breaks(&value)}</dd> }
    });
    let summary = view! {
        <p class="detail-summary" data-direction="event">
            <time>{time_of_day(at)}</time>
            <span>{title}</span>
        </p>
    };
    view! {
        <DetailFrame title summary=summary.into_any() actions=copy.into_any() on_close>
            // Scrolls, and is reached by the keyboard.
            <div class="event-facts" tabindex="0" role="group" aria-label=words.event.details>
                <p>{sentence}</p>
                <dl>{facts.collect_view()}</dl>
                {more}
            </div>
        </DetailFrame>
    }
}

/// Facts of an event, by kind. Those without facts have a sentence only.
fn facts(content: &RowContent, round_trip: Option<Duration>) -> Facts {
    match content {
        RowContent::Event(LogEvent::Opened(opened)) => of_opening(opened),
        RowContent::Event(LogEvent::Ended(ended)) => of_end(ended),
        RowContent::Event(LogEvent::Control(frame)) => of_frame(frame, round_trip),
        RowContent::Message { .. } | RowContent::Event(..) => Vec::new(),
    }
}

/// Sentence of a Close frame, payload of another as text; as pairs of hexadecimal digits if that
/// would lose some of it.
fn copied(frame: &ControlFrame) -> String {
    let hex = || Payload::Binary(&frame.payload).preview(frame.payload.len()).text;
    if frame.kind == ControlKind::Close {
        let sentence = || (words().event.close)(&frame.close());
        return if frame.has_exact_close() { sentence() } else { hex() };
    }
    frame.text().map_or_else(hex, Cow::into_owned)
}

/// Facts about a control frame: its round trip, and code and reason of a Close frame.
fn of_frame(frame: &ControlFrame, round_trip: Option<Duration>) -> Facts {
    let words = &words().event;
    let mut facts = vec![(words.round_trip, round_trip.map(format().span).unwrap_or_default())];
    if frame.kind == ControlKind::Close {
        let close = frame.close();
        facts.extend([(words.code, (words.meaning)(close.code)), (words.reason, close.reason)]);
    }
    facts
}

/// Facts of an opened connection: address, negotiated subprotocol and extensions, and the time
/// without a connection before it.
fn of_opening(opened: &Opened) -> Facts {
    let words = &words().event;
    let negotiated = &opened.negotiated;
    vec![
        (words.address, opened.address.clone()),
        (shared().subprotocol, negotiated.subprotocol.clone()),
        (shared().extensions, negotiated.extensions.clone()),
        (words.outage, opened.outage.map(format().span).unwrap_or_default()),
    ]
}

/// Facts of an ended connection: address, close code and reason (RFC 6455, section 7.1), clean or
/// not, duration, and the causes of a failure, which are called probable if there are several.
fn of_end(ended: &Ended) -> Facts {
    let words = &words().event;
    let mut facts = vec![(words.address, ended.address.clone())];
    match &ended.reason {
        EndReason::Closed(close) => {
            // Without a Close frame, the reason is none of the peer's.
            let (code, reason, handshake) = if ended.is_clean() {
                ((words.meaning)(close.code), close.reason.clone(), words.clean)
            } else {
                ((words.close)(close), String::new(), words.unclean)
            };
            facts.extend([
                (words.code, code),
                (words.reason, reason),
                (words.handshake, handshake.to_owned()),
            ]);
        }
        EndReason::Failed | EndReason::Cancelled => {}
    }
    facts.extend([
        (shared().subprotocol, ended.subprotocol.clone()),
        (words.lasted, ended.lasted.map(format().span).unwrap_or_default()),
    ]);
    // A single one is in the sentence.
    let causes = ended.causes.iter().filter(|_| ended.causes.len() > 1);
    facts.extend(causes.map(|cause| (words.probable_cause, (words.cause_text)(cause))));
    facts
}
