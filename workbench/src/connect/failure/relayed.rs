//! Causes that the page's server found, with their secrets hidden.

use ::relay::{Failure, Response};
use session::MASK;

use super::{Cause, sentence};
use crate::{
    compose::mask_url,
    connect::{hidden_hosts, hidden_path},
    relay::{FailureCause, Network, certificate_texts},
};

impl Cause {
    /// Cause that the page's server found when it came to `host`, not [hidden](Self::hiding) yet.
    pub(crate) fn relayed(failure: &Failure, status: u16, host: &str) -> Self {
        let sentence = mask_url(&failure.sentence, MASK).into_owned();
        let cause = failure.cause;
        let instead = String::new();
        match Network::ALL.into_iter().find(|network| network.unconfirmed() == cause) {
            Some(network) => Self::Unconfirmed { network, host: host.to_owned() },
            None if cause == FailureCause::NoTls => Self::NoTls { instead },
            None if cause == FailureCause::OnlyTls => Self::OnlyTls { instead },
            None => Self::Relayed { cause, status, sentence },
        }
    }

    /// Cause of a response to `request` that opens no WebSocket, not [hidden](Self::hiding) yet.
    pub(crate) fn answered(request: &str, response: &Response) -> Self {
        let Response { status, reason, headers, body } = response;
        let status = *status;
        match status {
            301..=303 | 307 | 308 => {
                let location = headers.iter().find(|it| it.0.eq_ignore_ascii_case("location"));
                let location = location.map(|(_, value)| value.clone()).unwrap_or_default();
                Self::Redirects { status, location }
            }
            ..=300 => {
                let path = request.split([' ', '?']).nth(1).unwrap_or_default().to_owned();
                Self::NotAnEndpoint { path }
            }
            _ => {
                // No pages, which are for a browser's window.
                let is_told = !body.trim().is_empty() && !body.trim_start().starts_with('<');
                Self::Refused { status, sentence: if is_told { body } else { reason }.clone() }
            }
        }
    }

    /// Cause with the address that is `shown` in place of `url`, which may have secrets; cut only then, since half an
    /// address would not be found.
    pub(crate) fn hiding(mut self, url: &str, shown: &str) -> Self {
        let hide = |text: &str| {
            let mut text = text.replace(&*mask_url(url, MASK), shown);
            let path = hidden_path(url, shown);
            for (secret, shown) in path.into_iter().chain(hidden_hosts(url, shown)) {
                text = text.replace(&secret, &shown);
            }
            text
        };
        match &mut self {
            Self::Untrusted { certificates, sentence: whole } => {
                let texts = certificates.iter_mut().flat_map(certificate_texts);
                texts.for_each(|text| *text = hide(text));
                *whole = sentence(&hide(whole));
            }
            Self::Relayed { sentence: whole, .. }
            | Self::Refused { sentence: whole, .. }
            | Self::NotAnEndpoint { path: whole }
            | Self::Redirects { location: whole, .. } => *whole = sentence(&hide(whole)),
            Self::Unconfirmed { host, .. } => *host = hide(host),
            Self::NoTls { instead } => *instead = shown.replacen("wss:", "ws:", 1),
            Self::OnlyTls { instead } => *instead = shown.replacen("ws:", "wss:", 1),
            _ => {}
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use ::relay::Certificate;

    use super::*;
    use crate::{
        connect::{failure::MAX_SENTENCE, is_permanent},
        fixtures::{self, pairs},
    };

    #[test]
    fn a_response_through_the_relay_says_what_it_would_to_a_browser() {
        let said = |status, body: &str, headers| {
            let (reason, body) = ("Reason".to_owned(), body.to_owned());
            let response = Response { status, reason, headers, body };
            let cause = Cause::answered("GET /s3cret?b=c HTTP/1.1\nHost: d", &response);
            cause.hiding("ws://d/s3cret?b=c", "ws://d/{{x}}?b=c").to_string()
        };
        assert_eq!(
            said(400, "Invalid\nvalue of /s3cret?b=c.\n", vec![]),
            "400: Invalid value of /{{x}}?b=c."
        );
        assert_eq!(said(404, " <html>", vec![]), "404: Reason");
        let not_an_endpoint = "The server responded, but this path is not a WebSocket endpoint: ";
        assert_eq!(said(200, "<html>", vec![]), format!("{not_an_endpoint}/{{{{x}}}}"));
        assert_eq!(
            said(302, "", pairs([("Location", "/b")])),
            "The server redirects to /b (HTTP status 302). Follow it, or turn on Follow redirects."
        );
        let nowhere = "The server redirects (HTTP status 302), but does not say where.";
        assert_eq!(said(302, "Found", vec![]), nowhere);
    }

    #[test]
    fn tls_at_the_wrong_port_is_told_with_the_other_scheme() {
        let told = |cause, url: &str, shown| {
            let failure = Failure { cause, times: Vec::new(), sentence: "corrupt".to_owned() };
            let cause = Cause::relayed(&failure, 0, "").hiding(url, shown);
            (cause.to_string(), is_permanent(&[cause]))
        };
        let plain = "The server does not use TLS on this port. Try ws://h:1/{{key}}";
        let found = told(FailureCause::NoTls, "wss://h:1/s3cret", "wss://h:1/{{key}}");
        assert_eq!(found, (plain.to_owned(), true));
        let tls = "The server uses TLS on this port. Try wss://h:1/";
        assert_eq!(told(FailureCause::OnlyTls, "ws://h:1/", "ws://h:1/"), (tls.to_owned(), true));
    }

    #[test]
    fn an_address_is_cut_only_once_it_is_hidden() {
        let (url, shown) = ("ws://s3cret.test/a?q=s3cret", "ws://{{key}}.test/a?q={{key}}");
        let start = "x".repeat(MAX_SENTENCE - 12);
        let failure = |cause| {
            let sentence = format!("{start} {url} is s3cret.test");
            let cause =
                Cause::relayed(&Failure { cause, times: Vec::new(), sentence }, 0, "s3cret.test");
            cause.hiding(url, shown)
        };
        let sentence = format!("{start} ws://{{{{key}}…");
        assert_eq!(failure(FailureCause::Unreachable).to_string(), sentence);
        let host = "{{key}}.test".to_owned();
        let unconfirmed = Cause::Unconfirmed { network: Network::Private, host };
        assert_eq!(failure(FailureCause::UnconfirmedPrivate), unconfirmed);
        let untrusted = |host: &str| {
            let (issuer, names) = (format!("CN={host}"), vec![host.to_owned()]);
            let subject = issuer.clone();
            let certificate = Certificate { subject, issuer, names, ..fixtures::certificate() };
            Cause::Untrusted { certificates: vec![certificate], sentence: String::new() }
        };
        assert_eq!(untrusted("s3cret.test").hiding(url, shown), untrusted("{{key}}.test"));
    }
}
