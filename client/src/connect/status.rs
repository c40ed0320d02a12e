//! Status line: the connection's state, its cause, and what was negotiated.

use std::time::Duration;

use leptos::{html, prelude::*};
use session::{MASK, Negotiated, Time};
use workbench::connect::{Cause, SwitchNote};

use super::{
    form::{ConnectForm, WRONG_OPTION},
    state::{clock, explanation, has_failed, label, retry_at},
    words::words,
};
use crate::{
    browser::{
        clock::seconds_from,
        dom::{
            focus::{ADDRESS, focus, focus_node, has_focus},
            popup::{close_details_on_leave, close_on_leave},
            resize::on_resize,
        },
    },
    language::{format, shared},
    ui::{aria, button::Button, show::Show},
};

/// Rounds the remaining time up to whole seconds.
const ALMOST_A_SECOND: Duration = Duration::from_millis(999);

/// Time after which an attempt to connect counts as slow, and its seconds are shown.
const SLOW_ATTEMPT_AFTER: Duration = Duration::from_secs(2);

/// Two lines with the state and its cause, the time of the next retry or since the opening, the route,
/// negotiated parameters, other causes, a certificate in question, and the note about the address. A button shows
/// what finds no room in them, over the page; so does a note that comes while the address is edited.
#[component]
pub(super) fn StatusLine(form: ConnectForm) -> impl IntoView {
    let causes = form.causes();
    let is_open = move || form.is_open();
    let since = move || form.reported.with(|it| it.since);
    let certificates = move || {
        let shown = form.untrusted().into_iter();
        shown.map(|it| view! { <p>{(format().certificate)(&it)}</p> }).collect_view()
    };
    let (part, text) = (NodeRef::<html::Div>::new(), NodeRef::<html::Div>::new());
    let (is_cut, is_whole) = (RwSignal::new(false), RwSignal::new(false));
    on_resize(text, move || {
        if let (Some(text), Some(part)) = (text.get_untracked(), part.get_untracked()) {
            is_cut.set(text.offset_height() > part.client_height());
        }
    });
    close_on_leave(part, move || is_whole.get() && is_cut.get(), move || is_whole.set(false));
    let note = Memo::new(move |_| form.note());
    Effect::new(move || {
        let has_note = note.with(Option::is_some);
        // The focus that goes with the note has moved by then.
        request_animation_frame(move || {
            if !has_note || has_focus(ADDRESS) {
                is_whole.try_set(has_note);
            }
        });
    });
    let negotiated = move || {
        form.reported
            .with(|it| it.negotiated.clone())
            // The note needs their room.
            .filter(|_| is_open() && form.note().is_none())
            .map(|negotiated| view! { <NegotiatedLabels negotiated /> })
    };
    view! {
        <div
            class="says"
            class:cut=move || is_cut.get()
            class:whole=move || is_whole.get() && is_cut.get()
            node_ref=part
        >
            <div class="said" role="group" aria-label=words().connection.status>
                <div node_ref=text>
                    <StateLabel form causes />
                    {move || since().map(|since| view! { <Elapsed form since /> })}
                    {move || negotiated()}
                    <Show when=move || causes.with(|causes| causes.len() > 1)>
                        <OtherCauses causes />
                    </Show>
                    {move || certificates()}
                    <Note form />
                </div>
            </div>
            <Show when=move || is_cut.get()>
                <button
                    type="button"
                    class="more-said"
                    aria-expanded=move || aria(is_whole.get())
                    on:click=move |_| is_whole.set(true)
                >
                    <span>{words().connection.more}</span>
                </button>
            </Show>
        </div>
    }
}

/// Dot, state with the time of a retry, route and explanation.
#[component]
fn StateLabel(form: ConnectForm, causes: Memo<Vec<Cause>>) -> impl IntoView {
    let state = Memo::new(move |_| form.shown_state());
    let explanation = move || {
        let words = &words().connection;
        causes.with(|causes| {
            let cause = causes.first().map(|first| match (words.cause)(first) {
                likeliest if causes.len() > 1 => (words.probable)(&likeliest),
                known => known,
            });
            let is_own = form.reported.read().is_own_end;
            linked(state.with(|state| explanation(state, cause, is_own)), causes.first())
        })
    };
    view! {
        <span class="state" role="status">
            <span class="dot" aria-hidden="true"></span>
            <strong>
                {move || state.with(label)} " "
                {move || state.with(retry_at).map(|at| view! { <Countdown at /> })}
            </strong>
            // Before the explanation, which may be cut off.
            <Show when=move || form.reported.read().accepts_untrusted>
                <span class="agreed wrong">{words().route.insecure}</span>
            </Show>
            <Show when=move || form.reported.with(|it| form.target.is_relayed(it))>
                <span class="agreed relayed">{shared().relayed}</span>
            </Show>
            <span class="explanation">{move || explanation()}</span>
        </span>
    }
}

/// Remedy for a failure, above the first row of the list; for a certificate with its fingerprint, by which it is
/// accepted. The focus moves on to the connect `button`.
#[component]
pub(super) fn Offer(
    form: ConnectForm,
    button: NodeRef<html::Button>,
    on_connect: Callback<()>,
) -> impl IntoView {
    let is_blocked = Memo::new(move |_| form.is_blocked());
    Effect::new(move || {
        if has_failed(&form.shown_state()) || is_blocked.get() {
            form.ask_for_relay();
        }
    });
    let label = Memo::new(move |_| form.remedy().map(|remedy| (words().route.remedy)(&remedy)));
    let on_click = move |_| {
        if let Some(remedy) = untrack(|| form.remedy()) {
            focus_node(button);
            form.apply(remedy.kind);
            on_connect.run(());
        }
    };
    let fingerprint = move || {
        let own = form.untrusted().into_iter().next();
        own.map(
            |it| view! { <span class="fingerprint">{words().route.sha256}{it.fingerprint}</span> },
        )
    };
    view! {
        <Show when=move || label.with(Option::is_some)>
            <div class="way-on">
                <button type="button" class="detour" on:click=on_click>{move || label.get()}</button>
                {move || fingerprint()}
            </div>
        </Show>
    }
}

/// Message about the address below the state, with a button that leads to a mistake in the options. The address box
/// names it as its description.
#[component]
fn Note(form: ConnectForm) -> impl IntoView {
    view! {
        <p
            class="note"
            class:wrong=move || form.is_wrong()
            role="status"
            id=form.id("note")
        >
            {move || form.note().unwrap_or_default()}
            <Show when=move || form.wrong_tab().is_some()>
                " "
                <Button
                    class="show-mistake"
                    label=words().options.show
                    on_click=move || {
                        form.show_mistake();
                        // The group is mounted by then.
                        request_animation_frame(|| focus(WRONG_OPTION));
                    }
                />
            </Show>
        </p>
    }
}

/// Button that retries at once, connects anew with changed options, or cuts a slow close short. Keeps its place while
/// there is nothing to do, as for a connection that waits while the box has another address.
#[component]
pub(super) fn RetryNowButton(
    form: ConnectForm,
    button: NodeRef<html::Button>,
    /// Connects, if the form is valid.
    on_retry: Callback<(), bool>,
    on_close_now: Callback<()>,
) -> impl IntoView {
    let can_close_now = move || form.reported.read().can_close_now;
    let is_waiting = move || form.reported.with(|it| retry_at(&it.state).is_some());
    let has_focus = StoredValue::new(false);
    let label = Memo::new(move |_| {
        let words = &words().connection;
        match form.switch_note() {
            _ if can_close_now() => Some(words.close_now),
            None | Some(SwitchNote::OtherOptions) if is_waiting() => Some(words.try_now),
            Some(SwitchNote::OtherOptions) => Some(self::words().options.reconnect),
            _ => None,
        }
    });
    let is_of_use = move || label.with(Option::is_some);
    // A hidden button loses the focus: it moves to the connect button.
    Effect::new(move || {
        if !is_of_use() && has_focus.get_value() {
            focus_node(button);
        }
    });
    let on_click = move |_| {
        if untrack(can_close_now) {
            on_close_now.run(());
        } else {
            on_retry.run(());
        }
    };
    view! {
        <button
            type="button"
            class="retry"
            class:out-of-use=move || !is_of_use()
            on:click=on_click
            on:focus=move |_| has_focus.set_value(true)
            on:blur=move |_| has_focus.set_value(false)
        >
            {move || label.get().unwrap_or(words().connection.try_now)}
        </button>
    }
}

/// Sentence about a cause; the page on which a certificate can be accepted is a link.
fn linked(sentence: String, cause: Option<&Cause>) -> AnyView {
    if let Some(Cause::Certificate { page }) = cause
        && let Some((before, after)) = sentence.split_once(page)
    {
        let (before, after) = (before.to_owned(), after.to_owned());
        let link = view! { <a href=page.clone() target="_blank">{page.clone()}</a> };
        return view! { {before} {link} {after} }.into_any();
    }
    sentence.into_any()
}

/// Seconds until the next attempt, counted down each second, and not read out.
#[component]
fn Countdown(at: Time) -> impl IntoView {
    let time = seconds_from(at);
    let seconds = move || (at.since(time.get()) + ALMOST_A_SECOND).as_secs();
    view! {
        <span class="countdown" aria-hidden="true">
            {move || (words().connection.retries_in)(seconds())}
        </span>
    }
}

/// Time since the connection opened, or since its attempt began once that is slow, in whole seconds.
#[component]
fn Elapsed(form: ConnectForm, since: Time) -> impl IntoView {
    let time = seconds_from(since);
    let elapsed = move || time.get().since(since);
    let is_shown = move || form.is_open() || elapsed() >= SLOW_ATTEMPT_AFTER;
    view! { <span class="since">{move || is_shown().then(|| clock(elapsed()))}</span> }
}

/// Negotiated subprotocol and extensions (RFC 6455 section 9.1), each if there is one.
#[component]
fn NegotiatedLabels(negotiated: Negotiated) -> impl IntoView {
    let words = shared();
    let Negotiated { subprotocol, extensions } = negotiated;
    [(words.subprotocol, subprotocol), (words.extensions, extensions)]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(title, text)| {
            let title = if text.contains(MASK) { self::words().connection.masked } else { title };
            view! { <code class="agreed" title=title>{text}</code> }
        })
        .collect_view()
}

/// Causes of a failure after the likeliest, as an overlay: the layout does not move.
#[component]
fn OtherCauses(causes: Memo<Vec<Cause>>) -> impl IntoView {
    let words = &words().connection;
    let other = move |cause: &Cause| {
        let guess = (words.or)(&(words.cause)(cause));
        view! { <li>{linked(guess, Some(cause))}</li> }
    };
    let others = move || causes.with(|it| it.iter().skip(1).map(other).collect_view());
    let part = NodeRef::<html::Details>::new();
    close_details_on_leave(part);
    view! {
        <details class="causes" node_ref=part>
            <summary>{words.other_causes}</summary>
            <div class="panel">
                <ul>{move || others()}</ul>
            </div>
        </details>
    }
}
