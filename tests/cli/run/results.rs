//! Results of a run: annotations, errors of a section, and repeated random values.

use std::process::Stdio;

use futures::{SinkExt, StreamExt};
use harness::{Server, soon};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    command, output,
    scenarios::{File, run},
};

#[tokio::test]
async fn a_failed_step_is_an_annotation_on_github() {
    let server = Server::start().await;
    let text = format!("connect {}\n> 100%\n< \"other\"\n", server.ws("/echo"));
    let file = File::new(&text);
    let path = file.beside("a,b.ws");
    std::fs::write(&path, text).expect("there is room");
    let path = path.to_str().expect("it is UTF-8");
    for (actions, is_annotated) in [("true", true), ("", false)] {
        let mut command = command(&["run", path]);
        command.env("GITHUB_ACTIONS", actions).stdin(Stdio::null()).kill_on_drop(true);
        let output = soon("the end", command.output()).await.expect("wsbench runs");
        let said = String::from_utf8(output.stdout).expect("it is UTF-8");
        let annotation = format!("::error file={},line=3::The message", path.replace(',', "%2C"));
        assert_eq!(said.contains(&annotation), is_annotated, "{said}");
    }
}

#[tokio::test]
async fn a_report_that_cannot_be_written_is_told_before_the_run() {
    let text = "connect ws://{{host}}/echo\n> a\n< \"a\"\n";
    let (status, said, error) = run(text, &["--report", "junit=/nowhere/x.xml"]).await;
    assert_eq!((status, &*said), (Some(1), ""), "{error}");
    assert!(error.contains("Cannot write /nowhere/x.xml: "), "{error}");
}

#[tokio::test]
async fn an_address_of_the_server_that_is_none_fails_its_section_only() {
    let text = "connect a ws://{{host}}/echo\n[one]\na > {\"u\":\"\\u001b]0;x\"}\na < any capture u = $.u\n\
                connect b {{u}}\nb > 1\n[two]\na > 1\na < \"1\"\n";
    let (status, said, error) = run(text, &[]).await;
    assert_eq!(status, Some(1), "{said}{error}");
    assert!(error.contains("chat.ws:5:1") && error.contains("'\\u{1b}]0;x': it is not"), "{error}");
    assert!(said.ends_with("1 passed, 1 failed\n") && !error.contains("Usage"), "{said}{error}");
}

#[tokio::test]
async fn a_peer_that_sends_and_does_not_read_fails_its_section_only() {
    // Few large messages, or many small ones.
    for (size, count) in [(1 << 20, 80), (5, usize::MAX)] {
        let url = crate::other_server(move |mut socket| async move {
            let _ = socket.next().await;
            let message = Message::text("x".repeat(size));
            for _ in 0..count {
                if socket.send(message.clone()).await.is_err() {
                    return;
                }
            }
        })
        .await;
        let text = "connect {{url}}\n[one]\nrepeat 10000 {\n> file big\n}\n[two]\n> 1\n";
        let file = File::new(text);
        std::fs::write(file.beside("big"), vec![b'x'; 64 << 10]).expect("there is room");
        let url = format!("url={url}");
        let (status, said, error) = output(&["run", file.path(), "--set", &url]).await;
        assert_eq!(status, Some(3), "{said}{error}");
        let sentence = "meanwhile more than 10000 messages or 64 MiB arrived";
        assert!(error.contains(sentence), "{size}: {error}");
        assert!(said.ends_with("1 passed, 1 failed\n"), "{said}{error}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_transcript_that_cannot_be_written_is_1_with_all_results() {
    let text = "connect ws://{{host}}/echo\n[one]\n> 1\n< \"2\"\n[two]\n> 1\n< \"1\"\n";
    let (status, said, error) = run(text, &["--transcript", "/dev/full"]).await;
    assert_eq!(status, Some(1), "{said}{error}");
    assert!(error.contains("The transcript cannot be written: No space left"), "{error}");
    assert!(error.contains("The message does not match.") && !error.contains("Usage"), "{error}");
    assert!(said.ends_with("0 passed, 2 failed\n"), "{said}");
}

#[tokio::test]
async fn flags_are_read_once_for_all_connections() {
    let text =
        "connect a ws://{{host}}/echo\na < opened\nconnect b ws://{{host}}/echo\nb < opened\n";
    let (status, said, error) = run(text, &["--insecure"]).await;
    assert_eq!(status, Some(0), "{said}{error}");
    assert_eq!(error.matches("TLS flags have no effect").count(), 1, "{error}");
}

#[tokio::test]
async fn a_seed_repeats_the_random_values() {
    let text = "connect ws://{{host}}/echo\n> {{uuid}} {{random 1 1000000}}\n< \"\"\n";
    let sent = async |seed: &str| {
        let (_, _, error) = run(text, &["--seed", seed]).await;
        let sent = error.lines().find_map(|line| line.split_once("  > "));
        assert!(error.contains(&format!("--seed {seed} repeats")), "{error}");
        sent.expect("the message that was sent").1.to_owned()
    };
    let one = sent("7").await;
    assert_eq!(sent("7").await, one);
    assert_ne!(sent("8").await, one);
}

#[tokio::test]
async fn every_block_runs_against_a_server() {
    let text = "require p99 < 10s\ntimeout 10s\nconnect a ws://{{host}}/echo\nconnect b ws://{{host}}/echo\n\
                a never contains \"no\"\nparallel {\na > 1\nb > 2\nbarrier\na < \"1\"\nb < \"2\"\n}\n\
                every 5ms for 20ms {\na > tick\na < \"tick\"\n}\nrepeat 2 {\na > x\nb > y\n\
                any 2 of {\na < \"x\"\nb < \"y\"\nb < \"z\"\n}\n}\na > 1\na > 2\n\
                unordered {\na < \"2\"\na < \"1\"\n}\nb silent 10ms\n";
    let (status, said, error) = run(text, &[]).await;
    assert_eq!(status, Some(0), "{said}{error}");
    let text = "connect a ws://{{host}}/echo\na never contains \"no\"\na > no\na < \"no\"\n";
    let (status, _, error) = run(text, &[]).await;
    assert_eq!(status, Some(3));
    assert!(
        error.contains("chat.ws:2:1") && error.contains("A forbidden message arrived (never)."),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_sent_is_shown_at_its_line_and_1() {
    let text = "connect ws://{{host}}/echo\n> a\n< \"a\"\n> file nowhere.bin\n";
    for more in ["", "< any within 1m\n"] {
        let (status, said, error) = run(&format!("{text}{more}"), &[]).await;
        assert_eq!(status, Some(1), "{said}{error}");
        let is_told = error.contains("Cannot read ") && error.contains("nowhere.bin");
        assert!(is_told && error.contains("chat.ws:4:1"), "{error}");
    }
}

#[tokio::test]
async fn a_report_on_standard_output_has_it_for_itself() {
    let text = "connect a ws://{{host}}/echo\n[right]\na > 1\na < \"1\"\n[wrong]\na > 1\na < \"2\"\n\
                [late]\na close 4000\na < closed 4001\n";
    let (status, said, error) = run(text, &["--report", "tap=-"]).await;
    assert_eq!(status, Some(3), "{error}");
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[..2], ["TAP version 14", "1..3"], "{said}");
    assert!(lines[2].starts_with("ok 1 - ") && lines[3].starts_with("not ok 2 - "), "{said}");
    assert!(said.contains("the last messages:") && said.ends_with("  ...\n"), "{said}");
    assert_eq!(said.matches("details: ").count(), 1, "the last has none: {said}");
    assert!(error.contains("1 passed, 2 failed\n") && error.contains("\nFAILED "), "{error}");
    let (status, said, error) = run(text, &["--report", "tap=-", "--report", "json=-"]).await;
    assert_eq!((status, &*said), (Some(2), ""), "{error}");
    assert!(error.contains("only one report can go to standard output"), "{error}");
}

#[tokio::test]
async fn a_section_that_could_not_run_is_an_error_of_junit() {
    let text = "connect ws://{{host}}/reject?status=403\n[one]\n> 1\n";
    let (status, said, error) = run(text, &["--report", "junit=-"]).await;
    assert_eq!(status, Some(1), "{error}");
    assert!(said.contains("errors=\"1\"") && said.contains("<error message="), "{said}");
    assert!(said.contains("failures=\"0\"") && said.contains("403"), "{said}");
}

#[tokio::test]
async fn a_report_says_what_was_in_the_way_of_the_run() {
    let file = File::new("connect ws://127.0.0.1:1\n");
    let wrong = file.beside("wrong.ws");
    std::fs::write(&wrong, "connect ws://127.0.0.1:1\n> hi\n< jsn\n").expect("there is room");
    let wrong = wrong.to_str().expect("it is UTF-8");
    let [junit, json, tap] = ["report.xml", "report.json", "report.tap"].map(|it| file.beside(it));
    let reports = [("junit", &junit), ("json", &json), ("tap", &tap)]
        .map(|(kind, path)| format!("--report={kind}={}", path.display()));
    let reports = reports.each_ref().map(String::as_str);
    let ended = ["--with", "exit 7", "--wait-for", "tcp://127.0.0.1:1"];
    let ended = [&["run", file.path()], &ended[..], &reports].concat();
    let mistaken = [&["run", wrong], &reports[..]].concat();
    let unknown = [&["run", file.path(), "--only", "two"], &reports[..]].concat();
    for (arguments, status, sentence) in [
        (ended, 1, "'exit 7' exited on its own: exit status: 7."),
        (mistaken, 2, "wrong.ws:3:3: 'jsn' "),
        (unknown, 2, "no section [two]"),
    ] {
        let (found, _, error) = output(&arguments).await;
        assert_eq!(found, Some(status), "{error}");
        let read = |path| std::fs::read_to_string(path).expect("the report was written");
        let (junit, json, tap) = (read(&junit), read(&json), read(&tap));
        let escaped = sentence.replace('\'', "&apos;");
        assert!(junit.contains("errors=\"1\""), "{junit}");
        assert!(junit.contains(&escaped) || junit.contains(sentence), "{sentence} in {junit}");
        let json: serde_json::Value = serde_json::from_str(&json).expect("a line of JSON");
        assert_eq!(json["passed"], false, "{json}");
        assert!(
            json["failure"]["message"].as_str().is_some_and(|it| it.contains(sentence)),
            "{json}"
        );
        let bails = tap.lines().last().is_some_and(|line| line.starts_with("Bail out! "));
        assert!(bails && tap.contains(sentence), "{tap}");
    }
}
