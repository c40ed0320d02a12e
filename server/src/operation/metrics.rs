//! Metrics for Prometheus, in the text format of `OpenMetrics`.

use std::time::Duration;

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

/// Metrics of one server.
pub(crate) struct Metrics {
    registry: Registry,
    /// `wsbench_connections_open`.
    open: Gauge,
    /// `wsbench_connections_total`.
    opened: Counter,
    /// `wsbench_messages_received_total`.
    received: Counter,
    /// `wsbench_payload_received_bytes_total`.
    received_bytes: Counter,
    /// `wsbench_messages_sent_total`.
    sent: Counter,
    /// `wsbench_payload_sent_bytes_total`.
    sent_bytes: Counter,
    /// `wsbench_closed_total`, by close code.
    closed: Family<Code, Counter>,
    /// `wsbench_refused_total`, by reason.
    refused: Family<Reason, Counter>,
    /// `wsbench_shed_total`, by reason.
    shed: Family<Reason, Counter>,
    /// `wsbench_memory_held_bytes`.
    memory_held: Gauge,
    /// `wsbench_memory_limit_bytes`.
    memory_limit: Gauge,
    /// `wsbench_pings_without_pong_total`.
    peers_gone: Counter,
    /// `wsbench_echo_seconds`.
    echo_times: Histogram,
}

/// Counts of one connection since they were last added to the metrics.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Messages received.
    pub(crate) received: u64,
    /// Payload bytes, uncompressed, without frame headers; as in `sent_bytes`.
    pub(crate) received_bytes: u64,
    /// Messages sent, echoes and unasked ones.
    pub(crate) sent: u64,
    pub(crate) sent_bytes: u64,
    /// Messages without a log line.
    pub(crate) unlogged: u64,
}

/// Label of a close code: the code, or a range of codes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Code {
    code: String,
}

/// Label of a refusal, such as `full`, `origin` or `slow`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let this = Self {
            registry: Registry::with_prefix("wsbench"),
            open: Gauge::default(),
            opened: Counter::default(),
            received: Counter::default(),
            received_bytes: Counter::default(),
            sent: Counter::default(),
            sent_bytes: Counter::default(),
            closed: Family::default(),
            refused: Family::default(),
            shed: Family::default(),
            memory_held: Gauge::default(),
            memory_limit: Gauge::default(),
            peers_gone: Counter::default(),
            // Buckets from 1 µs to 8 s.
            echo_times: Histogram::new(exponential_buckets(1e-6, 2.0, 24)),
        };
        this.registered()
    }

    /// Registers all metrics, with their help texts.
    fn registered(mut self) -> Self {
        let list = &mut self.registry;
        list.register("connections_open", "Open WebSockets", self.open.clone());
        list.register("connections", "WebSockets opened", self.opened.clone());
        list.register("messages_received", "Messages from clients", self.received.clone());
        list.register("messages_sent", "Messages to clients", self.sent.clone());
        list.register_with_unit(
            "payload_received",
            "Payload from clients, uncompressed",
            Unit::Bytes,
            self.received_bytes.clone(),
        );
        list.register_with_unit(
            "payload_sent",
            "Payload to clients, uncompressed",
            Unit::Bytes,
            self.sent_bytes.clone(),
        );
        list.register("closed", "WebSockets closed, by close code", self.closed.clone());
        list.register("refused", "Requests refused, by reason", self.refused.clone());
        list.register(
            "shed",
            "WebSockets closed to protect the server, by reason: memory or message_timeout",
            self.shed.clone(),
        );
        list.register_with_unit(
            "memory_held",
            "Memory held for all clients: incomplete messages, backlogs, state of compression",
            Unit::Bytes,
            self.memory_held.clone(),
        );
        list.register_with_unit(
            "memory_limit",
            "Limit of wsbench_memory_held_bytes (--max-memory)",
            Unit::Bytes,
            self.memory_limit.clone(),
        );
        list.register(
            "pings_without_pong",
            "WebSockets dropped: no pong, or backlog not read",
            self.peers_gone.clone(),
        );
        list.register_with_unit(
            "echo",
            "Time from reading messages to writing their answers, sampled",
            Unit::Seconds,
            self.echo_times.clone(),
        );
        self
    }

    /// Counts a WebSocket as open.
    pub(crate) fn opened(&self) {
        self.opened.inc();
        self.open.inc();
    }

    /// Counts the end of a WebSocket. `code` also stands for an end without a Close frame (1005, 1006).
    pub(crate) fn closed(&self, code: u16) {
        self.open.dec();
        // One label for each range that peers can choose from: they must not make the list long.
        let code = match code {
            3000..=3999 => "3000-3999".to_owned(),
            4000..=4999 => "4000-4999".to_owned(),
            code => code.to_string(),
        };
        self.closed.get_or_create(&Code { code }).inc();
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
        self.memory_held.set(i64::try_from(held).unwrap_or(i64::MAX));
        self.memory_limit.set(i64::try_from(limit).unwrap_or(i64::MAX));
    }

    /// Counts a connection dropped by the keep-alive.
    pub(crate) fn peer_gone(&self) {
        self.peers_gone.inc();
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

    /// Records the time of one exchange.
    pub(crate) fn echo_took(&self, time: Duration) {
        self.echo_times.observe(time.as_secs_f64());
    }

    /// All metrics, in the text format of `OpenMetrics`.
    pub(crate) fn text(&self) -> String {
        let mut list = String::new();
        // Writing to a String cannot fail.
        let _ = text::encode(&mut list, &self.registry);
        list
    }
}
