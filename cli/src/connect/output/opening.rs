//! Times and certificates of an opening, as `--verbose` and `--json` show them.

use connector::{OpeningReport, TlsInfo};
use serde_json::{Map, Value, json};
use session::visible_line;

use crate::quantity::format_duration;

/// Lines for `--verbose`: the certificates, then the time of each stage.
pub(crate) fn lines(opening: &OpeningReport) -> Vec<String> {
    let certificates = opening.tls.iter().flat_map(TlsInfo::certificates);
    let mut lines: Vec<_> = certificates
        .map(|it| {
            let [_, until] = it.validity();
            let names = it.names.join(", ");
            let names = if names.is_empty() { it.subject } else { names };
            let line = format!("* Certificate: {names}, by {}, valid until {until}", it.issuer);
            visible_line(&line).into_owned()
        })
        .collect();
    let times = opening.times.iter();
    let times = times.map(|(stage, time)| format!("{} {}", stage.name(), format_duration(time)));
    let times = times.collect::<Vec<_>>().join(", ");
    if !times.is_empty() {
        lines.push(format!("* Times: {times}"));
    }
    lines
}

/// Fields of a record of `--json`: `times_us` and, for `wss://`, `tls`.
pub(super) fn fields(opening: &OpeningReport) -> Map<String, Value> {
    let mut fields = Map::new();
    let times: Map<_, _> = opening
        .times
        .iter()
        .map(|(stage, time)| {
            (stage.name().to_owned(), u64::try_from(time.as_micros()).unwrap_or(u64::MAX).into())
        })
        .collect();
    fields.insert("times_us".to_owned(), times.into());
    if let Some(tls) = &opening.tls {
        let certificates: Vec<_> = tls
            .certificates()
            .map(|it| {
                let [from, until] = it.validity();
                json!({
                    "subject": it.subject,
                    "issuer": it.issuer,
                    "names": it.names,
                    "not_before": from,
                    "not_after": until,
                })
            })
            .collect();
        let tls = json!({
            "version": tls.version,
            "cipher_suite": tls.cipher_suite,
            "alpn": tls.alpn,
            "certificates": certificates,
        });
        fields.insert("tls".to_owned(), tls);
    }
    fields
}
