//! Test harness: a real server, a raw client, the programs, and a browser.
//!
//! Nothing sleeps for a fixed time: the harness waits for a condition, and fails after [`PATIENCE`].

#![expect(clippy::missing_panics_doc, reason = "a harness fails a test by panicking")]

mod browser;
mod har;
pub mod keys;
mod page;
mod program;
pub mod raw;
pub mod relayed;
mod server;
pub mod states;
mod tls;

use std::time::Duration;

use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub use browser::{Browser, Engine, Memory};
pub use har::har;
pub use page::Page;
pub use program::{Program, binary, output, release_binary, server_command, wsbench};
pub use server::{Server, Stopped};
pub use tls::{Authority, acceptor};

/// Time limit for anything. Reached only by a failure, and therefore generous to a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Open connection of tokio-tungstenite, the independent client.
pub type Client = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// Connects to `url`.
pub async fn connect(url: &str) -> Client {
    let (client, _) = connect_async(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    client
}

/// Waits for `future`; fails the test after [`PATIENCE`].
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(PATIENCE, future).await;
    done.unwrap_or_else(|_| panic!("{what} did not happen in {PATIENCE:?}"))
}

/// Starts a server, and opens its page in a browser, connected.
pub async fn connected() -> (Server, Browser, Page) {
    let server = Server::start().await;
    let browser = Browser::start().await;
    let page = browser.open(&server.http()).await;
    page.has_state("open").await;
    (server, browser, page)
}

/// As [`connected`], and disconnects the page.
pub async fn disconnected() -> (Server, Browser, Page) {
    let (server, browser, page) = connected().await;
    page.disconnects().await;
    (server, browser, page)
}

/// As [`connected`], to another `path` of the server.
pub async fn connected_to(path: &str) -> (Server, Browser, Page) {
    let (server, browser, page) = disconnected().await;
    page.goes_to(&server.ws(path)).await;
    (server, browser, page)
}

/// As [`connected_to`], to a `path` that floods, all of which comes: on a machine that is busy with other
/// tests a browser may lag behind by as much as makes the page disconnect.
pub async fn flooded_by(path: &str) -> (Server, Browser, Page) {
    let (server, browser, page) = disconnected().await;
    browser.answers_probes().await;
    page.goes_to(&server.ws(path)).await;
    (server, browser, page)
}

/// True if `line` is the version of the program `name`: `wsbench 0.1.0 (0123456789ab)`. The commit is not compared
/// with that of the repository, which may have another one since the program was built.
#[must_use]
pub fn is_release(line: &str, name: &str) -> bool {
    let prefix = format!("{name} {} (", env!("CARGO_PKG_VERSION"));
    let commit = line.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(')'));
    commit.is_some_and(|commit| {
        let is_hash = commit.len() == 12 && commit.chars().all(|it| it.is_ascii_hexdigit());
        is_hash || commit == "unknown commit"
    })
}
