//! Frames of messages that went through the page's server.

use std::collections::VecDeque;

use super::WireFrame;

/// Messages whose frames are kept, at most: the newest.
const FRAMED_MESSAGES: usize = 10_000;

/// Frames of the newest messages, by entry.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    /// In the order in which they were complete.
    kept: VecDeque<(u64, Vec<WireFrame>)>,
    /// Entries of sent messages whose frames are not known yet, oldest first.
    awaited: VecDeque<u64>,
}

impl Frames {
    /// Takes the frames of an entry.
    pub(crate) fn keep(&mut self, id: u64, frames: Vec<WireFrame>) {
        if self.kept.len() == FRAMED_MESSAGES {
            self.kept.pop_front();
        }
        self.kept.push_back((id, frames));
    }

    /// Takes an entry of a sent message, whose frames follow.
    pub(crate) fn await_of(&mut self, id: u64) {
        if self.awaited.len() == FRAMED_MESSAGES {
            self.awaited.pop_front();
        }
        self.awaited.push_back(id);
    }

    /// Takes the frames of the oldest sent message without any.
    pub(crate) fn keep_awaited(&mut self, frames: Vec<WireFrame>) {
        if let Some(id) = self.awaited.pop_front() {
            self.keep(id, frames);
        }
    }

    /// Awaits no more frames: the connection ended.
    pub(crate) fn end(&mut self) {
        self.awaited.clear();
    }

    /// Frames of an entry; none if they are not kept.
    pub(crate) fn of(&self, id: u64) -> &[WireFrame] {
        let kept = self.kept.iter().rev().find(|(kept, _)| *kept == id);
        kept.map_or(&[], |(_, frames)| frames)
    }
}
