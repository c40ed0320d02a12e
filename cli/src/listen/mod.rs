//! `wsbench listen`: the other side of a conversation, for one client or for many.

mod answer;
mod client_process;
mod flags;
mod listener;
mod records;

use std::{fs::File, io, sync::Arc};

use futures::FutureExt;
use server::{Acceptor, bind};
use tokio::sync::Semaphore;

pub(crate) use self::flags::ListenFlags;
use self::{
    answer::{Answer, Answers},
    listener::Listener,
    records::Records,
};
use crate::{
    connect::{self, Accept, Listening},
    process::{EarlyExit, Exit, Interrupt, fail, print_error, print_notice, raise_open_files},
};

/// Error for a folder to send.
const FOLDER: io::ErrorKind = io::ErrorKind::IsADirectory;

/// Listens until the one client is gone, or until Ctrl-C. Without an answer, the terminal talks with
/// the first client.
pub(crate) async fn run(flags: ListenFlags) -> Result<Exit, EarlyExit> {
    let interrupt = Interrupt::listen()?;
    // A command is in a group of its own: it ends with this program, not by the terminal's signal.
    if flags.exec.is_some() {
        interrupt.raise_at_hangup()?;
    }
    let tls = flags.tls.certificates(std::slice::from_ref(&flags.address));
    let tls = tls.map_err(|error| fail(&error.to_string()))?.map(Arc::new);
    let answer = match (flags.exec, flags.send) {
        (Some(command), _) => Some(Answer::Command(command)),
        (_, Some(path)) => {
            let opened = File::open(&path).and_then(|file| file.metadata());
            let opened =
                opened.and_then(|it| if it.is_dir() { Err(FOLDER.into()) } else { Ok(()) });
            opened.map_err(|error| fail(&format!("Cannot read {}: {error}.", path.display())))?;
            Some(Answer::File(path))
        }
        _ => flags.echo.then_some(Answer::Echo),
    };
    let bound = bind(&flags.address).await;
    let bound = bound.map_err(|error| fail(&error.with_remedy("wsbench listen")))?;
    let scheme = if tls.is_some() { "wss" } else { "ws" };
    let url = format!("{scheme}://{}", bound.authority);
    if !flags.quiet {
        print_error(&format!("Listening on {url}"));
    }
    let acceptor = Acceptor {
        tls,
        origins: flags.origins.or_programs(),
        compression: flags.compression,
        subprotocol: flags.subprotocol,
        time: flags.handshake_timeout,
    };
    let listener = Listener { sockets: bound.listeners, acceptor, url };
    let Some(answer) = answer else {
        let options = Listening {
            json: flags.json,
            quiet: flags.quiet,
            verbose: flags.verbose,
            show_control: flags.show_control,
            frames: flags.frames,
            max_message: flags.max_message,
        };
        // Its sockets are closed then: a second client is refused, not left waiting.
        let accept: Accept = Box::new(move |report| {
            async move { listener.accept(flags.max_message, report).await }.boxed()
        });
        return Ok(connect::listen(options, accept, interrupt).await);
    };
    raise_open_files();
    let answers = Answers {
        answer,
        max_message: flags.max_message,
        write_timeout: flags.write_timeout,
        verbose: flags.verbose,
        records: flags.json.then(Records::new),
    };
    let connections = usize::from(flags.max_connections);
    tokio::select! {
        () = interrupt.raised() => {}
        () = serve(Arc::new(listener), Arc::new(answers), connections) => {}
    }
    Ok(Exit::Done)
}

/// Answers clients forever, `connections` of them at the same time; more wait to be accepted.
async fn serve(listener: Arc<Listener>, answers: Arc<Answers>, connections: usize) {
    let permits = Arc::new(Semaphore::new(connections));
    loop {
        // The semaphore is never closed.
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        let (stream, address) = match listener.connection().await {
            Ok(connection) => connection,
            Err(sentence) => {
                print_notice(&sentence);
                continue;
            }
        };
        let (listener, answers) = (Arc::clone(&listener), Arc::clone(&answers));
        tokio::spawn(async move {
            match listener.open(stream, address, answers.max_message).await {
                Ok((opened, websocket)) => answers.give(opened, websocket).await,
                Err(sentence) if answers.verbose => print_notice(&sentence),
                Err(_) => {}
            }
            drop(permit);
        });
    }
}
