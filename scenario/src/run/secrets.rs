//! Secret values, which no output shows.

use std::{borrow::Cow, cmp::Reverse, sync::Arc};

use session::{Close, Fact, MASK, Message, visible_line};
use workbench::compose::Values;

/// Secret values, each also as JSON escapes it and as a failure shows it. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Secrets(Arc<[String]>);

impl Secrets {
    /// Secrets of these values. Empty ones are left out.
    pub fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let values = values.into_iter().filter(|value| !value.is_empty());
        let forms = values.flat_map(|value| {
            let json = serde_json::Value::from(value).to_string();
            [value.to_owned(), json[1..json.len() - 1].to_owned(), visible_line(value).into_owned()]
        });
        let mut forms: Vec<_> = forms.collect();
        // The longest first: it may contain another one.
        forms.sort_by(|one, other| (Reverse(one.len()), one).cmp(&(Reverse(other.len()), other)));
        forms.dedup();
        Self(forms.into())
    }

    /// True if there is nothing to hide.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Text with [`MASK`] in place of each secret.
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
    }

    /// Bytes with [`MASK`] in place of each secret.
    fn hide_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut hidden = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let [first, after @ ..] = rest {
            if let Some(secret) = self.0.iter().find(|it| rest.starts_with(it.as_bytes())) {
                hidden.extend(MASK.bytes());
                rest = &rest[secret.len()..];
            } else {
                hidden.push(*first);
                rest = after;
            }
        }
        hidden
    }

    /// Message without secrets, for a difference or an excerpt, which could show a part of one.
    pub(super) fn hide_in_message<'a>(&self, message: &'a Message) -> Cow<'a, Message> {
        if self.is_empty() {
            return Cow::Borrowed(message);
        }
        Cow::Owned(match message {
            Message::Text(text) => Message::Text(self.hide(text)),
            Message::Binary(bytes) => Message::Binary(self.hide_bytes(bytes)),
        })
    }

    /// Values of variables without secrets.
    pub(super) fn hide_in_values(&self, values: &Values) -> Values {
        let mut values = values.clone();
        for (_, value) in &mut values.variables {
            *value = self.hide(value);
        }
        values
    }

    /// Fact without secrets. Sizes are those after hiding.
    #[must_use]
    pub fn hide_in(&self, mut fact: Fact) -> Fact {
        if self.is_empty() {
            return fact;
        }
        let texts: Vec<&mut String> = match &mut fact {
            Fact::Message(_, Message::Text(text), _) => vec![text],
            Fact::Message(_, Message::Binary(bytes), _)
            | Fact::Raw(bytes)
            | Fact::Ping(_, bytes)
            | Fact::Pong(_, bytes, _) => {
                *bytes = self.hide_bytes(bytes);
                Vec::new()
            }
            Fact::Close(_, Close { reason, .. }) => vec![reason],
            Fact::Opened(handshake) => {
                handshake.url.iter_mut().chain(&mut handshake.subprotocol).collect()
            }
            Fact::Ended(_, cause, handshake) => {
                cause.iter_mut().chain(&mut handshake.url).collect()
            }
            Fact::Frame(..) => Vec::new(),
        };
        for text in texts {
            *text = self.hide(text);
        }
        fact
    }
}

#[cfg(test)]
mod tests {
    use session::Direction;

    use super::*;

    #[test]
    fn secrets_are_hidden_as_they_are_and_as_json_escapes_them() {
        let secrets = Secrets::new(["a\"b", "", "a"]);
        assert_eq!(secrets.hide("a\"b, a\\\"b, and"), "***, ***, ***nd");
        let fact =
            |bytes: &[u8]| Fact::Message(Direction::In, Message::Binary(bytes.to_vec()), None);
        assert_eq!(secrets.hide_in(fact(b"1a\"b2a")), fact(b"1***2***"));
    }

    #[test]
    fn hiding_takes_time_in_proportion_to_the_bytes() {
        let secrets = Secrets::new(["secret"]);
        growth::assert_linear(
            1 << 16,
            |size| b"secret".repeat(size),
            |bytes| assert_eq!(secrets.hide_bytes(&bytes).len(), bytes.len() / 2),
        );
    }
}
