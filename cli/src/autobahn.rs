//! `wsbench autobahn`: echo client for Autobahn's fuzzing server, which tests conformance to RFC 6455.

use std::future::poll_fn;

use connector::{Target, connect};
use protocol::{Close, Offer, Opcode, Received};

use crate::{
    handshake::failure,
    process::{Exit, print_error, print_notice},
    websocket::{ReceiveError, WebSocket},
};

/// Name in the reports.
const AGENT: (&str, &str) = ("agent", "wsbench");

/// Maximum message size in bytes: the largest case has 16 MiB.
const MAX_MESSAGE: usize = 64 << 20;

/// Runs `cases`, or all of the server's, on a connection each, then has the server write its
/// reports.
pub(crate) async fn run(target: Target, cases: Vec<u32>) -> Exit {
    match run_cases(&target, cases).await {
        Ok(count) => {
            print_error(&format!("{count} cases done; the results are in the server's reports."));
            Exit::Done
        }
        Err(sentence) => {
            print_notice(&sentence);
            Exit::Failed
        }
    }
}

/// Runs the cases one after the other. Returns their number; the error is a sentence.
async fn run_cases(target: &Target, cases: Vec<u32>) -> Result<usize, String> {
    let cases = if cases.is_empty() { (1..=case_count(target).await?).collect() } else { cases };
    for case in &cases {
        echo(target, "/runCase", &[("case", &case.to_string()), AGENT]).await?;
    }
    echo(target, "/updateReports", &[AGENT]).await?;
    Ok(cases.len())
}

/// Asks the server for its number of cases. It answers by one text message.
async fn case_count(target: &Target) -> Result<u32, String> {
    let last = echo(target, "/getCaseCount", &[]).await?;
    let text = last.as_deref().and_then(|message| std::str::from_utf8(message).ok());
    let count = text.and_then(|text| text.parse().ok());
    count.ok_or_else(|| "The server did not send its number of cases.".to_owned())
}

/// Echoes every message until the connection ends. Returns the first one received. Offers
/// permessage-deflate as browsers do. A violation by the server is no error: the case may provoke
/// it.
async fn echo(
    target: &Target,
    path: &str,
    query: &[(&str, &str)],
) -> Result<Option<Vec<u8>>, String> {
    let url = target.url.with_resource(path, query);
    let mut target = Target { url, ..target.clone() };
    target.request.offers = vec![Offer::BROWSER];
    let connection = connect(&target, &|_| {}).await.map_err(|error| failure(&error, false))?;
    let mut socket = WebSocket::new(connection, MAX_MESSAGE, 0);
    let mut first = None;
    loop {
        match poll_fn(|context| socket.poll_receive(context)).await {
            Ok(Received::Message(kind, message)) => {
                socket.send_message(kind, &message);
                first.get_or_insert_with(|| message.into_owned());
            }
            Ok(Received::Ping(payload)) => socket.send_control(Opcode::Pong, &payload),
            Ok(Received::Pong(_) | Received::Progress(_)) => {}
            Ok(Received::Close(close)) => {
                socket.send_close(close.as_ref());
                let _ = poll_fn(|context| socket.poll_write(context, 0)).await;
                poll_fn(|context| socket.poll_end(context)).await;
                break;
            }
            // Some cases provoke an error: the connection fails, as the RFC requires.
            Err(ReceiveError::Violation(violation)) => {
                let close = Close { code: violation.close_code(), reason: String::new() };
                socket.send_close(Some(&close));
                let _ = poll_fn(|context| socket.poll_write(context, 0)).await;
                break;
            }
            Err(ReceiveError::Lost(_)) => break,
        }
        if poll_fn(|context| socket.poll_write(context, 0)).await.is_err() {
            break;
        }
    }
    Ok(first)
}
