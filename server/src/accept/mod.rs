//! Accepting: from a listening address to HTTP requests, within the connection limits.

pub(crate) mod bind;
pub(crate) mod connection_limit;
pub(crate) mod http;
pub(crate) mod http2_connection;
pub(crate) mod listener;
pub(crate) mod no_response;
pub(crate) mod peer;
mod preface;
mod service;
pub(crate) mod tls;
pub(crate) mod tls_info;
pub(crate) mod write_timeout;
