//! The scenario files of `examples/scenarios/`, each with the peer that it is written for.

use std::{collections::BTreeSet, fs, path::Path};

use harness::{Program, Server};

use crate::{output, peer::Peer, wsbench};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/scenarios");

/// Scenario files for a server that is a script.
const PEERS: [(&str, &str); 5] = [
    ("login", "feed.js"),
    ("silence", "feed.js"),
    ("refused-login", "feed.js"),
    ("socket-io", "socket_io.js"),
    ("graphql-transport-ws", "graphql_ws.js"),
];

/// Scenario files for `wsbench server`.
const OWN: [&str; 3] = ["echo", "latency", "room"];

/// A mock, and a scenario file for it.
const MOCK: [&str; 2] = ["ticker", "ticker-client"];

/// Runs a scenario file whose `@host` is this.
async fn run(name: &str, host: &str) -> (Option<i32>, String) {
    let file = format!("{FOLDER}/{name}.ws");
    let (status, said, error) =
        output(&mut wsbench(&["run", &file, "--set", &format!("host={host}")])).await;
    (status, said + &error)
}

async fn passes(name: &str, host: &str) {
    let (status, said) = run(name, host).await;
    assert_eq!(status, Some(0), "{name}: {said}");
}

#[tokio::test]
async fn the_examples_for_the_server_pass() {
    let server = Server::start().await;
    for name in OWN {
        passes(name, server.authority()).await;
    }
}

#[tokio::test]
async fn the_examples_for_other_servers_pass() {
    for (name, peer) in PEERS {
        let Some(peer) = Peer::start(peer).await else { continue };
        passes(name, &format!("127.0.0.1:{}", peer.port)).await;
    }
}

#[tokio::test]
async fn the_mock_of_a_ticker_passes_its_example() {
    let [mock, client] = MOCK;
    let file = format!("{FOLDER}/{mock}.ws");
    let mut program = Program::start(&mut wsbench(&["mock", &file, "--listen", "127.0.0.1:0"]));
    let authority = program.address("ws://").await;
    passes(client, authority.trim_end_matches('/')).await;
}

/// A server without these endpoints, and one that tells a member what it said itself.
#[tokio::test]
async fn the_examples_fail_with_servers_that_do_otherwise() {
    let server = Server::start().await;
    for (name, _) in PEERS {
        let (status, said) = run(name, server.authority()).await;
        assert_eq!(status, Some(1), "{name}: {said}");
    }
    let Some(peer) = Peer::start("ws.js").await else { return };
    for name in ["echo", "room", "login", "silence", "refused-login"] {
        let (status, said) = run(name, &format!("127.0.0.1:{}", peer.port)).await;
        assert_eq!(status, Some(3), "{name}: {said}");
    }
}

#[tokio::test]
async fn each_example_is_run_and_laid_out() {
    let run = PEERS.map(|(name, _)| name).into_iter().chain(OWN).chain(MOCK);
    let run = run.map(|name| format!("{name}.ws")).collect::<BTreeSet<_>>();
    let files = fs::read_dir(FOLDER).expect("there are examples");
    let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let files = files.filter(|name| Path::new(name).extension().is_some_and(|it| it == "ws"));
    assert_eq!(files.collect::<BTreeSet<_>>(), run);
    let paths = run.iter().map(|name| format!("{FOLDER}/{name}")).collect::<Vec<_>>();
    let (status, said, error) = output(wsbench(&["fmt", "--check"]).args(paths)).await;
    assert_eq!(status, Some(0), "{said}{error}");
}
