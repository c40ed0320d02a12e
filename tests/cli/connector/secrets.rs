//! Credentials: hidden in `-v` and errors, unless `--show-secrets`.

use harness::{Server, raw::read_head};
use tokio::io::AsyncWriteExt;

use crate::{output, raw_server};

#[tokio::test]
async fn verbose_hides_credentials_unless_asked() {
    let server = Server::start().await;
    let url = server.ws("/");
    let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2VjcmV0";
    let arguments =
        [&*url, "-v", "--bearer", "t0k-en", "--cookie", "a=s3cret", "--subprotocol", token];
    let (_, _, said) = output(&arguments).await;
    for line in [
        "> Authorization: Bearer [redacted]\n",
        "> Cookie: [redacted]\n",
        "> Sec-WebSocket-Protocol: [redacted]\n",
    ] {
        assert!(said.contains(line), "{said}");
    }
    for secret in ["t0k-en", "s3cret", token] {
        assert!(!said.contains(secret), "{said}");
    }
    let (_, _, said) = output(&[&arguments[..], &["--show-secrets"]].concat()).await;
    for line in ["> Authorization: Bearer t0k-en\n", "> Cookie: a=s3cret\n"] {
        assert!(said.contains(line), "{said}");
    }
}

#[tokio::test]
async fn a_refusal_hides_cookies_unless_asked() {
    let authority = raw_server(async |mut stream| {
        read_head(&mut stream).await;
        let answer = b"HTTP/1.1 401 No\r\nset-cookie: id=s3cret\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
    })
    .await;
    let url = format!("ws://me:pa55@{authority}");
    for flags in [&["--json"][..], &["-v"], &[]] {
        let (_, lines, said) = output(&[&[&*url], flags].concat()).await;
        assert!(said.contains("set-cookie: [redacted]"), "{said}");
        assert!(!format!("{lines}{said}").contains("s3cret"), "{lines}{said}");
        assert!(!format!("{lines}{said}").contains("pa55"), "{lines}{said}");
    }
    let (_, _, said) = output(&[&url, "--show-secrets"]).await;
    assert!(said.contains("set-cookie: id=s3cret"), "{said}");
}

#[tokio::test]
async fn secret_parameters_are_hidden_unless_asked() {
    let server = Server::start().await;
    let redirect = raw_server(async |mut stream| {
        read_head(&mut stream).await;
        let answer = b"HTTP/1.1 302 No\r\nlocation: /?token=s3same\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
    })
    .await;
    for (url, shown) in [
        (server.ws("/?room=1&token=s3same"), "?room=1&token="),
        (server.ws("/reject?status=403&token=s3same"), "?status=403&token="),
        (format!("ws://{redirect}/"), "location: /?token="),
    ] {
        for flags in [&["--json", "-v"][..], &["-v"]] {
            let (_, lines, said) = output(&[&[&*url], flags].concat()).await;
            assert!(!format!("{lines}{said}").contains("s3same"), "{lines}{said}");
            assert!(said.contains(&format!("{shown}[redacted]")), "{said}");
        }
        let (_, lines, said) = output(&[&url, "--json", "-v", "--show-secrets"]).await;
        assert!(said.contains(&format!("{shown}s3same")), "{said}");
        let is_whole = lines.contains(&format!("{shown}s3same")) || url.ends_with('/');
        assert!(is_whole, "{lines}");
    }
}

#[tokio::test]
async fn errors_about_arguments_do_not_repeat_credentials() {
    let url = "ws://localhost:1";
    for arguments in [
        &["ws://me:s3cret@localhost:port"][..],
        &["wss://me:s3c/ret?@"],
        &["bench", "ws://me:s3cret@localhost:port"],
        &["ws://localhost:port/?token=s3cret"],
        &[url, "--proxy", "http://me:s3cret@"],
        &[url, "--bearer", "s3cret\n"],
        &[url, "--user", "me:s3cret\n"],
        &[url, "--cookie", "a=s3cret\n"],
        &[url, "-H", "Authorization: s3cret\n!"],
    ] {
        let (status, _, said) = output(arguments).await;
        assert_eq!(status, Some(2), "{said}");
        assert!(!said.contains("s3c"), "{said}");
        assert!(said.contains("[redacted]"), "{said}");
    }
}
