//! From what was typed to what it means: addresses, headers and files become a target.

use tokio_rustls::TlsConnector;

use crate::{
    connect::Target,
    flags::HandshakeFlags,
    handshake::RequestOptions,
    target::{Address, Family, Header, Route, basic},
    tls::{TlsOptions, connector},
};

/// What to connect to, or a sentence on which argument is wrong.
pub(crate) fn target(address: Address, flags: &HandshakeFlags) -> Result<Target, String> {
    let tls = address.is_secure().then(|| tls(flags)).transpose()?;
    Ok(Target {
        address,
        route: route(flags),
        request: RequestOptions {
            headers: headers(flags),
            subprotocols: flags.subprotocol.clone(),
        },
        tls,
        time: flags.connect_timeout,
    })
}

fn tls(flags: &HandshakeFlags) -> Result<TlsConnector, String> {
    connector(&TlsOptions {
        cacert: flags.cacert.as_deref(),
        identity: flags.cert.as_deref().zip(flags.key.as_deref()),
        insecure: flags.insecure,
    })
}

fn route(flags: &HandshakeFlags) -> Route {
    if let Some(path) = &flags.unix {
        return Route::Unix(path.clone());
    }
    if let Some(proxy) = &flags.proxy {
        return Route::Proxy(proxy.clone());
    }
    let family = match (flags.ipv4, flags.ipv6) {
        (true, _) => Some(Family::V4),
        (_, true) => Some(Family::V6),
        _ => None,
    };
    Route::Direct { family, resolutions: flags.resolve.clone() }
}

fn headers(flags: &HandshakeFlags) -> Vec<Header> {
    let header = |name: &str, value: String| Header { name: name.to_owned(), value };
    let user = flags.user.as_ref().map(|user| header("Authorization", basic(user)));
    let bearer = flags.bearer.as_ref();
    let bearer = bearer.map(|token| header("Authorization", format!("Bearer {token}")));
    let origin = flags.origin.clone().map(|origin| header("Origin", origin));
    let cookies = (!flags.cookie.is_empty()).then(|| header("Cookie", flags.cookie.join("; ")));
    let chosen = [user, bearer, origin, cookies].into_iter().flatten();
    chosen.chain(flags.header.iter().cloned()).collect()
}
