//! Workers of a page, by Chromium's own `DevTools` protocol: ChromeDriver's part of it ends at the page.

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::{connect_async, tungstenite::Message};

/// Runs `script` in each worker of the page `target`, whose browser listens at `address`, and waits for its end.
pub(super) async fn run_in_workers(address: &str, target: &str, script: &str) {
    let url = format!("ws://{address}/devtools/page/{target}");
    let (mut devtools, _) = connect_async(url).await.expect("the browser listens");
    let attach = json!({
        "id": 0,
        "method": "Target.setAutoAttach",
        "params": { "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true },
    });
    devtools.send(Message::text(attach.to_string())).await.expect("the browser reads");
    let mut workers = Vec::new();
    // It names the workers before it answers.
    while let Some(Ok(message)) = devtools.next().await {
        let event: Value = serde_json::from_slice(&message.into_data()).expect("it speaks JSON");
        if event["method"] == "Target.attachedToTarget"
            && event["params"]["targetInfo"]["type"] == "worker"
        {
            workers.push(event["params"]["sessionId"].clone());
        }
        if event["id"] == 0 {
            break;
        }
    }
    assert!(!workers.is_empty(), "the page has a worker");
    let mut running = workers.len();
    for worker in workers {
        let evaluate = json!({
            "id": 1,
            "sessionId": worker,
            "method": "Runtime.evaluate",
            "params": { "expression": script },
        });
        devtools.send(Message::text(evaluate.to_string())).await.expect("the browser reads");
    }
    // The end of the socket may come before a script has begun.
    while running > 0
        && let Some(Ok(message)) = devtools.next().await
    {
        let event: Value = serde_json::from_slice(&message.into_data()).expect("it speaks JSON");
        running -= usize::from(event["id"] == 1);
    }
    assert_eq!(running, 0, "the workers have run it");
    let _ = devtools.close(None).await;
}
