//! Variables that flags and the environment set for a scenario file, the secret ones among them, and the section to run.

use clap::Args;
use serde_json::Value;
use session::{Close, Fact, MASK, Message};

use crate::redacted_value::secret_value;

/// Prefix of environment variables that set variables of a scenario.
const VARIABLE_PREFIX: &str = "WSBENCH_VAR_";

// No doc comment: clap would take it for the description of the command.
#[derive(Args)]
pub(crate) struct ScenarioFlags {
    /// Run this section only
    #[arg(long, value_name = "SECTION")]
    pub(crate) only: Option<String>,
    /// Repeat the random values of a run
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
    /// Set a variable of the scenario; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = scenario::assignment)]
    set: Vec<(String, String)>,
    /// Set a variable that is printed as ***; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = secret_value())]
    secret: Vec<String>,
}

impl ScenarioFlags {
    /// True if none of them is set.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { only, seed, set, secret } = self;
        only.is_none() && seed.is_none() && set.is_empty() && secret.is_empty()
    }

    /// Variables in the order in which they go before each other.
    pub(crate) fn variables(&self) -> Result<Vec<(String, String)>, String> {
        let secrets = self
            .secret
            .iter()
            .map(|secret| scenario::assignment(secret))
            .collect::<Result<Vec<_>, _>>()?;
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.to_str()?.strip_prefix(VARIABLE_PREFIX)?.to_ascii_lowercase();
            Some((name, value.into_string().ok()?))
        });
        Ok(self.set.iter().cloned().chain(secrets).chain(environment).collect())
    }

    /// Names that --set and --secret set.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let secrets = self.secret.iter().filter_map(|secret| secret.split_once('='));
        let set = self.set.iter().map(|(name, _)| name.as_str());
        set.chain(secrets.map(|(name, _)| name))
    }

    /// Values that are never printed.
    pub(crate) fn secrets(&self) -> Secrets {
        let values = self.secret.iter().filter_map(|secret| secret.split_once('='));
        Secrets::new(values.map(|(_, value)| value))
    }
}

/// Values that are never printed, each also as JSON escapes it.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    fn new<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let mut forms: Vec<_> = values
            .filter(|value| !value.is_empty())
            .flat_map(|value| {
                let json = Value::from(value).to_string();
                [value.to_owned(), json[1..json.len() - 1].to_owned()]
            })
            .collect();
        // The longest first: one may be part of another.
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        Self(forms)
    }

    /// The values, in all forms.
    pub(crate) fn forms(&self) -> &[String] {
        &self.0
    }

    /// Text without them.
    pub(crate) fn hide(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
    }

    /// Bytes without them.
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

    /// Fact without them. Sizes are those of what is left.
    pub(crate) fn hide_in(&self, mut fact: Fact) -> Fact {
        if self.0.is_empty() {
            return fact;
        }
        let texts: Vec<&mut String> = match &mut fact {
            Fact::Message(_, Message::Text(text), _) => vec![text],
            Fact::Message(_, Message::Binary(bytes), _)
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
        let secrets = Secrets::new(["a\"b", "", "a"].into_iter());
        assert_eq!(secrets.hide("a\"b, a\\\"b, and"), "***, ***, ***nd");
        let fact =
            |bytes: &[u8]| Fact::Message(Direction::In, Message::Binary(bytes.to_vec()), None);
        assert_eq!(secrets.hide_in(fact(b"1a\"b2a")), fact(b"1***2***"));
    }

    #[test]
    fn hiding_takes_time_in_proportion_to_the_bytes() {
        let secrets = Secrets::new(["secret"].into_iter());
        growth::assert_linear(
            1 << 16,
            |size| b"secret".repeat(size),
            |bytes| assert_eq!(secrets.hide_bytes(&bytes).len(), bytes.len() / 2),
        );
    }
}
