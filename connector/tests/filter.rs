//! Filter of addresses: what is refused is never dialed, by whatever name, redirect or proxy.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use connector::{
    AddressClass, AddressFilter, ConnectError, ErrorKind, Resolver, Route, ServerUrl, Target,
    TlsOptions, connect, tls_connector,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Listener of which each connection counts, and is answered with `head` if there is one.
async fn listener(head: String) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let accepted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            accepted.fetch_add(1, Ordering::SeqCst);
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => request.push(byte),
                    Err(_) => break,
                }
            }
            let _ = stream.write_all(head.as_bytes()).await;
        }
    });
    (address, count)
}

/// Target that may be reached at public addresses only.
fn public(url: &str) -> Target {
    let filter = AddressFilter::new(|candidate| candidate.class == AddressClass::Public);
    Target { filter, ..Target::new(url.parse().unwrap()) }
}

async fn fail(target: &Target) -> ConnectError {
    connect(target, &|_| {}).await.err().expect("it is refused")
}

#[tokio::test]
async fn a_host_is_refused_in_whatever_form_it_is_written() {
    let (address, count) = listener(String::new()).await;
    let port = address.port();
    for (host, class) in [
        ("127.0.0.1", AddressClass::Loopback),
        ("localhost", AddressClass::Loopback),
        ("localhost.", AddressClass::Loopback),
        ("2130706433", AddressClass::Loopback),
        ("0x7f.1", AddressClass::Loopback),
        ("0177.0.0.1", AddressClass::Loopback),
        ("127.1", AddressClass::Loopback),
        ("[::1]", AddressClass::Loopback),
        ("[::ffff:7f00:1]", AddressClass::Loopback),
        ("[::ffff:127.0.0.1]", AddressClass::Loopback),
        ("0", AddressClass::Unspecified),
        ("[::]", AddressClass::Unspecified),
        ("169.254.169.254", AddressClass::Metadata),
        ("[fd00:ec2::254]", AddressClass::Metadata),
        ("[64:ff9b::a9fe:a9fe]", AddressClass::Metadata),
        ("[fe80::1]", AddressClass::LinkLocal),
        ("10.0.0.1", AddressClass::Private),
        ("224.0.0.1", AddressClass::Multicast),
    ] {
        // Not each system knows `localhost.`; literals are not asked for.
        let resolver = Resolver::new(async |name, port| {
            assert!(name.starts_with("localhost"), "{name}");
            Ok(vec![SocketAddr::from(([127, 0, 0, 1], port))])
        });
        let target = Target { resolver, ..public(&format!("ws://{host}:{port}")) };
        let error = fail(&target).await;
        let refused = error.refused_address().unwrap_or_else(|| panic!("{host}: {error}"));
        let name = target.url.host();
        assert_eq!((&*refused.host, refused.class), (name, class), "{host}");
        assert_eq!(refused.address.port(), port);
        assert_eq!(refused.address.ip(), refused.address.ip().to_canonical());
        let ip = refused.address.ip().to_string();
        let words = if name.trim_matches(['[', ']']) == ip {
            format!(": {ip} is {class}")
        } else {
            format!("{name} leads to {ip}, {class}")
        };
        assert!(error.to_string().contains(&words), "{error}");
        assert!(error.is_permanent() && error.kind() == ErrorKind::RefusedAddress);
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn of_several_addresses_those_that_pass_are_dialed() {
    let (address, count) = listener("HTTP/1.1 404 No\r\n\r\n".to_owned()).await;
    let resolver = Resolver::new(move |_, port| async move {
        Ok(vec![SocketAddr::from(([169, 254, 169, 254], port)), address])
    });
    let filter = AddressFilter::new(|candidate| candidate.class == AddressClass::Loopback);
    let url = format!("ws://both.test:{}", address.port());
    let target = Target { resolver, filter, ..Target::new(url.parse().unwrap()) };
    let error = fail(&target).await;
    assert_eq!((error.status(), error.address()), (Some(404), Some(address)), "{error}");
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_redirect_is_asked_about_again_by_its_own_host() {
    let (inner, count) = listener(String::new()).await;
    let head = format!("HTTP/1.1 302 Found\r\nlocation: ws://{inner}/secret\r\n\r\n");
    let (outer, _) = listener(head).await;
    let resolver = Resolver::new(move |host, _| async move {
        if host == "outer.test" { Ok(vec![outer]) } else { Err(io::ErrorKind::NotFound.into()) }
    });
    let filter = AddressFilter::new(|candidate| candidate.host == "outer.test");
    let tls = tls_connector(&TlsOptions { insecure: true, ..TlsOptions::default() }).unwrap();
    let url: ServerUrl = format!("ws://outer.test:{}", outer.port()).parse().unwrap();
    let follow = Some(tls);
    let error = fail(&Target { resolver, filter, follow, ..Target::new(url) }).await;
    let refused = error.refused_address().unwrap_or_else(|| panic!("{error}"));
    assert_eq!((&*refused.host, refused.address), ("127.0.0.1", inner));
    assert_eq!(error.url().to_string(), format!("ws://{inner}/secret"));
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_proxy_is_asked_about_and_so_is_this_machine_beyond_it() {
    let (proxy, count) = listener(String::new()).await;
    let route = Route::Proxy(format!("http://{proxy}").parse().unwrap());
    let error = fail(&Target { route: route.clone(), ..public("ws://example.test") }).await;
    assert_eq!(error.refused_address().unwrap().address, proxy);
    let filter = AddressFilter::new(|candidate| candidate.host != "localhost.")
        .refuse(["127.0.0.1:9".parse().unwrap(), "[::1]:9".parse().unwrap()]);
    for host in ["127.0.0.1:9", "localhost:9", "a.localhost:9", "[::1]:9", "localhost.:10"] {
        let url = format!("ws://{host}").parse().unwrap();
        let (route, filter) = (route.clone(), filter.clone());
        let error = fail(&Target { route, filter, ..Target::new(url) }).await;
        assert!(error.refused_address().is_some(), "{host}: {error}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_listener_of_this_program_is_refused_by_every_name() {
    let (admin, count) = listener(String::new()).await;
    let port = admin.port();
    let resolver = Resolver::new(move |_, _| async move { Ok(vec![admin]) });
    for host in ["127.0.0.1", "2130706433", "[::ffff:7f00:1]", "0.0.0.0", "[::]", "evil.test"] {
        let filter = AddressFilter::default().refuse([admin]);
        let url: ServerUrl = format!("ws://{host}:{port}").parse().unwrap();
        let error = fail(&Target { resolver: resolver.clone(), filter, ..Target::new(url) }).await;
        let refused = error.refused_address().unwrap_or_else(|| panic!("{host}: {error}"));
        assert_eq!(refused.class, AddressClass::OwnListener, "{host}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_secure_url_without_certificates_is_not_opened_in_the_clear() {
    let (address, count) = listener(String::new()).await;
    let error = fail(&Target::new(format!("wss://{address}").parse().unwrap())).await;
    assert!(error.to_string().contains("no certificates are set up"), "{error}");
    assert!(count.load(Ordering::SeqCst) <= 1);
}
