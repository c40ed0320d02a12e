//! Server in the process of the test, on a free port.

use futures::{SinkExt, StreamExt};
use server::{Config, Limits, Listeners, bind};
use tokio::{sync::oneshot, task::JoinHandle};
use tokio_tungstenite::tungstenite::Message;

use crate::{connect, soon};

/// Running server. Ends with the test's runtime, or by [`stop`](Self::stop).
pub struct Server {
    authority: String,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl Server {
    /// Starts one on a free port of localhost.
    pub async fn start() -> Self {
        Self::start_with(Limits::DEFAULT).await
    }

    /// Starts one on a free port, with other limits.
    pub async fn start_with(limits: Limits) -> Self {
        Self::start_at("localhost:0", limits).await
    }

    /// Starts one at `HOST:PORT`.
    pub async fn start_at(address: &str, limits: Limits) -> Self {
        Self::launch(address, Config { limits, ..Config::default() }).await
    }

    /// Starts one on a free port, with this configuration.
    pub async fn start_as(config: Config) -> Self {
        Self::launch("localhost:0", config).await
    }

    async fn launch(address: &str, config: Config) -> Self {
        let address = address.parse().unwrap_or_else(|error| panic!("{error}"));
        let bound = bind(&address).await.unwrap_or_else(|error| panic!("{error}"));
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await;
        };
        let listeners = Listeners { public: bound.listeners, admin: Vec::new() };
        let running = tokio::spawn(server::run(listeners, config, shutdown));
        Self { authority: bound.authority, stop, running }
    }

    /// `HOST:PORT`.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The WebSocket address of `path`, which begins with `/`.
    #[must_use]
    pub fn ws(&self, path: &str) -> String {
        format!("ws://{}{path}", self.authority)
    }

    /// The address of the page.
    #[must_use]
    pub fn http(&self) -> String {
        format!("http://{}/", self.authority)
    }

    /// Fails unless a new client gets its echo.
    pub async fn still_serves(&self) {
        let mut client = connect(&self.ws("/ws")).await;
        client.send(Message::text("hi")).await.expect("the server reads");
        let answer = soon("the echo", client.next()).await.expect("the connection is open");
        assert_eq!(answer.expect("it is well"), Message::text("Echo: hi"));
    }

    /// Stops it and waits until it has drained; returns its `HOST:PORT`.
    pub async fn stop(self) -> String {
        let _ = self.stop.send(());
        let ended = soon("the server's end", self.running).await;
        ended.expect("the server does not panic");
        self.authority
    }
}
