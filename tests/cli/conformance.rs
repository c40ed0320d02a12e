//! `wsbench autobahn`, against a server that behaves like Autobahn's.

use std::sync::{Arc, Mutex};

use futures::{SinkExt, StreamExt};
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{Request, Response},
    },
};

use crate::{output, raw_server};

#[tokio::test]
async fn every_case_is_run_before_the_reports() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let authority = raw_server(move |stream| {
        let asked = Arc::clone(&asked);
        async move {
            let mut resource = String::new();
            #[expect(clippy::result_large_err, reason = "the engine's")]
            let look = |request: &Request, response: Response| {
                resource = request.uri().to_string();
                Ok(response)
            };
            let mut socket = accept_hdr_async(stream, look).await.unwrap();
            if resource == "/getCaseCount" {
                socket.send(Message::text("2")).await.unwrap();
            } else if resource.starts_with("/runCase") {
                socket.send(Message::binary(vec![1, 2])).await.unwrap();
                let echo = socket.next().await.unwrap().unwrap();
                assert_eq!(echo, Message::binary(vec![1, 2]));
            }
            asked.lock().unwrap().push(resource);
            socket.close(None).await.unwrap();
            while let Some(Ok(_)) = socket.next().await {}
        }
    })
    .await;
    let (status, ..) = output(&["autobahn", &format!("ws://{authority}")]).await;
    assert_eq!(status, Some(0));
    let expected = [
        "/getCaseCount",
        "/runCase?case=1&agent=wsbench",
        "/runCase?case=2&agent=wsbench",
        "/updateReports?agent=wsbench",
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
}
