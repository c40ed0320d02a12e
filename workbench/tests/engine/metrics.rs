//! Round trips, the last minute and numbered streams.

use std::time::Duration;

use session::{Attempt, Time};
use workbench::{
    engine::{ComposerCommand, LogCommand, Snapshot, SocketInput, Timer},
    metrics::NumberForm,
};

use crate::harness::{Bench, ended, lost, target, text};

/// Counters of the numbered stream in the snapshot: next, missing, late, repeats.
fn figures(snapshot: &Snapshot) -> Option<(u64, u64, u64, u64)> {
    snapshot.numbered.as_ref().map(|it| (it.next, it.missing, it.late, it.repeats))
}

#[test]
fn round_trips_are_kept_over_connections_as_the_counts_are() {
    let mut bench = Bench::open();
    let echo = |bench: &mut Bench, attempt| {
        bench.command(ComposerCommand::Send(text("hi")));
        bench.socket(SocketInput::Received(attempt, text("hi")));
        bench.shows().round_trips.map(|it| it.count)
    };
    assert_eq!(bench.shows().round_trips, None);
    assert_eq!(echo(&mut bench, Attempt(0)), Some(1));
    bench.socket(lost(0));
    bench.fires(Timer::Retry(Attempt(1)));
    bench.opened(1);
    assert_eq!(echo(&mut bench, Attempt(1)), Some(2));
    bench.command(LogCommand::Clear);
    let round_trips = bench.shows().round_trips.expect("clearing a list clears no figure");
    assert_eq!((round_trips.count, round_trips.longest), (2, Duration::from_millis(1)));
    assert_eq!(round_trips.p99, round_trips.longest);

    bench.disconnect();
    bench.socket(ended(1));
    bench.connect(target());
    bench.opened(2);
    assert_eq!(bench.shows().round_trips.map(|it| it.count), Some(2));
    assert_eq!(echo(&mut bench, Attempt(2)), Some(3));
}

#[test]
fn the_last_minute_has_traffic_per_second() {
    let mut bench = Bench::open();
    bench.now = Time(100_000_000);
    bench.command(ComposerCommand::Send(text("hi")));
    bench.receives("Echo: hi");
    let second = bench.shows().minute.second(100);
    assert_eq!((second.sent.messages, second.sent.bytes), (1, 2));
    assert_eq!((second.received.messages, second.received.bytes), (1, 8));
    assert_eq!((second.round_trips, second.mean()), (1, Some(Duration::from_millis(1))));
}

#[test]
fn gaps_in_a_numbered_stream_are_detected() {
    let mut bench = Bench::open();
    for number in [0, 1, 2, 3, 4, 8, 6, 9, 9] {
        bench.receives(&format!(r#"{{"fill":"abc","seq":{number}}}"#));
        bench.receives("something else");
    }
    let snapshot = bench.shows();
    assert_eq!(figures(&snapshot), Some((10, 2, 1, 1)));
    let numbered = snapshot.numbered.expect("a stream");
    assert_eq!((numbered.form, numbered.gaps), (NumberForm::Json, vec![5..6, 7..8]));
}

#[test]
fn a_new_connection_restarts_numbering() {
    let mut bench = Bench::open();
    for number in 0..9 {
        bench.receives(&number.to_string());
    }
    assert_eq!(figures(&bench.shows()), Some((9, 0, 0, 0)));
    bench.socket(lost(0));
    assert_eq!(figures(&bench.shows()), Some((9, 0, 0, 0)), "it is what there was");
    bench.fires(Timer::Retry(Attempt(1)));
    bench.opened(1);
    assert_eq!(figures(&bench.shows()), None);
}
