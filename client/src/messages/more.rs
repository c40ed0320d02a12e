//! Overflow menu of the toolbar: filters and settings used rarely.

use leptos::{html, prelude::*};
use session::PayloadKind;
use workbench::{
    engine::ConnectionCommand,
    log::{Bounds, Query, QueryError},
};

use super::words::words;
use crate::{
    browser::dom::popup::close_details_on_leave,
    engine::notice::{Limit, MAX_MEBIBYTES, MAX_ROWS, Notice},
    settings::{Settings, TimeShown},
    tabs::tab::Tab,
    ui::{
        button::Button,
        choice::{Choice, named},
        show::Show,
        text_input::{NumberInput, TextInput},
    },
};

/// Overflow menu. Filters and settings used rarely: reading from the target, payload kind, sizes, a JSON field, the
/// time column, row height and storage limits.
#[component]
pub(super) fn More(tab: Tab, settings: Settings) -> impl IntoView {
    let words = &words().toolbar;
    let part = NodeRef::<html::Details>::new();
    close_details_on_leave(part);
    view! {
        <details class="more" node_ref=part>
            <summary>{words.more}</summary>
            <div class="sheet">
                <ReadingButton tab />
                <PayloadFilter tab />
                <SizeFilter tab label=words.min_size id="min-size" bound=|it| &mut it.at_least />
                <SizeFilter tab label=words.max_size id="max-size" bound=|it| &mut it.at_most />
                <FieldFilter tab />
                <TimeChoice settings />
                <CompactChoice settings />
                <StorageLimits tab settings />
            </div>
        </details>
    }
}

/// Choice of the payload kind: any, text or binary.
#[component]
fn PayloadFilter(tab: Tab) -> impl IntoView {
    let words = &words().toolbar;
    let kinds = [None, Some(PayloadKind::Text), Some(PayloadKind::Binary)];
    let kind = move || tab.query.with(|query| query.kind);
    let index = move || kinds.iter().position(|it| *it == kind()).unwrap_or_default();
    view! {
        <Choice
            title=words.kind
            options=named([words.any_kind, words.text, words.binary])
            chosen=index
            on_choose=move |index: usize| tab.find(|query| query.kind = kinds[index])
        />
    }
}

/// Condition on a field of JSON messages. Its path and comparison are parsed by the engine; an
/// error takes the place of the help below the box.
#[component]
fn FieldFilter(tab: Tab) -> impl IntoView {
    let words = &words().toolbar;
    let query_error = tab.engine.query_error;
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
    view! {
        <Choice
            title=words.time
            options=named(TimeShown::ALL.map(words.time_shown))
            chosen=move || settings.time.get() as usize
            on_choose=move |index: usize| settings.time.set(TimeShown::ALL[index])
        />
    }
}

/// Choice between normal and compact rows, for every tab. A coarse pointer has rows of its own height in either case.
#[component]
fn CompactChoice(settings: Settings) -> impl IntoView {
    let words = &words().toolbar;
    view! {
        <Choice
            title=words.rows
            class="row-height"
            options=named([words.normal_rows, words.compact_rows])
            chosen=move || settings.is_compact.get().into()
            on_choose=move |index| settings.is_compact.set(index == 1)
        />
    }
}

/// Box for a bound of the payload size, in bytes; empty for none. Applies when it is left, since a bound typed halfway
/// would filter rows out.
#[component]
fn SizeFilter(
    tab: Tab,
    label: &'static str,
    id: &'static str,
    bound: fn(&mut Query) -> &mut Option<u64>,
) -> impl IntoView {
    let words = &words().toolbar;
    view! {
        <NumberInput
            label
            id
            min=0
            placeholder=words.any
            value=move || *bound(&mut tab.query.get())
            set=move |bytes| tab.find(|query| *bound(query) = bytes)
            invalid=words.invalid_size.to_owned()
        />
    }
}

/// Limits of stored rows, for every tab: their number, and their bytes in MiB.
#[component]
fn StorageLimits(tab: Tab, settings: Settings) -> impl IntoView {
    let words = &words().toolbar;
    view! {
        <LimitBox tab settings label=words.max_rows id="max-rows" unit=1 most=MAX_ROWS kind=Limit::Rows part=|it| it.entries />
        <LimitBox tab settings label=words.max_mebibytes id="max-mebibytes" unit=1 << 20 most=MAX_MEBIBYTES kind=Limit::Bytes part=|it| it.bytes />
    }
}

/// Number box for a limit of stored rows. It shows the limit in force: a lower one would drop rows, so that a notice
/// asks before it holds.
#[component]
fn LimitBox(
    tab: Tab,
    settings: Settings,
    label: &'static str,
    id: &'static str,
    /// Rows or bytes that the number counts.
    unit: usize,
    /// Highest number; the lowest is 1.
    most: u32,
    /// Makes a limit of rows or bytes.
    kind: fn(usize) -> Limit,
    /// Selects the limit in force.
    part: fn(Bounds) -> usize,
) -> impl IntoView {
    let set = move |number: Option<u64>| {
        let Some(number) = number.and_then(|it| usize::try_from(it).ok()) else { return };
        let limit = kind(number * unit);
        if limit.is_below(settings.bounds.get_untracked()) {
            tab.engine.notify(Notice::LowerLimit(limit));
        } else {
            settings.bounds.update(|bounds| limit.apply_to(bounds));
        }
    };
    view! {
        <NumberInput
            label
            id
            is_required=true
            min=1
            max=most
            value=move || Some((part(settings.bounds.get()) / unit) as u64)
            set
            invalid=(words().toolbar.invalid_limit)(most)
        />
    }
}

/// Button that pauses reading from the target, and resumes it: a peer then sees a client that takes nothing. Absent
/// unless the connection is open through the page's server. The status line says that nothing is read.
#[component]
fn ReadingButton(tab: Tab) -> impl IntoView {
    let words = &words().toolbar;
    let is_reading = tab.engine.part(|it| it.connection.is_reading);
    let is_stopped = move || is_reading.get() == Some(false);
    let label = move || if is_stopped() { words.resume_reading } else { words.pause_reading };
    let toggle = move || tab.engine.command(ConnectionCommand::Read(untrack(is_stopped)));
    view! {
        <Show when=move || is_reading.get().is_some()>
            <Button class="reading-switch" label title=words.reading_title on_click=toggle />
        </Show>
    }
}
