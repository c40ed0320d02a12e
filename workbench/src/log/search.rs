//! Search: filters that a query compiles to.

use serde::{Deserialize, Serialize};
use session::Payload;
use thiserror::Error;

use super::{
    field::{Field, FieldError},
    needle::{Needle, RegexError, Words},
    query::Query,
};
use crate::{
    log::{Content, Entry, LogEvent},
    payload::decode_hex,
};

/// Steps that an entry takes in any case. A step is about a byte searched: some nanoseconds.
const STEPS_OF_ENTRY: u64 = 64;

/// Searched bytes of a binary message for regular expressions, which need a copy as text.
const MAX_SEARCHED_BYTES: usize = 1 << 20;

/// Query that cannot be compiled, or takes too long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
pub enum QueryError {
    /// Its regular expression.
    #[error(transparent)]
    Regex(#[from] RegexError),
    /// Its condition on a field.
    #[error(transparent)]
    Field(#[from] FieldError),
}

/// Compiled query. Checks one entry after the other, in slices.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    query: Query,
    /// Text to find; `None` for any message.
    needle: Option<Needle>,
    /// Search text parsed as hexadecimal digits, for binary messages, which are displayed so.
    bytes: Option<Words>,
    field: Option<Field>,
    /// The entry whose payload is being searched.
    progress: Option<Progress>,
}

/// Progress in the payload of an entry.
#[derive(Clone, Debug, Default)]
struct Progress {
    id: u64,
    /// Bytes searched for words.
    at: usize,
    /// Matched bytes of both kinds of words.
    text: usize,
    bytes: usize,
    /// Binary payload as text, for an expression.
    as_text: Option<String>,
}

impl Filter {
    /// Compiles a query; `None` matches everything.
    pub(crate) fn new(query: Query) -> Result<Option<Self>, QueryError> {
        let query = Query { marks_only: false, ..query };
        if query.active_filters().is_empty() {
            return Ok(None);
        }
        let field = Field::parse(&query.field)?;
        let needle = Needle::new(&query)?;
        let bytes = decode_hex(&query.text).ok().filter(|bytes| !bytes.is_empty());
        let bytes = bytes.map(|bytes| Words::new(&bytes, true));
        Ok(Some(Self { query, needle, bytes, field, progress: None }))
    }

    /// Checks an entry, and takes the work from `steps`. `None` if they were used up before the
    /// answer: another call with the same entry goes on.
    pub(crate) fn admits(&mut self, entry: &Entry<'_>, steps: &mut u64) -> Option<bool> {
        let query = &self.query;
        let text;
        let (is_wanted, payload) = match entry.content {
            Content::Message(direction, payload) => (query.wants(direction, payload), payload),
            Content::Event(LogEvent::Control(frame)) => {
                text = frame.text();
                let text = text.as_deref().map(Payload::Text);
                let payload = text.unwrap_or(Payload::Binary(&frame.payload));
                (query.which.frames && self.field.is_none(), payload)
            }
            Content::Event(..) => {
                let finds_all = self.needle.is_none() && self.field.is_none();
                return Some(query.which.events && finds_all);
            }
        };
        let size = payload.len() as u64;
        let (mut progress, is_new) = match self.progress.take() {
            Some(progress) if progress.id == entry.id => (progress, false),
            _ => {
                *steps = steps.saturating_sub(STEPS_OF_ENTRY);
                if let Some(Needle::Expression(expression)) = &mut self.needle {
                    expression.restart();
                }
                (Progress { id: entry.id, ..Progress::default() }, true)
            }
        };
        let has_field = |field: &Field| {
            *steps = steps.saturating_sub(size);
            field.is_in(payload)
        };
        // At once: a message's JSON is not read in slices.
        let is_wanted = is_wanted && (!is_new || self.field.as_ref().is_none_or(has_field));
        let admits =
            if is_wanted { self.finds(payload, &mut progress, steps) } else { Some(false) };
        self.progress = admits.is_none().then_some(progress);
        admits
    }

    /// Searches on in a payload, as [`admits`](Self::admits) does.
    fn finds(
        &mut self,
        payload: Payload<'_>,
        progress: &mut Progress,
        steps: &mut u64,
    ) -> Option<bool> {
        match (&mut self.needle, payload) {
            (None, _) => Some(true),
            (Some(Needle::Words(text)), Payload::Text(hay)) => {
                progress.find(text, None, hay.as_bytes(), steps)
            }
            (Some(Needle::Words(text)), Payload::Binary(hay)) => {
                progress.find(text, self.bytes.as_ref(), hay, steps)
            }
            (Some(Needle::Expression(expression)), Payload::Text(hay)) => {
                expression.advance(hay.as_bytes(), steps)
            }
            (Some(Needle::Expression(expression)), Payload::Binary(hay)) => {
                let text = progress.as_text.get_or_insert_with(|| {
                    let searched = &hay[..hay.len().min(MAX_SEARCHED_BYTES)];
                    String::from_utf8_lossy(searched).into_owned()
                });
                expression.advance(text.as_bytes(), steps)
            }
        }
    }
}

impl Progress {
    /// Searches on for either words, a step a byte.
    fn find(
        &mut self,
        text: &Words,
        bytes: Option<&Words>,
        hay: &[u8],
        steps: &mut u64,
    ) -> Option<bool> {
        let slice = usize::try_from(*steps).unwrap_or(usize::MAX).min(hay.len() - self.at);
        for (index, byte) in hay[self.at..self.at + slice].iter().enumerate() {
            self.text = text.advance(self.text, *byte);
            let mut is_found = text.are_found(self.text);
            if let Some(bytes) = bytes {
                self.bytes = bytes.advance(self.bytes, *byte);
                is_found |= bytes.are_found(self.bytes);
            }
            if is_found {
                *steps -= index as u64 + 1;
                return Some(true);
            }
        }
        self.at += slice;
        *steps -= slice as u64;
        (self.at == hay.len()).then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use session::{Direction, EndReason, PayloadKind, Time};

    use super::*;
    use crate::{
        log::EntryKinds,
        relay::{ControlFrame, ControlKind},
    };

    fn words(text: &str) -> Query {
        Query { text: text.into(), ..Query::default() }
    }

    fn expression(text: &str) -> Query {
        Query { is_expression: true, ..words(text) }
    }

    const ALL: EntryKinds = EntryKinds { sent: true, received: true, events: true, frames: true };

    fn only(which: EntryKinds) -> Query {
        Query { which, ..Query::default() }
    }

    fn entry(content: Content<'_>) -> Entry<'_> {
        Entry { id: 0, at: Time(0), content, round_trip: None }
    }

    fn admits(query: Query, payload: Payload<'_>) -> bool {
        finds(query, Content::Message(Direction::In, payload))
    }

    fn finds(query: Query, content: Content<'_>) -> bool {
        let mut filter = Filter::new(query).unwrap().expect("it asks for something");
        let entry = entry(content);
        let whole = filter.admits(&entry, &mut u64::MAX.clone());
        // A step at a time, the answer is the same.
        let slices = std::iter::repeat_with(|| filter.admits(&entry, &mut 1)).take(1 << 20);
        assert_eq!(slices.flatten().next(), whole);
        whole.expect("there were steps enough")
    }

    #[test]
    fn search_ignores_case_unless_sensitive() {
        assert!(admits(words("HELLO"), Payload::Text("say hello")));
        assert!(!admits(
            Query { matches_case: true, ..words("HELLO") },
            Payload::Text("say hello")
        ));
        assert!(admits(words("안녕"), Payload::Text("야, 안녕!")));
        assert!(!admits(words("hello!"), Payload::Text("say hello")));
        assert!(admits(words("[a"), Payload::Text("words are no expression: [a")));
    }

    #[test]
    fn binary_matches_bytes_and_text() {
        let bytes = Payload::Binary(b"\x00\xde\xad\xbe\xefname");
        assert!(admits(words("de ad"), bytes));
        assert!(admits(words("ADBEEF"), bytes));
        assert!(!admits(words("dea"), bytes), "half a byte");
        assert!(admits(words("Name"), bytes));
        assert!(admits(expression("^.*n[a-z]+e$"), bytes));
    }

    #[test]
    fn regex_matches_and_errors() {
        assert!(admits(expression("^id-[0-9]+$"), Payload::Text("ID-42")));
        assert!(!admits(expression("^id-[0-9]+$"), Payload::Text("id-x")));
        let error = Filter::new(expression("(a")).unwrap_err().to_string();
        assert!(error.starts_with("This is not a regular expression: "), "{error}");
        // Exponential where expressions are matched by trying.
        assert!(!admits(expression("^(a+)+$"), Payload::Text(&("a".repeat(5_000) + "b"))));
        let error = Filter::new(expression("(a{1000}){1000}")).unwrap_err();
        assert_eq!(error, QueryError::Regex(RegexError::TooLarge));
    }

    #[test]
    fn a_field_filters_beside_the_text_and_hides_events() {
        let field = |field: &str| Query { field: field.into(), ..Query::default() };
        let message = Payload::Text(r#"{"type":"trade","note":"b"}"#);
        assert!(admits(field("type:trade"), message));
        assert!(admits(Query { text: "b".into(), ..field("type:trade") }, message));
        assert!(!admits(Query { text: "c".into(), ..field("type:trade") }, message));
        assert!(!admits(Query { text: "b".into(), ..field("type:quote") }, message));
        let ended = LogEvent::Ended(EndReason::Failed.into());
        assert!(!finds(field("$"), Content::Event(&ended)));
        let error = Filter::new(field("type =")).unwrap_err();
        assert_eq!(error, QueryError::Field(FieldError::Value));
    }

    #[test]
    fn a_match_takes_as_many_steps_as_the_bytes_before_it() {
        let text = "x".repeat(1 << 20) + "needle";
        for query in [words("needle"), expression("needle"), words("no such")] {
            let (mut filter, mut steps) = (Filter::new(query).unwrap().unwrap(), 1 << 24);
            let entry = entry(Content::Message(Direction::In, Payload::Text(&text)));
            filter.admits(&entry, &mut steps);
            let taken = (1 << 24) - steps;
            let bytes = text.len() as u64;
            assert!((bytes..bytes + bytes / 4).contains(&taken), "{taken} for {bytes}");
        }
    }

    #[test]
    fn direction_kind_and_size_filter() {
        let four = Payload::Text("four");
        assert!(!admits(only(EntryKinds { received: false, ..ALL }), four));
        assert!(admits(only(EntryKinds { sent: false, ..ALL }), four));
        assert!(!admits(Query { kind: Some(PayloadKind::Binary), ..Query::default() }, four));
        assert!(admits(Query { at_least: Some(4), at_most: Some(4), ..Query::default() }, four));
        assert!(!admits(Query { at_least: Some(5), ..Query::default() }, four));
        assert!(!admits(Query { at_most: Some(3), ..Query::default() }, four));
    }

    #[test]
    fn text_is_found_in_control_frames() {
        let admits = |kind, payload: &[u8], query| {
            let (direction, payload) = (Direction::In, payload.to_vec());
            let frame = ControlFrame { direction, kind, payload, frame: None, time: 0 };
            finds(query, Content::Event(&LogEvent::Control(frame)))
        };
        assert!(admits(ControlKind::Ping, b"p7", words("P7")));
        assert!(!admits(ControlKind::Ping, b"p7", words("p8")));
        assert!(admits(ControlKind::Pong, b"p7", expression("^p[0-9]$")));
        assert!(admits(ControlKind::Pong, b"\xffp7", words("ff 70")));
        let close = b"\x03\xf3the disk is full";
        assert!(admits(ControlKind::Close, close, words("1011")));
        assert!(admits(ControlKind::Close, close, words("disk")));
        assert!(admits(ControlKind::Raw, b"\x88\x02", words("88 02")));
        assert!(!admits(
            ControlKind::Ping,
            b"p7",
            Query { which: EntryKinds { frames: false, ..ALL }, ..words("p7") }
        ));
        assert!(!admits(ControlKind::Ping, b"p7", Query { field: "$".into(), ..words("p7") }));
    }

    #[test]
    fn text_search_hides_events() {
        let ended = LogEvent::Ended(EndReason::Failed.into());
        let admits = |query| finds(query, Content::Event(&ended));
        assert!(admits(only(EntryKinds { sent: false, ..ALL })));
        assert!(!admits(only(EntryKinds { events: false, ..ALL })));
        assert!(!admits(words("a")));
    }
}
