//! Views of the active tab, from the connect bar to the metrics.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::{
    connect::Preset,
    engine::{ConnectionCommand, Warning},
    log::Marker,
};

use super::{aside::Aside, words::words};
use crate::{
    composer::Composer,
    connect::{ConnectBar, ConnectForm, Recents},
    engine::notice::Notice,
    exchange::fill_from_command,
    messages::{self, FoundLine, MessageList, Toolbar, announcer::Announcer, pins::Pins},
    metrics::{Measured, MetricsBar, MetricsDock},
    notices::Notices,
    settings::Settings,
    tabs::tab::Tab,
    ui::marked::Marking,
};

/// Connection, message list, detail pane, composer and metrics of a tab. The
/// context [`Marking`] gives the search of this tab to every view below.
#[component]
pub(super) fn Conversation(
    /// The active tab. Another one renders these views anew.
    tab: Tab,
    settings: Settings,
    /// Addresses used before, of all tabs. A connection that opens adds to them.
    recents: Recents,
    /// Endpoints of the page's own server, offered below the address box.
    presets: Signal<Vec<Preset>>,
) -> impl IntoView {
    let engine = tab.engine;
    let measured = Measured::new(engine.snapshot.into());
    let form = ConnectForm::new(tab.target, engine.part(|it| it.connection.clone()).into());
    engine.on_opened.set_value(Some(Box::new(move |shown| {
        if let Some(address) = tab.target.take_opened(shown) {
            recents.add(&address);
        }
    })));
    // Not by the bar's button: the bar shows what is wrong.
    let complete_and_connect = move || {
        let is_valid = form.complete();
        if is_valid {
            tab.target.connect(engine);
        }
        is_valid
    };
    let on_action = Callback::new(move |notice| match notice {
        Notice::Engine(Warning::Overrun(_)) => {
            // The address box may have another by now.
            if let Some(used) = tab.target.used.get_untracked() {
                tab.target.set(used);
            }
            tab.target.choose(true);
            complete_and_connect();
        }
        notice => act(tab, settings, notice),
    });
    let marker = move || tab.query.with(|query| Marker::new(query).ok().flatten());
    provide_context(Marking::new(marker, messages::words::words().find.unmarked));
    view! {
        <main>
            <ConnectBar
                form
                retries=tab.retries
                recents
                presets
                on_command=Callback::new(move |text: String| fill_from_command(tab, &text))
                on_connect=Callback::new(move |()| tab.target.connect(engine))
                on_disconnect=Callback::new(move |close| engine.command(ConnectionCommand::Disconnect(close)))
                on_close_now=Callback::new(move |()| engine.command(ConnectionCommand::CloseNow))
            />
            <div class="workspace">
                <ListAndDetail tab settings on_action />
                <MetricsDock measured settings />
            </div>
            <Composer state=tab.composing.get_value() on_connect=Callback::new(move |()| complete_and_connect()) />
            <MetricsBar measured is_unfolded=settings.is_dock_open />
            <Announcer tab />
        </main>
    }
}

/// Does what the button of a notice says, except for a connection.
fn act(tab: Tab, settings: Settings, notice: Notice) {
    match notice {
        Notice::Stuck => tab.engine.stop(),
        Notice::LowerLimit(limit) => settings.bounds.update(|it| limit.apply_to(it)),
        Notice::Discarded(messages) => tab.engine.put_unsent(Arc::unwrap_or_clone(messages)),
        Notice::Pasted { before, .. } => tab.restore(*before),
        _ => {}
    }
}

/// Message list with its toolbar and pins, the detail pane beside it, and notices over the end of both.
#[component]
fn ListAndDetail(tab: Tab, settings: Settings, on_action: Callback<Notice>) -> impl IntoView {
    let engine = tab.engine;
    view! {
        <div class="reading">
            <Toolbar tab settings />
            <div class="panes">
                <section
                    class="pane"
                    class:compact=move || settings.is_compact.get()
                    aria-label=words().conversation
                >
                    <Pins engine />
                    <FoundLine tab />
                    <MessageList tab settings />
                </section>
                <Aside tab settings />
            </div>
            <Notices notices=engine.notices bounds=settings.bounds on_action />
        </div>
    }
}
