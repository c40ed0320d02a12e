//! Dock: charts, figures and a table, below the messages or beside them.

use leptos::prelude::*;

use super::{
    charts::Charts, cursor::Cursor, groups::Groups, measured::Measured, summary::PANEL,
    table::SecondsTable, words::words,
};
use crate::{
    browser::dom::{focus::focus, resize::media},
    language::shared,
    settings::Settings,
    ui::{
        button::{Button, SignButton},
        show::Show,
        splitter::Splitter,
    },
};

/// Media query: room for a dock beside the messages, and for all values in the summary line.
const IS_WIDE: &str = "(width >= 1000px)";

/// Dock with the edge that resizes it; absent while it is folded. Beside the messages only where there is
/// room, and never so large that they are hidden.
#[component]
pub fn MetricsDock(
    measured: Measured,
    /// State and size of the dock, the same for all tabs.
    settings: Settings,
) -> impl IntoView {
    let words = words();
    let is_wide = media(IS_WIDE);
    let is_beside = Memo::new(move |_| settings.is_dock_beside.get() && is_wide.get());
    let stored = [settings.dock_width, settings.dock_height];
    let [width, height] = stored.map(|it| RwSignal::new(it.get_untracked()));
    let edge = move || {
        let (size, settled, min, max) = if is_beside.get() {
            (width, stored[0], 256, 960)
        } else {
            (height, stored[1], 128, 640)
        };
        let is_flat = !is_beside.get();
        view! { <Splitter label=words.dock_size size settled min max is_flat /> }.into_any()
    };
    view! {
        <Show when=move || settings.is_dock_open.get()>
            {move || edge()}
            <section
                class="dock"
                class:beside=is_beside
                style:width=move || is_beside.get().then(|| format!("{}px", width.get()))
                style:height=move || (!is_beside.get()).then(|| format!("{}px", height.get()))
                id=PANEL
                aria-label=words.title
            >
                <Header settings is_wide />
                <Measurements measured is_wide />
            </section>
        </Show>
    }
}

/// Title, place and close button. The place is offered only where both fit. Closing moves the focus
/// to the button that opens the dock.
#[component]
fn Header(settings: Settings, is_wide: Signal<bool>) -> impl IntoView {
    let words = words();
    let is_beside = settings.is_dock_beside;
    let close = move || {
        settings.is_dock_open.set(false);
        focus(".unfold-measure");
    };
    view! {
        <header class="dock-header">
            <h2>{words.title}</h2>
            <Button
                class="plain dock-place"
                label=move || if is_beside.get() { words.dock_below } else { words.dock_beside }
                is_hidden=move || !is_wide.get()
                on_click=move || is_beside.update(|it| *it = !*it)
            />
            <SignButton class="plain close" label=shared().close on_click=close />
        </header>
    }
}

/// Metrics, or a hint before the first message.
#[component]
fn Measurements(measured: Measured, is_wide: Signal<bool>) -> impl IntoView {
    let has_messages = move || measured.has_messages();
    view! {
        <div class="measured">
            <Show when=move || !has_messages()>
                <p class="notice">{words().no_messages}</p>
            </Show>
            <Show when=has_messages>
                <AllMetrics measured is_wide />
            </Show>
        </div>
    }
}

/// Charts with their readout, the groups, and the table.
#[component]
fn AllMetrics(measured: Measured, is_wide: Signal<bool>) -> impl IntoView {
    let cursor = Cursor::new(measured);
    let readout = move || cursor.figures().unwrap_or_else(|| words().how_to_read.to_owned());
    view! {
        <div class="measured-parts">
            <Charts measured cursor />
            <p class="readout notice" role="status">{move || readout()}</p>
            <Groups measured is_line_whole=is_wide />
            <SecondsTable measured />
        </div>
    }
}
