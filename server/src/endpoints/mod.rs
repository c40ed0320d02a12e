//! The test endpoints: servers that misbehave on request, each chosen by its URL.
//!
//! An [`Endpoint`] describes itself once. Its `plan` asks for options ([`Ask`]) and says what is to
//! happen; the routes, `/endpoints.json`, and from that the documentation, the page's presets and
//! the tests' list, come of it.

mod abort;
mod after;
mod ask;
mod chat;
mod close;
mod echo;
mod fault;
mod hang;
mod ping;
mod reject;
mod report;
mod sink;
mod slow;
mod stream;
mod subprotocol;
mod time;

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use axum::{
    extract::{FromRequestParts, RawPathParams, Request},
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use protocol::Deflate;
use serde_json::json;
use tokio::time::sleep;

use self::ask::{Ask, Wrong};
pub(crate) use self::chat::Rooms;
use crate::{
    Endpoints, Server,
    accept::{Guest, Unanswered},
    conduct::Conduct,
    echo::Echo,
    handshake::{Compress, Handshake, Refused, Terms},
    pace::Paces,
};

/// The header that names the seed of what an endpoint does at random.
const SEED: HeaderName = HeaderName::from_static("x-wsbench-seed");

/// One test endpoint.
pub(crate) struct Endpoint {
    /// As a route: a segment in braces is an option.
    pub(crate) path: &'static str,
    /// What it does, in a sentence.
    summary: &'static str,
    /// What it belongs to, in a list of all.
    group: &'static str,
    /// Breaks the protocol or keeps more than its share: off with `--no-faults`.
    dangerous: bool,
    plan: Box<dyn Fn(&mut Ask<'_>) -> Plan + Send + Sync>,
}

/// All there are, in the order of their list.
pub(crate) static ENDPOINTS: LazyLock<Vec<Endpoint>> = LazyLock::new(|| {
    let single = [
        echo::endpoint(),
        sink::sink(),
        sink::silent(),
        chat::endpoint(),
        stream::endpoint(),
        time::endpoint(),
        ping::ping(),
        ping::no_pong(),
        slow::endpoint(),
        report::endpoint(),
        subprotocol::endpoint(),
        reject::endpoint(),
        close::endpoint(),
        abort::endpoint(),
        hang::endpoint(),
    ];
    single.into_iter().chain(fault::endpoints()).collect()
});

/// What `--endpoints` calls each, in order and once.
pub(crate) fn names() -> Vec<&'static str> {
    let mut names = ENDPOINTS.iter().map(Endpoint::name).collect::<Vec<_>>();
    names.dedup();
    names
}

impl Endpoint {
    fn new(
        path: &'static str,
        group: &'static str,
        summary: &'static str,
        plan: impl Fn(&mut Ask<'_>) -> Plan + Send + Sync + 'static,
    ) -> Self {
        Self { path, summary, group, dangerous: false, plan: Box::new(plan) }
    }

    fn dangerous(self) -> Self {
        Self { dangerous: true, ..self }
    }

    /// The first segment of its path.
    fn name(&self) -> &'static str {
        self.path.split('/').nth(1).unwrap_or_default()
    }

    /// What it is to do for a request, and the header that names its seed.
    async fn plan_for(
        &self,
        parts: &mut Parts,
        server: &Arc<Server>,
    ) -> Result<(Plan, Option<(HeaderName, HeaderValue)>), Response> {
        let uri = parts.uri.clone();
        let query = uri.query().unwrap_or_default();
        if query.is_empty() && self.path == echo::PATH {
            // Nothing is to be asked for, and opening a connection is not to take longer for it.
            return Ok((Plan::echo(Terms::default()), None));
        }
        let segments = RawPathParams::from_request_parts(parts, server).await;
        let segments = segments.map_err(IntoResponse::into_response)?;
        let segment = segments.iter().next().map(|(_, value)| value);
        let mut ask = Ask::new(query, segment, server.config.endpoints.allow_faults());
        let plan = (self.plan)(&mut ask);
        let seed = ask.seed.map(|seed| (SEED, seed.into()));
        ask.finish(self.path).map_err(IntoResponse::into_response)?;
        Ok((plan, seed))
    }

    /// Whether the server's flags leave it on.
    pub(crate) fn check(&self, chosen: &Endpoints) -> Result<(), Off> {
        if !chosen.names(self.name()) {
            return Err(Off::NotChosen(self.name()));
        }
        if self.dangerous && !chosen.allow_faults() {
            return Err(Off::Faults(self.path));
        }
        Ok(())
    }
}

/// Why an endpoint is not to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Off {
    #[error(
        "/{0} is switched off. Start the server with '{0}' in --endpoints, or without that flag."
    )]
    NotChosen(&'static str),
    #[error("{0} is switched off. Start the server without --no-faults.")]
    Faults(&'static str),
}

impl IntoResponse for Off {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::FORBIDDEN, format!("{self}\n")).into_response();
        response.extensions_mut().insert(Refused("endpoint"));
        response
    }
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::BAD_REQUEST, format!("{self}\n")).into_response();
        response.extensions_mut().insert(Refused("option"));
        response
    }
}

/// What is to happen to one request.
struct Plan {
    answer: Answer,
    terms: Terms,
    paces: Paces,
    /// Makes what conducts the conversation; a plain echo without it.
    conduct: Option<MakeConduct>,
}

type MakeConduct = Box<dyn FnOnce(&Opening<'_>) -> Box<dyn Conduct> + Send>;

/// How the request is answered.
enum Answer {
    /// By opening a WebSocket.
    Open,
    /// By this.
    Http(Response),
    /// Not at all; after this time the connection is dropped.
    Never(Duration),
    /// By its first line, and after this time the connection is dropped.
    Half(Duration),
}

/// A WebSocket that is about to open.
struct Opening<'a> {
    server: &'a Arc<Server>,
    guest: &'a Guest,
    parts: &'a Parts,
    handshake: &'a Handshake,
    deflate: Option<Deflate>,
}

impl Plan {
    /// Opens a WebSocket and lets `conduct` have it.
    fn conduct<C: Conduct + 'static>(
        conduct: impl FnOnce(&Opening<'_>) -> C + Send + 'static,
    ) -> Self {
        let conduct: MakeConduct = Box::new(|opening| Box::new(conduct(opening)));
        Self { conduct: Some(conduct), ..Self::echo(Terms::default()) }
    }

    /// Opens a WebSocket that echoes, on these terms.
    fn echo(terms: Terms) -> Self {
        Self { answer: Answer::Open, terms, paces: Paces::default(), conduct: None }
    }

    /// Opens none.
    fn no_websocket(answer: Answer) -> Self {
        Self { answer, ..Self::echo(Terms::default()) }
    }
}

/// A WebSocket that is to be opened.
pub(crate) struct Asked {
    pub(crate) handshake: Handshake,
    pub(crate) terms: Terms,
    /// What is more than an echo.
    pub(crate) special: Option<Box<Special>>,
    /// Names the seed in the answer.
    pub(crate) seed: Option<(HeaderName, HeaderValue)>,
}

/// How a WebSocket that is more than an echo is served.
pub(crate) struct Special {
    pub(crate) paces: Paces,
    /// Small messages are compressed as well.
    pub(crate) compresses_all: bool,
    pub(crate) conduct: Box<dyn Conduct>,
}

/// What comes of a request to `endpoint`: a WebSocket to be opened, or an answer instead.
pub(crate) async fn asked(
    endpoint: &Endpoint,
    server: &Arc<Server>,
    guest: &Guest,
    request: Request,
) -> Result<Asked, Response> {
    endpoint.check(&server.config.endpoints).map_err(IntoResponse::into_response)?;
    let (mut parts, _) = request.into_parts();
    let (Plan { answer, terms, paces, conduct }, seed) =
        endpoint.plan_for(&mut parts, server).await?;
    if let Answer::Http(response) = answer {
        return Err(response);
    }
    let handshake = <Handshake as FromRequestParts<_>>::from_request_parts(&mut parts, server);
    let handshake = handshake.await.map_err(IntoResponse::into_response)?;
    match answer {
        // Others of its connection are not to wait.
        Answer::Half(time) if !handshake.shares_connection() => {
            return Err(unanswered(Unanswered::Half(time)));
        }
        Answer::Half(time) | Answer::Never(time) => {
            tokio::select! {
                () = sleep(time) => {}
                () = server.shutdown.requested() => {}
            }
            return Err(unanswered(Unanswered::Dropped));
        }
        Answer::Open | Answer::Http(_) => {}
    }
    handshake.meets(&terms).map_err(IntoResponse::into_response)?;
    let deflate = handshake.deflate(&terms, &server.config.compression);
    let conduct = match conduct {
        Some(make) => {
            Some(make(&Opening { server, guest, parts: &parts, handshake: &handshake, deflate }))
        }
        None if paces.are_limited() => Some(Box::new(Echo::Verbatim) as Box<dyn Conduct>),
        None => None,
    };
    let compresses_all = terms.compress == Compress::All;
    let special = conduct.map(|conduct| Box::new(Special { paces, compresses_all, conduct }));
    Ok(Asked { handshake, terms, special, seed })
}

/// What conducts the conversations of the endpoint at `path` with these options.
#[cfg(test)]
pub(crate) fn conduct(
    path: &str,
    query: &str,
    server: &Arc<Server>,
    guest: &Guest,
) -> Box<dyn Conduct> {
    let endpoint = ENDPOINTS.iter().find(|endpoint| endpoint.path == path).unwrap();
    let mut ask = Ask::new(query, None, true);
    let plan = (endpoint.plan)(&mut ask);
    ask.finish(endpoint.path).unwrap();
    let (parts, ()) = Request::new(()).into_parts();
    let handshake = Handshake::of_nobody();
    let opening = Opening { server, guest, parts: &parts, handshake: &handshake, deflate: None };
    plan.conduct.map_or_else(|| Box::new(Echo::Verbatim) as _, |make| make(&opening))
}

/// Tells the connection that the request is to have no answer.
fn unanswered(how: Unanswered) -> Response {
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    response.extensions_mut().insert(how);
    response
}

/// `/endpoints.json`: what there is, for any page to read.
pub(crate) fn list(chosen: &Endpoints) -> Response {
    let list = ENDPOINTS.iter().filter(|endpoint| endpoint.check(chosen).is_ok());
    let list = list.map(|endpoint| {
        let mut ask = Ask::new("", None, chosen.allow_faults());
        let _ = (endpoint.plan)(&mut ask);
        // Nothing was given that could be wrong.
        let options = ask.finish(endpoint.path).unwrap_or_default();
        json!({
            "path": endpoint.path,
            "summary": endpoint.summary,
            "group": endpoint.group,
            "dangerous": endpoint.dangerous,
            "options": options.iter().map(ask::Setting::json).collect::<Vec<_>>(),
        })
    });
    let text = json!({ "endpoints": list.collect::<Vec<_>>() }).to_string();
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

/// What a path below `/fault/` that is none is answered by.
pub(crate) fn no_such_fault(name: &str) -> Response {
    let names = fault::names().join(", ");
    let sentence = format!("There is no fault '{}'. There are: {names}.\n", ask::shown(name));
    (StatusCode::NOT_FOUND, sentence).into_response()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A query of options that exist, with values that may be right.
    fn queries() -> impl Strategy<Value = String> {
        let name = prop::sample::select(vec![
            "delay",
            "drop",
            "reorder",
            "fragment",
            "close_after",
            "code",
            "seed",
            "rate",
            "size",
            "count",
            "every",
            "for",
            "stage",
            "read",
            "status",
            "accept",
            "after",
            "x",
        ]);
        let value = prop_oneof![
            any::<String>(),
            "[0-9]{1,25}(\\.[0-9]{1,20})?(e[0-9]{1,4})?(ns|ms|s|m|h|y|/s|/h|KiB|PB|KiB/s)?",
        ];
        prop::collection::vec((name, value), 0..4).prop_map(|options| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(options).finish()
        })
    }

    proptest! {
        #[test]
        fn whatever_a_url_asks_for_it_is_had_or_refused(query in queries(), segment: String) {
            for endpoint in ENDPOINTS.iter() {
                let mut ask = Ask::new(&query, Some(&segment), true);
                let _ = (endpoint.plan)(&mut ask);
                if let Err(wrong) = ask.finish(endpoint.path) {
                    let sentence = wrong.to_string();
                    prop_assert!(sentence.ends_with('.') && sentence.len() < 1_000, "{sentence}");
                    prop_assert!(!sentence.contains(char::is_control), "{sentence}");
                }
            }
        }
    }
}
