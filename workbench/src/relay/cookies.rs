//! Header `Cookie` as names and values (RFC 6265 section 4.2.1).

/// Name of the header.
const NAME: &str = "Cookie";

/// Between two cookies.
const SEPARATOR: &str = "; ";

/// Characters that end a part of a header: a cookie, its name, or the name of a user.
const SEPARATORS: &str = ";=:";

/// Cookies of the first such header.
#[must_use]
pub fn cookies(headers: &[(String, String)]) -> Vec<(String, String)> {
    let header = headers.iter().find(|(name, _)| is_it(name));
    let pairs = header.into_iter().flat_map(|(_, value)| value.split(';'));
    let cookie = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (as_typed(name), as_typed(value))
    };
    pairs.map(str::trim_start).map(cookie).collect()
}

/// Writes the cookies into the first such header, or a new one; without any, removes it. What
/// [`cookie_error`](super::cookie_error) refuses is kept as it was typed.
pub fn put_cookies(cookies: &[(String, String)], headers: &mut Vec<(String, String)>) {
    let pairs = cookies.iter().map(|(name, value)| {
        let (name, value) = (held(name, "=;"), held(value, ";"));
        if name.is_empty() && value.is_empty() { name } else { format!("{name}={value}") }
    });
    let value = pairs.collect::<Vec<_>>().join(SEPARATOR);
    put_header(NAME, (!cookies.is_empty()).then_some(value), headers);
}

/// Part of a header with the separators in it as control characters, which no header is sent with.
pub(super) fn held(part: &str, separators: &str) -> String {
    let held = |it: char| if separators.contains(it) { control(it) } else { it };
    part.chars().map(held).collect()
}

/// Part of a header as it was before [`held`].
pub(super) fn as_typed(part: &str) -> String {
    let typed = |it| SEPARATORS.chars().find(|of| control(*of) == it).unwrap_or(it);
    part.chars().map(typed).collect()
}

/// Control character of an ASCII character, as by the Control key.
fn control(character: char) -> char {
    char::from(character as u8 & 0x1f)
}

/// Writes the value into the first header of this name, or a new one; without any, removes it.
pub(super) fn put_header(name: &str, value: Option<String>, headers: &mut Vec<(String, String)>) {
    let at = headers.iter().position(|(it, _)| it.trim().eq_ignore_ascii_case(name));
    match (at, value) {
        (Some(at), Some(value)) => headers[at].1 = value,
        (Some(at), None) => drop(headers.remove(at)),
        (None, value) => headers.extend(value.map(|value| (name.to_owned(), value))),
    }
}

/// Value without the rows that are still empty; another header's value stays.
pub(super) fn filled<'a>(name: &str, value: &'a str) -> std::borrow::Cow<'a, str> {
    if !is_it(name) || !value.split(';').any(|pair| pair.trim().is_empty()) {
        return value.into();
    }
    let pairs = value.split(';').map(str::trim).filter(|pair| !pair.is_empty());
    pairs.collect::<Vec<_>>().join(SEPARATOR).into()
}

fn is_it(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case(NAME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{pair, pairs};

    #[test]
    fn cookies_are_read_as_they_were_written() {
        let all = pairs([("sid", "a=b"), ("", ""), ("lang", ""), ("", "{{x}}")]);
        let mut headers = pairs([("X", "y")]);
        put_cookies(&all, &mut headers);
        assert_eq!(headers[1], pair("Cookie", "sid=a=b; ; lang=; ={{x}}"));
        assert_eq!(cookies(&headers), all);
        let all = pairs([("a;=", "b"), ("sid", "abc; theme=dark")]);
        put_cookies(&all, &mut headers);
        assert_eq!(cookies(&headers), all);
        put_cookies(&[], &mut headers);
        assert_eq!((headers.len(), cookies(&headers)), (1, Vec::new()));
        assert_eq!(cookies(&[pair("cookie", "a=b;c")]), pairs([("a", "b"), ("c", "")]));
    }

    #[test]
    fn rows_that_are_empty_are_not_sent() {
        assert_eq!(filled("cookie", "a=b; ; c=d; "), "a=b; c=d");
        assert_eq!(filled("Cookie", "a=b;c=d"), "a=b;c=d");
        assert_eq!(filled("X", "a;;"), "a;;");
    }
}
