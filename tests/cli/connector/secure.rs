//! TLS, with certificates made by the test.

use harness::Authority;
use rcgen::CertificateParams;
use tokio::io::AsyncWriteExt;

use super::handshake::{self, admit_by_socks};
use crate::output;

#[tokio::test]
async fn a_certificate_is_trusted_when_its_issuer_is() {
    let authority = Authority::default();
    let port = authority.serve().await;
    let url = format!("wss://localhost:{port}");
    let cacert = authority.path();
    let (status, lines, said) = output(&[&url, "--cacert", &cacert, "-x", "hi", "-v"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "hi\n"), "{said}");
    assert!(said.contains("* TLSv1_3"), "{said}");
    assert!(said.contains("* Certificate: localhost, by CN=issuer, valid until 40"), "{said}");
    assert!(said.contains("* Times: name ") && said.contains(", tls "), "{said}");

    let (_, lines, _) = output(&[&url, "--cacert", &cacert, "-x", "hi", "--json"]).await;
    let open: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    for stage in ["name", "tcp", "tls", "http"] {
        assert!(open["times_us"][stage].is_u64(), "{open}");
    }
    assert_eq!(open["times_us"]["proxy"], serde_json::Value::Null);
    assert_eq!(open["tls"]["version"], "TLSv1_3");
    assert_eq!(open["tls"]["certificates"][0]["names"][0], "localhost");
    assert_eq!(open["tls"]["certificates"][0]["not_after"], "4096-01-01T00:00:00Z");

    let (status, _, said) = output(&[&url, "-x", "hi"]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("The certificate of") && said.contains("--cacert FILE"), "{said}");

    let (status, lines, said) = output(&[&url, "--insecure", "-x", "hi"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "hi\n"));
    assert!(said.contains("certificate is not checked (--insecure)"), "{said}");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_rejected() {
    let authority = Authority::default();
    let port = authority.serve().await;
    let cacert = authority.path();
    let (status, _, said) =
        output(&[&format!("wss://127.0.0.1:{port}"), "--cacert", &cacert]).await;
    assert_eq!(status, Some(1));
    assert!(
        said.contains("is for another host: localhost. Use a name of the certificate in the URL"),
        "{said}"
    );
    assert!(!said.contains("--cacert"), "{said}");
}

#[tokio::test]
async fn a_certificate_out_of_its_time_is_named() {
    let authority = Authority::default();
    let cacert = authority.path();
    let now = rcgen::date_time_ymd(2000, 1, 1);
    let never = rcgen::date_time_ymd(4000, 1, 1);
    for (not_before, not_after, words) in [
        (now, rcgen::date_time_ymd(2001, 1, 1), "expired "),
        (rcgen::date_time_ymd(3999, 1, 1), never, "is not valid yet. Is the clock of this machine"),
    ] {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (not_before, not_after);
        let port = authority.serve_as(authority.sign(&params), false).await;
        let url = format!("wss://localhost:{port}");
        let (status, _, said) = output(&[&url, "--cacert", &cacert]).await;
        assert_eq!(status, Some(1));
        assert!(said.starts_with(&format!("The certificate of {url} {words}")), "{said}");
        assert!(!said.contains("--cacert") && said.contains("--insecure"), "{said}");
        let (status, ..) = output(&[&url, "--insecure", "-x", "hi"]).await;
        assert_eq!(status, Some(0));
    }
}

#[tokio::test]
async fn plain_text_to_a_tls_port_advises_wss() {
    let authority = Authority::default();
    let port = authority.serve().await;
    let (status, _, said) = output(&[&format!("ws://localhost:{port}/a")]).await;
    assert_eq!(status, Some(1));
    let words = format!("the server expects TLS. Try wss://localhost:{port}/a.");
    assert!(said.contains(&words), "{said}");
    // As nginx says it.
    let authority = crate::raw_server(async |mut stream| {
        harness::raw::read_head(&mut stream).await;
        let body = "The plain HTTP request was sent to HTTPS port";
        let head = format!("HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all((head + body).as_bytes()).await.unwrap();
    })
    .await;
    let (_, _, said) = output(&[&format!("ws://{authority}")]).await;
    assert!(said.contains(&format!("Try wss://{authority}.")), "{said}");
}

#[tokio::test]
async fn a_client_certificate_is_presented_on_request() {
    let authority = Authority::default();
    let port = authority.serve_certified().await;
    let url = format!("wss://localhost:{port}");
    let cacert = authority.path();
    let [cert, key] = authority.identity("me");
    let (status, lines, said) =
        output(&[&url, "--cacert", &cacert, "--cert", &cert, "--key", &key, "-x", "hi"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "hi\n"), "{said}");
    let (status, _, said) = output(&[&url, "--cacert", &cacert, "-x", "hi"]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("requires a client certificate: --cert FILE --key FILE."), "{said}");
    // A key is not a certificate.
    let (status, _, said) =
        output(&[&url, "--cacert", &cacert, "--cert", &key, "--key", &cert]).await;
    assert_eq!(status, Some(2));
    assert!(said.contains("--cert ") && said.contains("PEM"), "{said}");
    let [_, other] = authority.identity("other");
    let (status, _, said) = output(&[&url, "--cert", &cert, "--key", &other]).await;
    let sentence = format!("--cert {cert} does not match --key {other}.");
    assert!(status == Some(2) && said.contains(&sentence), "{status:?} {said}");
}

#[tokio::test]
async fn a_redirect_to_tls_is_followed_without_the_client_certificate() {
    let authority = Authority::default();
    let cacert = authority.path();
    let [cert, key] = authority.identity("me");
    for (asks_for_certificate, expected) in [(false, Some(0)), (true, Some(1))] {
        let port = authority.serve_as(authority.certify("localhost"), asks_for_certificate).await;
        let from = crate::raw_server(move |mut stream| async move {
            harness::raw::read_head(&mut stream).await;
            let location = format!("location: https://localhost:{port}/\r\n");
            let answer = format!("HTTP/1.1 308 Permanent Redirect\r\n{location}\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        })
        .await;
        let url = format!("ws://{from}");
        let identity = ["--cacert", &cacert, "--cert", &cert, "--key", &key];
        let flags = [&identity[..], &["--follow", "-x", "hi"]].concat();
        let (status, _, said) = output(&[&[&*url], &flags[..]].concat()).await;
        assert_eq!(status, expected, "{said}");
        assert_eq!(said.contains("requires a client certificate"), asks_for_certificate, "{said}");
    }
}

/// Proxy for one connection: HTTP, or SOCKS 5. Returns its address.
async fn proxy(is_socks: bool, port: u16) -> String {
    handshake::proxy(&format!("127.0.0.1:{port}"), move |mut stream| async move {
        if is_socks {
            admit_by_socks(&mut stream).await;
        } else {
            harness::raw::read_head(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        }
        stream
    })
    .await
}

#[tokio::test]
async fn tls_goes_through_a_tunnel_to_the_server() {
    let authority = Authority::default();
    let port = authority.serve().await;
    let cacert = authority.path();
    let url = format!("wss://localhost:{port}");
    for (scheme, is_socks) in [("http", false), ("socks5", true)] {
        let through = format!("{scheme}://{}", proxy(is_socks, port).await);
        let arguments = [&*url, "--cacert", &cacert, "--proxy", &through, "-x", "hi", "-v"];
        let (status, lines, said) = output(&arguments).await;
        assert_eq!((status, &*lines), (Some(0), "hi\n"), "{said}");
        assert!(said.contains(", proxy ") && said.contains(", tls "), "{said}");
        // Trusted by nobody: the certificate is the server's, whatever the proxy.
        let through = format!("{scheme}://{}", proxy(is_socks, port).await);
        let (status, _, said) = output(&[&url, "--proxy", &through]).await;
        assert_eq!(status, Some(1));
        assert!(said.starts_with(&format!("The certificate of {url} ")), "{said}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_reported() {
    let server = harness::Server::start().await;
    let url = server.ws("/").replace("ws://", "wss://");
    let (status, _, said) = output(&[&url, "--insecure"]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("TLS handshake with "), "{said}");
    assert!(said.contains("The server does not use TLS on this port: try ws://."), "{said}");
}
