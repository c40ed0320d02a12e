//! WebSockets over HTTP/2 (RFC 8441), as a peer opens them that wants the server to hold much.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use anyhow::{Context, Result, bail, ensure};

use super::client;

/// WebSockets over one connection: as many as the server allows.
pub(super) const STREAMS: usize = 100;

/// Connection preface of a client (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Frame type with a part of a stream (RFC 9113 section 6.1).
const DATA: u8 = 0;
/// Frame type that begins a request or a response (section 6.2).
const HEADERS: u8 = 1;
/// Frame type that ends a stream at once (section 6.4).
const RST_STREAM: u8 = 3;
/// Frame type with a side's settings (section 6.5).
const SETTINGS: u8 = 4;
/// Frame type that ends the connection (section 6.8).
const GOAWAY: u8 = 7;
/// Frame type that allows the peer more bytes (section 6.9).
const WINDOW_UPDATE: u8 = 8;
/// Flag of [`HEADERS`] without continuation.
const END_HEADERS: u8 = 4;

/// Setting of a stream's window (RFC 9113 section 6.5.2).
const INITIAL_WINDOW_SIZE: u16 = 4;

/// Window before the first update, in bytes (RFC 9113 section 6.9.2).
const FIRST_WINDOW: u32 = 65_535;
/// Largest window, in bytes.
const MAX_WINDOW: u32 = (1 << 31) - 1;

/// Bytes of a DATA frame, at most.
const MAX_FRAME_BYTES: usize = 16 << 10;

/// `:status: 200` in the static table of HPACK.
const STATUS_200: u8 = 0x88;

/// Connection of HTTP/2. It parses no more than the attack needs.
pub(super) struct Connection {
    /// Connection without TLS, with prior knowledge of HTTP/2.
    stream: TcpStream,
    /// Bytes that may be sent now, over all streams.
    window: usize,
    /// Number of the next stream.
    next: u32,
}

impl Connection {
    /// Opens a connection with the largest windows, which is read only as far as needed.
    pub(super) fn open(port: u16) -> Result<Self> {
        let mut stream = client::connect(port)?;
        let mut setting = INITIAL_WINDOW_SIZE.to_be_bytes().to_vec();
        setting.extend(MAX_WINDOW.to_be_bytes());
        let mut start = PREFACE.to_vec();
        start.extend(frame(SETTINGS, 0, 0, &setting));
        start.extend(frame(WINDOW_UPDATE, 0, 0, &(MAX_WINDOW - FIRST_WINDOW).to_be_bytes()));
        stream.write_all(&start)?;
        Ok(Self { stream, window: FIRST_WINDOW as usize, next: 1 })
    }

    /// Opens a WebSocket at `path`, which may be compressed. Returns its stream's number.
    pub(super) fn open_websocket(&mut self, path: &str, offers_deflate: bool) -> Result<u32> {
        let number = self.next;
        self.next += 2;
        let headers = [
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", "http"),
            (":path", path),
            (":authority", "localhost"),
            ("sec-websocket-version", "13"),
        ];
        let offer = offers_deflate.then_some(("sec-websocket-extensions", "permessage-deflate"));
        let mut section = Vec::new();
        for (name, value) in headers.into_iter().chain(offer) {
            // A literal that is not indexed (RFC 7541 section 6.2.2).
            section.push(0);
            for text in [name, value] {
                section.push(u8::try_from(text.len())?);
                section.extend(text.as_bytes());
            }
        }
        self.stream.write_all(&frame(HEADERS, END_HEADERS, number, &section))?;
        loop {
            let (kind, stream, payload) = self.read_frame()?;
            if kind == HEADERS && stream == number {
                ensure!(payload.first() == Some(&STATUS_200), "the answer is {payload:02x?}");
                return Ok(number);
            }
        }
    }

    /// Sends bytes over the stream `number`. Reads only when the server's window is used up.
    pub(super) fn send(&mut self, number: u32, bytes: &[u8]) -> Result<()> {
        for part in bytes.chunks(MAX_FRAME_BYTES) {
            while self.window < part.len() {
                self.read_frame()?;
            }
            self.window -= part.len();
            self.stream.write_all(&frame(DATA, 0, number, part))?;
        }
        Ok(())
    }

    /// Stream of the connection, to be kept open.
    pub(super) fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// Reads a frame: type, stream and payload. Counts window updates of the connection. Fails if
    /// the server ends the stream or the connection.
    fn read_frame(&mut self) -> Result<(u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head).context("no frame of HTTP/2")?;
        let [a, b, c, kind, _, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        self.stream.read_exact(&mut payload)?;
        let stream = u32::from_be_bytes(stream);
        match kind {
            WINDOW_UPDATE if stream == 0 => {
                let more = <[u8; 4]>::try_from(&payload[..]).context("a wrong WINDOW_UPDATE")?;
                self.window += u32::from_be_bytes(more) as usize;
            }
            RST_STREAM | GOAWAY => bail!("the server ended it: {kind} {payload:02x?}"),
            _ => {}
        }
        Ok((kind, stream, payload))
    }
}

/// Frame of HTTP/2 (RFC 9113 section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, len @ ..] = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut frame = [&len[..], &[kind, flags], &stream.to_be_bytes()].concat();
    frame.extend_from_slice(payload);
    frame
}
