//! `--help`, completions and the manual page.

use crate::output;

#[tokio::test]
async fn help_is_short_or_full_with_examples_in_both() {
    let (status, short, _) = output(&["-h"]).await;
    let (_, full, _) = output(&["--help"]).await;
    assert_eq!(status, Some(0));
    assert!(short.lines().count() < 60 && full.lines().count() > 100);
    for help in [&short, &full] {
        assert!(help.contains("Examples:\n  wsbench ws://localhost:8080"), "{help}");
    }
    assert!(full.contains("3    expectation not met"), "{full}");
    let (_, bench, _) = output(&["bench", "-h"]).await;
    assert!(bench.contains("--in-flight") && bench.contains("Examples:"), "{bench}");
}

#[tokio::test]
async fn completions_know_the_flags() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (status, script, _) = output(&["completions", shell]).await;
        assert_eq!(status, Some(0));
        assert!(script.contains("show-control") && script.contains("bench"), "{shell}");
    }
}

#[tokio::test]
async fn the_manual_has_a_page_for_each_command() {
    let (status, page, _) = output(&["man"]).await;
    assert_eq!(status, Some(0));
    assert!(page.contains(".TH wsbench 1") && page.contains("show\\-control"), "{page}");
    let (_, page, _) = output(&["man", "bench"]).await;
    assert!(page.contains(".TH wsbench-bench 1") && page.contains("in\\-flight"), "{page}");
    let (status, _, said) = output(&["man", "nonsense"]).await;
    assert_eq!(status, Some(2));
    assert!(said.contains("'nonsense' is not a command"), "{said}");
}
