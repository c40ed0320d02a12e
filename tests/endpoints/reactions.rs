//! Reactions of other clients to each fault, compared with those in `docs/endpoints.md`.

use std::{collections::BTreeMap, fmt::Write, process::Stdio};

use futures::{SinkExt, StreamExt};
use harness::{Browser, Engine, Server, soon};
use serde_json::json;
use tokio::process::Command;
use tokio_tungstenite::{connect_async, tungstenite::Message};

use crate::{document, list};

/// The part of the document that is written here.
const PART: &str = "reactions";

/// Browsers of the first columns.
const BROWSERS: [Engine; 3] = [Engine::Chromium, Engine::Firefox, Engine::WebKit];

/// The columns: a fault, and five makes.
const HEAD: &str = "| `/fault/` | Chromium | Firefox | WebKitGTK | tokio-tungstenite 0.30 | npm ws 8 |\n\
     | --- | --- | --- | --- | --- | --- |\n";

/// Faults that no option delays.
const IN_HANDSHAKE: [&str; 3] =
    ["/fault/wrong-accept", "/fault/missing-accept", "/fault/unoffered-extension"];

/// Cells of a row.
const CELLS: usize = 6;

/// Script for the browser: `reactions.js`, with what a page can see. The fault follows the echo of the first
/// message, since Firefox does not report the opening of a connection that fails at once. The second message is
/// sent once the fault has had its effect: of an echo right behind a fault, a browser may or may not tell.
const IN_BROWSER: &str = "
    return new Promise(resolve => {
        const seen = [];
        setTimeout(() => resolve([...seen, 'neither goes on nor closes'].join('; ')), 10000);
        const socket = new WebSocket(URL);
        let isOpen = false;
        socket.onopen = () => { isOpen = true; socket.send('first'); };
        socket.onmessage = event => {
            if (event.data === 'first') setTimeout(() => socket.send('hi'), EFFECT);
            else if (event.data === 'hi') { resolve([...seen, 'goes on'].join('; ')); socket.close(); }
            else seen.push(`takes '${event.data}'`);
        };
        socket.onclose = event => {
            if (!isOpen) seen.push('does not open');
            resolve([...seen, `close ${event.code}`].join('; '));
        };
    });";

/// Milliseconds that a fault has to take effect.
const EFFECT: &str = "500";

/// The reactions of one make, in the order of the faults; `None` where it is not there.
type Reactions = Option<Vec<String>>;

async fn tungstenite(server: &Server, faults: &[String]) -> Reactions {
    let mut reactions = Vec::new();
    for fault in faults {
        reactions.push(soon("the reaction", tungstenite_to(&server.ws(fault))).await);
    }
    Some(reactions)
}

async fn tungstenite_to(url: &str) -> String {
    let mut client = match connect_async(url).await {
        Ok((client, _)) => client,
        Err(error) => return format!("does not open: {error}"),
    };
    let mut seen = Vec::new();
    // Who fails at once does not send.
    let _ = client.send(Message::text("hi")).await;
    loop {
        match client.next().await {
            Some(Ok(Message::Text(text))) if text == "hi" => {
                seen.push("goes on".to_owned());
                break;
            }
            Some(Ok(Message::Close(Some(close)))) => {
                seen.push(format!("close {}", u16::from(close.code)));
            }
            Some(Ok(Message::Close(None))) => seen.push("close 1005".to_owned()),
            Some(Ok(message)) => {
                seen.push(format!("takes '{}'", String::from_utf8_lossy(&message.into_data())));
            }
            Some(Err(error)) => {
                seen.push(error.to_string());
                break;
            }
            None => break,
        }
    }
    seen.join("; ")
}

/// `ws` of the folder that `cargo xtask` names, if there is one.
async fn node(server: &Server, faults: &[String]) -> Reactions {
    let Some(modules) = std::env::var_os("WSBENCH_NODE_MODULES") else {
        eprintln!("npm's ws is left out: WSBENCH_NODE_MODULES does not name its folder.");
        return None;
    };
    let mut command = Command::new("node");
    command
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/endpoints/reactions.js"))
        .arg(format!("ws://{}", server.authority()))
        .args(faults)
        .env("NODE_PATH", modules)
        .stderr(Stdio::inherit())
        .kill_on_drop(true);
    let output = soon("node's end", command.output()).await.expect("node runs");
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(str::to_owned).collect())
}

async fn browser(engine: Engine, server: &Server, faults: &[String]) -> Reactions {
    if !engine.is_installed() {
        eprintln!("{engine:?} is left out: it or its WebDriver is not installed.");
        return None;
    }
    let browser = Browser::start_new(engine).await;
    let page = browser.visits(&server.http()).await;
    let mut reactions = Vec::new();
    for fault in faults {
        let url = server.ws(fault) + if IN_HANDSHAKE.contains(&&**fault) { "" } else { "?after=1" };
        let script = IN_BROWSER.replace("URL", &json!(url).to_string()).replace("EFFECT", EFFECT);
        let reaction = soon("the browser's reaction", page.run(&script)).await;
        reactions.push(reaction.as_str().expect("a text").to_owned());
    }
    Some(reactions)
}

/// The rows that are recorded, by fault.
fn recorded() -> BTreeMap<String, Vec<String>> {
    let part = document::part(PART);
    let rows = part.lines().skip(2).filter_map(|row| row.strip_prefix("| ")?.strip_suffix(" |"));
    rows.map(|row| row.split(" | ").map(str::to_owned).collect::<Vec<_>>())
        .filter(|cells| cells.len() == CELLS)
        .map(|mut cells| (cells.remove(0), cells))
        .collect()
}

#[tokio::test]
async fn clients_react_to_each_fault_as_is_recorded() {
    let server = Server::start().await;
    let list = list(&server).await;
    let paths = list["endpoints"].as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap());
    let faults = paths.filter(|path| path.starts_with("/fault/")).map(str::to_owned);
    let faults = faults.collect::<Vec<_>>();
    let mut measured = Vec::new();
    for engine in BROWSERS {
        // The others tell a page of a fault and of the message behind it in either order, on a busy machine:
        // they are measured when the document is written.
        let is_measured = engine == Engine::Chromium || std::env::var_os("UPDATE_EXPECT").is_some();
        measured.push(if is_measured { browser(engine, &server, &faults).await } else { None });
    }
    measured.extend([tungstenite(&server, &faults).await, node(&server, &faults).await]);
    for reactions in measured.iter().flatten() {
        assert_eq!(reactions.len(), faults.len(), "{reactions:?}");
    }
    let recorded = recorded();
    let mut table = HEAD.to_owned();
    for (at, fault) in faults.iter().enumerate() {
        let name = fault.trim_start_matches("/fault/");
        let cells = measured.iter().enumerate().map(|(column, reactions)| {
            let before = recorded.get(name).and_then(|cells| cells.get(column)).cloned();
            match reactions {
                Some(reactions) => reactions[at].replace('|', "\\|"),
                None => before.unwrap_or_else(|| "not measured".to_owned()),
            }
        });
        let cells = cells.collect::<Vec<_>>().join(" | ");
        writeln!(table, "| {name} | {cells} |").unwrap();
    }
    document::is_recorded(PART, &table);
    server.still_serves().await;
}
