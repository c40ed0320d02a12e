//! `wsbench record` and `wsbench convert`: conversations as scenario files.

mod convert;
mod destination;
mod recorder;
mod written_as;

use std::{
    cell::RefCell,
    fs::{self, File},
    path::PathBuf,
    pin::pin,
    rc::Rc,
    time::Duration,
};

use clap::Args;
use scenario::TEXT_BYTES;
use tokio::time::{Instant, timeout};

pub(crate) use self::convert::{ConvertFlags, convert};
use self::{
    destination::{open, replace, sentence},
    recorder::Recorder,
    written_as::WrittenAs,
};
use crate::{
    connect::{self, ConnectFlags},
    process::{EarlyExit, Exit, fail, print_error},
};

/// Minimum time between two writes of a conversation under way.
const SAVE: Duration = Duration::from_secs(1);
/// Pause between two writes, in times of the last write.
const SHARE: u32 = 20;

/// Record a conversation as a scenario file
///
/// Takes the prompt and all flags of `wsbench URL`, and writes a test of the server, or a mock of it. The file is
/// updated during the conversation, so that it exists however that ends. Credentials in the URL and in headers
/// become variables, such as {{token}}, and so does each value of --secret.
#[derive(Args)]
#[command(
    max_term_width = 100,
    after_help = "\
Examples:
  wsbench record ws://localhost:8080/chat/lobby -o chat.ws
  wsbench record wss://example.org/feed --as mock -o feed.ws --secret token=\"$TOKEN\" --bearer \"$TOKEN\"
  echo hi | wsbench record ws://localhost:8080 -o hi.ws

Exit status: as for wsbench URL; also 1 if the file already exists or cannot be written"
)]
pub(crate) struct RecordFlags {
    /// Scenario file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Overwrite the scenario file if it exists
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    scenario: WrittenAs,
    #[command(flatten)]
    pub(crate) connect: ConnectFlags,
}

/// Holds a conversation, and records it as a scenario file.
///
/// The file is written again during the conversation. If there was none to record, a file that is
/// empty, such as a new one, is removed, and one to be replaced stays.
pub(crate) async fn record(flags: RecordFlags) -> Result<Exit, EarlyExit> {
    let RecordFlags { output, force, scenario, connect } = flags;
    let headers = connect.headers()?.into_iter().map(|header| (header.name, header.value));
    // Before the conversation, which would be lost.
    let file = open(&output, force);
    let mut file = file.map_err(|error| fail(&sentence(&output, &error)))?;
    let recorder = Rc::new(RefCell::new(Recorder::new(headers.collect(), TEXT_BYTES)));
    let observer = Rc::clone(&recorder);
    let observer = Box::new(move |fact: &_| observer.borrow_mut().record(None, fact));
    let mut talk = pin!(connect::run(connect, Some(observer)));
    let mut pause = SAVE;
    let result = loop {
        match timeout(pause, &mut talk).await {
            Ok(result) => break result,
            Err(_) => pause = save(&mut file, &scenario, &mut recorder.borrow_mut()),
        }
    };
    let recorder = recorder.borrow();
    if recorder.recordings.is_empty() {
        // A file that was there is left as it was.
        if file.metadata().is_ok_and(|it| it.len() == 0) {
            let _ = fs::remove_file(&output);
        }
        return result;
    }
    let exit = result?;
    let text = scenario.write(&recorder.recordings, &[], recorder.is_full())?;
    replace(&mut file, &text).map_err(|error| fail(&sentence(&output, &error)))?;
    print_error(&format!("Wrote {}.", output.display()));
    Ok(exit)
}

/// Writes the conversation so far, if there is more than before. Returns the time until the next
/// call. An error is left to the end, which meets it again.
fn save(file: &mut File, scenario: &WrittenAs, recorder: &mut Recorder) -> Duration {
    let start = Instant::now();
    if recorder.has_more()
        && let Ok(written) = scenario.convert(&recorder.recordings, &[])
    {
        let _ = replace(file, &written.text);
    }
    SAVE.max(start.elapsed() * SHARE)
}
