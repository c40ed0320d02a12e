//! History of sent drafts, browsed with the arrow keys.

use std::collections::VecDeque;

use crate::compose::Draft;

/// Maximum number of drafts.
pub const MAX_SENT: usize = 200;
/// Maximum size in bytes, of the sent drafts and of their edited versions. A longer draft is kept until the next one.
const MAX_SENT_BYTES: usize = 1 << 20;

/// Sent drafts, and a cursor over them and the unsent draft. Edits made while browsing last until
/// something is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentHistory {
    /// Oldest first.
    sent: VecDeque<Draft>,
    /// Index of the displayed draft; the number of sent drafts for the unsent one.
    at: usize,
    /// Drafts edited while browsing, by index.
    changed: Vec<(usize, Draft)>,
}

impl SentHistory {
    /// Drafts, oldest first.
    #[must_use]
    pub fn drafts(&self) -> impl DoubleEndedIterator<Item = &Draft> {
        self.sent.iter()
    }

    /// Adds a sent draft, unless it repeats the previous one; evicts the oldest. Returns the draft to display: the unsent
    /// one that was left, or an empty one of the same form.
    pub fn add(&mut self, draft: Draft) -> Draft {
        let is_walking = self.at < self.sent.len();
        self.at = self.sent.len();
        let unfinished = if is_walking { self.shown() } else { None };
        let next = unfinished.unwrap_or_else(|| Draft::new(draft.form, ""));
        if self.sent.back() != Some(&draft) {
            let is_long = |draft: &Draft| draft.text.len() > MAX_SENT_BYTES;
            if self.sent.back().is_some_and(is_long) {
                self.sent.pop_back();
            }
            self.sent.push_back(draft);
            let others = self.sent.iter().filter(|draft| !is_long(draft));
            let mut bytes: usize = others.map(|draft| draft.text.len()).sum();
            while self.sent.len() > MAX_SENT || bytes > MAX_SENT_BYTES {
                bytes -= self.sent.pop_front().map_or(0, |oldest| oldest.text.len());
            }
        }
        self.changed.clear();
        self.at = self.sent.len();
        next
    }

    /// Previous draft, when the composer shows `current`; `None` at the oldest.
    pub fn older(&mut self, current: &Draft) -> Option<Draft> {
        let at = self.at.checked_sub(1)?;
        self.leave(current);
        self.at = at;
        self.shown()
    }

    /// Next draft, when the composer shows `current`; `None` at the unsent draft.
    pub fn newer(&mut self, current: &Draft) -> Option<Draft> {
        if self.at == self.sent.len() {
            return None;
        }
        self.leave(current);
        self.at += 1;
        self.shown()
    }

    /// Stores the displayed draft, if it fits. The unsent one always does.
    fn leave(&mut self, current: &Draft) {
        self.changed.retain(|(place, _)| *place != self.at);
        let bytes: usize = self.changed.iter().map(|(_, draft)| draft.text.len()).sum();
        let is_unfinished = self.at == self.sent.len();
        let has_room = bytes + current.text.len() <= MAX_SENT_BYTES;
        if is_unfinished || has_room && self.sent.get(self.at) != Some(current) {
            self.changed.push((self.at, current.clone()));
        }
    }

    /// Draft at the present place, with the changes that were made to it there.
    fn shown(&self) -> Option<Draft> {
        let changed = self.changed.iter().find(|(place, _)| *place == self.at);
        changed.map(|(_, draft)| draft).or_else(|| self.sent.get(self.at)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::compose::Form;

    fn text(text: &str) -> Draft {
        Draft::new(Form::Text, text)
    }

    fn history(texts: &[&str]) -> SentHistory {
        let mut history = SentHistory::default();
        for it in texts {
            history.add(text(it));
        }
        history
    }

    #[test]
    fn edits_while_browsing_last_until_a_send() {
        let mut history = history(&["a", "b"]);
        history.older(&text("unfinished"));
        assert_eq!(history.older(&text("b!")), Some(text("a")));
        assert_eq!(history.newer(&text("a")), Some(text("b!")));
        assert_eq!(history.newer(&text("b!")), Some(text("unfinished")));
        assert_eq!(history.older(&text("more")), Some(text("b!")));
        // The old one is sent once more; the draft that was being written comes back.
        assert_eq!(history.add(text("b!")), text("more"));
        assert_eq!(history.older(&text("more")), Some(text("b!")));
        assert_eq!(history.older(&text("b!")), Some(text("b")));
    }

    #[test]
    fn consecutive_duplicates_are_stored_once() {
        let mut history = history(&["a", "a", "b", "a"]);
        history.add(Draft::new(Form::Json, "a"));
        let drafts: Vec<_> = history.drafts().map(|it| (it.form, it.text.as_str())).collect();
        let expected = [(Form::Text, "a"), (Form::Text, "b"), (Form::Text, "a"), (Form::Json, "a")];
        assert_eq!(drafts, expected);
    }

    #[test]
    fn sending_clears_the_draft_and_keeps_its_form() {
        let sent = SentHistory::default().add(Draft::new(Form::Hex, "00"));
        assert_eq!(sent, Draft::new(Form::Hex, ""));
    }

    #[test]
    fn one_past_a_limit_evicts_the_oldest() {
        let numbers: Vec<_> = (0..=MAX_SENT).map(|number| number.to_string()).collect();
        let history = history(&numbers.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(history.drafts().count(), MAX_SENT);
        assert_eq!(history.drafts().next(), Some(&text("1")));

        let mut history = self::history(&["a", "b"]);
        history.add(text(&"x".repeat(MAX_SENT_BYTES - 1)));
        assert_eq!(history.drafts().next(), Some(&text("b")));
        // What is longer than all may be is kept until the next, and costs no other.
        history.add(text(&"x".repeat(MAX_SENT_BYTES + 1)));
        let kept: Vec<_> = history.drafts().map(|it| it.text.len()).collect();
        assert_eq!(kept, [1, MAX_SENT_BYTES - 1, MAX_SENT_BYTES + 1]);
        history.add(text("c"));
        let kept: Vec<_> = history.drafts().map(|it| it.text.len()).collect();
        assert_eq!(kept, [MAX_SENT_BYTES - 1, 1]);
        history.add(text(&"x".repeat(MAX_SENT_BYTES)));
        assert_eq!(history.drafts().count(), 1);
    }

    proptest! {
        #[test]
        fn browsing_loses_no_edits(
            sent in prop::collection::vec("[a-c]", 0..6),
            steps in prop::collection::vec((any::<bool>(), prop::option::of("[d-f]{1,3}")), 0..40)
        ) {
            let mut history = history(&sent.iter().map(String::as_str).collect::<Vec<_>>());
            // What stands at each place, the draft that is being written last.
            let mut lines: Vec<_> = history.drafts().cloned().chain([text("new")]).collect();
            let mut at = lines.len() - 1;
            for (is_up, typed) in steps {
                if let Some(typed) = typed {
                    lines[at] = text(&typed);
                }
                let next = if is_up { at.checked_sub(1) } else { Some(at + 1) };
                let next = next.filter(|next| *next < lines.len());
                let shown = if is_up { history.older(&lines[at]) } else { history.newer(&lines[at]) };
                prop_assert_eq!(shown.as_ref(), next.map(|next| &lines[next]));
                at = next.unwrap_or(at);
            }
            let is_walking = at + 1 < lines.len();
            let next = history.add(lines[at].clone());
            let expected = if is_walking { lines[lines.len() - 1].clone() } else { text("") };
            prop_assert_eq!(next, expected);
        }
    }
}
