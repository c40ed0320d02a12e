//! `/endpoints.json`, and what a URL is told that asks for something else.

use std::collections::BTreeSet;

use harness::Server;
use serde_json::Value;

use crate::{get, list};

/// The tests of this folder, to be searched for what they ask for.
const TESTS: [&str; 7] = [
    include_str!("chat.rs"),
    include_str!("echo.rs"),
    include_str!("ending.rs"),
    include_str!("faults.rs"),
    include_str!("opening.rs"),
    include_str!("speaking.rs"),
    include_str!("taking.rs"),
];

/// Words of a summary, at most: it is a column beside the path in the page's list of presets.
const MAX_WORDS: usize = 8;

/// A value that no option of this kind takes.
fn wrong_value(kind: &str) -> &'static str {
    match kind {
        "duration" => "99h",
        "size" => "many",
        "rate" => "1/fortnight",
        "integer" => "-1",
        "probability" => "1.1",
        "choice" => "neither",
        "text" => "%00".repeat(2_000).leak(),
        other => panic!("{other} is not a kind of option"),
    }
}

/// Each endpoint and its options.
fn endpoints(list: &Value) -> impl Iterator<Item = (&str, &Vec<Value>)> {
    let endpoints = list["endpoints"].as_array().expect("a list").iter();
    endpoints.map(|it| (it["path"].as_str().unwrap(), it["options"].as_array().unwrap()))
}

fn query_options(options: &[Value]) -> impl Iterator<Item = &str> {
    let options = options.iter().filter(|option| option["in"] == "query");
    options.map(|option| option["name"].as_str().unwrap())
}

/// An address of the endpoint, whatever its path leaves open.
fn address(path: &str) -> String {
    path.replace("{room}", "room")
}

#[tokio::test]
async fn the_list_describes_every_endpoint_and_option() {
    let server = Server::start().await;
    let answer = get(&server, "/endpoints.json").await;
    assert!(answer.contains("content-type: application/json\r\n"), "{answer}");
    assert!(answer.contains("access-control-allow-origin: *\r\n"), "{answer}");
    let list = list(&server).await;
    let paths = endpoints(&list).map(|(path, _)| path).collect::<Vec<_>>();
    assert_eq!(paths.iter().collect::<BTreeSet<_>>().len(), paths.len(), "each is there once");
    for endpoint in list["endpoints"].as_array().unwrap() {
        let words = endpoint["summary"].as_str().unwrap().split_whitespace().count();
        assert!((1..=MAX_WORDS).contains(&words), "{endpoint}");
        assert!(!endpoint["group"].as_str().unwrap().is_empty(), "{endpoint}");
        let path = endpoint["path"].as_str().unwrap();
        let is_dangerous = ["/fault/", "/hang", "/abort"].iter().any(|it| path.starts_with(it));
        assert_eq!(endpoint["dangerous"], is_dangerous, "{path}");
        if path.starts_with("/fault/") {
            assert!(endpoint["details"].as_str().unwrap().contains("RFC "), "{endpoint}");
        }
        for option in endpoint["options"].as_array().unwrap() {
            for text in ["name", "summary", "allowed"] {
                assert!(!option[text].as_str().unwrap().is_empty(), "{path}: {option}");
            }
            wrong_value(option["kind"].as_str().unwrap());
            let is_choice = option["kind"] == "choice";
            assert_eq!(option["choices"].as_array().unwrap().is_empty(), !is_choice, "{option}");
            let is_in_path = path.contains(&format!("{{{}}}", option["name"].as_str().unwrap()));
            assert_eq!(option["in"], if is_in_path { "path" } else { "query" }, "{path}");
        }
    }
}

#[tokio::test]
async fn every_endpoint_and_option_has_a_test() {
    let server = Server::start().await;
    let list = list(&server).await;
    for (path, options) in endpoints(&list) {
        let path = path.split('{').next().unwrap();
        let tests =
            TESTS.iter().filter(|test| test.contains(&format!("\"{path}"))).collect::<Vec<_>>();
        assert!(!tests.is_empty(), "no test asks for {path}");
        for option in query_options(options) {
            let asked = format!("{option}=");
            assert!(tests.iter().any(|test| test.contains(&asked)), "{path}: no test of {option}");
        }
    }
}

#[tokio::test]
async fn every_default_may_be_given() {
    let server = Server::start().await;
    let list = list(&server).await;
    for (path, options) in endpoints(&list) {
        // It answers by itself and not with 426, which says that all options are right.
        if path == "/reject" {
            continue;
        }
        for option in options.iter().filter(|option| option["in"] == "query") {
            let name = option["name"].as_str().unwrap();
            let choices = option["choices"].as_array().unwrap().iter();
            for value in choices.chain([&option["default"]]).filter_map(Value::as_str) {
                let asked = format!("{}?{name}={value}", address(path));
                let answer = get(&server, &asked).await;
                assert!(answer.starts_with("HTTP/1.1 426 "), "{asked}: {answer}");
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_option_is_a_sentence_that_names_it_and_what_is_allowed() {
    let server = Server::start().await;
    let list = list(&server).await;
    for (path, options) in endpoints(&list).filter(|(path, _)| *path != "/handshake") {
        let refused = async |query: String, sentences: &[&str]| {
            let asked = format!("{}?{query}", address(path));
            let answer = get(&server, &asked).await;
            assert!(answer.starts_with("HTTP/1.1 400 "), "{asked}: {answer}");
            for sentence in sentences {
                assert!(answer.contains(sentence), "{asked}: {answer}");
            }
        };
        let names = query_options(options).collect::<Vec<_>>().join(", ");
        let known = if names.is_empty() { "It has no options.".to_owned() } else { names };
        refused(
            "nonsense=1".to_owned(),
            &[&format!("Unknown option 'nonsense' of {path}."), &known],
        )
        .await;
        for option in options.iter().filter(|option| option["in"] == "query") {
            let name = option["name"].as_str().unwrap();
            let allowed = option["allowed"].as_str().unwrap();
            let mut numbers = allowed.split(|it: char| !it.is_ascii_digit());
            assert!(numbers.all(|digits| digits.len() < 5), "digits are grouped: {allowed}");
            let wrong = wrong_value(option["kind"].as_str().unwrap());
            let refusal = format!("' of option '{name}'. Allowed: {allowed}.");
            refused(format!("{name}={wrong}"), &["Invalid value '", &refusal]).await;
            let twice = format!("Option '{name}' is given more than once.");
            refused(format!("{name}=&{name}="), &[&twice]).await;
        }
    }
}

#[tokio::test]
async fn values_end_at_their_bounds() {
    let server = Server::start().await;
    for (asked, status) in [
        ("/echo?delay=1m", 426),
        ("/echo?delay=60001ms", 400),
        ("/echo?reorder=0", 400),
        ("/echo?reorder=1000", 426),
        ("/echo?reorder=1001", 400),
        ("/echo?drop=1.0", 426),
        ("/echo?drop=NaN", 400),
        ("/echo?fragment=0", 400),
        ("/echo?close_after=0", 400),
        ("/echo?close_after=0s", 426),
        ("/echo?close_after=1h", 426),
        ("/echo?close_after=3601s", 400),
        ("/echo?seed=18446744073709551615", 426),
        ("/echo?seed=18446744073709551616", 400),
        ("/stream?size=16MiB", 426),
        ("/stream?size=16777217", 400),
        ("/stream?rate=1/h", 426),
        ("/stream?rate=0.5/h", 400),
        ("/stream?rate=1000000/s", 426),
        ("/stream?rate=1000001/s", 400),
        ("/slow?read=1/s", 426),
        ("/slow?read=0/s", 400),
        ("/slow?read=1KiB", 400),
        ("/close?code=999", 400),
        ("/close?code=1006", 400),
        ("/close?code=5000", 400),
        ("/reject?status=199", 400),
        ("/reject?status=600", 400),
        ("/reject?status=101", 400),
        ("/subprotocol?accept=a%20b", 400),
        ("/hang?for=0s", 400),
        ("/time?every=0s", 400),
    ] {
        let answer = get(&server, asked).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{asked}: {answer}");
    }
}
