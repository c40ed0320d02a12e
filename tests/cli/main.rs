//! `wsbench` as a program: in a pipe, on a terminal, as a load generator.

mod bench;
mod compression;
mod conformance;
mod connect;
mod connector;
mod documents;
#[cfg(unix)]
mod listen;
mod mock;
mod run;
mod scenarios;

use futures::{SinkExt, StreamExt};
use harness::{Program, wsbench as command};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};

fn wsbench(arguments: &[&str]) -> Program {
    Program::start(&mut command(arguments))
}

/// Runs to the end without input. Returns status, standard output and standard error.
async fn output(arguments: &[&str]) -> (Option<i32>, String, String) {
    harness::output(&mut command(arguments)).await
}

/// TCP server that runs `handler` for one connection at a time. Returns its `HOST:PORT`.
async fn raw_server<F, C>(handler: F) -> String
where
    F: Fn(TcpStream) -> C + Send + 'static,
    C: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            handler(stream).await;
        }
    });
    authority
}

/// WebSocket server that runs `handler` for one connection at a time. Returns its URL.
async fn other_server<F, C>(handler: F) -> String
where
    F: Fn(WebSocketStream<TcpStream>) -> C + Clone + Send + Sync + 'static,
    C: Future<Output = ()> + Send,
{
    let authority = raw_server(move |stream| {
        let handler = handler.clone();
        async move {
            let config = WebSocketConfig::default().max_frame_size(None);
            let accepted = tokio_tungstenite::accept_async_with_config(stream, Some(config)).await;
            handler(accepted.unwrap()).await;
        }
    })
    .await;
    format!("ws://{authority}")
}

/// Closes with a code, and waits for the client's Close frame.
async fn close_with(socket: &mut WebSocketStream<TcpStream>, code: u16, reason: &'static str) {
    let frame = CloseFrame { code: CloseCode::from(code), reason: reason.into() };
    socket.send(Message::Close(Some(frame))).await.unwrap();
    while let Some(Ok(_)) = socket.next().await {}
}
