//! State of a tab.

use std::time::Duration;

use leptos::prelude::*;
use session::{Retries, State};
use workbench::{
    compose::Draft,
    connect::{Target, without_user},
    engine::{ComposerCommand, ConnectionCommand, LogCommand},
    log::Query,
    open_tabs::{OpenTab, TabLabel},
};

use super::{window::Reconnects, words::words};
use crate::{
    ComposerState, EngineHandle,
    browser::{dom::focus::when_left, location::server_url},
    connect::TargetInput,
    detail::ChosenView,
    engine::notice::Notice,
    library::Library,
    settings::Settings,
};

/// Time in which what was cleared, closed, discarded or replaced can be restored, longer while its line is pointed
/// at or focused.
pub(crate) const UNDO_TIME: Duration = Duration::from_secs(20);

/// Tab: engine, draft, target and filter. A handle of signals that is copied into every view; its
/// signals live until the owner of the tab is cleaned up.
#[derive(Clone, Copy)]
pub struct Tab {
    /// Unique in this window.
    pub id: u32,
    /// Name given by the user; empty if it is named by its address.
    pub name: RwSignal<String>,
    /// Handle to the tab's engine.
    pub engine: EngineHandle,
    /// Composer state.
    pub composing: StoredValue<ComposerState>,
    /// Target of the next connection.
    pub target: TargetInput,
    /// Retry limit of a lost connection.
    pub retries: RwSignal<Retries>,
    /// Filter of the message list.
    pub query: RwSignal<Query>,
    /// View of messages in the detail pane.
    pub chosen_view: ChosenView,
    /// True while the list follows its newest row.
    pub follows: RwSignal<bool>,
    /// Number of clears, the last of which can be undone; 0 if none can. Each clear starts the time
    /// of [`UNDO_TIME`] anew.
    clears: RwSignal<u32>,
    /// List of the stored tab, and the list of the tab that it is a copy of.
    stored: StoredValue<[String; 2]>,
    /// Target that the tab was connected to when the page was last closed; also for the first tab.
    was_connected: StoredValue<Option<Target>>,
}

impl Tab {
    /// Restores a tab, and starts its engine, which restores the list by itself.
    ///
    /// Effects keep the engine's configuration in step with the tab: retry limit, storage limits,
    /// variables and query go to every worker that is started. Expects a reactive owner of its own
    /// ([`Tabs::put`](super::open_tabs::Tabs::put)): its cleanup ends the engine.
    pub(super) fn new(id: u32, settings: Settings, library: Library, stored: OpenTab) -> Self {
        let engine = EngineHandle::new(stored.list.clone());
        let was_connected = StoredValue::new(stored.connected());
        let tab = Self {
            id,
            name: RwSignal::new(stored.name),
            engine,
            composing: StoredValue::new(ComposerState::new(engine, library)),
            target: TargetInput::new(library),
            retries: RwSignal::new(stored.retries),
            query: RwSignal::new(Query::default()),
            chosen_view: ChosenView::default(),
            follows: RwSignal::new(true),
            clears: RwSignal::new(0),
            stored: StoredValue::new([stored.list, stored.origin]),
            was_connected,
        };
        tab.target.set(stored.target);
        engine.configure(move || ConnectionCommand::LimitRetries(tab.retries.get()));
        engine.configure(move || LogCommand::Bound(settings.bounds.get()));
        let variables = Memo::new(move |_| library.variables());
        engine.configure(move || ComposerCommand::SetVariables(variables.get()));
        engine.configure(move || LogCommand::Find(tab.query.get()));
        Effect::new(move || {
            if tab.clears.get() > 0 {
                when_left(".cleared", UNDO_TIME, move || tab.forget());
            }
        });
        // Another connection is the end of what was cleared before it.
        Effect::new(move || {
            if tab.engine.in_use.with(Option::is_some) && tab.clears.get_untracked() > 0 {
                tab.forget();
            }
        });
        tab.engine.draft.set(stored.draft);
        tab
    }

    /// Snapshot for storage. Leaves out header values and other secrets, by `Target::stored`.
    pub(super) fn to_open_tab(self) -> OpenTab {
        // Until the first engine reports a state, the stored one is stored.
        let is_first = self.engine.starts.get() == 0;
        let was_connected = self.was_connected.get_value().filter(|_| is_first);
        let used = self.engine.in_use.get().and_then(|url| {
            let used = self.target.used.get()?.stored();
            Some(Target { url, ..used })
        });
        let is_connected = self.engine.state.with(|state| {
            state.can_disconnect() || was_connected.is_some() && *state == State::Idle(None)
        });
        let list = self.engine.list.get();
        // With another list it is a copy of the stored tab, which another window has.
        let [stored, origin] = self.stored.get_value();
        let origin = if origin.is_empty() && stored != list { stored } else { origin };
        OpenTab {
            name: self.name.get(),
            list,
            origin,
            target: self.target.get().stored(),
            retries: self.retries.get(),
            draft: self.engine.draft.get(),
            is_connected,
            used: used.or(was_connected),
            ..OpenTab::default()
        }
    }

    /// Reconnects to the target used before the page was closed, as far as [`Reconnects`] says. What is not reconnected
    /// at once is not by the next reload either.
    ///
    /// It connects by its own route and options, whatever is set for the next connection by now. An invalid option is
    /// reported as a notice.
    pub(super) fn reconnect(self, reconnects: Reconnects) {
        let Some(mut target) = self.was_connected.get_value() else { return };
        let is_due = match reconnects {
            Reconnects::All => true,
            Reconnects::Own => {
                server_url().is_some_and(|own| target.url.starts_with(own.trim_end_matches("ws")))
            }
            Reconnects::None => false,
        };
        if is_due {
            // With its variables, if it has some.
            if self.target.is_typed(&target.url) {
                target.url = self.target.address.get_untracked();
            }
            if self.target.connect_to(&target, self.engine).is_none() {
                let values = untrack(|| self.target.values());
                let wrong = target.relay.and_then(|options| options.filled(&values).err());
                self.engine.notify(Notice::NotReconnected(wrong.map(|(_, error)| error)));
            }
        } else {
            self.was_connected.set_value(None);
        }
    }

    /// Sets the target of the next connection, and the draft if there is one, as they were before.
    /// The present draft is added to the history then.
    pub(crate) fn restore(self, (target, draft): (Target, Option<Draft>)) {
        self.target.set(target);
        if let Some(draft) = draft
            && self.engine.draft.with_untracked(|present| *present != draft)
        {
            self.engine.put_draft(draft);
        }
    }

    /// Clears the list, for good after a while.
    pub(crate) fn clear(self) {
        self.engine.command(LogCommand::Clear);
        self.clears.update(|clears| *clears += 1);
    }

    /// Restores the rows that were cleared last.
    pub(crate) fn unclear(self) {
        self.engine.command(LogCommand::Unclear);
        self.clears.set(0);
    }

    /// Discards the rows that were cleared. The engine deletes them from the store; a worker that
    /// holds too much memory is replaced.
    pub(crate) fn forget(self) {
        self.engine.forget();
        self.clears.set(0);
    }

    /// Changes the filter and scrolls to the newest row. A filter changes the rows in view, so that
    /// the list follows its end again.
    pub fn find(self, change: impl FnOnce(&mut Query)) {
        self.query.update(change);
        self.follows.set(true);
    }

    /// Address of the connection in use, else that in the address box without its user name and password.
    pub(super) fn shown_address(self) -> String {
        self.engine.in_use.get().unwrap_or_else(|| self.target.address.with(|it| without_user(it)))
    }

    /// Label, not told apart from equal ones of other tabs.
    pub(crate) fn label(self) -> TabLabel {
        let address = self.shown_address();
        let address = if address.is_empty() { words().new } else { &address };
        self.name.with(|name| TabLabel::new(name, address))
    }
}
