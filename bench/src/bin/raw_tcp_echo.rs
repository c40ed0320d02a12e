//! `raw_tcp_echo HOST:PORT BUFFER`: writes back the bytes that it reads, without frames: the floor
//! of the servers' costs.

use std::{io, process::ExitCode};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

// The runtime that a server on tokio has, or the floor would not be what such a server stands on.
/// Serves until the process is killed; exits with 1 if the address cannot be bound, or for wrong
/// arguments.
#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [address, buffer] = arguments.as_slice() else { return usage() };
    let Ok(buffer) = buffer.parse() else { return usage() };
    match serve(address, buffer).await {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("Cannot listen on {address}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the arguments, for a wrong call.
fn usage() -> ExitCode {
    eprintln!(
        "Give it where to listen and the bytes it reads at once: raw_tcp_echo HOST:PORT BYTES"
    );
    ExitCode::FAILURE
}

/// Echoes to all connections, forever. `buffer` is the size of a read in bytes.
async fn serve(address: &str, buffer: usize) -> io::Result<std::convert::Infallible> {
    let listener = TcpListener::bind(address).await?;
    loop {
        // A connection that ended before it was accepted says nothing about the next one.
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(echo(stream, buffer));
        }
    }
}

/// Echoes one connection to its end, by the client or by an error.
async fn echo(mut stream: TcpStream, buffer: usize) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; buffer];
    loop {
        let len = stream.read(&mut buffer).await?;
        if len == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..len]).await?;
    }
}
