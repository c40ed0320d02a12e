//! Recordings, written down as tests and as mocks.

use std::time::Duration;

use proptest::prelude::*;
use scenario::{Recording, Side, format, parse, write};
use session::{Close, CloseCode, Direction, EndReason, Fact, Handshake, Message};

fn message(direction: Direction, text: &str) -> Fact {
    Fact::Message(direction, Message::Text(text.to_owned()), None)
}

/// End without a Close frame.
fn lost() -> Fact {
    let close = Close { code: CloseCode::ABNORMAL, reason: String::new() };
    Fact::Ended(EndReason::Closed(close), None, Handshake::default())
}

fn talk() -> Recording {
    let close = Close { code: CloseCode(4001), reason: "over".to_owned() };
    Recording {
        name: None,
        url: Some("wss://me:pw@host/chat/lobby?access_token=t0k&v=2".to_owned()),
        headers: vec![
            ("X-Id".to_owned(), "7 {{".to_owned()),
            ("Authorization".to_owned(), "Bearer s3same".to_owned()),
            ("Cookie".to_owned(), "a=1; b=s3same".to_owned()),
        ],
        subprotocols: vec!["chat.v2".to_owned(), "x".repeat(40)],
        facts: vec![
            message(Direction::Out, "{\"op\":\"{{hi}}\"}"),
            message(Direction::In, "one # two\n"),
            Fact::Message(Direction::In, Message::Binary(vec![0, 255]), None),
            Fact::Close(Direction::In, close),
        ],
        fragments: [(0, 9)].into(),
    }
}

#[test]
fn a_recording_becomes_a_test_without_its_credentials() {
    assert_eq!(
        write(&[talk()], &[], Side::Client, &[]).expect("it can be read").text,
        "connect wss://{{credentials}}@host/chat/lobby?access_token={{access_token}}&v=2\n  \
         header X-Id: 7 {{{{\n  header Authorization: {{authorization}}\n  header Cookie: {{cookie}}\n  \
         subprotocol chat.v2\n> fragment 9 {\"op\":\"{{{{hi}}\"}\n<~ \"one # two\\n\"\n<~ hex 00 ff\n<~ closed 4001 /over/\n"
    );
}

#[test]
fn a_close_frame_without_a_code_is_written_as_one() {
    let close = Close { code: CloseCode::NO_STATUS, reason: String::new() };
    let url = Some("ws://host/a".to_owned());
    let facts = vec![Fact::Close(Direction::In, close)];
    let recording = [Recording { url, facts, ..Recording::default() }];
    for (side, text) in [
        (Side::Client, "connect ws://host/a\n<~ closed 1005\n"),
        (Side::Server, "serve /a\nclose 1005\n"),
    ] {
        assert_eq!(write(&recording, &[], side, &[]).expect("it can be read").text, text);
    }
}

#[test]
fn credentials_are_known_by_the_same_names_as_elsewhere() {
    let recording = Recording {
        url: Some("ws://host/?session=s3same&jwt=s3same&page=2".to_owned()),
        headers: vec![("X-Credential".to_owned(), "s3same".to_owned())],
        subprotocols: vec!["chat".to_owned(), "bearer.s3same-of-mine".to_owned()],
        ..Recording::default()
    };
    assert_eq!(
        write(&[recording], &[], Side::Client, &[]).expect("it can be read").text,
        "connect ws://host/?session={{session}}&jwt={{jwt}}&page=2\n  \
         header X-Credential: {{x-credential}}\n  subprotocol chat\n"
    );
}

#[test]
fn a_recording_becomes_a_mock_with_the_sides_swapped() {
    let written = write(&[talk(), talk()], &[], Side::Server, &[]).expect("it can be read");
    assert_eq!(written.left_out, [1], "nothing tells its client from the first one");
    assert_eq!(
        written.text,
        "serve /chat/lobby\n  subprotocol chat.v2\n< {\"op\":\"{{{{hi}}\"}\n> \"one # two\\n\"\n\
         > hex 00 ff\nclose 4001 \"over\"\n"
    );
}

#[test]
fn a_recording_has_what_the_server_showed_of_itself() {
    let handshake = Handshake { subprotocol: Some("chat.v2".to_owned()), ..Handshake::default() };
    let close = Close { code: CloseCode(4001), reason: "a/b.\\".to_owned() };
    let sent = |data: &[u8]| Fact::Ping(Direction::Out, data.to_vec());
    let answered = |data: &[u8]| Fact::Pong(Direction::In, data.to_vec(), Some(Duration::ZERO));
    let recording = [Recording {
        url: Some("ws://host/".to_owned()),
        subprotocols: vec!["chat.v2".to_owned()],
        facts: vec![
            Fact::Opened(handshake),
            sent(b"{{a"),
            Fact::Ping(Direction::In, b"kept alive".to_vec()),
            answered(b"{{a"),
            sent(b""),
            Fact::Pong(Direction::In, b"by itself".to_vec(), None),
            message(Direction::In, "hello"),
            Fact::Close(Direction::In, close),
        ],
        fragments: [(6, 2)].into(),
        ..Recording::default()
    }];
    for (side, text) in [
        (
            Side::Client,
            "connect ws://host/\n  subprotocol chat.v2\n< opened subprotocol chat.v2\n\
             ping \"{{{{a\"\n<~ pong \"{{{{a\"\nping\n<~ \"hello\"\n<~ closed 4001 /a\\/b\\.\\\\/\n",
        ),
        (
            Side::Server,
            "serve /\n  subprotocol chat.v2\n> fragment 2 \"hello\"\nclose 4001 \"a/b.\\\\\"\n",
        ),
    ] {
        assert_eq!(write(&recording, &[], side, &[]).expect("it can be read").text, text);
    }
}

#[test]
fn a_message_in_more_fragments_than_can_be_sent_is_in_fewer() {
    let facts = vec![message(Direction::In, &"x".repeat((1 << 16) + 1))];
    let recording = Recording { facts, fragments: [(0, 1)].into(), ..Recording::default() };
    let written = write(&[recording], &[], Side::Server, &[]).expect("it can be read").text;
    assert!(written.contains("\n> fragment 2 \"xxx"), "{}", &written[..40]);
}

#[test]
fn an_end_without_a_close_frame_is_a_step() {
    let facts = vec![message(Direction::In, "hi"), lost()];
    let recording =
        [Recording { url: Some("ws://host/".to_owned()), facts, ..Recording::default() }];
    for (side, text) in [
        (Side::Client, "connect ws://host/\n<~ \"hi\"\n<~ dropped\n"),
        (Side::Server, "serve /\n> \"hi\"\ndrop\n"),
    ] {
        assert_eq!(write(&recording, &[], side, &[]).expect("it can be read").text, text);
    }
}

#[test]
fn a_secret_is_replaced_by_its_name_wherever_it_stands() {
    let secrets = [("door", "s3same"), ("half", "s3s"), ("quote", "a\"b"), ("room", "lobby")];
    let secrets = secrets.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let close = Close { code: CloseCode(4001), reason: "not s3same".to_owned() };
    let mut recording = Recording {
        url: Some("ws://host/chat/lobby?access_token=s3same&v=s3s".to_owned()),
        subprotocols: vec!["chat".to_owned(), "s3same".to_owned()],
        facts: vec![
            message(Direction::Out, "{\"token\":\"s3same\",\"half\":\"s3s\"}"),
            message(Direction::Out, "{s3same"),
            message(Direction::Out, "{{s3same}} a\"b"),
            message(Direction::In, "{\"a\":\"a\\\"b\"}"),
            Fact::Message(Direction::In, Message::Binary(b"\0s3same".to_vec()), None),
            message(Direction::In, ""),
            Fact::Message(Direction::Out, Message::Binary(Vec::new()), None),
            Fact::Close(Direction::Out, close),
        ],
        ..talk()
    };
    let written = write(std::slice::from_ref(&recording), &[], Side::Client, &secrets);
    let written = written.expect("it can be read");
    assert_eq!(
        written.text,
        "connect ws://host/chat/{{room}}?access_token={{door}}&v={{half}}\n  header X-Id: 7 {{{{\n  \
         header Authorization: Bearer {{door}}\n  header Cookie: {{cookie}}\n  subprotocol chat\n\
         > fragment 9 {\"token\":\"{{door}}\",\"half\":\"{{half}}\"}\n\
         # A message with a secret was omitted here.\n> \"{{{{{{door}}}} {{quote}}\"\n\
         # A message with a secret was omitted here.\n# A message with a secret was omitted here.\n<~ \"\"\n\
         > hex \"\"\nclose 4001 \"not {{door}}\"\n"
    );
    let variables: Vec<_> = written.variables.iter().map(String::as_str).collect();
    assert_eq!(variables, ["cookie", "door", "half", "quote", "room"]);
    recording.facts.truncate(1);
    let written = write(&[recording], &[], Side::Server, &secrets).expect("it can be read").text;
    assert_eq!(
        written,
        "serve /chat/{room}\n  subprotocol chat\n< {\"token\":\"{{door}}\",\"half\":\"{{half}}\"}\n"
    );
}

#[test]
fn a_recording_that_is_too_large_ends_where_the_file_does() {
    let facts = vec![message(Direction::In, &"x".repeat(1_000)); 3_000];
    let recording = Recording { facts, ..Recording::default() };
    let recordings = [recording.clone(), recording];
    for side in [Side::Client, Side::Server] {
        let written = write(&recordings, &[], side, &[]).expect("it can be read");
        assert!(written.is_cut && written.text.len() > (1 << 20) - 8_000);
        assert!(written.text.len() <= scenario::TEXT_BYTES);
    }
}

#[test]
fn connections_at_the_same_time_are_a_section_in_the_order_of_what_took_place() {
    let recording = |name: &str, facts: &[Fact]| Recording {
        name: Some(name.to_owned()),
        url: Some("ws://host/".to_owned()),
        facts: facts.to_vec(),
        ..Recording::default()
    };
    let opened = || Fact::Opened(Handshake::default());
    let subprotocol = Handshake { subprotocol: Some("v2".to_owned()), ..Handshake::default() };
    let normal = Close { code: CloseCode::NORMAL, reason: String::new() };
    let recordings = [
        recording("alice", &[opened(), message(Direction::Out, "hi"), lost(), opened()]),
        recording("on", &[Fact::Opened(subprotocol), message(Direction::In, "hi")]),
        recording("alice", &[message(Direction::In, "\0"), Fact::Close(Direction::Out, normal)]),
        recording("alone", &[opened(), message(Direction::Out, "1")]),
        recording("bob", &[opened()]),
        recording("s3same", &[opened(), message(Direction::In, "2")]),
    ];
    let order = [0, 1, 0, 2, 0, 1, 2, 0, 3, 3, 5, 4, 5];
    let secrets = [("door".to_owned(), "s3same".to_owned())];
    let written = write(&recordings, &order, Side::Client, &secrets).expect("it can be read");
    assert_eq!(
        written.text,
        "[connections 1 to 3]\n\
         connect alice ws://host/\nalice < opened\n\
         connect client1 ws://host/\nclient1 < opened subprotocol v2\n\
         alice > \"hi\"\n\
         connect client2 ws://host/\nclient2 < opened\nclient2 <~ \"\\u0000\"\n\
         alice <~ dropped\nclient1 <~ \"hi\"\nclient2 close 1000\n\n\
         [connection 4]\nconnect ws://host/\n> \"1\"\n\n\
         [connections 5 to 6]\n\
         connect client1 ws://host/\nclient1 < opened\nconnect bob ws://host/\nbob < opened\n\
         client1 <~ \"2\"\n"
    );
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let direction = || prop_oneof![Just(Direction::In), Just(Direction::Out)];
    let payload = prop_oneof![
        any::<String>().prop_map(Message::Text),
        "[\\[{\"a:,{}\\]1 #\\\\]{0,12}".prop_map(Message::Text),
        "[\\[{\"a§:,{}\\]\\\\\"]{0,12}".prop_map(Message::Text),
        Just(Message::Text("{\"a\":[{\"b\":{\"{{c}}\":1}}]}".to_owned())),
        prop::collection::vec(any::<u8>(), 0..9).prop_map(Message::Binary),
    ];
    let close = (any::<u16>(), any::<String>())
        .prop_map(|(code, reason)| Close { code: CloseCode(code), reason });
    prop_oneof![
        9 => (direction(), payload).prop_map(|(direction, it)| Fact::Message(direction, it, None)),
        1 => (direction(), close).prop_map(|(direction, close)| Fact::Close(direction, close)),
        1 => Just(lost()),
        1 => prop::collection::vec(any::<u8>(), 0..4)
            .prop_map(|data| Fact::Ping(Direction::Out, data)),
        1 => "[§a{/]{0,3}".prop_map(|data| {
            Fact::Pong(Direction::In, data.into_bytes(), Some(Duration::ZERO))
        }),
        1 => any::<String>().prop_map(|name| {
            Fact::Opened(Handshake { subprotocol: Some(name), ..Handshake::default() })
        }),
    ]
}

proptest! {
    #[test]
    fn what_was_recorded_can_be_read_and_is_laid_out(
        url in prop::option::of("(wss?://)?[a-z@:]{1,9}(/[a-z{}% ]{0,5}){0,3}(\\?[a-zA-Z=&{}]{0,9})?"),
        subprotocols in prop::collection::vec(any::<String>(), 0..3),
        facts in prop::collection::vec(any_fact(), 0..20),
        fragments in prop::collection::vec((0..20_usize, 1..9_usize), 0..3),
        value in ".{0,9}",
        // None of the words of a file contains one.
        secrets in prop::collection::vec("[a{]{0,2}§[a§}]{0,2}", 0..3),
        again in any::<bool>(),
        order in prop::collection::vec(0..2_usize, 0..20),
        name in "[a-z]{0,5}",
    ) {
        let headers = vec![("X-A".to_owned(), value), ("Cookie".to_owned(), "§".to_owned())];
        let secrets = secrets.into_iter().enumerate().map(|(at, value)| (format!("s{at}"), value));
        let secrets: Vec<_> = secrets.collect();
        let fragments = fragments.into_iter().collect();
        let recording = Recording { name: Some(name), url, headers, subprotocols, facts, fragments };
        let recordings = vec![recording; 1 + usize::from(again)];
        // Each fact once, the drawn ones first.
        let mut left: Vec<_> = recordings.iter().map(|recording| recording.facts.len()).collect();
        let rest = (0..recordings.len()).flat_map(|index| vec![index; left[index]]);
        let drawn = order.into_iter().chain(rest.collect::<Vec<_>>());
        let order: Vec<_> = drawn
            .filter(|&index| {
                let is_left = left.get(index).is_some_and(|left| *left > 0);
                left[index.min(recordings.len() - 1)] -= usize::from(is_left);
                is_left
            })
            .collect();
        for side in [Side::Client, Side::Server] {
            let written = write(&recordings, &order, side, &secrets);
            let text = written.unwrap_or_else(|mistakes| panic!("{mistakes:?}")).text;
            prop_assert!(parse(&text).is_ok());
            for (_, secret) in &secrets {
                prop_assert!(!text.contains(&**secret), "{} in {}", secret, text);
            }
            let laid_out = format(&text).expect("it was parsed");
            prop_assert_eq!(laid_out, text);
        }
    }
}
