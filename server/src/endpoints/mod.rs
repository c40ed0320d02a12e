//! Test endpoints: servers that misbehave on request, chosen by the URL.
//!
//! A file for each path, in a folder for each group; `fault.rs` for `/fault/{name}`. A file declares
//! an `endpoint::Endpoint`, whose plan reads its `options` and returns a handler. The `registry`
//! lists all; routes, `/endpoints.json`, and from that the documentation, the page's presets and the
//! list in the tests, are derived from it.

mod answering;
mod closing;
mod countdown;
pub(crate) mod delivery;
mod endpoint;
mod fault;
pub(crate) mod list;
pub(crate) mod open;
mod opening;
pub(crate) mod options;
mod rate;
pub(crate) mod registry;
pub(crate) mod rooms;
pub(crate) mod selection;
mod streaming;
