//! Header `Authorization` as fields: a user with a password, or a token.

use base64::{Engine, prelude::BASE64_STANDARD};

use super::cookies::{as_typed, held, put_header};
use crate::compose::Template;

/// Name of the header.
const NAME: &str = "Authorization";

/// Schemes, each with the space behind it.
const BASIC: &str = "Basic ";
const BEARER: &str = "Bearer ";

/// Credentials of a request. Each part can contain variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// User and password (RFC 7617). In the row of the header they are as typed, and joined by a colon, which no base64
    /// has: they become base64 once their variables are expanded.
    Basic(String, String),
    /// Token (RFC 6750).
    Bearer(String),
}

impl Authorization {
    /// Credentials in the first such header; `None` if there is none, or one of another scheme.
    #[must_use]
    pub fn of(headers: &[(String, String)]) -> Option<Self> {
        let (_, value) = headers.iter().find(|(name, _)| is_it(name))?;
        if let Some(token) = value.strip_prefix(BEARER) {
            return Some(Self::Bearer(token.to_owned()));
        }
        let basic = value.strip_prefix(BASIC)?;
        let decoded = || String::from_utf8(BASE64_STANDARD.decode(basic).ok()?).ok();
        // What is in base64 was typed by nobody: braces in it are no variables.
        let decoded = || decoded().map(|text| Template::escaped(&text).into_owned());
        let typed = if basic.contains(':') { Some(basic.to_owned()) } else { decoded() };
        let (user, password) = typed.as_deref()?.split_once(':')?;
        Some(Self::Basic(as_typed(user), password.to_owned()))
    }

    /// Writes the credentials into the first such header, or a new one; without any, removes it. A user with a colon is
    /// kept as it was typed, and refused.
    pub fn put(credentials: Option<&Self>, headers: &mut Vec<(String, String)>) {
        let value = credentials.map(|credentials| match credentials {
            Self::Basic(user, password) => format!("{BASIC}{}:{password}", held(user, ":")),
            Self::Bearer(token) => format!("{BEARER}{token}"),
        });
        put_header(NAME, value, headers);
    }
}

/// True for the name of the header.
pub(crate) fn is_it(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case(NAME)
}

/// Part of the header's value that is secret: the password of a user, else all of it.
pub(super) fn secret_of(value: &str) -> &str {
    let value = value.trim_start();
    let is_basic = value.get(..BASIC.len()).is_some_and(|it| it.eq_ignore_ascii_case(BASIC));
    match value.split_once(':').filter(|_| is_basic) {
        // A key may stand in the place of the user.
        Some((user, "")) => &user[BASIC.len()..],
        Some((_, password)) => password,
        None => value,
    }
}

/// Password of a header that is sent; the user where there is none, since a key may stand in its place.
pub(super) fn password_sent(name: &str, value: &str) -> Option<String> {
    let basic = value.get(..BASIC.len()).filter(|it| is_it(name) && it.eq_ignore_ascii_case(BASIC));
    let decoded = BASE64_STANDARD.decode(&value[basic?.len()..]).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some(if password.is_empty() { user } else { password }.to_owned())
}

/// Value with user and password in base64, as it is sent; another value stays.
pub(super) fn sent(name: &str, value: String) -> String {
    match value.strip_prefix(BASIC) {
        Some(typed) if is_it(name) && typed.contains(':') => {
            format!("{BASIC}{}", BASE64_STANDARD.encode(typed))
        }
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::pairs;

    fn header(value: &str) -> Vec<(String, String)> {
        pairs([("authorization", value)])
    }

    #[test]
    fn credentials_are_read_as_they_were_written() {
        for credentials in [
            Authorization::Basic("me".to_owned(), "a:{{pw}}".to_owned()),
            Authorization::Basic(String::new(), String::new()),
            Authorization::Basic("a:b".to_owned(), "c:d".to_owned()),
            Authorization::Bearer("{{token}}".to_owned()),
        ] {
            let mut headers = pairs([("X", "y")]);
            Authorization::put(Some(&credentials), &mut headers);
            assert_eq!(Authorization::of(&headers), Some(credentials));
            Authorization::put(None, &mut headers);
            assert_eq!(headers, pairs([("X", "y")]));
        }
        let mut headers = header("Digest x");
        assert_eq!(Authorization::of(&headers), None);
        Authorization::put(Some(&Authorization::Bearer("t".to_owned())), &mut headers);
        assert_eq!(headers, header("Bearer t"));
    }

    #[test]
    fn a_user_is_sent_in_base64_and_read_from_it() {
        assert_eq!(sent("Authorization", "Basic me:pw".to_owned()), "Basic bWU6cHc=");
        let of = Authorization::of(&header("Basic bWU6cHc="));
        assert_eq!(of, Some(Authorization::Basic("me".to_owned(), "pw".to_owned())));
        for (name, value) in [("X-Auth", "Basic a:b"), ("Authorization", "Basic bWU6cHc=")] {
            assert_eq!(sent(name, value.to_owned()), value);
        }
        assert_eq!(Authorization::of(&header("Basic ?")), None);
        assert_eq!([secret_of("Basic {{me}}:pw"), secret_of("Bearer t")], ["pw", "Bearer t"]);
        assert_eq!([secret_of(" basic {{me}}:pw"), secret_of("Basic {{key}}:")], ["pw", "{{key}}"]);
        let of = Authorization::of(&header("Basic bWU6e3twd319"));
        assert_eq!(of, Some(Authorization::Basic("me".to_owned(), "{{{{pw}}".to_owned())));
    }
}
