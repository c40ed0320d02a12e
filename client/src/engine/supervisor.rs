//! Supervision of an engine's worker: its start, its watchdog, and another in its place.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::engine::{LogCommand, NotSent, Tick};

use super::{
    handle::{EngineHandle, HANDOVER, Inspection},
    notice::Notice,
    worker::serve,
    worker_link::WorkerLink,
};
use crate::browser::{
    archive::{new_list, remove_list},
    clock::now,
    worker::{
        channel::{Channel, Incoming, ports},
        thread::WorkerThread,
    },
};

/// Time in which a terminated worker lets its list go, in milliseconds. Chromium ends one that is busy after 2 s.
const TERMINATION: u32 = 10_000;

impl EngineHandle {
    /// Starts a worker, in place of the present one. Waits for the list for `timeout` milliseconds, if the worker
    /// before still holds it. Commands of [`Self::configure`] follow by their effects.
    pub(super) fn start(&self, timeout: u32) {
        let handle = *self;
        handle.worker.set_value(None);
        let fails = move |words| handle.receive(Incoming::Failure(words));
        let thread = handle.list.with_untracked(|list| WorkerThread::start(list, timeout, fails));
        let port = thread.as_ref().map(WorkerThread::port).or_else(|| {
            let (here, there) = ports()?;
            serve(there, None);
            Some(here)
        });
        if let Some(here) = port {
            let channel = Channel::open(here, move |incoming| handle.receive(incoming));
            handle.worker.set_value(Some(WorkerLink::new(channel, thread)));
            // Before any command: one may bring so many messages that the worker answers no more.
            handle.watch();
        }
    }

    /// Terminates a worker that does not answer, and with it the connection. A new one goes on with the
    /// tab's settings; messages of the list may be missing.
    pub(crate) fn stop(&self) {
        self.restart(TERMINATION);
        self.unstick();
        self.notify(Notice::Stopped);
    }

    /// Starts another worker with the state of a new engine. Counts the start, at which every
    /// configuration is sent again.
    fn restart(&self, timeout: u32) {
        self.start(timeout);
        self.reset();
        self.starts.update(|starts| *starts += 1);
    }

    /// Shows the state of a new engine: no rows, nothing inspected. Tells what the one before did not
    /// finish: an import, and a file, which is back in the composer.
    fn reset(&self) {
        self.set_snapshot.set(Arc::default());
        self.inspection.set(Inspection::default());
        if let Some((name, _)) = self.on_import.try_update_value(Option::take).flatten() {
            self.notify(Notice::ImportEnded(name));
        }
        if self.file_sent.try_with_untracked(Option::is_some) == Some(true) {
            self.keep(NotSent::File);
        }
    }

    /// Replaces a worker that failed, since nothing in it works any more. One that cannot be loaded, or fails
    /// again at once, is given up.
    pub(super) fn fail(&self, words: String) {
        if self.with_worker(|worker| worker.has_recovered()) == Some(true) {
            self.restart(TERMINATION);
            self.with_worker(|worker| worker.failed_at = Some(now()));
            self.notify(Notice::Restarted(words));
        } else {
            self.worker.set_value(None);
            self.reset();
            let is_over = |it: &Notice| matches!(it, Notice::Stuck | Notice::Restarted(_));
            self.notices.update(|notices| notices.remove_if(is_over));
            self.notify(Notice::Broken(words));
        }
    }

    /// Discards the cleared rows. WebAssembly gives no memory back: an idle worker with nothing
    /// else is replaced by another, with a list of its own, if it holds too much.
    ///
    /// Asynchronous: the worker's answer to a ping tells its memory, and the engine then tells if it has
    /// nothing else: the snapshot of a hidden page is old. Sent at once: what is cleared later stays.
    pub(crate) fn forget(&self) {
        self.with_worker(|worker| worker.channel.ping());
        self.command(LogCommand::Forget);
    }

    /// Replaces a worker that has nothing else, if it holds too much memory.
    pub(super) fn renew(&self) {
        if self.with_worker(|worker| worker.is_spent) == Some(true) {
            remove_list(self.list.get_untracked());
            self.list.set(new_list());
            self.restart(HANDOVER);
        }
    }

    /// Watches the worker, once an interval of the watchdog: sends the ping that is due, or shows that it is stuck.
    pub(super) fn watch(&self) {
        let tick = self.with_worker(|worker| {
            let tick = worker.watchdog.tick();
            if tick == Tick::Ping {
                worker.channel.ping();
            }
            tick
        });
        if tick == Some(Tick::Stuck) {
            self.notify(Notice::Stuck);
        }
    }
}
