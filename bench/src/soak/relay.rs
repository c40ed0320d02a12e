//! Pages that connect through the relay (`docs/relay.md`), and read nothing.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use anyhow::{Context, Result};

use super::client::{connect, open_at};

/// Version of the relay's protocol.
const VERSION: u16 = 3;

/// Opens the relay as a page of the server does. Returns the message with which it connects to `url`, too.
pub(super) fn open_page(port: u16, url: &str) -> Result<(TcpStream, Vec<u8>)> {
    let host = format!("localhost:{port}");
    let token = token(port, &host)?;
    let stream = open_at(port, &host, "/relay", &format!("Origin: http://{host}\r\n"))?;
    // No time limit, no compression; after the address four empty texts, and three empty lists.
    let mut fields = vec![0; 8];
    fields.extend(u32::try_from(url.len())?.to_be_bytes());
    fields.extend(url.as_bytes());
    fields.extend([0; 4 * 4 + 3 * 2]);
    let commands = [record(1, VERSION, &token)?, record(2, 0, &fields)?].concat();
    Ok((stream, commands))
}

fn token(port: u16, host: &str) -> Result<[u8; 16]> {
    let mut stream = connect(port)?;
    let request = format!(
        "GET /relay/token HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let digits = answer.rsplit("\r\n").next().unwrap_or_default().trim();
    let token = u128::from_str_radix(digits, 16);
    Ok(token.with_context(|| format!("no token in {answer:?}"))?.to_be_bytes())
}

/// Record of the protocol without flags.
fn record(kind: u8, code: u16, fields: &[u8]) -> Result<Vec<u8>> {
    let len = u32::try_from(fields.len())?.to_be_bytes();
    Ok([&[kind, 0], &code.to_be_bytes()[..], &len, fields].concat())
}
