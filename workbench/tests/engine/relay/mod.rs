//! Connections through the page's server, against a server of the same protocol.

mod files;
mod frames;
mod opening;

use relay::{
    Certificate, Command, Direction, End, EndCause, Event, Failure, FailureCause, Frame, Open,
    Opened, PayloadKind, Ready, Response, Side,
};
use session::{Attempt, Message, State};
use workbench::{
    connect::{Address, Answer, Target},
    engine::{LogCommand, Output, Purpose, Report, SocketInput, SocketOutput, Timer},
    log::{Ended, EntryRef, LogEvent, RowContent},
    relay::{Opening, RelayOptions},
};

use crate::harness::{Bench, asks, opens};

const TOKEN: &str = "000102030405060708090a0b0c0d0e0f";
const FIRST: Attempt = Attempt(0);

impl Bench {
    /// Connected to the relay.
    fn greeted() -> Self {
        let mut bench = Self::new();
        bench.greets(RelayOptions::default());
        bench
    }

    /// Connected to the target.
    fn relayed() -> Self {
        let mut bench = Self::greeted();
        bench.relays(&[ready(1 << 20), opened()]);
        assert_eq!(bench.connection().state, State::Open(FIRST));
        bench
    }

    fn routes(&mut self, mut options: RelayOptions) -> Vec<Output> {
        let url = "wss://example.org/feed".to_owned();
        options.bind(&Address::parse(&url, false).expect("it is one"), &url);
        self.connect(Target { url, relay: Some(Box::new(options)), ..Target::default() })
    }

    fn answers(&mut self, attempt: u32, status: u16, text: &str) -> Vec<Output> {
        let answer = Answer { status, text: text.into(), ..Answer::default() };
        self.socket(SocketInput::Answered(Attempt(attempt), Some(answer)))
    }

    /// Connects to the relay; returns what it is asked to open.
    fn greets(&mut self, options: RelayOptions) -> Open {
        let asked = asks(0, "http://localhost:8080/relay/token");
        assert_eq!(self.routes(options), [asked]);
        self.authorizes(0)
    }

    /// Gives the token; returns what the relay is asked to open.
    fn authorizes(&mut self, attempt: u32) -> Open {
        let relay = Target { url: "ws://localhost:8080/relay".into(), ..Target::default() };
        assert_eq!(self.answers(attempt, 200, TOKEN), [opens(attempt, relay)]);
        let calls = self.opened(attempt);
        let commands = commands(&calls);
        let [Command::Hello { version: relay::VERSION, token }, Command::Open(open)] =
            &commands[..]
        else {
            panic!("{commands:?}")
        };
        assert_eq!(token, &std::array::from_fn(|index| u8::try_from(index).unwrap()));
        open.as_ref().clone()
    }

    /// Sends events in one message of the relay.
    fn relays(&mut self, events: &[Event<'_>]) -> Vec<Output> {
        self.relays_to(FIRST, events)
    }

    fn relays_to(&mut self, attempt: Attempt, events: &[Event<'_>]) -> Vec<Output> {
        let mut bytes = Vec::new();
        for event in events {
            event.encode(&mut bytes);
        }
        self.socket(SocketInput::Received(attempt, Message::Binary(bytes)))
    }

    /// Second attempt, with these events; returns what the relay is asked to open.
    fn retries(&mut self, events: &[Event<'_>]) -> Open {
        self.fires(Timer::Retry(Attempt(1)));
        let open = self.authorizes(1);
        self.relays_to(Attempt(1), events);
        open
    }

    /// Opcodes of the frames of an entry.
    fn frames(&mut self, id: u64) -> Vec<u8> {
        match self.report(LogCommand::Fetch(id, Purpose::Inspect)) {
            Some(Report::Fetched(fetched, _)) => {
                fetched.frames.first.iter().map(|frame| frame.opcode).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Opening of a row, as it is inspected.
    fn opening(&mut self, row: usize) -> Opening {
        let id = self.shows().rows[row].id;
        let report = self.report(LogCommand::Inspect(Some(EntryRef::Id(id))));
        let Some(Report::Event(row, _)) = report else { panic!("{report:?}") };
        let RowContent::Event(LogEvent::Handshake(opening)) = row.shows else { panic!("{row:?}") };
        *opening
    }

    /// End of the connection: the last event.
    fn end(&mut self) -> Ended {
        match self.events().pop() {
            Some(LogEvent::Ended(ended)) => ended,
            event => panic!("{event:?}"),
        }
    }

    /// True if nothing would come of another attempt.
    fn is_idle(&mut self) -> bool {
        matches!(self.connection().state, State::Idle(_))
    }
}

fn header(name: &str, value: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), value.to_owned())]
}

fn ready(window: u32) -> Event<'static> {
    Event::Ready(Ready { version: 1, window, max_message: 1 << 20, certificates: Vec::new() })
}

/// Certificate of the target, of January 2026, with this number in its fingerprint.
fn certificate(number: u8) -> Certificate {
    Certificate {
        subject: "CN=a".into(),
        issuer: "CN=b".into(),
        names: vec!["a".into()],
        not_before: 1_767_225_600,
        not_after: 1_769_904_000,
        fingerprint: [number; 32],
    }
}

fn response(status: u16, reason: &str, headers: Vec<(String, String)>) -> Event<'static> {
    Event::Response(Response { status, reason: reason.into(), headers, body: String::new() })
}

fn opened() -> Event<'static> {
    let (url, subprotocol) = ("wss://example.org/feed".into(), Some("chat".into()));
    Event::Opened(Opened { url, subprotocol, ..Opened::default() })
}

fn failed(cause: FailureCause, sentence: &str) -> Event<'static> {
    Event::Failed(Failure { cause, times: Vec::new(), sentence: sentence.into() })
}

fn ended(side: Side, cause: EndCause, code: Option<u16>, reason: &str) -> Event<'static> {
    Event::Ended(End { side, cause, code, reason: reason.into() })
}

fn received(opcode: u8, kind: PayloadKind, payload: &[u8]) -> Event<'_> {
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
    let Event::Frame(frame) = received(opcode, PayloadKind::Binary, payload) else {
        unreachable!()
    };
    let masked = direction == Direction::Sent;
    let head_len = if masked { 6 } else { 2 };
    Event::Frame(Frame { direction, time, masked, head_len, ..frame })
}

/// Frame of a message that is sent as two.
fn sent(opcode: u8, fin: bool) -> Event<'static> {
    let Event::Frame(frame) = received(opcode, PayloadKind::Text, b"") else { unreachable!() };
    Event::Frame(Frame { direction: Direction::Sent, fin, masked: true, payload: None, ..frame })
}

fn commands(calls: &[Output]) -> Vec<Command<'_>> {
    let sent = calls.iter().filter_map(|call| match call {
        Output::Socket(SocketOutput::Send(_, Message::Binary(bytes))) => Some(bytes),
        _ => None,
    });
    sent.flat_map(|bytes| Command::decode_all(bytes).map(Result::unwrap)).collect()
}
