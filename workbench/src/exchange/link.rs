//! Share link that fills the page's fields: `#address=…&subprotocol=…&text=…&form=…`.
//!
//! All data is in the fragment, which browsers do not send (RFC 3986 section 3.5), percent-encoded
//! so that the address stays readable. Unknown fields are ignored, so that later versions may add
//! some.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use session::is_invisible;
use thiserror::Error;

use crate::{
    compose::Form,
    connect::{MAX_SUBPROTOCOLS, query::unescaped},
};

/// Maximum length of an address in bytes: as much as servers accept in a request line.
const MAX_ADDRESS_BYTES: usize = 8 << 10;

/// Maximum size of a draft in bytes: browsers and mail reject much longer links.
const MAX_TEXT_BYTES: usize = 64 << 10;

/// Maximum size of a fragment in bytes: every part at its limit, fully escaped, with room for later
/// fields.
pub const MAX_LINK_BYTES: usize = 512 << 10;

/// Maximum length of a subprotocol name in bytes.
const MAX_SUBPROTOCOL_BYTES: usize = 256;

/// Forms of a draft, by their names in a link.
const FORMS: [(Form, &str); 4] =
    [(Form::Text, "text"), (Form::Json, "json"), (Form::Hex, "hex"), (Form::Base64, "base64")];

/// Characters escaped in a fragment (RFC 3986 section 3.5): also those that end sentences, enclose
/// links or separate fields.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'?')
    .remove(b':')
    .remove(b'@')
    .remove(b',')
    .remove(b'=');

/// Content of a share link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareLink {
    /// Address as typed, possibly invalid. Without invisible characters.
    pub address: String,
    /// Subprotocols as typed, in order of preference; at most [`MAX_SUBPROTOCOLS`].
    pub subprotocols: Vec<String>,
    /// Text of the composer.
    pub text: String,
    /// Form of `text`.
    pub form: Form,
}

/// Field of a link. Also its index in the table of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `address`.
    Address,
    /// `subprotocol`.
    Subprotocol,
    /// `text`.
    Text,
    /// `form`.
    Form,
}

impl Part {
    /// All parts, each with its name in a link, its name in a sentence and its maximum size in bytes.
    const ALL: [(Self, &str, &str, usize); 4] = [
        (Self::Address, "address", "address", MAX_ADDRESS_BYTES),
        (Self::Subprotocol, "subprotocol", "subprotocol", MAX_SUBPROTOCOL_BYTES),
        (Self::Text, "text", "draft", MAX_TEXT_BYTES),
        (Self::Form, "form", "draft's form", MAX_SUBPROTOCOL_BYTES),
    ];

    /// Maximum size in bytes.
    #[must_use]
    pub fn bound(self) -> usize {
        Self::ALL[self as usize].3
    }
}

/// Name in a sentence.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL[*self as usize].2)
    }
}

/// Invalid share link, or content that does not fit one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ShareError {
    /// More than [`MAX_LINK_BYTES`].
    #[error("The link is too long: {0} bytes; the limit is {MAX_LINK_BYTES}.")]
    Link(usize),
    /// More than [`Part::bound`].
    #[error("The {0} is too long for a link: at most {bound} bytes fit.", bound = .0.bound())]
    Long(Part),
    /// More than [`MAX_SUBPROTOCOLS`].
    #[error("There are too many subprotocols for a link: at most {MAX_SUBPROTOCOLS} fit.")]
    Subprotocols,
    /// A single-valued part is repeated.
    #[error("The link has more than one {0}. Ask the sender for a new link.")]
    Twice(Part),
    /// A percent-encoded part is not UTF-8.
    #[error("The {0} in the link is damaged. Ask the sender for a new link.")]
    Damaged(Part),
    /// Control or bidirectional formatting character.
    #[error("The {0} has invisible characters. Retype it.")]
    Invisible(Part),
    /// Unknown form.
    #[error("The link's draft has an unknown form. Ask the sender for a new link.")]
    Form,
}

impl ShareLink {
    /// Formats the fragment, with its `#`.
    ///
    /// # Errors
    /// If a part is too long or has invisible characters.
    pub fn to_fragment(&self) -> Result<String, ShareError> {
        let names = self.subprotocols.iter().filter(|name| !name.is_empty());
        let mut fragment = "#".to_owned();
        write(&mut fragment, Part::Address, &self.address)?;
        for (index, name) in names.enumerate() {
            if index == MAX_SUBPROTOCOLS {
                return Err(ShareError::Subprotocols);
            }
            write(&mut fragment, Part::Subprotocol, name)?;
        }
        if !self.text.is_empty() {
            write(&mut fragment, Part::Text, &self.text)?;
            // Always last: programs that detect links drop a trailing full stop, with which a draft
            // may end.
            for (_, name) in FORMS.iter().filter(|(form, _)| *form == self.form) {
                write(&mut fragment, Part::Form, name)?;
            }
        }
        Ok(fragment)
    }

    /// Parses a fragment, with or without its `#`. `None` if it is not a share link.
    ///
    /// # Errors
    /// If a part is damaged, duplicated or too long.
    pub fn from_fragment(fragment: &str) -> Result<Option<Self>, ShareError> {
        let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
        // First: nothing else is as long, and a link that was cut may have lost its address.
        if fragment.len() > MAX_LINK_BYTES {
            return Err(ShareError::Link(fragment.len()));
        }
        if !fragment.split('&').any(|field| field.starts_with("address=")) {
            return Ok(None);
        }
        let mut link = Self {
            address: String::new(),
            subprotocols: Vec::new(),
            text: String::new(),
            form: Form::Text,
        };
        let mut seen = Vec::new();
        for field in fragment.split('&') {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            let Some((part, ..)) = Part::ALL.into_iter().find(|part| part.1 == name) else {
                continue;
            };
            let value =
                String::from_utf8(unescaped(value)).map_err(|_| ShareError::Damaged(part))?;
            check(part, &value)?;
            if part != Part::Subprotocol {
                if seen.contains(&name) {
                    return Err(ShareError::Twice(part));
                }
                seen.push(name);
            }
            match part {
                Part::Address => link.address = value,
                Part::Text => link.text = value,
                Part::Subprotocol if link.subprotocols.len() == MAX_SUBPROTOCOLS => {
                    return Err(ShareError::Subprotocols);
                }
                Part::Subprotocol => link.subprotocols.push(value),
                Part::Form => {
                    let named = FORMS.into_iter().find(|(_, name)| *name == value);
                    link.form = named.ok_or(ShareError::Form)?.0;
                }
            }
        }
        Ok(Some(link))
    }
}

fn write(fragment: &mut String, part: Part, value: &str) -> Result<(), ShareError> {
    check(part, value)?;
    if fragment.len() > 1 {
        fragment.push('&');
    }
    fragment.push_str(Part::ALL[part as usize].1);
    fragment.push('=');
    fragment.push_str(&utf8_percent_encode(value, ESCAPED).to_string());
    Ok(())
}

/// Validates a part, for writing and reading.
fn check(part: Part, value: &str) -> Result<(), ShareError> {
    if value.len() > part.bound() {
        Err(ShareError::Long(part))
    } else if part != Part::Text && value.contains(is_invisible) {
        Err(ShareError::Invisible(part))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;

    fn link(address: &str, subprotocols: &[&str], text: &str, form: Form) -> ShareLink {
        ShareLink {
            address: address.to_owned(),
            subprotocols: subprotocols.iter().copied().map(str::to_owned).collect(),
            text: text.to_owned(),
            form,
        }
    }

    #[test]
    fn links_are_readable() {
        let link = link(
            "wss://example.org/feed?a=1&b=2",
            &["chat.v1", "mqtt"],
            r#"{"hi": 1}."#,
            Form::Json,
        );
        expect!["#address=wss://example.org/feed?a=1%26b=2&subprotocol=chat.v1&subprotocol=mqtt&text=%7B%22hi%22:%201%7D.&form=json"]
            .assert_eq(&link.to_fragment().unwrap());
    }

    #[test]
    fn each_form_has_a_name() {
        assert_eq!(FORMS.map(|(form, _)| form), Form::ALL);
    }

    #[test]
    fn other_fragments_are_ignored() {
        for fragment in ["", "#", "#top", "#text=hi", "#addresses=1&form=text"] {
            assert_eq!(ShareLink::from_fragment(fragment), Ok(None), "{fragment}");
        }
    }

    #[test]
    fn an_invalid_address_is_kept_as_typed() {
        let read = ShareLink::from_fragment("#address=http://x y&later=1").unwrap().unwrap();
        assert_eq!(read, link("http://x y", &[], "", Form::Text));
        assert_eq!(ShareLink::from_fragment(&read.to_fragment().unwrap()), Ok(Some(read)));
    }

    #[test]
    fn a_hostile_link_is_refused_with_a_reason() {
        let many = "&subprotocol=a".repeat(MAX_SUBPROTOCOLS + 1);
        for (rest, error) in [
            ("x%0d%0ay", ShareError::Invisible(Part::Address)),
            ("x%E2%80%AEy", ShareError::Invisible(Part::Address)),
            ("x&subprotocol=%00", ShareError::Invisible(Part::Subprotocol)),
            ("x%FF", ShareError::Damaged(Part::Address)),
            ("x&text=%C3", ShareError::Damaged(Part::Text)),
            ("x&address=y", ShareError::Twice(Part::Address)),
            ("&address=", ShareError::Twice(Part::Address)),
            ("x&form=script", ShareError::Form),
            ("x&form=", ShareError::Form),
            (&many, ShareError::Subprotocols),
        ] {
            assert_eq!(ShareLink::from_fragment(&format!("#address={rest}")), Err(error), "{rest}");
        }
    }

    #[test]
    fn limits_are_exact() {
        let at = |part: Part, more: usize| {
            let value = "a".repeat(part.bound() + more);
            let mut link = link("ws://x", &[], "", Form::Text);
            match part {
                Part::Address => link.address = value,
                Part::Subprotocol => link.subprotocols = vec![value],
                _ => link.text = value,
            }
            link.to_fragment()
        };
        for part in [Part::Address, Part::Subprotocol, Part::Text] {
            let fragment = at(part, 0).unwrap();
            assert!(ShareLink::from_fragment(&fragment).is_ok_and(|link| link.is_some()));
            assert_eq!(at(part, 1), Err(ShareError::Long(part)));
            let longer = fragment.replace("aaa", "aaaa");
            assert_eq!(ShareLink::from_fragment(&longer), Err(ShareError::Long(part)));
        }
        for name in ["address=&x=", "text="] {
            let fragment = format!("{name}{}", "a".repeat(MAX_LINK_BYTES));
            assert_eq!(ShareLink::from_fragment(&fragment), Err(ShareError::Link(fragment.len())));
        }
    }

    #[test]
    fn the_longest_link_parses_back() {
        let names = vec!["é".repeat(MAX_SUBPROTOCOL_BYTES / 2); MAX_SUBPROTOCOLS];
        let link = ShareLink {
            address: "é".repeat(MAX_ADDRESS_BYTES / 2),
            subprotocols: names,
            text: "é".repeat(MAX_TEXT_BYTES / 2),
            form: Form::Base64,
        };
        assert_eq!(ShareLink::from_fragment(&link.to_fragment().unwrap()), Ok(Some(link)));
    }

    proptest! {
        #[test]
        fn links_parse_back(
            address in "\\PC{0,30}",
            subprotocols in prop::collection::vec("[!-~]{1,9}", 0..4),
            text in any::<String>(),
            form in prop::sample::select(Form::ALL.to_vec()),
        ) {
            let form = if text.is_empty() { Form::Text } else { form };
            let link = ShareLink { address, subprotocols, text, form };
            prop_assume!(!link.address.contains(is_invisible));
            let fragment = link.to_fragment().unwrap();
            // RFC 3986: nothing in it has to be escaped by whoever passes it on.
            prop_assert!(fragment[1..].bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%&".contains(&byte) || b"-._~/?:@,=".contains(&byte)));
            prop_assert_eq!(ShareLink::from_fragment(&fragment), Ok(Some(link)));
        }

        #[test]
        fn arbitrary_fragments_do_not_panic(fragment in "[#&=%a-f0-9]{0,40}|\\PC*") {
            if let Ok(Some(link)) = ShareLink::from_fragment(&format!("#address={fragment}")) {
                prop_assert!(link.to_fragment().is_ok());
            }
        }
    }
}
