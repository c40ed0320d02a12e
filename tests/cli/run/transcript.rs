//! Transcript of a run, as JSON Lines.

use std::path::Path;

use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

use crate::{
    other_server, output,
    scenarios::{File, run},
};

/// Lines of a transcript, without their times.
fn lines(path: &Path) -> Vec<Value> {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = text.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).expect("a line of JSON");
        let time = line.as_object_mut().expect("an object").remove("time");
        assert!(time.is_some_and(|time| time.as_str().is_some_and(|time| time.ends_with('Z'))));
        line
    });
    lines.collect()
}

#[tokio::test]
async fn what_passes_is_written_without_secrets() {
    let file = File::new("");
    let path = file.beside("talk.jsonl");
    let to = path.to_str().expect("it is UTF-8");
    let url = other_server(async |mut socket| {
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() || message.is_binary() {
                socket.send(message).await.expect("it is open");
            }
        }
    })
    .await;
    let text = "connect {{url}}/echo?key={{key}}\n> a {{key}}\n<~ contains \"a\"\nping \"{{key}}\"\n\
                < pong\n> hex 00ff\n<~ hex 00ff\n";
    let url = format!("url={url}");
    let set = ["--set", &url, "--secret", "key=pass-phrase", "--transcript", to];
    let talk = File::new(text);
    let (status, said, error) = output(&[&["run", talk.path()], &set[..]].concat()).await;
    assert_eq!(status, Some(0), "{said}{error}");
    let written = std::fs::read_to_string(&path).expect("it was written");
    assert!(!written.contains("pass-phrase"), "{written}");
    let lines = lines(&path);
    assert_eq!((&lines[0]["event"], &lines[0]["status"]), (&"open".into(), &101.into()));
    assert!(
        lines[0]["url"].as_str().is_some_and(|url| url.ends_with("/echo?key=[redacted]")),
        "{written}"
    );
    assert!(lines[0]["scenario"].as_str().is_some_and(|it| it.ends_with("chat.ws")), "{written}");
    let has = |expected: Value| assert!(lines.contains(&expected), "{expected} in {written}");
    has(serde_json::json!({ "direction": "out", "kind": "text", "text": "a ***", "size": 5 }));
    has(serde_json::json!({ "direction": "in", "kind": "text", "text": "a ***", "size": 5 }));
    has(serde_json::json!({ "direction": "in", "kind": "pong", "base64": "Kioq", "size": 3 }));
    has(serde_json::json!({ "direction": "out", "kind": "binary", "base64": "AP8=", "size": 2 }));
    let end = serde_json::json!({ "event": "closed", "code": 1000, "reason": "" });
    assert_eq!(lines.last(), Some(&end), "{written}");
    let (status, converted, error) = output(&["convert", to]).await;
    assert_eq!(status, Some(0), "{error}");
    assert!(converted.contains("\n> ") && error.contains("--secret key="), "{converted}{error}");
}

#[tokio::test]
async fn answers_of_this_side_are_written_too() {
    let file = File::new("");
    let path = file.beside("talk.jsonl");
    let to = path.to_str().expect("it is UTF-8");
    let url = other_server(async |mut socket| {
        socket.send(Message::Ping("a".into())).await.expect("it is open");
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() {
                socket.close(None).await.expect("it is open");
            }
        }
    })
    .await;
    for (steps, order) in [
        (
            "> bye\n< closed 1005\n",
            &["in ping", "out pong", "out text", "in close", "out close"][..],
        ),
        ("close\n< closed\n", &["in ping", "out pong", "out close", "in close"]),
    ] {
        let talk = File::new(&format!("connect {url}\n< ping\n{steps}"));
        let (status, said, error) = output(&["run", talk.path(), "--transcript", to]).await;
        assert_eq!(status, Some(0), "{said}{error}");
        let lines = lines(&path);
        let frames = lines.iter().filter_map(|line| {
            Some(format!("{} {}", line["direction"].as_str()?, line["kind"].as_str()?))
        });
        assert_eq!(frames.collect::<Vec<_>>(), order);
    }
}

#[tokio::test]
async fn an_end_after_a_violation_has_the_code_that_was_sent_for_it() {
    let file = File::new("");
    let path = file.beside("talk.jsonl");
    let to = path.to_str().expect("it is UTF-8");
    let text = "connect ws://{{host}}/fault/invalid-utf8\n> go\n< dropped\n";
    let (status, said, error) = run(text, &["--transcript", to]).await;
    assert_eq!(status, Some(3), "{said}{error}");
    let lines = lines(&path);
    let end = lines.iter().find(|line| line["event"] == "closed");
    assert!(end.is_some_and(|end| end["code"] == 1007), "{lines:?}");
}

#[tokio::test]
async fn a_folder_gets_a_file_a_section() {
    let file = File::new("");
    let folder = format!("{}/", file.beside("talks").display());
    let text = "connect a ws://{{host}}/echo\n[one/1]\na > 1\na < \"1\"\n[two]\na drop\n\
                connect b ws://{{host}}/reject?status=403\nb < refused 403\n";
    let (status, said, error) = run(text, &["--transcript", &folder, "--jobs", "2"]).await;
    assert_eq!(status, Some(0), "{said}{error}");
    let written = |section: &str| {
        let mut files = std::fs::read_dir(&folder).expect("it was made");
        let file = files.find_map(|file| {
            let path = file.expect("it is there").path();
            path.to_string_lossy().ends_with(section).then_some(path)
        });
        lines(&file.unwrap_or_else(|| panic!("no {section}")))
    };
    let one = written("chat.one-1.jsonl");
    assert!(one.iter().all(|line| line["connection"] == "a"), "{one:?}");
    assert!(one[0]["scenario"].as_str().is_some_and(|it| it.ends_with("chat.ws [one/1]")));
    let two = written("chat.two.jsonl");
    let has = |name: &str, event: &str| {
        let found = two.iter().any(|line| line["connection"] == name && line["event"] == event);
        assert!(found, "{name} {event} in {two:?}");
    };
    has("a", "closed");
    has("b", "failed");
}

#[tokio::test]
async fn sections_with_names_that_become_the_same_have_files_of_their_own() {
    let file = File::new("");
    let folder = format!("{}/", file.beside("talks").display());
    let text = "connect ws://{{host}}/echo\n[a/b]\n> 1\n< \"1\"\n[a-b]\n> 2\n< \"2\"\n[a-b-2]\n> 3\n< \"3\"\n";
    let (status, said, error) = run(text, &["--transcript", &folder]).await;
    assert_eq!(status, Some(0), "{said}{error}");
    let files = std::fs::read_dir(&folder).expect("it was made");
    let files = files.map(|file| file.expect("it is there").path());
    let mut sent: Vec<_> = files.map(|path| lines(&path)[1]["text"].clone()).collect();
    sent.sort_by_key(ToString::to_string);
    assert_eq!(sent, ["1", "2", "3"]);
}

#[tokio::test]
async fn one_file_takes_one_section_at_a_time() {
    let arguments = ["--transcript", "talk.jsonl", "--jobs", "2"];
    let (status, _, error) = run("connect ws://{{host}}/echo\n", &arguments).await;
    assert_eq!(status, Some(2));
    assert!(error.contains("give a folder"), "{error}");
}
