//! Load by a scenario file.

use futures::SinkExt;
use harness::Server;
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

use crate::{output, scenarios::File};

/// Loads with a scenario for 2 s, for which `{{host}}` is a server's.
async fn load(text: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let server = Server::start().await;
    let host = format!("host={}", server.authority());
    let file = File::new(text);
    let of_file = ["bench", "--scenario", file.path(), "--set", &host];
    let times = ["--connections", "3", "--warmup", "0s", "--duration", "2s"];
    output(&[&of_file, &times[..], more].concat()).await
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test]
async fn each_step_that_waits_is_measured() {
    let text = "connect ws://{{host}}/echo\n> {{person}} {{seq}}\n<~ matches /^[123] 1$/\nwait 1ms\n\
                repeat 3 {\n> again\n< \"again\"\n}\n";
    let (status, said, error) = load(text, &["--json"]).await;
    assert_eq!((status, &*error), (Some(0), ""), "{said}");
    let report = json(&said);
    let passed = report["iterations"]["passed"].as_u64().expect("a number");
    assert!(passed > 0 && report["iterations"]["failed"] == 0, "{said}");
    let steps = report["steps"].as_array().expect("a list");
    let lines: Vec<_> = steps.iter().map(|step| &step["line"]).collect();
    assert_eq!(lines, [&3, &7], "{said}");
    assert_eq!(steps[1]["step"], "< \"again\"");
    let count = |step: &Value| step["passed"].as_u64().expect("a number");
    assert!(count(&steps[0]) >= passed && count(&steps[1]) >= 3 * passed, "{said}");
    assert!(steps[1]["latency_us"]["p50"].as_f64().is_some_and(|it| it > 0.0), "{said}");
    assert_eq!(report["messages"], count(&steps[0]) + count(&steps[1]));
    assert_eq!((&report["connections"], &report["errors"]), (&3.into(), &serde_json::json!({})));
}

#[tokio::test]
async fn a_step_that_fails_is_counted_and_thresholds_decide() {
    let text = "@token = t0k\nconnect ws://{{host}}/echo\n[right]\n> 1\n< \"1\"\n[wrong]\n> 1\n\
                < \"pass-phrase\"\n";
    let (status, said, error) = load(text, &["--secret", "token=pass-phrase"]).await;
    assert_eq!(status, Some(3), "{said}{error}");
    assert!(error.contains(" failed.\n"), "{error}");
    assert!(
        said.contains("chat.ws:8 < \"***\"") && said.contains("first: The message does not match."),
        "{said}"
    );
    assert!(said.contains("chat.ws:5 < \"1\"") && said.contains(" 0 failed; p50 "), "{said}");
    let (status, _, error) = load(text, &["--fail-if", "errors>100%"]).await;
    assert_eq!((status, &*error), (Some(0), ""));
    let (status, _, error) = load(text, &["--only", "right", "--fail-if", "max>0s"]).await;
    assert_eq!(status, Some(3));
    assert!(error.contains("Threshold reached: max>0s"), "{error}");
}

#[tokio::test]
async fn what_the_file_requires_is_required_of_all_rounds_together() {
    let text = "require max < 1us\nconnect ws://{{host}}/echo\n> 1\n< \"1\"\n";
    let (status, said, error) = load(text, &["--json"]).await;
    assert_eq!(status, Some(3), "{error}");
    assert_eq!(json(&said)["iterations"]["failed"], 0);
    assert!(error.starts_with("Required by the file: max is "), "{error}");
}

#[tokio::test]
async fn with_a_rate_rounds_begin_at_their_times() {
    let text = "connect ws://{{host}}/echo\n> 1\n< \"1\"\n";
    let (status, said, error) = load(text, &["--rate", "6", "--fail-if", "rate<0", "--json"]).await;
    assert_eq!((status, &*error), (Some(0), ""), "{said}");
    let report = json(&said);
    // A busy machine may not come to the last ones.
    let rounds = ["passed", "not_started"].map(|key| report["iterations"][key].as_u64());
    assert_eq!(rounds.iter().flatten().sum::<u64>(), 12, "{said}");
    assert!(rounds[0] > Some(0), "{said}");
    assert_eq!(report["latency_from_schedule"], true);
    assert_eq!(report["requested"]["rate"], 6);
}

#[tokio::test]
async fn a_round_that_begins_late_is_charged_with_the_delay() {
    // A round takes 50 ms at least, and each person is due another one after 10.
    let text = "connect ws://{{host}}/echo\nwait 50ms\n> 1\n< \"1\"\n";
    let (status, said, error) = load(text, &["--rate", "300", "--json"]).await;
    assert_eq!(status, Some(3), "{said}{error}");
    assert!(error.contains("The rate was not reached: "), "{error}");
    let report = json(&said);
    // Each person has 200 to begin, and comes to 40 at most.
    assert!(report["iterations"]["not_started"].as_u64() >= Some(480), "{said}");
    let longest = report["latency_us"]["max"].as_f64().expect("a number");
    assert!(longest >= 40_000.0, "a second round is late by 40 ms at least: {said}");
    assert_eq!(report["rate_reached"], false);
    let thresholds = ["--fail-if", "rate<0", "--fail-if", "missing>100%"];
    let (status, said, error) = load(text, &[&["--rate", "300"][..], &thresholds].concat()).await;
    assert_eq!((status, &*error), (Some(0), ""), "{said}");
    assert!(said.contains(" not started\n") && said.contains(", from the scheduled "), "{said}");
}

#[tokio::test]
async fn latencies_of_steps_are_written_as_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("steps.hlog").display().to_string();
    let text = "connect ws://{{host}}/echo\nrepeat 5 {\n> 1\n< \"1\"\n}\n";
    let (status, said, error) = load(text, &["--hdr", &log, "--json"]).await;
    assert_eq!((status, &*error), (Some(0), ""), "{said}");
    let (status, merged, error) = output(&["bench", "merge", &log, "--json"]).await;
    assert_eq!((status, &*error), (Some(0), ""), "{merged}");
    let (report, merged) = (json(&said), json(&merged));
    assert!(merged["messages"].as_u64().is_some_and(|it| it > 0), "{merged}");
    assert_eq!(merged["answered"], report["answered"]);
    assert_eq!(merged["messages"], report["answered"]);
}

#[tokio::test]
async fn a_message_over_the_limit_of_the_load_is_no_violation() {
    let url = crate::other_server(async |mut socket| {
        let _ = socket.send(Message::binary(vec![0; 17 << 20])).await;
    })
    .await;
    let file = File::new(&format!("connect {url}\n< any\n"));
    let arguments = ["bench", "--scenario", file.path(), "-c", "1", "-w", "0s", "-d", "1s"];
    let (_, said, error) = output(&arguments).await;
    assert!(said.contains("a message is larger than 16 MiB"), "{said}{error}");
    assert!(said.contains("The peer sent a message larger than 16 MiB, the limit of"), "{said}");
    assert!(!said.contains("protocol"), "{said}");
}

#[tokio::test]
async fn no_connection_is_1_and_a_wrong_file_2() {
    let (status, said, error) = load("connect ws://{{host}}/none\n> 1\n", &[]).await;
    assert_eq!(status, Some(1), "{said}{error}");
    assert!(said.contains("404"), "{said}");
    let (status, _, error) = load("connect ws://{{host}}/echo\n> 1\n< jsn {}\n", &[]).await;
    assert_eq!(status, Some(2));
    assert!(error.contains("Did you mean 'json'?"), "{error}");
    let text = "connect ws://{{host}}/echo\n> {{person}}\n< \"{{nobody}}\"\n";
    let (status, said, error) = load(text, &[]).await;
    assert_eq!((status, &*said), (Some(2), ""), "{error}");
    assert!(error.contains("Unknown variable nobody.") && error.contains(":3:4"), "{error}");
    let (status, _, error) = load(text, &["--set", "nobdy=1"]).await;
    assert!(status == Some(2) && error.contains("no file uses {{nobdy}}"), "{error}");
    for other in [&["--in-flight", "5"][..], &["ws://localhost"], &["--only", "nothing"]] {
        let (status, _, error) = load("connect ws://{{host}}/echo\n> 1\n", other).await;
        assert_eq!(status, Some(2), "{error}");
    }
    let (_, _, error) = load("connect ws://{{host}}/echo\n[a]\n> 1\n", &["--only", "b"]).await;
    assert!(error.contains("no section [b]; there are: a"), "{error}");
    for flag in [["--only", "it"], ["--set", "a=b"], ["--seed", "1"], ["--secret", "a=b"]] {
        let (status, _, error) = output(&[&["bench", "ws://localhost"][..], &flag].concat()).await;
        assert_eq!(status, Some(2), "{error}");
        assert!(error.contains("--scenario FILE"), "{error}");
    }
}
