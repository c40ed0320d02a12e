//! Runs that tested nothing, and are no passes.

use harness::Server;

use crate::{
    output,
    scenarios::{File, run},
};

#[tokio::test]
async fn a_connection_that_never_opens_is_1_at_its_line() {
    for steps in ["", "wait 10ms\n"] {
        let file = File::new(&format!("# smoke\nconnect ws://127.0.0.1:1/\n{steps}"));
        let (status, said, error) = output(&["run", file.path()]).await;
        assert_eq!(status, Some(1), "{said}{error}");
        assert!(error.contains("chat.ws:2:1"), "{error}");
    }
    let text = "connect a ws://{{host}}/echo\nconnect b ws://{{host}}/reject?status=401\na > x\na < \"x\"\n";
    let (status, said, error) = run(text, &[]).await;
    assert_eq!(status, Some(1), "{said}{error}");
    assert!(error.contains("chat.ws:2:1") && error.contains("401"), "{error}");
}

#[tokio::test]
async fn a_file_without_steps_and_a_mock_are_wrong_files() {
    for (text, sentence) in [
        ("", "there is nothing to test"),
        ("# nothing\n@a = 1\n", "there is nothing to test"),
        ("serve /a\n> hi\n", "chat.ws serves paths: it is for wsbench mock."),
    ] {
        let file = File::new(text);
        let (status, said, error) = output(&["run", file.path()]).await;
        assert_eq!(status, Some(2), "{said}{error}");
        assert!(error.contains(sentence) && !error.contains("Usage"), "{error}");
    }
}

#[tokio::test]
async fn a_violation_of_the_protocol_is_told_as_it_is() {
    let server = Server::start().await;
    for step in ["< dropped", "silent 1s", "wait 100ms"] {
        let url = server.ws("/fault/masked-frame");
        let file = File::new(&format!("connect {url}\n> go\n{step}\n"));
        let (status, said, error) = output(&["run", file.path()]).await;
        assert_eq!(status, Some(3), "{said}{error}");
        assert!(error.contains("The peer violated the protocol: "), "{error}");
    }
}
