//! The test endpoints, each option of each, asked by clients that are independent of them.

mod chat;
mod document;
mod echo;
mod ending;
mod faults;
mod list;
mod opening;
mod reactions;
mod speaking;
mod switched_off;
mod taking;

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use harness::{
    Client, Server,
    raw::{self, CLOSE, FIN},
    soon,
};
use serde_json::Value;
use tokio::{io::AsyncReadExt, net::TcpStream};
use tokio_tungstenite::{connect_async, tungstenite::Message};

/// Longer than any test may take: a test that passes did not wait for it.
const NEVER: Duration = Duration::from_hours(1);

async fn next(client: &mut Client) -> Message {
    soon("a message", client.next()).await.expect("the connection is open").expect("it is well")
}

/// Everything from here to the end; an end that is not well is left out.
async fn rest(client: &mut Client) -> Vec<Message> {
    let mut messages = Vec::new();
    while let Some(Ok(message)) = soon("a message or the end", client.next()).await {
        messages.push(message);
    }
    messages
}

async fn send(client: &mut Client, message: impl Into<Message>) {
    client.send(message.into()).await.expect("the server reads");
}

/// An open connection to `path`, and the seed that the server names.
async fn open_with_seed(server: &Server, path: &str) -> (Client, Option<String>) {
    let (client, response) = connect_async(server.ws(path)).await.unwrap();
    let seed = response.headers().get("x-wsbench-seed");
    (client, seed.map(|seed| seed.to_str().unwrap().to_owned()))
}

/// The answer to a GET request for `path`, head and body.
async fn get(server: &Server, path: &str) -> String {
    raw::ask(server.authority(), path).await
}

/// `/endpoints.json`.
async fn list(server: &Server) -> Value {
    let answer = get(server, "/endpoints.json").await;
    let (_, body) = answer.split_once("\r\n\r\n").expect("the answer has a body");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

/// Messages until the server closes the connection in order.
async fn until_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    soon("the end", stream.read_to_end(&mut bytes)).await.expect("no reset");
    bytes
}

/// A Close frame of a client.
fn close_frame(code: u16) -> Vec<u8> {
    raw::frame(FIN | CLOSE, &code.to_be_bytes())
}
