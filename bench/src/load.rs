//! Load generator: one thread that keeps messages in flight on many connections, and checks every
//! byte that comes back.

use std::{
    io::{ErrorKind, IoSlice, Read, Write},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use mio::{Events, Interest, Poll, Token, net::TcpStream};

use crate::{open::Opened, shape::Script, stats::ratio};

/// Bytes read at once, at most: few calls for a large echo.
const READ: usize = 256 << 10;

/// Sockets served between two readings of the clock.
const EVENTS: usize = 128;

/// Time without any echo after which the round fails.
const STALL: Duration = Duration::from_secs(10);

/// Durations of a round.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    /// Load before the measurement: the server's caches and buffers fill.
    pub(crate) warm_up: Duration,
    /// Load that counts.
    pub(crate) measured: Duration,
}

/// Result of one round.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    /// Microseconds of the server's CPU time, user and system, for one echo.
    pub(crate) cpu_us: f64,
    /// Echoes received in the measured time, by its seconds.
    pub(crate) echoes_per_s: f64,
    /// The share of the time in which the server computed; 1 is a core.
    pub(crate) busy: f64,
}

struct Connection {
    /// Open WebSocket, without a library in between.
    stream: TcpStream,
    /// Bytes sent since the connection opened.
    sent: usize,
    /// Bytes received since the connection opened.
    received: usize,
}

/// State of a round.
struct Load<'a> {
    /// Bytes to send and to expect.
    script: &'a Script,
    /// Readiness of all sockets.
    poll: Poll,
    /// All connections, polled by one thread.
    connections: Vec<Connection>,
    /// Buffer of reads, shared by the connections.
    buffer: Vec<u8>,
    /// True once no new message may be started.
    draining: bool,
    /// Bytes received over all connections in this round.
    received: usize,
}

/// Loads the server over the connections `opened`. `cpu` returns its CPU time since its start.
///
/// # Errors
/// Bytes that are not the echo of the sent ones, missing bytes, or none in time.
pub(crate) fn measure(
    opened: Vec<Opened>,
    script: &Script,
    pace: Pace,
    cpu: impl Fn() -> Result<Duration>,
) -> Result<Sample> {
    let mut load = Load::new(opened, script)?;
    load.run_for(pace.warm_up)?;
    let (cpu_before, before, start) = (cpu()?, load.received, Instant::now());
    load.run_for(pace.measured)?;
    let (computed, elapsed) = (cpu()?.saturating_sub(cpu_before), start.elapsed());
    // Bytes, because a share of a large message is work as well.
    let echoes = ratio(load.received - before, script.echo_len);
    load.drain()?;
    ensure!(echoes > 0.0, "no echo came in {} s", elapsed.as_secs_f64());
    Ok(Sample {
        cpu_us: computed.as_secs_f64() * 1e6 / echoes,
        echoes_per_s: echoes / elapsed.as_secs_f64(),
        busy: computed.as_secs_f64() / elapsed.as_secs_f64(),
    })
}

impl<'a> Load<'a> {
    /// Registers all connections, which are made non-blocking.
    fn new(opened: Vec<Opened>, script: &'a Script) -> Result<Self> {
        let poll = Poll::new()?;
        let mut connections = Vec::new();
        for (number, Opened { stream, .. }) in opened.into_iter().enumerate() {
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            // It is writable at once, which is the event that sends the first messages.
            let both = Interest::READABLE | Interest::WRITABLE;
            poll.registry().register(&mut stream, Token(number), both)?;
            connections.push(Connection { stream, sent: 0, received: 0 });
        }
        let buffer = vec![0; READ];
        Ok(Self { script, poll, connections, buffer, draining: false, received: 0 })
    }

    /// Loads for a time, without a pause at its end.
    fn run_for(&mut self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        self.run_until(|_| Instant::now() >= end, time)
    }

    /// Begins no more messages, and waits for the outstanding echoes.
    fn drain(&mut self) -> Result<()> {
        self.draining = true;
        for number in 0..self.connections.len() {
            self.serve(number)?;
        }
        self.run_until(Self::is_drained, STALL)
    }

    /// True once every begun message is sent and echoed.
    fn is_drained(&self) -> bool {
        let Self { script, connections, .. } = self;
        connections.iter().all(|connection| {
            connection.sent.is_multiple_of(script.frame_len)
                && connection.received == connection.due(script)
        })
    }

    /// Serves connections until `is_done` holds, which is checked at least once a `glance`. Fails
    /// after [`STALL`] without an echo.
    fn run_until(&mut self, is_done: impl Fn(&Self) -> bool, glance: Duration) -> Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        let mut progress = (self.received, Instant::now());
        while !is_done(self) {
            match self.poll.poll(&mut events, Some(glance.min(STALL))) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => outcome?,
            }
            for event in &events {
                self.serve(event.token().0)?;
            }
            if progress.0 != self.received {
                progress = (self.received, Instant::now());
            } else if progress.1.elapsed() >= STALL {
                bail!("no echo came for {} s; some are missing", STALL.as_secs());
            }
        }
        Ok(())
    }

    /// Reads a connection, and sends the messages that its echoes make room for.
    fn serve(&mut self, number: usize) -> Result<()> {
        let Self { script, buffer, draining, .. } = self;
        let connection = &mut self.connections[number];
        self.received += connection.receive(script, buffer).with_context(|| place(number))?;
        connection.send(script, *draining).with_context(|| place(number))
    }
}

/// Name of a connection, for errors.
fn place(number: usize) -> String {
    format!("connection {number}")
}

impl Connection {
    /// Bytes of echoes for the messages that were begun.
    fn due(&self, script: &Script) -> usize {
        self.sent.div_ceil(script.frame_len) * script.echo_len
    }

    /// Reads until the socket is empty, and checks the bytes. Returns their number.
    fn receive(&mut self, script: &Script, buffer: &mut [u8]) -> Result<usize> {
        let before = self.received;
        loop {
            match self.stream.read(buffer) {
                Ok(0) => bail!("the server closed it"),
                Ok(len) => {
                    let bytes = &buffer[..len];
                    if !script.expects(self.received, bytes) {
                        let shown = &bytes[..len.min(16)];
                        bail!("not an echo at byte {}: {shown:02x?}…", self.received);
                    }
                    self.received += len;
                    let (received, due) = (self.received, self.due(script));
                    ensure!(received <= due, "{received} bytes came back where {due} were due");
                    // Less than there was room for: the socket is empty, and will say when not.
                    if len < buffer.len() {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("cannot read"),
            }
        }
        Ok(self.received - before)
    }

    /// Writes until the messages in flight are complete, or the socket takes no more.
    fn send(&mut self, script: &Script, draining: bool) -> Result<()> {
        let allowed = if draining {
            self.sent.next_multiple_of(script.frame_len)
        } else {
            (self.received / script.echo_len + script.in_flight) * script.frame_len
        };
        while self.sent < allowed {
            let (beginning, rest) = script.sent.split_at(self.sent % script.sent.len());
            let len = (allowed - self.sent).min(script.sent.len());
            let first = &rest[..len.min(rest.len())];
            let then = &beginning[..len - first.len()];
            // One call for both, or the ring's end would cut in two what the server could read at
            // once.
            match self.stream.write_vectored(&[IoSlice::new(first), IoSlice::new(then)]) {
                Ok(len) => self.sent += len,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("cannot write"),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;
    use crate::{
        open::{Protocol, open},
        shape::{SHAPES, Shape},
    };

    const PACE: Pace =
        Pace { warm_up: Duration::from_millis(10), measured: Duration::from_millis(50) };

    /// One connection to a server that hands what it reads to `answer`, and how the load ended.
    fn load_on(
        shape: &Shape,
        mut answer: impl FnMut(&mut Vec<u8>) + Send + 'static,
    ) -> Result<Sample> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let server = thread::spawn(move || -> std::io::Result<()> {
            let (mut stream, _) = listener.accept()?;
            let mut bytes = vec![0; READ];
            loop {
                let len = stream.read(&mut bytes)?;
                if len == 0 {
                    return Ok(());
                }
                let mut echo = bytes[..len].to_vec();
                answer(&mut echo);
                stream.write_all(&echo)?;
            }
        });
        let opened = vec![open(port, 0, Protocol::RawTcp)?];
        let script = shape.script(Protocol::RawTcp);
        let sample = measure(opened, &script, PACE, || Ok(Duration::ZERO));
        // It may have failed to write to a connection that the load gave up.
        let _ = server.join().unwrap();
        sample
    }

    #[test]
    fn echoes_are_counted_in_each_shape() {
        for shape in SHAPES {
            let sample = load_on(&shape, |_| {}).unwrap();
            assert!(sample.echoes_per_s > 0.0, "{}", shape.name);
        }
    }

    #[test]
    fn a_wrong_byte_fails_the_run_however_late() {
        let mut echoes = 0;
        let spoil = move |echo: &mut Vec<u8>| {
            echoes += 1;
            if echoes == 20 {
                echo[0] ^= 1;
            }
        };
        let error = load_on(&SHAPES[0], spoil).map(|sample| sample.echoes_per_s).unwrap_err();
        assert!(
            format!("{error:#}").starts_with("connection 0: not an echo at byte "),
            "{error:#}"
        );
    }

    #[test]
    fn more_echoes_than_messages_fail_the_run() {
        let error = load_on(&SHAPES[0], |echo| echo.extend(echo.clone())).map(drop).unwrap_err();
        assert!(format!("{error:#}").contains("came back where"), "{error:#}");
    }

    #[test]
    fn a_connection_that_ends_fails_the_run() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let opened =
            vec![open(listener.local_addr().unwrap().port(), 0, Protocol::RawTcp).unwrap()];
        drop(listener.accept().unwrap());
        let script = SHAPES[0].script(Protocol::RawTcp);
        assert!(measure(opened, &script, PACE, || Ok(Duration::ZERO)).is_err());
    }
}
