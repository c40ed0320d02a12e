//! Connection target: address and offered subprotocols.

use serde::{Deserialize, Serialize};

/// Connection target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    /// A WebSocket address.
    pub url: String,
    /// The subprotocols that are offered, in the order of preference.
    pub subprotocols: Vec<String>,
}
