//! Declaration of a test endpoint: path, group, summary, and the plan for a request.

use std::{sync::Arc, time::Duration};

use axum::{http::request::Parts, response::Response};
use protocol::Deflate;

use super::{options::Options, rooms::Rooms};
use crate::{
    accept::peer::Peer,
    websocket::{
        handler::Handler,
        handshake::{request::Handshake, response::Negotiation},
        transport::throttle::Throttle,
    },
};

/// Test endpoint.
pub(crate) struct Endpoint {
    /// Route; a segment in braces is an option.
    pub(crate) path: &'static str,
    /// Summary of at most eight words, without a full stop: a column of the page's presets.
    pub(super) summary: &'static str,
    /// Further documentation, without its last full stop; empty for none.
    pub(super) details: &'static str,
    /// Group in the documentation and in the page's presets.
    pub(super) group: Group,
    /// True if it breaks the protocol or hogs resources: off with `--no-faults`.
    pub(super) is_dangerous: bool,
    /// Plan for a request, from its options.
    plan: Box<dyn Fn(&mut Options<'_>) -> Plan + Send + Sync>,
}

/// Group of endpoints, for documentation and presets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Answers to messages, and endpoints that keep them.
    Echo,
    /// Messages or pings sent unasked.
    Streams,
    /// Opening handshakes other than usual.
    Handshake,
    /// Ends of a connection.
    Close,
    /// Violations of the protocol.
    Faults,
}

impl Group {
    /// Name in `/endpoints.json`.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Echo => "Echo",
            Self::Streams => "Streams",
            Self::Handshake => "Handshake",
            Self::Close => "Close",
            Self::Faults => "Faults",
        }
    }
}

impl Endpoint {
    /// Declares an endpoint. `plan` reads every option it has, on each call: that is also how they
    /// are listed.
    pub(super) fn new(
        path: &'static str,
        group: Group,
        summary: &'static str,
        plan: impl Fn(&mut Options<'_>) -> Plan + Send + Sync + 'static,
    ) -> Self {
        Self { path, summary, details: "", group, is_dangerous: false, plan: Box::new(plan) }
    }

    /// Adds documentation after the summary.
    pub(super) fn details(self, details: &'static str) -> Self {
        Self { details, ..self }
    }

    /// Marks an endpoint that `--no-faults` turns off.
    pub(super) fn dangerous(self) -> Self {
        Self { is_dangerous: true, ..self }
    }

    /// First segment of the path, as `--endpoints` takes it.
    pub(super) fn name(&self) -> &'static str {
        self.path.split('/').nth(1).unwrap_or_default()
    }

    /// Plan for a request with these options.
    pub(super) fn plan(&self, options: &mut Options<'_>) -> Plan {
        (self.plan)(options)
    }
}

/// Treatment of one request.
pub(super) struct Plan {
    pub(super) response: PlannedResponse,
    /// Choices for the opening handshake.
    pub(super) negotiation: Negotiation,
    /// Limits on the bytes per second.
    pub(super) throttle: Throttle,
    /// Creates the handler; a plain echo without it.
    pub(super) handler: Option<MakeHandler>,
}

/// Constructor of a handler, called once the handshake is accepted.
type MakeHandler = Box<dyn FnOnce(&HandlerContext<'_>) -> Box<dyn Handler> + Send>;

/// Response to a request.
pub(super) enum PlannedResponse {
    /// Opens a WebSocket.
    Open,
    Http(Response),
    /// Sends nothing, and drops the connection after this time.
    Never(Duration),
    /// Sends the status line only, and drops the connection after this time.
    Stall(Duration),
}

/// Context of a handler: the WebSocket about to open, as the constructor gets it.
pub(super) struct HandlerContext<'a> {
    pub(super) peer: &'a Peer,
    /// Request line and headers.
    pub(super) parts: &'a Parts,
    /// Client's offers, checked.
    pub(super) handshake: &'a Handshake,
    /// Negotiated compression parameters.
    pub(super) deflate: Option<Deflate>,
    /// Chat rooms of the server.
    pub(super) rooms: &'a Arc<Rooms>,
    /// [`Limits::waiting`](crate::Limits::waiting), in bytes.
    pub(super) max_waiting: usize,
}

impl Plan {
    /// Opens a WebSocket with this handler.
    pub(super) fn handler<H: Handler + 'static>(
        handler: impl FnOnce(&HandlerContext<'_>) -> H + Send + 'static,
    ) -> Self {
        let handler: MakeHandler = Box::new(|context| Box::new(handler(context)));
        Self { handler: Some(handler), ..Self::echo(Negotiation::default()) }
    }

    /// Opens a WebSocket with a plain echo.
    pub(super) fn echo(negotiation: Negotiation) -> Self {
        Self {
            response: PlannedResponse::Open,
            negotiation,
            throttle: Throttle::default(),
            handler: None,
        }
    }

    /// Opens no WebSocket.
    pub(super) fn no_websocket(response: PlannedResponse) -> Self {
        Self { response, ..Self::echo(Negotiation::default()) }
    }
}
