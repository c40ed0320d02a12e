//! English parts that several views share.

use workbench::{
    connect::Overrun,
    format::{count, span},
    relay::{ShownCertificate, Validity},
};

/// Count with its noun: `1 row`, `2,000 rows`. Only `1` has the singular.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Certificate in a sentence.
pub(crate) fn certificate(shown: &ShownCertificate) -> String {
    let ShownCertificate { subject, issuer, names, days: [from, to], validity, fingerprint } =
        shown;
    let validity = match validity {
        Validity::NotYet => "not valid yet".to_owned(),
        Validity::Days(days) => format!("{} left", counted(*days, "day", "days")),
        Validity::Expired => "expired".to_owned(),
    };
    format!(
        "{subject}, issued by {issuer}, for {names}, valid from {from} to {to} ({validity}), SHA-256 {fingerprint}"
    )
}

/// Connection closed because messages lag behind.
pub(crate) fn overrun_text(overrun: &Overrun) -> String {
    format!(
        "Disconnected: messages arrived faster than the browser can handle ({} behind, {}/s). Try a \
         lower rate, such as ?rate=1000/s. Reconnecting waits until the backlog is processed.",
        span(overrun.lag),
        count(overrun.rate)
    )
}
