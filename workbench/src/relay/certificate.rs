//! Certificates and TLS versions, as they are shown.

use ::relay::{Certificate, Tls};
use session::{Time, hexadecimal, visible_line};

/// Microseconds of a second.
const SECOND: u64 = 1_000_000;

/// Names of a certificate that are shown, at most.
const MAX_NAMES: usize = 12;

const SECONDS_OF_A_DAY: u64 = 24 * 60 * 60;

/// Certificate in texts, which are on one line and without invisible characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownCertificate {
    /// Subject, as in `CN=example.org`.
    pub subject: String,
    /// Issuer.
    pub issuer: String,
    /// Names that it is for, with commas between them.
    pub names: String,
    /// First and last day of its validity, as in `2026-01-31`.
    pub days: [String; 2],
    /// Validity now.
    pub validity: Validity,
    /// SHA-256 as openssl and browsers write it: `AB:CD:…`.
    pub fingerprint: String,
}

/// Validity of a certificate at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Begins later.
    NotYet,
    /// Ends after this many whole days.
    Days(u64),
    /// Has ended.
    Expired,
}

impl ShownCertificate {
    /// Certificate as it is at `now`.
    #[must_use]
    pub fn new(certificate: &Certificate, now: Time) -> Self {
        let Certificate { subject, issuer, names, not_before, not_after, fingerprint } =
            certificate;
        let text = |text: &str| visible_line(text).into_owned();
        let now = now.0 / SECOND;
        let hex = hexadecimal(fingerprint, ":").to_ascii_uppercase();
        Self {
            subject: text(subject),
            issuer: text(issuer),
            names: text(&match names.get(..MAX_NAMES) {
                Some(first) if names.len() > MAX_NAMES => first.join(", ") + ", …",
                _ => names.join(", "),
            }),
            days: certificate.validity().map(|time| time[.."2026-01-02".len()].to_owned()),
            validity: match not_after.checked_sub(now) {
                _ if now < *not_before => Validity::NotYet,
                Some(left) => Validity::Days(left / SECONDS_OF_A_DAY),
                None => Validity::Expired,
            },
            fingerprint: hex,
        }
    }
}

/// Texts of a certificate, which may name the host.
pub(crate) fn texts(certificate: &mut Certificate) -> impl Iterator<Item = &mut String> {
    let Certificate { subject, issuer, names, .. } = certificate;
    [subject, issuer].into_iter().chain(names)
}

/// Version and cipher of TLS as RFC 8446 and people write them, from the names of rustls: `TLS 1.3, AES-256-GCM`.
#[must_use]
pub fn tls_name(Tls { version, cipher_suite, .. }: &Tls) -> String {
    let version = version.replace("TLSv", "TLS ").replace('_', ".");
    let cipher = cipher_suite.rsplit("_WITH_").next().unwrap_or_default();
    let cipher = cipher.strip_prefix("TLS13_").unwrap_or(cipher);
    let cipher = cipher.split("_SHA").next().unwrap_or_default().replace('_', "-");
    visible_line(&format!("{version}, {cipher}")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn a_certificate_says_how_long_it_is_valid_and_has_a_fingerprint() {
        let mut fingerprint = [0; 32];
        fingerprint[..2].copy_from_slice(&[0xab, 1]);
        let certificate = Certificate {
            subject: "CN=a\u{202e}".to_owned(),
            names: vec!["a".to_owned(), "b".to_owned()],
            not_before: 1_767_225_600,
            not_after: 1_769_904_000,
            fingerprint,
            ..fixtures::certificate()
        };
        let at = |seconds: u64| ShownCertificate::new(&certificate, Time(seconds * SECOND));
        let shown = at(1_767_225_600);
        assert_eq!((&*shown.subject, &*shown.names), ("CN=a\\u{202e}", "a, b"));
        assert_eq!(shown.days, ["2026-01-01", "2026-02-01"]);
        assert_eq!(shown.validity, Validity::Days(31));
        assert!(shown.fingerprint.starts_with("AB:01:00:") && shown.fingerprint.len() == 95);
        assert_eq!(at(1_767_225_599).validity, Validity::NotYet);
        assert_eq!(at(1_769_904_000).validity, Validity::Days(0));
        assert_eq!(at(1_769_904_001).validity, Validity::Expired);
    }

    #[test]
    fn names_beyond_the_bound_are_left_out_with_a_sign() {
        for (count, is_cut) in [(MAX_NAMES, false), (MAX_NAMES + 1, true)] {
            let names = vec!["a".to_owned(); count];
            let certificate = Certificate { names, ..fixtures::certificate() };
            let shown = ShownCertificate::new(&certificate, Time(0)).names;
            assert_eq!(shown, "a, ".repeat(MAX_NAMES - 1) + if is_cut { "a, …" } else { "a" });
        }
    }

    #[test]
    fn tls_has_the_names_of_people() {
        let name = |version: &str, cipher_suite: &str| {
            let (version, cipher_suite) = (version.to_owned(), cipher_suite.to_owned());
            tls_name(&Tls { version, cipher_suite, ..fixtures::tls() })
        };
        assert_eq!(name("TLSv1_3", "TLS13_AES_256_GCM_SHA384"), "TLS 1.3, AES-256-GCM");
        assert_eq!(
            name("TLSv1_2", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
            "TLS 1.2, CHACHA20-POLY1305"
        );
    }
}
