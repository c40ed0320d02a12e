//! Syntax: mistakes with their places, and layout.

#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use expect_test::{Expect, expect};
use proptest::prelude::*;
use scenario::{Connected, ConnectionId, Diagnostic, Input, Run, Source, Verdict, format, parse};
use session::{Message, Time};
use workbench::{compose::Values, payload::LineColumn};

/// Mistakes as `line:column: message suggestion`.
fn mistakes(text: &str, expected: &Expect) {
    let found = parse(text).expect_err("it has mistakes");
    let quoted = |mistake: &Diagnostic| format!(" [{}]", &text[mistake.span.clone()]);
    expected.assert_eq(&listed(text, &found, quoted));
}

/// Lines of mistakes in `text`, with what `quoted` gives behind each place.
fn listed(text: &str, found: &[Diagnostic], quoted: impl Fn(&Diagnostic) -> String) -> String {
    let source = Source::new("", text);
    let lines = found.iter().map(|mistake| {
        let LineColumn { line, column } = source.place(&mistake.span).at;
        let help = mistake.suggestion.as_deref().unwrap_or_default();
        format!("{line}:{column}{} {mistake} {help}", quoted(mistake))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn all_mistakes_of_a_file_are_found_at_once_with_suggestions() {
    mistakes(
        "timeot 2s\nconnect ws://localhost\n> \"hi\n< jsn {}\n< closed 99\nbob > hi\nrepeat 0 {\n",
        &expect![[r#"
            1:1 [timeot] 'timeot' is not a step. Did you mean 'timeout'?
            3:3 ["hi] The string is not closed: a '"' is missing. 
            4:3 [jsn] 'jsn' is not a matcher. Did you mean 'json'?
            5:10 [99] '99' is not a close code: use 1000 to 4999. 
            6:1 [bob] Unknown connection 'bob'. Add before it: connect NAME URL
            7:8 [0] '0' is not a number from 1 to 1000000. "#]],
    );
}

#[test]
fn words_of_other_tools_are_told_in_those_of_scenarios() {
    mistakes(
        "connect ws://a\n  Authorization: Bearer x\nsend hi\nexpect \"hi\"\nsleep 1s\n< closed 4001 \"bye\"\n\
         close 4001 bye\n< close 4001\n< silent 1s\n< $.op == 1\n< /hi/\nbob: > hi\n>hi\nlet a = 1\n\
         capture id = $.id\n< any capture $.id as id\ninclude login.ws\n< a\n",
        &expect![[r#"
            2:3 [Authorization:] 'Authorization:' is not a step. Syntax: header Authorization: VALUE
            3:1 [send] 'send' is not a step. Use '>' instead.
            4:1 [expect] 'expect' is not a step. Use '<' instead.
            5:1 [sleep] 'sleep' is not a step. Use 'wait' instead.
            6:15 ["bye"] An expected reason is a regular expression. Write it between slashes: closed 4001 /bye/
            7:12 [bye] Invalid close reason. Write it in quotes: close 4001 "bye"
            8:3 [close] 'close' is not a matcher. Did you mean 'closed'?
            9:3 [silent] 'silent' is not a matcher. silent is a step of its own, without <: silent 1s
            10:3 [$.op] '$.op' is not a matcher. Put json before a path: < json $.op == "event"
            11:3 [/hi/] '/hi/' is not a matcher. Put matches before a regular expression: < matches /^id=[0-9]+$/
            12:1 [bob:] Remove the colon after the connection name. 
            13:1 [>hi] '>hi' is not a step. Put a space after > and <.
            14:1 [let] 'let' is not a step. To set a variable, write @NAME = VALUE.
            15:1 [capture] 'capture' is not a step. Put it after the expectation: < any capture id = $.id
            16:15 [$.id] The name of a variable is missing here. Put it before the value: capture id = $.id
            17:9 [login.ws] The path of a file is missing here. Write it in quotes: include "login.ws"
            18:3 [a] 'a' is not a matcher. Put the text in quotes: < "a""#]],
    );
}

#[test]
fn a_value_can_be_more_than_another_except_before_an_answer() {
    let text = "connect ws://a\n  on json $.id > 3\n< json $.id > 3 and json $.id >= 4 within 1s\n";
    assert!(scenario::parse(text).is_ok());
    mistakes(
        "connect ws://a\n  on json $.id > 3 > 4\n< json $.id >\n",
        &expect!["3:14 [] A value is missing here. "],
    );
}

#[test]
fn a_step_needs_its_connection() {
    mistakes(
        "> hi\n",
        &expect![
            "1:1 [> hi] There is no connection yet. Add before it: connect ws://localhost:8080"
        ],
    );
    mistakes(
        "connect alice ws://a\nalise > hi\n> hi\n",
        &expect![[r#"
        2:1 [alise] Unknown connection 'alise'. Did you mean 'alice'?
        3:1 [> hi] The connection's name is missing. Write it before the step, like alice > hi."#]],
    );
}

#[test]
fn a_file_or_section_that_tests_nothing_is_a_mistake() {
    for text in ["", "# a\n", "timeout 1s\n@a = 1\n"] {
        mistakes(text, &expect!["1:1 [] The file has no steps: nothing to test or to serve. "]);
    }
    mistakes(
        "[a]\n[b]\nconnect ws://a\n[c]\nwait 1s\n",
        &expect![[r#"
            1:1 [[a]] [a] has no connection: nothing to test. 
            4:1 [[c]] [c] has no connection: nothing to test. "#]],
    );
    assert!(parse("connect ws://a\n[a]\n[b]\n").is_ok());
}

#[test]
fn what_is_sent_after_the_end_is_a_mistake() {
    mistakes(
        "connect ws://a\n> a\nclose\n> b\nping\nclose\n< closed\nconnect ws://a\n> c\ndrop\n> d\n",
        &expect![[r#"
            4:1 [> b] Nothing can be sent here: the step in line 3 ends the connection. Connect again first, or move it before that step.
            5:1 [ping] Nothing can be sent here: the step in line 3 ends the connection. Connect again first, or move it before that step.
            6:1 [close] Nothing can be sent here: the step in line 3 ends the connection. Connect again first, or move it before that step.
            11:1 [> d] Nothing can be sent here: the step in line 10 ends the connection. Connect again first, or move it before that step."#]],
    );
    let sections = "connect ws://a\n[a]\nclose\n[b]\n> a\nclose\n";
    assert!(parse(sections).is_ok());
    assert!(parse("serve /a\nclose\nserve /b\nclose\n").is_ok());
    assert!(parse("connect ws://a\nclose\n[a]\n> a\n").is_err());
}

#[test]
fn a_close_frame_without_a_code_has_no_reason() {
    mistakes(
        "connect a ws://a\na close 1005 \"why\"\nconnect a ws://a\na close 1005\n",
        &expect![[r#"
            2:14 ["why"] A Close frame without a code (1005) has no reason. Give another code, or no reason."#]],
    );
}

#[test]
fn settings_of_a_section_stand_outside_of_blocks() {
    mistakes(
        "connect ws://a\n[a]\ntimeout 1s\nrepeat 2 {\nlimit 1s\n> a\n}\n@b = 1\n",
        &expect![[r#"
            5:1 [limit 1s] limit applies to the whole section: put it outside the block. 
            8:1 [@b = 1] A variable applies to the whole file: put it before the first section or path. "#]],
    );
}

#[test]
fn json_that_is_none_is_a_mistake_unless_a_variable_may_make_it_one() {
    mistakes(
        "connect ws://a\n< {\"a\":1,}\n> {a:1}\n< {\"a\":tru}\n> {\n\"a\" 1}\n< {\"id\":\"{{x}}\",\"n\":{{x}},}\n",
        &expect![[r#"
            2:10 [}] This is not JSON: trailing comma. To expect text that is not JSON, put it in quotes.
            3:4 [a] This is not JSON: key must be a string. To send it anyway, write it as text in quotes.
            4:11 [}] This is not JSON: expected ident. To expect text that is not JSON, put it in quotes.
            6:5 [1] This is not JSON: expected `:`. To send it anyway, write it as text in quotes.
            7:3 [{"id":"{{x}}","n":{{x}},}] This is not JSON: trailing comma. To expect text that is not JSON, put it in quotes."#]],
    );
    for json in [
        "{ {{x}}:1}",
        "[1{{x}}2]",
        "{\"a\":t{{x}}}",
        "{\"a{{x}}\": {{x}} }",
        "[{{x}}, 2]",
        "[1, {{x}}]",
        "{\"a\":1,{{x}}}",
        "{\"a\":[1], {{x}}, \"b\":2}",
    ] {
        assert!(
            parse(&format!("connect ws://a\n> \"{{a:1}}\"\n> fragment 3 [1]\n< json {json}\n"))
                .is_ok(),
            "{json}"
        );
    }
}

#[test]
fn a_rule_ends_a_connection_without_the_sign_of_an_answer() {
    mistakes(
        "connect ws://a\n  on any > close 4001\n  on any > drop\n  on any clos\n  on json $.id\n  on any close bye\n",
        &expect![[r#"
            2:12 [close 4001] This would be sent as text. To end the connection, leave out the >: on MATCHER close 4001. To send the text, put it in quotes.
            3:12 [drop] This would be sent as text. To end the connection, leave out the >: on MATCHER close 4001. To send the text, put it in quotes.
            4:10 [clos] '>' is missing here. A rule answers with > MESSAGE, close CODE "REASON" or drop.
            5:15 [] '>' is missing here. A rule answers with > MESSAGE, close CODE "REASON" or drop.
            6:16 [bye] Invalid close reason. Write it in quotes: close 4001 "bye""#]],
    );
    let text = "serve /a\n  on json $.id drop\n  on any close 4001 \"bye\"\n  on any > \"drop\"\n  on any > close it\n";
    assert_eq!(format(text).expect("it is valid"), text);
    assert!(parse(text).is_ok());
}

#[test]
fn a_variable_that_nothing_sets_is_found_before_the_run() {
    let text = "@host = a\nconnect ws://{{hots}}/\n  header A: {{token}} {{now}}\n< any capture id = $.id\n> {{id}} {{set}}\n\
                [one]\n> \"{{one}}\"\n[two]\n< {\"a\":\"{{one}}\"} within 1s\n";
    let source = Source::new("", text);
    let scenario = parse(text).expect("it is valid");
    let found = |only| {
        listed(text, &scenario.unknown_variables(&source, only, &["set"]), |_| String::new())
    };
    let opening = "2:14 Unknown variable hots. Did you mean 'host'?\n\
                   3:13 Unknown variable token. Set it with @token = …, --set token=… or capture.";
    let one = "7:4 Unknown variable one. Set it with @one = …, --set one=… or capture.";
    assert_eq!(found(None), format!("{opening}\n{one}"));
    assert_eq!(found(Some("none")), opening);
    assert_eq!(scenario.unknown_variables(&source, None, &["hots", "token", "one", "set"]), []);
    assert!(scenario.mentions("one") && scenario.mentions("host") && !scenario.mentions("hos"));
}

#[test]
fn a_variable_is_known_below_its_line_and_in_its_own_section_or_path() {
    let found = |text: &str| {
        let source = Source::new("", text);
        let mistakes = parse(text).expect("it is valid").unknown_variables(&source, None, &["set"]);
        listed(text, &mistakes, |_| String::new())
    };
    let elsewhere = "It is set below, or in another section or path.";
    assert_eq!(
        found("@a = {{set}}{{b}}\n@b = {{a}}\nconnect ws://{{b}}\n"),
        format!("1:13 Unknown variable b. {elsewhere}")
    );
    assert_eq!(
        found(
            "connect ws://a\n  on any > {{id}}\n[one]\n< any capture id = text\n> {{id}}\n[two]\n> {{id}}\n"
        ),
        format!("7:3 Unknown variable id. {elsewhere}")
    );
    assert_eq!(
        found(
            "@a = 1\nserve /x/{room}\n  header X: {{a}}{{nobody}}\n< any capture id = text\n\
             > {{room}}{{connection}}{{id}}\nserve /y\n  on any > {{rom}}\n> {{id}}{{room}}\n"
        ),
        format!(
            "3:18 Unknown variable nobody. Set it with @nobody = …, --set nobody=… or capture.\n\
             7:12 Unknown variable rom. Set it with @rom = …, --set rom=… or capture.\n\
             8:3 Unknown variable id. {elsewhere}\n8:9 Unknown variable room. {elsewhere}"
        )
    );
}

#[test]
fn what_others_write_behind_a_step_is_told_in_its_own_words() {
    mistakes(
        "connect ws://a\n< \"a\" or \"b\"\n< \"a\" && \"b\"\n< \"a\" timeout 1s\nnever \"a\" within 1s\n\
         < header X-Id\n< \"a\" withn 1s\nrepeat 3 { > hi }\n",
        &expect![[r#"
            2:7 [or "b"] Unexpected 'or "b"'. To expect one of several messages, use a block: any 1 of {
            3:7 [&& "b"] Unexpected '&& "b"'. Join matchers with and.
            4:7 [timeout 1s] Unexpected 'timeout 1s'. Syntax of a time limit: within 1s
            5:11 [within 1s] Unexpected 'within 1s'. Only an expectation (a line with <) can have its own time limit.
            6:3 [header] 'header' is not a matcher. It is part of the opening handshake: < opened header X-Id
            7:7 [withn 1s] Unexpected 'withn 1s'. Did you mean 'within'?
            8:12 [> hi }] Unexpected '> hi }'. Put each step of a block on its own line."#]],
    );
}

#[test]
fn blocks_take_what_belongs_in_them() {
    mistakes(
        "connect ws://a\nunordered {\n> hi\n}\n}\nrepeat 2 {\n}\nany 3 of {\n< any\n}\n",
        &expect![[r#"
        3:1 [> hi] This block can contain only expected messages: lines with '<'. 
        2:1 [unordered {] The block is empty. 
        5:1 [}] No block to close here. 
        6:1 [repeat 2 {] The block is empty. 
        8:1 [any 3 of {] The block has only 1 expectations. "#]],
    );
    mistakes(
        "connect ws://a\nparallel {\n",
        &expect!["2:1 [parallel {] The block is not closed: a '}' is missing. "],
    );
    mistakes(
        "header X: 1\nconnect ws://a\nbarrier\n",
        &expect![[r#"
        1:1 [header X: 1] This belongs to a connection: put it below its connect or serve line. 
        3:1 [barrier] barrier is only allowed in a parallel block. "#]],
    );
}

#[test]
fn rounds_are_at_least_a_microsecond_apart() {
    let text = |interval| format!("connect ws://a\nevery {interval} for 1s {{\n> hi\n}}\n");
    for interval in ["0s", "999ns"] {
        let found = parse(&text(interval)).expect_err("it is too short");
        assert_eq!(found[0].to_string(), "The duration must be at least 1us.", "{interval}");
    }
    parse(&text("1us")).expect("it is right");
}

#[test]
fn a_barrier_counts_for_each_connection_of_its_block() {
    let connects = (0..500).map(|n| format!("connect c{n} ws://a\n")).collect::<Vec<_>>().concat();
    let block = |barriers| {
        let steps = (0..500).map(|n| format!("c{n} > hi\n")).collect::<Vec<_>>().concat();
        format!("parallel {{\n{steps}{}}}\n", "barrier\n".repeat(barriers))
    };
    let parse_blocks = |blocks: &[usize]| {
        let blocks: String = blocks.iter().map(|barriers| block(*barriers)).collect();
        parse(&format!("{connects}{blocks}")).map_err(|mistakes| mistakes[0].to_string())
    };
    assert_eq!(parse_blocks(&[100, 100]).err(), None);
    let sentence = "A file can have at most 100000 barriers, each counted once for each connection of its block.";
    assert_eq!(parse_blocks(&[100, 101]).err().as_deref(), Some(sentence));
}

#[test]
fn a_capture_and_a_variable_need_names() {
    mistakes(
        "@now = 1\n@a=1\nconnect ws://a\n< any capture x $.a\n< any capture x = /a/\n",
        &expect![[r#"
            1:1 [@now] 'now' is a built-in variable. Choose another name. 
            2:1 [@a=1] 'a=1' is not a variable name. Names contain only letters, digits and _ - . and have spaces around them.
            4:17 [$.a] An equals sign is missing here. Write capture id = $.id, with spaces around the sign.
            5:19 [/a/] The regular expression has no group to capture. Put the part to keep in parentheses, like /id=([0-9]+)/."#]],
    );
}

#[test]
fn what_is_captured_or_asked_of_an_event_belongs_to_it() {
    mistakes(
        "connect ws://a\n< opened capture a = $.a\n< any capture a = header X\n< closed capture a = text\n\
         < opened 200\n< refused subprotocol a\n< refused 401 and header\n< opened header X-Id: 7\n\
         < closed by peer\n> fragment 0 a\n> fragment 3 file a\n> fragment 3 fragment 3 a\n",
        &expect![[r#"
            2:10 [capture] This cannot be captured here. Only a header can be captured here: capture id = header X-Id.
            3:7 [capture] This cannot be captured here. Only opened and refused have headers: < opened capture id = header X-Id.
            4:10 [capture] This cannot be captured here. Only messages, and headers of opened and refused, can be captured.
            5:10 [200] '200' is not a part of the response. Write its subprotocol or a header: < opened subprotocol chat and header X-Id exists.
            6:11 [subprotocol] 'subprotocol' is not a part of the response. Write a status, or a header: < refused 401 and header Retry-After exists.
            7:25 [] The name of a header is missing here. 
            8:17 [X-Id:] Remove the colon after the header name. Write it like header X-Id == "7" or header X-Id matches /^[0-9]+$/.
            9:13 [peer] 'peer' is not a side. Write by server or by client: the one that closes first.
            10:12 [0] '0' is not a number of bytes. Write fragment 5 "a message". To send these words as text, put them in quotes.
            11:14 [file] Only text, JSON, hex and base64 can be sent in fragments. 
            12:14 [fragment] Only text, JSON, hex and base64 can be sent in fragments. "#]],
    );
    let texts = "\"a\" ".repeat(9);
    mistakes(
        &format!("connect ws://a\n< {texts}\n< {texts}any\n"),
        &expect![[r#"3:35 ["a"] A text can have at most 8 prefixes. "#]],
    );
}

#[test]
fn a_block_that_may_not_stand_there_is_the_only_mistake() {
    mistakes(
        "connect ws://a\nunordered {\nrepeat 2 {\n> 1\n}\n< any\n}\n",
        &expect![[r#"
            3:1 [repeat 2 {] This block can contain only expected messages: lines with '<'. "#]],
    );
}

#[test]
fn a_header_that_cannot_be_set_is_a_mistake() {
    mistakes(
        "connect ws://a\n  header Upgrade: x\n  header A B: c\n  header X-Id: 7\n",
        &expect![[r#"
            2:3 [header Upgrade: x] 'Upgrade' is not a header that can be set. 
            3:3 [header A B: c] 'A B' is not a header that can be set. "#]],
    );
    assert!(parse("serve /a\n  header Upgrade: websocket\n> 1\n").is_ok());
}

#[test]
fn a_mock_serves_paths_and_nothing_else() {
    mistakes(
        "serve rooms\nserv /a\nserve /a/{b}c\nserve /{now}\n  refuse 99\nserve /c\n  refuse 101\n",
        &expect![[r#"
            1:7 [rooms] 'rooms' is not a path, like /rooms/{room}. 
            2:1 [serv] 'serv' is not a step. Did you mean 'serve'?
            3:7 [/a/{b}c] '{b}c' is not a parameter: a parameter is a whole segment, like /rooms/{room}. 
            4:7 [/{now}] 'now' is a built-in variable. Choose another name. 
            5:10 [99] '99' is not an HTTP status, like 401. 
            7:10 [101] A refusal has a status from 200 to 599. "#]],
    );
    mistakes(
        "serve /a\n  query x\n  refuse 401\nconnect ws://a\n[s]\nalice > hi\n< opened\ntimeout 1s\n",
        &expect![[r#"
            2:9 [x] An equals sign is missing here. Write query NAME=VALUE, without spaces, as in a URL.
            4:1 [connect ws://a] A file that serves paths is a mock: it cannot have connect. 
            5:1 [[s]] A file that serves paths is a mock: it cannot have a section. 
            6:1 [alice > hi] Steps of a mock have no connection name. Each client has its own run of the steps.
            7:1 [< opened] A mock starts when its connection is open: do not expect opened or refused. 
            8:1 [timeout 1s] timeout applies to the whole file: put it before the first section or path. "#]],
    );
    mistakes(
        "connect ws://a\n  query a=1\nserve /a\n> hi\n",
        &expect![[r#"
        2:3 [query a=1] This belongs to a served path: put it below a serve line. 
        3:1 [serve /a] A file with connections or sections is a test: it cannot serve paths. Put the mock in a separate file."#]],
    );
    mistakes(
        "serve /a\n> 1\nserve /a\n  header X: 1\n> 2\nserve /b\n> {\nrepeat 2 {\n",
        &expect!["7:3 [{] The JSON is not closed: a bracket is missing. "],
    );
}

#[test]
fn a_path_that_no_client_gets_is_told_with_the_one_that_takes_them() {
    mistakes(
        "serve /a\n> 1\nserve /a\n  header X: 1\n> 2\nserve /{x}/b\n> 3\nserve /{y}/b\n> 4\nserve /c/b\n> 5\n\
         serve /{x}/{y}\n> 6\nserve //b\n> 7\n",
        &expect![[r#"
            3:1 [serve /a] /a is unreachable: /a in line 1 is served to every client. Put the more specific path first: the one with a subprotocol, header or query, or without parameters.
            8:1 [serve /{y}/b] /{y}/b is unreachable: /{x}/b in line 6 is served to every client. Put the more specific path first: the one with a subprotocol, header or query, or without parameters.
            10:1 [serve /c/b] /c/b is unreachable: /{x}/b in line 6 is served to every client. Put the more specific path first: the one with a subprotocol, header or query, or without parameters."#]],
    );
}

#[test]
fn the_layout_keeps_texts_and_comments() {
    let text = "# a file\n\n\n@host   =  a.example   # there\nconnect   alice ws://{{host}}\nheader X:  7\n\
                alice   >   two  spaces # sent\nrepeat  2   {\nalice <   \"Echo:  two\"   # came\n}\n\
                alice > {\"a\":\n    1}\n\n";
    expect![[r##"
        # a file

        @host = a.example  # there
        connect alice ws://{{host}}
          header X:  7
        alice > two  spaces # sent
        repeat 2 {
          alice < "Echo:  two"  # came
        }
        alice > {"a":
            1}
    "##]]
    .assert_eq(&format(text).expect("it is valid"));
}

#[test]
fn the_layout_indents_comments_as_the_option_below_them() {
    let text = "# a\nconnect ws://a\n# b\n\n    # c\nheader X: 1\n  # d\n> hi\n\
                parallel {\nconnect d ws://a\n# e\nheader X: 1\n# f\n}\n";
    let laid_out = "# a\nconnect ws://a\n  # b\n\n  # c\n  header X: 1\n# d\n> hi\n\
                    parallel {\n  connect d ws://a\n    # e\n    header X: 1\n  # f\n}\n";
    assert_eq!(format(text).as_deref(), Ok(laid_out));
    assert_eq!(format(laid_out).as_deref(), Ok(laid_out));
}

#[test]
fn a_comment_follows_a_space_or_stands_in_place_of_a_value() {
    for (value, filled) in [
        ("# a comment", ""),
        ("", ""),
        ("b\t# a comment", "b"),
        ("b # a # comment", "b"),
        ("b#c", "b#c"),
    ] {
        let text = format!("@a = {value}\nconnect ws://a\n< \"[{{{{a}}}}]\"\n");
        let scenario = parse(&text).unwrap_or_else(|mistakes| panic!("{value}: {mistakes:?}"));
        let mut run = Run::new(&scenario, None, Values::new(1)).expect("it is known");
        run.update(None, Time(0));
        let opened = Input::Connected(Connected::Open(None));
        run.update(Some((ConnectionId(0), opened)), Time(0));
        let message = Input::Message(Message::Text(format!("[{filled}]")));
        run.update(Some((ConnectionId(0), message)), Time(0));
        assert_eq!(run.verdict(), Some(&Verdict::Passed), "{value}");
    }
    assert_eq!(format("@a =  #  b\n").as_deref(), Ok("@a =  #  b\n"));
}

#[test]
fn a_section_can_have_a_comment() {
    for (line, name) in [
        ("[login] # the [login]", "login"),
        ("[ issue #12 ]", "issue #12"),
        ("[a [b] c]\t#", "a [b] c"),
    ] {
        let scenario = parse(&format!("connect ws://a\n{line}\n> hi\n")).expect("it is right");
        assert_eq!(scenario.sections()[0].name, name);
    }
    assert_eq!(format("[ a ]#  b\n").as_deref(), Ok("[ a ]  #  b\n"));
    mistakes(
        "connect ws://a\n[a # b\n",
        &expect![
            "2:1 [[a # b] A section is a name in brackets, like [login]. To send JSON, write > before it."
        ],
    );
}

#[test]
fn the_layout_keeps_the_line_breaks() {
    let laid_out = |text: &str| format(text).expect("it is valid");
    let text = "connect  ws://a\r\n> {\"a\":\r\n 1}\r\n";
    assert_eq!(laid_out(text), text.replace("  ", " "));
    assert_eq!(laid_out("@a  = 1\n@b = 2\r\n"), "@a = 1\n@b = 2\n");
    // The line breaks inside JSON are a part of the message.
    let mixed = "\nconnect  ws://a\r\n\n> {\"a\":\n1}\n";
    let expected = "connect ws://a\r\n\r\n> {\"a\":\n1}\r\n";
    assert_eq!((&*laid_out(mixed), &*laid_out(expected)), (expected, expected));
}

/// Words of which files are made, right and wrong.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "connect", "ws://a", "alice", ">", "<", "<~", "json", "{", "}", "\"a\"", "\"", "{\"a\":1}",
        "[s]", "$.a", "==", "1", "within", "2s", "capture", "x", "=", "/a(b)/", "/", "repeat", "3",
        "unordered", "any", "of", "parallel", "barrier", "closed", "1000", "hex", "68", "\n", "\n",
        "\n", "#", "@a", "{{x}}", "{{", "é", "timeout", "every", "for", "never", "silent", "and",
        "size", "on", "header", "X:", "ignore", "wait", "serve", "/a/{x}", "query", "a=1",
        "refuse", "401", "subprotocol", "include", "opened", "refused", "by", "server", "fragment",
        "close", "drop",
    ]);
    prop::collection::vec(word, 0..60).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_diagnosed(text in prop_oneof![words(), ".{0,200}"]) {
        match parse(&text) {
            Ok(scenario) => {
                let once = format(&text).expect("it was parsed");
                prop_assert_eq!(&format(&once).expect("it is still valid"), &once);
                let again = parse(&once).expect("it is still valid");
                prop_assert_eq!(again.sections().len(), scenario.sections().len());
                prop_assert_eq!(again.serves().len(), scenario.serves().len());
            }
            Err(mistakes) => {
                prop_assert!(!mistakes.is_empty());
                for mistake in mistakes {
                    prop_assert!(text.get(mistake.span.clone()).is_some());
                    let source = Source::new("", &text);
                    let place = source.place(&mistake.span);
                    prop_assert!(place.at.line >= 1 && place.at.column >= 1);
                    prop_assert!(place.text.get(place.span).is_some());
                }
            }
        }
    }
}

#[test]
fn parsing_takes_time_linear_in_the_file() {
    let files: [fn(usize) -> String; 9] = [
        |lines| {
            let [words, space] = ["00 ", " "].map(|it| it.repeat(16 * lines));
            format!("connect ws://a\n> hex {words}{space}\n")
        },
        |lines| format!("connect ws://a\n{}", "> hi\n< \"Echo: hi\"\n".repeat(lines)),
        |lines| "> {\n".repeat(lines),
        |lines| format!("connect ws://a\n> [{}]\n", "1,\n".repeat(lines)),
        |lines| format!("connect ws://a\n{}", "repeat 2 {\n> a\n}\n".repeat(lines)),
        |lines| "connect c ws://a\n".repeat(lines),
        |lines| "serve /a\n  query a=1\n> a\n".repeat(lines),
        |lines| {
            let variables = (0..lines).map(|n| format!("@v{n} = {{{{v{}}}}}\n", n / 2));
            variables.collect::<Vec<_>>().concat()
        },
        |lines| {
            let ended = (0..lines).map(|n| format!("connect c{n} ws://a\nc{n} close\n"));
            let sections = (0..lines).map(|n| {
                format!(
                    "[{n}]\nc0 < any capture v{n} = text\nc0 never \"{{{{v{n}}}}}{{{{w{n}}}}}\"\n"
                )
            });
            ended.chain(sections).collect::<Vec<_>>().concat()
        },
    ];
    for file in files {
        growth::assert_linear(2_000, file, |text| {
            if let Ok(scenario) = parse(&text) {
                let source = Source::new("", &text);
                assert!(scenario.unknown_variables(&source, None, &[]).len() <= 20);
            }
        });
    }
}

#[test]
fn a_layout_has_at_most_20_mistakes_and_looks_no_further() {
    let mistakes = |text: &str| format(text).expect_err("it has mistakes").len();
    assert_eq!(mistakes(&"nonsense here\n".repeat(30)), 20);
    // Laid out, they would be indented to the square of their number.
    let nested = "repeat 2 {\n".repeat(100);
    assert_eq!(mistakes(&nested), 20);
    growth::assert_linear(
        8_000,
        |lines| "> {\n".repeat(lines),
        |text| {
            assert_eq!(mistakes(&text), 20);
        },
    );
}
