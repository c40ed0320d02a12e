//! Connection target: address and offered subprotocols.

use serde::{Deserialize, Serialize};

/// Connection target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    /// A WebSocket address.
    pub url: String,
    /// Offered subprotocols, in order of preference.
    pub subprotocols: Vec<String>,
}
