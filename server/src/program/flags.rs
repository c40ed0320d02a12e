//! Command-line flags, each with its environment variable.

use std::path::PathBuf;

use scenario::Secrets;

use super::{log::LogFormat, redacted_value::secret_variable};
use crate::{
    accept::{
        bind::{DEFAULT_ADDRESS, ListenAddress},
        tls::{Certificates, TlsError},
    },
    access::{hosts::Hosts, proxies::Proxies},
    endpoints::selection::Endpoints,
    limits::Limits,
    mock::Variables,
    operation::message_log::LogMessages,
    relay::flags::RelayFlags,
    websocket::handshake::{compression::Compression, origins::Origins},
};

/// WebSocket echo and test server, with a page to try it
///
/// Text M sent to / or /ws is answered with "Echo: M"; binary is sent back unchanged. /echo sends
/// both back unchanged. A browser that opens / gets the workbench. Test endpoints (slow, silent,
/// faulty on request) are listed at /endpoints.json.
///
/// Sizes are written as 64KiB or 16MiB, times as 250ms or 30s. The environment variable
/// `RUST_LOG` sets the log level (default: info).
#[derive(Debug, clap::Args)]
pub struct Flags {
    /// Address to listen on; repeatable. The host localhost means both loopback addresses, `[::]` all
    /// addresses of this machine; port 0 picks a free port. PORT is localhost:PORT, :PORT is
    /// `[::]:PORT`
    #[arg(
        long,
        value_name = "HOST:PORT",
        env = "WSBENCH_LISTEN",
        value_delimiter = ',',
        default_value = DEFAULT_ADDRESS
    )]
    pub(super) listen: Vec<ListenAddress>,
    /// Separate address for /healthz, /readyz and /metrics, without TLS. Default: on the public
    /// address
    #[arg(long, value_name = "HOST:PORT", env = "WSBENCH_ADMIN")]
    pub(super) admin: Option<ListenAddress>,
    /// File to write the bound port to once the server listens, a line for each --listen; for scripts,
    /// with port 0. Removed at the start and at the end
    #[arg(long, value_name = "FILE", env = "WSBENCH_PORT_FILE")]
    pub(super) port_file: Option<PathBuf>,
    /// Open the page in the browser
    #[arg(long)]
    pub(super) open: bool,
    /// Scenario file to serve as a mock, beside the server's own paths; repeatable. /mock reports
    /// the requests. Reloaded on SIGHUP
    #[arg(long, value_name = "FILE", env = "WSBENCH_MOCK", value_delimiter = ',')]
    pub(super) mock: Vec<PathBuf>,
    /// Variables of a mock that is served alone; `None` beside the server's own paths.
    #[arg(skip)]
    pub(super) mock_alone: Option<Variables>,
    /// Log format
    #[arg(long, value_name = "FORMAT", env = "WSBENCH_LOG_FORMAT", default_value = "text")]
    pub(super) log_format: LogFormat,
    /// Log the text of each message received, at most 20 per second
    #[arg(
        long,
        value_name = "WHEN",
        env = "WSBENCH_LOG_MESSAGES",
        value_enum,
        default_value_t = LogMessages::Auto
    )]
    pub(super) log_messages: LogMessages,
    #[command(flatten)]
    pub(super) hosts: Hosts,
    #[command(flatten)]
    pub(super) origins: Origins,
    #[command(flatten)]
    pub(super) proxies: Proxies,
    #[command(flatten)]
    pub(super) tls: TlsFlags,
    #[command(flatten)]
    pub(super) relay: RelayFlags,
    #[command(flatten)]
    pub(super) compression: Compression,
    #[command(flatten)]
    pub(super) endpoints: Endpoints,
    #[command(flatten)]
    pub(super) limits: Limits,
}

/// Serve scenario files as a mock server
///
/// Each path in the files has a conversation; docs/scenario.md describes the syntax. A client that deviates from
/// it is closed with 1008, and the deviation is logged. /mock reports as JSON the requests, the deviations, and
/// the steps that no client reached. Faults can be added to a path: ?delay=100ms&drop=0.1&seed=7.
///
/// --set overrides `WSBENCH_VAR_NAME` of the environment, which overrides @NAME of the file.
#[derive(Debug, clap::Args)]
#[command(
    mut_arg("mock", |arg| arg.hide(true)),
    mut_arg("enabled", |arg| arg.hide(true)),
    mut_arg("mode", |arg| arg.hide(true)),
    mut_arg("for_others", |arg| arg.hide(true)),
    mut_arg("link_local", |arg| arg.hide(true)),
    mut_arg("identities", |arg| arg.hide(true)),
    mut_arg("no_faults", |arg| arg.hide(true)),
    after_help = "\
Examples:
  wsbench mock ticker.ws
  wsbench mock ticker.ws --listen 127.0.0.1:9000 --secret token=\"$TOKEN\"
  wsbench server --mock ticker.ws                   beside the server's own endpoints

Exit status:
  0    stopped by a signal
  1    an error on this machine
  2    a file or an argument is wrong"
)]
pub struct MockFlags {
    /// Scenario files
    #[arg(value_name = "SCENARIO", required = true)]
    files: Vec<PathBuf>,
    /// Set a variable; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = scenario::assignment)]
    set: Vec<(String, String)>,
    /// Set a secret variable, shown as *** in the log and in /mock; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = secret_variable())]
    secret: Vec<(String, String)>,
    #[command(flatten)]
    server: Flags,
}

impl MockFlags {
    /// Scenario files to serve.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }
}

impl From<MockFlags> for Flags {
    fn from(MockFlags { files, mut set, secret, server }: MockFlags) -> Self {
        let secrets = Secrets::new(secret.iter().map(|(_, value)| &**value));
        set.extend(secret);
        Self { mock: files, mock_alone: Some(Variables { values: set, secrets }), ..server }
    }
}

/// Certificate flags: files, or a certificate signed by the server itself.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "TLS")]
pub struct TlsFlags {
    /// Certificate chain in PEM format; enables TLS (wss:// and https://). Reloaded on SIGHUP
    #[arg(long = "tls-cert", value_name = "FILE", env = "WSBENCH_TLS_CERT", requires = "key")]
    chain: Option<PathBuf>,
    /// Private key of the certificate, in PEM format
    #[arg(long = "tls-key", value_name = "FILE", env = "WSBENCH_TLS_KEY", requires = "chain")]
    key: Option<PathBuf>,
    /// Enable TLS with a self-signed certificate, to try wss:// on your own machine
    #[arg(long = "tls-self-signed", conflicts_with_all = ["chain", "key"])]
    self_signed: bool,
}

impl TlsFlags {
    /// Loads or signs the certificate; `None` without TLS. A self-signed one names the loopback
    /// addresses and the hosts of `listen`.
    ///
    /// # Errors
    /// [`TlsError`] if a file cannot be read or used.
    pub fn certificates(self, listen: &[ListenAddress]) -> Result<Option<Certificates>, TlsError> {
        match (self.chain, self.key) {
            (Some(chain), Some(key)) => Certificates::read(chain, key).map(Some),
            _ if self.self_signed => {
                let mut hosts = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
                for host in listen.iter().map(ListenAddress::host) {
                    if !hosts.iter().any(|it| it == host) {
                        hosts.push(host.to_owned());
                    }
                }
                Certificates::self_signed(hosts).map(Some)
            }
            _ => Ok(None),
        }
    }
}
