//! The relay with servers on other implementations, and behind proxies.

use std::fs;

use harness::{
    Authority, Program, Server,
    relayed::{RelayClient, to},
};
use relay::{Command, FailureCause, Fragments, Message, Open, PayloadKind};

use crate::{
    peer::{LIBRARIES, Peer},
    proxies::{Make, Proxy},
};

/// Offers of permessage-deflate; none is first.
const OFFERS: [&str; 4] = [
    "",
    "permessage-deflate; client_max_window_bits",
    "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
    "permessage-deflate; client_max_window_bits=9; server_max_window_bits=9",
];

/// Has a page send messages to an echo, and fails unless each comes back.
async fn is_echoed(server: &str, open: &Open) {
    let text = "as services send it, ".repeat(200);
    let binary = [0, 0xff, 1].repeat(23_000);
    let messages = [
        (PayloadKind::Text, text.as_bytes(), Fragments::NONE),
        (PayloadKind::Text, b"", Fragments::NONE),
        (PayloadKind::Binary, &binary, Fragments::NONE),
        (PayloadKind::Text, text.as_bytes(), Fragments::Bytes(1_000)),
        (PayloadKind::Binary, &binary, Fragments::Count(7)),
    ];
    for offer in OFFERS {
        let offers = if offer.is_empty() { Vec::new() } else { vec![offer.to_owned()] };
        let (mut page, opened) =
            RelayClient::connected(server, Open { offers, ..open.clone() }).await;
        assert_eq!(opened.deflate.is_some(), !offer.is_empty(), "{}: '{offer}'", open.url);
        for (kind, payload, fragments) in messages {
            let message = Message { kind, compress: true, fragments, payload };
            page.send(&Command::Message(message)).await;
            let echoed = page.payload().await;
            assert!(echoed == payload, "{}, '{offer}': {kind:?}, {fragments:?}", open.url);
        }
    }
}

/// Cause of an opening that fails.
async fn refusal(server: &str, open: Open) -> FailureCause {
    RelayClient::asking(server, open).await.failure().await.cause
}

#[tokio::test]
async fn the_relay_is_a_client_of_other_implementations() {
    let server = Server::start().await;
    for library in LIBRARIES {
        let Some(peer) = Peer::start(library).await else { continue };
        is_echoed(server.authority(), &to(&format!("ws://127.0.0.1:{}/", peer.port))).await;
    }
}

#[tokio::test]
async fn the_relay_reaches_other_servers_behind_haproxy() {
    let server = Server::start().await;
    let Some(peer) = Peer::start("ws.js").await else { return };
    let Some(proxy) = Proxy::start(Make::HaProxy, peer.port).await else { return };
    let authorities = fs::read_to_string(proxy.issuer()).unwrap();
    is_echoed(server.authority(), &Open { authorities, ..to(&proxy.url("/")) }).await;
}

#[tokio::test]
async fn the_relay_has_a_cookie_and_an_origin_of_its_own() {
    let server = Server::start().await;
    let wants = [("COOKIE", "session=1"), ("ORIGIN", "https://app.example")];
    let Some(peer) = Peer::start_with("ws.js", &wants).await else { return };
    let open = to(&format!("ws://127.0.0.1:{}/", peer.port));
    assert_eq!(refusal(server.authority(), open.clone()).await, FailureCause::Status);
    let headers = [("Cookie", "session=1"), ("Origin", "https://app.example")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    is_echoed(server.authority(), &Open { headers, ..open }).await;
}

#[tokio::test]
async fn the_relay_reaches_a_server_whose_certificate_is_signed_by_itself() {
    let server = Server::start().await;
    let authority = Authority::default();
    let [certificate, key] = authority.self_signed("localhost");
    let Some(peer) = Peer::start_with("ws.js", &[("CERT", &certificate), ("KEY", &key)]).await
    else {
        return;
    };
    let open = to(&format!("wss://localhost:{}/", peer.port));
    assert_eq!(refusal(server.authority(), open.clone()).await, FailureCause::Certificate);
    is_echoed(server.authority(), &Open { insecure: true, ..open }).await;
}

#[tokio::test]
async fn the_relay_shows_a_client_certificate() {
    let authority = Authority::default();
    let [certificate, key] = authority.identity("localhost");
    let [client, client_key] = authority.identity("client");
    let clients = authority.path();
    let tls = [("CERT", &*certificate), ("KEY", &key), ("CLIENTS", &clients)];
    let Some(peer) = Peer::start_with("ws.js", &tls).await else { return };
    let identity = format!("work={client},{client_key}");
    let mut server = Program::server_here(&["--client-cert", &identity]);
    let here = server.address("ws://").await;
    let open = Open { insecure: true, ..to(&format!("wss://localhost:{}/", peer.port)) };
    // TLS 1.3 refuses after the client's own handshake: the stage depends on the time.
    RelayClient::asking(&here, open.clone()).await.failure().await;
    is_echoed(&here, &Open { certificate: "work".to_owned(), ..open }).await;
}

#[tokio::test]
async fn the_relay_goes_through_an_http_proxy() {
    let server = Server::start().await;
    let Some(peer) = Peer::start("ws.js").await else { return };
    let Some(proxy) = Peer::start("proxy.js").await else { return };
    let proxy = format!("http://127.0.0.1:{}", proxy.port);
    // A name that only the proxy knows.
    let open = to(&format!("ws://far.test:{}/", peer.port));
    is_echoed(server.authority(), &Open { proxy, ..open }).await;
}
