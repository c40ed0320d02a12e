//! Text format of Prometheus, version 0.0.4, made from the format of `OpenMetrics`.
//!
//! The library encodes `OpenMetrics` only. The samples of both are the same for counters, gauges and
//! histograms; only the comments differ, so that a change of these lines is less than a second library.

use std::fmt::Write;

/// Content type of `OpenMetrics`, supported by Prometheus since version 2.5.
pub(super) const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Content type of the text format.
pub(super) const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Text format of metrics in `OpenMetrics`. The comments name a counter as its samples do, with
/// `_total`; units and the end are not marked.
pub(super) fn from_open_metrics(metrics: &str) -> String {
    let mut text = String::with_capacity(metrics.len());
    let mut help = "";
    for line in metrics.lines() {
        if let Some(described) = line.strip_prefix("# HELP ") {
            // The type, which follows, decides on the name.
            help = described.split_once(' ').map_or("", |(_, help)| help);
        } else if let Some((name, kind)) =
            line.strip_prefix("# TYPE ").and_then(|described| described.split_once(' '))
        {
            let suffix = if kind == "counter" { "_total" } else { "" };
            let _ = writeln!(text, "# HELP {name}{suffix} {help}\n# TYPE {name}{suffix} {kind}");
        } else if !line.starts_with('#') {
            text += line;
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_name_a_counter_as_its_samples_do() {
        let metrics = "# HELP a_bytes Bytes.\n# TYPE a_bytes counter\n# UNIT a_bytes bytes\n\
                       a_bytes_total 1\n# HELP b Now.\n# TYPE b gauge\nb{c=\"# d\"} 2\n# EOF\n";
        let text = "# HELP a_bytes_total Bytes.\n# TYPE a_bytes_total counter\na_bytes_total 1\n\
                    # HELP b Now.\n# TYPE b gauge\nb{c=\"# d\"} 2\n";
        assert_eq!(from_open_metrics(metrics), text);
    }
}
