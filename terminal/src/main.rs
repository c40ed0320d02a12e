//! `wsbench`: connects to a WebSocket server, sends lines, prints answers.

mod connect;
mod conversation;
mod output;

use std::{pin::pin, process::ExitCode};

use clap::Parser;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    signal,
};

use crate::output::Output;

/// Connects to a WebSocket server, sends each line of standard input as a text message and prints
/// what comes back.
///
/// At the end of piped input it waits for answers that are still on their way, closes the
/// connection and exits with status 0; if it cannot connect, with status 1.
#[derive(Parser)]
#[command(
    name = "wsbench",
    version,
    after_help = "Examples:\n  \
        wsbench ws://localhost:8080               type messages, read answers\n  \
        echo hi | wsbench ws://localhost:8080     send a line, print the answer\n  \
        wsbench ws://localhost:8080 -x hi         send hi first, then go on as above"
)]
struct Flags {
    /// The server's address, like `ws://localhost:8080`
    url: String,
    /// Send TEXT once connected, before any line of standard input; can be given several times
    #[arg(short = 'x', long = "execute", value_name = "TEXT")]
    execute: Vec<String>,
}

fn main() -> ExitCode {
    let flags = Flags::parse();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("Cannot start: {error}.")),
    };
    let result = runtime.block_on(talk(flags));
    // Standard input is read by a thread that ends only with the next line; nobody waits for it.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => fail(&sentence),
    }
}

fn fail(sentence: &str) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::FAILURE
}

async fn talk(flags: Flags) -> Result<(), String> {
    let socket = connect::connect(&flags.url).await.map_err(|error| error.to_string())?;
    let mut interrupted = pin!(async {
        // Without a handler for it, Ctrl-C ends the program the default way.
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    });
    // The handler is there before anyone can know that it is time to press Ctrl-C.
    let _ = futures::poll!(&mut interrupted);
    let output = Output::stdout();
    output.line("Connected to server");
    let lines = BufReader::new(tokio::io::stdin()).lines();
    let close = conversation::converse(socket, output, flags.execute, lines, interrupted).await?;
    output.line(&format!("Disconnected from server: {close}"));
    Ok(())
}
