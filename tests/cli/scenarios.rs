//! `wsbench run` and `wsbench fmt`: scenario files against the real server.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use futures::{SinkExt, StreamExt};
use harness::{Server, har};
use serde_json::Value;
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::Message;

use crate::{output, wsbench};

/// Folder with a scenario file.
pub(crate) struct File {
    _folder: TempDir,
    path: PathBuf,
}

impl File {
    pub(crate) fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let path = folder.path().join("chat.ws");
        std::fs::write(&path, text).expect("it can be written");
        Self { _folder: folder, path }
    }

    pub(crate) fn path(&self) -> &str {
        self.path.to_str().expect("it is UTF-8")
    }

    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.path.with_file_name(name)
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.path).expect("it is there")
    }
}

/// Runs a scenario in which `{{host}}` is a server's, with more arguments.
pub(crate) async fn run(text: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let server = Server::start().await;
    let url = server.ws("");
    let file = File::new(text);
    let host = format!("host={}", url.trim_start_matches("ws://").trim_end_matches('/'));
    let arguments = [&["run", file.path(), "--set", &host], more].concat();
    output(&arguments).await
}

#[tokio::test]
async fn what_one_member_says_reaches_the_other() {
    let text = "timeout 5s\nconnect alice ws://{{host}}/chat/lobby\nalice < opened\n\
                connect bob ws://{{host}}/chat/lobby\nbob < opened\n\
                alice > {\"type\":\"hello\",\"id\":\"k7\"}\n\
                bob <~ contains \"hello\" capture who = /\"id\":\"([a-z0-9]+)\"/\n\
                bob > seen {{who}}\nalice <~ contains \"seen k7\"\n";
    let (status, said, error) = run(text, &[]).await;
    assert_eq!(status, Some(0), "{said}{error}");
    assert!(said.starts_with("passed "), "{said}");
}

#[tokio::test]
async fn a_failed_step_is_shown_with_its_line_and_3() {
    let text = "connect ws://{{host}}/ws\n> hi\n< \"Echo: hi\"\n> ho\n< \"Echo: hu\"\n";
    let (status, said, error) = run(text, &[]).await;
    assert_eq!(status, Some(3));
    assert!(said.contains("FAILED") && said.contains("chat.ws in"), "{said}");
    for part in ["chat.ws:5:1", "< \"Echo: hu\"", "expected \"u\", got \"o\"", "> ho", "< Echo: ho"]
    {
        assert!(error.contains(part), "{part} in {error}");
    }
}

#[tokio::test]
async fn no_connection_is_1_and_a_refusal_can_be_expected() {
    let (status, _, error) = run("connect ws://{{host}}/reject?status=403\n> hi\n", &[]).await;
    assert_eq!(status, Some(1));
    assert!(error.contains("403 Forbidden"), "{error}");
    let (status, ..) = run("connect ws://{{host}}/reject?status=403\n< refused 403\n", &[]).await;
    assert_eq!(status, Some(0));
}

#[tokio::test]
async fn all_mistakes_are_shown_before_anything_is_sent_and_2() {
    let file = File::new("connect ws://127.0.0.1:1\n> hi\n< jsn {}\nclos\n");
    let (status, _, error) = output(&["run", file.path()]).await;
    assert_eq!(status, Some(2));
    assert!(error.contains("chat.ws:3:3") && error.contains("chat.ws:4:1"), "{error}");
    assert!(error.contains("Did you mean 'json'?"), "{error}");
    let (status, _, error) = output(&["run", "--dry-run", "nowhere.ws"]).await;
    assert_eq!(status, Some(1));
    assert!(error.contains("Cannot read nowhere.ws"), "{error}");
    if cfg!(unix) {
        let (_, _, error) = output(&["run", "/dev/zero"]).await;
        assert!(error.contains("Cannot read /dev/zero: larger than 1 MiB."), "{error}");
    }
}

#[tokio::test]
async fn frames_and_ends_are_steps() {
    let text = "connect ws://{{host}}/echo\nping \"p\"\n< pong \"p\"\npong \"unasked\"\n> hex 00ff\n< hex 00 ff\n\
                close 4001 \"over\"\n< closed 4001 /over/\n";
    let (status, said, error) = run(text, &[]).await;
    assert_eq!(status, Some(0), "{said}{error}");
    let (status, said, error) = run("connect ws://{{host}}/abort\n< dropped\n", &[]).await;
    assert_eq!(status, Some(0), "{said}{error}");
}

#[tokio::test]
async fn the_answer_and_the_frames_are_steps() {
    let text = "connect ws://{{host}}/echo\n  compression on\n\
        < opened header Sec-WebSocket-Extensions matches /permessage-deflate/ and header Upgrade == \"websocket\" capture upgrade = header upgrade\n\
        > fragment 3 \"in {{upgrade}} frames\"\n< \"in websocket frames\"\n> hex \"\"\n< hex \"\"\nclose\n< closed 1000 by client\n\
        connect ws://{{host}}/echo\n< opened header Sec-WebSocket-Extensions missing\n\
        connect ws://{{host}}/close?code=4001\n< closed 4001 by server\n\
        connect ws://{{host}}/reject?status=503\n< refused 503 and header Content-Type exists\n";
    let (status, said, error) = run(text, &[]).await;
    assert_eq!(status, Some(0), "{said}{error}");
    let (status, _, error) = run("connect ws://{{host}}/echo\n< opened header X-Id\n", &[]).await;
    assert_eq!(status, Some(3));
    assert!(error.contains("X-Id is missing"), "{error}");
}

#[tokio::test]
async fn sections_are_run_one_by_one_and_chosen_by_name() {
    let text = "connect ws://{{host}}/echo\n[right]\n> 1\n< \"1\"\n[wrong]\n> 1\n< \"2\"\n";
    let (status, said, _) = run(text, &[]).await;
    assert_eq!(status, Some(3));
    assert!(said.contains("chat.ws [right]") && said.ends_with("1 passed, 1 failed\n"), "{said}");
    let (status, ..) = run(text, &["--only", "right"]).await;
    assert_eq!(status, Some(0));
    let (status, _, error) = run(text, &["--only", "nothing"]).await;
    assert_eq!(status, Some(2));
    assert!(error.contains("no section [nothing]"), "{error}");
}

#[tokio::test]
async fn secrets_are_not_printed_and_reports_are_written() {
    let server = Server::start().await;
    let file = File::new("connect ws://{{host}}/echo\n> {{token}}\n< \"other\"\n");
    let url = server.ws("");
    let host = format!("host={}", url.trim_start_matches("ws://").trim_end_matches('/'));
    let [junit, json, tap] = ["report.xml", "report.json", "report.tap"].map(|it| file.beside(it));
    let reports = [("junit", &junit), ("json", &json), ("tap", &tap)]
        .map(|(kind, path)| format!("{kind}={}", path.display()));
    let (status, said, error) = output(&[
        "run",
        file.path(),
        "--set",
        &host,
        "--secret",
        "token=pass-phrase",
        "--report",
        &reports[0],
        "--report",
        &reports[1],
        "--report",
        &reports[2],
    ])
    .await;
    let read = |path| std::fs::read_to_string(path).expect("the report was written");
    let [junit, json, tap] = [junit, json, tap].map(read);
    assert_eq!(status, Some(3));
    for text in [&said, &error, &junit, &json, &tap] {
        assert!(!text.contains("pass-phrase"), "{text}");
    }
    assert!(junit.contains("<testsuite ") && junit.contains("failures=\"1\""), "{junit}");
    let json: Value = serde_json::from_str(&json).expect("a line of JSON");
    assert_eq!(
        (json["passed"].as_bool(), json["failure"]["line"].as_u64()),
        (Some(false), Some(3))
    );
    let lines: Vec<_> = tap.lines().collect();
    assert_eq!(lines[..2], ["TAP version 14", "1..1"], "{tap}");
    assert!(lines[2].starts_with("not ok 1 - ") && lines[2].ends_with("chat.ws"), "{tap}");
    assert_eq!((lines[3], lines.last()), ("  ---", Some(&"  ...")), "{tap}");
    let message = "  message: \"The message does not match. ";
    assert!(lines[4..].iter().any(|line| line.starts_with(message)), "{tap}");
}

#[tokio::test]
async fn a_recording_becomes_a_test_and_a_mock() {
    let server = Server::start().await;
    let url = server.ws("/chat/lobby");
    let arguments = [&*url, "-x", "{\"id\":1}", "-x", "{{x}} \"y\"", "--json", "--wait", "100ms"];
    let (status, recorded, error) = output(&arguments).await;
    assert_eq!(status, Some(0), "{error}");
    let file = File::new(&recorded);
    let (test, mock) = (file.beside("test.ws"), file.beside("mock.ws"));
    let (test, mock) = (test.to_str().expect("UTF-8"), mock.to_str().expect("UTF-8"));
    let (status, _, error) = output(&["convert", file.path(), "-o", test]).await;
    assert_eq!((status, &*error), (Some(0), ""));
    let written = std::fs::read_to_string(test).expect("it was written");
    let (status, said, error) = output(&["run", test]).await;
    assert_eq!(status, Some(0), "{said}{error}{written}");
    let (status, ..) = output(&["convert", file.path(), "--as", "mock", "-o", mock]).await;
    assert_eq!(status, Some(0));
    let mut program = wsbench(&["mock", mock, "--listen", "127.0.0.1:0"]);
    let authority = program.address("ws://").await;
    let host = server.ws("");
    let host = host.trim_start_matches("ws://").trim_end_matches('/');
    let of_mock = file.beside("of-mock.ws");
    std::fs::write(&of_mock, written.replace(host, &authority)).expect("there is room");
    let of_mock = of_mock.to_str().expect("UTF-8");
    let (status, said, error) = output(&["run", of_mock]).await;
    assert_eq!(status, Some(0), "{said}{error}");
}

#[tokio::test]
async fn a_conversation_is_written_down_as_it_takes_place() {
    let server = Server::start().await;
    let url = server.ws("/echo");
    let file = File::new("");
    let (test, mock) = (file.beside("test.ws"), file.beside("mock.ws"));
    let (test, mock) = (test.to_str().expect("UTF-8"), mock.to_str().expect("UTF-8"));
    let headers = ["-H", "Authorization: Bearer pass-phrase", "-H", "X-Token: t0k"];
    let talk = ["-x", "hi", "-x", "my pass-phrase"];
    let arguments =
        [&["record", &url, "-o", test, "--secret", "door=pass-phrase"], &talk[..], &headers];
    let (status, said, error) = output(&arguments.concat()).await;
    assert_eq!(status, Some(0), "{error}");
    assert_eq!(said, "hi\nmy pass-phrase\n", "it is the conversation of wsbench URL");
    assert!(error.contains("--secret door=… --secret x-token=…"), "{error}");
    let written = std::fs::read_to_string(test).expect("it was written");
    let expected = format!(
        "connect {url}\n  header Authorization: Bearer {{{{door}}}}\n  header X-Token: {{{{x-token}}}}\n\
         > \"hi\"\n"
    );
    assert!(
        written.starts_with(&expected) && written.contains("\n<~ \"my {{door}}\"\n"),
        "{written}"
    );
    let secrets = ["--secret", "door=pass-phrase", "--secret", "x-token=t0k"];
    let (status, said, error) = output(&[&["run", test], &secrets[..]].concat()).await;
    assert_eq!(status, Some(0), "{said}{error}");
    let (status, _, error) = output(&["record", &url, "-o", test, "-x", "again"]).await;
    assert_eq!(status, Some(1));
    assert!(error.contains("already exists; --force overwrites it."), "{error}");
    let folder = ["record", &url, "-o", env!("CARGO_MANIFEST_DIR"), "-x", "again"];
    let (status, _, error) = output(&folder).await;
    assert!(status == Some(1) && error.contains(": is a directory."), "{error}");
    assert_eq!(std::fs::read_to_string(test).expect("it is there"), written);
    let nobody = ["record", "ws://127.0.0.1:1", "-o", mock, "--force", "-x", "hi"];
    assert_eq!(output(&nobody).await.0, Some(1));
    assert!(!Path::new(mock).exists(), "an empty file was left");
    let arguments = ["record", &url, "-o", mock, "--as", "mock", "-x", "hi"];
    let (status, ..) = output(&arguments).await;
    assert_eq!(status, Some(0));
    let written = std::fs::read_to_string(mock).expect("it was written");
    assert_eq!(written, "serve /echo\n< \"hi\"\n> \"hi\"\n< closed 1000\n");
}

/// Waits until a file has a text.
async fn written(path: &Path, text: &str) {
    harness::soon(&format!("{text} in the file"), async {
        while !std::fs::read_to_string(path).is_ok_and(|content| content.contains(text)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_recording_is_there_even_if_the_program_is_killed() {
    let server = Server::start().await;
    let url = server.ws("/echo");
    let file = File::new("");
    let path = file.beside("killed.ws");
    let test = path.to_str().expect("UTF-8");
    let mut program = wsbench(&["record", &url, "-o", test]);
    program.write("one\n").await;
    written(&path, "<~ \"one\"\n").await;
    program.write("two\n").await;
    written(&path, "<~ \"two\"\n").await;
    program.kill().await;
    program.end().await;
    let written = std::fs::read_to_string(&path).expect("it was written");
    assert_eq!(written, format!("connect {url}\n> \"one\"\n<~ \"one\"\n> \"two\"\n<~ \"two\"\n"));
    let (status, said, error) = output(&["run", test]).await;
    assert_eq!(status, Some(0), "{said}{error}");
}

#[tokio::test]
async fn a_recording_has_fragments_and_an_end_without_a_close_frame() {
    let authority = crate::raw_server(async |stream| {
        let mut socket = tokio_tungstenite::accept_async(stream).await.expect("it opens");
        let _ = socket.next().await;
        socket.send(Message::text("bye")).await.expect("it is open");
        // Gone, without a Close frame.
    })
    .await;
    let url = format!("ws://{authority}");
    let file = File::new("");
    let path = file.beside("lost.ws");
    let test = path.to_str().expect("UTF-8");
    let mut program = wsbench(&["record", &url, "-o", test, "--json-input"]);
    program.write("{\"text\":\"abcde\",\"fragment\":2}\n").await;
    program.end().await;
    let written = std::fs::read_to_string(&path).expect("it was written");
    let expected = format!("connect {url}\n> fragment 2 \"abcde\"\n<~ \"bye\"\n<~ dropped\n");
    assert_eq!(written, expected);
    let (status, said, error) = output(&["run", test]).await;
    assert_eq!(status, Some(0), "{said}{error}");
}

#[tokio::test]
async fn a_mock_from_a_recording_sends_in_fragments_as_the_server_did() {
    let server = Server::start().await;
    let url = server.ws("/echo?fragment=2");
    let file = File::new("");
    let mock = file.beside("mock.ws");
    let mock = mock.to_str().expect("UTF-8");
    let expected = "serve /echo\n< \"hello\"\n> fragment 2 \"hello\"\n< closed 1000\n";
    let (status, said, error) =
        output(&["record", &url, "--as", "mock", "-o", mock, "-x", "hello"]).await;
    assert_eq!((status, &*said), (Some(0), "hello\n"), "{error}");
    assert_eq!(std::fs::read_to_string(mock).expect("it was written"), expected);
    let (status, lines, error) = output(&[&url, "-x", "hello", "--json", "--frames"]).await;
    assert_eq!(status, Some(0), "{error}");
    let lines = File::new(&lines);
    let (status, written, error) = output(&["convert", lines.path(), "--as", "mock"]).await;
    assert_eq!((status, &*written), (Some(0), expected), "{error}");
}

#[tokio::test]
async fn a_recording_that_did_not_begin_leaves_no_file() {
    let file = File::new("as it was\n");
    let other = file.beside("other.ws");
    let other = other.to_str().expect("UTF-8");
    let (status, ..) = output(&["record", "ws://127.0.0.1:1", "-o", other, "-x", "hi"]).await;
    assert_eq!(status, Some(1));
    assert!(!std::fs::exists(other).expect("it can be looked for"));
    let arguments = ["record", "ws://127.0.0.1:1", "--force", "-o", file.path(), "-x", "hi"];
    let (status, ..) = output(&arguments).await;
    assert_eq!((status, &*file.text()), (Some(1), "as it was\n"));
}

#[tokio::test]
async fn a_har_of_a_browser_becomes_a_test_or_a_mock() {
    let file = File::new(&har(3).to_string());
    let (status, written, error) = output(&["convert", file.path()]).await;
    assert_eq!((status, &*error), (Some(0), ""));
    assert!(written.starts_with("connect ws://localhost:1/feed\n"), "{written}");
    assert_eq!(written.matches("\n<~ \"message ").count(), 3, "{written}");
    let (status, written, _) = output(&["convert", file.path(), "--as", "mock"]).await;
    assert_eq!(status, Some(0));
    assert!(written.starts_with("serve /feed\n"), "{written}");
}

#[tokio::test]
async fn a_recording_that_cannot_be_converted_is_explained() {
    for text in ["", "nonsense", "{\"log\":{}}"] {
        let file = File::new(text);
        let (status, written, error) = output(&["convert", file.path()]).await;
        assert_eq!((status, &*written), (Some(2), ""), "{text}: {error}");
        assert!(error.contains("chat.ws"), "{text}: {error}");
    }
    let file = File::new(
        "{\"time\":\"2026-01-02T03:04:05.678901Z\",\"direction\":\"in\",\"kind\":\"text\",\"text\":\"hi\",\"size\":2}\n",
    );
    let (status, _, error) = output(&["convert", file.path(), "-o", file.path()]).await;
    assert_eq!(status, Some(1));
    assert!(error.contains("already exists; --force overwrites it."), "{error}");
    let (status, _, error) = output(&["convert", file.path(), "--force", "-o", file.path()]).await;
    assert_eq!(status, Some(0), "{error}");
    assert_eq!(file.text(), "connect {{url}}\n<~ \"hi\"\n");
    let (status, ..) = output(&["convert", "no-such-file"]).await;
    assert_eq!(status, Some(1));
}

#[tokio::test]
async fn connections_at_the_same_time_become_one_test() {
    let server = Server::start().await;
    let room = server.ws("/chat/converted");
    let file = File::new("");
    let (lines, test) = (file.beside("talk.jsonl"), file.beside("test.ws"));
    let (lines, test) = (lines.to_str().expect("UTF-8"), test.to_str().expect("UTF-8"));
    // Alice hears what Bob says once she has spoken, and hears what he says.
    let steps = format!(
        "connect alice {room}\nalice < opened\nalice > \"I am here\"\nconnect bob {room}\nbob < opened\n\
         bob > \"hi \\\"all\\\"\"\nalice <~ contains \"hi\"\nalice > \"bye\"\nbob <~ contains \"bye\"\nbob close\n"
    );
    let talk = File::new(&steps);
    let (status, said, error) = output(&["run", talk.path(), "--transcript", lines]).await;
    assert_eq!(status, Some(0), "{said}{error}");
    let (status, _, error) = output(&["convert", lines, "-o", test]).await;
    assert_eq!((status, &*error), (Some(0), ""));
    let written = std::fs::read_to_string(test).expect("it was written");
    let begin = format!("connect alice {room}\nalice < opened\n");
    assert!(written.starts_with(&begin), "{written}");
    let order =
        ["alice > \"I am here\"\n", "connect bob ", "bob < opened\n", "bob > \"hi \\\"all\\\"\"\n"];
    let order = [&order[..], &["alice > \"bye\"\n", "bob close 1000\n"]].concat();
    let places: Vec<_> = order.iter().map(|line| written.find(line)).collect();
    assert!(places.is_sorted() && !places.contains(&None), "{places:?} in {written}");
    let (status, said, error) = output(&["run", test]).await;
    assert_eq!(status, Some(0), "{said}{error}{written}");
}

#[tokio::test]
async fn a_file_includes_another_which_failures_and_mistakes_name() {
    let server = Server::start().await;
    let url = server.ws("/echo");
    let file = File::new("include \"parts/login.ws\"\n> last\n< \"last\"\n");
    let login = file.beside("parts/login.ws");
    std::fs::create_dir(login.with_file_name("")).expect("there is room");
    let write = |text: &str| std::fs::write(&login, text).expect("there is room");
    write(&format!("connect {url}\n> hi\n< \"hi\"\n"));
    let (status, said, error) = output(&["run", file.path()]).await;
    assert_eq!(status, Some(0), "{said}{error}");
    write(&format!("connect {url}\n> hi\n< \"ho\"\n"));
    let (status, _, error) = output(&["run", file.path()]).await;
    assert_eq!(status, Some(3));
    assert!(error.contains("parts/login.ws:3:1"), "{error}");
    write(&format!("connect {url}\nhi\ninclude \"../chat.ws\"\n"));
    let (status, _, error) = output(&["run", "--dry-run", file.path()]).await;
    assert_eq!(status, Some(2));
    assert!(error.contains("parts/login.ws:2:1") && error.contains("in a circle"), "{error}");
    let (status, _, error) = output(&["fmt", "--check", file.path()]).await;
    assert_eq!(status, Some(0), "{error}");
}

#[tokio::test]
async fn files_are_laid_out_in_place_or_checked() {
    let file = File::new("connect   ws://a\nrepeat  2 {\n> hi\n}\n");
    let (status, _, error) = output(&["fmt", "--check", file.path()]).await;
    assert_eq!(status, Some(3));
    assert!(error.contains("is not formatted"), "{error}");
    let (status, ..) = output(&["fmt", file.path()]).await;
    assert_eq!(status, Some(0));
    assert_eq!(file.text(), "connect ws://a\nrepeat 2 {\n  > hi\n}\n");
    let (status, ..) = output(&["fmt", "--check", file.path()]).await;
    assert_eq!(status, Some(0));
}

#[tokio::test]
async fn a_peer_that_floods_does_not_hold_up_what_is_sent() {
    let text =
        "limit 20s\nconnect ws://{{host}}/stream?rate=2000/s\nrepeat 500 {\n> x\n<~ any\n}\n";
    let (status, said, error) = run(text, &[]).await;
    assert_eq!(status, Some(0), "{said}{error}");
}
