//! Connections through the page's server, against a server of the same protocol.

use std::time::Duration;

use relay::{
    Certificate, Command, Direction, Event, Failure, FailureCause, Fragments, Frame, Kind, Open,
    Opened, Ready, Response, Stage, Tls,
};
use session::{Attempt, Close, CloseCode, EndReason, Message, Negotiated, State, Time};
use workbench::{
    compose::{Draft, Form, Framing, Repetition},
    connect::{Address, Answer, Cause, FilledTarget, Page, Target},
    engine::{
        ComposerCommand, ConnectionCommand, Engine, ExchangeCommand, Input, LogCommand, NotSent,
        Output, Purpose, Report, Snapshot, SocketInput, SocketOutput, StoreInput, StoreOutput,
        Timer,
    },
    exchange::{Format, Import},
    log::{
        EntryRef, Item, KEPT_ENTRIES, LogEvent, Query, Row,
        RowContent::{self, Event as EventRow},
        RowRequest,
    },
    relay::{ControlKind, Network, Opening, RelayOptions},
};

const TOKEN: &str = "000102030405060708090a0b0c0d0e0f";
const FIRST: Attempt = Attempt(0);

/// An engine whose page came from `localhost:8080`, and what it shows.
struct Bench {
    engine: Engine,
    now: Time,
    snapshot: Snapshot,
}

impl Bench {
    fn new() -> Self {
        let page = Page::from_endpoint(Some("ws://localhost:8080/ws"));
        let engine = Engine::of_page(7, page);
        let mut bench = Self { engine, now: Time(0), snapshot: Snapshot::default() };
        bench.update(Input::Store(StoreInput::Absent));
        bench.update(Input::Log(LogCommand::RequestRows(RowRequest::Newest(100))));
        bench
    }

    /// Calls of the socket that an input leads to.
    fn update(&mut self, input: Input) -> Vec<SocketOutput> {
        let mut calls = Vec::new();
        for input in [input, Input::Shown] {
            self.now = self.now.after(Duration::from_millis(1));
            for output in self.engine.update(input, self.now) {
                match output {
                    Output::Report(Report::Snapshot(snapshot)) => self.snapshot = *snapshot,
                    Output::Socket(call) => calls.push(call),
                    _ => {}
                }
            }
        }
        calls
    }

    fn connect(&mut self, mut options: RelayOptions) -> Vec<SocketOutput> {
        let url = "wss://example.org/feed".to_owned();
        options.bind(&Address::parse(&url, false).expect("it is one"), &url);
        let target = Target { url, relay: Some(Box::new(options)), ..Target::default() };
        self.update(Input::Connection(ConnectionCommand::Connect(target.into())))
    }

    fn answer(&mut self, status: u16, text: &str) -> Vec<SocketOutput> {
        let answer = Answer { status, text: text.into(), ..Answer::default() };
        self.update(Input::Socket(SocketInput::Answered(FIRST, Some(answer))))
    }

    /// Connected to the relay; returns what it is asked to open.
    fn greeted(&mut self, options: RelayOptions) -> Open {
        let asked = SocketOutput::Ask(FIRST, "http://localhost:8080/relay/token".into());
        assert_eq!(self.connect(options), [asked]);
        let relay = Target { url: "ws://localhost:8080/relay".into(), ..Target::default() };
        assert_eq!(self.answer(200, TOKEN), [SocketOutput::Open(FIRST, relay)]);
        let opened = SocketInput::Opened(FIRST, Negotiated::default());
        let calls = self.update(Input::Socket(opened));
        let [SocketOutput::Send(FIRST, Message::Binary(bytes))] = &calls[..] else {
            panic!("{calls:?}")
        };
        let commands: Vec<_> = Command::decode_all(bytes).map(Result::unwrap).collect();
        let [Command::Hello { version: relay::VERSION, token }, Command::Open(open)] =
            &commands[..]
        else {
            panic!("{commands:?}")
        };
        assert_eq!(token, &std::array::from_fn(|index| u8::try_from(index).unwrap()));
        open.as_ref().clone()
    }

    /// Sends events in one message of the relay.
    fn relays(&mut self, events: &[Event<'_>]) -> Vec<SocketOutput> {
        let mut bytes = Vec::new();
        for event in events {
            event.encode(&mut bytes);
        }
        self.update(Input::Socket(SocketInput::Received(FIRST, Message::Binary(bytes))))
    }

    /// Connected to the target.
    fn open() -> Self {
        let mut bench = Self::new();
        bench.greeted(RelayOptions::default());
        bench.relays(&[ready(1 << 20), opened()]);
        assert_eq!(bench.snapshot.state, State::Open(FIRST));
        bench
    }

    /// Opcodes of the frames of an entry.
    fn frames(&mut self, id: u64) -> Vec<u8> {
        let fetch = Input::Log(LogCommand::Fetch(id, Purpose::Inspect));
        let mut outputs = self.engine.update(fetch, self.now);
        let fetched = outputs.find_map(|output| match output {
            Output::Report(Report::Fetched(fetched, _)) => Some(fetched.frames),
            _ => None,
        });
        fetched.unwrap_or_default().iter().map(|frame| frame.opcode).collect()
    }

    /// Opening of a row, as it is inspected.
    fn opening(&mut self, row: usize) -> Opening {
        let inspect = LogCommand::Inspect(Some(EntryRef::Id(self.snapshot.rows[row].id)));
        let mut outputs = self.engine.update(Input::Log(inspect), self.now);
        let row = outputs.find_map(|output| match output {
            Output::Report(Report::Event(row, _)) => Some(row.shows),
            _ => None,
        });
        let Some(EventRow(LogEvent::Handshake(opening))) = row else { panic!("{row:?}") };
        *opening
    }

    fn exports(&mut self, format: Format) -> String {
        let export = Input::Exchange(exporting(format, false));
        let outputs = self.engine.update(export, self.now);
        let pieces = outputs.filter_map(|output| match output {
            Output::File(piece) => Some(piece.text),
            _ => None,
        });
        pieces.collect()
    }

    fn rows(&self) -> Vec<&RowContent> {
        self.snapshot.rows.iter().map(|row| &row.shows).collect()
    }
}

fn ready(window: u32) -> Event<'static> {
    Event::Ready(Ready { version: 1, window, max_message: 1 << 20, certificates: Vec::new() })
}

fn response(status: u16, reason: &str, headers: Vec<(String, String)>) -> Response {
    Response { status, reason: reason.into(), headers, body: String::new() }
}

fn opened() -> Event<'static> {
    Event::Opened(Opened {
        url: "wss://example.org/feed".into(),
        subprotocol: Some("chat".into()),
        deflate: None,
        times: Vec::new(),
    })
}

fn received(opcode: u8, kind: Kind, payload: &[u8]) -> Event<'_> {
    Event::Frame(Frame {
        direction: Direction::Received,
        opcode,
        fin: true,
        compressed: false,
        masked: false,
        head_len: 2,
        wire_len: payload.len() as u64,
        inflated: None,
        time: 0,
        kind,
        payload: Some(payload),
    })
}

/// Control frame, `time` microseconds after the opening.
fn control(direction: Direction, opcode: u8, payload: &[u8], time: u64) -> Event<'_> {
    let Event::Frame(frame) = received(opcode, Kind::Binary, payload) else { unreachable!() };
    let masked = direction == Direction::Sent;
    let head_len = if masked { 6 } else { 2 };
    Event::Frame(Frame { direction, time, masked, head_len, ..frame })
}

fn commands(calls: &[SocketOutput]) -> Vec<Command<'_>> {
    let sent = calls.iter().filter_map(|call| match call {
        SocketOutput::Send(FIRST, Message::Binary(bytes)) => Some(bytes),
        _ => None,
    });
    sent.flat_map(|bytes| Command::decode_all(bytes).map(Result::unwrap)).collect()
}

#[test]
fn the_server_is_asked_to_open_what_the_tab_says() {
    let headers = vec![("Authorization".to_owned(), "Bearer abc".to_owned())];
    let options = RelayOptions { headers: headers.clone(), ..RelayOptions::default() };
    let open = Bench::new().greeted(options);
    assert_eq!((open.url.as_str(), open.headers), ("wss://example.org/feed", headers));
    assert_eq!(open.offers, ["permessage-deflate; client_max_window_bits"]);
}

#[test]
fn options_of_another_address_are_not_sent() {
    let mut bench = Bench::new();
    let headers = vec![("Authorization".to_owned(), "Bearer abc".to_owned())];
    let mut options = RelayOptions { headers, ..RelayOptions::default() };
    let other = "wss://example.com/";
    options.bind(&Address::parse(other, false).expect("it is one"), other);
    assert_eq!(bench.connect(options), []);
    assert_eq!(bench.snapshot.causes, [Cause::OptionsOfAnother("wss://example.com:443".into())]);
    assert!(matches!(bench.snapshot.state, State::Idle(_)), "{:?}", bench.snapshot.state);
}

#[test]
fn the_end_of_the_relay_is_not_the_targets() {
    let mut bench = Bench::new();
    bench.greeted(RelayOptions::default());
    let close = Close { code: CloseCode(1008), reason: "wrong token".into() };
    let end = SocketInput::Ended(FIRST, EndReason::Closed(close.clone()));
    bench.update(Input::Socket(end));
    assert_eq!(bench.snapshot.causes, [Cause::RelayClosed(close.clone())]);

    // A page of another version than the server, such as one from a cache, does not try again.
    let mut bench = Bench::new();
    bench.greeted(RelayOptions::default());
    let end = EndReason::Closed(Close { code: CloseCode(1002), reason: String::new() });
    bench.update(Input::Socket(SocketInput::Ended(FIRST, end)));
    assert_eq!(bench.snapshot.causes, [Cause::RelayVersion]);
    assert!(matches!(bench.snapshot.state, State::Idle(_)), "{:?}", bench.snapshot.state);

    let mut bench = Bench::open();
    bench.update(Input::Socket(SocketInput::Ended(FIRST, EndReason::Closed(close))));
    let rows = bench.rows();
    let Some(EventRow(LogEvent::Ended(ended))) = rows.last() else { panic!("{rows:?}") };
    assert_eq!(ended.reason, EndReason::Closed(Close::abnormal()));
}

#[test]
fn a_socket_of_another_attempt_is_not_greeted() {
    let mut bench = Bench::new();
    bench.connect(RelayOptions::default());
    bench.answer(200, TOKEN);
    let opened = SocketInput::Opened(Attempt(7), Negotiated::default());
    assert_eq!(bench.update(Input::Socket(opened)), []);
}

#[test]
fn an_opening_is_a_row_with_both_heads_and_no_secret() {
    let mut bench = Bench::new();
    bench.greeted(RelayOptions::default());
    let response = response(101, "Switching Protocols", vec![]);
    bench.relays(&[
        ready(1 << 20),
        Event::Connected("192.0.2.1:443".into()),
        Event::Request("GET /feed HTTP/1.1\r\nAuthorization: Bearer abc\r\n\r\n".into()),
        Event::Response(response),
        opened(),
    ]);
    let rows = bench.rows();
    let [EventRow(LogEvent::Handshake(opening)), EventRow(LogEvent::Opened(opened))] = &rows[..]
    else {
        panic!("{rows:?}")
    };
    assert_eq!(opened.negotiated.subprotocol, "chat");
    assert_eq!(opening.connected.as_deref(), Some("192.0.2.1:443"));
    assert_eq!(opening.exchanges, [], "the heads are for who looks closer");
    let opening = bench.opening(0);
    assert_eq!(opening.exchanges[0].request, "GET /feed HTTP/1.1\nAuthorization: ***");
    assert!(bench.snapshot.is_relayed && !bench.snapshot.accepts_untrusted);
}

#[test]
fn messages_and_control_frames_come_and_go() {
    let mut bench = Bench::open();
    bench.relays(&[
        received(1, Kind::Text, "안녕".as_bytes()),
        received(9, Kind::Binary, b"there?"),
        received(2, Kind::Binary, &[0, 255]),
    ]);
    let rows = bench.rows();
    assert!(
        matches!(
            &rows[2..],
            [
                RowContent::Message { size: 6, .. },
                EventRow(LogEvent::Control(frame)),
                RowContent::Message { size: 2, .. },
            ] if frame.kind == ControlKind::Ping && frame.payload == b"there?"
        ),
        "{rows:?}"
    );
    let calls = bench.update(Input::Composer(ComposerCommand::Send(Message::Text("hi".into()))));
    let message = relay::Message {
        kind: Kind::Text,
        compress: true,
        fragments: Fragments::NONE,
        payload: b"hi",
    };
    assert_eq!(commands(&calls), [Command::Message(message)]);
}

fn exporting(format: Format, has_secrets: bool) -> ExchangeCommand {
    ExchangeCommand::Export { format, target: Target::default(), has_secrets }
}

#[test]
fn rule_2_the_token_is_in_no_export_and_no_stored_entry() {
    let mut bench = Bench::new();
    for input in [StoreInput::Opened(None), StoreInput::Restored(Vec::new())] {
        bench.update(Input::Store(input));
    }
    bench.greeted(RelayOptions::default());
    bench.relays(&[ready(1 << 20), opened()]);
    let send = ComposerCommand::Send(Message::Text("hi".into()));
    bench.update(Input::Composer(send));
    bench.relays(&[sent(1, true), received(1, Kind::Text, b"hi")]);
    let export = |format| Input::Exchange(exporting(format, false));
    let mut inputs = Format::ALL.map(export).to_vec();
    inputs.push(Input::Timer(Timer::Persist));
    let raw =
        format!("{:?}", std::array::from_fn::<u8, 16, _>(|index| u8::try_from(index).unwrap()));
    let (mut files, mut stored) = (0, 0);
    while let Some(input) = inputs.pop() {
        for output in bench.engine.update(input, bench.now).collect::<Vec<_>>() {
            let shown = format!("{output:?}");
            assert!(!shown.contains(TOKEN) && !shown.contains(raw.trim_matches(['[', ']'])));
            match output {
                Output::Timer(Timer::Export, _) => inputs.push(Input::Timer(Timer::Export)),
                Output::File(piece) => files += usize::from(piece.ends.is_some()),
                Output::Store(StoreOutput::Change(_)) => stored += 1,
                _ => {}
            }
        }
    }
    assert_eq!((files, stored), (Format::ALL.len(), 1));
}

/// Frame of a message that is sent as two.
fn sent(opcode: u8, fin: bool) -> Event<'static> {
    let Event::Frame(frame) = received(opcode, Kind::Text, b"") else { unreachable!() };
    Event::Frame(Frame { direction: Direction::Sent, fin, masked: true, payload: None, ..frame })
}

#[test]
fn rule_14_a_har_has_both_heads_the_control_frames_and_secrets_for_who_asks() {
    let mut bench = Bench::new();
    let headers = [("X-Key", "s3cret"), ("Origin", "https://a.test")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    bench.greeted(RelayOptions { headers, ..RelayOptions::default() });
    let headers = vec![("Server".to_owned(), "other".to_owned())];
    let response = response(101, "Upgraded", headers);
    let request = "GET /feed HTTP/1.1\r\nUpgrade: websocket\r\nX-Key: s3cret\r\n\r\n";
    bench.relays(&[
        ready(1 << 20),
        Event::Request(request.into()),
        Event::Response(response),
        opened(),
        received(9, Kind::Binary, b"there?"),
    ]);
    let mut har = |has_secrets| {
        let export = Input::Exchange(exporting(Format::Har, has_secrets));
        let outputs = bench.engine.update(export, bench.now);
        let pieces = outputs.filter_map(|output| match output {
            Output::File(piece) => Some(piece.text),
            _ => None,
        });
        pieces.collect::<String>()
    };
    let (har, whole) = (har(false), har(true));
    for part in [
        r#"[{"name":"Upgrade","value":"websocket"},{"name":"X-Key","value":"***"}]"#,
        r#""statusText":"Upgraded""#,
        r#""headers":[{"name":"Server","value":"other"}]"#,
        r#""opcode":9,"data":"dGhlcmU/""#,
    ] {
        assert!(har.contains(part), "{part}: {har}");
    }
    assert_eq!(whole, har.replace("***", "s3cret"));
    for format in Format::ALL {
        let text = bench.exports(format);
        assert!(!text.contains("s3cret") && text.contains("example.org/feed"), "{text}");
    }
}

#[test]
fn control_frames_are_listed_or_not() {
    let mut bench = Bench::open();
    bench.relays(&[received(9, Kind::Binary, b"there?"), received(1, Kind::Text, b"hi")]);
    assert_eq!(bench.rows().len(), 4);
    let mut query = Query::default();
    query.which.frames = false;
    bench.update(Input::Log(LogCommand::Find(query.clone())));
    let rows = bench.rows();
    assert!(!rows.iter().any(|row| matches!(row, EventRow(LogEvent::Control(_)))), "{rows:?}");
    assert_eq!(rows.len(), 3);
    (query.which.frames, query.which.events) = (true, false);
    bench.update(Input::Log(LogCommand::Find(query)));
    let rows = bench.rows();
    assert!(
        matches!(rows[..], [EventRow(LogEvent::Control(_)), RowContent::Message { .. }]),
        "{rows:?}"
    );
}

#[test]
fn frames_belong_to_their_messages() {
    let mut bench = Bench::open();
    for text in ["one", "two"] {
        let send = ComposerCommand::Send(Message::Text(text.into()));
        bench.update(Input::Composer(send));
    }
    let events = [sent(1, true), received(1, Kind::Text, b"1"), sent(1, false), sent(0, true)];
    bench.relays(&events);
    let opcodes: Vec<_> =
        bench.snapshot.rows.clone().iter().map(|row| bench.frames(row.id)).collect();
    assert_eq!(opcodes[2..], [vec![1], vec![1, 0], vec![1]]);
}

#[test]
fn frames_of_a_sent_message_leave_the_next_snapshot_to_its_echo() {
    let mut bench = Bench::open();
    bench.update(Input::Composer(ComposerCommand::Send(Message::Text("hi".into()))));
    for (event, is_news) in [(sent(1, true), false), (received(1, Kind::Text, b"hi"), true)] {
        let mut bytes = Vec::new();
        event.encode(&mut bytes);
        let input = Input::Socket(SocketInput::Received(FIRST, Message::Binary(bytes)));
        let mut outputs = bench.engine.update(input, bench.now);
        let shows = outputs.any(|output| matches!(output, Output::Report(Report::Snapshot(_))));
        assert_eq!(shows, is_news, "{event:?}");
    }
}

#[test]
fn frames_are_sent_as_a_person_asks() {
    let mut bench = Bench::open();
    let mut send = |form, text: &str, framing| {
        let draft = Draft::new(form, text);
        let command = ComposerCommand::SendFramed(draft, framing);
        let calls = bench.update(Input::Composer(command));
        let sent = commands(&calls).first().map(|command| format!("{command:?}"));
        (sent, bench.rows().len())
    };
    let told = |command| Some(format!("{command:?}"));
    assert_eq!(send(Form::Text, "hi", Framing::Ping), (told(Command::Ping(b"hi")), 2));
    assert_eq!(send(Form::Hex, "ff 00", Framing::Pong), (told(Command::Pong(&[255, 0])), 2));
    // What is in no frame, the relay does not tell.
    assert_eq!(send(Form::Hex, "89 80", Framing::Raw), (told(Command::Raw(&[0x89, 0x80])), 3));
    let (kind, payload) = (Kind::Text, &b"hello"[..]);
    for (framing, fragments, rows) in [
        (Framing::FragmentBytes(2), Fragments::Bytes(2), 4),
        (Framing::FragmentCount(3), Fragments::Count(3), 5),
    ] {
        let message = relay::Message { kind, compress: true, fragments, payload };
        assert_eq!(send(Form::Text, "hello", framing), (told(Command::Message(message)), rows));
    }
    let message = relay::Message { kind, compress: false, fragments: Fragments::Count(2), payload };
    let told_of = (told(Command::Message(message)), 6);
    assert_eq!(send(Form::Text, "hello", Framing::Uncompressed(2)), told_of);
    assert_eq!(send(Form::Text, &"x".repeat(126), Framing::Ping), (None, 6));
    let close = Command::Close { code: Some(1005), reason: &[255] };
    assert_eq!(send(Form::Hex, "ff", Framing::Close(Some(1005))), (told(close), 6));
    assert!(matches!(bench.snapshot.state, State::Closing(FIRST)), "{:?}", bench.snapshot.state);
    let rows = bench.rows();
    assert!(
        matches!(rows[2], EventRow(LogEvent::Control(frame)) if frame.kind == ControlKind::Raw
            && frame.payload == [0x89, 0x80]),
        "{rows:?}"
    );
    let opcodes = [sent(1, false), sent(0, true)];
    bench.relays(&opcodes);
    let id = bench.snapshot.rows[3].id;
    assert_eq!(bench.frames(id), [1, 0]);
}

#[test]
fn frames_are_for_a_connection_through_the_server() {
    let mut engine = Engine::new(7);
    let draft = Draft::new(Form::Text, "hi");
    let send = ComposerCommand::SendFramed(draft.clone(), Framing::Ping);
    let outputs = engine.update(Input::Composer(send), Time(1));
    let refused = Output::Report(Report::NotSent(NotSent::Draft(draft)));
    assert!(outputs.collect::<Vec<_>>().contains(&refused));
}

#[test]
fn the_target_is_not_read_from_while_a_person_wants_nothing_of_it() {
    let read = |is_reading| Input::Connection(ConnectionCommand::Read(is_reading));
    let mut bench = Bench::new();
    bench.greeted(RelayOptions::default());
    assert_eq!((bench.update(read(false)), bench.snapshot.is_reading), (Vec::new(), None));
    bench.relays(&[ready(1 << 20), opened()]);
    assert_eq!(bench.snapshot.is_reading, Some(true));
    for (is_reading, command) in [(false, Command::Pause), (true, Command::Resume)] {
        let calls = bench.update(read(is_reading));
        assert_eq!(commands(&calls), [command]);
        assert_eq!(bench.snapshot.is_reading, Some(is_reading));
    }
    // The next connection begins by reading.
    bench.update(read(false));
    bench.relays(&[ended(relay::EndCause::Lost, None, "")]);
    assert_eq!(bench.snapshot.is_reading, None);
    bench.update(Input::Timer(Timer::Retry(Attempt(1))));
    let answer = Answer { status: 200, text: TOKEN.into(), ..Answer::default() };
    bench.update(Input::Socket(SocketInput::Answered(Attempt(1), Some(answer))));
    let mut bytes = Vec::new();
    for event in [ready(1 << 20), opened()] {
        event.encode(&mut bytes);
    }
    let message = Message::Binary(bytes);
    bench.update(Input::Socket(SocketInput::Received(Attempt(1), message)));
    assert_eq!(bench.snapshot.is_reading, Some(true));
}

#[test]
fn the_server_is_told_of_what_was_taken() {
    let mut bench = Bench::new();
    bench.greeted(RelayOptions::default());
    assert!(bench.relays(&[ready(4_000), opened()]).is_empty());
    let payload = vec![b'x'; 2_000];
    let calls = bench.relays(&[received(1, Kind::Text, &payload)]);
    let commands = commands(&calls);
    assert!(matches!(commands[..], [Command::Taken(bytes)] if bytes > 2_000), "{commands:?}");
}

#[test]
fn a_target_is_closed_and_then_the_relay() {
    let mut bench = Bench::open();
    let close = Close { code: CloseCode(4001), reason: "bye".into() };
    let calls = bench.update(Input::Connection(ConnectionCommand::Disconnect(close)));
    assert_eq!(commands(&calls), [Command::Close { code: Some(4001), reason: b"bye" }]);
    let end = relay::End {
        side: relay::Side::Page,
        cause: relay::EndCause::Closed,
        code: Some(4001),
        reason: "bye".into(),
    };
    let calls = bench.relays(&[Event::Ended(end)]);
    assert_eq!(calls, [SocketOutput::Close(FIRST, Close::normal())]);
    let rows = bench.rows();
    let Some(EventRow(LogEvent::Ended(ended))) = rows.last() else { panic!("{rows:?}") };
    assert!(matches!(&ended.reason, EndReason::Closed(close) if close.code == CloseCode(4001)));
    assert!(!bench.snapshot.is_relayed);
}

#[test]
fn what_the_server_found_is_the_cause() {
    let mut bench = Bench::new();
    bench.greeted(RelayOptions::default());
    let failure = Failure {
        cause: FailureCause::UnconfirmedPrivate,
        times: Vec::new(),
        sentence: "example.org is 10.0.0.1, in the local network.".into(),
    };
    let resolved = |host: &str| Event::Resolved { host: host.into(), addresses: Vec::new() };
    // The proxy is looked up first, and a redirect led on.
    bench.relays(&[ready(1), resolved("proxy"), resolved("example.org"), Event::Failed(failure)]);
    let [cause] = &bench.snapshot.causes[..] else { panic!("{:?}", bench.snapshot.causes) };
    let sentence = "example.org is 10.0.0.1, in the local network.".to_owned();
    let (network, host) = (Network::Private, "example.org".to_owned());
    assert_eq!(*cause, Cause::Unconfirmed { network, host, sentence });
    // Nothing else would come of another attempt.
    assert!(matches!(bench.snapshot.state, State::Idle(_)), "{:?}", bench.snapshot.state);
}

#[test]
fn a_certificate_that_is_not_trusted_is_kept_and_accepted_by_its_fingerprint() {
    let certificate = |number: u8| Certificate {
        subject: "CN=a".into(),
        issuer: "CN=a".into(),
        names: vec!["example.org".into()],
        not_before: 1,
        not_after: 2,
        fingerprint: [number; 32],
    };
    let refused = |number: u8| {
        let tls = Tls {
            version: String::new(),
            cipher_suite: String::new(),
            alpn: None,
            is_trusted: false,
            certificates: vec![certificate(number)],
        };
        let (cause, sentence) = (FailureCause::Certificate, "not trusted".to_owned());
        let failure = Failure { cause, times: vec![(Stage::Tls, 9)], sentence };
        [ready(1), Event::Tls(tls), Event::Failed(failure)]
    };
    // Another one than was accepted is a question again.
    for number in [1, 2] {
        let mut bench = Bench::new();
        let accepted_certificate = (number > 1).then_some([1; 32]);
        let options = RelayOptions { accepted_certificate, ..RelayOptions::default() };
        let open = bench.greeted(options);
        assert_eq!((open.accepted, open.insecure), (accepted_certificate, false));
        assert_eq!(bench.snapshot.accepts_untrusted, number > 1);
        bench.relays(&refused(number));
        let (certificates, sentence) = (vec![certificate(number)], "not trusted".to_owned());
        assert_eq!(bench.snapshot.causes, [Cause::Untrusted { certificates, sentence }]);
        assert!(matches!(bench.snapshot.state, State::Idle(_)), "{:?}", bench.snapshot.state);
        let rows = bench.rows();
        assert!(
            matches!(rows[..], [EventRow(LogEvent::Handshake(_)), EventRow(LogEvent::Ended(_))]),
            "{rows:?}"
        );
        let tls = bench.opening(0).tls.expect("it is in the list");
        assert_eq!(tls.certificates, [certificate(number)]);
    }
}

#[test]
fn a_redirect_that_is_not_followed_says_where_it_leads_and_is_not_retried() {
    let mut bench = Bench::new();
    let [target, shown] = ["s3cret", "{{key}}"].map(|key| {
        let relay = Some(Box::default());
        Target { url: format!("wss://example.org/{key}"), relay, ..Target::default() }
    });
    bench.update(Input::Connection(ConnectionCommand::Connect(FilledTarget { target, shown })));
    bench.answer(200, TOKEN);
    let headers = vec![("location".to_owned(), "/s3cret/feed".to_owned())];
    let sentence = "wss://example.org/s3cret answered.".to_owned();
    let failure = Failure { cause: FailureCause::Status, times: Vec::new(), sentence };
    bench.relays(&[
        ready(1),
        Event::Request("GET /s3cret HTTP/1.1\r\n\r\n".into()),
        Event::Response(response(302, "Found", headers)),
        Event::Failed(failure),
    ]);
    let location = "/{{key}}/feed".to_owned();
    assert_eq!(bench.snapshot.causes, [Cause::Redirects { status: 302, location }]);
    assert!(matches!(bench.snapshot.state, State::Idle(_)), "{:?}", bench.snapshot.state);
}

#[test]
fn an_address_after_redirects_is_shown() {
    let mut bench = Bench::new();
    bench.greeted(RelayOptions::default());
    let Event::Opened(opened) = opened() else { unreachable!() };
    let url = "wss://example.org/moved?token=s3cret".to_owned();
    bench.relays(&[ready(1 << 20), Event::Opened(Opened { url, ..opened })]);
    let rows = bench.rows();
    let [EventRow(LogEvent::Handshake(_)), EventRow(LogEvent::Opened(opened))] = &rows[..] else {
        panic!("{rows:?}")
    };
    let address = "wss://example.org/moved?token=***";
    assert_eq!(opened.address, address);
    assert_eq!(bench.opening(0).url, address);
}

#[test]
fn attempts_that_fail_again_add_no_rows() {
    let mut bench = Bench::new();
    bench.greeted(RelayOptions::default());
    let failure = || {
        let (cause, sentence) = (FailureCause::Unreachable, "nobody".to_owned());
        Event::Failed(Failure { cause, times: Vec::new(), sentence })
    };
    bench.relays(&[ready(1), failure()]);
    assert_eq!(bench.rows().len(), 2);
    let again = Attempt(1);
    bench.update(Input::Timer(Timer::Retry(again)));
    let answer = Answer { status: 200, text: TOKEN.into(), ..Answer::default() };
    bench.update(Input::Socket(SocketInput::Answered(again, Some(answer))));
    let mut bytes = Vec::new();
    failure().encode(&mut bytes);
    let message = Message::Binary(bytes);
    bench.update(Input::Socket(SocketInput::Received(again, message)));
    let State::Waiting { retry: 2, .. } = bench.snapshot.state else {
        panic!("{:?}", bench.snapshot.state)
    };
    assert_eq!(bench.rows().len(), 2);
}

#[test]
fn a_secret_in_the_address_is_in_no_cause_and_no_head() {
    let mut bench = Bench::new();
    let [target, shown] = ["s3cret", "{{key}}"].map(|key| {
        let relay = Some(Box::default());
        Target { url: format!("wss://example.org/feed?key={key}"), relay, ..Target::default() }
    });
    let connect = ConnectionCommand::Connect(FilledTarget { target, shown });
    bench.update(Input::Connection(connect));
    bench.answer(200, TOKEN);
    let sentence = "Cannot connect to wss://example.org/feed?key=s3cret.".to_owned();
    let failure = Failure { cause: FailureCause::Unreachable, times: Vec::new(), sentence };
    bench.relays(&[
        ready(1),
        Event::Request("GET /feed?key=s3cret HTTP/1.1\r\n\r\n".into()),
        Event::Failed(failure),
    ]);
    let opening = bench.opening(0);
    let shown = format!("{:?} {opening:?}", bench.snapshot);
    assert!(!shown.contains("s3cret") && shown.contains("GET /feed?key={{key}}"), "{shown}");
}

#[test]
fn a_close_frame_without_a_code_is_no_loss() {
    let mut bench = Bench::open();
    let (side, cause) = (relay::Side::Target, relay::EndCause::Closed);
    bench.relays(&[Event::Ended(relay::End { side, cause, code: None, reason: String::new() })]);
    assert!(matches!(bench.snapshot.state, State::Idle(_)), "{:?}", bench.snapshot.state);
}

#[test]
fn a_server_that_does_not_relay_is_said() {
    let mut bench = Bench::new();
    bench.connect(RelayOptions::default());
    bench.answer(404, "There is nothing at this path.");
    assert_eq!(bench.snapshot.causes, [Cause::RelayOff]);

    let mut bench = Bench::new();
    bench.connect(RelayOptions::default());
    bench.answer(403, "The relay only serves the user who started this server.");
    let sentence = "The relay only serves the user who started this server.".to_owned();
    assert_eq!(bench.snapshot.causes, [Cause::Refused { status: 403, sentence }]);

    let mut bench = Bench::new();
    bench.connect(RelayOptions::default());
    bench.update(Input::Socket(SocketInput::Answered(FIRST, None)));
    let nobody = Cause::Nobody { authority: "localhost:8080".into() };
    assert_eq!(bench.snapshot.causes, [nobody]);
}

#[test]
fn bytes_that_are_no_events_end_the_attempt() {
    let mut bench = Bench::new();
    bench.greeted(RelayOptions::default());
    bench.update(Input::Socket(SocketInput::Received(FIRST, Message::Binary(vec![255; 9]))));
    assert_eq!(bench.snapshot.causes, [Cause::RelayVersion]);
}

#[test]
fn an_attempt_is_called_off_before_the_token_has_come() {
    let mut bench = Bench::new();
    bench.connect(RelayOptions::default());
    bench.update(Input::Connection(ConnectionCommand::Disconnect(Close::normal())));
    assert!(matches!(bench.snapshot.state, State::Idle(_)), "{:?}", bench.snapshot.state);
    assert!(bench.answer(200, TOKEN).is_empty());
}

#[test]
fn a_flood_does_not_wait_long_for_the_peers_close_frame() {
    let limit = |messages: usize| {
        let mut bench = Bench::open();
        for _ in 0..messages {
            bench.relays(&[received(1, Kind::Text, b"flood")]);
        }
        let disconnect = Input::Connection(ConnectionCommand::Disconnect(Close::normal()));
        let mut outputs = bench.engine.update(disconnect, bench.now);
        outputs.find_map(|output| match output {
            Output::Timer(Timer::CloseHandshake(FIRST), limit) => Some(limit),
            _ => None,
        })
    };
    assert_eq!(limit(1), Some(Duration::from_secs(3)));
    assert_eq!(limit(600), Some(Duration::from_millis(500)));
}

fn ended(cause: relay::EndCause, code: Option<u16>, reason: &str) -> Event<'static> {
    let side =
        if cause == relay::EndCause::Lost { relay::Side::Target } else { relay::Side::Relay };
    Event::Ended(relay::End { side, cause, code, reason: reason.into() })
}

#[test]
fn any_certificate_is_accepted_for_the_attempts_that_follow_one_click() {
    let mut bench = Bench::new();
    let options = RelayOptions { accepts_any_certificate: true, ..RelayOptions::default() };
    assert!(bench.greeted(options).insecure);
    bench.relays(&[ready(1 << 20), opened()]);
    // The same target is no other: the tab has no acceptance any more.
    assert_eq!(bench.connect(RelayOptions::default()), []);
    bench.relays(&[ended(relay::EndCause::Lost, None, "")]);
    let State::Waiting { .. } = bench.snapshot.state else { panic!("{:?}", bench.snapshot.state) };
    // The next attempt, at once.
    let again = Attempt(1);
    bench.update(Input::Timer(Timer::Retry(again)));
    let answer = Answer { status: 200, text: TOKEN.into(), ..Answer::default() };
    bench.update(Input::Socket(SocketInput::Answered(again, Some(answer))));
    let calls = bench.update(Input::Socket(SocketInput::Opened(again, Negotiated::default())));
    let [SocketOutput::Send(_, Message::Binary(bytes))] = &calls[..] else { panic!("{calls:?}") };
    let commands: Vec<_> = Command::decode_all(bytes).map(Result::unwrap).collect();
    let [Command::Hello { .. }, Command::Open(open)] = &commands[..] else {
        panic!("{commands:?}")
    };
    assert!(open.insecure);
}

#[test]
fn a_mark_on_a_header_makes_no_other_target_of_it() {
    let headers = vec![("X-Tenant".to_owned(), "acme".to_owned())];
    let options = RelayOptions { headers, ..RelayOptions::default() };
    let mut bench = Bench::new();
    bench.greeted(options.clone());
    bench.relays(&[ready(1 << 20), opened()]);
    // The note on other options does not count it either.
    let marked = RelayOptions { plain: vec!["X-Tenant".to_owned()], ..options.clone() };
    assert!(marked.sends_as(&options));
    assert_eq!(bench.connect(marked.clone()), []);
    assert_eq!(bench.snapshot.state, State::Open(FIRST));

    // One that is a secret from now on is one in the next attempt.
    let mut bench = Bench::new();
    bench.greeted(marked);
    bench.relays(&[ready(1 << 20), opened()]);
    assert_eq!(bench.connect(options), []);
    bench.relays(&[ended(relay::EndCause::Lost, None, "")]);
    bench.update(Input::Timer(Timer::Retry(Attempt(1))));
    let answer = Answer { status: 200, text: TOKEN.into(), ..Answer::default() };
    bench.update(Input::Socket(SocketInput::Answered(Attempt(1), Some(answer))));
    let mut bytes = Vec::new();
    let head = "GET /feed HTTP/1.1\r\nX-Tenant: acme\r\n\r\n".to_owned();
    for event in [ready(1), Event::Request(head), opened()] {
        event.encode(&mut bytes);
    }
    let message = Message::Binary(bytes);
    bench.update(Input::Socket(SocketInput::Received(Attempt(1), message)));
    let rows = bench.rows();
    assert!(
        matches!(rows[..], [.., EventRow(LogEvent::Handshake(_)), EventRow(LogEvent::Opened(_))]),
        "{rows:?}"
    );
    let opening = bench.opening(rows.len() - 2);
    assert!(opening.exchanges[0].request.ends_with("X-Tenant: ***"), "{opening:?}");
}

#[test]
fn a_frame_that_breaks_the_protocol_is_a_row_and_the_end_is_of_this_side() {
    let violation = || ended(relay::EndCause::Violation, Some(1002), "why");
    let broken = |opcode, fin| {
        let Event::Frame(frame) = received(opcode, Kind::Binary, b"") else { unreachable!() };
        Event::Frame(Frame { fin, wire_len: 2, payload: None, ..frame })
    };
    // A Close frame with a code that none may have, RSV2, a reserved opcode, a continuation of nothing.
    for (opcode, head) in [(8, 0x88), (0x21, 0xa1), (5, 0x85), (0, 0x80)] {
        let mut bench = Bench::open();
        bench.relays(&[broken(opcode, true), violation()]);
        let rows = bench.rows();
        let [.., EventRow(LogEvent::Control(frame)), EventRow(LogEvent::Ended(ended))] = &rows[..]
        else {
            panic!("{rows:?}")
        };
        assert_eq!((frame.kind, &*frame.payload), (ControlKind::Raw, &[head, 2][..]));
        assert!(ended.is_own, "{ended:?}");
    }
    // A fragment before it is none.
    let mut bench = Bench::open();
    bench.relays(&[broken(1, false), broken(0x21, true), violation()]);
    let rows = bench.rows();
    let controls = rows.iter().filter(|row| matches!(row, EventRow(LogEvent::Control(_))));
    assert_eq!(controls.count(), 1, "{rows:?}");
    // A fragment of a message that is cut off by the end is none.
    let mut bench = Bench::open();
    bench.relays(&[broken(1, false), ended(relay::EndCause::Lost, None, "")]);
    let rows = bench.rows();
    let [.., EventRow(LogEvent::Opened(_)), EventRow(LogEvent::Ended(ended))] = &rows[..] else {
        panic!("{rows:?}")
    };
    assert!(!ended.is_own, "{ended:?}");
}

#[test]
fn a_close_frame_that_is_not_answered_is_no_loss() {
    for (cause, reason) in
        [(relay::EndCause::Unanswered, ""), (relay::EndCause::Lost, "Connection reset by peer")]
    {
        let mut bench = Bench::open();
        bench.update(Input::Connection(ConnectionCommand::Disconnect(Close::normal())));
        let Event::Ended(end) = ended(cause, None, reason) else { unreachable!() };
        bench.relays(&[Event::Ended(relay::End { side: relay::Side::Page, ..end })]);
        let State::Idle(Some(EndReason::Closed(close))) = &bench.snapshot.state else {
            panic!("{:?}", bench.snapshot.state)
        };
        assert_eq!(*close, Close::abnormal());
        assert!(bench.snapshot.is_own_end);
    }
}

#[test]
fn an_end_for_memory_is_not_a_close_without_an_answer() {
    let mut bench = Bench::open();
    bench.relays(&[ended(relay::EndCause::Memory, None, "Too much memory is held.")]);
    let rows = bench.rows();
    let Some(EventRow(LogEvent::Ended(ended))) = rows.last() else { panic!("{rows:?}") };
    assert!(ended.is_own && !ended.is_unanswered() && ended.is_failure(), "{ended:?}");
}

#[test]
fn a_pong_has_the_round_trip_of_its_ping() {
    let mut bench = Bench::open();
    bench.relays(&[
        control(Direction::Sent, 9, b"a", 1_000),
        control(Direction::Sent, 9, b"b", 2_000),
        control(Direction::Received, 10, b"of nothing", 2_500),
        control(Direction::Received, 10, b"b", 5_000),
    ]);
    let is_control = |row: &&Row| matches!(row.shows, EventRow(LogEvent::Control(_)));
    let controls = bench.snapshot.rows.iter().filter(is_control);
    let round_trips: Vec<_> = controls.map(|row| row.round_trip).collect();
    let millis = Some(Duration::from_millis(3));
    assert_eq!(round_trips, [None, None, None, millis]);
    let figures = bench.snapshot.round_trips.expect("one");
    assert_eq!((figures.count, Some(figures.p50), Some(figures.p99)), (1, millis, millis));
    assert_eq!(bench.snapshot.control_frames, 4);
    let lines = bench.exports(Format::JsonLines);
    let pong = r#""kind":"pong","base64":"Yg==","size":1,"round_trip_us":3000}"#;
    assert!(lines.contains(pong), "{lines}");
    let log = bench.exports(Format::TextLog);
    for line in ["--- Sent ping 1 B: a\n", "--- Received pong 1 B, answer after 3000 µs: b\n"] {
        assert!(log.contains(line), "{log}");
    }
}

fn repeats(bench: &mut Bench, text: &str, framing: Framing, times: u64) -> Vec<SocketOutput> {
    let repetition = Repetition::new(None, Some(times)).expect("it is valid");
    let draft = Draft::new(Form::Text, text);
    bench.update(Input::Composer(ComposerCommand::Repeat(draft, Some(framing), repetition)))
}

#[test]
fn pings_are_repeated_as_fast_as_they_are_answered() {
    let mut bench = Bench::open();
    let calls = repeats(&mut bench, "{{seq}}", Framing::Ping, 2);
    assert_eq!(commands(&calls), [Command::Ping(b"1")]);
    assert_eq!(bench.relays(&[control(Direction::Sent, 9, b"1", 10)]), []);
    let calls = bench.relays(&[control(Direction::Received, 10, b"1", 310)]);
    assert_eq!(commands(&calls), [Command::Ping(b"2")]);
    let repeating = bench.snapshot.repeating.expect("a repetition");
    assert!(repeating.is_over && repeating.progress.sent == 2, "{repeating:?}");

    // Nothing answers a pong. Both may be empty.
    let mut bench = Bench::open();
    let calls = repeats(&mut bench, "", Framing::Pong, 3);
    assert_eq!(commands(&calls), [Command::Pong(b""), Command::Pong(b""), Command::Pong(b"")]);
    let mut bench = Bench::open();
    let calls = repeats(&mut bench, "hey", Framing::FragmentBytes(2), 2);
    let fragmented = |command: &Command<'_>| matches!(command, Command::Message(message) if message.fragments == Fragments::Bytes(2));
    assert_eq!(commands(&calls).iter().filter(|it| fragmented(it)).count(), 2);
}

#[test]
fn frames_that_end_the_connection_are_not_repeated() {
    for framing in [Framing::Close(Some(1000)), Framing::Raw] {
        let mut bench = Bench::open();
        assert_eq!(repeats(&mut bench, "x", framing, 2), []);
        assert!(bench.snapshot.repeating.is_none());
    }
    // One that is too long stops the repetition.
    let mut bench = Bench::open();
    assert_eq!(repeats(&mut bench, &"x".repeat(126), Framing::Ping, 2), []);
    assert!(bench.snapshot.repeating.is_some_and(|it| it.is_over));
}

#[test]
fn a_flood_of_pings_leaves_the_messages_in_the_list() {
    let mut bench = Bench::open();
    bench.relays(&[received(1, Kind::Text, b"first")]);
    let flood: Vec<_> = (0..1_000).map(|_| control(Direction::Received, 9, b"", 0)).collect();
    for _ in 0..20 {
        bench.relays(&flood);
    }
    let Snapshot { held, folded, control_frames, evicted, .. } = bench.snapshot;
    assert_eq!((control_frames, evicted), (20_000, 0));
    assert!((2_500..2_600).contains(&held), "{held}");
    // The rest of the rows: opening, and the message.
    assert_eq!(held + folded, 20_000 + 3);
    // Nor does an hour of it push them out of what is stored.
    for _ in 0..360 {
        bench.now = bench.now.after(Duration::from_secs(10));
        bench.relays(&flood[..10]);
    }
    let held = bench.snapshot.held;
    const { assert!(3_000 < KEPT_ENTRIES) };
    assert!(held < 3_000, "{held}");
    // And a ping of the person has a row.
    bench.relays(&[control(Direction::Sent, 9, b"mine", 0)]);
    assert_eq!(bench.snapshot.held, held + 1);
    let folded = bench.snapshot.folded;
    bench.update(Input::Log(LogCommand::Clear));
    assert_eq!(bench.snapshot.folded, 0);
    bench.update(Input::Log(LogCommand::Unclear));
    assert_eq!(bench.snapshot.folded, folded);
}

#[test]
fn frames_of_messages_are_lines_beside_theirs() {
    let mut bench = Bench::open();
    let send = ComposerCommand::Send(Message::Text("one".into()));
    bench.update(Input::Composer(send));
    bench.relays(&[
        sent(1, false),
        sent(0, true),
        received(1, Kind::Text, b"1"),
        control(Direction::Received, 9, b"p", 0),
        control(Direction::Sent, 10, b"p", 0),
    ]);
    let lines = bench.exports(Format::JsonLines);
    let lines: Vec<_> =
        lines.lines().map(|line| line.split_once(',').map_or("", |(_, rest)| rest)).collect();
    let frame = |opcode, fin, header| {
        format!(
            r#""frame":{{"opcode":"{opcode}","fin":{fin},"rsv1":false,"header":{header},"size":"#
        )
    };
    let starts = [
        r#""direction":"out","kind":"text","text":"one""#.to_owned(),
        format!(r#""direction":"out",{}"#, frame("text", false, 2)),
        format!(r#""direction":"out",{}"#, frame("continuation", true, 2)),
        format!(r#""direction":"in",{}"#, frame("text", true, 2)),
        r#""direction":"in","kind":"text","text":"1""#.to_owned(),
        format!(r#""direction":"in",{}"#, frame("ping", true, 2)),
        r#""direction":"in","kind":"ping""#.to_owned(),
        r#""direction":"out","kind":"pong""#.to_owned(),
        format!(r#""direction":"out",{}"#, frame("pong", true, 6)),
    ];
    assert_eq!(lines.len(), starts.len() + 1, "{lines:#?}");
    for (line, start) in lines[1..].iter().zip(&starts) {
        assert!(line.starts_with(start), "{start}: {lines:#?}");
    }
}

#[test]
fn a_har_has_the_times_of_the_opening_and_the_address_of_the_server() {
    use relay::Stage::{Http, Name, Tcp, Tls};
    let mut bench = Bench::new();
    bench.greeted(RelayOptions::default());
    let Event::Opened(opened) = opened() else { unreachable!() };
    let times = vec![(Name, 1_500), (Tcp, 2_000), (Tls, 3_000), (Http, 4_000)];
    bench.relays(&[
        ready(1 << 20),
        Event::Connected("[::1]:443".into()),
        Event::Request("GET /feed HTTP/1.1\r\n\r\n".into()),
        Event::Response(response(101, "", vec![])),
        Event::Opened(Opened { times, ..opened }),
    ]);
    let at = bench.snapshot.opened_at.expect("open");
    let began = Time(at.0.saturating_sub(10_500));
    let har = bench.exports(Format::Har);
    for part in [
        format!(r#""startedDateTime":"{began}","serverIPAddress":"::1","_webSocketOpened":"#),
        r#""time":10.500,"timings":{"dns":1.500,"connect":5.000,"ssl":3.000,"send":0,"wait":4.000,"receive":0}"#.to_owned(),
    ] {
        assert!(har.contains(&part), "{part}: {har}");
    }
    // Imported, it opened when it did.
    let imported: Vec<_> = Import::new(har).expect("a HAR").map(Result::unwrap).collect();
    let opened = imported
        .iter()
        .find(|it| matches!(it.item, Item::Event(LogEvent::Opened(_))))
        .expect("it opened");
    assert_eq!(opened.at, at);
}

#[test]
fn a_har_has_each_redirect_and_the_body_of_a_refusal() {
    let mut bench = Bench::new();
    let header = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    let headers = header("X-Pin", "PIN4711");
    bench.greeted(RelayOptions { headers, follows_redirects: true, ..RelayOptions::default() });
    let refusal = response(401, "No", header("Content-Type", "text/plain"));
    let (cause, sentence) = (FailureCause::Status, "no key".to_owned());
    bench.relays(&[
        ready(1),
        Event::Request("GET /feed HTTP/1.1\r\nHost: example.org\r\nCookie: s3cret\r\n\r\n".into()),
        Event::Response(response(302, "Found", header("Location", "ws://b.test/moved"))),
        Event::Request("GET /moved HTTP/1.1\r\nHost: b.test\r\n\r\n".into()),
        Event::Response(response(307, "", header("location", "/again?a=PIN4711"))),
        Event::Request("GET /again?a=PIN4711 HTTP/1.1\r\nHost: b.test\r\n\r\n".into()),
        Event::Response(Response { body: "No PIN4711.".into(), ..refusal }),
        Event::Failed(Failure { cause, times: Vec::new(), sentence }),
    ]);
    let target = Target { url: "ws://of.another/".into(), ..Target::default() };
    let (format, has_secrets) = (Format::Har, true);
    let export = ExchangeCommand::Export { format, target, has_secrets };
    let outputs = bench.engine.update(Input::Exchange(export), bench.now);
    let pieces = outputs.filter_map(|output| match output {
        Output::File(piece) => Some(piece.text),
        _ => None,
    });
    let har: serde_json::Value = serde_json::from_str(&pieces.collect::<String>()).expect("JSON");
    let entries = har["log"]["entries"].as_array().expect("a list");
    let told = entries.iter().map(|it| {
        let (request, response) = (&it["request"], &it["response"]);
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let texts = [&request["url"], &response["redirectURL"], &response["content"]["text"]];
        (response["status"].as_u64().unwrap_or_default(), texts.map(text).join(" "))
    });
    let told: Vec<_> = told.collect();
    let expected = [
        (302, "wss://example.org/feed ws://b.test/moved "),
        (307, "ws://b.test/moved /again?a=PIN4711 "),
        (401, "ws://b.test/again?a=PIN4711  No PIN4711."),
    ];
    assert_eq!(told, expected.map(|(status, texts)| (status, texts.to_owned())));
    assert_eq!(entries[2]["response"]["content"]["mimeType"], "text/plain");
    // With secrets, since they were asked for.
    assert_eq!(entries[0]["request"]["headers"][1]["value"], "s3cret");
    let masked = bench.exports(Format::Har);
    assert!(!masked.contains("s3cret") && !masked.contains("4711"), "{masked}");
    assert!(masked.contains("No ***."), "{masked}");
    // The redirects are no connections.
    let imported = Import::new(har.to_string()).expect("a HAR");
    assert_eq!((imported.connections().len(), imported.passed_over().other_requests), (1, 2));
}

#[test]
fn a_failed_opening_says_where_the_time_went() {
    let mut bench = Bench::new();
    bench.greeted(RelayOptions::default());
    let times = vec![(Stage::Tcp, 2_000), (Stage::Tls, 5_000_000)];
    let (cause, sentence) = (FailureCause::TimedOut, "too late".to_owned());
    bench.relays(&[ready(1), Event::Failed(Failure { cause, times: times.clone(), sentence })]);
    let rows = bench.rows();
    assert!(
        matches!(rows[..], [EventRow(LogEvent::Handshake(_)), EventRow(LogEvent::Ended(_))]),
        "{rows:?}"
    );
    let opening = bench.opening(0);
    assert_eq!((&opening.times, opening.failed), (&times, Some(cause)));
    let har = bench.exports(Format::Har);
    let timings = r#""timings":{"dns":-1,"connect":5002.000,"ssl":5000.000,"send":0,"wait":0.000,"receive":0}"#;
    assert!(har.contains(timings) && !har.contains("_webSocketOpened"), "{har}");
    let lines = bench.exports(Format::JsonLines);
    assert!(lines.contains(r#""times_us":{"tcp":2000,"tls":5000000}"#), "{lines}");
}

#[test]
fn json_lines_have_times_and_tls_of_the_opening_and_raw_bytes() {
    let mut bench = Bench::new();
    bench.greeted(RelayOptions::default());
    let Event::Opened(opened) = opened() else { unreachable!() };
    let times = vec![(Stage::Name, 1_500), (Stage::Http, 4_000)];
    let certificate = Certificate {
        subject: "CN=a".into(),
        issuer: "CN=b".into(),
        names: vec!["a".into()],
        not_before: 1_767_225_600,
        not_after: 1_769_904_000,
        fingerprint: [0; 32],
    };
    let tls = Tls {
        version: "TLSv1_3".into(),
        cipher_suite: "c".into(),
        alpn: None,
        is_trusted: true,
        certificates: vec![certificate],
    };
    bench.relays(&[
        ready(1 << 20),
        Event::Connected("[::1]:443".into()),
        Event::Tls(tls),
        Event::Request("GET /feed HTTP/1.1\r\n\r\n".into()),
        Event::Response(response(101, "", vec![])),
        Event::Opened(Opened { times, ..opened }),
    ]);
    let draft = Draft::new(Form::Hex, "c1 80");
    bench.update(Input::Composer(ComposerCommand::SendFramed(draft, Framing::Raw)));
    let text = bench.exports(Format::JsonLines);
    let lines: Vec<_> = text.lines().collect();
    let members = concat!(
        r#""address":"[::1]:443","status":101,"subprotocol":"chat","times_us":{"name":1500,"http":4000},"#,
        r#""tls":{"version":"TLSv1_3","cipher_suite":"c","alpn":null,"certificates":[{"subject":"CN=a","#,
        r#""issuer":"CN=b","names":["a"],"not_before":"2026-01-01T00:00:00Z","not_after":"2026-02-01T00:00:00Z"}]}}"#
    );
    assert!(lines[0].ends_with(members), "{}", lines[0]);
    let raw = r#""direction":"out","kind":"raw","base64":"wYA=","size":2}"#;
    assert!(lines[1].ends_with(raw), "{}", lines[1]);
    assert_eq!(lines.len(), 2);
    // All of it is read, and the bytes are no row.
    assert_eq!(Import::new(text).expect("JSON Lines").map(Result::unwrap).count(), 1);
}
