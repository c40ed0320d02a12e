//! Mocks: the answers to requests, and the conversations with clients.

use std::{collections::VecDeque, time::Duration};

use proptest::prelude::*;
use scenario::{
    Answer, Connected, ConnectionId, Input, Mock, Outgoing, Output, Recording, Request, Run, Side,
    Verdict, parse, write,
};
use session::{Close, CloseCode, Direction, Fact, Message, Time};
use workbench::compose::{Template, Values};

fn mock(text: &str) -> Mock {
    Mock::new(parse(text).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{text}")))
}

fn request(path: &str) -> Request {
    Request { path: path.to_owned(), ..Request::default() }
}

/// Run with a client that asks for `request`.
fn serve(mock: &Mock, request: &Request) -> Run {
    serve_with(mock, request, Values::new(1))
}

fn serve_with(mock: &Mock, request: &Request, mut values: Values) -> Run {
    values.variables.push(("connection".to_owned(), "7".to_owned()));
    match mock.answer(request, &values) {
        Ok(Answer::Open { run, .. }) => *run,
        other => panic!("{other:?}"),
    }
}

fn text(text: &str) -> Input {
    Input::Message(Message::Text(text.to_owned()))
}

/// Texts that the mock sends after an input.
fn sent(run: &mut Run, input: Option<Input>, now: Time) -> Vec<String> {
    let outputs = run.update(input.map(|input| (ConnectionId(0), input)), now);
    let texts = outputs.into_iter().filter_map(|output| match output {
        Output::Send(_, Outgoing::Message(Message::Text(text))) => Some(text),
        Output::Send(_, Outgoing::Close(code, _)) => Some(format!("close {code}")),
        _ => None,
    });
    texts.collect()
}

#[test]
fn a_path_that_is_not_met_takes_no_number_from_the_next() {
    let of_paths = |first| {
        format!("serve /a\n  header X: {first}\n> one\nserve /a\n  header X: {{{{seq}}}}\n> two\n")
    };
    let headers = vec![("X".to_owned(), "1".to_owned())];
    for first in ["{{seq}}-a", "{{random 1 9}}-a{{seq}}"] {
        let mut run =
            serve(&mock(&of_paths(first)), &Request { headers: headers.clone(), ..request("/a") });
        assert_eq!(sent(&mut run, None, Time(0)), ["two"]);
    }
}

#[test]
fn a_client_gets_the_first_path_whose_conditions_it_meets() {
    let mock_of = mock;
    let mock = mock(
        "@token = t\nserve /a/{id}\n  subprotocol v2 v1\n> two\n\
         serve /a/{id}\n  header Authorization: Bearer {{token}}\n  query mode=x\n> three\n\
         serve /a/{id}\n  query denied=1\n  refuse 403\n\
         serve /b\n  query x=1\n> b\n",
    );
    let values = Values::new(1);
    let answer = |request: &Request| match mock.answer(request, &values) {
        Ok(Answer::Open { serve, subprotocol, .. }) => {
            format!("{serve} {}", subprotocol.unwrap_or_default())
        }
        Ok(Answer::Refuse { serve, status }) => format!("{serve} {status}"),
        Ok(Answer::Unmet(spans)) => format!("unmet {}", spans.len()),
        Ok(Answer::Unknown) => "unknown".to_owned(),
        Err(sentence) => sentence,
    };
    let pairs = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let offers = vec!["v1".to_owned(), "v2".to_owned()];
    assert_eq!(answer(&Request { subprotocols: offers, ..request("/a/1") }), "0 v2");
    let headers = pairs(&[("authorization", "Bearer t")]);
    let query = pairs(&[("mode", "x")]);
    assert_eq!(answer(&Request { headers, query, ..request("/a/1") }), "1 ");
    assert_eq!(answer(&Request { query: pairs(&[("denied", "1")]), ..request("/a/1") }), "2 403");
    assert_eq!(answer(&request("/a/1")), "unmet 3");
    let escaped = mock_of("serve /a%20b/caf%C3%A9\n> x\nserve /%7Bc%7D\n> x\nserve /%ff\n> x\n");
    for path in ["/a%20b/caf%c3%a9", "/%7Bc%7D", "/{c}", "/%FF"] {
        assert!(
            matches!(escaped.answer(&request(path), &values), Ok(Answer::Open { .. })),
            "{path}"
        );
    }
    for path in ["/a", "/a/", "/a/1/2", "/", "", "/b/", "/%ff"] {
        assert_eq!(answer(&request(path)), "unknown", "{path}");
    }
}

#[test]
fn a_parameter_of_the_path_is_a_variable() {
    let mock = mock("serve /rooms/{room}\n> {{room}} {{connection}}\n");
    let mut run = serve(&mock, &request("/rooms/caf%C3%A9%2F1"));
    assert_eq!(sent(&mut run, None, Time::from_secs(1)), ["café/1 7"]);
}

#[test]
fn a_mock_waits_for_its_client_and_stays_after_the_last_step() {
    let mock = mock("serve /a\n  on \"2\" > \"3\"\n< \"hi\" capture all = text\n> {{all}}!\n");
    let mut run = serve(&mock, &request("/a"));
    assert_eq!(sent(&mut run, None, Time::from_secs(1)), [""; 0]);
    assert_eq!(sent(&mut run, Some(text("2")), Time::from_secs(3_600)), ["3"]);
    assert_eq!(sent(&mut run, Some(text("hi")), Time::from_secs(3_601)), ["hi!"]);
    assert_eq!(sent(&mut run, Some(text("2")), Time::from_secs(3_602)), ["3"]);
    assert_eq!(run.verdict(), None);
    sent(&mut run, Some(Input::Closed(Some((1000, String::new())))), Time::from_secs(3_603));
    assert_eq!(run.verdict(), Some(&Verdict::Passed));
}

#[test]
fn a_rule_ends_the_conversation_whatever_step_is_next() {
    let mock = mock(
        "serve /a\n  on {\"token\":\"bad\"} close 4001 \"bad {{connection}}\"\n  on \"go\" drop\n\
         < {\"token\":\"good\"}\n> welcome\n< \"bye\"\n",
    );
    let mut run = serve(&mock, &request("/a"));
    let bad = "{\"token\":\"bad\"}";
    assert_eq!(sent(&mut run, Some(text(bad)), Time::from_secs(1)), ["close 4001"]);
    // Nothing is answered, and nothing deviates, after the Close frame.
    assert_eq!(sent(&mut run, Some(text(bad)), Time::from_secs(1)), [""; 0]);
    assert_eq!(sent(&mut run, Some(text("subscribe")), Time::from_secs(1)), [""; 0]);
    sent(&mut run, Some(Input::Closed(Some((4001, String::new())))), Time::from_secs(2));
    assert_eq!(run.verdict(), Some(&Verdict::Passed));
    let mut run = serve(&mock, &request("/a"));
    assert_eq!(sent(&mut run, Some(text("{\"token\":\"good\"}")), Time::from_secs(1)), ["welcome"]);
    let outputs = run.update(Some((ConnectionId(0), text("go"))), Time::from_secs(1));
    assert!(outputs.contains(&Output::Drop(ConnectionId(0))), "{outputs:?}");
    assert_eq!(run.verdict(), Some(&Verdict::Passed));
}

#[test]
fn a_client_that_goes_off_the_script_fails_the_run_with_the_line() {
    let text_of_mock = "serve /a\n< \"hi\"\n> 1\n< \"bye\"\n";
    let mock = mock(text_of_mock);
    for (messages, line, message) in [
        (&["ho"][..], "< \"hi\"", "The message does not match."),
        (&["hi", "bye", "again"], "< \"bye\"", "No step or rule for this message."),
    ] {
        let mut run = serve(&mock, &request("/a"));
        for message in messages {
            sent(&mut run, Some(text(message)), Time::from_secs(1));
        }
        let Some(Verdict::Failed(failure)) = run.verdict() else { panic!("{messages:?} passed") };
        assert_eq!((&text_of_mock[failure.span.clone()], &*failure.message), (line, message));
        assert!(!failure.is_early_end);
    }
}

#[test]
fn a_client_that_leaves_early_is_told_from_one_that_deviates() {
    let mock = mock("serve /a\n< \"hi\"\n< closed 4000\n");
    let closed = || Some(Input::Closed(Some((1000, String::new()))));
    for (first, is_early_end) in [(None, true), (Some(text("hi")), false)] {
        let mut run = serve(&mock, &request("/a"));
        sent(&mut run, first, Time::from_secs(1));
        sent(&mut run, closed(), Time::from_secs(2));
        let Some(Verdict::Failed(failure)) = run.verdict() else { panic!("it passed") };
        assert_eq!(failure.is_early_end, is_early_end);
    }
}

#[test]
fn paths_overlap_if_a_request_fits_both() {
    let mock = mock("serve /a/{x}\n> 1\n");
    for (path, expected) in
        [("/a/b", true), ("/{x}/c", true), ("/a", false), ("/b/{x}", false), ("/a/", false)]
    {
        assert_eq!(mock.scenario().serves()[0].overlaps(path), expected, "{path}");
    }
}

/// Line of a conversation.
#[derive(Clone, Debug)]
struct Spoken {
    by_client: bool,
    message: Message,
}

fn conversations() -> impl Strategy<Value = (Vec<Spoken>, bool, u16)> {
    let message = prop_oneof![
        ".{0,30}".prop_map(Message::Text),
        "\\{\"[a-z]{1,5}\":(\\[1,2\\.50\\]|\"[ -~&&[^\"\\\\]]{0,9}\"|null)\\}"
            .prop_map(Message::Text),
        "[{}#/\" <>]{0,9}".prop_map(Message::Text),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Message::Binary),
    ];
    let spoken =
        (any::<bool>(), message).prop_map(|(by_client, message)| Spoken { by_client, message });
    (prop::collection::vec(spoken, 0..30), any::<bool>(), prop::sample::select(vec![1000, 4001]))
}

/// Steps of one side.
fn steps(conversation: &[Spoken], closes: (bool, u16), of_client: bool) -> String {
    let mut lines = String::new();
    for Spoken { by_client, message } in conversation {
        lines += if *by_client == of_client { "> " } else { "< " };
        match message {
            Message::Text(text) => {
                lines += &serde_json::Value::from(&*Template::escaped(text)).to_string();
            }
            Message::Binary(bytes) => {
                lines += if bytes.is_empty() { "hex \"\"" } else { "hex" };
                lines.extend(bytes.iter().map(|byte| format!(" {byte:02x}")));
            }
        }
        lines += "\n";
    }
    let (by_client, code) = closes;
    let close = if by_client == of_client { format!("close {code}\n") } else { String::new() };
    lines + &close + &format!("< closed {code}\n")
}

/// Recording of a conversation, as its client would make it.
fn recording(conversation: Vec<Spoken>, by_client: bool, code: u16) -> Recording {
    let direction = |by_client| if by_client { Direction::Out } else { Direction::In };
    let messages = conversation
        .into_iter()
        .map(|Spoken { by_client, message }| Fact::Message(direction(by_client), message, None));
    let close = Close { code: CloseCode(code), reason: "it is over".to_owned() };
    let facts = messages.chain([Fact::Close(direction(by_client), close)]).collect();
    Recording { url: Some("ws://mock/a".to_owned()), facts, ..Recording::default() }
}

/// Passes messages between a run and a mock until both have a verdict.
fn converse(run: &mut Run, mock: &Mock, values: &Values) -> [Option<Verdict>; 2] {
    let mut now = Time::from_secs(1);
    let mut served: Option<Run> = None;
    let mut queues: [VecDeque<Input>; 2] = Default::default();
    let mut outputs = [run.update(None, now), Vec::new()];
    loop {
        for side in [0, 1] {
            for output in std::mem::take(&mut outputs[side]) {
                match output {
                    Output::Connect(_, start) => {
                        let path = start.url.strip_prefix("ws://mock").unwrap_or_default();
                        let mut run = serve_with(mock, &request(path), values.clone());
                        queues[0].push_back(Input::Connected(Connected::Open(None)));
                        outputs[1] = run.update(None, now);
                        served = Some(run);
                    }
                    Output::Send(_, Outgoing::Message(message)) => {
                        queues[1 - side].push_back(Input::Message(message));
                    }
                    Output::Send(_, Outgoing::Close(code, reason)) => {
                        // Answered by the other side's WebSocket.
                        for queue in &mut queues {
                            queue.push_back(Input::Closed(Some((code, reason.clone()))));
                        }
                    }
                    _ => {}
                }
            }
        }
        now = now.after(Duration::from_millis(1));
        let Some(side) = (0..2).find(|&side| !queues[side].is_empty()) else {
            if outputs.iter().all(Vec::is_empty) {
                let served = served.and_then(|served| served.verdict().cloned());
                return [run.verdict().cloned(), served];
            }
            continue;
        };
        let input = queues[side].pop_front().map(|input| (ConnectionId(0), input));
        match (side, &mut served) {
            (0, _) => outputs[0] = run.update(input, now),
            (_, Some(served)) => outputs[1] = served.update(input, now),
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_mock_passes_the_scenario_of_the_same_conversation(
        (conversation, by_client, code) in conversations()
    ) {
        let closes = (by_client, code);
        let client = format!("connect ws://mock/a\n{}", steps(&conversation, closes, true));
        let served = format!("serve /a\n{}", steps(&conversation, closes, false));
        let mut run = Run::new(mock(&client).scenario(), None, Values::new(1)).expect("it has no variable");
        let verdicts = converse(&mut run, &mock(&served), &Values::new(1));
        prop_assert_eq!(verdicts, [Some(Verdict::Passed), Some(Verdict::Passed)], "{}", served);
    }

    #[test]
    fn a_mock_from_a_recording_passes_the_test_from_it(
        (conversation, by_client, code) in conversations(),
        secret in "[a-z]{1,2}",
    ) {
        let secrets = [("secret".to_owned(), secret)];
        let mut values = Values::new(1);
        values.variables.extend(secrets.clone());
        let recording = [recording(conversation, by_client, code)];
        let [client, served] = [Side::Client, Side::Server]
            .map(|side| write(&recording, &[], side, &secrets).expect("it can be read").text);
        let mut run = Run::new(mock(&client).scenario(), None, values.clone()).expect("it is known");
        let verdicts = converse(&mut run, &mock(&served), &values);
        prop_assert_eq!(verdicts, [Some(Verdict::Passed), Some(Verdict::Passed)], "{}", served);
    }
}
