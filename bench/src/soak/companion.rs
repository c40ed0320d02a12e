//! Echo beside an attack: one regular peer, and the times of its echoes.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};

use super::client::open;
use crate::frame::{self, Opcode};

/// Time between two messages.
const INTERVAL: Duration = Duration::from_millis(5);

/// Peer that sends a message at an interval, and times its echo.
pub(super) struct Companion {
    /// True once it has to stop.
    is_over: Arc<AtomicBool>,
    /// Its thread, with the times of all echoes.
    running: JoinHandle<Result<Vec<Duration>>>,
}

/// Times of the echoes, in milliseconds.
#[derive(Clone, Copy)]
pub(super) struct EchoTimes {
    pub(super) count: usize,
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) max: f64,
}

impl Companion {
    /// Connects, and starts the thread.
    pub(super) fn start(port: u16) -> Result<Self> {
        let stream = open(port, "/echo", "")?;
        let is_over = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&is_over);
        Ok(Self { is_over, running: thread::spawn(move || exchange(stream, &until)) })
    }

    /// Ends the conversation.
    ///
    /// # Errors
    /// If an echo did not come, or the connection was closed.
    pub(super) fn stop(self) -> Result<EchoTimes> {
        self.is_over.store(true, Relaxed);
        let ended = self.running.join().map_err(|_| anyhow!("the echo's thread panicked"))?;
        let mut times = ended.context("the echo beside the attack failed")?;
        times.sort_unstable();
        let at = |share: usize| {
            let index = times.len() * share / 1_000;
            times.get(index.min(times.len() - 1)).map_or(0.0, |it| it.as_secs_f64() * 1e3)
        };
        ensure!(!times.is_empty(), "no echo was timed");
        Ok(EchoTimes { count: times.len(), p50: at(500), p99: at(990), max: at(1_000) })
    }
}

/// Sends and receives one message at a time. An answer that is late delays the next message.
fn exchange(mut stream: TcpStream, is_over: &AtomicBool) -> Result<Vec<Duration>> {
    let payload = [b'x'; 32];
    let sent = frame::masked(Opcode::Text, &payload, [1, 2, 3, 4]);
    let mut answer = frame::unmasked(Opcode::Text, &payload);
    let expected = answer.clone();
    let mut times = Vec::new();
    while !is_over.load(Relaxed) {
        let began = Instant::now();
        stream.write_all(&sent)?;
        stream.read_exact(&mut answer)?;
        times.push(began.elapsed());
        ensure!(answer == expected, "another frame came: {answer:02x?}");
        thread::sleep(INTERVAL);
    }
    Ok(times)
}
