//! A file that is run again when it is saved.

use std::{fs, path::Path};

use harness::{Program, Server};

use crate::{command, scenarios::File};

/// Saves as an editor does: a new file in place of the old one.
fn save(file: &File, text: &str) {
    save_as(file, Path::new(file.path()), text);
}

/// Saves another file, which may stand in the same folder.
fn save_as(file: &File, path: &Path, text: &str) {
    let new = file.beside("new");
    fs::write(&new, text).expect("there is room");
    fs::rename(new, path).expect("it can be replaced");
}

#[tokio::test]
async fn a_saved_file_that_is_included_runs_again_also_if_it_is_new() {
    let server = Server::start().await;
    let file = File::new("include \"one.ws\"\n");
    let [one, two] = ["one.ws", "two.ws"].map(|name| file.beside(name));
    let connect = format!("connect {}\n", server.ws("/echo"));
    save_as(&file, &two, "> two\n< \"two\"\n");
    save_as(&file, &one, &connect);
    let mut program = Program::start(&mut command(&["run", file.path(), "--watch"]));
    program.line_with("Waiting for a file").await;
    save_as(&file, &one, &format!("{connect}include \"two.ws\"\n"));
    program.line_with("one.ws was saved").await;
    program.line_with("Waiting for a file").await;
    // Included only since the run before.
    save_as(&file, &two, "> two\n< \"other\"\n");
    program.line_with("two.ws was saved").await;
    program.line_with("FAILED ").await;
    program.line_with("Waiting for a file").await;
    program.terminate().await;
    program.end().await;
}

#[tokio::test]
async fn a_file_that_was_missing_runs_once_it_is_there() {
    let server = Server::start().await;
    let file = File::new("include \"one.ws\"\n");
    let mut program = Program::start(&mut command(&["run", file.path(), "--watch"]));
    program.line_with("Waiting for a file").await;
    let one = file.beside("one.ws");
    save_as(&file, &one, &format!("connect {}\n> hi\n< \"hi\"\n", server.ws("/echo")));
    program.line_with("one.ws was saved").await;
    program.line_with("passed ").await;
    program.terminate().await;
    program.end().await;
}

#[tokio::test]
async fn a_saved_file_runs_again_and_a_wrong_one_waits() {
    let server = Server::start().await;
    let connect = format!("connect {}\n", server.ws("/echo"));
    let file = File::new(&format!("{connect}> hi\n< \"hi\"\n"));
    let mut program = Program::start(&mut command(&["run", file.path(), "--watch"]));
    program.line_with("passed ").await;
    program.line_with("Waiting for a file to be saved").await;
    save(&file, &format!("{connect}> hi\n< \"other\"\n"));
    program.line_with("chat.ws was saved").await;
    program.line_with("FAILED ").await;
    program.line_with("Waiting for a file").await;
    save(&file, &format!("{connect}> hi\n< jsn {{}}\n"));
    program.line_with("was saved").await;
    program.line_with("Waiting for a file").await;
    save(&file, &format!("{connect}> once more\n< \"once more\"\n"));
    program.line_with("was saved").await;
    program.line_with("passed ").await;
    program.line_with("Waiting for a file").await;
    program.terminate().await;
    let (status, _, error) = program.end().await;
    assert_eq!(status.code(), Some(130));
    assert!(error.contains("Did you mean 'json'?"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_saved_during_a_run_runs_again() {
    let server = Server::start().await;
    let connect = format!("connect {}\n", server.ws("/echo"));
    let file = File::new(&format!("{connect}[first]\n> 1\n[slow]\nwait 1s\n"));
    let mut program = Program::start(&mut command(&["run", file.path(), "--watch"]));
    program.line_with("passed ").await;
    // The second section waits.
    save(&file, &format!("{connect}[again]\n> 1\n"));
    program.line_with("[slow]").await;
    program.line_with("chat.ws was saved").await;
    program.line_with("[again]").await;
    program.terminate().await;
    program.end().await;
}

#[tokio::test]
async fn an_included_file_with_a_mistake_is_waited_for() {
    let server = Server::start().await;
    let file = File::new("include \"one.ws\"\n> 1\n");
    let one = file.beside("one.ws");
    save_as(&file, &one, "conect ws://a\n");
    let mut program = Program::start(&mut command(&["run", file.path(), "--watch"]));
    program.line_with("Waiting for a file").await;
    save_as(&file, &one, &format!("connect {}\n", server.ws("/echo")));
    program.line_with("one.ws was saved").await;
    program.line_with("passed ").await;
    program.terminate().await;
    program.end().await;
}
