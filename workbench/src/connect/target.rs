//! Connection target: address, offered subprotocols, and options of the relay.

use serde::{Deserialize, Serialize};
use session::MASK;

use super::{
    Address, address::split_user, authority_of, fill_subprotocols, query::decoded,
    shown_subprotocol, without_user,
};
use crate::{
    compose::{MIN_SECRET, Template, Values, mask_url},
    relay::{Authorization, RelayOptions, is_authorization},
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
        let names = names.into_iter().collect::<Result<Vec<_>, _>>().ok()?;
        let mut shown = self.shown(values, page_is_secure);
        // A secret may be empty, unlike its placeholder.
        let both = names.into_iter().zip(shown.subprotocols).filter(|(name, _)| !name.is_empty());
        let subprotocols;
        (subprotocols, shown.subprotocols) = both.unzip();
        let relay = self.relay.as_ref().map(|options| options.filled(values).map(Box::new));
        let mut relay = relay.transpose().ok()?;
        if let Some(options) = &mut relay {
            options.bind(&address, &shown.url);
        }
        let target = Self { url: address.to_string(), subprotocols, relay };
        Some(FilledTarget { target, shown })
    }

    /// Takes user name and password out of the address, for the sign-in of the options, as curl does; a header that is
    /// there takes precedence. Without options, they stay: browsers have no such thing
    /// ([`AddressError::UserInfo`](super::AddressError::UserInfo)).
    pub fn sign_in(&mut self) {
        if let (Some(options), Some((user, password))) = (&mut self.relay, split_user(&self.url)) {
            self.url = without_user(&self.url);
            // An empty one is what a reload left of it.
            let has_value =
                |(name, value): &(String, String)| is_authorization(name) && !value.is_empty();
            if !options.headers.iter().any(has_value) {
                let credentials = Authorization::Basic(user, password);
                Authorization::put(Some(&credentials), &mut options.headers);
            }
        }
    }

    /// Target as it is stored: without the secrets of options, and without tokens, user name and password that were
    /// typed.
    #[must_use]
    pub fn stored(mut self) -> Self {
        self.url = without_user(&self.url);
        for name in &mut self.subprotocols {
            *name = shown_subprotocol(name).to_owned();
        }
        self.relay = self.relay.map(|options| Box::new(options.stored()));
        self
    }

    fn shown(&self, values: &Values, page_is_secure: bool) -> Self {
        let mut values = Values { hides_secrets: true, ..values.clone() };
        let url = shown_address(&self.url, &values, page_is_secure);
        let show = |name: &String| {
            let template = Template::parse(name.as_str()).ok()?;
            Some(shown_subprotocol(&template.fill(&mut values).ok()?).to_owned())
        };
        Self { url, subprotocols: self.subprotocols.iter().filter_map(show).collect(), relay: None }
    }
}

impl FilledTarget {
    /// Subprotocol that the server chose, as it is shown.
    pub(crate) fn shown_subprotocol(&self, chosen: String) -> String {
        let mut names = self.target.subprotocols.iter().zip(&self.shown.subprotocols);
        names.find(|(name, _)| **name == chosen).map_or(chosen, |(_, shown)| shown.clone())
    }
}

/// Options as one text: base64 of their bytes, so that they are read in one way from JSON and from bytes.
mod packed {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::{codec, payload, relay::RelayOptions};

    type Options = Option<Box<RelayOptions>>;

    pub(super) fn serialize<S: Serializer>(options: &Options, to: S) -> Result<S::Ok, S::Error> {
        let text = options.as_deref().map(|it| payload::encode_base64(&codec::encode(it)));
        text.serialize(to)
    }

    /// Bytes for the fields that an older page did not know, and more: their defaults.
    const LATER_FIELDS: [u8; 16] = [0; 16];

    /// Unreadable options are none.
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Options, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        let bytes = text.and_then(|text| payload::decode_base64(&text).ok());
        Ok(bytes.and_then(|bytes| codec::decode(&[&bytes[..], &LATER_FIELDS].concat())))
    }
}

/// Address as it is shown: as it is connected to, but for secret variables, which are placeholders; as
/// typed if one is where an address has no place for it, such as the port.
#[must_use]
pub fn shown_address(typed: &str, values: &Values, page_is_secure: bool) -> String {
    let values = || Values { hides_secrets: true, ..values.clone() };
    Address::fill(typed, values, page_is_secure)
        .map_or_else(|_| without_user(typed), |it| it.to_string())
}

/// Path with its query, and the parts of both, each with its form without secrets, where that differs. Secrets by
/// their names are masked in both.
pub(crate) fn hidden_path(url: &str, shown: &str) -> Vec<(String, String)> {
    let path = |url: &str| {
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        mask_url(path, MASK).into_owned()
    };
    let (own, shown) = (path(url), path(shown));
    let [own_parts, shown_parts] =
        [&own, &shown].map(|path| path.split(['/', '?', '&', '=']).map(str::to_owned));
    let mut hidden = Vec::new();
    // A secret can have any of these characters.
    if own_parts.clone().count() == shown_parts.clone().count() {
        for (own, shown) in own_parts.zip(shown_parts).filter(|(own, _)| own.len() >= MIN_SECRET) {
            // A server may repeat it decoded.
            hidden.extend([(decoded(&own), shown.clone()), (own, shown)]);
        }
    }
    hidden.insert(0, (own, shown));
    hidden.retain(|(own, shown)| !own.is_empty() && own != shown);
    hidden.dedup();
    hidden
}

/// Host with its port, and host alone, each with its form without secrets, where that differs.
pub(crate) fn hidden_hosts(url: &str, shown: &str) -> Vec<(String, String)> {
    let [own, shown] = [url, shown].map(authority_of);
    let host = |authority: &str| match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host.to_owned(),
        _ => authority.to_owned(),
    };
    let pairs = [(own.to_owned(), shown.to_owned()), (host(own), host(shown))];
    // The server writes hosts in lower case.
    let pairs = pairs
        .into_iter()
        .flat_map(|(own, shown)| [(own.to_ascii_lowercase(), shown.clone()), (own, shown)]);
    let mut hidden = Vec::new();
    for (own, shown) in pairs {
        let is_new = !hidden.iter().any(|(known, _)| *known == own);
        if is_new && !own.is_empty() && !own.eq_ignore_ascii_case(&shown) {
            hidden.push((own, shown));
        }
    }
    hidden
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
    use crate::fixtures::{pair, pairs, values};

    fn target(url: &str, subprotocols: &[&str]) -> Target {
        let subprotocols = subprotocols.iter().map(ToString::to_string).collect();
        Target { url: url.to_owned(), subprotocols, relay: None }
    }

    #[test]
    fn a_target_is_filled_in_whole_or_not_at_all() {
        let values = values([("host", "localhost:8080")]);
        let filled = target("{{host}}/ws", &["", "v{{seq}}"]).filled(&values, true);
        assert_eq!(filled, Some(target("ws://localhost:8080/ws", &["v1"]).into()));
        assert_eq!(target("{{port}}", &[""]).filled(&values, false), None);
        assert_eq!(target("{{host}}", &["{{port}}"]).filled(&values, false), None);
    }

    #[test]
    fn user_and_password_of_an_address_become_the_sign_in_and_are_not_stored() {
        let url = "wss://m%65:p%40+w@h:1/a?b=c@d".to_owned();
        let mut target = Target { url, relay: Some(Box::default()), ..Target::default() };
        assert_eq!(target.clone().stored().url, "wss://h:1/a?b=c@d");
        let direct = Target { relay: None, ..target.clone() };
        let mut same = direct.clone();
        same.sign_in();
        assert_eq!((same, direct.filled(&Values::new(1), false)), (direct, None));
        target.sign_in();
        let header = |value: &str| pairs([("Authorization", value)]);
        let headers = |target: &Target| target.relay.as_ref().unwrap().headers.clone();
        assert_eq!(
            (&*target.url, headers(&target)),
            ("wss://h:1/a?b=c@d", header("Basic me:p@+w"))
        );
        // Variables stay, and a header that is there.
        target.url = "you:{{pw}}@h".to_owned();
        target.sign_in();
        assert_eq!((&*target.url, headers(&target)), ("h", header("Basic me:p@+w")));
        let mut target = Target {
            url: "you:{{pw}}@h".to_owned(),
            relay: Some(Box::default()),
            ..Target::default()
        };
        target.sign_in();
        assert_eq!(headers(&target), header("Basic you:{{pw}}"));
    }

    #[test]
    fn options_that_an_older_page_stored_are_read() {
        // Without the fields that were added since the first that could be.
        let options = RelayOptions {
            headers: pairs([("Origin", "https://a.example")]),
            time_limit: 12,
            follows_redirects: true,
            ..RelayOptions::default()
        };
        let mut bytes = crate::codec::encode(&options);
        // `accepted_certificate`, `follows_once` and `plain`.
        assert_eq!(bytes.split_off(bytes.len() - 3), [0; 3]);
        let older = crate::payload::encode_base64(&bytes);
        let json = format!(r#"{{"url":"ws://a","route":"{older}"}}"#);
        let target: Target = serde_json::from_str(&json).unwrap();
        assert_eq!(target.relay, Some(Box::new(options)));
    }

    #[test]
    fn secrets_are_filled_in_and_not_shown() {
        let values =
            values([("host", "localhost:8080"), ("apiKey", "s3 cret"), ("port_token", "99")]);
        let filled = |url: &str, name: &str| {
            let filled = target(url, &[name]).filled(&values, false).unwrap();
            let FilledTarget { target, shown } = filled;
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

    #[test]
    fn a_host_is_hidden_if_it_has_secrets() {
        assert_eq!(hidden_hosts("ws://h:1/a", "ws://h:1/{{key}}"), []);
        assert_eq!(
            hidden_hosts("wss://s3cret.example:1/a", "wss://{{key}}.example:1/a"),
            pairs([
                ("s3cret.example:1", "{{key}}.example:1"),
                ("s3cret.example", "{{key}}.example"),
            ])
        );
        assert_eq!(
            hidden_hosts("ws://S3cret/", "ws://{{key}}/"),
            pairs([("s3cret", "{{key}}"), ("S3cret", "{{key}}")])
        );
        assert_eq!(hidden_hosts("ws://[::1]/", "{{key}}/"), pairs([("[::1]", "{{key}}")]));
    }

    #[test]
    fn parts_of_a_path_are_hidden_if_they_have_secrets() {
        let hidden = hidden_path("ws://h/a/s3cret?b=1&key=c", "ws://h/a/{{key}}?b={{pin}}&key=c");
        let whole = pair("a/s3cret?b=1&key=***", "a/{{key}}?b={{pin}}&key=***");
        assert_eq!(hidden, [whole, pair("s3cret", "{{key}}")]);
        // A secret with a slash is hidden with its path.
        let hidden = hidden_path("ws://h/?pin=a%2Bcret", "ws://h/?pin={{key}}");
        assert_eq!(hidden[1..], pairs([("a+cret", "{{key}}"), ("a%2Bcret", "{{key}}")]));
        let hidden = hidden_path("ws://h/s3/cret", "ws://h/{{key}}");
        assert_eq!(hidden, [pair("s3/cret", "{{key}}")]);
        assert_eq!(hidden_path("ws://h/a", "ws://h/a"), []);
    }

    #[test]
    fn a_chosen_subprotocol_is_shown_as_it_is_offered_but_for_secrets() {
        let values = values([("none_token", ""), ("apiKey", "s3cret")]);
        let target = target("ws://h", &["{{none_token}}", "", "v{{seq}}", "v1.{{apiKey}}"]);
        let filled = target.filled(&values, false).unwrap();
        assert_eq!(filled.target.subprotocols, ["v1", "v1.s3cret"]);
        let shown = |chosen: &str| filled.shown_subprotocol(chosen.to_owned());
        assert_eq!(["v1", "v1.s3cret", "", "x"].map(shown), ["v1", "v1.{{apiKey}}", "", "x"]);
    }
}
