//! Destinations of the relay: rules 7 and 8.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use harness::{
    Program, Server,
    relayed::{RelayClient, to},
};
use relay::{Event, FailureCause, Network, Open};
use server::{Config, RelayFlags, Resolver};

use super::Listener;

/// A server whose resolver knows one address, and counts the questions.
async fn resolving(address: &'static str) -> (Server, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let resolver = Resolver::new(move |_, port| {
        // From the second question on, the name is rebound to this machine.
        let address = if counter.fetch_add(1, Relaxed) == 0 { address } else { "127.0.0.1" };
        async move { Ok(vec![(address.parse::<std::net::IpAddr>().unwrap(), port).into()]) }
    });
    let relay = RelayFlags { resolver, ..RelayFlags::default() };
    (Server::start_as(Config { relay, ..Config::default() }).await, asked)
}

/// The cause of the failure to open this.
async fn cause(server: &str, open: Open) -> FailureCause {
    RelayClient::asking(server, open).await.failure().await.cause
}

#[tokio::test]
async fn rule_7_a_resolver_that_flips_to_this_machine_is_asked_once_and_leads_nowhere() {
    let target = Listener::start().await;
    // An address that is never connected to, so that no test depends on a network.
    let (server, asked) = resolving("192.0.2.1").await;
    let open = || Open {
        confirmed: vec![Network::Public, Network::Private],
        ..to(&format!("ws://rebound.example:{}", target.port))
    };
    assert_eq!(cause(server.authority(), open()).await, FailureCause::RefusedAddress);
    assert_eq!(asked.load(Relaxed), 1, "a name is resolved once");
    assert_eq!(cause(server.authority(), open()).await, FailureCause::UnconfirmedLoopback);
    assert_eq!(asked.load(Relaxed), 2);
    target.saw_nobody().await;
}

#[tokio::test]
async fn rule_7_a_name_leads_only_where_the_person_confirmed() {
    for (address, confirmed, expected) in [
        ("127.0.0.1", &[][..], FailureCause::UnconfirmedLoopback),
        ("::ffff:127.0.0.1", &[Network::Public], FailureCause::UnconfirmedLoopback),
        ("10.0.0.1", &[], FailureCause::UnconfirmedPrivate),
        ("fd00::1", &[Network::Public, Network::Loopback], FailureCause::UnconfirmedPrivate),
        ("9.9.9.9", &[Network::Private, Network::Loopback], FailureCause::UnconfirmedPublic),
        ("169.254.169.254", &Network::ALL, FailureCause::RefusedAddress),
        ("::ffff:169.254.169.254", &Network::ALL, FailureCause::RefusedAddress),
        ("fd00:ec2::254", &Network::ALL, FailureCause::RefusedAddress),
        ("fe80::1", &Network::ALL, FailureCause::RefusedAddress),
        ("0.0.0.0", &Network::ALL, FailureCause::RefusedAddress),
        ("::", &Network::ALL, FailureCause::RefusedAddress),
    ] {
        let (server, _) = resolving(address).await;
        let open = Open { confirmed: confirmed.to_vec(), ..to("ws://name.example:1") };
        let mut page = RelayClient::asking(server.authority(), open).await;
        let events = page.opening().await;
        let Some(Event::Failed(failure)) = events.last() else { panic!("{events:?}") };
        assert_eq!(failure.cause, expected, "{address}");
        // The person is told what it is about.
        let Some(Event::Resolved { host, addresses }) = events.first() else {
            panic!("{events:?}")
        };
        assert_eq!((&**host, addresses.len()), ("name.example", 1));
    }
}

#[tokio::test]
async fn rule_7_a_confirmed_name_leads_to_the_address_that_was_checked() {
    let target = Listener::start().await;
    let (server, asked) = resolving("127.0.0.1").await;
    let open = Open {
        confirmed: vec![Network::Loopback],
        ..to(&format!("ws://name.example:{}", target.port))
    };
    let mut page = RelayClient::asking(server.authority(), open).await;
    let stream = target.accept().await;
    let events = page.opening().await;
    let address = format!("127.0.0.1:{}", target.port);
    assert!(events.contains(&Event::Connected(address)), "{events:?}");
    assert_eq!(asked.load(Relaxed), 1);
    drop(stream);
}

#[tokio::test]
async fn rule_7_addresses_are_read_in_canonical_form() {
    let server = Server::start().await;
    let target = Listener::start().await;
    let url = |host: &str| format!("ws://{host}:{}", target.port);
    // This machine by its own names needs no question. Other spellings are the connector's to read.
    for host in ["localhost", "[::ffff:7f00:1]"] {
        let open = Open { confirmed: Vec::new(), ..to(&url(host)) };
        let (page, _) =
            tokio::join!(RelayClient::connected(server.authority(), open), target.accept());
        drop(page);
    }
    for host in ["169.254.169.254", "[::ffff:a9fe:a9fe]", "0"] {
        let found = cause(server.authority(), to(&url(host))).await;
        assert_eq!(found, FailureCause::RefusedAddress, "{host}");
    }
    target.saw_nobody().await;
}

#[tokio::test]
async fn rule_7_a_fixed_address_is_checked_as_one_of_a_name() {
    let (server, asked) = resolving("192.0.2.1").await;
    let target = Listener::start().await;
    let open = |address: &str, confirmed: &[Network]| Open {
        address: address.to_owned(),
        confirmed: confirmed.to_vec(),
        ..to(&format!("ws://name.example:{}", target.port))
    };
    let here = server.authority();
    assert_eq!(cause(here, open("127.0.0.1", &[])).await, FailureCause::UnconfirmedLoopback);
    assert_eq!(cause(here, open("0.0.0.0", &Network::ALL)).await, FailureCause::RefusedAddress);
    assert_eq!(cause(here, open("name", &Network::ALL)).await, FailureCause::Option);
    assert_eq!(asked.load(Relaxed), 0);
    target.saw_nobody().await;
}

#[tokio::test]
async fn rule_8_the_admin_listener_is_reached_by_no_name() {
    let mut server = Program::server_here(&["--admin", "127.0.0.1:0"]);
    let admin = server.admin().await;
    let (_, port) = admin.rsplit_once(':').unwrap();
    let authority = server.address("ws://").await;
    for host in ["localhost", "127.0.0.1", "0x7f.1", "0.0.0.0", "[::]"] {
        let open = to(&format!("ws://{host}:{port}/metrics"));
        let mut page = RelayClient::asking(&authority, open).await;
        let events = page.opening().await;
        let answered = events.iter().any(|event| matches!(event, Event::Response(_)));
        assert!(!answered, "{host}: {events:?}");
        let Some(Event::Failed(failure)) = events.last() else { panic!("{events:?}") };
        // Where `localhost` is `[::1]`, too, that is tried, and nothing listens there.
        let is_name = host == "localhost" && failure.cause == FailureCause::Unreachable;
        assert!(failure.cause == FailureCause::RefusedAddress || is_name, "{host}: {failure:?}");
    }
}
