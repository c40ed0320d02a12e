//! Opening of a connection, as the page's server saw it.

use ::relay::{Response, Stage, Tls};
use serde::{Deserialize, Serialize};

/// Requests that an opening keeps, at most: a first one, and one for each redirect.
const EXCHANGES: usize = 12;

/// Addresses that an opening keeps of a name, at most.
const ADDRESSES: usize = 16;

/// Stands for a secret.
const MASK: &str = "***";

/// Headers whose values are shown as `***`.
const SECRET_HEADERS: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "set-cookie"];

/// Opening of a connection, complete or failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Names that were resolved, with their IP addresses.
    pub resolved: Vec<(String, Vec<String>)>,
    /// IP address and port of the TCP connection.
    pub connected: Option<String>,
    /// Result of the last TLS handshake.
    pub tls: Option<Tls>,
    /// Requests and their responses, in order.
    pub exchanges: Vec<Exchange>,
    /// Microseconds that each stage took; none of an opening that failed.
    pub times: Vec<(Stage, u64)>,
}

/// Request, and the response to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Head of the request; secrets are `***`.
    pub request: String,
    /// Response, if one came; secrets are `***`.
    pub response: Option<Response>,
}

impl Opening {
    /// Opening with the path of the address that is `shown` in place of that of `url`, which may have secrets.
    pub(crate) fn hiding(&self, url: &str, shown: &str) -> Self {
        let mut opening = self.clone();
        if let (Some(path), Some(shown), true) = (path_of(url), path_of(shown), url != shown) {
            for exchange in &mut opening.exchanges {
                exchange.request = exchange.request.replace(path, shown);
            }
        }
        opening
    }

    pub(super) fn resolved(&mut self, host: String, mut addresses: Vec<String>) {
        addresses.truncate(ADDRESSES);
        if self.resolved.len() < EXCHANGES {
            self.resolved.push((host, addresses));
        }
    }

    /// Adds the head of a request, without the values of secret headers and of those that the person
    /// `gave`.
    pub(super) fn request(&mut self, head: &str, gave: &[(String, String)]) {
        if self.exchanges.len() < EXCHANGES {
            let lines = head.trim_end().lines().map(|line| masked_line(line, gave));
            let request = lines.collect::<Vec<_>>().join("\n");
            self.exchanges.push(Exchange { request, response: None });
        }
    }

    pub(super) fn response(&mut self, mut response: Response) {
        for (name, value) in &mut response.headers {
            if is_secret(name) {
                MASK.clone_into(value);
            }
        }
        if let Some(exchange) = self.exchanges.last_mut() {
            exchange.response = Some(response);
        }
    }
}

/// Path and query of an address; `None` if they are empty.
fn path_of(url: &str) -> Option<&str> {
    url.splitn(4, '/').nth(3).filter(|path| !path.is_empty())
}

fn masked_line(line: &str, gave: &[(String, String)]) -> String {
    match line.split_once(':') {
        Some((name, _)) if is_secret(name) || gave.iter().any(|it| it.0 == name) => {
            format!("{name}: {MASK}")
        }
        _ => line.to_owned(),
    }
}

fn is_secret(name: &str) -> bool {
    SECRET_HEADERS.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_in_both_heads() {
        let mut opening = Opening::default();
        let gave = [("X-Key".to_owned(), "k".to_owned())];
        opening.request("GET /a HTTP/1.1\r\nCookie: a=b\r\nX-Key: k\r\nHost: c\r\n\r\n", &gave);
        let headers = vec![("Set-Cookie".to_owned(), "a=b".to_owned())];
        opening.response(Response { status: 101, reason: String::new(), headers });
        let [exchange] = &opening.exchanges[..] else { panic!("one request") };
        assert_eq!(exchange.request, "GET /a HTTP/1.1\nCookie: ***\nX-Key: ***\nHost: c");
        let response = exchange.response.as_ref().expect("a response");
        assert_eq!(response.headers, [("Set-Cookie".to_owned(), "***".to_owned())]);
    }
}
