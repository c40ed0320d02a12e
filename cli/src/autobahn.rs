//! `wsbench autobahn`: echo client for Autobahn's fuzzing server, which tests conformance to RFC 6455.

use std::time::Duration;

use connector::{Target, connect};
use protocol::Offer;
use session::Message;

use crate::{
    connect::{Socket, SocketEvent},
    handshake::failure,
    process::{Exit, print_error, print_notice},
    websocket::Outgoing,
};

/// Name in the reports.
const AGENT: (&str, &str) = ("agent", "wsbench");

/// Maximum message size in bytes: the largest case has 16 MiB.
const MAX_MESSAGE: usize = 64 << 20;

/// Time for the server to read an echo.
const WRITE_TIMEOUT: Duration = Duration::from_mins(1);

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
    let count = match echo(target, "/getCaseCount", &[]).await? {
        Some(Message::Text(text)) => text.parse().ok(),
        _ => None,
    };
    count.ok_or_else(|| "The server did not send its number of cases.".to_owned())
}

/// Echoes every message until the connection ends. Returns the first one received. Offers
/// permessage-deflate as browsers do. A violation by the server is no error: the case may provoke
/// it.
async fn echo(
    target: &Target,
    path: &str,
    query: &[(&str, &str)],
) -> Result<Option<Message>, String> {
    let url = target.url.with_resource(path, query);
    let mut target = Target { url, ..target.clone() };
    target.request.offers = vec![Offer::BROWSER];
    let mut socket = Socket::new(MAX_MESSAGE);
    socket.open(async move { connect(&target, &|_| {}).await });
    let mut first = None;
    loop {
        match socket.event().await {
            SocketEvent::Failed(error) => return Err(failure(&error, false)),
            SocketEvent::Received(message) => {
                first.get_or_insert_with(|| message.clone());
                socket.write(Outgoing::Message(message), WRITE_TIMEOUT).await;
            }
            SocketEvent::Ended(_) => return Ok(first),
            _ => {}
        }
    }
}
