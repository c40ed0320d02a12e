//! Openings in words: each step for `--verbose`, and failures with the flags that help.

use std::{
    borrow::Cow,
    fmt::{Display, Write},
};

use connector::{Advice, ConnectError, Head, OpeningStep, PemFile, REDACTED, TlsError, redact};
use session::{mask_url, visible_line};

/// Step of an opening as lines, escaped; `None` for a step that is not shown.
pub(crate) fn step_lines(step: OpeningStep<'_>, shows_secrets: bool) -> Option<String> {
    Some(match step {
        OpeningStep::Through(proxy) => format!("* Through the proxy {}", proxy.name()),
        OpeningStep::Unanswered(address, error) => format!("* {address}: {error}"),
        OpeningStep::Connected(address) => format!("* Connected to {address}"),
        OpeningStep::Encrypted(tls) => format!("* {}, {}", tls.version, tls.cipher_suite),
        OpeningStep::Request(head) => head_lines(head, "> ", shows_secrets),
        OpeningStep::Response(response) => head_lines(&response.head, "< ", shows_secrets),
        OpeningStep::Redirected(url) => {
            format!("* Redirected to {}", shown_url(url, shows_secrets))
        }
        _ => return None,
    })
}

/// URL without secret parameters, unless `shows_secrets`; also a line with one in it.
pub(crate) fn shown_url(url: impl Display, shows_secrets: bool) -> String {
    let url = url.to_string();
    if shows_secrets { url } else { mask_url(&url, REDACTED).into_owned() }
}

/// Failure of an opening as a sentence. Secret parameters of its URL are shown only if asked for.
pub(crate) fn sentence(error: &ConnectError, shows_secrets: bool) -> String {
    error.sentence(Some(&shown_url(error.url(), shows_secrets)))
}

/// Failure of an opening: the error, advice, and for a refusal the headers and the start of the
/// body, on lines of their own. Credentials are shown only if asked for.
pub(crate) fn failure(error: &ConnectError, shows_secrets: bool) -> String {
    let mut text = sentence(error, shows_secrets);
    if let Some(advice) = error.advice() {
        text += " ";
        text += &advice_sentence(advice, &shown_url(error.url(), shows_secrets));
    }
    if let Some(response) = error.refusal() {
        for line in header_lines(&response.head, shows_secrets) {
            let _ = write!(text, "\n  {line}");
        }
        let body = String::from_utf8_lossy(&response.body);
        if !body.trim().is_empty() {
            text += "\n";
            for line in body.trim_end().lines() {
                let _ = write!(text, "\n  {}", visible_line(line));
            }
        }
    }
    text
}

/// TLS that cannot be set up, with the flags concerned.
pub(crate) fn tls_failure(error: &TlsError) -> String {
    match error {
        TlsError::File { role, .. } => {
            let flag = match role {
                PemFile::Roots => "--cacert",
                PemFile::Certificate => "--cert",
                PemFile::Key => "--key",
            };
            format!("{flag} {error}")
        }
        TlsError::Mismatch { certificate, key } => {
            let (certificate, key) = (certificate.display(), key.display());
            format!("--cert {certificate} does not match --key {key}.")
        }
        TlsError::NoRoots => format!("{error} Use --cacert FILE."),
        error => error.to_string(),
    }
}

/// Advice as a sentence; empty for one that no flag answers.
fn advice_sentence(advice: Advice, url: &str) -> Cow<'static, str> {
    match advice {
        Advice::StartServer => "Is the server running?",
        Advice::CheckName => "Is the name right?",
        Advice::UseAnyFamily => "Leave out -4 or -6 to use any.",
        Advice::CheckAddress => "Is the address right? Does a firewall block it?",
        Advice::CheckProxy => "Is the proxy's address right?",
        Advice::GiveProxyCredentials => {
            "The proxy requires a name and a password: --proxy http://NAME:PASSWORD@HOST:PORT."
        }
        Advice::CheckNameServer => "Does this machine's DNS answer?",
        Advice::AllowAddress => "Connections to it are not allowed.",
        Advice::CheckTls => "Does it use TLS on this port?",
        Advice::CheckServer => "Is it a WebSocket server?",
        Advice::UseTls => return format!("Try {}.", url.replacen("ws://", "wss://", 1)).into(),
        Advice::UsePlain => "The server does not use TLS on this port: try ws://.",
        Advice::FollowRedirects => "Use --follow to follow the redirect.",
        Advice::GiveCredentials => {
            "Are the credentials right? --user, --bearer and --cookie send them."
        }
        Advice::CheckPath => "Is the path right?",
        Advice::GiveClientCertificate => {
            "The server requires a client certificate: --cert FILE --key FILE."
        }
        Advice::RenewCertificate => {
            "Renew it on the server, or use --insecure to accept any certificate."
        }
        Advice::CheckClock => {
            "Is the clock of this machine right? --insecure accepts any certificate."
        }
        Advice::UseCertificateName => {
            "Use a name of the certificate in the URL, or --insecure to accept any certificate."
        }
        Advice::TrustIssuer => {
            "Use --cacert FILE to trust it, or --insecure to accept any certificate."
        }
        Advice::AcceptCertificate => "--insecure accepts any certificate.",
        _ => "",
    }
    .into()
}

/// Start line and headers, each line after `prefix`. The prefix tells directions apart, as curl
/// does.
fn head_lines(head: &Head, prefix: &str, shows_secrets: bool) -> String {
    let start_line = shown_url(visible_bytes(head.start_line()), shows_secrets);
    let mut text = format!("{prefix}{start_line}");
    for line in header_lines(head, shows_secrets) {
        let _ = write!(text, "\n{prefix}{line}");
    }
    text
}

/// Headers as lines. Values of credentials are redacted, unless `shows_secrets`.
fn header_lines(head: &Head, shows_secrets: bool) -> impl Iterator<Item = String> {
    head.headers().map(move |(name, value)| {
        let value = visible_bytes(value);
        let value = if shows_secrets { value.into() } else { redact(name, &value) };
        format!("{name}: {value}")
    })
}

/// Bytes as text: invisible characters and bytes that are not UTF-8 are escaped. One line in any
/// case.
fn visible_bytes(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text += &visible_line(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_shown_as_bytes() {
        assert_eq!(visible_bytes("é\u{202e}".as_bytes()), "é\\u{202e}");
        assert_eq!(visible_bytes(b"a\xe9b\xff"), "a\\xe9b\\xff");
    }
}
