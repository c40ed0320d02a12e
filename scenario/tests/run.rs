//! Runs, against a peer that is a function.

#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use std::time::Duration;

use expect_test::{Expect, expect};
use scenario::{
    CONNECTIONS, Connected, ConnectionId, Failure, Input, Outgoing, Output, Run, Secrets, Verdict,
    parse,
};
use session::{Message, Time};
use workbench::compose::Values;

/// Server of a test: events that follow from what it gets.
type Server = fn(ConnectionId, &Output) -> Vec<Input>;

/// Runs a file against `server`, with a clock that jumps from deadline to deadline.
fn run(text: &str, server: Server) -> Run {
    run_section(text, None, server)
}

fn run_section(text: &str, section: Option<usize>, server: Server) -> Run {
    let scenario = parse(text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let mut run = Run::new(&scenario, section, Values::new(1)).expect("its variables are known");
    let mut now = Time::from_secs(1);
    let mut events = Vec::new();
    let mut outputs = run.update(None, now);
    for _ in 0..10_000 {
        for output in outputs.drain(..) {
            if let Output::Connect(connection, _)
            | Output::Send(connection, _)
            | Output::Drop(connection) = output
            {
                events.extend(
                    server(connection, &output).into_iter().map(|event| (connection, event)),
                );
            }
        }
        if run.verdict().is_some() {
            return run;
        }
        now = now.after(Duration::from_millis(1));
        if events.is_empty() {
            now = now.max(run.deadline().expect("a run that waits has a deadline"));
            outputs = run.update(None, now);
        } else {
            outputs = run.update(Some(events.remove(0)), now);
        }
    }
    panic!("the run does not end");
}

/// Opens, echoes and closes.
fn echo(_: ConnectionId, output: &Output) -> Vec<Input> {
    match output {
        Output::Connect(_, start) if start.url.ends_with("/refuse") => {
            vec![Input::Connected(Connected::Refused(
                Some(401),
                "The server refused: 401.".to_owned(),
            ))]
        }
        Output::Connect(..) => vec![Input::Connected(Connected::Open(None))],
        Output::Send(_, Outgoing::Message(message)) => vec![Input::Message(message.clone())],
        Output::Send(_, Outgoing::Ping(data)) => vec![Input::Pong(data.clone().into_bytes())],
        Output::Send(_, Outgoing::Close(code, reason)) => {
            vec![Input::Closed(Some((*code, reason.clone())))]
        }
        _ => Vec::new(),
    }
}

fn failure(run: &Run) -> &Failure {
    let Some(Verdict::Failed(failure)) = run.verdict() else { panic!("it passed") };
    failure
}

/// Failure as `line: message`.
fn told(text: &str, failure: &Failure) -> String {
    let line = text[..failure.span.start].matches('\n').count() + 1;
    format!("{line}: {}", failure.message)
}

/// Run of a file that is valid, before its first update.
fn new_run(text: &str) -> Run {
    let scenario = parse(text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    Run::new(&scenario, None, Values::new(1)).expect("its variables are known")
}

fn passes(text: &str) {
    let run = run(text, echo);
    assert_eq!(run.verdict(), Some(&Verdict::Passed));
}

/// Failure of a run as `line: message`, its differences and the last messages.
fn fails(text: &str, expected: &Expect) {
    let run = run(text, echo);
    let failure = failure(&run);
    let recent = failure.recent.iter().map(|seen| {
        let arrow = if seen.sent { '>' } else { '<' };
        format!("  {}{arrow} {}", seen.connection.as_deref().unwrap_or_default(), seen.text)
    });
    let differences = failure.differences.iter().map(|difference| format!("- {difference}"));
    let lines: Vec<_> =
        [told(text, failure)].into_iter().chain(differences).chain(recent).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn messages_are_sent_and_expected_in_order() {
    passes("connect ws://a\n> hi\n< \"hi\"\n> hex 00ff\n< hex 00 ff\n< opened\n");
    passes("connect a ws://a\nconnect b ws://b\na > 1\nb > 2\nb < \"2\"\na < \"1\"\n");
}

#[test]
fn matchers_look_at_text_json_and_size() {
    passes(
        "connect ws://a\n> {\"a\":[1,{\"b\":\"x\"}],\"c\":2.0}\n< json {\"a\":[1,{\"b\":\"x\"}],\"c\":2} and size > 5\n",
    );
    passes(
        "connect ws://a\n> {\"seq\":7}\n< json $.seq >= 7 and json $.seq is number and json $.id missing\n",
    );
    passes("connect ws://a\n> 42[\"hello\",{\"id\":3}]\n< \"42\" json $[1].id == 3\n");
    passes(
        "connect ws://a\n> one two\n< contains \"e t\" and matches /^one/\n> x\n< text\n> base64 AAA=\n< binary\n",
    );
}

#[test]
fn a_message_that_is_not_the_next_one_fails_or_is_passed_over() {
    fails(
        "connect ws://a\n> {\"a\":{\"b\":1},\"c\":[1]}\n< json {\"a\":{\"b\":2,\"d\":1},\"c\":[]}\n",
        &expect![[r#"
            3: The message does not match.
            - $.a.b: expected 2, got 1
            - $.a.d is missing
            - $.c: expected 0 items, got 1
              > {"a":{"b":1},"c":[1]}
              < {"a":{"b":1},"c":[1]}"#]],
    );
    fails(
        "connect a ws://a\na > hello\na < \"help\"\n",
        &expect![[r#"
        3: The message does not match.
        - at character 4: expected "p", got "lo"
          a> hello
          a< hello"#]],
    );
    passes("connect ws://a\n> one\n> two\n<~ \"two\"\n");
}

#[test]
fn a_wait_ends() {
    fails("connect ws://a\n< any within 20ms\n", &expect!["2: No matching message within 20ms."]);
    fails(
        "limit 2s\nconnect ws://a\nwait 1h\n",
        &expect!["3: The run exceeded its time limit of 2s."],
    );
    fails(
        "connect ws://a\n> x\n<~ \"y\"\n",
        &expect![[r#"
        3: No matching message within 5s.
          > x
          < x"#]],
    );
}

#[test]
fn captures_are_variables_of_later_steps() {
    passes(
        "connect ws://a\n> {\"id\":\"k7\",\"n\":4}\n< any capture id = $.id capture n = $.n\n> {{id}}/{{n}}\n< \"k7/4\"\n",
    );
    passes(
        "connect ws://a\n> id=41;\n< any capture id = /id=([0-9]+)/\n> {\"n\":{{id}}}\n< json $.n == {{id}}\n",
    );
    passes("@who = you\nconnect ws://a\n> hi {{who}}\n< \"hi you\"\n");
    fails(
        "connect ws://a\n> {{nobody}}\n",
        &expect!["2: Unknown variable nobody. Set it with @nobody = …, --set nobody=… or capture."],
    );
    fails(
        "connect ws://a\n> {}\n< any capture id = $.id\n",
        &expect![[r#"
            3: Cannot capture id: there is nothing at $.id.
              > {}
              < {}"#]],
    );
}

#[test]
fn silence_and_never_fail_with_the_message_that_came() {
    passes("connect ws://a\nsilent 500ms\n");
    fails(
        "connect ws://a\n> x\nsilent 500ms\n",
        &expect![[r#"
        3: Unexpected message.
          > x
          < x"#]],
    );
    fails(
        "connect ws://a\nnever contains \"bad\"\n> good\n< any\n> bad\n<~ \"other\"\n",
        &expect![[r#"
            2: A forbidden message arrived (never).
              > good
              < good
              > bad
              < bad"#]],
    );
}

#[test]
fn rules_answer_and_ignore() {
    passes("connect ws://a\n  ignore contains \"beat\"\n> heartbeat\n> x\n< \"x\"\n");
    fails(
        "connect ws://a\n  ignore contains \"{{none}}\"\n> x\n< any\n",
        &expect!["2: Unknown variable none. Set it with @none = …, --set none=… or capture."],
    );
    passes("connect ws://a\n  on text > \"answer\"\n> x\nwait 1s\n");
}

#[test]
fn blocks_repeat_gather_and_run_side_by_side() {
    passes("connect ws://a\nrepeat 300 {\n> x{{seq}}\n<~ matches /^x/\n}\nsilent 1s\n");
    passes("connect ws://a\nevery 100ms for 1s {\n> x\n< \"x\"\n}\n");
    passes("connect ws://a\n> one\n> two\nunordered {\n< \"two\"\n< \"one\"\n}\n");
    passes("connect ws://a\n> one\nany 1 of {\n< \"two\"\n< \"one\"\n}\n");
    passes(
        "connect a ws://a\nconnect b ws://b\nparallel {\na > 1\nb silent 1s\na < \"1\"\nbarrier\nb > 2\nb < \"2\"\n}\na > 3\na < \"3\"\n",
    );
    fails(
        "connect ws://a\n> one\n> three\nunordered {\n< \"two\"\n< \"one\"\n}\n",
        &expect![[r#"
        5: The message does not match.
        - at character 2: expected "wo", got "hree"
          > one
          > three
          < one
          < three"#]],
    );
}

#[test]
fn the_opening_and_the_end_are_expected_like_messages() {
    passes("connect ws://a/refuse\n< refused 401\n");
    passes("connect ws://a\nclose 4001 \"over\"\n< closed 4001 /^ov/\n");
    passes("connect ws://a\nping \"p\"\n< pong \"p\"\n");
    fails("connect ws://a/refuse\n> x\n", &expect!["1: The server refused: 401."]);
    fails("connect ws://a\n< refused\n", &expect!["2: The server accepted the connection."]);
    fails(
        "connect ws://a\nclose 4001\n< closed 1000\n",
        &expect!["3: The connection was closed with code 4001."],
    );
    fails(
        "connect ws://a\nclose\n< any\n",
        &expect!["3: The connection was closed with code 1000."],
    );
    fails(
        "connect ws://a\n> x\nclose\n< closed\n",
        &expect![[r#"
        4: A message arrived before the end.
          > x
          < x"#]],
    );
}

/// Answers with headers, and echoes what came in fragments.
fn with_headers(connection: ConnectionId, output: &Output) -> Vec<Input> {
    match output {
        Output::Connect(..) => {
            let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            let headers =
                vec![header("X-Id", "7"), header("set-cookie", "a=1"), header("Set-Cookie", "b=2")];
            [vec![Input::Headers(headers)], echo(connection, output)].concat()
        }
        Output::Send(_, Outgoing::Fragments(message, 3)) => vec![Input::Message(message.clone())],
        _ => echo(connection, output),
    }
}

#[test]
fn headers_of_the_answer_are_expected_and_captured() {
    for event in
        ["", "header X-ID", "header x-id == 7 and header x-id == \"7\" and header x-id < 10"]
    {
        let text = format!(
            "connect ws://a\n< opened {event} capture id = header X-Id within 1s\n> {{{{id}}}}\n< \"7\"\n"
        );
        assert_eq!(run(&text, with_headers).verdict(), Some(&Verdict::Passed), "{event}");
    }
    let refused = "connect ws://a/refuse\n< refused 401 and header Set-Cookie matches /^b=/ and header Y missing capture c = header set-cookie\n";
    assert_eq!(run(refused, with_headers).verdict(), Some(&Verdict::Passed));
    for (step, message, difference) in [
        ("opened header x-id > 7", "The response has different headers.", "x-id is 7"),
        (
            "opened header set-cookie == \"c\"",
            "The response has different headers.",
            "set-cookie is \"a=1\" (the first of 2 values)",
        ),
        ("opened header Y", "The response has different headers.", "Y is missing"),
        (
            "opened header x-id missing",
            "The response has different headers.",
            "x-id is there: \"7\"",
        ),
        ("opened capture y = header Y", "Cannot capture y: no header Y.", ""),
        ("opened subprotocol s and header x-id", "Selected subprotocol: none.", ""),
    ] {
        let run = run(&format!("connect ws://a\n< {step}\n"), with_headers);
        let failure = failure(&run);
        assert_eq!((&*failure.message, &*failure.differences.concat()), (message, difference));
    }
}

#[test]
fn a_message_is_sent_in_fragments() {
    let text = "connect ws://a\n> fragment 3 {\"a\":\n1}\n< {\"a\":1}\n> fragment 3 hex 00 ff\n< hex 00 ff\n";
    assert_eq!(run(text, with_headers).verdict(), Some(&Verdict::Passed));
    let text = format!("connect ws://a\n> fragment 1 \"{}\"\n", "x".repeat((1 << 16) + 1));
    fails(&text, &expect!["2: The message would have more than 65536 fragments."]);
}

#[test]
fn who_closed_first_is_expected() {
    passes("connect ws://a\nclose 4000\n< closed 4000 by client\n");
    fails(
        "connect ws://a\nclose 4000\n< closed by server\n",
        &expect!["3: The connection was closed by the client first."],
    );
    let closes = |_: ConnectionId, output: &Output| match output {
        Output::Connect(..) => vec![
            Input::Connected(Connected::Open(None)),
            Input::Closed(Some((4001, "bye".to_owned()))),
        ],
        _ => Vec::new(),
    };
    for (by, passes) in [("server", true), ("client", false)] {
        let run = run(&format!("connect ws://a\n< closed 4001 /bye/ by {by} within 1s\n"), closes);
        assert_eq!(run.verdict() == Some(&Verdict::Passed), passes, "{by}");
    }
}

#[test]
fn no_part_of_a_secret_is_shown_by_a_failure() {
    let secret = format!("s3\"{}", "key".repeat(100));
    let json = serde_json::Value::from(&*secret).to_string();
    for steps in [
        "> s3\"keykex\n< \"{{token}}\"\n".to_owned(),
        format!("> {json}\n< \"other\"\n"),
        format!("> {{\"a\":{json}}}\n< {{\"a\":1}}\n"),
        "> {\"a\":1}\n< {\"a\":\"{{token}}\"}\n".to_owned(),
        "> hex 00\n< contains \"{{token}}\"\n".to_owned(),
        "> [1]\n< json $[0] == {{token}}\n".to_owned(),
        "> \"{{token}}\"\nsilent 1s\n".to_owned(),
    ] {
        let scenario = parse(&format!("connect ws://a\n{steps}")).expect("it is right");
        let mut values = Values::new(1);
        values.variables.push(("token".to_owned(), secret.clone()));
        let mut run = Run::new(&scenario, None, values).expect("it is known");
        run.hide(Secrets::new([&*secret]));
        let mut outputs = run.update(None, Time::from_secs(1));
        while run.verdict().is_none() {
            let events: Vec<_> = outputs.iter().flat_map(|it| echo(ConnectionId(0), it)).collect();
            outputs.clear();
            for event in events {
                outputs.extend(run.update(Some((ConnectionId(0), event)), Time::from_secs(2)));
            }
        }
        let shown = format!("{:?}", failure(&run));
        assert!(!shown.contains("keykey"), "{steps}: {shown}");
    }
}

#[test]
fn latencies_are_required() {
    passes("require p99 < 50ms\nconnect ws://a\nrepeat 20 {\n> x\n< any\n}\n");
    fails(
        "connect ws://a\nrequire p50 < 1h\nrequire max < 1us\nrequire p99 <= 20us\n> x\n< any\n",
        &expect![[r#"
            3: max is 1.00 ms; required: max < 1us.
            - p99 is 1.00 ms; required: p99 <= 20us.
            - latencies: 1"#]],
    );
}

#[test]
fn a_section_has_settings_of_its_own() {
    let text = "timeout 3s\nconnect ws://a\n[slow]\nrequire max < 1us\n> 1\n< any\n\
                [silence]\nsilent 1s\n[short]\ntimeout 20ms\n< any\n[file]\n< any\n\
                [limit]\nlimit 2s\nwait 1h\n";
    let verdict = |section| match run_section(text, Some(section), echo).verdict() {
        Some(Verdict::Failed(failure)) => failure.message.clone(),
        verdict => format!("{verdict:?}"),
    };
    assert_eq!(verdict(0), "max is 1.00 ms; required: max < 1us.");
    assert_eq!(verdict(1), "Some(Passed)");
    assert_eq!(verdict(2), "No matching message within 20ms.");
    assert_eq!(verdict(3), "No matching message within 3s.");
    assert_eq!(verdict(4), "The run exceeded its time limit of 2s.");
}

/// Opens, unless the URL says how it ends.
fn ending(connection: ConnectionId, output: &Output) -> Vec<Input> {
    let Output::Connect(_, start) = output else { return echo(connection, output) };
    let open = Input::Connected(Connected::Open(None));
    match start.url.strip_prefix("ws://a/").unwrap_or_default() {
        "hang" => Vec::new(),
        "drop" => vec![open, Input::Closed(None)],
        "violate" => vec![open, Input::Violated("The server sent a masked frame.".to_owned())],
        "1000" => vec![open, Input::Closed(Some((1000, String::new()))), Input::Closed(None)],
        "1005" => vec![open, Input::Closed(Some((1005, String::new())))],
        "4001" => vec![open, Input::Closed(Some((4001, String::new())))],
        _ => echo(connection, output),
    }
}

fn ends(text: &str) -> String {
    let run = run(text, ending);
    match run.verdict() {
        Some(Verdict::Failed(failure)) => told(text, failure),
        _ => "passed".to_owned(),
    }
}

#[test]
fn a_connection_that_never_opens_fails_the_test_at_its_line() {
    assert_eq!(ends("connect ws://a\n"), "passed");
    let hangs = "1: The connection did not open within 5s.";
    assert_eq!(ends("connect ws://a/hang\n"), hangs);
    assert_eq!(ends("connect ws://a/hang\nwait 300ms\n"), hangs);
    let others = "connect a ws://a\nconnect b ws://a/refuse\na > x\na < \"x\"\n";
    assert_eq!(ends(others), "2: The server refused: 401.");
    assert_eq!(ends("connect ws://a/refuse\n< refused\n"), "passed");
    // Of two failures in time, the limit's.
    let limit = "2: The run exceeded its time limit of 2s.";
    assert_eq!(ends("limit 2s\nconnect ws://a/hang\n"), limit);
}

#[test]
fn a_silence_begins_when_the_connection_is_open() {
    let mut run = new_run("connect ws://a\nsilent 1s\n");
    run.update(None, Time::from_secs(1));
    let opened = Input::Connected(Connected::Open(None));
    run.update(Some((ConnectionId(0), opened)), Time::from_secs(3));
    assert_eq!((run.verdict(), run.deadline()), (None, Some(Time::from_secs(4))));
}

#[test]
fn an_end_that_no_step_expects_fails_the_test_unless_it_is_a_normal_one() {
    let closed = |how: &str| format!("1: The connection was closed{how}, but no step expects it.");
    for (path, end) in [
        ("1000", "passed".to_owned()),
        ("1005", "passed".to_owned()),
        ("4001", closed(" with code 4001")),
        ("drop", closed(" without a Close frame")),
        ("violate", "1: The server sent a masked frame.".to_owned()),
    ] {
        assert_eq!(ends(&format!("connect ws://a/{path}\nwait 1s\n")), end, "{path}");
        assert_eq!(ends(&format!("connect c ws://a/{path}\nc wait 1s\n")), end, "{path}");
    }
    assert_eq!(ends("connect ws://a/4001\nwait 1s\n< closed 4001\n"), "passed");
    assert_eq!(ends("connect ws://a/drop\n< dropped\n"), "passed");
    assert_eq!(ends("connect ws://a\ndrop\nwait 1s\n"), "passed");
}

#[test]
fn a_violation_of_the_protocol_is_no_end_that_can_be_expected() {
    for step in ["< dropped", "< closed", "< any", "silent 1s", "< pong", "<~ closed 1002"] {
        let text = format!("connect ws://a/violate\n{step}\n");
        assert_eq!(ends(&text), "2: The server sent a masked frame.", "{step}");
    }
}

#[test]
fn nothing_is_sent_after_a_close_frame() {
    // In a loop, which the parser does not run.
    let text = "connect ws://a/hang\nrepeat 2 {\n> x\nclose\n}\n";
    let mut run = new_run(text);
    run.update(None, Time::from_secs(1));
    let opened = Some((ConnectionId(0), Input::Connected(Connected::Open(None))));
    let sent = run.update(opened, Time::from_secs(1));
    assert_eq!(sent.iter().filter(|it| matches!(it, Output::Send(..))).count(), 3, "{sent:?}");
    let failure = failure(&run);
    assert_eq!(failure.message, "The connection is closing: a Close frame was already sent.");
}

#[test]
fn a_refusal_by_another_status_is_a_failed_step() {
    let run = run("connect ws://a/refuse\n< refused 403\n", echo);
    let failure = failure(&run);
    assert!(!failure.is_error);
    assert_eq!(failure.differences[0], "status: expected 403, got 401");
}

#[test]
fn a_section_begins_with_the_steps_before_all() {
    let text = "connect ws://a\n[one]\n> 1\n< \"1\"\n[two]\n> 2\n< \"1\"\n";
    assert_eq!(run_section(text, Some(0), echo).verdict(), Some(&Verdict::Passed));
    assert!(matches!(run_section(text, Some(1), echo).verdict(), Some(Verdict::Failed(_))));
}

#[test]
fn messages_that_no_step_takes_have_a_bound() {
    fn flood(connection: ConnectionId, output: &Output) -> Vec<Input> {
        match output {
            Output::Send(..) => vec![Input::Message(Message::Text("x".to_owned())); 10_001],
            _ => echo(connection, output),
        }
    }
    let run = run_of_many("connect ws://a\n> x\nwait 1h\n", flood);
    let failure = failure(&run);
    assert_eq!(failure.message, "More than 10000 messages or 64 MiB are waiting for a step.");
}

#[test]
fn control_frames_that_no_step_waits_for_are_not_kept() {
    fn flood(connection: ConnectionId, output: &Output) -> Vec<Input> {
        match output {
            Output::Send(_, Outgoing::Message(_)) => {
                let frames = [Input::Ping(vec![1]), Input::Pong(vec![2])];
                frames.into_iter().cycle().take(20_002).collect()
            }
            _ => echo(connection, output),
        }
    }
    let run = run_of_many("connect ws://a\n> x\nwait 1h\n", flood);
    assert_eq!(run.verdict(), None);
    assert_eq!(run.held(), 0);
}

#[test]
fn a_text_that_a_control_frame_has_no_room_for_is_not_sent() {
    let x = "x".repeat(124);
    for (step, verdict) in [
        (format!("@x = {x}y\nconnect ws://a\nping \"{{{{x}}}}\"\n"), None),
        (
            format!("@x = {x}yz\nconnect ws://a\nping \"{{{{x}}}}\"\n"),
            Some("The frame has room for 125 bytes, not for 126."),
        ),
        (
            format!("@x = {x}\nconnect ws://a\nclose 4000 \"{{{{x}}}}\"\n"),
            Some("The frame has room for 123 bytes, not for 124."),
        ),
    ] {
        let run = run(&step, echo);
        let passed = run.verdict() == Some(&Verdict::Passed);
        let found = (!passed).then(|| &*failure(&run).message);
        assert_eq!(found, verdict, "{step}");
    }
}

#[test]
fn one_of_the_values_at_a_path_is_enough() {
    let items =
        "connect ws://a\n> {\"items\":[{\"id\":1},{\"id\":2,\"ok\":true},{\"id\":\"c\"}]}\n";
    for test in ["id == 2", "id != 1", "id > 1", "id is string", "id matches /^c$/", "ok exists"] {
        passes(&format!("{items}< json $.items[*].{test}\n"));
    }
    fails(
        &format!("{items}< json $.items[*].id == 3\n"),
        &expect![[r#"
            3: The message does not match.
            - $.items[*].id is 1 (the first of 3 values)
              > {"items":[{"id":1},{"id":2,"ok":true},{"id":"c"}]}
              < {"items":[{"id":1},{"id":2,"ok":true},{"id":"c"}]}"#]],
    );
    fails(
        &format!("{items}< json $.items[*].ok missing\n"),
        &expect![[r#"
            3: The message does not match.
            - $.items[*].ok is there: true
              > {"items":[{"id":1},{"id":2,"ok":true},{"id":"c"}]}
              < {"items":[{"id":1},{"id":2,"ok":true},{"id":"c"}]}"#]],
    );
}

#[test]
fn a_name_in_a_path_can_have_quotes() {
    let text = "connect ws://a\n> {\"it's\":{\"a\\\"b\":1}}\n";
    passes(&format!(
        r#"{text}< json $['it\'s']["a\"b"] == 1 and json $["it's"] is object{}"#,
        "\n"
    ));
}

#[test]
fn numbers_in_a_value_are_compared_by_value() {
    let text = "connect ws://a\n> {\"items\":[{\"id\":1,\"x\":[2]},{\"id\":2}]}\n";
    passes(&format!("{text}< json $.items == [{{\"id\":1.0,\"x\":[2e0]}},{{\"id\":2}}]\n"));
    passes(&format!("{text}< json $.items != [{{\"id\":1,\"x\":[3]}},{{\"id\":2}}]\n"));
    passes(&format!("{text}< json $.items[0] != {{\"id\":1}}\n"));
}

#[test]
fn what_a_message_lacks_is_told() {
    fn lacks(send: &str, expected: &str) -> (String, String) {
        let run = run(&format!("connect ws://a\n> {send}\n< {expected}\n"), echo);
        let failure = failure(&run);
        (failure.message.clone(), failure.differences.concat())
    }
    let no_match =
        |difference: &str| ("The message does not match.".to_owned(), difference.to_owned());
    assert_eq!(lacks("hex 78", "contains \"x\""), no_match("it is a binary message"));
    let no_capture = |cause: &str| (format!("Cannot capture id: {cause}."), String::new());
    let capture = "any capture id = /(x)/";
    assert_eq!(lacks("hex 78", capture), no_capture("it is a binary message"));
    assert_eq!(lacks("y", capture), no_capture("/(x)/ does not match"));
    let long = format!("x{}", "y".repeat(64 << 10));
    assert_eq!(lacks(&long, capture), no_capture("the text is longer than 64 KiB"));
}

#[test]
fn large_integers_are_compared_exactly() {
    let id = u64::MAX;
    passes(&format!("connect ws://a\n> {{\"id\":{id}}}\n< json {{\"id\":{id}}}\n"));
    let text = format!("connect ws://a\n> {{\"id\":{id}}}\n< json {{\"id\":{}}}\n", id - 1);
    assert!(matches!(run(&text, echo).verdict(), Some(Verdict::Failed(_))));
}

#[test]
fn differences_are_listed_up_to_a_bound() {
    let wanted: Vec<_> = (0..20).map(|member| format!("\"m{member}\":1")).collect();
    let text = format!("connect ws://a\n> {{}}\n< json {{{}}}\n", wanted.join(","));
    let run = run(&text, echo);
    let failure = failure(&run);
    assert_eq!(failure.differences.len(), 8, "{failure:?}");
}

/// As [`run`], for more events than it allows.
fn run_of_many(text: &str, server: Server) -> Run {
    let mut run = new_run(text);
    let now = Time::from_secs(1);
    let mut events: Vec<_> =
        run.update(None, now).iter().flat_map(|output| server(ConnectionId(0), output)).collect();
    while let Some(event) = events.pop() {
        let outputs = run.update(Some((ConnectionId(0), event)), now);
        events.extend(
            outputs
                .iter()
                .filter(|output| !matches!(output, Output::Passed(..)))
                .flat_map(|output| server(ConnectionId(0), output)),
        );
    }
    run
}

/// Echoes, and sends a Pong frame that nobody asked for before each answer to a Ping frame.
fn chatty(connection: ConnectionId, output: &Output) -> Vec<Input> {
    let mut events = echo(connection, output);
    if matches!(output, Output::Send(_, Outgoing::Ping(_))) {
        events.insert(0, Input::Pong(b"unasked".to_vec()));
        events.insert(1, Input::Ping(b"alive".to_vec()));
    }
    events
}

#[test]
fn control_frames_with_other_data_are_passed_over() {
    let text = |expected: &str| format!("connect ws://a\nping \"1\"\nping \"2\"\n{expected}\n");
    let ends = |expected: &str| match run(&text(expected), chatty).verdict().cloned() {
        Some(Verdict::Failed(failure)) => {
            format!("{} {:?}", told(&text(expected), &failure), failure.differences)
        }
        _ => "passed".to_owned(),
    };
    assert_eq!(ends("<~ pong \"1\"\n<~ pong \"2\"\n< ping \"alive\""), "passed");
    assert_eq!(ends("<~ pong \"2\""), "passed");
    assert_eq!(ends("< pong \"1\""), "4: The frame has different data. [\"unasked\"]");
    assert_eq!(ends("<~ pong \"3\""), "4: It did not happen within 5s. []");
    // Those that were passed over are gone.
    assert_eq!(
        ends("<~ pong \"2\"\n<~ pong \"1\" within 1s"),
        "5: It did not happen within 1s. []"
    );
}

#[test]
fn a_run_makes_so_many_connections() {
    let text = |rounds| format!("repeat {rounds} {{\nconnect ws://a\n< opened\nclose\n}}\n");
    passes(&text(1_000));
    let mut run = new_run(&text(CONNECTIONS + 1));
    let mut outputs = run.update(None, Time(0));
    while run.verdict().is_none() {
        let opened = outputs.iter().find_map(|output| match output {
            Output::Connect(connection, _) => Some(*connection),
            _ => None,
        });
        let opened = opened.map(|it| (it, Input::Connected(Connected::Open(None))));
        outputs = run.update(opened, Time(1));
    }
    let failure = failure(&run);
    assert_eq!(failure.message, "A run can make at most 10000 connections.");
}

#[test]
fn a_step_that_could_not_be_done_ends_the_run_even_if_it_was_the_last() {
    let mut run = new_run("connect ws://a\n> file x\n");
    run.update(None, Time(0));
    let open = Some((ConnectionId(0), Input::Connected(Connected::Open(None))));
    let outputs = run.update(open, Time(1));
    let Some(Output::Send(_, Outgoing::File(path, span))) = outputs.first() else {
        panic!("{outputs:?}")
    };
    assert_eq!((&**path, run.verdict()), ("x", Some(&Verdict::Passed)));
    let outputs = run.fail_at(span, "Cannot read x.");
    assert!(matches!(outputs[..], [Output::Send(_, Outgoing::Close(1000, _))]), "{outputs:?}");
    let failure = failure(&run);
    assert_eq!((&*failure.message, failure.is_error), ("Cannot read x.", true));
    assert_eq!(failure.span, *span);
}

#[test]
fn the_answer_of_a_rule_is_among_the_last_messages() {
    fails(
        "connect ws://a\n  on \"2\" > 3\n> 2\n< \"4\"\n",
        &expect![[r#"
            4: The message does not match.
            - at character 1: expected "4", got "3"
              > 2
              < 2
              > 3
              < 3"#]],
    );
}

#[test]
fn a_message_is_parsed_once_for_all_rules_and_expectations() {
    let open = |(options, steps): (String, String)| {
        let mut run = new_run(&format!("connect ws://a\n{options}unordered {{\n{steps}}}\n"));
        run.update(None, Time::from_secs(1));
        let opened = Input::Connected(Connected::Open(None));
        run.update(Some((ConnectionId(0), opened)), Time::from_secs(1));
        run
    };
    for (prefix, word) in [("", ""), ("42", "\"42\" ")] {
        let input = |size| {
            let options = (0..size).map(|n| format!("  ignore {word}{{\"id\":-{n}}}\n"));
            let steps = (0..size).map(|n| format!("< {word}json $.id == {n}\n"));
            let message =
                format!("{prefix}{{\"id\":{size},\"more\":\"{}\"}}", "x\\n".repeat(50 * size));
            (open((options.collect(), steps.collect())), Input::Message(Message::Text(message)))
        };
        growth::assert_linear(800, input, |(mut run, message)| {
            run.update(Some((ConnectionId(0), message)), Time::from_secs(1));
            assert_eq!(failure(&run).message, "The message does not match.");
        });
    }
}
