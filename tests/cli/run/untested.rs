//! Runs that tested nothing, and are no passes.

use harness::Server;

use crate::{
    output,
    scenarios::{File, run},
};

#[tokio::test]
async fn a_connection_that_never_opens_is_1_at_its_line() {
    for steps in ["", "wait 10ms\n", "\n> hi\n"] {
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
        ("", "nothing to test"),
        ("# nothing\n@a = 1\n", "nothing to test"),
        ("serve /a\n> hi\n", "chat.ws is a mock; use wsbench mock."),
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
    for step in ["< dropped", "silent 10s", "wait 2s"] {
        let url = server.ws("/fault/masked-frame");
        let file = File::new(&format!("connect {url}\n> go\n{step}\n"));
        let (status, said, error) = output(&["run", file.path()]).await;
        assert_eq!(status, Some(3), "{said}{error}");
        assert!(error.contains("The peer violated the protocol: "), "{error}");
    }
}

#[tokio::test]
async fn a_variable_that_nothing_has_or_sets_is_wrong_before_the_run() {
    let text = "connect ws://{{host}}/echo\n> a\n< \"a\"\n";
    let (status, said, error) = run(text, &["--set", "tokn=1"]).await;
    assert_eq!(status, Some(2), "{said}{error}");
    assert!(error.contains("no file uses {{tokn}}"), "{error}");
    let (status, _, error) = run(text, &["--secret", "tokn=s3same"]).await;
    assert!(status == Some(2) && !error.contains("s3same"), "{error}");
    let text = "connect ws://{{host}}/echo\n  header Authorization: {{token}}\n";
    let (status, said, error) = run(text, &["--dry-run"]).await;
    assert_eq!(status, Some(2), "{said}{error}");
    assert!(error.contains("Unknown variable token.") && error.contains(":2:25"), "{error}");
    let (status, said, error) = run(text, &["--set", "token=1"]).await;
    assert_eq!(status, Some(0), "{said}{error}");
}

#[tokio::test]
async fn a_byte_order_mark_is_passed_over() {
    let text = "\u{feff}connect ws://{{host}}/echo\n> a\n< \"a\"\n";
    let (status, said, error) = run(text, &[]).await;
    assert_eq!(status, Some(0), "{said}{error}");
}
