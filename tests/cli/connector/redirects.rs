//! `--follow`: redirects, with credentials for their own host only.

use harness::{Server, raw::read_head};
use tokio::{io::AsyncWriteExt, sync::mpsc};

use crate::{output, raw_server};

/// Server that redirects, and reports the heads of its requests.
async fn redirecting(location: String) -> (String, mpsc::UnboundedReceiver<String>) {
    let (sender, heads) = mpsc::unbounded_channel();
    let authority = raw_server(move |mut stream| {
        let (sender, location) = (sender.clone(), location.clone());
        async move {
            let _ = sender.send(read_head(&mut stream).await);
            let answer = format!(
                "HTTP/1.1 307 Temporary Redirect\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    })
    .await;
    (authority, heads)
}

#[tokio::test]
async fn a_redirect_is_followed_on_request() {
    let server = Server::start().await;
    let (authority, _heads) = redirecting(format!("http://{}/ws", server.authority())).await;
    let url = format!("ws://{authority}/");
    let (status, _, said) = output(&[&url, "-x", "hi"]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("307 Temporary Redirect") && said.contains("--follow"), "{said}");
    let (status, lines, said) = output(&[&url, "-x", "hi", "--follow", "-v"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "Echo: hi\n"), "{said}");
    assert!(said.contains(&format!("* Redirected to ws://{}/ws\n", server.authority())), "{said}");
}

#[tokio::test]
async fn another_host_gets_no_credentials() {
    let (other, mut heads) = redirecting("/again".to_owned()).await;
    let (authority, mut first) = redirecting(format!("ws://{other}/there")).await;
    let token = "t".repeat(40);
    let subprotocols = format!("chat,{token}");
    let secrets = ["--user", "me:pw", "--cookie", "a=b", "-H", "X-Api-Key: k", "-H", "X-Id: 7"];
    let secrets = [&secrets[..], &["--subprotocol", &subprotocols]].concat();
    let url = format!("ws://{authority}/");
    let (status, _, said) = output(&[&[&*url, "--follow"], &secrets[..]].concat()).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("redirects in a loop: 10 times"), "{said}");
    let head = first.recv().await.unwrap();
    assert!(head.contains("Authorization: ") && head.contains("Cookie: "), "{head}");
    assert!(head.contains(&token), "{head}");
    let mut requests = 0;
    while let Ok(head) = heads.try_recv() {
        requests += 1;
        for secret in ["Authorization", "Cookie", "X-Api-Key", &token] {
            assert!(!head.contains(secret), "{head}");
        }
        assert!(head.contains("X-Id: 7") && head.contains(&format!("Host: {other}")), "{head}");
    }
    assert_eq!(requests, 10);
}

#[tokio::test]
async fn only_websocket_addresses_are_followed() {
    for (location, words) in [
        ("ftp://localhost/", "only ws, wss, http and https are followed"),
        ("file:///etc/passwd", "only ws, wss, http and https are followed"),
        ("http://", "invalid redirect to 'http://': empty host"),
    ] {
        let (authority, _heads) = redirecting(location.to_owned()).await;
        let (status, _, said) = output(&[&format!("ws://{authority}"), "--follow"]).await;
        assert_eq!(status, Some(1), "{location}");
        assert!(said.contains(words), "{said}");
    }
}
