//! From what was typed to what it means: addresses, headers and files become a target.

use std::env::VarError;

use tokio_rustls::TlsConnector;

use crate::{
    connect::Target,
    flags::HandshakeFlags,
    handshake::RequestOptions,
    target::{Address, Family, Header, Route, basic, header_value},
    tls::{TlsOptions, connector},
};

/// What to connect to, or a sentence on which argument is wrong.
pub(crate) fn target(address: Address, flags: &HandshakeFlags) -> Result<Target, String> {
    let tls = address.is_secure().then(|| tls(flags)).transpose()?;
    Ok(Target {
        address,
        route: route(flags),
        request: RequestOptions {
            headers: headers(flags)?,
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

/// Name and password, or a token, where no flag gives either.
const USER_VARIABLE: &str = "WSBENCH_USER";
const BEARER_VARIABLE: &str = "WSBENCH_BEARER";

fn headers(flags: &HandshakeFlags) -> Result<Vec<Header>, String> {
    let header = |name: &str, value: String| Header { name: name.to_owned(), value };
    let user = |user: &String| header("Authorization", basic(user));
    let bearer = |token: &String| header("Authorization", format!("Bearer {token}"));
    let cookies = (!flags.cookie.is_empty()).then(|| header("Cookie", flags.cookie.join("; ")));
    let mut headers = flags.header.clone();
    for (flag, chosen) in [
        ("--user", flags.user.as_ref().map(user)),
        ("--bearer", flags.bearer.as_ref().map(bearer)),
        ("--origin", flags.origin.clone().map(|origin| header("Origin", origin))),
        ("--cookie", cookies),
    ] {
        let Some(chosen) = chosen else { continue };
        if has(&headers, &chosen.name) {
            return Err(format!(
                "--header '{}' and {flag} say the same; leave one out",
                chosen.name
            ));
        }
        headers.push(chosen);
    }
    // What is typed counts for more.
    if !has(&headers, "Authorization") {
        let user = variable(USER_VARIABLE)?.as_ref().map(user);
        let bearer = variable(BEARER_VARIABLE)?.as_ref().map(bearer);
        if user.is_some() && bearer.is_some() {
            return Err(format!("{USER_VARIABLE} and {BEARER_VARIABLE} are both set"));
        }
        headers.extend(user.or(bearer));
    }
    Ok(headers)
}

fn has(headers: &[Header], name: &str) -> bool {
    headers.iter().any(|header| header.name.eq_ignore_ascii_case(name))
}

/// A variable of the environment that is to stand in a header; empty is as good as none.
fn variable(name: &str) -> Result<Option<String>, String> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => header_value(&value).map(Some).map_err(|why| format!("{name}: {why}")),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
    }
}
