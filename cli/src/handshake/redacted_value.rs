//! Parsers of the arguments with credentials of a handshake.

use connector::{Header, Proxy, ServerUrl, header_value, redact_all, redact_header, redact_url};
use server::RedactedValue;

/// Parser of a header value that is a credential.
pub(crate) fn secret_value() -> RedactedValue<String> {
    RedactedValue { parse: header_value, redact: redact_all }
}

/// Parser of the URL of a server, which may hold a password.
pub(crate) fn server_url() -> RedactedValue<ServerUrl> {
    RedactedValue { parse: str::parse, redact: redact_url }
}

/// Parser of the URL of a proxy, which may hold a password.
pub(crate) fn proxy() -> RedactedValue<Proxy> {
    RedactedValue { parse: str::parse, redact: redact_url }
}

/// Parser of a header, which may hold a credential.
pub(crate) fn header() -> RedactedValue<Header> {
    RedactedValue { parse: str::parse, redact: redact_header }
}
