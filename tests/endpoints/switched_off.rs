//! Endpoints switched off by the server's configuration.

use harness::{
    Program,
    raw::{FIN, TEXT, ask, frame, open, read_frame},
    server_command,
};
use serde_json::Value;
use tokio::io::AsyncWriteExt;

async fn listed(authority: &str) -> Vec<String> {
    let answer = ask(authority, "/endpoints.json").await;
    let list = serde_json::from_str::<Value>(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let endpoints = list["endpoints"].as_array().unwrap().iter();
    endpoints.map(|it| it["path"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn only_those_that_are_named_are_there() {
    let mut server = Program::server_here(&["--endpoints", "stream,chat"]);
    let authority = server.address("ws://").await;
    assert_eq!(listed(&authority).await, ["/chat/{room}", "/stream"]);
    for (path, name) in
        [("/echo", "echo"), ("/echo?delay=1s", "echo"), ("/fault/reserved-bit", "fault")]
    {
        let answer = ask(&authority, path).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        let sentence = format!("Start the server with '{name}' in --endpoints");
        assert!(answer.contains(&sentence), "{answer}");
    }
    open(&authority, "/stream").await;
    for path in ["/", "/ws"] {
        let mut stream = open(&authority, path).await;
        stream.write_all(&frame(FIN | TEXT, b"hi")).await.unwrap();
        let echo = read_frame(&mut stream).await.unwrap();
        assert_eq!(echo, (FIN | TEXT, b"Echo: hi".to_vec()));
    }
}

#[tokio::test]
async fn what_is_dangerous_can_be_left_out() {
    let by_flag = server_command(&["--listen", "127.0.0.1:0", "--no-faults"]);
    let mut by_environment = server_command(&["--listen", "127.0.0.1:0"]);
    by_environment.env("WSBENCH_NO_FAULTS", "true");
    for mut command in [by_flag, by_environment] {
        let mut server = Program::start(&mut command);
        let authority = server.address("ws://").await;
        for path in ["/fault/reserved-bit", "/hang", "/hang?stage=close", "/abort"] {
            let answer = ask(&authority, path).await;
            assert!(answer.starts_with("HTTP/1.1 403 "), "{path}: {answer}");
            assert!(answer.contains("Start the server without --no-faults."), "{path}: {answer}");
        }
        open(&authority, "/stream?rate=max").await;
        let listed = listed(&authority).await;
        assert!(listed.contains(&"/echo".to_owned()), "{listed:?}");
        let is_dangerous = |path: &String| path.starts_with("/fault") || path == "/hang";
        assert!(!listed.iter().any(is_dangerous), "{listed:?}");
    }
}

#[tokio::test]
async fn the_environment_names_them_too() {
    let mut command = server_command(&["--listen", "127.0.0.1:0"]);
    let mut server = Program::start(command.env("WSBENCH_ENDPOINTS", "time"));
    let authority = server.address("ws://").await;
    assert_eq!(listed(&authority).await, ["/time"]);
}

#[tokio::test]
async fn a_name_that_is_none_is_a_sentence_with_all_names() {
    let (status, _, said) = Program::server(&["--endpoints", "echo,nonsense"]).end().await;
    assert_eq!(status.code(), Some(2), "{said}");
    assert!(said.contains("nonsense") && said.contains("echo, sink, silent, chat"), "{said}");
}
