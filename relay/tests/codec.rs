//! Commands and events: what is encoded is decoded, and arbitrary bytes are an error or what they say.

use proptest::{collection::vec, prelude::*, sample::select};
use relay::{
    Certificate, Command, DecodeError, Direction, End, EndCause, Event, Failure, FailureCause,
    Fragments, Frame, Message, Network, Open, Opened, PayloadKind, Ready, Response, Side, Stage,
    Tls,
};

const STAGES: [Stage; 5] = [Stage::Name, Stage::Tcp, Stage::Proxy, Stage::Tls, Stage::Http];

fn kind() -> impl Strategy<Value = PayloadKind> {
    select(&[PayloadKind::Text, PayloadKind::Binary][..])
}

fn fragments() -> impl Strategy<Value = Fragments> {
    any::<(bool, u32)>().prop_map(|(is_counted, number)| {
        if is_counted { Fragments::Count(number) } else { Fragments::Bytes(number) }
    })
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    vec(any::<String>(), 0..4)
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    vec(any::<(String, String)>(), 0..4)
}

prop_compose! {
    fn open()(
        texts in any::<[String; 5]>(),
        headers in pairs(),
        lists in (texts(), texts()),
        numbers in any::<(u32, u32)>(),
        accepted in any::<Option<[u8; 32]>>(),
        flags in any::<[bool; 5]>(),
    ) -> Open {
        let [url, certificate, authorities, proxy, address] = texts;
        let reaches = Network::ALL.into_iter().zip(&flags[2..]);
        Open {
            url,
            headers,
            subprotocols: lists.0,
            offers: lists.1,
            compress_from: numbers.0,
            follow: flags[0],
            insecure: flags[1],
            accepted,
            confirmed: reaches.filter(|(_, is_in)| **is_in).map(|(reach, _)| reach).collect(),
            certificate,
            authorities,
            proxy,
            address,
            timeout: numbers.1,
        }
    }
}

/// Any command, with this payload.
fn command(payload: &'static [u8]) -> impl Strategy<Value = Command<'static>> {
    prop_oneof![
        any::<(u16, [u8; 16])>().prop_map(|(version, token)| Command::Hello { version, token }),
        open().prop_map(|open| Command::Open(Box::new(open))),
        (kind(), any::<bool>(), fragments()).prop_map(move |(kind, compress, fragments)| {
            Command::Message(Message { kind, compress, fragments, payload })
        }),
        Just(Command::Ping(payload)),
        Just(Command::Pong(payload)),
        any::<Option<u16>>().prop_map(move |code| Command::Close { code, reason: payload }),
        Just(Command::Raw(payload)),
        Just(Command::Pause),
        Just(Command::Resume),
        any::<u64>().prop_map(Command::Taken),
    ]
}

prop_compose! {
    fn certificate()(
        texts in any::<(String, String)>(), names in texts(), times in any::<(u64, u64)>(),
        fingerprint in any::<[u8; 32]>(),
    ) -> Certificate {
        Certificate {
            subject: texts.0,
            issuer: texts.1,
            names,
            not_before: times.0,
            not_after: times.1,
            fingerprint,
        }
    }
}

/// Any event, with this payload.
fn event(payload: &'static [u8]) -> impl Strategy<Value = Event<'static>> {
    let times = || vec((select(&STAGES[..]), any::<u64>()), 0..6);
    let frame = (any::<([bool; 4], bool)>(), any::<(u8, u8)>(), any::<(u64, Option<u64>, u64)>());
    prop_oneof![
        (any::<(u16, u32, u64)>(), texts()).prop_map(|(numbers, certificates)| {
            let (version, window, max_message) = numbers;
            Event::Ready(Ready { version, window, max_message, certificates })
        }),
        (any::<String>(), texts())
            .prop_map(|(host, addresses)| Event::Resolved { host, addresses }),
        any::<String>().prop_map(Event::Connected),
        (any::<(String, String, Option<String>, bool)>(), vec(certificate(), 0..3)).prop_map(
            |((version, cipher_suite, alpn, is_trusted), certificates)| {
                Event::Tls(Tls { version, cipher_suite, alpn, is_trusted, certificates })
            }
        ),
        any::<String>().prop_map(Event::Request),
        (any::<(u16, String, String)>(), pairs()).prop_map(|((status, reason, body), headers)| {
            Event::Response(Response { status, reason, headers, body })
        }),
        (any::<(String, Option<String>, Option<String>)>(), times()).prop_map(
            |((url, subprotocol, deflate), times)| {
                Event::Opened(Opened { url, subprotocol, deflate, times })
            }
        ),
        (frame, kind()).prop_map(move |((flags, (opcode, head_len), sizes), kind)| {
            let ([is_sent, fin, compressed, masked], is_whole) = flags;
            let (wire_len, inflated, time) = sizes;
            Event::Frame(Frame {
                direction: if is_sent { Direction::Sent } else { Direction::Received },
                opcode,
                fin,
                compressed,
                masked,
                head_len,
                wire_len,
                inflated,
                time,
                kind,
                payload: is_whole.then_some(payload),
            })
        }),
        any::<u64>().prop_map(Event::Written),
        (select(&FailureCause::ALL[..]), times(), any::<String>())
            .prop_map(|(cause, times, sentence)| Event::Failed(Failure { cause, times, sentence })),
        (select(&Side::ALL[..]), select(&EndCause::ALL[..]), any::<(Option<u16>, String)>())
            .prop_map(|(side, cause, (code, reason))| {
                Event::Ended(End { side, cause, code, reason })
            }),
    ]
}

/// Payloads outlive the strategies made of them.
const PAYLOADS: [&[u8]; 3] = [b"", b"hello", &[0xff; 300]];

fn commands() -> impl Strategy<Value = Vec<Command<'static>>> {
    vec(select(&PAYLOADS[..]).prop_flat_map(command), 0..4)
}

fn events() -> impl Strategy<Value = Vec<Event<'static>>> {
    vec(select(&PAYLOADS[..]).prop_flat_map(event), 0..4)
}

fn encoded_commands(commands: &[Command<'_>]) -> Vec<u8> {
    let mut message = Vec::new();
    for command in commands {
        command.encode(&mut message);
    }
    message
}

fn encoded_events(events: &[Event<'_>]) -> Vec<u8> {
    let mut message = Vec::new();
    for event in events {
        event.encode(&mut message);
    }
    message
}

proptest! {
    #[test]
    fn commands_are_decoded_as_they_were_encoded(commands in commands()) {
        let message = encoded_commands(&commands);
        let decoded = Command::decode_all(&message).collect::<Result<Vec<_>, _>>();
        prop_assert_eq!(decoded, Ok(commands));
    }

    #[test]
    fn events_are_decoded_as_they_were_encoded(events in events()) {
        let message = encoded_events(&events);
        let decoded = Event::decode_all(&message).collect::<Result<Vec<_>, _>>();
        prop_assert_eq!(decoded, Ok(events));
    }

    #[test]
    fn the_head_of_an_event_is_all_but_its_payload(event in select(&PAYLOADS[..]).prop_flat_map(event)) {
        let (mut whole, mut head) = (Vec::new(), Vec::new());
        event.encode(&mut whole);
        event.encode_head(&mut head);
        prop_assert_eq!(whole, [&head, event.payload()].concat());
    }

    /// Each message has one form: what is decoded is encoded to the same bytes.
    #[test]
    fn arbitrary_bytes_are_an_error_or_what_they_say(
        kind in 0..13_u8, flags in 0..128_u8, code in 0..16_u16, body in vec(0..4_u8, 0..80),
    ) {
        let mut message = vec![kind, flags];
        message.extend(code.to_be_bytes());
        message.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
        message.extend(body);
        if let Ok(commands) = Command::decode_all(&message).collect::<Result<Vec<_>, _>>() {
            prop_assert_eq!(&encoded_commands(&commands), &message);
        }
        if let Ok(events) = Event::decode_all(&message).collect::<Result<Vec<_>, _>>() {
            prop_assert_eq!(&encoded_events(&events), &message);
        }
    }

    #[test]
    fn a_message_that_is_cut_short_is_an_error(commands in commands(), cut in 1..8_usize) {
        let mut message = encoded_commands(&commands);
        // At least one byte of the last record is left.
        prop_assume!(message.len() > cut);
        message.truncate(message.len() - cut);
        prop_assert_eq!(Command::decode_all(&message).last(), Some(Err(DecodeError::Truncated)));
    }
}

#[test]
fn nothing_is_decoded_after_an_error() {
    let mut message = Vec::new();
    Command::Pause.encode(&mut message);
    message.extend([99, 0, 0, 0, 0, 0, 0, 0]);
    Command::Resume.encode(&mut message);
    let decoded = Command::decode_all(&message).collect::<Vec<_>>();
    assert_eq!(decoded, [Ok(Command::Pause), Err(DecodeError::Kind(99))]);
}

#[test]
fn headers_and_passwords_are_not_in_debug_output() {
    let open = Open {
        url: "ws://me:secret@host".to_owned(),
        headers: vec![("Authorization".to_owned(), "secret".to_owned())],
        subprotocols: vec!["secret".to_owned()],
        ..Open::default()
    };
    assert!(!format!("{:?}", Command::Open(Box::new(open))).contains("secret"));
}

#[test]
fn a_list_is_decoded_in_linear_time() {
    growth::assert_linear(
        30_000,
        |size| {
            let headers = vec![("a".to_owned(), "b".to_owned()); size];
            let mut message = Vec::new();
            Command::Open(Box::new(Open { headers, ..Open::default() })).encode(&mut message);
            message
        },
        |message| assert!(Command::decode_all(&message).all(|command| command.is_ok())),
    );
}
