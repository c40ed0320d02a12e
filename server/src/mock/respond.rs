//! Requests to a mock: from the opening handshake to the conversation.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use axum::{
    Extension,
    extract::Request,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use scenario::{Answer, Run, Secrets};
use serde_json::json;
use workbench::compose::Values;

use super::{
    Mock, Script,
    conversation::{Conversation, ServedPath},
};
use crate::{
    accept::peer::Peer,
    endpoints::{
        delivery::{Conditions, Delivery, OPTIONS},
        open::SEED,
        options::Options,
    },
    state::Server,
    websocket::{
        handshake::{
            refusal::Refused,
            request::is_websocket,
            response::{Negotiation, Subprotocol},
        },
        open::{HandlerKind, OpenRequest, open},
    },
};

/// Label of the metrics: paths of a file are no labels.
const ENDPOINT: &str = "mock";

/// Characters of a path that a miss repeats, at most.
const SHOWN: usize = 200;

/// Opens a WebSocket of a mock, or refuses it. `Err` gives the request back: no file serves its path.
pub(crate) async fn respond(
    mock: &Mock,
    server: &Arc<Server>,
    peer: Peer,
    request: Request,
) -> Result<Response, Request> {
    let Some(script) = mock.script() else { return Err(request) };
    let (parts, body) = request.into_parts();
    let mut values = Values::new(0);
    values.variables = mock.variables();
    let secrets = mock.secrets();
    match script.find(&parts, values, &secrets) {
        Found::Nothing if mock.is_alone() => Ok(script.unknown(&parts, &secrets)),
        Found::Nothing => Err(Request::from_parts(parts, body)),
        Found::Refusal(response) => Ok(response),
        Found::Conversation(mut found) => {
            found.run.hide(secrets);
            Ok(start(server, &script, peer, parts, found).unwrap_or_else(|refusal| *refusal))
        }
    }
}

/// Conversation for a request.
struct FoundConversation {
    path: ServedPath,
    /// Number of the connection, from 1.
    number: u64,
    /// Subprotocol that the file selects.
    subprotocol: Option<String>,
    /// Interpreter at its beginning.
    run: Run,
}

/// Answer of the files to a request.
enum Found {
    /// No file has the path.
    Nothing,
    /// HTTP response, by a line of the file or for an unmet condition.
    Refusal(Response),
    /// Conversation to begin, unless the handshake is wrong.
    Conversation(Box<FoundConversation>),
}

impl Script {
    /// Finds the conversation for a request, in the first file that has one.
    fn find(&self, parts: &Parts, mut values: Values, secrets: &Secrets) -> Found {
        let request = described(parts);
        let connections = self.connections.lock();
        let number = *connections + 1;
        // Held by a WebSocket, while it is not known if the number is used.
        let mut connections = is_websocket(parts).then_some(connections);
        values.variables.insert(0, ("connection".to_owned(), number.to_string()));
        let mut unmet = Vec::new();
        for (index, file) in self.files.iter().enumerate() {
            match file.mock.answer(&request, &values) {
                Ok(Answer::Open { serve, subprotocol, run }) => {
                    if let Some(connections) = &mut connections {
                        **connections = number;
                    }
                    let path = ServedPath { file: index, serve };
                    let found = FoundConversation { path, number, subprotocol, run: *run };
                    return Found::Conversation(Box::new(found));
                }
                Ok(Answer::Refuse { serve, status }) => {
                    file.tallies[serve].refused.fetch_add(1, Relaxed);
                    let place = file.place(&file.mock.scenario().serves()[serve].span);
                    return Found::Refusal(refusal(
                        StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN),
                        format!("Refused by {place}.\n"),
                    ));
                }
                Ok(Answer::Unmet(spans)) => unmet.extend(spans.iter().map(|span| {
                    // Without its value, which may be a secret.
                    let words = file.step(span).split([':', '=']).next().unwrap_or_default();
                    format!("{words} ({})", file.place(span))
                })),
                Ok(Answer::Unknown) => {}
                Err(sentence) => {
                    let sentence = format!("{}: {sentence}\n", file.path.display());
                    return Found::Refusal(refusal(StatusCode::INTERNAL_SERVER_ERROR, sentence));
                }
            }
        }
        drop(connections);
        if unmet.is_empty() {
            return Found::Nothing;
        }
        self.misses.add(json!({ "path": shown(parts, secrets), "unmet": unmet }));
        let sentence =
            format!("The path is served, but the request does not meet {}.\n", unmet.join(", "));
        Found::Refusal(refusal(StatusCode::BAD_REQUEST, sentence))
    }

    /// HTTP 404 with the paths that there are.
    fn unknown(&self, parts: &Parts, secrets: &Secrets) -> Response {
        let path = shown(parts, secrets);
        let sentence =
            format!("Nothing is served at {path}. Served paths: {}.\n", self.paths().join(", "));
        self.misses.add(json!({ "path": path }));
        refusal(StatusCode::NOT_FOUND, sentence)
    }
}

/// Response that counts as refused by the mock.
fn refusal(status: StatusCode, sentence: String) -> Response {
    (status, Extension(Refused("mock")), sentence).into_response()
}

/// Path of a request without secrets, cut where it is long.
fn shown(parts: &Parts, secrets: &Secrets) -> String {
    secrets.hide(parts.uri.path()).chars().take(SHOWN).collect()
}

/// Request in the terms of a scenario.
fn described(parts: &Parts) -> scenario::Request {
    let query = parts.uri.query().unwrap_or_default();
    let headers = parts.headers.iter();
    let offers = parts.headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).into_iter();
    let offers = offers.filter_map(|value| value.to_str().ok()).flat_map(|it| it.split(','));
    scenario::Request {
        path: parts.uri.path().to_owned(),
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: headers
            .map(|(name, value)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect(),
        subprotocols: offers.map(|offer| offer.trim().to_owned()).collect(),
    }
}

/// Completes the opening handshake. `Err` is the response that refuses it.
fn start(
    server: &Arc<Server>,
    script: &Arc<Script>,
    peer: Peer,
    mut parts: Parts,
    found: Box<FoundConversation>,
) -> Result<Response, Box<Response>> {
    let FoundConversation { path, number, subprotocol, mut run } = *found;
    let refused = |response: Response| Box::new(response);
    let query = conditions(&parts);
    let mut options = Options::new(&query, None);
    let conditions = Conditions::read(&mut options);
    let rng = options.seed();
    let seed = options.seed.unwrap_or_default();
    options.finish("the mock").map_err(|error| refused(error.into_response()))?;
    let handshake =
        server.handshake(&mut parts).map_err(|refusal| refused(refusal.into_response()))?;
    let mut negotiation = Negotiation::default();
    if let Some(name) = subprotocol.and_then(|name| HeaderValue::try_from(name).ok()) {
        negotiation.subprotocol = Subprotocol::Always(name);
    }
    run.seed(seed);
    let delivery = Delivery::new(conditions, rng, server.config.limits.waiting);
    script.files[path.file].tallies[path.serve].opened.fetch_add(1, Relaxed);
    let handler = Conversation::new(run, delivery, Arc::clone(script), path, number, server);
    let request = OpenRequest { peer, endpoint: ENDPOINT, parts: &parts };
    let handler = HandlerKind::custom(handler);
    let mut response = open(server, request, handshake, negotiation, handler);
    response.headers_mut().insert(SEED, seed.into());
    Ok(response)
}

/// Query with the conditions of the delivery only: the rest is the scenario's.
fn conditions(parts: &Parts) -> String {
    let query = parts.uri.query().unwrap_or_default();
    let pairs = form_urlencoded::parse(query.as_bytes());
    let pairs = pairs.filter(|(name, _)| OPTIONS.contains(&&**name));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
