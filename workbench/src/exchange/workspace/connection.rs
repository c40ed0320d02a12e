//! Fields of a saved connection in a workspace file.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
};

use crate::{
    connect::{SavedConnection, Target},
    relay::RelayOptions,
};

#[derive(Serialize, Deserialize)]
#[serde(expecting = "a connection")]
pub(super) struct ConnectionFields<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    address: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    subprotocols: Vec<String>,
    /// Headers, and the other options, of a connection through the page's server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    headers: Option<Texts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    relay: Option<Texts>,
}

impl<'a> ConnectionFields<'a> {
    pub(super) fn new(connection: &'a SavedConnection) -> Self {
        let Target { url, subprotocols, relay } = &connection.target;
        Self {
            name: connection.name.as_str().into(),
            address: url.as_str().into(),
            subprotocols: subprotocols.clone(),
            headers: relay.as_ref().map(|options| Texts(options.headers.clone())),
            relay: relay.as_ref().map(|options| {
                let mut options = options.clone();
                let fields = option_fields(&mut options).into_iter();
                let set = fields.filter_map(|(name, field)| Some((name.to_owned(), field.text()?)));
                Texts(set.collect())
            }),
        }
    }

    pub(super) fn target(self) -> Target {
        let is_relayed = self.headers.is_some() || self.relay.is_some();
        let relay = is_relayed.then(|| {
            let headers = self.headers.unwrap_or_default().0;
            let mut options = RelayOptions { headers, ..RelayOptions::default() };
            options.mark_stored();
            for (name, value) in self.relay.unwrap_or_default().0 {
                let fields = option_fields(&mut options).into_iter();
                fields.filter(|(of, _)| *of == name).for_each(|(_, field)| field.set(&value));
            }
            Box::new(options)
        });
        Target { url: self.address.into_owned(), subprotocols: self.subprotocols, relay }
    }
}

/// Option in a file.
enum OptionField<'a> {
    Text(&'a mut String),
    Number(&'a mut u32),
    /// With the value that switches it on.
    Switch(&'a mut bool, &'static str),
}

/// Options beside the headers, by their names in a file.
fn option_fields(options: &mut RelayOptions) -> [(&'static str, OptionField<'_>); 8] {
    [
        ("proxy", OptionField::Text(&mut options.proxy)),
        ("address", OptionField::Text(&mut options.address)),
        ("certificate", OptionField::Text(&mut options.certificate)),
        ("authorities", OptionField::Text(&mut options.authorities)),
        ("redirects", OptionField::Switch(&mut options.follows_redirects, "follow")),
        ("compression", OptionField::Switch(&mut options.is_uncompressed, "off")),
        ("offers", OptionField::Text(&mut options.offers)),
        ("seconds", OptionField::Number(&mut options.time_limit)),
    ]
}

impl OptionField<'_> {
    /// Value; `None` for the default.
    fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => (!text.is_empty()).then(|| text.clone()),
            Self::Number(number) => (*number > 0).then(|| number.to_string()),
            Self::Switch(is_on, word) => is_on.then(|| word.to_owned()),
        }
    }

    fn set(self, value: &str) {
        match self {
            Self::Text(text) => value.clone_into(text),
            Self::Number(number) => *number = value.parse().unwrap_or_default(),
            Self::Switch(is_on, word) => *is_on = value == word,
        }
    }
}

/// Object of strings, in display order.
#[derive(Default)]
pub(super) struct Texts(pub(super) Vec<(String, String)>);

impl Serialize for Texts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Ordered;
        impl<'de> Visitor<'de> for Ordered {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = map.next_entry()? {
                    texts.push(text);
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_map(Ordered)
    }
}
