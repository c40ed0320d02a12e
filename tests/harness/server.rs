//! Server in the process of the test, on a free port.

use std::net::SocketAddr;

use futures::{SinkExt, StreamExt};
use server::{Config, Limits, Listeners, bind};
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::oneshot,
    task::JoinHandle,
};
use tokio_tungstenite::tungstenite::Message;

use crate::{connect, soon};

/// Running server. Ends with the test's runtime, or by [`stop`](Self::stop).
pub struct Server {
    authority: String,
    addresses: Vec<SocketAddr>,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

/// Address of a server that has stopped. Nobody answers there, and nobody else gets its port in the meantime.
pub struct Stopped {
    authority: String,
    /// Bound and not listening: a connection is refused.
    sockets: Vec<TcpSocket>,
}

impl Stopped {
    /// `HOST:PORT`.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Listens there again.
    #[must_use]
    pub fn listen(self) -> Vec<TcpListener> {
        let listen = |socket: TcpSocket| socket.listen(1024).expect("the port is kept");
        self.sockets.into_iter().map(listen).collect()
    }

    /// Starts a server there.
    #[must_use]
    pub fn restart(self) -> Server {
        let authority = self.authority.clone();
        Server::serve(authority, self.listen(), Config::default())
    }
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
        Self::serve(bound.authority, bound.listeners, config)
    }

    fn serve(authority: String, public: Vec<TcpListener>, config: Config) -> Self {
        let addresses = public.iter().map(|it| it.local_addr().expect("it is bound")).collect();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await;
        };
        let listeners = Listeners { public, admin: Vec::new() };
        let running = tokio::spawn(server::run(listeners, config, shutdown));
        Self { authority, addresses, stop, running }
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

    /// Stops it and waits until it has drained.
    pub async fn stop(self) -> Stopped {
        let _ = self.stop.send(());
        let ended = soon("the server's end", self.running).await;
        ended.expect("the server does not panic");
        let keep = |address: SocketAddr| {
            let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
            let socket = socket.expect("there is a socket");
            #[cfg(unix)]
            socket.set_reuseaddr(true).expect("the port can be used again");
            socket.bind(address).expect("the port is still free");
            socket
        };
        let sockets = self.addresses.into_iter().map(keep).collect();
        Stopped { authority: self.authority, sockets }
    }
}
