//! Flags of the handshake, and the target of a URL with these flags.

use std::{
    env::VarError,
    path::{Path, PathBuf},
    sync::OnceLock,
    time::Duration,
};

use clap::Args;
use connector::{
    Family, Header, Limits, Proxy, ProxyEnvironment, RequestOptions, Resolution, Route, ServerUrl,
    Target, TlsConnector, TlsOptions, Trust, basic_auth, header_value, subprotocol, tls_connector,
};

use super::{
    redacted_value::{HEADER, PROXY, SECRET_VALUE, USER, user_value},
    wording::tls_failure,
};
use crate::{process::print_error, quantity::parse_positive_duration};

/// Environment variable with name and password, used if neither flags nor URL give credentials.
const USER_VARIABLE: &str = "WSBENCH_USER";
/// Environment variable with a bearer token, likewise.
const BEARER_VARIABLE: &str = "WSBENCH_BEARER";

// No doc comment: clap would take it for the description of the command.
#[derive(Args)]
#[command(next_help_heading = "Handshake")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct HandshakeFlags {
    /// Add a header to the request; repeatable
    #[arg(short = 'H', long, value_name = "NAME: VALUE", value_parser = HEADER)]
    header: Vec<Header>,
    /// Basic authentication; or set `WSBENCH_USER`
    #[arg(
        long,
        value_name = "NAME:PASSWORD",
        conflicts_with = "bearer",
        value_parser = USER
    )]
    user: Option<String>,
    /// Bearer token authentication; or set `WSBENCH_BEARER`
    #[arg(long, value_name = "TOKEN", value_parser = SECRET_VALUE)]
    bearer: Option<String>,
    /// Origin header, as browsers send it
    #[arg(long, value_name = "URL", value_parser = header_value, hide_short_help = true)]
    origin: Option<String>,
    /// Offer a subprotocol; repeatable, preferred first
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = subprotocol)]
    subprotocol: Vec<String>,
    /// Send a cookie; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = SECRET_VALUE, hide_short_help = true)]
    cookie: Vec<String>,
    /// Time limit for DNS, TCP, TLS and handshake together. Default: 10 seconds, and 5 for each stage
    /// before the handshake
    #[arg(long, value_name = "TIME", value_parser = parse_positive_duration, hide_short_help = true)]
    connect_timeout: Option<Duration>,
    /// Use IPv4 only
    #[arg(short = '4', long, conflicts_with_all = ["ipv6", "unix", "proxy"], hide_short_help = true)]
    ipv4: bool,
    /// Use IPv6 only
    #[arg(short = '6', long, conflicts_with_all = ["unix", "proxy"], hide_short_help = true)]
    ipv6: bool,
    /// Connect to ADDRESS instead of looking up HOST; repeatable
    #[arg(
        long,
        value_name = "HOST:PORT:ADDRESS",
        conflicts_with_all = ["unix", "proxy"],
        hide_short_help = true
    )]
    resolve: Vec<Resolution>,
    /// Connect through a Unix socket
    #[arg(long, value_name = "PATH", conflicts_with = "proxy", hide_short_help = true)]
    unix: Option<PathBuf>,
    /// Connect through a proxy: http://HOST:PORT or socks5://HOST:PORT
    ///
    /// Without this flag, `HTTP_PROXY` (for ws://), `HTTPS_PROXY` (for wss://), `ALL_PROXY` and `NO_PROXY`
    /// of the environment apply, in lower case too, except to loopback addresses and with --unix,
    /// --resolve, -4 and -6.
    #[arg(long, value_name = "URL", value_parser = PROXY, hide_short_help = true)]
    proxy: Option<Proxy>,
    /// Trust the certificates in FILE (PEM) instead of the system's
    #[arg(long, value_name = "FILE", conflicts_with = "insecure", hide_short_help = true)]
    cacert: Option<PathBuf>,
    /// Client certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "key", hide_short_help = true)]
    cert: Option<PathBuf>,
    /// Private key of --cert (PEM)
    #[arg(long, value_name = "FILE", requires = "cert", hide_short_help = true)]
    key: Option<PathBuf>,
    /// Accept any certificate: the server is not authenticated
    #[arg(short = 'k', long)]
    insecure: bool,
    /// Follow redirects, up to 10; another host gets no credentials
    #[arg(long, hide_short_help = true)]
    follow: bool,
    /// Print the request and the response, without credentials
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Print credentials too, with --verbose and --json and in errors
    #[arg(long, hide_short_help = true)]
    pub(crate) show_secrets: bool,
    /// Targets made so far, for `ws://` and `wss://`, without and with credentials: only the URL differs.
    #[arg(skip)]
    targets: [OnceLock<Target>; 4],
}

impl HandshakeFlags {
    /// Target for `url`. The error is a sentence that names the argument. URLs of several servers
    /// share the flags; certificates are read once.
    pub(crate) fn target(&self, url: ServerUrl) -> Result<Target, String> {
        let kind = usize::from(url.is_secure()) + 2 * usize::from(url.credentials().is_some());
        let target = match self.targets[kind].get() {
            Some(target) => target,
            None => self.targets[kind].get_or_init({
                let target = self.new_target(&url)?;
                || target
            }),
        };
        Ok(Target { url, ..target.clone() })
    }

    /// Target for `url`, of which the certificates are read. Warns on standard error about TLS flags
    /// that weaken security or have no effect.
    fn new_target(&self, url: &ServerUrl) -> Result<Target, String> {
        let identity = self.cert.as_deref().zip(self.key.as_deref());
        let tls = url.is_secure().then(|| self.tls(identity)).transpose()?;
        let follow = self.follow.then(|| self.tls(None)).transpose()?;
        let request = RequestOptions {
            headers: self.headers(url)?,
            subprotocols: self.subprotocol.clone(),
            offers: Vec::new(),
        };
        if self.insecure && (tls.is_some() || follow.is_some()) {
            print_error("The server's certificate is not checked (--insecure).");
        }
        if tls.is_none()
            && follow.is_none()
            && (self.insecure || self.cacert.is_some() || self.cert.is_some())
        {
            print_error(
                "TLS flags have no effect on ws://; use wss:// for an encrypted connection.",
            );
        }
        let target =
            Target { route: self.route()?, request, tls, follow, ..Target::new(url.clone()) };
        Ok(match self.connect_timeout {
            Some(timeout) => Target { timeout, limits: Limits::each(timeout), ..target },
            None => target,
        })
    }

    /// TLS connector from the certificate flags, with this client certificate and its key. Files
    /// are read here.
    fn tls(&self, identity: Option<(&Path, &Path)>) -> Result<TlsConnector, String> {
        tls_connector(&TlsOptions {
            trust: self.cacert.as_deref().map_or(Trust::System, Trust::File),
            identity,
            insecure: self.insecure,
            accepted: None,
        })
        .map_err(|error| tls_failure(&error))
    }

    /// Route from the network flags, else from the environment; clap has ruled out contradictions.
    fn route(&self) -> Result<Route, String> {
        if let Some(path) = &self.unix {
            return Ok(Route::Unix(path.clone()));
        }
        if let Some(proxy) = &self.proxy {
            return Ok(Route::Proxy(proxy.clone()));
        }
        if !self.ipv4 && !self.ipv6 && self.resolve.is_empty() {
            let environment = ProxyEnvironment::read(|name| std::env::var(name).ok())?;
            return Ok(Route::Environment(environment));
        }
        let family = match (self.ipv4, self.ipv6) {
            (true, _) => Some(Family::V4),
            (_, true) => Some(Family::V6),
            _ => None,
        };
        Ok(Route::Direct { family, resolutions: self.resolve.clone() })
    }

    /// Headers from the flags, then the environment. Setting one twice is an error. Credentials of
    /// the environment are used only without an `Authorization` header of the flags, and without those
    /// of the URL.
    pub(crate) fn headers(&self, url: &ServerUrl) -> Result<Vec<Header>, String> {
        let header = |name: &str, value: String| Header { name: name.to_owned(), value };
        let user = |user: &String| header("Authorization", basic_auth(user));
        let bearer = |token: &String| header("Authorization", format!("Bearer {token}"));
        let cookies = (!self.cookie.is_empty()).then(|| header("Cookie", self.cookie.join("; ")));
        let mut headers = self.header.clone();
        for (flag, chosen) in [
            ("--user", self.user.as_ref().map(user)),
            ("--bearer", self.bearer.as_ref().map(bearer)),
            ("--origin", self.origin.clone().map(|origin| header("Origin", origin))),
            ("--cookie", cookies),
        ] {
            let Some(chosen) = chosen else { continue };
            if contains(&headers, &chosen.name) {
                return Err(format!(
                    "--header '{}' and {flag} set the same header; leave one out",
                    chosen.name
                ));
            }
            headers.push(chosen);
        }
        // Flags and URL override the environment.
        if !contains(&headers, "Authorization") && url.credentials().is_none() {
            let wrong = |why| format!("{USER_VARIABLE}: {why}");
            let pair = variable(USER_VARIABLE)?.map(|pair| user_value(&pair).map_err(wrong));
            let user = pair.transpose()?.as_ref().map(user);
            let bearer = variable(BEARER_VARIABLE)?.as_ref().map(bearer);
            if user.is_some() && bearer.is_some() {
                return Err(format!("{USER_VARIABLE} and {BEARER_VARIABLE} are both set"));
            }
            headers.extend(user.or(bearer));
        }
        Ok(headers)
    }
}

/// True if a header of this name is set.
fn contains(headers: &[Header], name: &str) -> bool {
    headers.iter().any(|header| header.name.eq_ignore_ascii_case(name))
}

/// Environment variable as a header value; `None` if unset or empty. The error names the variable,
/// not its value.
fn variable(name: &str) -> Result<Option<String>, String> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => header_value(&value).map(Some).map_err(|why| format!("{name}: {why}")),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
    }
}
