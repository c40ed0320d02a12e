//! `--help`, `--version`, completions and man pages of every command, and the commands of the READMEs.

use std::collections::BTreeSet;

use harness::{Server, binary, is_release};
use tokio::process::Command;

use crate::output;

/// Standard output of a successful run.
async fn printed(arguments: &[&str]) -> String {
    let (status, text, said) = output(arguments).await;
    assert_eq!(status, Some(0), "{arguments:?}: {said}");
    text
}

/// Flags listed by the `--help` of a command; empty name for wsbench itself.
async fn flags(command: &str) -> BTreeSet<String> {
    let arguments = [command, "--help"];
    let help = printed(arguments.strip_prefix(&[""]).unwrap_or(&arguments)).await;
    let lines = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let flags = lines.filter_map(|line| line.split_whitespace().find(|it| it.starts_with("--")));
    // A line of text may begin with one, too; a bracket begins a value that may be left out.
    let flags = flags.filter_map(|flag| flag.split([',', ';', '.', '[']).next()).map(str::to_owned);
    let flags = flags.collect::<BTreeSet<_>>();
    let least = if ["convert", "fmt"].contains(&command) { 2 } else { 10 };
    assert!(flags.contains("--help") && flags.len() >= least, "{flags:?}");
    flags
}

/// Words of `text` that could be flags.
fn words(text: &str) -> BTreeSet<String> {
    let ends = |character: char| !character.is_ascii_alphanumeric() && character != '-';
    text.split(ends).filter(|word| word.starts_with("--")).map(str::to_owned).collect()
}

fn missing(flags: &BTreeSet<String>, text: &str) -> Vec<String> {
    flags.difference(&words(text)).cloned().collect()
}

#[tokio::test]
async fn help_is_short_or_full_with_examples_in_both() {
    let (status, short, _) = output(&["-h"]).await;
    let (_, full, _) = output(&["--help"]).await;
    assert_eq!(status, Some(0));
    assert!(short.lines().count() < 60 && full.lines().count() > 100);
    assert!(!full.contains('`') && !printed(&["man"]).await.contains('`'), "{full}");
    for help in [&short, &full] {
        assert!(help.contains("Examples:\n  wsbench ws://localhost:8080"), "{help}");
        assert!(help.contains("\n  server ") && help.contains("\n  bench "), "{help}");
    }
    assert!(full.contains("3    expectation not met"), "{full}");
    let (_, bench, _) = output(&["bench", "-h"]).await;
    assert!(bench.contains("--in-flight") && bench.contains("Examples:"), "{bench}");
    let (_, server, _) = output(&["server", "-h"]).await;
    assert!(server.contains("Usage: wsbench server [OPTIONS]"), "{server}");
}

#[tokio::test]
async fn without_arguments_the_short_help_is_an_error() {
    let (_, short, _) = output(&["-h"]).await;
    assert_eq!(output(&[]).await, (Some(2), String::new(), short));
}

#[tokio::test]
async fn the_version_names_the_release_and_the_commit() {
    let release = printed(&["-V"]).await;
    assert!(is_release(release.trim(), "wsbench"), "{release}");
    let long = printed(&["--version"]).await;
    assert!(long.starts_with(&format!("{}\ntarget: ", release.trim())), "{long}");
    let of_server = printed(&["server", "-V"]).await;
    assert_eq!(of_server, release.replace("wsbench", "wsbench-server"));
}

#[tokio::test]
async fn completions_know_every_flag_of_every_command() {
    let mut all = BTreeSet::new();
    for command in ["", "server", "bench", "listen"] {
        all.extend(flags(command).await);
    }
    assert!(all.contains("--show-control") && all.contains("--max-connections"), "{all:?}");
    for shell in ["bash", "zsh", "elvish", "powershell"] {
        assert_eq!(missing(&all, &printed(&["completions", shell]).await), [""; 0], "{shell}");
    }
    // fish lists them without their dashes.
    let fish = printed(&["completions", "fish"]).await;
    for flag in &all {
        assert!(fish.contains(&format!(" -l {}", flag.trim_start_matches('-'))), "{flag}");
    }
    let (status, _, said) = output(&["completions", "cmd"]).await;
    assert_eq!(status, Some(2));
    assert!(said.contains("possible values: bash"), "{said}");
}

#[tokio::test]
async fn every_command_has_a_man_page_with_its_flags_and_the_other_pages() {
    let commands = ["", "bench", "convert", "fmt", "listen", "mock", "record", "run", "server"];
    let page_of = |command| match command {
        "" => "wsbench".to_owned(),
        command => format!("wsbench-{command}"),
    };
    for command in commands {
        let page = page_of(command);
        let others = commands.into_iter().filter(|other| *other != command).map(page_of);
        let arguments = ["man", command];
        let man = printed(arguments.strip_suffix(&[""]).unwrap_or(&arguments)).await;
        assert!(man.contains(&format!(".TH {page} 1")), "{man}");
        let plain = man.replace(r"\fB", " ").replace(r"\fR", " ").replace('\\', "");
        assert_eq!(missing(&flags(command).await, &plain), [""; 0], "{page}");
        assert!(!man.contains("EXTRA"), "{man}");
        assert!(
            man.contains(".SH \"EXAMPLES\"\n.nf\n\\&wsbench") == (command != "server"),
            "{man}"
        );
        let see_also = plain.split(".SH \"SEE ALSO\"").nth(1).expect("it is the last section");
        let pages: Vec<_> = see_also.split(',').map(|it| it.trim().replace(" (1)", "")).collect();
        assert_eq!(pages, others.collect::<Vec<_>>(), "{page}");
    }
    let man = printed(&["man"]).await;
    let described = "\\fB\\-\\-resolve\\fR \\fI<HOST:PORT:ADDRESS>\\fR\nConnect to ADDRESS";
    assert!(man.contains(described), "also what -h hides: {man}");
    assert!(man.contains(".SH \"EXIT STATUS\"\n.nf\n\\&0    success: "), "{man}");
    let (status, _, said) = output(&["man", "nonsense"]).await;
    assert_eq!(status, Some(2));
    assert!(said.contains("'nonsense' is not a command"), "{said}");
}

/// As they stand there, in a folder with the file that they read, but for the server's port.
#[tokio::test]
async fn the_commands_of_the_readmes_do_what_they_say() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("exported.jsonl"), "{\"text\":\"hi\"}\n").unwrap();
    for readme in [include_str!("../../README.md"), include_str!("../../README.ko.md")] {
        let is_command = |line: &&str| line.starts_with("wsbench ") || line.contains("| wsbench ");
        let commands = readme.lines().filter(is_command).filter(|it| it.contains("localhost:8080"));
        let mut count = 0;
        for line in commands {
            let line = line.replace("localhost:8080", server.authority());
            let line = line.replace("wsbench bench", "wsbench bench -d 200ms");
            let mut shell = Command::new("sh");
            shell
                .current_dir(&folder)
                .env_clear()
                .env("PATH", "/usr/bin:/bin")
                .arg("-c")
                .arg(format!("wsbench() {{ \"$0\" \"$@\"; }}\n{line}"));
            let (status, _, said) = harness::output(shell.arg(binary("cli", "wsbench"))).await;
            // A busy machine may miss a bar.
            let allowed: &[i32] = if line.contains("--fail-if") { &[0, 3] } else { &[0] };
            assert!(status.is_some_and(|it| allowed.contains(&it)), "{line}: {status:?} {said}");
            std::fs::remove_file(folder.path().join("chat.ws")).ok();
            count += 1;
        }
        assert!(count > 4, "{count} commands");
    }
}
