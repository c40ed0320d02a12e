//! `wsbench autobahn`: echo client for Autobahn's fuzzing server, which tests conformance to RFC 6455.

use futures::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    connector::{Target, connect, websocket},
    process::{Exit, print_error, print_notice},
};

/// Name in the reports.
const AGENT: (&str, &str) = ("agent", "wsbench");

/// Maximum message size in bytes: the largest case has 16 MiB.
const MAX_MESSAGE: usize = 64 << 20;

/// Runs `cases`, or all of the server's, then has it write its reports.
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

/// Runs the cases one after the other. Returns how many; the error is a sentence.
async fn run_cases(target: &Target, cases: Vec<u32>) -> Result<usize, String> {
    let cases = if cases.is_empty() { (1..=case_count(target).await?).collect() } else { cases };
    for case in &cases {
        echo(target, "/runCase", &[("case", &case.to_string()), AGENT]).await?;
    }
    echo(target, "/updateReports", &[AGENT]).await?;
    Ok(cases.len())
}

/// Asks the server for its number of cases.
async fn case_count(target: &Target) -> Result<u32, String> {
    let last = echo(target, "/getCaseCount", &[]).await?;
    let count = last.as_ref().and_then(|message| message.to_text().ok()?.parse().ok());
    count.ok_or_else(|| "The server did not send its number of cases.".to_owned())
}

/// Echoes every message until the connection ends. Returns the first one received.
async fn echo(
    target: &Target,
    path: &str,
    query: &[(&str, &str)],
) -> Result<Option<Message>, String> {
    let url = target.url.with_resource(path, query);
    let target = Target { url, ..target.clone() };
    let connection = connect(&target, &|_| {}).await.map_err(|error| error.to_string())?;
    let mut socket = websocket(connection.stream, connection.rest, MAX_MESSAGE);
    let mut first = None;
    // Some cases provoke an error: the connection is dropped, as the RFC requires.
    while let Some(Ok(message)) = socket.next().await {
        if !message.is_text() && !message.is_binary() {
            continue;
        }
        first.get_or_insert_with(|| message.clone());
        if socket.send(message).await.is_err() {
            break;
        }
    }
    Ok(first)
}
