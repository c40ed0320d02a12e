//! WebSocket echo and test server, with the browser client at `/`.
//!
//! Read in this order: [`run()`] (serve, then drain), `accept` (TCP, TLS and HTTP connections),
//! `access` (hosts and proxies), `routes` (paths), `websocket` (from the opening handshake to the
//! closing handshake), `endpoints` (test endpoints), `memory` (memory held for peers, and its
//! limit), `mock` (paths that scenario files serve), `relay` (connections that the page makes
//! through the server), `operation` (health, metrics, message log), `program` (flags, and the
//! process around it all).
//!
//! ```no_run
//! # async fn example() -> Result<(), server::ListenError> {
//! use server::{Config, Listeners, bind, run};
//!
//! let bound = bind(&"localhost:8080".parse()?).await?;
//! let listeners = Listeners { public: bound.listeners, admin: Vec::new() };
//! run(listeners, Config::default(), std::future::pending()).await;
//! # Ok(())
//! # }
//! ```

mod accept;
mod access;
mod bounded_file;
mod config;
mod endpoints;
mod limits;
mod memory;
mod mock;
mod operation;
mod program;
pub mod quantity;
mod relay;
mod routes;
mod run;
pub mod shutdown;
mod state;
mod websocket;

pub use connector::Resolver;

pub use crate::{
    accept::{
        bind::{Bound, DEFAULT_ADDRESS, ListenAddress, ListenError, bind},
        tls::{Certificates, TlsError},
    },
    access::{hosts::Hosts, proxies::Proxies},
    bounded_file::read_bounded,
    config::Config,
    endpoints::selection::Endpoints,
    limits::Limits,
    mock::{Mock, ScenarioClock, environment_variables, scenario_files},
    operation::message_log::LogMessages,
    program::{
        Flags, LONG_VERSION, MockFlags, RedactedValue, TlsFlags, VERSION, naming_variable,
        secret_variable, start, without_backticks, without_empty_variables,
    },
    relay::flags::{Identity, RelayFlags, RelayMode},
    run::{Listeners, run},
    websocket::{
        accepting::{AcceptError, Accepted, Acceptor, UpgradedStream},
        handshake::{compression::Compression, origins::Origins},
    },
};
