//! Opening handshake: the client's request, and the server's response (RFC 6455 section 4.2, over
//! HTTP/2 RFC 8441).

pub(crate) mod compression;
pub(crate) mod origins;
pub(crate) mod refusal;
pub(crate) mod request;
pub(crate) mod response;
