//! Frames of messages that went through the page's server.

use std::collections::VecDeque;

use super::MessageFrames;

/// Messages whose frames are kept, at most: the newest.
const MAX_FRAMED_MESSAGES: usize = 10_000;

/// Frames that are kept of all messages together, at most: 4 MB of them. One message has [`MAX_MESSAGE_FRAMES`](super::MAX_MESSAGE_FRAMES).
const MAX_KEPT_FRAMES: usize = 100_000;

/// Frames of the newest messages, by entry.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    /// Entries with their frames, oldest first. Not a tree, which is 10 KB of code in a page.
    kept: VecDeque<(u64, MessageFrames)>,
    /// Frames in `kept`.
    count: usize,
    /// Entries of sent messages whose frames are not known yet, oldest first.
    awaited: VecDeque<u64>,
    /// Sent messages before them, whose entries are not known any more.
    evicted: usize,
}

impl Frames {
    /// Takes the frames of an entry.
    pub(crate) fn keep(&mut self, id: u64, mut frames: MessageFrames) {
        frames.first.shrink_to_fit();
        self.count += frames.first.len();
        // Those of sent messages come late, but not by much.
        let index = self.kept.partition_point(|(kept, _)| *kept < id);
        self.kept.insert(index, (id, frames));
        while self.kept.len() > MAX_FRAMED_MESSAGES || self.count > MAX_KEPT_FRAMES {
            let Some((_, frames)) = self.kept.pop_front() else { break };
            self.count -= frames.first.len();
        }
    }

    /// Takes an entry of a sent message, whose frames follow.
    pub(crate) fn await_of(&mut self, id: u64) {
        if self.awaited.len() == MAX_FRAMED_MESSAGES {
            self.awaited.pop_front();
            self.evicted += 1;
        }
        self.awaited.push_back(id);
    }

    /// Takes the frames of the oldest sent message without any.
    pub(crate) fn keep_awaited(&mut self, frames: MessageFrames) {
        if self.evicted > 0 {
            self.evicted -= 1;
        } else if let Some(id) = self.awaited.pop_front() {
            self.keep(id, frames);
        }
    }

    /// Awaits no more frames: the connection ended.
    pub(crate) fn end(&mut self) {
        self.awaited.clear();
        self.evicted = 0;
    }

    /// Frames of an entry, if they are kept.
    pub(crate) fn of(&self, id: u64) -> Option<&MessageFrames> {
        let index = self.kept.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        Some(&self.kept[index].1)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::MAX_MESSAGE_FRAMES, *};
    use crate::fixtures::frame;

    fn frames_of(id: u64, count: usize) -> MessageFrames {
        vec![frame(id); count].into_iter().collect()
    }

    #[test]
    fn frames_of_all_messages_together_are_bounded() {
        let mut frames = Frames::default();
        for id in 0..10_000 {
            frames.keep(id, frames_of(id, MAX_MESSAGE_FRAMES));
        }
        let held: usize = frames.kept.iter().map(|(_, it)| it.first.capacity()).sum();
        assert!(held <= MAX_KEPT_FRAMES && held > MAX_KEPT_FRAMES - MAX_MESSAGE_FRAMES, "{held}");
        assert_eq!(
            (frames.of(0), frames.of(9_999).unwrap().first.len()),
            (None, MAX_MESSAGE_FRAMES)
        );
        for id in 10_000..30_000 {
            frames.keep(id, frames_of(id, 1));
        }
        assert_eq!(frames.kept.len(), MAX_FRAMED_MESSAGES);
    }

    #[test]
    fn frames_belong_to_their_message_when_too_many_are_awaited() {
        let mut frames = Frames::default();
        let sent = MAX_FRAMED_MESSAGES as u64 + 2;
        (0..sent).for_each(|id| frames.await_of(id));
        (0..sent).for_each(|id| frames.keep_awaited(frames_of(id, 1)));
        assert_eq!(frames.of(1), None);
        assert_eq!(frames.of(2), Some(&frames_of(2, 1)));
        assert_eq!(frames.of(sent - 1), Some(&frames_of(sent - 1, 1)));
    }
}
