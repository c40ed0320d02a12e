//! Response headers that keep pages of other sites from using the server's responses.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Headers of every response: no other site's window keeps a reference to the page, no other site
/// embeds an answer, no browser guesses a type, and no link tells where it stood.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// Adds the headers of every response, except the 101 that opens a WebSocket.
pub(crate) fn add_to(headers: &mut HeaderMap) {
    headers.extend(HEADERS);
}
