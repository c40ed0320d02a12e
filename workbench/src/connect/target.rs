//! Connection target: address and offered subprotocols.

use serde::{Deserialize, Serialize};

use super::{Address, fill_subprotocols};
use crate::{compose::Values, relay::RelayOptions};

/// Connection target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    /// A WebSocket address.
    pub url: String,
    /// Offered subprotocols, in order of preference.
    pub subprotocols: Vec<String>,
    /// Options of a connection through the page's server; `None` for one of the browser.
    pub relay: Option<RelayOptions>,
}

impl Target {
    /// Target with its variables expanded, its address completed and empty subprotocols left out;
    /// `None` if any of them is invalid. `page_is_secure` as in [`Address::parse`].
    #[must_use]
    pub fn filled(&self, values: &Values, page_is_secure: bool) -> Option<Self> {
        let address = Address::fill(&self.url, || values.clone(), page_is_secure).ok()?;
        let names = fill_subprotocols(&self.subprotocols, values);
        let mut subprotocols = names.into_iter().collect::<Result<Vec<_>, _>>().ok()?;
        subprotocols.retain(|name| !name.is_empty());
        let relay = self.relay.as_ref().map(|options| options.filled(values));
        let relay = relay.transpose().ok()?;
        Some(Self { url: address.to_string(), subprotocols, relay })
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
        assert_eq!(filled, Some(expected));
        assert_eq!(target("{{port}}", "").filled(&values, false), None);
        assert_eq!(target("{{host}}", "{{port}}").filled(&values, false), None);
    }
}
