//! The list across visits.

use workbench::{
    engine::{Command, Input, LogCommand, Output, StoreInput, StoreOutput, Timer},
    log::{Imported, LogEvent, Origin},
};

use crate::harness::Bench;

#[test]
fn persisted_entries_are_restored_with_one_divider() {
    let mut bench = Bench::open();
    bench.receives("before");
    let mut store = bench.persists().expect("something is new").write;
    for _ in 0..2 {
        let mut next = Bench::restored(&store);
        let restored = LogEvent::Imported(Imported { entries: 2, from: Origin::LastVisit });
        assert_eq!(next.events()[1..], [restored]);
        assert_eq!(next.lines(), ["before"]);
        assert_eq!(next.shows().received.messages, 0, "it was counted when it came");
        let change = next.persists();
        store = change.map_or(store, |change| change.write);
    }
}

#[test]
fn a_page_that_may_end_persists_without_the_timer() {
    let mut bench = Bench::open();
    bench.receives("late");
    let is_change = |outputs: &[Output]| matches!(outputs, [Output::Store(StoreOutput::Change(_))]);
    assert!(is_change(&bench.command(Command::Persist)));
    // What comes during a write follows it.
    bench.receives("later");
    assert_eq!(bench.command(Command::Persist), []);
    assert!(is_change(&bench.update(Input::Store(StoreInput::Written))));
    bench.update(Input::Store(StoreInput::Written));
    assert_eq!(bench.fires(Timer::Persist), [], "all is stored already");
}

#[test]
fn writes_without_the_timer_set_no_second_one() {
    let mut bench = Bench::open();
    for round in 0..10 {
        bench.receives("more");
        bench.command(Command::Persist);
        // During the write.
        bench.receives("and more");
        bench.command(Command::Persist);
        bench.update(Input::Store(StoreInput::Written));
        bench.update(Input::Store(StoreInput::Written));
        bench.receives("later");
        let set = bench.timers.iter().filter(|(timer, _)| *timer == Timer::Persist).count();
        assert_eq!(set, 1, "round {round}");
        if round % 3 == 0 {
            bench.goes_on(Timer::Persist);
            bench.update(Input::Store(StoreInput::Written));
        }
    }
}

#[test]
fn a_timer_that_fires_during_a_write_asks_for_none() {
    let mut bench = Bench::open();
    bench.receives("one");
    bench.command(Command::Persist);
    bench.receives("two");
    assert_eq!(bench.goes_on(Timer::Persist), Some(Vec::new()));
    assert_eq!(bench.update(Input::Store(StoreInput::Written)), []);
    assert!(bench.persists().is_some_and(|change| !change.write.is_empty()));
}

#[test]
fn clearing_unpersists_until_undone() {
    let mut bench = Bench::open();
    bench.receives("one");
    let before = bench.persists().expect("something is new").write;
    bench.command(LogCommand::Clear);
    let change = bench.persists().expect("it is to go");
    assert!(change.write.is_empty() && change.remove.contains(&before[0].0));
    bench.command(LogCommand::Unclear);
    let again = bench.persists().expect("it is wanted again").write;
    assert_eq!(again[0].1, before[0].1);
}
