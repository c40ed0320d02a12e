//! Secrets beside variables: what is typed, and masks in URLs.

use std::borrow::Cow;

use session::{ENDS_OF_VALUE, MASK, mask_url_with};

use super::template::braces;

/// Bytes of a secret that is hidden wherever it is repeated, at least: shorter ones are parts of words.
pub(crate) const MIN_SECRET: usize = 4;

/// Text outside the placeholders of variables, such as `{{token}}`.
pub(crate) fn typed_text(text: &str) -> String {
    let mut typed = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        let (len, is_placeholder) = braces(&rest[at..]);
        typed += &rest[..if is_placeholder { at } else { at + len }];
        rest = &rest[at + len..];
    }
    typed + rest
}

/// True of a text whose secret is in variables: too little is typed beside them to be one.
#[must_use]
pub fn is_in_variables(text: &str) -> bool {
    let typed = typed_text(text).len();
    typed < text.len() && typed < MIN_SECRET
}

/// Masks a URL, or a line with one in it, as [`session::mask_url`] does, but for empty values and those whose secret is
/// in variables.
#[must_use]
pub fn mask_url<'a>(text: &'a str, mask: &str) -> Cow<'a, str> {
    mask_url_with(text, mask, |text| {
        let len = value_len(text);
        (len, len == 0 || is_in_variables(&text[..len]))
    })
}

/// Masks the secrets in a URL, as [`mask_url`] does.
pub(crate) fn mask_secrets(url: &mut String) {
    if let Cow::Owned(masked) = mask_url(url, MASK) {
        *url = masked;
    }
}

/// Bytes of the value that a text begins with, in which variables may have spaces.
fn value_len(text: &str) -> usize {
    let mut len = 0;
    while let Some(next) = text[len..].find(|sign| sign == '{' || ENDS_OF_VALUE.contains(&sign)) {
        len += next;
        if !text[len..].starts_with('{') {
            return len;
        }
        len += braces(&text[len..]).0;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_stay_where_too_little_is_typed_beside_them() {
        for (text, masked) in [
            ("/a?token=abc&b=c", "/a?token=*&b=c"),
            ("/a?token=&key=", "/a?token=&key="),
            ("/a?token={{token}}", "/a?token={{token}}"),
            ("/a?token=v1.{{ token }}&b=c", "/a?token=v1.{{ token }}&b=c"),
            ("/a?token={{token}}s3cret&b=c", "/a?token=*&b=c"),
            ("/a?token=s3cret{{a}}", "/a?token=*"),
            ("/a?token={{{{s3cret}}", "/a?token=*"),
            ("/a?token={{s3cret!}}", "/a?token=*"),
            ("/a?token={{random -9 1}}", "/a?token={{random -9 1}}"),
        ] {
            assert_eq!(mask_url(text, "*"), masked);
        }
    }
}
