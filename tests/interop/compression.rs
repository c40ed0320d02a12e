//! Messages with and without permessage-deflate (RFC 7692), in all its parameters, both ways.

use std::iter;

use harness::Server;
use server::{Compression, Config};

use crate::peer::{Peer, converse, is_echoed};

/// Window bits of one side: the least of zlib, the default, and one between.
const BITS: [u8; 3] = [9, 12, 15];

/// The least of RFC 7692, which Python's libraries decline.
const LEAST: u8 = 8;
const WITH_LEAST: [u8; 4] = [LEAST, BITS[0], BITS[1], BITS[2]];

/// Every set of the four parameters, with these window bits.
fn sets(bits: &[u8]) -> Vec<String> {
    let with = |parameter: &str| [String::new(), format!("; {parameter}")];
    let with_bits = |side: &str| {
        let values = bits.iter().map(|bits| format!("; {side}_max_window_bits={bits}"));
        iter::once(String::new()).chain(values).collect::<Vec<_>>()
    };
    let server = with_bits("server");
    let mut client = with_bits("client");
    client.push("; client_max_window_bits".to_owned());
    let mut sets = Vec::new();
    for one in with("server_no_context_takeover") {
        for other in with("client_no_context_takeover") {
            for server in &server {
                for client in &client {
                    let set = [&*one, &*other, server, client].concat();
                    sets.push(set.trim_start_matches("; ").to_owned());
                }
            }
        }
    }
    sets
}

/// Fails unless the response keeps to what the client asked of the server (RFC 7692 section 7.1).
fn is_kept_to(offered: &str, agreed: &str) {
    let mut agreed_on = agreed.split(';').map(str::trim);
    assert_eq!(agreed_on.next(), Some("permessage-deflate"), "'{offered}' was not accepted");
    let agreed_on = agreed_on.collect::<Vec<_>>();
    let asked = offered.split(';').map(str::trim).filter(|it| it.starts_with("server_"));
    for parameter in asked.filter(|it| *it != "server_max_window_bits=15") {
        assert!(agreed_on.contains(&parameter), "'{offered}' was answered by '{agreed}'");
    }
}

async fn server() -> Server {
    let compression = Compression { offered: true, from: 1 };
    Server::start_as(Config { compression, ..Config::default() }).await
}

async fn takes_clients_on(library: &str, sets: &[String]) {
    let server = server().await;
    let Some(agreed) = converse(library, &server.ws("/echo"), sets, None).await else { return };
    for (offered, agreed) in sets.iter().zip(&agreed) {
        if offered == "off" {
            assert_eq!(agreed, "", "{library} offered nothing");
        } else {
            is_kept_to(offered, agreed);
        }
    }
}

async fn is_a_client_of(library: &str, bits: &[u8]) {
    let Some(peer) = Peer::start(library).await else { return };
    let url = format!("ws://127.0.0.1:{}/", peer.port);
    assert_eq!(is_echoed(&url, &["--compression", "off"]).await, "");
    for set in sets(bits) {
        let offered = if set.is_empty() { "on" } else { &set };
        is_kept_to(&set, &is_echoed(&url, &["--compression", offered]).await);
    }
    // Compressed or not, as the library will.
    for side in ["client", "server"] {
        let offered = format!("{side}_max_window_bits={LEAST}");
        is_echoed(&url, &["--compression", &offered]).await;
    }
}

fn with_off(mut sets: Vec<String>) -> Vec<String> {
    sets.insert(0, "off".to_owned());
    sets
}

#[tokio::test]
async fn the_server_takes_clients_on_npms_ws() {
    takes_clients_on("ws.js", &with_off(sets(&WITH_LEAST))).await;
}

#[tokio::test]
async fn the_server_takes_clients_on_websockets() {
    takes_clients_on("on_websockets.py", &with_off(sets(&BITS))).await;
}

/// Its client offers nothing but the server's window bits.
#[tokio::test]
async fn the_server_takes_clients_on_aiohttp() {
    let bits = (9..=15).map(|bits| format!("server_max_window_bits={bits}"));
    takes_clients_on("on_aiohttp.py", &with_off(bits.collect())).await;
}

#[tokio::test]
async fn wsbench_is_a_client_of_npms_ws() {
    is_a_client_of("ws.js", &WITH_LEAST).await;
}

#[tokio::test]
async fn wsbench_is_a_client_of_websockets() {
    is_a_client_of("on_websockets.py", &BITS).await;
}

#[tokio::test]
async fn wsbench_is_a_client_of_aiohttp() {
    is_a_client_of("on_aiohttp.py", &BITS).await;
}
