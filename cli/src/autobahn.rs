//! An echoing client for Autobahn's fuzzing server, which tests how well it keeps to RFC 6455.

use futures::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    connect::{Target, connect},
    exit::Exit,
    link::engine,
    output::{complain, escape_controls},
};

/// The name that the reports carry.
const AGENT: (&str, &str) = ("agent", "wsbench");

/// Bytes in a message, at most: the largest case has 16 MiB.
const MAX_MESSAGE: usize = 64 << 20;

/// Runs `cases`, or all that the server has, and has it write its reports.
pub(crate) async fn run(target: Target, cases: Vec<u32>) -> Exit {
    match run_cases(&target, cases).await {
        Ok(count) => {
            complain(&format!("{count} cases done; the server's reports say how they went."));
            Exit::Done
        }
        Err(sentence) => {
            complain(&escape_controls(&sentence));
            Exit::Failed
        }
    }
}

async fn run_cases(target: &Target, cases: Vec<u32>) -> Result<usize, String> {
    let cases = if cases.is_empty() { (1..=case_count(target).await?).collect() } else { cases };
    for case in &cases {
        echo(target, "/runCase", &[("case", &case.to_string()), AGENT]).await?;
    }
    echo(target, "/updateReports", &[AGENT]).await?;
    Ok(cases.len())
}

async fn case_count(target: &Target) -> Result<u32, String> {
    let last = echo(target, "/getCaseCount", &[]).await?;
    let count = last.as_ref().and_then(|message| message.to_text().ok()?.parse().ok());
    count.ok_or_else(|| "The server does not say how many cases it has.".to_owned())
}

/// Echoes every message until the connection ends; returns the first that came.
async fn echo(
    target: &Target,
    path: &str,
    query: &[(&str, &str)],
) -> Result<Option<Message>, String> {
    let address = target.address.with_resource(path, query);
    let target = Target { address, ..target.clone() };
    let connection = connect(&target, &|_| {}).await.map_err(|error| error.to_string())?;
    let mut socket = engine(connection.stream, connection.rest, MAX_MESSAGE);
    let mut first = None;
    // An error is what the case wanted to see: the connection is dropped, as the RFC has it.
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
