//! Toolbar of the message list: find, filters and their chips, pause and clear.

use leptos::{html, prelude::*};
use session::PayloadKind;
use workbench::{
    engine::{ConnectionCommand, LogCommand},
    log::{Bounds, QueryError},
};

use super::{chips::Chips, find::Find, status::ListStatus, words::words};
use crate::{
    browser::dom::popup::close_details_on_leave,
    engine::notice::{Limit, Notice},
    settings::{Settings, TimeShown},
    tabs::tab::Tab,
    ui::{button::Toggle, choice::Choice, show::Show, text_input::TextInput},
};

/// Toolbar, from the search to the clear button. All of it changes the
/// tab's query or sends commands to its engine, except most of the overflow menu's choices, which are
/// settings of all tabs.
#[component]
pub(crate) fn Toolbar(tab: Tab, settings: Settings) -> impl IntoView {
    view! {
        <div class="toolbar" role="group" aria-label=words().toolbar.title>
            <Find tab />
            <Directions tab />
            <More tab settings />
            <PauseButton tab />
            <ClearButton tab />
        </div>
    }
}

/// Active filters, and the number of rows they let through: over the first row of the list.
#[component]
pub(crate) fn FoundLine(tab: Tab) -> impl IntoView {
    view! {
        <div class="found-line">
            <Chips tab />
            <ListStatus tab />
        </div>
    }
}

/// Switches of the kinds of rows: sent, received, events and frames. Each is a field of the query,
/// and on by default.
///
/// Frames are shown by the relay only, so that their switch is absent for a direct connection,
/// unless frames are filtered out: that has to be undone somewhere.
#[component]
fn Directions(tab: Tab) -> impl IntoView {
    let words = &words().toolbar;
    let which = move || tab.query.with(|query| query.which);
    let has_frames = Memo::new(move |_| tab.routing.relay.with(Option::is_some) || !which().frames);
    view! {
        <div class="choices" role="group" aria-label=words.shown>
            <Toggle
                label=words.sent
                title=words.show_sent
                is_on=move || which().sent
                on_click=move || tab.find(|query| query.which.sent ^= true)
            />
            <Toggle
                label=words.received
                title=words.show_received
                is_on=move || which().received
                on_click=move || tab.find(|query| query.which.received ^= true)
            />
            <Toggle
                label=words.events
                title=words.show_events
                is_on=move || which().events
                on_click=move || tab.find(|query| query.which.events ^= true)
            />
            // Only relayed connections show frames: browsers hide them.
            {move || has_frames.get().then(|| view! {
                <Toggle
                    label=words.frames
                    title=words.show_frames
                    is_on=move || which().frames
                    on_click=move || tab.find(|query| query.which.frames ^= true)
                />
            }.into_any())}
        </div>
    }
}

/// Overflow menu. Filters and settings used rarely: reading from the target, payload kind, sizes, a JSON field, the time
/// column, row height and storage limits.
#[component]
fn More(tab: Tab, settings: Settings) -> impl IntoView {
    let words = &words().toolbar;
    let part = NodeRef::<html::Details>::new();
    close_details_on_leave(part);
    view! {
        <details class="more" node_ref=part>
            <summary>{words.more}</summary>
            <div class="sheet">
                <ReadingButton tab />
                <PayloadFilter tab />
                <SizeFilter
                    label=words.min_size
                    value=move || tab.query.with(|it| it.at_least)
                    set=move |bytes| tab.find(|query| query.at_least = bytes)
                />
                <SizeFilter
                    label=words.max_size
                    value=move || tab.query.with(|it| it.at_most)
                    set=move |bytes| tab.find(|query| query.at_most = bytes)
                />
                <FieldFilter tab />
                <TimeChoice settings />
                <CompactChoice settings />
                <StorageLimits tab settings />
            </div>
        </details>
    }
}

/// Choice of the payload kind: any, text or binary. The values of its options are the DOM's, not
/// translated.
#[component]
fn PayloadFilter(tab: Tab) -> impl IntoView {
    let words = &words().toolbar;
    let kinds = [None, Some(PayloadKind::Text), Some(PayloadKind::Binary)];
    let kind = move || tab.query.with(|query| query.kind);
    let index = move || kinds.iter().position(|it| *it == kind()).unwrap_or_default();
    view! {
        <label>
            {words.kind}
            <Choice
                options=vec![("any", words.any_kind), ("text", words.text), ("binary", words.binary)]
                chosen=index
                on_choose=move |index: usize| tab.find(|query| query.kind = kinds[index])
            />
        </label>
    }
}

/// Condition on a field of JSON messages. Its path and comparison are parsed by the engine; an
/// error takes the place of the help below the box.
#[component]
fn FieldFilter(tab: Tab) -> impl IntoView {
    let words = &words().toolbar;
    let query_error = tab.engine.query_error();
    let error = Memo::new(move |_| {
        let error = query_error.get().filter(|it| matches!(it, QueryError::Field(_)));
        error.map(|error| (self::words().status.query_error)(&error))
    });
    let help = move || error.get().unwrap_or_else(|| words.field_help.to_owned());
    view! {
        <label>
            {words.field}
            <TextInput
                class="field"
                placeholder=words.field_placeholder
                description="field-help"
                is_invalid=move || error.with(Option::is_some)
                value=move || tab.query.with(|query| query.field.clone())
                on_input=move |text| tab.find(|query| query.field = text)
            />
        </label>
        <p id="field-help" class="field-help" class:wrong=move || error.with(Option::is_some)>{move || help()}</p>
    }
}

/// Choice of the time column, for every tab.
#[component]
fn TimeChoice(settings: Settings) -> impl IntoView {
    let words = &words().toolbar;
    let options = TimeShown::ALL.map(|time| (time.name(), (words.time_shown)(time))).into();
    view! {
        <label>
            {words.time}
            <Choice
                options
                chosen=move || settings.time.get() as usize
                on_choose=move |index: usize| settings.time.set(TimeShown::ALL[index])
            />
        </label>
    }
}

/// Choice between normal and compact rows, for every tab. A coarse pointer has rows of its own
/// height in either case.
#[component]
fn CompactChoice(settings: Settings) -> impl IntoView {
    let words = &words().toolbar;
    view! {
        <label>
            {words.rows}
            <Choice
                class="row-height"
                options=vec![("normal", words.normal_rows), ("compact", words.compact_rows)]
                chosen=move || settings.is_compact.get().into()
                on_choose=move |index| settings.is_compact.set(index == 1)
            />
        </label>
    }
}

/// Number box for a bound of the payload size, in bytes. Empty, or no whole number: no bound.
/// Applies when the box is left, since a bound typed halfway would filter rows out.
#[component]
fn SizeFilter(
    /// Name of the bound, which may be a minimum or a maximum.
    label: &'static str,
    /// Bound in the query, in bytes.
    #[prop(into)]
    value: Signal<Option<u64>>,
    /// Receives the bound that was typed.
    #[prop(into)]
    set: Callback<Option<u64>>,
) -> impl IntoView {
    view! {
        <label>
            {label}
            <input
                type="number"
                min="0"
                placeholder=words().toolbar.any
                prop:value=move || value.get().map(|bytes| bytes.to_string()).unwrap_or_default()
                on:change=move |event| set.run(event_target_value(&event).parse().ok())
            />
        </label>
    }
}

/// Limits of stored rows, for every tab: their number, and their bytes in MiB.
#[component]
fn StorageLimits(tab: Tab, settings: Settings) -> impl IntoView {
    let words = &words().toolbar;
    view! {
        <LimitBox tab settings label=words.max_rows unit=1 most=usize::MAX kind=Limit::Rows part=|it| it.entries />
        <LimitBox tab settings label=words.max_mebibytes unit=1 << 20 most=2_048 kind=Limit::Bytes part=|it| it.bytes />
    }
}

/// Number box for a limit of stored rows. It shows the limit in force: a lower one would drop rows,
/// so that a notice asks before it holds; another notice tells of a number out of bounds.
#[component]
fn LimitBox(
    tab: Tab,
    settings: Settings,
    label: &'static str,
    /// Rows or bytes that the number counts.
    unit: usize,
    /// Highest number; the lowest is 1.
    most: usize,
    /// Makes a limit of rows or bytes.
    kind: fn(usize) -> Limit,
    /// Selects the limit in force.
    part: fn(Bounds) -> usize,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let shown = move |bounds| (part(bounds) / unit).to_string();
    let change = move |event| {
        let mut present = settings.bounds.get_untracked();
        match event_target_value(&event).parse::<usize>() {
            Ok(limit) if (1..=most).contains(&limit) => {
                let limit = kind(limit * unit);
                if limit.is_below(present) {
                    tab.engine.notify(Notice::LowerLimit(limit));
                } else {
                    limit.put(&mut present);
                    settings.bounds.set(present);
                }
            }
            _ => tab.engine.notify(Notice::LimitsKept(present)),
        }
        if let Some(input) = input.get_untracked() {
            input.set_value(&shown(settings.bounds.get_untracked()));
        }
    };
    view! {
        <label>
            {label}
            <input
                type="number"
                min="1"
                max=most.to_string()
                node_ref=input
                on:change=change
                prop:value=move || shown(settings.bounds.get())
            />
        </label>
    }
}

/// Pause of the list: rows that arrive are counted and kept, not listed, until it is resumed. The
/// connection is not affected.
#[component]
fn PauseButton(tab: Tab) -> impl IntoView {
    let words = &words().toolbar;
    let is_paused = tab.engine.part(|it| it.since_pause.is_some());
    let toggle = move |_| tab.engine.command(LogCommand::Pause(!is_paused.get_untracked()));
    view! {
        <button type="button" class="pause" title=words.pause_title on:click=toggle>
            {move || if is_paused.get() { words.resume } else { words.pause }}
        </button>
    }
}

/// Button that pauses reading from the target, and resumes it: a peer then sees a client that takes nothing. Absent
/// unless the connection is open through the page's server. [`ListStatus`] says that nothing is read.
#[component]
fn ReadingButton(tab: Tab) -> impl IntoView {
    let words = &words().toolbar;
    let is_reading = tab.engine.part(|it| it.is_reading);
    let is_stopped = move || is_reading.get() == Some(false);
    let toggle = move |_| tab.engine.command(ConnectionCommand::Read(untrack(is_stopped)));
    view! {
        <Show when=move || is_reading.get().is_some()>
            <button type="button" class="reading-switch" title=words.reading_title on:click=toggle>
                {move || if is_stopped() { words.resume_reading } else { words.pause_reading }}
            </button>
        </Show>
    }
}

/// Clears the list of the tab, for good after 20 s; [`ListStatus`] offers to undo it until then.
#[component]
fn ClearButton(tab: Tab) -> impl IntoView {
    let words = &words().toolbar;
    view! {
        <button type="button" class="clear" title=words.clear_title on:click=move |_| tab.clear()>
            {words.clear}
        </button>
    }
}
