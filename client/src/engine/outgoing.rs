//! Drafts, messages and files on their way from the composer to the engine, and back if they cannot be sent.

use std::{collections::VecDeque, sync::Arc};

use leptos::prelude::*;
use session::Message;
use workbench::{
    compose::{Draft, Framing},
    engine::{ComposerCommand, FileCommand, NotSent},
};

use super::{handle::EngineHandle, notice::Notice};

/// Maximum number of unsent messages. Kept in the page, so that they outlive a worker that is stopped.
pub(crate) const MAX_UNSENT: usize = 1_000;

/// Maximum total size of unsent messages in bytes. One may be as large as a file that was sent.
pub(crate) const MAX_UNSENT_BYTES: usize = 64 << 20;

impl EngineHandle {
    /// Sends the draft, in frames of its own if `framing` is given. The composer then holds the
    /// draft that was being written before the history was recalled, if any.
    ///
    /// An empty draft is sent, too, but is not added to the history.
    pub fn send_draft(&self, framing: Option<Framing>) {
        let draft = self.draft.get_untracked();
        self.command(match framing {
            Some(framing) => ComposerCommand::SendFramed(draft.clone(), framing),
            None => ComposerCommand::SendDraft(draft.clone()),
        });
        if !draft.text.is_empty() {
            self.put_away(draft);
        }
    }

    /// Adds a draft, which is sent, to the history. The composer then holds the next, unless it holds another by now.
    pub(super) fn put_away(&self, draft: Draft) {
        let is_shown = self.draft.try_with_untracked(|it| *it == draft) == Some(true);
        self.history.try_update_value(|history| {
            let next = history.add(draft);
            if is_shown {
                self.draft.set(next);
            } else if !next.text.is_empty() {
                history.add(next);
            }
        });
    }

    /// Recalls the previous or next draft of the history. Returns `true` if there is one. The draft
    /// that was being written becomes the newest step.
    #[expect(clippy::must_use_candidate, reason = "it recalls")]
    pub fn recall(&self, is_back: bool) -> bool {
        let next = self.history.try_update_value(|history| {
            let current = self.draft.get_untracked();
            if is_back { history.older(&current) } else { history.newer(&current) }
        });
        let Some(Some(next)) = next else { return false };
        self.draft.set(next);
        true
    }

    /// Replaces the draft. The former one is added to the history.
    pub fn put_draft(&self, draft: Draft) {
        self.fill(draft, Vec::new());
    }

    /// Replaces the draft, and adds to the history: the former draft, then `next`, last first. A former draft over the
    /// history's size is in it only without `next`; the notice of a pasted command brings it back.
    pub fn fill(&self, draft: Draft, next: Vec<Draft>) {
        let Some(before) = self.draft.try_update(|it| std::mem::replace(it, draft)) else { return };
        self.history.try_update_value(|history| {
            let unfinished = (!before.text.is_empty()).then(|| history.add(before));
            let kept = unfinished.filter(|draft| !draft.text.is_empty());
            for draft in kept.into_iter().chain(next.into_iter().rev()) {
                history.add(draft);
            }
        });
    }

    /// Sends the attached file as a binary message, once the one before is sent. If that fails, it is put back.
    /// Reading happens in the worker: the page only passes the reference.
    pub fn send_file(&self) {
        if self.file_sent.with_untracked(Option::is_some) {
            return;
        }
        let file = self.file.try_update(Option::take).flatten();
        if let Some(file) = &file {
            self.file_command(&FileCommand::Send, file.content());
        }
        self.file_sent.set(file);
    }

    /// Sends a message. If it cannot be sent, it is kept among the unsent ones.
    /// Sends as is, without variables; the composer's draft stays.
    pub fn send(&self, message: Message) {
        self.command(ComposerCommand::Send(message));
    }

    /// Sends the unsent messages, in order. Those that fail again are kept again, in the same order.
    pub fn send_unsent(&self) {
        for message in self.unsent.try_update(std::mem::take).unwrap_or_default() {
            self.send(message);
        }
    }

    /// Discards the unsent messages. The notice of it can undo that.
    pub fn discard_unsent(&self) {
        let discarded = self.unsent.try_update(std::mem::take).unwrap_or_default();
        self.notify(Notice::Discarded(Arc::new(discarded)));
    }

    /// Puts discarded messages back, before those that came later. A notice tells if there is not room for all.
    pub(crate) fn put_unsent(&self, mut discarded: VecDeque<Message>) {
        self.change_unsent(|unsent| {
            discarded.append(unsent);
            *unsent = discarded;
        });
    }

    /// Changes the unsent messages. Those over a limit are dropped, the newest first, and a notice says so.
    fn change_unsent(&self, change: impl FnOnce(&mut VecDeque<Message>)) {
        let is_over = self.unsent.try_update(|unsent| {
            change(unsent);
            let mut bytes = 0;
            let fits = |it: &&Message| {
                bytes += it.len();
                bytes <= MAX_UNSENT_BYTES
            };
            let (kept, count) =
                (unsent.iter().take(MAX_UNSENT).take_while(fits).count(), unsent.len());
            unsent.truncate(kept);
            kept < count
        });
        if is_over == Some(true) {
            self.notify(Notice::UnsentDropped);
        }
    }

    /// Keeps what could not be sent where the person can send it again.
    pub(super) fn keep(&self, unsent: NotSent) {
        match unsent {
            NotSent::Message(message) => self.change_unsent(|unsent| unsent.push_back(message)),
            NotSent::Draft(draft) => {
                // A newer draft takes precedence; the refused one is in the history.
                if self.draft.try_with_untracked(|draft| draft.text.is_empty()) == Some(true) {
                    self.draft.try_set(draft);
                }
            }
            NotSent::File => {
                let sent = self.file_sent.try_update(Option::take).flatten();
                self.file.try_update(|file| *file = file.take().or(sent));
                self.notify(Notice::FileNotSent);
            }
        }
    }
}
