//! Results of a run: annotations, repeated random values, and the place of a connection that cannot be opened.

use std::process::Stdio;

use harness::{Server, soon};

use crate::{
    command, output,
    scenarios::{File, run},
};

#[tokio::test]
async fn a_failed_step_is_an_annotation_on_github() {
    let server = Server::start().await;
    let file = File::new(&format!("connect {}\n> 100%\n< \"other\"\n", server.ws("/echo")));
    for (actions, is_annotated) in [("true", true), ("", false)] {
        let mut command = command(&["run", file.path()]);
        command.env("GITHUB_ACTIONS", actions).stdin(Stdio::null()).kill_on_drop(true);
        let output = soon("the end", command.output()).await.expect("wsbench runs");
        let said = String::from_utf8(output.stdout).expect("it is UTF-8");
        let annotation = format!("::error file={},line=3::Another message came. ", file.path());
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
async fn a_connection_that_cannot_be_opened_is_shown_at_its_connect_line() {
    let file = File::new("# a comment\nconnect ws://127.0.0.1:1\n\n> hi\n");
    let (status, _, error) = output(&["run", file.path()]).await;
    assert_eq!(status, Some(1));
    assert!(error.contains("chat.ws:2:1"), "{error}");
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
    assert!(error.contains("chat.ws:2:1") && error.contains("Such a message came."), "{error}");
}
