//! permessage-deflate from the client's side (RFC 7692): what is offered, agreed on and kept.

use harness::Server;
use server::{Compression, Config};

use crate::{other_server, output, raw_server};

/// Text of 4 KiB.
fn text() -> String {
    "as services send it, ".repeat(200)
}

/// `Sec-WebSocket-Extensions` of the request, as `-v` prints it.
fn offered(said: &str) -> Option<&str> {
    said.lines().find_map(|line| line.strip_prefix("> Sec-WebSocket-Extensions: "))
}

/// Each side keeps to what was agreed on, or the other could not inflate it.
#[tokio::test]
async fn messages_are_compressed_as_agreed() {
    let compression = Compression { offered: true, from: 1 };
    let server = Server::start_as(Config { compression, ..Config::default() }).await;
    let (text, url) = (text(), server.ws("/echo"));
    for parameters in [
        "on",
        "client_max_window_bits=8",
        "server_max_window_bits=8",
        "client_no_context_takeover",
        "server_no_context_takeover",
        "client_no_context_takeover; server_no_context_takeover; client_max_window_bits=9; \
         server_max_window_bits=9",
        "server_max_window_bits=10, client_max_window_bits",
    ] {
        let arguments =
            [&*url, "--compression", parameters, "-v", "-x", &text, "-x", "b", "-x", &text];
        let (status, lines, said) = output(&arguments).await;
        assert_eq!((status, lines), (Some(0), format!("{text}\nb\n{text}\n")), "{said}");
        let agreed = said.lines().find_map(|line| line.strip_prefix("Compression: "));
        assert!(agreed.is_some_and(|it| it.starts_with("permessage-deflate")), "{said}");
        assert_eq!(
            offered(&said).map(|it| it.matches("permessage-deflate").count()),
            Some(parameters.split(',').count()),
            "{said}"
        );
    }
}

#[tokio::test]
async fn compression_is_offered_as_browsers_do_unless_switched_off() {
    let server = Server::start().await;
    let url = server.ws("/echo");
    let (_, _, said) = output(&[&url, "-v", "-x", "a"]).await;
    assert_eq!(offered(&said), Some("permessage-deflate; client_max_window_bits"), "{said}");
    let (_, lines, said) = output(&[&url, "-v", "--compression", "off", "-x", "a"]).await;
    assert_eq!((offered(&said), &*lines), (None, "a\n"), "{said}");
    assert!(said.contains("\nCompression: none\n"), "{said}");
    let (status, _, said) = output(&[&url, "--compression", "server_max_window_bits=7"]).await;
    assert!(status == Some(2) && said.contains("server_max_window_bits"), "{said}");
}

/// Most files are compressed already.
#[tokio::test]
async fn what_binary_sends_is_compressed_on_demand_only() {
    let server = Server::start().await;
    let url = server.ws("/echo");
    for (compression, is_compressed) in [(&[][..], false), (&["--compression", "on"], true)] {
        let arguments = [&[&*url, "--binary", "--frames"], compression].concat();
        let mut program = crate::wsbench(&arguments);
        program.write(&text()).await;
        program.end_input();
        let (_, _, said) = program.end().await;
        let sent = said.lines().find(|line| line.starts_with("Frame sent: binary"));
        assert_eq!(sent.map(|it| it.contains("RSV1")), Some(is_compressed), "{said}");
        let received = said.lines().find(|line| line.starts_with("Frame received: binary"));
        assert!(received.is_some_and(|it| it.contains("RSV1")), "still agreed on: {said}");
    }
}

#[tokio::test]
async fn records_say_what_was_agreed_on() {
    let server = Server::start().await;
    let (_, lines, said) = output(&[&server.ws("/echo"), "--json", "-x", "a"]).await;
    assert!(
        lines.contains(r#""status":101,"extensions":"permessage-deflate","times_us""#),
        "{lines}{said}"
    );
    // tokio-tungstenite declines every offer.
    let url = other_server(async |mut socket| crate::close_with(&mut socket, 1000, "").await).await;
    let (_, lines, said) = output(&[&url, "--json", "--wait", "1h"]).await;
    assert!(lines.contains(r#""status":101,"times_us""#), "{lines}{said}");
}

#[tokio::test]
async fn a_response_that_was_not_offered_is_refused() {
    for (answer, why) in [
        ("x-other", "the extension x-other was not offered"),
        ("permessage-deflate; client_max_window_bits=7", "has a value that is not allowed"),
        ("permessage-deflate, permessage-deflate", "accepted more than once"),
    ] {
        let authority = raw_server(move |mut stream| async move {
            let head = harness::raw::read_head(&mut stream).await;
            let extensions = format!("Sec-WebSocket-Extensions: {answer}\r\n");
            harness::raw::accept(&mut stream, &head, &extensions).await;
        })
        .await;
        let (status, _, said) = output(&[&format!("ws://{authority}"), "-x", "a"]).await;
        assert!(status == Some(1) && said.contains(why), "{answer}: {said}");
    }
}
