//! The list: filter, search, pins, and the entry that is inspected.

use workbench::{
    engine::{Command, ComposerCommand, LogCommand, Output, Purpose, Report, Timer, Warning},
    log::{Bounds, EntryRef, LogEvent, Query, QueryError, RowContent},
};

use crate::harness::{Bench, ended, find, line, sends, target, text};

#[test]
fn a_filter_covers_old_and_new_entries() {
    let mut bench = Bench::open();
    for word in ["apple", "pear", "pineapple"] {
        bench.receives(word);
    }
    bench.command(find("APPLE"));
    assert_eq!(bench.lines(), ["apple", "pineapple"]);
    bench.receives("apple pie");
    bench.receives("cherry pie");
    let snapshot = bench.shows();
    assert_eq!(snapshot.listed, 0..3);
    let RowContent::Message { line, .. } = &snapshot.rows[1].shows else { panic!("a message") };
    assert_eq!(line.marks.as_slice(), std::slice::from_ref(&(4..9)));
    bench.command(LogCommand::Find(Query::default()));
    assert_eq!(bench.lines().len(), 5);
}

/// Number of slices until a filter has looked at all there is.
fn slices(bench: &mut Bench) -> usize {
    std::iter::from_fn(|| bench.goes_on(Timer::Filter)).count()
}

#[test]
fn a_long_search_goes_on_in_slices_until_it_is_changed() {
    let mut bench = Bench::open();
    bench.receives(&"a".repeat(1 << 16));
    let query = |text: &str| Query { text: text.into(), is_expression: true, ..Query::default() };
    bench.command(LogCommand::Find(query("(a{1,50}){1,50}b")));
    assert!(
        slices(&mut bench) > 5,
        "it would take minutes where expressions are matched by trying"
    );
    assert_eq!(bench.lines(), [""; 0]);
    // Changed while it goes on: the next slice is the new search's.
    bench.command(LogCommand::Find(query("(a{1,50}){1,50}c")));
    bench.command(LogCommand::Find(query("^a+$")));
    assert_eq!(slices(&mut bench), 1);
    assert_eq!(bench.lines().len(), 1);
}

#[test]
fn a_wrong_part_of_a_query_leaves_no_earlier_result_and_the_rest_filters() {
    let mut bench = Bench::open();
    bench.receives("one");
    bench.receives("two");
    bench.receives("{\"n\":1}");
    bench.command(find("one"));
    let wrong = Query { text: "(".into(), is_expression: true, ..Query::default() };
    bench.command(LogCommand::Find(wrong.clone()));
    let shows = bench.shows();
    assert!(matches!(shows.query_error, Some(QueryError::Regex(_))));
    assert_eq!(shows.found, None);
    assert_eq!(bench.lines(), ["one", "two", "{\"n\":1}"]);
    bench.command(LogCommand::Find(Query { field: "n = 1".into(), ..wrong.clone() }));
    assert_eq!(bench.lines(), ["{\"n\":1}"]);
    bench.command(LogCommand::Find(Query { field: "n =".into(), ..wrong }));
    assert!(matches!(bench.shows().query_error, Some(QueryError::Regex(_))));
    assert_eq!(bench.lines().len(), 3);
    bench.command(LogCommand::Find(Query::default()));
    assert_eq!(bench.shows().query_error, None);
}

/// Entries, and their numbers among the matches, at which steps arrive; `true` is a step back.
fn matches_at(bench: &mut Bench, directions: &[bool]) -> Vec<(u64, Option<u64>)> {
    let step = |is_back: &bool| {
        bench.command(LogCommand::FindNext { is_back: *is_back });
        let snapshot = bench.shows();
        let found = snapshot.found.expect("there is a text");
        (snapshot.current.expect("there is a match").0, found.at)
    };
    directions.iter().map(step).collect()
}

#[test]
fn a_search_steps_through_its_matches_in_the_whole_list_and_in_the_filtered_one() {
    for marks_only in [true, false] {
        let mut bench = Bench::open();
        // The first entry is that of the connection.
        for word in ["apple", "pear", "pineapple", "plum", "apple pie"] {
            bench.receives(word);
        }
        let query = Query { text: "apple".into(), marks_only, ..Query::default() };
        bench.command(LogCommand::Find(query));
        let snapshot = bench.shows();
        assert_eq!(snapshot.listed, if marks_only { 0..6 } else { 0..3 });
        assert_eq!(snapshot.found.map(|it| (it.matches, it.at)), Some((3, None)));
        let forwards = [(1, Some(1)), (3, Some(2)), (5, Some(3)), (1, Some(1))];
        assert_eq!(matches_at(&mut bench, &[false; 4]), forwards);
        assert_eq!(matches_at(&mut bench, &[true, true]), [(5, Some(3)), (3, Some(2))]);
        // From a row without a match, on to the next one.
        bench.command(LogCommand::Inspect(Some(EntryRef::Id(4))));
        assert_eq!(bench.shows().found.and_then(|it| it.at), None);
        assert_eq!(matches_at(&mut bench, &[true]), [(3, Some(2))]);
        assert_eq!(bench.shows().inspected.map(|(id, _)| id), Some(3));
        // The row looked at stays current when it is looked at no more.
        bench.command(LogCommand::Inspect(None));
        let row = if marks_only { 3 } else { 1 };
        assert_eq!(bench.shows().current, Some((3, Some(row))));
        // New matches count, cleared ones do not.
        bench.command(LogCommand::Clear);
        bench.receives("pear");
        bench.receives("an apple");
        assert_eq!(matches_at(&mut bench, &[false, false]), [(7, Some(1)), (7, Some(1))]);
    }
}

#[test]
fn a_step_waits_for_the_filter_to_come_to_the_match() {
    let mut bench = Bench::open();
    for number in 0..100_000 {
        bench.receives(&number.to_string());
    }
    let query = Query { text: "99999".into(), marks_only: true, ..Query::default() };
    bench.command(LogCommand::Find(query));
    assert_eq!(matches_at(&mut bench, &[false]), [(100_000, Some(1))]);
    let query = Query { text: "x".into(), marks_only: true, ..Query::default() };
    bench.command(LogCommand::Find(query));
    bench.command(LogCommand::FindNext { is_back: true });
    let snapshot = bench.shows();
    assert_eq!(snapshot.found.map(|it| (it.matches, it.at)), Some((0, None)));
    assert_eq!(snapshot.current.map(|(id, _)| id), Some(100_000), "it stays where it was");
}

#[test]
fn marks_follow_evicted_rows_in_a_flood() {
    let mut bench = Bench::open();
    let bounds = Bounds { entries: 100, ..Bounds::DEFAULT };
    let query = Query { text: "7".into(), marks_only: true, ..Query::default() };
    bench.command(LogCommand::Find(query));
    for number in 0..1_000 {
        bench.receives(&(number % 10).to_string());
    }
    bench.command(LogCommand::Bound(bounds));
    bench.receives("7");
    bench.command(LogCommand::FindNext { is_back: false });
    let snapshot = bench.shows();
    assert_eq!(snapshot.listed, 902..1_002);
    assert_eq!(snapshot.found.map(|it| it.matches), Some(11));
    assert_eq!(snapshot.current.map(|(_, row)| row.is_some()), Some(true));
}

#[test]
fn a_field_filters_json_while_text_is_marked() {
    let mut bench = Bench::open();
    for price in [9, 10, 11, 12] {
        bench.receives(&format!("{{\"price\":{price}}}"));
    }
    let query = |field: &str| Query {
        text: "2".into(),
        marks_only: true,
        field: field.into(),
        ..Query::default()
    };
    bench.command(LogCommand::Find(query("price > 10")));
    let snapshot = bench.shows();
    assert_eq!((snapshot.listed, snapshot.found.map(|it| it.matches)), (0..2, Some(1)));
    bench.command(LogCommand::Find(query("price > high")));
    let snapshot = bench.shows();
    assert!(snapshot.query_error.is_some_and(|error| error.to_string().contains("number")));
    assert_eq!(snapshot.listed, 0..5, "no earlier result stays");
}

#[test]
fn a_long_list_is_filtered_in_slices() {
    let mut bench = Bench::open();
    for number in 0..100_000 {
        bench.receives(&number.to_string());
    }
    bench.command(find("99999"));
    assert!(bench.timer(Timer::Filter).is_some(), "one slice is not enough");
    bench.command(Command::Shown);
    let on_the_way = bench.snapshot.take().expect("news");
    assert!((1..100_000).contains(&on_the_way.unfiltered), "{}", on_the_way.unfiltered);
    assert_eq!(bench.lines(), ["99999"]);
}

#[test]
fn a_pause_loses_nothing() {
    let mut bench = Bench::open();
    bench.receives("before");
    bench.command(LogCommand::Pause(true));
    bench.receives("meanwhile");
    let snapshot = bench.shows();
    assert_eq!(snapshot.since_pause, Some(1));
    assert_eq!(bench.lines(), ["before"]);
    bench.command(LogCommand::Pause(false));
    assert_eq!(bench.lines(), ["before", "meanwhile"]);
}

#[test]
fn clearing_can_be_undone_until_eviction() {
    let mut bench = Bench::open();
    bench.receives("one");
    bench.command(LogCommand::Clear);
    bench.receives("two");
    assert_eq!(bench.lines(), ["two"]);
    let shows = bench.shows();
    assert_eq!((shows.cleared, shows.held), (2, 1), "the opening and a message");
    bench.command(LogCommand::Unclear);
    assert_eq!(bench.lines(), ["one", "two"]);

    bench.command(LogCommand::Clear);
    bench.command(LogCommand::Forget);
    bench.command(LogCommand::Unclear);
    assert_eq!(bench.lines(), [""; 0]);
    let snapshot = bench.shows();
    assert_eq!((snapshot.held, snapshot.evicted), (0, 0), "no limit was reached");
}

#[test]
fn undoing_a_clear_lists_nothing_that_came_since_a_pause() {
    let mut bench = Bench::open();
    bench.receives("0");
    bench.command(LogCommand::Pause(true));
    bench.receives("1");
    bench.command(LogCommand::Clear);
    assert_eq!((bench.lines(), bench.shows().since_pause), (vec![], Some(0)));
    bench.receives("2");
    assert_eq!((bench.lines(), bench.shows().since_pause), (vec![], Some(1)));
    bench.command(LogCommand::Unclear);
    assert_eq!((bench.lines(), bench.shows().since_pause), (vec!["0".into()], Some(2)));
}

#[test]
fn a_pin_outlives_its_entry() {
    let mut bench = Bench::open();
    bench.receives("precious");
    bench.command(LogCommand::Pin(1, true));
    bench.command(LogCommand::Clear);
    bench.command(LogCommand::Forget);
    let pinned = bench.shows().pinned;
    assert_eq!(pinned.iter().filter_map(line).collect::<Vec<_>>(), ["precious"]);
    let report = bench.report(LogCommand::Fetch(1, Purpose::Copy));
    let Some(Report::Fetched(fetched, _)) = report else { panic!("{report:?}") };
    assert_eq!(fetched.as_text(), "precious");
    assert_eq!(bench.command(ComposerCommand::SendAgain(1)), [sends(0, text("precious"))]);
    bench.command(LogCommand::Pin(1, false));
    assert_eq!(bench.shows().pinned, []);
}

#[test]
fn pins_are_bounded() {
    let mut bench = Bench::open();
    for number in 0..101 {
        bench.receives(&number.to_string());
    }
    for id in 1..=100 {
        assert_eq!(bench.report(LogCommand::Pin(id, true)), None);
    }
    assert_eq!(bench.report(LogCommand::Pin(101, true)), Some(Report::Warning(Warning::NotPinned)));
    bench.command(LogCommand::Pin(1, false));
    bench.receives(&"x".repeat((1 << 20) + 1));
    assert_eq!(bench.report(LogCommand::Pin(102, true)), Some(Report::Warning(Warning::NotPinned)));
    assert_eq!(bench.report(LogCommand::Pin(101, true)), None);
}

#[test]
fn a_large_message_is_inspected_in_part_and_copied_whole() {
    let mut bench = Bench::open();
    // Three bytes a character: no bound falls between two.
    bench.receives(&"가".repeat(1 << 20));
    let report = bench.report(LogCommand::Inspect(Some(EntryRef::Row(1))));
    let Some(Report::Fetched(part, _)) = report else { panic!("{report:?}") };
    assert_eq!((part.size, part.is_whole()), (3 << 20, false));
    assert!(part.part.len() <= 256 << 10, "{}", part.part.len());
    assert!(String::from_utf8(part.part).is_ok(), "it is cut at a character");
    let report = bench.report(LogCommand::Fetch(1, Purpose::Copy));
    let Some(Report::Fetched(whole, _)) = report else { panic!("{report:?}") };
    assert!(whole.is_whole());
    let row = bench.shows().rows.pop().expect("a row");
    let RowContent::Message { line, .. } = row.shows else { panic!("a message") };
    assert!(line.is_cut && line.text.len() < 1_000, "{}", line.text.len());
}

#[test]
fn the_inspected_entry_keeps_its_row_in_sight() {
    let mut bench = Bench::open();
    for word in ["a", "b", "ab"] {
        bench.receives(word);
    }
    bench.command(LogCommand::Inspect(Some(EntryRef::Row(3))));
    assert_eq!(bench.shows().inspected, Some((3, Some(3))));
    bench.command(find("b"));
    assert_eq!(bench.shows().inspected, Some((3, Some(1))), "the second that has a b");
    bench.command(LogCommand::Find(Query {
        text: "a".into(),
        matches_case: true,
        ..Query::default()
    }));
    bench.command(LogCommand::Inspect(Some(EntryRef::Id(2))));
    assert_eq!(bench.shows().inspected, Some((2, None)), "it has no a");
    bench.command(LogCommand::Inspect(None));
    assert_eq!(bench.shows().inspected, None);
}

#[test]
fn a_row_past_the_end_is_the_last() {
    let mut bench = Bench::open();
    bench.receives("only");
    bench.command(LogCommand::Inspect(Some(EntryRef::Row(u64::MAX))));
    assert_eq!(bench.shows().inspected, Some((1, Some(1))));
}

#[test]
fn breaks_and_control_characters_stay_in_the_line() {
    let mut bench = Bench::open();
    bench.receives("one\r\ntwo\tthree\u{1b}[31m");
    assert_eq!(bench.lines(), ["one↵two␉three␛[31m"]);
}

#[test]
fn an_inspected_event_is_reported_with_its_details() {
    let mut bench = Bench::open();
    let report = bench.report(LogCommand::Inspect(Some(EntryRef::Row(0))));
    let Some(Report::Event(row, Purpose::Inspect)) = report else { panic!("an event: {report:?}") };
    let RowContent::Event(LogEvent::Opened(opened)) = &row.shows else { panic!("it opened") };
    assert_eq!(opened.address, target().url);
    // Also of a row that the view has not: it copies the sentence.
    let report = bench.report(LogCommand::Fetch(row.id, Purpose::Copy));
    assert_eq!(report, Some(Report::Event(row, Purpose::Copy)));
}

#[test]
fn the_view_is_told_that_nothing_is_left() {
    fn is_empty(bench: &mut Bench) -> bool {
        bench.command(LogCommand::Clear);
        bench.command(LogCommand::Forget).contains(&Output::Report(Report::Emptied))
    }
    let mut bench = Bench::open();
    bench.receives("a");
    bench.command(LogCommand::Pin(1, true));
    assert!(!is_empty(&mut bench), "it is connected");
    bench.socket(ended(0));
    assert!(!is_empty(&mut bench), "a message is pinned");
    bench.command(LogCommand::Pin(1, false));
    assert!(is_empty(&mut bench));
}
