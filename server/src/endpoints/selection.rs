//! Selection of test endpoints: `--endpoints` and `--no-faults`.

use axum::{
    Extension,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{endpoint::Endpoint, registry};
use crate::websocket::handshake::refusal::Refused;

/// Enabled test endpoints. `/` and `/ws` always are.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Test endpoints")]
pub struct Endpoints {
    /// Test endpoints to enable, such as echo,stream. Default: all. / and /ws are always enabled
    #[arg(
        long = "endpoints",
        env = "WSBENCH_ENDPOINTS",
        value_name = "NAMES",
        value_delimiter = ',',
        value_parser = name
    )]
    enabled: Option<Vec<String>>,
    /// Disable endpoints that break the protocol or hog resources: /fault, /hang and /abort
    #[arg(long = "no-faults", env = "WSBENCH_NO_FAULTS", value_parser = clap::builder::BoolishValueParser::new())]
    no_faults: bool,
}

impl Endpoints {
    /// Checks that an endpoint is enabled.
    pub(super) fn check(&self, endpoint: &Endpoint) -> Result<(), Disabled> {
        let name = endpoint.name();
        if self.enabled.as_ref().is_some_and(|enabled| !enabled.iter().any(|it| it == name)) {
            return Err(Disabled::NotSelected(name));
        }
        if endpoint.is_dangerous && self.no_faults {
            return Err(Disabled::Fault(endpoint.path));
        }
        Ok(())
    }
}

/// Parses the name of an endpoint.
fn name(text: &str) -> Result<String, String> {
    let names = registry::names();
    if names.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err(format!("unknown endpoint; known ones: {}", names.join(", ")))
    }
}

/// Reason an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Disabled {
    #[error("/{0} is disabled. Start the server with '{0}' in --endpoints, or without that flag.")]
    /// Not in `--endpoints`.
    NotSelected(&'static str),
    #[error("{0} is disabled. Start the server without --no-faults.")]
    /// Dangerous, with `--no-faults`.
    Fault(&'static str),
}

/// HTTP 403 with the sentence as its text.
impl IntoResponse for Disabled {
    fn into_response(self) -> Response {
        let refused = Extension(Refused("endpoint"));
        (StatusCode::FORBIDDEN, refused, format!("{self}\n")).into_response()
    }
}
