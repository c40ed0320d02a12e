//! Exports and imports.

use workbench::{
    engine::{FileCommand, Input, LogCommand, Output, Report, Timer},
    exchange::{Format, ImportError},
    log::{LogEvent, Origin},
};

use crate::harness::{Bench, HOME, export, find};

/// A connection that received as many messages.
fn with_messages(count: usize) -> Bench {
    let mut bench = Bench::open();
    for number in 0..count {
        bench.receives(&format!("message {number}"));
    }
    bench
}

#[test]
fn sliced_exports_import_in_slices() {
    for format in [Format::JsonLines, Format::Har] {
        let file = with_messages(5_000).exports(format);
        let mut bench = Bench::new();
        let imported = bench.imports(&file);
        assert_eq!(imported.error, None);
        assert!(imported.entries >= 5_000, "{}", imported.entries);
        assert_eq!(bench.shows().received.messages, 0, "nothing passed here");
        let Some(LogEvent::Imported(divider)) = bench.events().pop() else {
            panic!("it says where it is from")
        };
        assert_eq!(divider.from, Origin::File("list".into()));
        bench.command(find("message"));
        assert_eq!(bench.shows().listed, 0..5_000);
    }
}

#[test]
fn only_listed_entries_are_exported() {
    let mut bench = with_messages(12);
    bench.command(find("1"));
    assert_eq!(bench.lines().len(), 3);
    assert_eq!(bench.exports(Format::TextLog).lines().count(), 3);
    bench.command(LogCommand::Clear);
    assert_eq!(bench.exports(Format::TextLog), "");
}

#[test]
fn an_export_waits_for_a_running_filter() {
    let mut bench = with_messages(40_000);
    bench.command(find("message"));
    assert!(bench.timer(Timer::Filter).is_some(), "it has more to do");
    let mut outputs = bench.command(export(Format::TextLog, false));
    assert_eq!(outputs, []);
    while outputs.is_empty() {
        outputs = bench.goes_on(Timer::Filter).expect("it goes on");
    }
    assert_eq!(bench.file(outputs, Format::TextLog).lines().count(), 40_000);
}

#[test]
fn an_export_in_place_of_another_starts_a_file() {
    let mut bench = with_messages(5_000);
    let mut outputs = bench.command(export(Format::JsonLines, false));
    assert!(bench.timer(Timer::Export).is_some(), "it has more to do");
    outputs.extend(bench.command(export(Format::Har, false)));
    let file = bench.file(outputs, Format::Har);
    let report = Bench::new().imports(&file);
    assert_eq!((report.unreadable.count, report.entries > 5_000), (0, true));
}

#[test]
fn an_export_excludes_later_entries() {
    let mut bench = with_messages(5_000);
    let begun = bench.command(export(Format::TextLog, false));
    assert!(bench.timer(Timer::Export).is_some(), "it has more to do");
    bench.receives("late");
    let file = bench.file(begun, Format::TextLog);
    assert!(file.contains("message 4999") && !file.contains("late"));
}

#[test]
fn an_export_has_the_rows_of_its_beginning() {
    for change in [find("1"), LogCommand::Clear] {
        let mut bench = with_messages(5_000);
        let begun = bench.command(export(Format::TextLog, false));
        assert!(bench.timer(Timer::Export).is_some(), "it has more to do");
        bench.command(change.clone());
        let file = bench.file(begun, Format::TextLog);
        assert!(file.contains("message 4998"), "{change:?}");
        assert_eq!(file.lines().count(), 5_001, "{change:?}");
    }
}

#[test]
fn an_invalid_file_is_explained() {
    let report = Bench::new().imports("<html>");
    assert_eq!((report.entries, report.error), (0, Some(ImportError::Format)));
}

#[test]
fn a_scenario_file_is_known_by_its_name() {
    let mut bench = Bench::new();
    let import = FileCommand::Import("chat.ws".into());
    let reports = bench.update(Input::File(import, Some("send hi\n".into())));
    let error = Some(ImportError::Scenario("chat.ws".into()));
    let is_it =
        |it: &Output| matches!(it, Output::Report(Report::Imported(it)) if it.error == error);
    assert!(reports.iter().any(is_it), "{reports:?}");
}

#[test]
fn a_file_that_was_removed_is_not_taken_for_an_empty_one() {
    let report = Bench::new().imports_content(None);
    assert_eq!((report.name.as_str(), report.error), ("list", Some(ImportError::Unread)));
    let report = Bench::new().imports_content(Some(Vec::new()));
    assert_eq!(report.error, Some(ImportError::Empty));
}

#[test]
fn an_import_pauses_among_lines_that_are_passed_over() {
    let line = r#"{"time":"2026-01-02T03:04:05.678Z","direction":"in","kind":"text","text":"a"}"#;
    let ping = r#"{"time":"2026-01-02T03:04:05.678Z","direction":"in","kind":"ping"}"#;
    for passed_over in [ping, " "] {
        let lines = format!("{passed_over}\n").repeat((4 << 20) / (passed_over.len() + 1));
        let mut bench = Bench::new();
        let start = bench.now;
        let report = bench.imports(&format!("{line}\n{lines}{line}"));
        let slices = bench.now.since(start).as_millis();
        assert!(slices > 3, "{slices}");
        assert_eq!(report.entries, 2);
    }
}

#[test]
fn an_import_goes_on_after_entries_that_cannot_be_read() {
    let lines = with_messages(3).exports(Format::JsonLines);
    let report =
        Bench::new().imports(&format!("{{\"time\":1}}\n{lines}{}{lines}", "x\n".repeat(5_000)));
    assert_eq!((report.entries, report.error), (8, None));
    assert_eq!(report.unreadable.count, 5_001);
    let lines = report.unreadable.first.iter().map(|error| match error {
        ImportError::Line { line, .. } => *line,
        error => panic!("{error}"),
    });
    assert_eq!(lines.collect::<Vec<_>>(), [1, 6, 7]);
}

#[test]
fn an_export_names_the_address_of_each_connection_or_the_given_target() {
    let mut bench = Bench::open();
    bench.receives("before");
    let store = bench.persists().expect("something is new").write;
    assert!(bench.exports(Format::Har).contains("\"ws://localhost:8080/ws\""));
    let written = Bench::restored(&store).exports(Format::Har);
    assert!(written.contains("\"ws://localhost:8080/ws\"") && written.contains("\"before\""));

    let line = r#"{"time":"2026-01-02T03:04:05Z","direction":"in","kind":"text","text":"before"}"#;
    let mut unknown = Bench::new();
    unknown.imports(line);
    let har = unknown.exports(Format::Har);
    let mut third = Bench::new();
    let imported = third.imports(&har);
    assert_eq!((imported.entries, imported.error), (2, None));
    assert_eq!(imported.target.map(|target| target.url).as_deref(), Some("ws://typed"));
    assert_eq!(third.lines(), ["before"]);
}

#[test]
fn an_imported_list_has_the_address_of_its_connection() {
    for format in [Format::JsonLines, Format::Har] {
        let file = with_messages(1).exports(format);
        let imported = Bench::new().imports(&file);
        assert_eq!(imported.target.map(|it| it.url).as_deref(), Some(HOME), "{format:?}");
    }
}

#[test]
fn a_workspace_file_is_no_list() {
    let file = "{ \"format\": \"wsbench-workspace\", \"version\": 1 }";
    let imported = Bench::new().imports(file);
    assert_eq!((imported.error, imported.unreadable.count), (Some(ImportError::Workspace), 0));
}
