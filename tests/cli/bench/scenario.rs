//! Load by a scenario file.

use harness::Server;
use serde_json::Value;

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
    let passed = report["rounds"]["passed"].as_u64().expect("a number");
    assert!(passed > 0 && report["rounds"]["failed"] == 0, "{said}");
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
    let text =
        "connect ws://{{host}}/echo\n[right]\n> 1\n< \"1\"\n[wrong]\n> 1\n< \"pass-phrase\"\n";
    let (status, said, error) = load(text, &["--secret", "token=pass-phrase"]).await;
    assert_eq!(status, Some(3), "{said}{error}");
    assert!(error.contains(" failed.\n"), "{error}");
    assert!(
        said.contains("chat.ws:7 < \"***\"") && said.contains("first: Another message came."),
        "{said}"
    );
    assert!(said.contains("chat.ws:4 < \"1\"") && said.contains(" 0 failed; p50 "), "{said}");
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
    assert_eq!(json(&said)["rounds"]["failed"], 0);
    assert!(error.starts_with("As required by the file: max is "), "{error}");
}

#[tokio::test]
async fn no_connection_is_1_and_a_wrong_file_2() {
    let (status, said, error) = load("connect ws://{{host}}/none\n> 1\n", &[]).await;
    assert_eq!(status, Some(1), "{said}{error}");
    assert!(said.contains("404"), "{said}");
    let (status, _, error) = load("connect ws://{{host}}/echo\n> 1\n< jsn {}\n", &[]).await;
    assert_eq!(status, Some(2));
    assert!(error.contains("Did you mean 'json'?"), "{error}");
    let (status, _, error) = load("connect ws://{{host}}/echo\n> {{who}}\n", &[]).await;
    assert_eq!(status, Some(3), "{error}");
    for other in [&["--rate", "5"][..], &["ws://localhost"], &["--only", "nothing"]] {
        let (status, _, error) = load("connect ws://{{host}}/echo\n> 1\n", other).await;
        assert_eq!(status, Some(2), "{error}");
    }
}
