//! Metrics for Prometheus, in the text format of `OpenMetrics`.

use std::sync::Arc;

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Metric, Registry, Unit},
};

use super::{
    process::Process,
    record::{EndRecord, Tally},
};

/// Metrics of one server.
pub(crate) struct Metrics {
    /// List of all metrics, with names and help texts.
    registry: Registry,
    /// `wsbench_connections_open`, by endpoint.
    open: Family<EndpointLabel, Gauge>,
    /// `wsbench_connections_total`, by endpoint.
    opened: Family<EndpointLabel, Counter>,
    /// `wsbench_network_connections_open`.
    network_connections: Gauge,
    /// `wsbench_tls_certificate_expiry_timestamp_seconds`.
    pub(crate) certificate_expiry: Gauge,
    /// `wsbench_messages_received_total`.
    received: Counter,
    /// `wsbench_payload_received_bytes_total`.
    received_bytes: Counter,
    /// `wsbench_messages_sent_total`.
    sent: Counter,
    /// `wsbench_payload_sent_bytes_total`.
    sent_bytes: Counter,
    /// `wsbench_wire_received_bytes_total` and `wsbench_wire_sent_bytes_total`.
    wire: Arc<Wire>,
    /// `wsbench_closed_total`, by close code and cause.
    closed: Family<CloseLabels, Counter>,
    /// `wsbench_refused_total`, by reason.
    refused: Family<Reason, Counter>,
    /// `wsbench_shed_total`, by reason.
    shed: Family<Reason, Counter>,
    /// `wsbench_mock_deviations_total`.
    pub(crate) mock_deviations: Counter,
    /// `wsbench_memory_held_bytes`.
    memory_held: Gauge,
    /// `wsbench_memory_limit_bytes`.
    memory_limit: Gauge,
    /// `wsbench_pings_without_pong_total`.
    pub(crate) peers_gone: Counter,
    /// `wsbench_echo_seconds`.
    pub(crate) echo_times: Histogram,
}

/// Bytes of all connections as they are transferred: frames with their headers, compressed, before TLS.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    /// `wsbench_wire_received_bytes_total`.
    pub(crate) received: Counter,
    /// `wsbench_wire_sent_bytes_total`.
    pub(crate) sent: Counter,
}

/// Labels of the build.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
    /// Commit, as `--version` has it.
    commit: &'static str,
}

/// Label of an endpoint: the pattern of its path, which no client can choose.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndpointLabel {
    /// Pattern, such as `/chat/{room}`.
    endpoint: &'static str,
}

/// Labels of a close: the code or a range of codes, and the cause.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CloseLabels {
    /// Code, or one of two ranges.
    code: String,
    /// Side or event that ended the connection, such as `client` or `idle`.
    cause: &'static str,
}

/// Label of a refusal, such as `full`, `origin` or `slow`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    /// Reason, one of a fixed list.
    reason: &'static str,
}

impl Wire {
    /// Creates and registers both.
    fn new(list: &mut Registry) -> Self {
        Self {
            received: add_bytes(
                list,
                "wire_received",
                "Bytes from clients as transferred: frames, compressed, before TLS",
            ),
            sent: add_bytes(
                list,
                "wire_sent",
                "Bytes to clients as transferred: frames, compressed, before TLS",
            ),
        }
    }
}

impl Metrics {
    /// Creates and registers all metrics. The expiry metric exists only with a certificate.
    pub(crate) fn new(max_connections: usize, has_certificate: bool) -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process));
        let list = registry.sub_registry_with_prefix("wsbench");
        let build: Family<Build, Gauge> =
            add(list, "build_info", "Version and commit of the server");
        let (version, commit) = (env!("CARGO_PKG_VERSION"), env!("WSBENCH_COMMIT"));
        build.get_or_create(&Build { version, commit }).set(1);
        let connections_limit: Gauge = add(
            list,
            "network_connections_limit",
            "Limit of wsbench_network_connections_open (--max-connections, open files)",
        );
        connections_limit.set(gauge(max_connections));
        let this = Self {
            open: add(list, "connections_open", "Open WebSockets, by endpoint"),
            opened: add(list, "connections", "WebSockets opened, by endpoint"),
            network_connections: add(
                list,
                "network_connections_open",
                "Open connections, WebSocket and HTTP, without those of --admin",
            ),
            closed: add(list, "closed", "WebSockets closed, by close code and cause"),
            refused: add(list, "refused", "Requests refused, by reason"),
            shed: add(
                list,
                "shed",
                "WebSockets closed to protect the server, by reason: memory or message_timeout",
            ),
            peers_gone: add(
                list,
                "pings_without_pong",
                "WebSockets dropped: no pong, or backlog not read",
            ),
            mock_deviations: add(
                list,
                "mock_deviations",
                "Conversations of a mock that deviated from its file",
            ),
            certificate_expiry: if has_certificate {
                let name = "tls_certificate_expiry_timestamp";
                let help = "End of the certificate's validity, in seconds since 1970";
                add_with_unit(list, name, help, Unit::Seconds, Gauge::default())
            } else {
                Gauge::default()
            },
            received: add(list, "messages_received", "Messages from clients"),
            sent: add(list, "messages_sent", "Messages to clients"),
            received_bytes: add_bytes(
                list,
                "payload_received",
                "Payload from clients, uncompressed",
            ),
            sent_bytes: add_bytes(list, "payload_sent", "Payload to clients, uncompressed"),
            wire: Arc::new(Wire::new(list)),
            echo_times: {
                let help = "Time from reading messages to writing their answers, sampled";
                // Buckets from 1 µs to 8 s.
                let times = Histogram::new(exponential_buckets(1e-6, 2.0, 24));
                add_with_unit(list, "echo", help, Unit::Seconds, times)
            },
            memory_held: add_bytes(
                list,
                "memory_held",
                "Memory held for all clients: incomplete messages, backlogs, state of compression",
            ),
            memory_limit: add_bytes(
                list,
                "memory_limit",
                "Limit of wsbench_memory_held_bytes (--max-memory)",
            ),
            registry,
        };
        // From 0, so that a rate sees the first one.
        for reason in ["memory", "message_timeout"] {
            drop(this.shed.get_or_create(&Reason { reason }));
        }
        this
    }

    /// Counters of the bytes that connections transfer.
    pub(crate) fn wire(&self) -> Arc<Wire> {
        Arc::clone(&self.wire)
    }

    /// Counts a WebSocket of `endpoint` as open.
    pub(crate) fn opened(&self, endpoint: &'static str) {
        self.opened.get_or_create(&EndpointLabel { endpoint }).inc();
        self.open.get_or_create(&EndpointLabel { endpoint }).inc();
    }

    /// Counts the end of a WebSocket. Its code also stands for an end without a Close frame (1005, 1006).
    pub(crate) fn closed(&self, endpoint: &'static str, end: &EndRecord) {
        self.open.get_or_create(&EndpointLabel { endpoint }).dec();
        // One label for each range that peers can choose from: they must not make the list long.
        let code = match end.code {
            3000..=3999 => "3000-3999".to_owned(),
            4000..=4999 => "4000-4999".to_owned(),
            code => code.to_string(),
        };
        self.closed.get_or_create(&CloseLabels { code, cause: end.cause }).inc();
    }

    /// Counts a refused request or connection.
    pub(crate) fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&Reason { reason }).inc();
    }

    /// Counts a connection closed to protect the server.
    pub(crate) fn shed(&self, reason: &'static str) {
        self.shed.get_or_create(&Reason { reason }).inc();
    }

    /// Sets the gauges of the memory held for peers.
    pub(crate) fn set_memory(&self, held: usize, limit: usize) {
        self.memory_held.set(gauge(held));
        self.memory_limit.set(gauge(limit));
    }

    /// Sets the gauge of open connections, WebSocket and HTTP.
    pub(crate) fn set_network_connections(&self, open: usize) {
        self.network_connections.set(gauge(open));
    }

    /// Adds a connection's counts.
    pub(crate) fn count(&self, tally: Tally) {
        if tally.received > 0 {
            self.received.inc_by(tally.received);
            self.received_bytes.inc_by(tally.received_bytes);
        }
        if tally.sent > 0 {
            self.sent.inc_by(tally.sent);
            self.sent_bytes.inc_by(tally.sent_bytes);
        }
    }

    /// All metrics, in the text format of `OpenMetrics`.
    pub(crate) fn text(&self) -> String {
        let mut list = String::new();
        // Writing to a String cannot fail.
        let _ = text::encode(&mut list, &self.registry);
        list
    }
}

/// Registers a metric with its help text.
fn add<M: Metric + Clone + Default>(list: &mut Registry, name: &str, help: &str) -> M {
    let metric = M::default();
    list.register(name, help, metric.clone());
    metric
}

/// Registers a metric of bytes.
fn add_bytes<M: Metric + Clone + Default>(list: &mut Registry, name: &str, help: &str) -> M {
    add_with_unit(list, name, help, Unit::Bytes, M::default())
}

/// Registers a metric with the unit that ends its name.
fn add_with_unit<M: Metric + Clone>(
    list: &mut Registry,
    name: &str,
    help: &str,
    unit: Unit,
    metric: M,
) -> M {
    list.register_with_unit(name, help, unit, metric.clone());
    metric
}

/// Value of a gauge; the largest one where the number does not fit.
fn gauge(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
