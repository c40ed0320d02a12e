//! The snippets of docs/ci.md, run as they are written.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use harness::{Server, binary, soon};
use tempfile::TempDir;
use tokio::process::Command;
use yaml_rust2::{Yaml, YamlLoader};

/// Snippets in a language, from the chapter about scenario files on.
fn snippets(language: &str) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/ci.md");
    let text = fs::read_to_string(path).expect("it is there");
    let (_, chapter) = text.split_once("\n# Test a WebSocket server in CI\n").expect("a chapter");
    let fence = format!("```{language}\n");
    let snippets = chapter.split(&fence).skip(1);
    let snippets = snippets.map(|rest| rest.split_once("```").expect("its end").0.to_owned());
    let snippets: Vec<_> = snippets.collect();
    for snippet in &snippets {
        assert!(snippet.lines().count() <= 5, "more than five lines: {snippet}");
    }
    snippets
}

/// Folder of a project with a scenario, in which `npm start` is a server that the test has started already.
struct Project {
    folder: TempDir,
    server: Server,
}

impl Project {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let programs = folder.path().join("programs");
        for path in [&programs, &folder.path().join("tests")] {
            fs::create_dir(path).expect("there is room");
        }
        let scenario = "@host = elsewhere:1\n@token = t\nconnect ws://{{host}}/echo\n> {{token}}\n< \"{{token}}\"\n";
        fs::write(folder.path().join("tests/chat.ws"), scenario).expect("there is room");
        for (name, line) in [("npm", "echo started; exec sleep 1000"), ("cargo", "exit 0")] {
            let path = programs.join(name);
            fs::write(&path, format!("#!/bin/sh\n{line}\n")).expect("there is room");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
        }
        std::os::unix::fs::symlink(binary("cli", "wsbench"), programs.join("wsbench"))
            .expect("there is room");
        Self { folder, server: Server::start().await }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs lines of a shell, against this server.
    async fn run(&self, script: &str) {
        let script = script.replace("127.0.0.1:8080", self.server.authority());
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{path}", self.path().join("programs").display());
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", &script]).current_dir(self.path()).kill_on_drop(true);
        shell.env("PATH", path).env("TOKEN", "pass-phrase");
        // The GitLab lines set no host: there it is in the file.
        shell.env("WSBENCH_VAR_HOST", self.server.authority());
        let output = soon(&script, shell.output()).await.expect("sh runs");
        let said =
            [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
        assert!(output.status.success(), "{script}: {said:?}");
        assert!(said[0].contains("passed tests/chat.ws"), "{script}: {said:?}");
    }
}

/// A snippet of YAML.
fn yaml(text: &str) -> Yaml {
    let mut documents =
        YamlLoader::load_from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    documents.pop().unwrap_or_else(|| panic!("nothing in {text}"))
}

#[tokio::test]
async fn the_shell_lines_pass() {
    let [snippet] = &snippets("sh")[..] else { panic!("one snippet") };
    Project::new().await.run(snippet).await;
}

#[tokio::test]
async fn the_lines_of_github_actions_and_gitlab_pass() {
    let [github, gitlab] = &snippets("yaml")[..] else { panic!("two snippets") };
    let project = Project::new().await;
    let steps = yaml(github).into_vec().expect("a list of steps");
    let lines: Vec<_> = steps.iter().map(|step| step["run"].as_str().expect("a line")).collect();
    project.run(&lines.join("\n")).await;
    assert_eq!(
        steps.last().and_then(|step| step["env"]["TOKEN"].as_str()),
        Some("${{ secrets.TOKEN }}")
    );
    let job = &yaml(gitlab)["websocket"];
    let script = job["script"].as_vec().expect("a list of lines");
    let lines: Vec<_> = script.iter().map(|line| line.as_str().expect("a line")).collect();
    project.run(&lines.join("\n")).await;
    let report = job["artifacts"]["reports"]["junit"].as_str().expect("a path");
    let report = fs::read_to_string(project.path().join(report)).expect("it was written");
    assert!(report.contains("<testsuite "), "{report}");
}
