//! Query: the conditions of a search, and those of them that are active.

use serde::{Deserialize, Serialize};
use session::{Direction, Payload, PayloadKind};

/// Search query. Empty fields exclude nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// Words, or a regular expression.
    pub text: String,
    /// `text` is a regular expression, in the syntax of [`session::Pattern`].
    pub is_expression: bool,
    /// Case-sensitive. Otherwise letters match in either case; in words, those of ASCII.
    pub matches_case: bool,
    /// Matches of `text` are only marked: rows without one stay listed.
    pub marks_only: bool,
    /// Condition on a field of JSON messages, such as `data.price > 10`.
    pub field: String,
    /// Kinds of entries to list.
    pub which: EntryKinds,
    /// Only text messages, or only binary ones.
    pub kind: Option<PayloadKind>,
    /// Minimum payload size in bytes.
    pub at_least: Option<u64>,
    /// Maximum payload size in bytes.
    pub at_most: Option<u64>,
}

/// Kinds of entries to list.
#[expect(clippy::struct_excessive_bools, reason = "each kind is chosen apart from the others")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryKinds {
    /// Messages that were sent.
    pub sent: bool,
    /// Messages that were received.
    pub received: bool,
    /// Connection events; never listed while searching for text or a field.
    pub events: bool,
    /// Pings, pongs and Close frames of a relayed connection; never listed while searching for a field.
    pub frames: bool,
}

/// Active filter: a condition that excludes rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActiveFilter {
    /// Search text; `true` if it is a regular expression.
    Text(String, bool),
    /// Sent messages are hidden.
    WithoutSent,
    /// Received messages are hidden.
    WithoutReceived,
    /// Connection events are hidden.
    WithoutEvents,
    /// Pings, pongs and Close frames are hidden.
    WithoutFrames,
    /// Only text, or only binary messages.
    Kind(PayloadKind),
    /// Minimum size in bytes.
    AtLeast(u64),
    /// Maximum size in bytes.
    AtMost(u64),
    /// Condition on a JSON field.
    Field(String),
}

impl Default for Query {
    /// Matches everything.
    fn default() -> Self {
        Self {
            text: String::new(),
            is_expression: false,
            matches_case: false,
            marks_only: false,
            field: String::new(),
            which: EntryKinds { sent: true, received: true, events: true, frames: true },
            kind: None,
            at_least: None,
            at_most: None,
        }
    }
}

impl Query {
    /// Active filters, in the order of the page. Text that is only marked is none.
    #[must_use]
    pub fn active_filters(&self) -> Vec<ActiveFilter> {
        let filters_text = !self.text.is_empty() && !self.marks_only;
        let text = || ActiveFilter::Text(self.text.clone(), self.is_expression);
        let field = || ActiveFilter::Field(self.field.clone());
        let hidden = [
            (!self.which.sent, ActiveFilter::WithoutSent),
            (!self.which.received, ActiveFilter::WithoutReceived),
            (!self.which.events, ActiveFilter::WithoutEvents),
            (!self.which.frames, ActiveFilter::WithoutFrames),
        ];
        let hidden = hidden.into_iter().filter_map(|(is_hidden, it)| is_hidden.then_some(it));
        let filters = filters_text.then(text).into_iter().chain(hidden);
        filters
            .chain(self.kind.map(ActiveFilter::Kind))
            .chain(self.at_least.map(ActiveFilter::AtLeast))
            .chain(self.at_most.map(ActiveFilter::AtMost))
            .chain((!self.field.trim().is_empty()).then(field))
            .collect()
    }

    /// Removes a filter.
    pub fn remove(&mut self, filter: &ActiveFilter) {
        match filter {
            ActiveFilter::Text(..) => self.text.clear(),
            ActiveFilter::WithoutSent => self.which.sent = true,
            ActiveFilter::WithoutReceived => self.which.received = true,
            ActiveFilter::WithoutEvents => self.which.events = true,
            ActiveFilter::WithoutFrames => self.which.frames = true,
            ActiveFilter::Kind(_) => self.kind = None,
            ActiveFilter::AtLeast(_) => self.at_least = None,
            ActiveFilter::AtMost(_) => self.at_most = None,
            ActiveFilter::Field(_) => self.field.clear(),
        }
    }

    /// True if a message is of a wanted direction, kind and size.
    pub(super) fn wants(&self, direction: Direction, payload: Payload<'_>) -> bool {
        let size = payload.len() as u64;
        let wants_direction = match direction {
            Direction::Out => self.which.sent,
            Direction::In => self.which.received,
        };
        wants_direction
            && self.kind.is_none_or(|kind| kind == payload.kind())
            && self.at_least.is_none_or(|least| size >= least)
            && self.at_most.is_none_or(|most| size <= most)
    }

    /// Query of the rows to list: without the text if it is only marked.
    pub(crate) fn listed(&self) -> Self {
        let text = if self.marks_only { String::new() } else { self.text.clone() };
        Self { text, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_active_filter_can_be_removed() {
        let mut query = Query {
            text: "a".into(),
            field: "b = 1".into(),
            which: EntryKinds { sent: false, received: false, events: false, frames: false },
            kind: Some(PayloadKind::Text),
            at_least: Some(1),
            at_most: Some(2),
            ..Query::default()
        };
        let filters = query.active_filters();
        assert_eq!(filters.len(), 9);
        for (removed, filter) in filters.iter().enumerate() {
            query.remove(filter);
            assert_eq!(query.active_filters(), filters[removed + 1..]);
        }
        assert_eq!(query, Query::default());
    }

    #[test]
    fn text_that_is_only_marked_is_no_filter() {
        let query = Query { text: "a".into(), marks_only: true, ..Query::default() };
        assert_eq!((query.active_filters(), query.listed().text), (Vec::new(), String::new()));
    }
}
