//! Sequence number of a message in a numbered stream.
//!
//! Called for every message: reads the first [`MAX_SCANNED_BYTES`] bytes, and parses only as needed.

use serde::{Deserialize, Serialize};
use session::{ECHO_PREFIX, Payload};

/// Scanned bytes of a message, at most. Takes a tenth of a microsecond
/// (docs/decisions/0008-measure.md).
const MAX_SCANNED_BYTES: usize = 128;

/// Keys of a sequence number in JSON, by priority.
const KEYS: [&[u8]; 3] = [b"seq", b"sequence", b"id"];

/// Location of the number in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NumberForm {
    /// Leading decimal of a text, as in `12` and `12: temperature`; not a time, date or fraction.
    Text,
    /// Integer member `seq`, `sequence` or `id` of a JSON object.
    Json,
    /// Leading 8 bytes of a binary message, big-endian.
    Binary,
}

/// Candidate number of a message. The server's prefix `Echo: ` is skipped.
pub(super) fn number(payload: Payload<'_>) -> Option<(NumberForm, u64)> {
    match payload {
        Payload::Binary(bytes) => {
            let (first, _) = bytes.split_first_chunk()?;
            Some((NumberForm::Binary, u64::from_be_bytes(*first)))
        }
        Payload::Text(text) => {
            let bytes = text.strip_prefix(ECHO_PREFIX).unwrap_or(text).as_bytes();
            match bytes.first()? {
                b'0'..=b'9' => Some((NumberForm::Text, leading(bytes)?)),
                b'{' | b' ' | b'\t' | b'\n' | b'\r' => Some((NumberForm::Json, member(bytes)?)),
                _ => None,
            }
        }
    }
}

/// Leading decimal number.
fn leading(bytes: &[u8]) -> Option<u64> {
    let (number, rest) = digits(bytes)?;
    let ends = match rest {
        [] => true,
        // 21.5, 12:01, 2026-01-02, 1/2
        [b'.' | b':' | b'-' | b'/', next, ..] if next.is_ascii_digit() => false,
        [next, ..] => next.is_ascii_whitespace() || next.is_ascii_punctuation(),
    };
    ends.then_some(number)
}

/// Sequence number of a JSON object. Undefined for invalid JSON.
fn member(bytes: &[u8]) -> Option<u64> {
    let mut rest = blank(&bytes[..bytes.len().min(MAX_SCANNED_BYTES)]).strip_prefix(b"{")?;
    let mut found = None;
    // A truncated member counts as missing.
    while let Some((key, value)) = key(blank(rest)) {
        if let Some(rank) = KEYS.iter().position(|it| *it == key)
            && found.is_none_or(|(best, _)| rank < best)
            && let Some((number, [b',' | b'}' | b' ' | b'\t' | b'\n' | b'\r', ..])) = digits(value)
        {
            if rank == 0 {
                return Some(number);
            }
            found = Some((rank, number));
        }
        let Some(after) = value_end(value).and_then(|end| value[end..].strip_prefix(b",")) else {
            break;
        };
        rest = after;
    }
    found.map(|(_, number)| number)
}

/// Key, and the rest from its value on.
fn key(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = bytes.strip_prefix(b"\"")?;
    let end = string_end(inside)?;
    let value = blank(&inside[end + 1..]).strip_prefix(b":")?;
    Some((&inside[..end], blank(value)))
}

/// Index of a string's closing quotation mark.
fn string_end(inside: &[u8]) -> Option<usize> {
    let mut place = 0;
    loop {
        place += inside.get(place..)?.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        if inside[place] == b'"' {
            return Some(place);
        }
        place += 2;
    }
}

/// Index of the comma or bracket after a value.
fn value_end(value: &[u8]) -> Option<usize> {
    let (mut depth, mut place) = (0_usize, 0);
    loop {
        match value.get(place)? {
            b'"' => place += 1 + string_end(&value[place + 1..])?,
            b',' | b'}' | b']' if depth == 0 => return Some(place),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        place += 1;
    }
}

fn blank(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii_start()
}

/// Decimal number, and the rest.
fn digits(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0_u64;
    let mut count = 0;
    for byte in bytes.iter().take_while(|byte| byte.is_ascii_digit()) {
        number = number.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
        count += 1;
        if count > MAX_SCANNED_BYTES {
            return None;
        }
    }
    (count > 0).then_some((number, &bytes[count..]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn of(text: &str) -> Option<(NumberForm, u64)> {
        number(Payload::Text(text))
    }

    #[test]
    fn a_text_begins_with_its_number() {
        for text in ["12", "12 ", "12\tx", "12: x", "12. x", "12,5", "0012;", "Echo: 12 x", "12-x"]
        {
            assert_eq!(of(text), Some((NumberForm::Text, 12)), "{text}");
        }
        assert_eq!(of("18446744073709551615"), Some((NumberForm::Text, u64::MAX)));
    }

    #[test]
    fn a_text_that_begins_with_something_else_has_none() {
        for text in [
            "", "x", "-1", "+1", "12x", "12번", "21.5", "12:01:07", "2026-01-02", "1/2", " 12",
            "18446744073709551616", "Echo: Echo: 12", "[12]",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
        assert_eq!(of(&"0".repeat(1_000)), None);
    }

    #[test]
    fn json_is_numbered_by_a_member() {
        for text in [
            r#"{"seq":12,"fill":"abc"}"#,
            " {\n \"seq\" : 12\n}",
            r#"Echo: {"sequence":12}"#,
            r#"{"id":12}"#,
            r#"{"id":5,"sequence":6,"seq":12}"#,
            r#"{"id":"a","a":"\"},{\\","b":[{"seq":3},[]],"c":-1.5e3,"seq":12}"#,
        ] {
            assert_eq!(of(text), Some((NumberForm::Json, 12)), "{text}");
        }
    }

    #[test]
    fn json_without_such_a_member_has_none() {
        for text in [
            "{}", "{", r#"{"seq""#, r#"{"seq":12"#, r#"{"seq":12.5}"#, r#"{"seq":12e3}"#,
            r#"{"seq":-12}"#, r#"{"seq":"12"}"#, r#"{"a":{"seq":12}}"#, r#"{"a":"seq\":12"}"#,
            r#"{"seq":null}"#, r#"[{"seq":12}]"#, r#"{"SEQ":12}"#, "  ",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn the_number_lies_within_the_scanned_bytes() {
        // `{"a":"…","seq":1,`: 15 bytes beside the filling and what ends the number.
        let text = |filling: usize| format!(r#"{{"a":"{}","seq":1,"b":2}}"#, "x".repeat(filling));
        let room = MAX_SCANNED_BYTES - r#"{"a":"","seq":1,"#.len();
        assert_eq!(of(&text(room)), Some((NumberForm::Json, 1)));
        assert_eq!(of(&text(room + 1)), None);
    }

    #[test]
    fn binary_begins_with_its_number() {
        let bytes = [0, 0, 0, 0, 0, 0, 1, 2, 3];
        assert_eq!(number(Payload::Binary(&bytes)), Some((NumberForm::Binary, 258)));
        assert_eq!(number(Payload::Binary(&bytes[..7])), None);
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(|number| json!(number)),
            "[a-z\"\\\\{}:,\\[\\]]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-c\"]|seq|id", inner, 0..3)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn scanning_never_panics(text in "[{}\\[\\]\":, \\\\seqid0-9가]{0,60}") {
            of(&text);
        }

        #[test]
        fn numbers_agree_with_a_full_parse(
            members in prop::collection::btree_map("[a-c\"\\\\]{1,2}|seq|sequence|id", json_value(), 0..5)
        ) {
            let object = Value::Object(members.into_iter().collect());
            let text = object.to_string();
            prop_assume!(text.len() <= MAX_SCANNED_BYTES);
            let expected = ["seq", "sequence", "id"].iter().find_map(|key| object[key].as_u64());
            prop_assert_eq!(of(&text), expected.map(|number| (NumberForm::Json, number)));
        }
    }
}
