//! Recordings, written down as tests and as mocks.

use proptest::prelude::*;
use scenario::{Recording, Side, format, parse, write};
use session::{Close, CloseCode, Direction, Fact, Message};

fn message(direction: Direction, text: &str) -> Fact {
    Fact::Message(direction, Message::Text(text.to_owned()), None)
}

fn talk() -> Recording {
    let close = Close { code: CloseCode(4001), reason: "over".to_owned() };
    Recording {
        url: Some("wss://me:pw@host/chat/lobby?access_token=t0k&v=2".to_owned()),
        subprotocols: vec!["chat.v2".to_owned(), "x".repeat(40)],
        facts: vec![
            message(Direction::Out, "{\"op\":\"{{hi}}\"}"),
            message(Direction::In, "one # two\n"),
            Fact::Message(Direction::In, Message::Binary(vec![0, 255]), None),
            Fact::Close(Direction::In, close),
        ],
    }
}

#[test]
fn a_recording_becomes_a_test_without_its_secrets() {
    assert_eq!(
        write(&[talk()], Side::Client).expect("it can be read").text,
        "connect wss://{{credentials}}@host/chat/lobby?access_token={{access_token}}&v=2\n  \
         subprotocol chat.v2\n> {\"op\":\"{{{{hi}}\"}\n<~ \"one # two\\n\"\n<~ hex 00 ff\n<~ closed 4001\n"
    );
}

#[test]
fn a_recording_becomes_a_mock_with_the_sides_swapped() {
    let written = write(&[talk(), talk()], Side::Server).expect("it can be read");
    assert_eq!(written.left_out, [1], "nothing tells its client from the first one");
    assert_eq!(
        written.text,
        "serve /chat/lobby\n  subprotocol chat.v2\n< {\"op\":\"{{{{hi}}\"}\n> \"one # two\\n\"\n\
         > hex 00 ff\nclose 4001 \"over\"\n"
    );
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let direction = || prop_oneof![Just(Direction::In), Just(Direction::Out)];
    let payload = prop_oneof![
        any::<String>().prop_map(Message::Text),
        "[\\[{\"a:,{}\\]1 #\\\\]{0,12}".prop_map(Message::Text),
        Just(Message::Text("{\"a\":[{\"b\":{\"{{c}}\":1}}]}".to_owned())),
        prop::collection::vec(any::<u8>(), 0..9).prop_map(Message::Binary),
    ];
    let close = (any::<u16>(), any::<String>())
        .prop_map(|(code, reason)| Close { code: CloseCode(code), reason });
    prop_oneof![
        9 => (direction(), payload).prop_map(|(direction, it)| Fact::Message(direction, it, None)),
        1 => (direction(), close).prop_map(|(direction, close)| Fact::Close(direction, close)),
    ]
}

proptest! {
    #[test]
    fn what_was_recorded_can_be_read_and_is_laid_out(
        url in prop::option::of("(wss?://)?[a-z@:]{1,9}(/[a-z{}% ]{0,5}){0,3}(\\?[a-zA-Z=&{}]{0,9})?"),
        subprotocols in prop::collection::vec(any::<String>(), 0..3),
        facts in prop::collection::vec(any_fact(), 0..20),
        again in any::<bool>(),
    ) {
        let recording = Recording { url, subprotocols, facts };
        let recordings = vec![recording; 1 + usize::from(again)];
        for side in [Side::Client, Side::Server] {
            let written = write(&recordings, side);
            let text = written.unwrap_or_else(|mistakes| panic!("{mistakes:?}")).text;
            prop_assert!(parse(&text).is_ok());
            let laid_out = format(&text).expect("it was parsed");
            prop_assert_eq!(laid_out, text);
        }
    }
}
