//! Query of an address as rows of names and values (RFC 3986 section 3.4).
//!
//! The address is the only state: a row is a view of a part of it, and a change to a row rewrites
//! only that part. Works on half-typed addresses, so that the rows follow the typing.

use std::ops::Range;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use session::names_a_secret;

use crate::compose::placeholders;

/// Decoded `name=value` pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Text before the first `=`.
    pub name: String,
    /// Text after the first `=`; `None` without one.
    pub value: Option<String>,
}

/// Parameters of an address, in order. An empty query has one, without a name.
#[must_use]
pub fn parameters(address: &str) -> Vec<Parameter> {
    let Some(query) = query(address) else { return Vec::new() };
    address[query]
        .split('&')
        .map(|piece| {
            let (name, value) = halves(piece);
            Parameter { name: decoded(name), value: value.map(decoded) }
        })
        .collect()
}

/// Name of the first parameter that is secret by its name and has an empty value, with the byte at which that belongs:
/// it may have had one, which was not stored.
#[must_use]
pub fn missing_secret(address: &str) -> Option<(String, usize)> {
    let query = query(address)?;
    let mut end = query.start;
    address[query].split('&').find_map(|piece| {
        end += piece.len() + 1;
        let name = halves(piece).1.filter(|value| value.is_empty()).map(|_| halves(piece).0)?;
        let name = decoded(name);
        names_a_secret(&name).then_some((name, end - 1))
    })
}

/// Renames parameter `index` in the address.
#[must_use]
pub fn with_name(address: &str, index: usize, name: &str) -> String {
    replaced(address, index, |piece| match halves(piece).1 {
        Some(value) => format!("{}={value}", encoded(name)),
        None => encoded(name),
    })
}

/// Sets the value of parameter `index` in the address.
#[must_use]
pub fn with_value(address: &str, index: usize, value: &str) -> String {
    replaced(address, index, |piece| format!("{}={}", halves(piece).0, encoded(value)))
}

/// Appends a parameter to the address; an empty one may be filled in later.
#[must_use]
pub fn with_parameter(address: &str, name: &str, value: &str) -> String {
    let (at, separator) = match query(address) {
        // Nothing is there yet but the question mark.
        Some(query) if query.is_empty() && !name.is_empty() => (query.end, ""),
        Some(query) => (query.end, "&"),
        None => (fragment(address), "?"),
    };
    let equals = if value.is_empty() { "" } else { "=" };
    let piece = format!("{separator}{}{equals}{}", encoded(name), encoded(value));
    spliced(address, at..at, &piece)
}

/// Removes parameter `index` from the address, and the question mark with the last one.
#[must_use]
pub fn without_parameter(address: &str, index: usize) -> String {
    let Some(mut piece) = piece(address, index) else { return address.to_owned() };
    // The sign before it goes with it; of the first one of several, the one behind it.
    if index == 0 && address[piece.end..].starts_with('&') {
        piece.end += 1;
    } else {
        piece.start -= 1;
    }
    spliced(address, piece, "")
}

/// Removes the parameters of this name from the address, and the question mark with the last one.
pub(super) fn without_named(address: &str, name: &str) -> String {
    let Some(query) = query(address) else { return address.to_owned() };
    let pieces = address[query.clone()].split('&');
    let kept: Vec<_> = pieces.filter(|piece| decoded(halves(piece).0) != name).collect();
    let start = query.start - usize::from(kept.is_empty());
    spliced(address, start..query.end, &kept.join("&"))
}

/// Bytes not escaped in a path or query: fewer than RFC 3986 allows, so that all servers agree.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b':')
    .remove(b'@');

/// Percent-encodes text for a path or for a name or value of a query. A space becomes `%20`.
/// Variables such as `{{name}}` stay as they are.
#[must_use]
pub fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    let mut from = 0;
    for place in placeholders(text) {
        encoded.extend(utf8_percent_encode(&text[from..place.start], QUERY));
        encoded.push_str(&text[place.clone()]);
        from = place.end;
    }
    encoded.extend(utf8_percent_encode(&text[from..], QUERY));
    encoded
}

/// Percent-encodes the value of a variable in a query.
pub(super) fn encoded_value(value: &str) -> String {
    utf8_percent_encode(value, QUERY).to_string()
}

/// Decodes a name or value of a query as servers do: `+` is a space (WHATWG URL,
/// `application/x-www-form-urlencoded`), and invalid UTF-8 becomes U+FFFD.
#[must_use]
pub fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&unescaped(text)).into_owned()
}

/// Decodes to bytes, as [`decoded`] does.
pub(crate) fn unescaped(text: &str) -> Vec<u8> {
    percent_decode_str(&text.replace('+', " ")).collect()
}

/// Start of the fragment: invalid in a finished address, possible in a half-typed one.
fn fragment(address: &str) -> usize {
    address.find('#').unwrap_or(address.len())
}

/// Range of the query, without its question mark.
fn query(address: &str) -> Option<Range<usize>> {
    let end = fragment(address);
    Some(address[..end].find('?')? + 1..end)
}

/// Range of parameter `index`.
fn piece(address: &str, index: usize) -> Option<Range<usize>> {
    let query = query(address)?;
    let mut start = query.start;
    for (at, piece) in address[query].split('&').enumerate() {
        if at == index {
            return Some(start..start + piece.len());
        }
        start += piece.len() + 1;
    }
    None
}

/// Name and value; no value without an equals sign.
fn halves(piece: &str) -> (&str, Option<&str>) {
    match piece.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (piece, None),
    }
}

/// Address with a changed parameter; unchanged if there is none at the index.
fn replaced(address: &str, index: usize, change: impl FnOnce(&str) -> String) -> String {
    let Some(piece) = piece(address, index) else { return address.to_owned() };
    let changed = change(&address[piece.clone()]);
    spliced(address, piece, &changed)
}

/// Address with other text in a range of bytes.
fn spliced(address: &str, range: Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &address[..range.start], &address[range.end..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parameter(name: &str, value: Option<&str>) -> Parameter {
        Parameter { name: name.into(), value: value.map(Into::into) }
    }

    #[test]
    fn a_query_is_read_as_rows() {
        let address = "ws://a/b?one=1&flag&=x&two=a=b&%C3%A9=a+b%2B%20c&bad=%zz%ff#f?g=h";
        let expected = [
            parameter("one", Some("1")),
            parameter("flag", None),
            parameter("", Some("x")),
            parameter("two", Some("a=b")),
            parameter("é", Some("a b+ c")),
            parameter("bad", Some("%zz\u{fffd}")),
        ];
        assert_eq!(parameters(address), expected);
        assert_eq!(parameters("ws://a/b"), []);
        assert_eq!(parameters("ws://a/#?b=c"), []);
        assert_eq!(parameters("ws://a/?"), [parameter("", None)]);
    }

    #[test]
    fn a_row_is_changed_and_nothing_else() {
        let address = "localhost/b?a=%zz+&flag&c=x#f";
        assert_eq!(with_value(address, 2, "ü &"), "localhost/b?a=%zz+&flag&c=%C3%BC%20%26#f");
        assert_eq!(with_value(address, 1, "on"), "localhost/b?a=%zz+&flag=on&c=x#f");
        assert_eq!(with_name(address, 0, "b=?"), "localhost/b?b%3D%3F=%zz+&flag&c=x#f");
        assert_eq!(with_name(address, 1, "f"), "localhost/b?a=%zz+&f&c=x#f");
        assert_eq!(with_name(address, 3, "none"), address);
    }

    #[test]
    fn variables_in_a_row_stay_variables() {
        let address = with_parameter("a/b", "token", "{{token}} {{random 1 100}}&{{");
        assert_eq!(address, "a/b?token={{token}}%20{{random 1 100}}%26%7B%7B");
        let value = "{{token}} {{random 1 100}}&{{";
        assert_eq!(parameters(&address), [parameter("token", Some(value))]);
    }

    #[test]
    fn a_secret_without_its_value_is_missing() {
        let address = "ws://h/a=?x=&token=t&api%5Fkey=&b=c";
        let (name, at) = missing_secret(address).unwrap();
        assert_eq!((name.as_str(), &address[at..]), ("api_key", "&b=c"));
        for complete in ["ws://h/token=", "ws://h?token", "ws://h?token=={{t}}", "ws://h?x=token="]
        {
            assert_eq!(missing_secret(complete), None, "{complete}");
        }
    }

    #[test]
    fn a_row_is_added_and_removed() {
        assert_eq!(with_parameter("a/b", "", ""), "a/b?");
        assert_eq!(with_parameter("a/b?", "", ""), "a/b?&");
        assert_eq!(with_parameter("a/b?", "n", "v"), "a/b?n=v");
        assert_eq!(with_parameter("a/b?x#f", "n", ""), "a/b?x&n#f");
        assert_eq!(with_parameter("a/b#f", "n", "v"), "a/b?n=v#f");
        assert_eq!(without_parameter("a?x&y&z#f", 0), "a?y&z#f");
        assert_eq!(without_parameter("a?x&y&z#f", 1), "a?x&z#f");
        assert_eq!(without_parameter("a?x&y&z#f", 2), "a?x&y#f");
        assert_eq!(without_parameter("a?x#f", 0), "a#f");
        assert_eq!(without_parameter("a?", 0), "a");
        assert_eq!(without_parameter("a?x", 1), "a?x");
    }

    fn address() -> impl Strategy<Value = String> {
        "ws://h/([a=&?%+é#/]|%41|%e9){0,19}"
    }

    proptest! {
        #[test]
        fn output_parses_back(text in any::<String>()) {
            prop_assert_eq!(decoded(&encoded(&text)), text);
        }

        #[test]
        fn changing_a_row_keeps_the_others(
            address in address(), index in 0..6_usize, text in any::<String>(), is_name in any::<bool>()
        ) {
            let before = parameters(&address);
            let change = if is_name { with_name } else { with_value };
            let changed = change(&address, index, &text);
            if index >= before.len() {
                prop_assert_eq!(changed, address);
            } else {
                let mut expected = before.clone();
                if is_name {
                    expected[index].name.clone_from(&text);
                } else {
                    expected[index].value = Some(text);
                }
                prop_assert_eq!(parameters(&changed), expected);
                // Undone, every byte outside of the row is where it was.
                let around = piece(&address, index).unwrap();
                prop_assert!(changed.starts_with(&address[..around.start]));
                prop_assert!(changed.ends_with(&address[around.end..]));
            }
        }

        #[test]
        fn an_added_row_can_be_taken_out_again(address in address(), name in "[a-z&=+é]{1,4}") {
            let before = parameters(&address);
            let added = with_parameter(&address, &name, "v");
            let rows = parameters(&added);
            prop_assert_eq!(rows.last(), Some(&parameter(&name, Some("v"))));
            let is_first = before.is_empty() || before == [parameter("", None)];
            prop_assert_eq!(rows.len(), if is_first { 1 } else { before.len() + 1 });
            if before.len() != 1 || !is_first {
                prop_assert_eq!(without_parameter(&added, rows.len() - 1), address);
            }
        }
    }
}
