//! Values that no failure shows.

use std::sync::Arc;

use session::{MASK, Message, visible_line};
use workbench::compose::Values;

/// Secrets. A difference between texts, or an excerpt of one, could show a part of one: they are hidden before.
#[derive(Clone, Debug, Default)]
pub(super) struct Secrets(Arc<[String]>);

impl Secrets {
    pub(super) fn new(values: &[String]) -> Self {
        let forms = values.iter().filter(|value| !value.is_empty()).flat_map(|value| {
            // In JSON, where some characters are escaped, and as a failure shows a text.
            let json = serde_json::Value::from(&**value).to_string();
            [value.clone(), json[1..json.len() - 1].to_owned(), visible_line(value).into_owned()]
        });
        let mut forms: Vec<_> = forms.collect();
        // The longest first: it may contain another one.
        forms.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        forms.dedup();
        Self(forms.into())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
    }

    pub(super) fn message(&self, message: &Message) -> Message {
        match message {
            Message::Text(text) => Message::Text(self.text(text)),
            Message::Binary(bytes) => {
                let has_secret =
                    |secret: &String| bytes.windows(secret.len()).any(|it| it == secret.as_bytes());
                if self.0.iter().any(has_secret) {
                    Message::Text(MASK.to_owned())
                } else {
                    message.clone()
                }
            }
        }
    }

    pub(super) fn values(&self, values: &Values) -> Values {
        let mut values = values.clone();
        for (_, value) in &mut values.variables {
            *value = self.text(value);
        }
        values
    }
}
