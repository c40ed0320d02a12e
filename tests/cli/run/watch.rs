//! A file that is run again when it is saved.

use std::{fs, path::Path};

use harness::{Program, Server};

use crate::{command, scenarios::File};

/// Saves as an editor does: a new file in place of the old one.
fn save(file: &File, text: &str) {
    let new = file.beside("new");
    fs::write(&new, text).expect("there is room");
    fs::rename(new, Path::new(file.path())).expect("it can be replaced");
}

#[tokio::test]
async fn a_saved_file_runs_again_and_a_wrong_one_waits() {
    let server = Server::start().await;
    let connect = format!("connect {}\n", server.ws("/echo"));
    let file = File::new(&format!("{connect}> hi\n< \"hi\"\n"));
    let mut program = Program::start(&mut command(&["run", file.path(), "--watch"]));
    program.line_with("passed ").await;
    program.line_with("Waiting until a file is saved").await;
    save(&file, &format!("{connect}> hi\n< \"other\"\n"));
    program.line_with("chat.ws was saved").await;
    program.line_with("FAILED ").await;
    program.line_with("Waiting until").await;
    save(&file, &format!("{connect}> hi\n< jsn {{}}\n"));
    program.line_with("was saved").await;
    program.line_with("Waiting until").await;
    save(&file, &format!("{connect}> once more\n< \"once more\"\n"));
    program.line_with("was saved").await;
    program.line_with("passed ").await;
    program.line_with("Waiting until").await;
    program.terminate().await;
    let (status, _, error) = program.end().await;
    assert_eq!(status.code(), Some(130));
    assert!(error.contains("Did you mean 'json'?"), "{error}");
}
