//! Listening addresses, and binding sockets to them.

use std::{
    collections::BTreeSet,
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use connector::unbracketed;
use tokio::net::{TcpListener, TcpSocket, lookup_host};

/// Connections waiting to be accepted, at most, on each socket. With tokio's 128, a burst of 2,000
/// connections waits for TCP retransmissions, for seconds.
const BACKLOG: u32 = 1024;

/// Attempts to find a port that is free on both loopback addresses. The port that the system picks
/// on one may be taken on the other.
const FREE_PORT_ATTEMPTS: usize = 16;

/// Host for both loopback addresses.
const LOCALHOST: &str = "localhost";

/// Host for all addresses of the machine, IPv4 too.
const EVERYWHERE: &str = "[::]";

/// Default listening address.
pub const DEFAULT_ADDRESS: &str = "localhost:8080";

/// Listening address, `HOST:PORT`. The host `localhost` means both 127.0.0.1 and `[::1]`, and `[::]`
/// all addresses of the machine; port 0 picks a free port. `PORT` is `localhost:PORT`, and `:PORT` is
/// `[::]:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddress {
    /// Host as it was written; an IPv6 address with its brackets.
    host: String,
    /// Port; 0 until one is picked.
    port: u16,
}

impl ListenAddress {
    /// Host name or IP address; an IPv6 address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        unbracketed(&self.host)
    }
}

impl FromStr for ListenAddress {
    type Err = ListenError;

    fn from_str(text: &str) -> Result<Self, ListenError> {
        let malformed = || ListenError::Malformed { text: text.to_owned() };
        let (host, port) = match text.rsplit_once(':') {
            None => (LOCALHOST, text),
            Some(("", port)) => (EVERYWHERE, port),
            Some(both) => both,
        };
        let port = port.parse().map_err(|_| malformed())?;
        let is_bare_ipv6 = host.contains(':') && !(host.starts_with('[') && host.ends_with(']'));
        if is_bare_ipv6 {
            return Err(malformed());
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Error listening on an address, as a sentence.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Not `HOST:PORT`.
    #[error(
        "'{text}' is not an address to listen on; write HOST:PORT, such as localhost:8080, \
         0.0.0.0:80 or [::1]:8080, PORT for localhost, or :PORT for all addresses"
    )]
    Malformed {
        /// Text that was given.
        text: String,
    },
    /// Another program uses the port.
    #[error("Port {} on {} is already in use.", address.port, address.host)]
    InUse {
        /// Requested address.
        address: ListenAddress,
    },
    /// The operating system does not permit it.
    #[error("This user may not listen on {address}.")]
    NotPermitted {
        /// Requested address.
        address: ListenAddress,
    },
    /// Any other error, such as a host that is not an address of this machine.
    #[error("Cannot listen on {address}: {source}.")]
    Other {
        /// Requested address.
        address: ListenAddress,
        /// Error of the operating system.
        source: io::Error,
    },
}

impl ListenError {
    /// Sorts an error of the system by the remedy that the user has.
    fn new(address: &ListenAddress, source: io::Error) -> Self {
        let address = address.clone();
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::InUse { address },
            io::ErrorKind::PermissionDenied => Self::NotPermitted { address },
            _ => Self::Other { address, source },
        }
    }

    /// Error with its remedy, for a user who writes the address after `option`, such as `--listen`.
    #[must_use]
    pub fn with_remedy(&self, option: &str) -> String {
        match self {
            Self::Malformed { .. } => self.to_string(),
            Self::InUse { address: ListenAddress { host, .. } } => format!(
                "{self} Stop the program that uses it, or choose another port with \
                 {option} {host}:PORT (0 picks a free one)."
            ),
            Self::NotPermitted { address: ListenAddress { host, .. } } => {
                format!("{self} Choose a port above 1023 with {option} {host}:PORT.")
            }
            Self::Other { .. } => {
                format!("{self} Choose another address with {option} HOST:PORT.")
            }
        }
    }
}

/// Sockets listening on one address.
#[derive(Debug)]
pub struct Bound {
    /// One socket for each IP address; two for `localhost`.
    pub listeners: Vec<TcpListener>,
    /// `HOST:PORT` for clients, with the port that was picked for port 0.
    pub authority: String,
    /// Port, the same for all sockets.
    pub port: u16,
}

/// Listens on `address`.
///
/// # Errors
///
/// [`ListenError`] if one of its IP addresses cannot be bound. For `localhost`, either of the two may
/// be missing on the machine.
pub async fn bind(address: &ListenAddress) -> Result<Bound, ListenError> {
    let listeners = match address.host.as_str() {
        LOCALHOST => bind_loopback(address.port),
        EVERYWHERE => bind_everywhere(address.port),
        _ => bind_named(address).await,
    };
    let listeners = listeners.map_err(|error| ListenError::new(address, error))?;
    let port = listeners
        .first()
        .map_or(Ok(address.port), |listener| listener.local_addr().map(|address| address.port()));
    let port = port.map_err(|error| ListenError::new(address, error))?;
    Ok(Bound { listeners, authority: format!("{}:{port}", address.host), port })
}

/// Takes over a socket that listens already, without waiting, such as one of a service manager.
///
/// # Errors
/// If it is no socket of the Internet, or the runtime refuses it.
pub(crate) fn adopt(socket: std::net::TcpListener) -> io::Result<Bound> {
    let address = socket.local_addr()?;
    let listeners = vec![TcpListener::from_std(socket)?];
    Ok(Bound { listeners, authority: address.to_string(), port: address.port() })
}

/// Binds both loopback addresses, on the same port. On a machine without IPv6, or without IPv4, binds
/// the other one.
fn bind_loopback(port: u16) -> io::Result<Vec<TcpListener>> {
    let mut attempts = if port == 0 { FREE_PORT_ATTEMPTS } else { 1 };
    loop {
        attempts -= 1;
        let first = listen((Ipv4Addr::LOCALHOST, port).into());
        let port = match &first {
            Ok(listener) => listener.local_addr()?.port(),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                return first.map(|it| vec![it]);
            }
            Err(_) => port,
        };
        match (first, listen((Ipv6Addr::LOCALHOST, port).into())) {
            (Ok(ipv4), Ok(ipv6)) => return Ok(vec![ipv4, ipv6]),
            (_, Err(error)) if error.kind() == io::ErrorKind::AddrInUse => {
                if attempts == 0 {
                    return Err(error);
                }
            }
            (Ok(only), Err(_)) | (Err(_), Ok(only)) => return Ok(vec![only]),
            (Err(error), Err(_)) => return Err(error),
        }
    }
}

/// Binds all addresses of the machine; on one without IPv6 those of IPv4.
fn bind_everywhere(port: u16) -> io::Result<Vec<TcpListener>> {
    match listen((Ipv6Addr::UNSPECIFIED, port).into()) {
        Ok(ipv6) => {
            let port = ipv6.local_addr()?.port();
            // An error where the socket of IPv6 takes IPv4, too, as it does on Linux.
            let ipv4 = listen((Ipv4Addr::UNSPECIFIED, port).into()).ok();
            Ok([ipv6].into_iter().chain(ipv4).collect())
        }
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
        Err(_) => Ok(vec![listen((Ipv4Addr::UNSPECIFIED, port).into())?]),
    }
}

/// Binds every IP address that a host name resolves to, on one port. All of them have to succeed.
async fn bind_named(address: &ListenAddress) -> io::Result<Vec<TcpListener>> {
    // A resolver may return an address twice. A free port picked for the first is used for all.
    let resolved: BTreeSet<_> =
        lookup_host(address.to_string()).await?.map(|resolved| resolved.ip()).collect();
    let mut listeners = Vec::new();
    let mut port = address.port;
    for ip in resolved {
        let listener = listen((ip, port).into())?;
        port = listener.local_addr()?.port();
        listeners.push(listener);
    }
    if listeners.is_empty() {
        return Err(io::Error::new(io::ErrorKind::AddrNotAvailable, "the host has no address"));
    }
    Ok(listeners)
}

/// Binds one socket address, and listens with [`BACKLOG`].
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address.ip() {
        IpAddr::V4(_) => TcpSocket::new_v4()?,
        IpAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // On Unix this allows a restart while old connections are in TIME-WAIT; on Windows it would
    // allow taking the port from a running program.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_host_and_port() {
        for good in ["localhost:8080", "0.0.0.0:80", "[::1]:0", "my.host:65535"] {
            assert_eq!(good.parse::<ListenAddress>().unwrap().to_string(), good);
        }
        for (short, long) in [("8080", "localhost:8080"), (":8080", "[::]:8080")] {
            assert_eq!(short.parse::<ListenAddress>().unwrap().to_string(), long);
        }
        for bad in ["", ":", "localhost", "localhost:", "localhost:65536", "65536", "::1:80"] {
            assert!(bad.parse::<ListenAddress>().is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn all_addresses_are_those_of_ipv4_too() {
        let bound = bind(&":0".parse().unwrap()).await.unwrap();
        let mut connected = 0;
        for loopback in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
            // The machine may lack one of them.
            let can_bind = listen((loopback, 0).into()).is_ok();
            let connects = tokio::net::TcpStream::connect((loopback, bound.port)).await.is_ok();
            assert_eq!(connects, can_bind, "{loopback}");
            connected += u8::from(connects);
        }
        assert!(connected > 0);
    }
}
