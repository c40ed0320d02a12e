//! `wsbench mock` and `wsbench server --mock`: scenario files as servers.

use futures::{SinkExt, StreamExt, stream::FuturesUnordered};
use harness::{Client, Program, connect, raw, soon};
use serde_json::Value;
use tempfile::TempDir;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use crate::{output, wsbench};

const TICKER: &str = "@token = t0p\n\n\
    serve /ticker/{symbol}\n  header Authorization: Bearer {{token}}\n  subprotocol ticker.v2\n  on \"ping\" > pong\n\
    < {\"op\":\"subscribe\"} capture id = $.id\n\
    > {\"id\":\"{{id}}\",\"symbol\":\"{{symbol}}\",\"client\":{{connection}}}\n\
    repeat 3 {\n  > {\"seq\":{{seq}}}\n}\nclose 4000 \"closing time\"\n\n\
    serve /ticker/{symbol}\n  query denied=1\n  refuse 401\n\n\
    serve /rooms/{room}\n> hi {{room}}\n< \"hi\"\n> bye\n";

/// Program that mocks a file.
struct Mock {
    program: Program,
    authority: String,
    folder: TempDir,
}

impl Mock {
    async fn start(text: &str) -> Self {
        Self::start_as(&["mock"], text).await
    }

    /// Starts `wsbench` with these arguments before the file's name.
    async fn start_as(arguments: &[&str], text: &str) -> Self {
        let folder = folder(text);
        let file = folder.path().join("mock.ws");
        let file = file.to_str().expect("it is UTF-8");
        let mut program = wsbench(&[arguments, &[file, "--listen", "127.0.0.1:0"]].concat());
        let authority = program.address("ws://").await;
        Self { program, authority, folder }
    }

    fn url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.authority)
    }

    /// Whole answer to a plain request.
    async fn get(&self, path: &str) -> String {
        raw::ask(&self.authority, path).await
    }

    /// The list of `/mock` once `is_so` holds: a connection's end is counted after its client knows it.
    async fn asked(&self, is_so: impl Fn(&Value) -> bool) -> Value {
        let asked = async {
            loop {
                let answer = self.get("/mock").await;
                let (_, json) = answer.split_once("\r\n\r\n").expect("it has a body");
                let asked = serde_json::from_str(json).expect("it is JSON");
                if is_so(&asked) {
                    return asked;
                }
            }
        };
        soon("the tally", asked).await
    }
}

fn folder(text: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    std::fs::write(folder.path().join("mock.ws"), text).expect("it can be written");
    folder
}

/// Texts up to the end, and the code and reason of the Close frame.
async fn heard(client: &mut Client) -> (Vec<String>, Option<(u16, String)>) {
    let mut texts = Vec::new();
    loop {
        match soon("a message", client.next()).await {
            Some(Ok(Message::Text(text))) => texts.push(text.to_string()),
            Some(Ok(Message::Close(Some(close)))) => {
                return (texts, Some((close.code.into(), close.reason.to_string())));
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return (texts, None),
        }
    }
}

async fn send(client: &mut Client, text: &str) {
    client.send(Message::text(text)).await.expect("the mock reads");
}

/// Status and body of a refused handshake.
async fn refused(url: &str) -> (u16, String) {
    match connect_async(url).await {
        Err(Error::Http(answer)) => {
            let body = answer.body().clone().unwrap_or_default();
            (answer.status().as_u16(), String::from_utf8_lossy(&body).into_owned())
        }
        other => panic!("{url} was not refused: {:?}", other.map(drop)),
    }
}

#[tokio::test]
async fn a_close_frame_without_a_code_is_empty() {
    let mock = Mock::start("serve /a\nclose 1005\n").await;
    let (mut client, _) = connect_async(mock.url("/a")).await.expect("it is open");
    let frame = soon("the Close frame", client.next()).await.expect("a frame");
    assert_eq!(frame.expect("it keeps to the protocol"), Message::Close(None));
}

#[tokio::test]
async fn a_mock_and_a_scenario_of_the_same_conversation_pass_each_other() {
    let mock = Mock::start(TICKER).await;
    let test = folder(
        "@token = t0p\nconnect ws://{{host}}/ticker/BTC\n  header Authorization: Bearer {{token}}\n  subprotocol ticker.v1 ticker.v2\n\
         < opened subprotocol ticker.v2\n> ping\n< \"pong\"\n> {\"op\":\"subscribe\",\"id\":\"k7\"}\n\
         < {\"id\":\"k7\",\"symbol\":\"BTC\",\"client\":1}\n< {\"seq\":1}\n< {\"seq\":2}\n< {\"seq\":3}\n< closed 4000 /closing/\n",
    );
    let file = test.path().join("mock.ws");
    let host = format!("host={}", mock.authority);
    let (status, said, error) =
        output(&["run", file.to_str().expect("it is UTF-8"), "--set", &host]).await;
    assert_eq!(status, Some(0), "{said}{error}");
    let asked = mock.asked(|asked| asked["served"][0]["passed"] == 1).await;
    let served = &asked["served"][0];
    assert_eq!((&served["connections"], &served["deviated"]), (&1.into(), &0.into()), "{asked}");
    let hits = served["steps"].as_array().expect("it is a list").iter();
    let hits: Vec<_> = hits.map(|step| step["hits"].as_u64()).collect();
    assert_eq!(hits, [1, 1, 1, 3, 1].map(Some), "{asked}");
    // Nobody asked for the other paths.
    let never = asked["never"].as_array().expect("it is a list").iter();
    let never: Vec<_> = never.filter_map(|step| step["step"].as_str()).collect();
    assert_eq!(
        never,
        ["serve /ticker/{symbol}", "serve /rooms/{room}", "> hi {{room}}", "< \"hi\"", "> bye"]
    );
}

#[tokio::test]
async fn a_client_off_the_script_is_closed_with_the_line_and_told_in_log_list_and_metric() {
    let mut mock = Mock::start(TICKER).await;
    let mut client = connect(&mock.url("/rooms/lobby")).await;
    send(&mut client, "ho").await;
    let end = Some((1008, "mock.ws:20: The message does not match.".to_owned()));
    assert_eq!(heard(&mut client).await, (vec!["hi lobby".to_owned()], end));
    let line = mock.program.line_with("The message does not match.").await;
    assert!(line.contains("WARN") && line.contains("mock.ws:20"), "{line}");
    let asked = mock.asked(|asked| asked["misses"] == 1).await;
    assert_eq!(asked["served"][2]["deviated"], 1, "{asked}");
    let miss = &asked["missed"][0];
    assert_eq!((&miss["step"], &miss["received"]), (&"< \"hi\"".into(), &"ho".into()), "{asked}");
    let metrics = mock.get("/metrics").await;
    assert!(metrics.contains("wsbench_mock_deviations_total 1\n"), "{metrics}");

    // One that leaves early has not deviated.
    let mut client = connect(&mock.url("/rooms/lobby")).await;
    client.close(None).await.expect("the mock reads");
    let asked = mock.asked(|asked| asked["served"][2]["left"] == 1).await;
    assert_eq!((&asked["misses"], &asked["served"][2]["open"]), (&1.into(), &0.into()), "{asked}");
}

#[tokio::test]
async fn a_message_after_the_last_step_deviates_and_silence_does_not() {
    let mock = Mock::start(TICKER).await;
    let mut client = connect(&mock.url("/rooms/a")).await;
    send(&mut client, "hi").await;
    send(&mut client, "again").await;
    let (texts, end) = heard(&mut client).await;
    assert_eq!(texts, ["hi a", "bye"]);
    let (code, reason) = end.expect("it is closed");
    assert!(code == 1008 && reason.starts_with("mock.ws:21: "), "{code} {reason}");
    let mut client = connect(&mock.url("/rooms/b")).await;
    send(&mut client, "hi").await;
    client.close(None).await.expect("the mock reads");
    mock.asked(|asked| asked["served"][2]["passed"] == 1).await;
}

#[tokio::test]
async fn texts_of_clients_that_are_captured_count_towards_max_memory() {
    let text = "serve /a\n< contains \"a\" capture all = text\n< \"end\"\n";
    let mock = Mock::start_as(&["server", "--max-memory", "4MiB", "--mock"], text).await;
    let mut clients = Vec::new();
    for _ in 0..6 {
        let mut client = connect(&mock.url("/a")).await;
        // Whoever is closed by now cannot send.
        let _ = client.send(Message::text("a".repeat(1 << 20))).await;
        clients.push(client);
    }
    let mut ends = clients.iter_mut().map(heard).collect::<FuturesUnordered<_>>();
    let (_, close) = soon("an end", ends.next()).await.expect("there are clients");
    assert_eq!(close.expect("a code").0, 1013);
}

#[tokio::test]
async fn a_request_that_no_conversation_fits_is_told_why() {
    let mock = Mock::start_as(
        &["mock", "--allow-origin", "https://one.example", "--allow-no-origin"],
        TICKER,
    )
    .await;
    let (status, said) = refused(&mock.url("/nix")).await;
    assert_eq!(
        (status, &*said),
        (404, "Nothing is served at /nix. Served paths: /ticker/{symbol}, /rooms/{room}.\n")
    );
    let (status, said) = refused(&mock.url("/ticker/BTC")).await;
    assert_eq!(status, 400);
    assert!(said.contains("header Authorization (") && said.contains("mock.ws:4)"), "{said}");
    assert!(!said.contains("{{token}}") && said.contains("query denied"), "{said}");
    assert_eq!(refused(&mock.url("/ticker/BTC?denied=1")).await.0, 401);
    let asked = mock.asked(|asked| asked["served"][1]["refused"] == 1).await;
    assert_eq!(asked["misses"], 2, "{asked}");
    // A page of another origin is kept out, as of the server.
    let mut request = mock.url("/rooms/a").into_client_request().expect("it is a URL");
    request.headers_mut().insert("origin", "https://evil.example".parse().expect("it is one"));
    match connect_async(request).await {
        Err(Error::Http(answer)) => assert_eq!(answer.status().as_u16(), 403),
        other => panic!("{:?}", other.map(drop)),
    }
    assert!(mock.get("/ws").await.starts_with("HTTP/1.1 404 "));
}

#[tokio::test]
async fn faults_of_the_test_endpoints_stand_before_a_mock() {
    let mock = Mock::start("serve /a\nrepeat 20 {\n  > {{seq}}\n}\nclose 1000\n").await;
    let mut dropped = Vec::new();
    for _ in 0..2 {
        let mut client = connect(&mock.url("/a?drop=0.5&seed=7&other=x")).await;
        dropped.push(heard(&mut client).await.0);
    }
    assert!((1..20).contains(&dropped[0].len()), "{dropped:?}");
    assert_eq!(dropped[0], dropped[1], "the seed repeats them");
    let mut client = connect(&mock.url("/a?reorder=20&delay=50ms&seed=7")).await;
    let (mut texts, end) = heard(&mut client).await;
    let in_order: Vec<_> = (1..=20).map(|number| number.to_string()).collect();
    assert_ne!(texts, in_order);
    texts.sort_by_key(|text| text.parse::<u32>().ok());
    assert_eq!((texts, end), (in_order, Some((1000, String::new()))));
    assert_eq!(refused(&mock.url("/a?drop=2")).await.0, 400);
}

#[tokio::test]
async fn a_mock_stands_beside_the_endpoints_of_a_server() {
    let mock = Mock::start_as(&["server", "--mock"], TICKER).await;
    let mut client = connect(&mock.url("/rooms/x")).await;
    send(&mut client, "ho").await;
    assert_eq!(heard(&mut client).await.0, ["hi x"]);
    let mut client = connect(&mock.url("/ws")).await;
    send(&mut client, "hi").await;
    let answer = soon("the echo", client.next()).await.expect("it is open").expect("it is well");
    assert_eq!(answer, Message::text("Echo: hi"));
    assert!(mock.get("/nix").await.starts_with("HTTP/1.1 404 "));
}

#[tokio::test]
async fn files_that_cannot_be_served_end_the_program_with_all_their_mistakes() {
    for (arguments, text, expected) in [
        (&["mock"][..], "serv /a\n> {{\n", &["mock.ws:1:1", "'serve'", "mock.ws:2:3"][..]),
        (&["server", "--mock"], "serv /a\n> {{\n", &["mock.ws:1:1", "'serve'", "mock.ws:2:3"]),
        (&["mock"], "connect ws://a\n> hi\n", &["is not a mock", "wsbench run"]),
        (&["mock"], "serve /{x}\n> 1\n", &["mock.ws:1", "/mock itself"]),
        (
            &["mock"],
            "@a = {{b}}\n@b = 1\nserve /x/{room}\n> {{rom}}\n",
            &[
                "mock.ws:1:6: Unknown variable b. It is set below",
                "mock.ws:4:3: Unknown variable rom.",
            ],
        ),
        (&["mock", "--set", "nix=1"], "serve /x\n> 1\n", &["No file uses {{nix}}"]),
        (
            &["server", "--mock"],
            "serve /echo\n> 1\nserve /chat/{x}\n> 1\n",
            &["mock.ws:1", "/echo itself", "mock.ws:3", "wsbench mock"],
        ),
    ] {
        let folder = folder(text);
        let file = folder.path().join("mock.ws");
        let file = file.to_str().expect("it is UTF-8");
        let (status, _, said) = output(&[arguments, &[file]].concat()).await;
        assert_eq!(status, Some(2), "{text}: {said}");
        for expected in expected {
            assert!(said.contains(expected), "{expected}: {said}");
        }
    }
}

#[tokio::test]
async fn a_file_below_the_folder_is_sent_and_no_other() {
    let mut mock = Mock::start("serve /a/{name}\n> file {{name}}\nclose 1000\n").await;
    std::fs::write(mock.folder.path().join("said.txt"), "from a file").expect("there is room");
    let mut client = connect(&mock.url("/a/said.txt")).await;
    assert_eq!(heard(&mut client).await.0, ["from a file"]);
    for path in ["/a/..%2Fsecret", "/a/%2Fetc%2Fpasswd"] {
        let mut client = connect(&mock.url(path)).await;
        let (texts, end) = heard(&mut client).await;
        assert_eq!(texts, [""; 0], "{path}");
        assert_eq!(end.expect("it is closed").0, 1011, "{path}");
        let line = mock.program.line_with("ERROR").await;
        assert!(line.contains("mock.ws:2: ") && line.contains("is outside the folder"), "{line}");
    }
}

#[tokio::test]
async fn a_mock_includes_files_and_names_them() {
    let parts = folder("");
    let part = parts.path().join("part.ws");
    std::fs::write(&part, "> welcome\n< \"hi\"\n> fragment 2 \"in frames\"\n")
        .expect("there is room");
    let include =
        format!("serve /a\ninclude {part:?}\ninclude {part:?}\nclose 4000\n< closed by server\n");
    let mut mock = Mock::start(&include).await;
    let mut client = connect(&mock.url("/a")).await;
    send(&mut client, "hi").await;
    send(&mut client, "hi").await;
    let (texts, end) = heard(&mut client).await;
    assert_eq!(texts, ["welcome", "in frames", "welcome", "in frames"]);
    assert_eq!(end.map(|(code, _)| code), Some(4000));
    let asked = mock.asked(|asked| asked["served"][0]["passed"] == 1).await;
    let steps = asked["served"][0]["steps"].as_array().expect("it has steps");
    let hits: Vec<_> = steps.iter().map(|step| step["hits"].as_u64()).collect();
    assert_eq!(hits, [Some(2), Some(2), Some(2), Some(1), Some(1)], "{asked}");
    assert!(steps[0]["at"].as_str().expect("a place").ends_with("part.ws:1"), "{asked}");
    let mut client = connect(&mock.url("/a")).await;
    send(&mut client, "ho").await;
    let (_, end) = heard(&mut client).await;
    assert_eq!(end, Some((1008, "part.ws:2: The message does not match.".to_owned())));
    mock.program.line_with("part.ws:2").await;
}

#[tokio::test]
async fn secrets_of_a_mock_are_not_shown() {
    let mut mock = Mock::start_as(
        &["mock", "--secret", "token=pass-phrase"],
        "serve /a\n  header X-Token: {{token}}\n< \"{{token}}\"\n",
    )
    .await;
    let mut request = mock.url("/a").into_client_request().expect("it is a URL");
    request.headers_mut().insert("x-token", "pass-phrase".parse().expect("it is a value"));
    let (mut client, _) = connect_async(request).await.expect("its token is right");
    client.send(Message::text("my pass-phrase")).await.expect("the mock reads");
    let line = mock.program.line_with("The message does not match").await;
    let asked = mock.asked(|asked| asked["misses"] == 1).await;
    for shown in [line, asked.to_string()] {
        assert!(shown.contains("my ***") && !shown.contains("phrase"), "{shown}");
    }
    let (_, body) = refused(&mock.url("/pass-phrase")).await;
    assert!(!body.contains("phrase"), "{body}");
    let (status, _, said) = output(&["mock", "--secret", "a b=pass-phrase", "a.ws"]).await;
    assert_eq!(status, Some(2));
    assert!(said.contains("--secret") && !said.contains("phrase"), "{said}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_mock_is_read_again_when_it_is_told_to() {
    let mut mock = Mock::start("serve /a\n> one\n< \"go on\"\n> two\nclose\n").await;
    let mut early = connect(&mock.url("/a")).await;
    let file = mock.folder.path().join("mock.ws");
    std::fs::write(&file, "serv /a\n").expect("there is room");
    mock.program.hang_up().await;
    mock.program.line_with("keeping the old one").await;
    std::fs::write(&file, "serve /b\n> three\nclose\n").expect("there is room");
    mock.program.hang_up().await;
    mock.program.line_with("Mock reloaded").await;
    assert_eq!(refused(&mock.url("/a")).await.0, 404);
    assert_eq!(heard(&mut connect(&mock.url("/b")).await).await.0, ["three"]);
    // A conversation that had begun goes on as it began.
    send(&mut early, "go on").await;
    assert_eq!(heard(&mut early).await.0, ["one", "two"]);
}
