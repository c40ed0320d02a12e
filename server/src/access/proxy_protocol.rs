//! PROXY protocol, versions 1 and 2: the header by which a proxy names its client, before all else.

use std::{io, net::SocketAddr};

use ppp::{v1, v2};
use tokio::{io::AsyncReadExt, net::TcpStream};

/// Bytes of a header of version 1, at most, as its specification says (section 2.1).
const MAX_TEXT: usize = 107;

/// Bytes after the fixed part of a header of version 2, at most. Addresses take up to 216, the rest
/// are the proxy's additions (TLVs), such as a name.
const MAX_BINARY: u16 = 4 << 10;

/// Bytes of the fixed part of a header of version 2.
const FIXED: usize = 16;

/// Error reading a header, for the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HeaderError {
    /// Connection without a header: a client that passed the proxy by, or a proxy that sends none.
    #[error("header missing")]
    Missing,
    /// Length of version 2 above [`MAX_BINARY`].
    #[error("longer than {MAX_BINARY} bytes")]
    TooLong,
    /// Malformed header of version 1.
    #[error("{0}")]
    Text(#[from] v1::BinaryParseError),
    /// Malformed header of version 2.
    #[error("{0}")]
    Binary(#[from] v2::ParseError),
    /// Connection lost within the header.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Reads the header from the start of a connection, and nothing after it. `None` if the proxy speaks
/// for itself (as in a health check) or does not know its client.
pub(crate) async fn read(stream: &mut TcpStream) -> Result<Option<SocketAddr>, HeaderError> {
    let mut start = [0; v2::PROTOCOL_PREFIX.len()];
    stream.read_exact(&mut start).await?;
    if start == v2::PROTOCOL_PREFIX {
        read_binary(stream).await
    } else if start.starts_with(v1::PROTOCOL_PREFIX.as_bytes()) {
        read_text(stream, start.to_vec()).await
    } else {
        Err(HeaderError::Missing)
    }
}

/// Reads the rest of a header of version 2.
async fn read_binary(stream: &mut TcpStream) -> Result<Option<SocketAddr>, HeaderError> {
    let mut header = v2::PROTOCOL_PREFIX.to_vec();
    header.resize(FIXED, 0);
    stream.read_exact(&mut header[v2::PROTOCOL_PREFIX.len()..]).await?;
    let len = u16::from_be_bytes([header[FIXED - 2], header[FIXED - 1]]);
    if len > MAX_BINARY {
        return Err(HeaderError::TooLong);
    }
    header.resize(FIXED + usize::from(len), 0);
    stream.read_exact(&mut header[FIXED..]).await?;
    let header = v2::Header::try_from(header.as_slice())?;
    Ok(match header.addresses {
        _ if header.command == v2::Command::Local => None,
        v2::Addresses::IPv4(it) => Some((it.source_address, it.source_port).into()),
        v2::Addresses::IPv6(it) => Some((it.source_address, it.source_port).into()),
        v2::Addresses::Unspecified | v2::Addresses::Unix(_) => None,
    })
}

/// Reads the rest of a header of version 1: up to the end of its line.
async fn read_text(
    stream: &mut TcpStream,
    mut header: Vec<u8>,
) -> Result<Option<SocketAddr>, HeaderError> {
    while !header.ends_with(b"\n") && header.len() < MAX_TEXT {
        // What follows the line is not to be read, and where it ends is not known.
        header.push(stream.read_u8().await?);
    }
    Ok(match v1::Header::try_from(header.as_slice())?.addresses {
        v1::Addresses::Tcp4(it) => Some((it.source_address, it.source_port).into()),
        v1::Addresses::Tcp6(it) => Some((it.source_address, it.source_port).into()),
        v1::Addresses::Unknown => None,
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::{io::AsyncWriteExt, net::TcpListener};

    use super::*;

    const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

    /// Client read from `sent`, and the bytes left after its header.
    async fn read_from(sent: &[u8]) -> (Result<Option<SocketAddr>, HeaderError>, Vec<u8>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let mut there = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut here, _) = listener.accept().await.unwrap();
        there.write_all(sent).await.unwrap();
        there.shutdown().await.unwrap();
        let read = read(&mut here).await;
        let mut rest = Vec::new();
        here.read_to_end(&mut rest).await.unwrap();
        (read, rest)
    }

    fn binary(rest: &[u8]) -> Vec<u8> {
        [V2, rest].concat()
    }

    #[tokio::test]
    async fn a_header_is_read_to_its_end_and_no_further() {
        let ipv4 = [0x21, 0x11, 0, 12, 192, 0, 2, 1, 127, 0, 0, 1, 0x30, 0x39, 0, 80];
        let with_tlv =
            [0x21, 0x11, 0, 16, 192, 0, 2, 1, 127, 0, 0, 1, 0x30, 0x39, 0, 80, 4, 0, 1, 9];
        let mut ipv6 = vec![0x21, 0x21, 0, 36];
        ipv6.extend("2001:db8::1".parse::<std::net::Ipv6Addr>().unwrap().octets());
        ipv6.extend([0; 16]);
        ipv6.extend([0x30, 0x39, 0, 80]);
        for (header, expected) in [
            (b"PROXY TCP4 192.0.2.1 127.0.0.1 12345 80\r\n".to_vec(), Some("192.0.2.1:12345")),
            (b"PROXY TCP6 2001:db8::1 ::1 12345 80\r\n".to_vec(), Some("[2001:db8::1]:12345")),
            (b"PROXY UNKNOWN\r\n".to_vec(), None),
            (b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n".to_vec(), None),
            (binary(&ipv4), Some("192.0.2.1:12345")),
            (binary(&with_tlv), Some("192.0.2.1:12345")),
            (binary(&ipv6), Some("[2001:db8::1]:12345")),
            (binary(&[0x20, 0, 0, 0]), None),
            (binary(&[0x21, 0, 0, 0]), None),
        ] {
            let (read, rest) = read_from(&[&header[..], b"GET /"].concat()).await;
            assert_eq!(read.unwrap(), expected.map(|it| it.parse().unwrap()), "{header:?}");
            assert_eq!(rest, b"GET /", "{header:?}");
        }
    }

    #[tokio::test]
    async fn a_wrong_header_is_an_error() {
        for wrong in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            b"PROXY TCP4 192.0.2.1\r\n",
            b"PROXY TCP5 192.0.2.1 127.0.0.1 12345 80\r\n",
            b"PROXY TCP4 300.0.2.1 127.0.0.1 12345 80\r\n",
            b"PROXY",
            b"",
            &[&b"PROXY UNKNOWN "[..], &[b'x'; 200]].concat(),
            // A wrong version, addresses that are cut short, and a length past the limit.
            &binary(&[0x31, 0x11, 0, 0]),
            &binary(&[0x21, 0x11, 0, 4, 192, 0, 2, 1]),
            &binary(&[&[0x21, 0x11, 0x10, 0x01][..], &[0; 0x1001]].concat()),
        ] {
            assert!(read_from(wrong).await.0.is_err(), "{wrong:?}");
        }
    }
}
