//! The program under test: started, waited for, ended.

use std::{path::PathBuf, process::Stdio, time::Duration};

use harness::{Program, Server, soon};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
    time::sleep,
};

use crate::{command, output, raw_server, scenarios::File};

/// Scenario for a server's echo, and a program that is ready once it has written its group to a file.
struct Setting {
    file: File,
    server: Server,
    /// Address that answers with 200 once the group is written, and with 503 before.
    ready: String,
}

impl Setting {
    async fn new(steps: &str) -> Self {
        let server = Server::start().await;
        let file = File::new(&format!("connect {}\n{steps}", server.ws("/echo")));
        let group = file.beside("group");
        let authority = raw_server(move |mut stream| {
            let status = if written(&group).is_some() { 200 } else { 503 };
            async move {
                let _ = stream.read(&mut [0; 1024]).await;
                let response = format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n");
                let _ = stream.write_all(response.as_bytes()).await;
            }
        })
        .await;
        Self { file, server, ready: format!("http://{authority}/") }
    }

    /// Shell script that writes its group, and goes on with `more`.
    fn script(&self, more: &str) -> String {
        let path = self.file.beside("group");
        format!("echo $$ >'{0}.new'; mv '{0}.new' '{0}'; {more}", path.display())
    }

    async fn run(&self, script: &str) -> (Option<i32>, String, String) {
        output(&["run", self.file.path(), "--with", script, "--wait-for", &self.ready]).await
    }

    /// Fails unless every process of the group goes; one that was killed stays until its parent has noticed.
    async fn is_gone(&self) {
        let group = written(&self.file.beside("group")).expect("the program started");
        let is_there = async || {
            let mut signal = Command::new("kill");
            signal.args(["-0", "--", &format!("-{group}")]).stderr(Stdio::null());
            signal.status().await.expect("kill runs").success()
        };
        soon("the end of the process group", async {
            while is_there().await {
                sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
    }
}

fn written(path: &PathBuf) -> Option<String> {
    std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

#[tokio::test]
async fn the_program_is_waited_for_and_ended_with_all_that_it_started() {
    let setting = Setting::new("> hi\n< \"hi\"\n").await;
    let script = setting.script("echo a word; sleep 1000 & wait");
    let (status, said, error) = setting.run(&script).await;
    assert_eq!((status, &*error), (Some(0), ""), "{said}");
    setting.is_gone().await;
}

#[tokio::test]
async fn its_output_is_shown_when_a_step_fails() {
    let setting = Setting::new("> hi\n< \"ho\"\n").await;
    let script = setting.script("echo a word >&2; sleep 1000");
    let (status, _, error) = setting.run(&script).await;
    assert_eq!(status, Some(3));
    assert!(error.contains("Output of 'echo") && error.contains(":\na word\n"), "{error}");
    setting.is_gone().await;
}

#[tokio::test]
async fn a_program_that_does_not_end_is_killed() {
    let setting = Setting::new("> hi\n< \"hi\"\n").await;
    let script = setting.script("trap '' TERM; sleep 1000");
    let (status, said, error) = setting.run(&script).await;
    assert_eq!((status, &*error), (Some(0), ""), "{said}");
    setting.is_gone().await;
}

/// Run that waits in its second section, with a program of this script.
async fn waiting(setting: &Setting, script: &str) -> Program {
    let file = setting.file.beside("two.ws");
    let text = format!(
        "connect {}\n[passes]\n> hi\n[waits]\n< \"x\" within 1m\n",
        setting.server.ws("/echo")
    );
    std::fs::write(&file, text).expect("there is room");
    let (file, script) = (file.to_str().expect("it is UTF-8"), setting.script(script));
    let arguments = ["run", file, "--with", &script, "--wait-for", &setting.ready];
    let mut program = Program::start(&mut command(&arguments));
    program.line_with("[passes]").await;
    program
}

/// Script that does not end at SIGTERM.
const STUBBORN: &str = "trap '' TERM; while :; do sleep 1; done";

/// Checks that a run was interrupted, and that nothing of its program is left.
async fn is_interrupted(run: Program, setting: &Setting) {
    let (status, ..) = run.end().await;
    assert_eq!(status.code(), Some(130));
    setting.is_gone().await;
}

#[tokio::test]
async fn an_interrupt_ends_the_program_too() {
    let setting = Setting::new("> hi\n").await;
    let run = waiting(&setting, "sleep 1000").await;
    run.terminate().await;
    is_interrupted(run, &setting).await;
}

#[tokio::test]
async fn two_interrupts_leave_nothing_of_the_program() {
    let setting = Setting::new("> hi\n").await;
    let run = waiting(&setting, STUBBORN).await;
    // The first one is being handled, or both are: either way, nothing is left.
    run.terminate().await;
    run.terminate().await;
    is_interrupted(run, &setting).await;
}

#[tokio::test]
async fn a_terminal_that_is_gone_ends_the_program_too() {
    let setting = Setting::new("> hi\n").await;
    let run = waiting(&setting, STUBBORN).await;
    run.hang_up().await;
    is_interrupted(run, &setting).await;
}

#[tokio::test]
async fn an_early_end_is_an_error_with_its_status() {
    let file = File::new("connect ws://127.0.0.1:1\n");
    let with = ["--with", "echo broken >&2; exit 7", "--wait-for", "tcp://127.0.0.1:1"];
    let arguments = [&["run", file.path()], &with[..]].concat();
    let (status, _, error) = soon("its end", output(&arguments)).await;
    assert_eq!(status, Some(1));
    assert!(
        error.contains("exited on its own: exit status: 7.") && error.contains("\nbroken\n"),
        "{error}"
    );
}

#[tokio::test]
async fn what_an_early_end_leaves_behind_is_ended_and_reaped() {
    let setting = Setting::new("> hi\n< \"hi\"\n").await;
    // Its child becomes one of wsbench: in a container, PID 1 may reap nothing.
    let (status, _, error) = setting.run(&setting.script("sleep 1000 & exit 7")).await;
    assert_eq!(status, Some(1), "{error}");
    assert!(error.contains("exited on its own: exit status: 7."), "{error}");
    let group = written(&setting.file.beside("group")).expect("the program started");
    let mut signal = Command::new("kill");
    signal.args(["-0", "--", &format!("-{group}")]).stderr(Stdio::null());
    let is_there = signal.status().await.expect("kill runs").success();
    assert!(!is_there, "a process, or its zombie, was left");
}

#[tokio::test]
async fn an_answer_is_awaited_up_to_its_status_only() {
    let file = File::new("connect ws://127.0.0.1:1\n< refused\n");
    for answer in ["HTTP/1.1 204 No Content\r\n", "HTTP/1.0 204\r\n"] {
        let authority = raw_server(move |mut stream| async move {
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            // Until the client goes.
            let _ = stream.read(&mut [0]).await;
        })
        .await;
        let ready = format!("http://{authority}/");
        let arguments = ["run", file.path(), "--wait-for", &ready, "--wait-timeout", "2s"];
        let (_, _, error) = output(&arguments).await;
        assert!(!error.contains("not ready"), "{answer}: {error}");
    }
}

#[tokio::test]
async fn a_program_that_is_not_ready_is_waited_for_so_long() {
    let setting = Setting::new("> hi\n").await;
    let arguments = ["run", setting.file.path(), "--wait-for", &setting.ready];
    let (status, _, error) = output(&[&arguments[..], &["--wait-timeout", "2s"]].concat()).await;
    assert_eq!(status, Some(1));
    let sentence = "was not ready within 2.0 s: it answers with status 503.";
    assert!(error.contains(sentence), "{error}");
    for (path, limit, expected) in [("/echo", "1m", 0), ("/none", "300ms", 1)] {
        let address = setting.server.ws(path);
        let arguments = ["run", setting.file.path(), "--wait-for", &address];
        let (status, _, error) =
            output(&[&arguments[..], &["--wait-timeout", limit]].concat()).await;
        assert_eq!(status, Some(expected), "{address}: {error}");
    }
}
