//! Cost of a received message in the engine, and the share of it that measuring takes.

use std::{hint::black_box, time::Duration};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use session::{Attempt, Message, Negotiated, Time};
use workbench::{
    connect::Target,
    encode,
    engine::{
        Command, ComposerCommand, ConnectionCommand, Engine, Input, LogCommand, Output, Report,
        Snapshot, SocketInput,
    },
    log::RowRequest,
    metrics::Measure,
};

/// Messages in a batch.
const BATCH: u64 = 10_000;

/// Between two messages: 150,000 a second, more than a browser receives.
const PAUSE: Duration = Duration::from_nanos(6_667);

fn moment(number: u64) -> Time {
    let passed = PAUSE * u32::try_from(number).unwrap_or(u32::MAX);
    Time(1_700_000_000_000_000).after(passed)
}

fn filled(start: &str) -> Message {
    Message::Text(format!("{start:x<64}"))
}

/// Makes the message of a number.
type Make = fn(u64) -> Message;

/// Kinds of message of 64 bytes, and one of JSON that has more than is looked at.
fn kinds() -> [(&'static str, Make); 5] {
    [
        ("text", |_| filled("tick ")),
        ("numbered text", |number| filled(&format!("{number} "))),
        ("JSON of 300 B", |number| {
            let price = number % 977;
            let values = format!(r#"{{"type":"ticker","price":{price}.25,"size":[1,2,{price}]"#);
            Message::Text(format!(r#"{values},"text":"{}"}}"#, "x".repeat(300 - 12 - values.len())))
        }),
        ("numbered JSON", |number| filled(&format!(r#"{{"seq":{number},"fill":"#))),
        ("binary", |_| Message::Binary(b"not a number".repeat(6))),
    ]
}

fn open() -> Engine {
    let mut engine = Engine::new(7);
    let target = Target { url: "ws://localhost:8080/ws".into(), ..Target::default() };
    let connect = Input::Command(ConnectionCommand::Connect(target.into()).into());
    engine.update(connect, moment(0)).for_each(drop);
    let opened = Input::Socket(SocketInput::Opened(Attempt(0), Negotiated::default()));
    engine.update(opened, moment(0)).for_each(drop);
    engine
}

fn received(criterion: &mut Criterion) {
    for (name, message) in kinds() {
        let messages: Vec<_> = (0..BATCH).map(message).collect();
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(BATCH));
        group.bench_function("all the engine does", |bencher| {
            bencher.iter_batched(
                || (open(), messages.clone()),
                |(mut engine, messages)| {
                    for (number, message) in (0..).zip(messages) {
                        let received = SocketInput::Received(Attempt(0), message);
                        let outputs = engine.update(Input::Socket(received), moment(number));
                        outputs.for_each(drop);
                    }
                    engine
                },
                BatchSize::LargeInput,
            );
        });
        group.bench_function("measuring", |bencher| {
            let mut measure = Measure::default();
            bencher.iter(|| {
                for (number, message) in (0..).zip(&messages) {
                    black_box(measure.received(black_box(message), moment(number)));
                }
            });
        });
    }
}

/// An engine after a minute of all there is to measure.
fn busy() -> Engine {
    let mut engine = open();
    for number in 0..600_000 {
        let now = Time(1_700_000_000_000_000 + number * 100);
        let message = Message::Text(number.to_string());
        let send = Input::Command(ComposerCommand::Send(message.clone()).into());
        engine.update(Input::Socket(SocketInput::Buffered(Some(0))), now).for_each(drop);
        engine.update(send, now).for_each(drop);
        if number % 10 != 3 {
            let later = now.after(Duration::from_micros(number % 5_000));
            let received = SocketInput::Received(Attempt(0), message);
            engine.update(Input::Socket(received), later).for_each(drop);
        }
    }
    engine
}

/// The snapshot of 30 rows that follows one that is on screen.
fn shown(engine: &mut Engine) -> Option<Box<Snapshot>> {
    engine.update(Command::Shown.into(), moment(0)).for_each(drop);
    let request = LogCommand::RequestRows(RowRequest::Newest(30));
    engine.update(Input::Command(request.into()), moment(0)).find_map(|output| match output {
        Output::Report(Report::Snapshot(snapshot)) => Some(snapshot),
        _ => None,
    })
}

fn snapshot(criterion: &mut Criterion) {
    let mut engine = busy();
    let Some(snapshot) = shown(&mut engine) else { return };
    let bytes = encode(&snapshot).len();
    let measured = encode(&(snapshot.round_trips, &snapshot.minute, &snapshot.numbered)).len();
    println!("a snapshot of 30 rows: {bytes} B, {measured} B of them measured");
    criterion.bench_function("a snapshot of 30 rows, written", |bencher| {
        bencher.iter(|| encode(&shown(&mut engine)));
    });
    let mut measure = Measure::default();
    for number in 0..600_000 {
        let now = Time(1_700_000_000_000_000 + number * 100);
        let message = Message::Text(number.to_string());
        measure.sent(&message, now);
        measure.received(&message, now.after(Duration::from_micros(number % 5_000)));
    }
    criterion.bench_function("what of it is measured, written", |bencher| {
        bencher.iter(|| encode(&(measure.round_trips(), measure.minute(), measure.numbered())));
    });
}

criterion_group!(benches, received, snapshot);
criterion_main!(benches);
