//! `wsbench record` and `wsbench convert`: conversations as scenario files.

mod convert;
mod destination;
mod recorder;
mod scenario_flags;

use std::{cell::RefCell, fs, io::Write, path::PathBuf, rc::Rc};

use clap::{ArgMatches, Args};
use scenario::TEXT_BYTES;

pub(crate) use self::convert::{ConvertFlags, convert};
use self::{
    destination::{open, sentence},
    recorder::Recorder,
    scenario_flags::ScenarioFlags,
};
use crate::{
    connect::{self, ConnectFlags},
    process::{Exit, fail, print_error},
};

/// Talk with a server, and write the conversation down as a scenario file
///
/// The prompt and all flags are those of `wsbench URL`. The file is written at the end of the conversation, also by
/// Ctrl-C: a test of the server, or a mock of it. Credentials in the URL and in headers become variables, as in
/// {{token}}, and so does each value of --secret.
#[derive(Args)]
#[command(
    max_term_width = 100,
    after_help = "\
Examples:
  wsbench record ws://localhost:8080/chat -o chat.ws
  wsbench record wss://example.org/feed --as mock -o feed.ws --secret token=\"$TOKEN\" --bearer \"$TOKEN\"
  echo hi | wsbench record ws://localhost:8080 -o hi.ws

Exit status: that of wsbench URL; 1 also if the file is there already, or cannot be written"
)]
pub(crate) struct RecordFlags {
    /// Scenario file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Replace the scenario file if there is one
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    scenario: ScenarioFlags,
    #[command(flatten)]
    connect: ConnectFlags,
}

impl RecordFlags {
    /// As [`ConnectFlags::note_order`].
    pub(crate) fn note_order(&mut self, matches: &ArgMatches) {
        self.connect.note_order(matches);
    }
}

/// Holds a conversation, and writes it down. `Err` is a usage error.
pub(crate) async fn record(flags: RecordFlags) -> Result<Exit, String> {
    let RecordFlags { output, force, scenario, connect } = flags;
    let headers = connect.headers()?.into_iter().map(|header| (header.name, header.value));
    // Before the conversation, which would be lost.
    let mut file = match open(&output, force) {
        Ok(file) => file,
        Err(error) => return Ok(fail(&sentence(&output, &error))),
    };
    let recorder = Rc::new(RefCell::new(Recorder::new(headers.collect(), TEXT_BYTES)));
    let observer = Rc::clone(&recorder);
    let observer = Box::new(move |fact: &_| observer.borrow_mut().take(fact));
    let result = connect::run_observed(connect, Some(observer)).await;
    let recorder = recorder.borrow();
    if recorder.recordings.is_empty() {
        // A file that was there is left as it was.
        if !force {
            let _ = fs::remove_file(&output);
        }
        return result;
    }
    let exit = result?;
    let text = match scenario.write(&recorder.recordings, recorder.is_full()) {
        Ok(text) => text,
        Err(exit) => return Ok(exit),
    };
    Ok(match file.set_len(0).and_then(|()| file.write_all(text.as_bytes())) {
        Ok(()) => {
            print_error(&format!("Wrote {}.", output.display()));
            exit
        }
        Err(error) => fail(&sentence(&output, &error)),
    })
}
