//! Access: host names that the server answers to, proxies that speak for clients, and the headers
//! that keep other sites' pages away.

pub(crate) mod forwarded;
pub(crate) mod hosts;
pub(crate) mod proxies;
pub(crate) mod proxy_protocol;
pub(crate) mod response_headers;
