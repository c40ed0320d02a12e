//! `wsbench server`: the server as a command of `wsbench`.

use harness::Program;

use crate::output;

#[tokio::test]
async fn the_server_command_starts_the_server() {
    let mut server = Program::server_here(&[]);
    let url = format!("ws://{}", server.address("ws://").await);
    let (status, lines, said) = output(&[&url, "-x", "hi"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "Echo: hi\n"), "{said}");
    server.terminate().await;
    assert_eq!(server.end().await.0.code(), Some(0));
}

/// Everything behind `server` belongs to the server.
#[tokio::test]
async fn flags_of_the_server_are_checked() {
    let (status, _, said) = output(&["server", "--expect", "a"]).await;
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("unexpected argument '--expect'"), "{said}");
}
