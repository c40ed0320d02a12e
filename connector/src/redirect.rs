//! Redirects (RFC 9110 section 15.4): the target that follows from a response.

use session::{is_secret_name, is_secret_subprotocol, mask_url};

use crate::{Target, handshake::Response, secret::REDACTED, server_url::ServerUrl};

/// Maximum number of redirects followed in a row.
pub(crate) const MAX_REDIRECTS: usize = 10;

/// Redirect that cannot be followed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RedirectError {
    /// Redirect without an address (RFC 9110 section 10.2.2).
    #[error("the response redirects without a Location header")]
    NoLocation,
    /// Address of another scheme, or one that cannot be parsed.
    #[error("invalid redirect to '{location}': {why}")]
    Invalid { location: String, why: String },
    /// More redirects in a row than are followed.
    #[error("it redirects more than {MAX_REDIRECTS} times")]
    TooMany,
    /// As many, and back to where they led before.
    #[error("it redirects in a loop: {MAX_REDIRECTS} times, and back to the same address")]
    Loop,
}

impl RedirectError {
    /// Error after these redirects to `url`, of which there are as many as are followed.
    pub(crate) fn after(redirects: &[ServerUrl], url: &ServerUrl) -> Self {
        if redirects.contains(url) { Self::Loop } else { Self::TooMany }
    }
}

impl Target {
    /// Points to where `response` redirects. Another host gets no credentials: neither those of the
    /// URL nor headers and subprotocols that hold some, nor the client certificate.
    pub(crate) fn redirect(&mut self, response: &Response) -> Result<(), RedirectError> {
        let location = response.head.values("location").next();
        let location = location.ok_or(RedirectError::NoLocation)?;
        let url = self.url.join(&location).map_err(|why| RedirectError::Invalid {
            location: crate::handshake::excerpt(&mask_url(&location, REDACTED)),
            why,
        })?;
        if !url.has_same_origin(&self.url) {
            let is_kept = |name: &str| {
                self.shares_headers && !is_secret_name(name) && !name.eq_ignore_ascii_case("host")
            };
            self.request.headers.retain(|header| is_kept(&header.name));
            self.request.subprotocols.retain(|name| !is_secret_subprotocol(name));
            self.tls = self.follow.clone().filter(|_| url.is_secure());
        }
        self.url = url;
        Ok(())
    }
}
