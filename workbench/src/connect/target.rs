//! Connection target: address and offered subprotocols.

use serde::{Deserialize, Serialize};

use super::{Address, fill_subprotocols};
use crate::{
    compose::{Template, Values},
    relay::RelayOptions,
};

/// Connection target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    /// A WebSocket address.
    pub url: String,
    /// Offered subprotocols, in order of preference.
    pub subprotocols: Vec<String>,
    /// Options of a connection through the page's server; `None` for one of the browser.
    #[serde(rename = "route", with = "packed")]
    pub relay: Option<Box<RelayOptions>>,
}

/// Target with its variables expanded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilledTarget {
    /// Target to connect to.
    pub target: Target,
    /// The target to show, store and export: secret variables are placeholders.
    pub shown: Target,
}

impl Target {
    /// Target with its variables expanded, its address completed and empty subprotocols left out;
    /// `None` if any of them is invalid. `page_is_secure` as in [`Address::parse`].
    #[must_use]
    pub fn filled(&self, values: &Values, page_is_secure: bool) -> Option<FilledTarget> {
        let address = Address::fill(&self.url, || values.clone(), page_is_secure).ok()?;
        let names = fill_subprotocols(&self.subprotocols, values);
        let mut subprotocols = names.into_iter().collect::<Result<Vec<_>, _>>().ok()?;
        subprotocols.retain(|name| !name.is_empty());
        let relay = self.relay.as_ref().map(|options| options.filled(values).map(Box::new));
        let mut relay = relay.transpose().ok()?;
        if let Some(options) = &mut relay {
            options.bind(&address);
        }
        let target = Self { url: address.to_string(), subprotocols, relay };
        Some(FilledTarget { target, shown: self.shown(values, page_is_secure) })
    }

    fn shown(&self, values: &Values, page_is_secure: bool) -> Self {
        let mut values = Values { hides_secrets: true, ..values.clone() };
        let url = shown_address(&self.url, &values, page_is_secure);
        let show = |name: &String| {
            let template = Template::parse(name.as_str()).ok()?;
            Some(template.fill(&mut values).ok()?.into_owned())
        };
        let mut subprotocols: Vec<_> = self.subprotocols.iter().filter_map(show).collect();
        subprotocols.retain(|name| !name.is_empty());
        Self { url, subprotocols, relay: None }
    }
}

/// Options as one text: base64 of their bytes, so that they are read in one way from JSON and from bytes.
mod packed {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::{codec, payload, relay::RelayOptions};

    type Options = Option<Box<RelayOptions>>;

    pub(super) fn serialize<S: Serializer>(options: &Options, to: S) -> Result<S::Ok, S::Error> {
        let text = options.as_deref().map(|it| payload::base64_text(&codec::write(it)));
        text.serialize(to)
    }

    /// Unreadable options are none.
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Options, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        let bytes = text.and_then(|text| payload::read_base64(&text).ok());
        Ok(bytes.and_then(|bytes| codec::read(&bytes)))
    }
}

/// Address as it is shown: as it is connected to, but for secret variables, which are placeholders; as
/// typed if one is where an address has no place for it, such as the port.
#[must_use]
pub fn shown_address(typed: &str, values: &Values, page_is_secure: bool) -> String {
    let values = || Values { hides_secrets: true, ..values.clone() };
    Address::fill(typed, values, page_is_secure)
        .map_or_else(|_| typed.to_owned(), |it| it.to_string())
}

impl From<Target> for FilledTarget {
    /// Target without secrets.
    fn from(target: Target) -> Self {
        Self { shown: target.clone(), target }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_filled_in_whole_or_not_at_all() {
        let variables = vec![("host".to_owned(), "localhost:8080".to_owned())];
        let values = Values { variables, ..Values::new(1) };
        let target = |url: &str, name: &str| Target {
            url: url.to_owned(),
            subprotocols: vec![String::new(), name.to_owned()],
            relay: None,
        };
        let filled = target("{{host}}/ws", "v{{seq}}").filled(&values, true);
        let expected = Target {
            url: "ws://localhost:8080/ws".into(),
            subprotocols: vec!["v1".into()],
            relay: None,
        };
        assert_eq!(filled, Some(expected.into()));
        assert_eq!(target("{{port}}", "").filled(&values, false), None);
        assert_eq!(target("{{host}}", "{{port}}").filled(&values, false), None);
    }

    #[test]
    fn secrets_are_filled_in_and_not_shown() {
        let variables = [("host", "localhost:8080"), ("apiKey", "s3 cret"), ("port_token", "99")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let values = Values { variables: variables.into(), ..Values::new(1) };
        let filled = |url: &str, name: &str| {
            let target =
                Target { url: url.to_owned(), subprotocols: vec![name.to_owned()], relay: None };
            let FilledTarget { target, shown } = target.filled(&values, false).unwrap();
            [target.url, shown.url, target.subprotocols.join(","), shown.subprotocols.join(",")]
        };
        assert_eq!(
            filled("{{host}}/ws?a={{apiKey}}&n={{seq}}", "v{{seq}}.{{port_token}}"),
            [
                "ws://localhost:8080/ws?a=s3%20cret&n=1",
                "ws://localhost:8080/ws?a={{apiKey}}&n=1",
                "v1.99",
                "v1.{{port_token}}",
            ]
        );
        let [url, shown, ..] = filled("ws://h:{{port_token}}/{{host}}", "");
        assert_eq!([url, shown], ["ws://h:99/localhost:8080", "ws://h:{{port_token}}/{{host}}"]);
    }
}
