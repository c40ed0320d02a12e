//! Turn of the connection: the handling of one input.

use std::time::Duration;

use session::Time;

use super::super::output::{Output, Outputs, SocketOutput, Timer};
use crate::log::{Item, LogEvent};

/// Time of an input, and what it leads to.
pub(in super::super) struct Turn<'a> {
    pub(in super::super) now: Time,
    pub(in super::super) outputs: &'a mut Outputs,
    /// Items to record, in order.
    pub(in super::super) items: Vec<Item>,
}

impl Turn<'_> {
    /// Records an event.
    pub(super) fn record(&mut self, event: LogEvent) {
        self.items.push(Item::Event(event));
    }

    /// Calls the socket.
    pub(super) fn call(&mut self, call: SocketOutput) {
        self.outputs.push_back(Output::Socket(call));
    }

    /// Sets a timer.
    pub(super) fn set(&mut self, timer: Timer, after: Duration) {
        self.outputs.push_back(Output::Timer(timer, after));
    }
}
