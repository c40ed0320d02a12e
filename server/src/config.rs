//! Configuration of a server.

use std::sync::Arc;

use crate::{
    accept::tls::Certificates,
    access::{hosts::Hosts, proxies::Proxies},
    endpoints::selection::Endpoints,
    limits::Limits,
    mock::Mock,
    operation::message_log::LogMessages,
    relay::flags::RelayFlags,
    websocket::handshake::{compression::Compression, origins::Origins},
};

/// Configuration that a server is started with.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Limits on sizes, counts and times.
    pub limits: Limits,
    /// Compression of messages.
    pub compression: Compression,
    /// Hosts that requests may name.
    pub hosts: Hosts,
    /// Further hosts that requests to the admin listeners may name.
    pub admin_hosts: Hosts,
    /// Origins allowed to connect from a browser.
    pub origins: Origins,
    /// Proxies that may name their clients.
    pub proxies: Proxies,
    /// TLS certificate of every public listener; plain text without one.
    pub tls: Option<Arc<Certificates>>,
    /// Choice to log messages with their text.
    pub log_messages: LogMessages,
    /// Enabled test endpoints.
    pub endpoints: Endpoints,
    /// Scenario files to serve.
    pub mock: Mock,
    /// Connections that the page makes through the server.
    pub relay: RelayFlags,
}
