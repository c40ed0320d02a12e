//! The relay with servers on other implementations, and behind proxies.

use std::fs;

use harness::{
    Server,
    relayed::{Page, to},
};
use relay::{Command, Kind, Message, Open};

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
async fn is_echoed(server: &Server, open: &Open) {
    let text = "as services send it, ".repeat(200);
    let binary = [0, 0xff, 1].repeat(23_000);
    let messages = [
        (Kind::Text, text.as_bytes(), 0),
        (Kind::Text, b"", 0),
        (Kind::Binary, &binary, 0),
        (Kind::Text, text.as_bytes(), 1_000),
        (Kind::Binary, &binary, 10_000),
    ];
    for offer in OFFERS {
        let offers = if offer.is_empty() { Vec::new() } else { vec![offer.to_owned()] };
        let (mut page, opened) =
            Page::connected(server.authority(), Open { offers, ..open.clone() }).await;
        assert_eq!(opened.deflate.is_some(), !offer.is_empty(), "{}: '{offer}'", open.url);
        for (kind, payload, fragment) in messages {
            let message = Message { kind, compress: true, fragment, payload };
            page.send(&Command::Message(message)).await;
            let echoed = page.payload().await;
            assert!(echoed == payload, "{}, '{offer}': {kind:?}, {fragment}", open.url);
        }
    }
}

#[tokio::test]
async fn the_relay_is_a_client_of_other_implementations() {
    let server = Server::start().await;
    for library in LIBRARIES {
        let Some(peer) = Peer::start(library).await else { continue };
        is_echoed(&server, &to(&format!("ws://127.0.0.1:{}/", peer.port))).await;
    }
}

#[tokio::test]
async fn the_relay_reaches_other_servers_behind_haproxy() {
    let server = Server::start().await;
    let Some(peer) = Peer::start("ws.js").await else { return };
    let Some(proxy) = Proxy::start(Make::HaProxy, peer.port).await else { return };
    let authorities = fs::read_to_string(proxy.issuer()).unwrap();
    is_echoed(&server, &Open { authorities, ..to(&proxy.url("/")) }).await;
}
