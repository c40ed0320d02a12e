//! Peers: programs on other implementations of WebSockets, in `peers/`.

use std::{env, path::Path};

use harness::{Program, soon};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{left_out, output, wsbench};

/// Peers that echo, and that are clients of an echo.
pub(crate) const LIBRARIES: [&str; 3] = ["ws.js", "on_websockets.py", "on_aiohttp.py"];

/// Command for a script of `peers/`. `None`, with a sentence, if its language or library is not there.
pub(crate) fn script(name: &str) -> Option<Command> {
    let (program, folder, path) = if Path::new(name).extension().is_some_and(|it| it == "py") {
        ("python3", "WSBENCH_PYTHON_PACKAGES", "PYTHONPATH")
    } else {
        ("node", "WSBENCH_NODE_MODULES", "NODE_PATH")
    };
    let Some(packages) = env::var_os(folder) else {
        left_out(
            name,
            &format!("{folder} names no folder (`cargo xtask test interop` sets it up)"),
        );
        return None;
    };
    let mut command = Command::new(program);
    command.arg(format!("{}/interop/peers/{name}", env!("CARGO_MANIFEST_DIR")));
    // The test's own folder stays free of compiled modules.
    command.env(path, packages).env("PYTHONDONTWRITEBYTECODE", "1");
    Some(command)
}

/// Running script that serves on localhost.
pub(crate) struct Peer {
    _program: Program,
    pub(crate) port: u16,
}

impl Peer {
    /// Starts a server, if it is there.
    pub(crate) async fn start(name: &str) -> Option<Self> {
        Self::start_with(name, &[]).await
    }

    /// Starts a server with these variables, if it is there.
    pub(crate) async fn start_with(name: &str, variables: &[(&str, &str)]) -> Option<Self> {
        let mut program = Program::start(script(name)?.envs(variables.iter().copied()));
        let Some(line) = program.line().await else {
            panic!("{name} ended: {}", program.end().await.2)
        };
        let port = line.parse().expect("the script prints its port");
        Some(Self { _program: program, port })
    }
}

/// Has the client of a library converse with an echo at `url`, once for each set of parameters. Returns the extensions
/// that each response accepts, or `None` without the library.
pub(crate) async fn converse(
    name: &str,
    url: &str,
    sets: &[String],
    issuer: Option<&str>,
) -> Option<Vec<String>> {
    let mut client = script(name)?;
    client.arg(url).args(sets).envs(issuer.map(|file| ("CA", file)));
    let (status, lines, said) = output(&mut client).await;
    assert_eq!(status, Some(0), "{name}, {url}: {lines}{said}");
    let agreed = lines.lines().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(agreed.len(), sets.len(), "{name}: {lines}");
    Some(agreed)
}

/// Has `wsbench URL` send messages to an echo, with these flags. Returns the extensions that were agreed on.
pub(crate) async fn is_echoed(url: &str, flags: &[&str]) -> String {
    let text = "as services send it, ".repeat(200);
    let messages = [
        json!({"kind": "text", "text": text}),
        json!({"kind": "text", "text": ""}),
        json!({"kind": "text", "text": "b"}),
        json!({"kind": "binary", "base64": "AP8B".repeat(23_000)}),
        json!({"kind": "text", "text": text}),
    ];
    let mut program = Program::start(wsbench(&[url, "--json", "--json-input"]).args(flags));
    let mut input = program.input();
    let lines = messages.each_ref().map(Value::to_string).join("\n") + "\n";
    let write = tokio::io::AsyncWriteExt::write_all(&mut input, lines.as_bytes());
    // One that ends early says why.
    let _ = soon("reading of the input", write).await;
    drop(input);
    let (status, records, said) = program.end().await;
    assert!(status.success(), "{url} {flags:?}: {said}\n{records:?}");
    let records = records.iter().map(|line| serde_json::from_str(line).expect("a record"));
    let records = records.collect::<Vec<Value>>();
    let received = records.iter().filter(|record| {
        record["direction"] == "in"
            && ["text", "binary"].contains(&record["kind"].as_str().unwrap())
    });
    for (index, message) in received.clone().enumerate() {
        let sent = &messages[index];
        assert!(
            sent["text"] == message["text"] && sent["base64"] == message["base64"],
            "{url} {flags:?}: message {index} came back otherwise"
        );
    }
    assert_eq!(received.count(), messages.len(), "{url} {flags:?}");
    records[0]["extensions"].as_str().unwrap_or_default().to_owned()
}
