//! Parsers of the arguments with credentials of a handshake.

use connector::{Header, Proxy, ServerUrl, header_value, redact_all, redact_header, redact_url};
use server::RedactedValue;

/// Parser of a header value that is a credential.
pub(super) const SECRET_VALUE: RedactedValue<String> =
    RedactedValue { parse: header_value, redact: redact_all };

/// Parser of a name and password for Basic authentication.
pub(super) const USER: RedactedValue<String> =
    RedactedValue { parse: user_value, redact: redact_all };

/// Parser of the URL of a server, which may hold a password.
pub(crate) const SERVER_URL: RedactedValue<ServerUrl> =
    RedactedValue { parse: str::parse, redact: redact_url };

/// Parser of the URL of a proxy, which may hold a password.
pub(super) const PROXY: RedactedValue<Proxy> =
    RedactedValue { parse: str::parse, redact: redact_url };

/// Parser of a header, which may hold a credential.
pub(super) const HEADER: RedactedValue<Header> =
    RedactedValue { parse: str::parse, redact: redact_header };

/// Name and password. The error is a sentence part.
pub(super) fn user_value(text: &str) -> Result<String, String> {
    if text.contains(':') {
        header_value(text)
    } else {
        Err("write NAME:PASSWORD, or NAME: without a password".to_owned())
    }
}
