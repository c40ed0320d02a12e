//! Files that include others.

use std::collections::HashMap;

use scenario::{ConnectionId, Output, Run, Scenario, Source, Verdict};
use session::Time;
use workbench::compose::Values;

/// Parses the first of the files. The mistakes are `file:line:column: message suggestion`.
fn parse(files: &[(&str, &str)]) -> (Source, Result<Scenario, Vec<String>>) {
    let mut source = Source::new(files[0].0, files[0].1);
    let known: HashMap<_, _> = files.iter().copied().collect();
    let result = source.parse(|_, path| {
        let text = known.get(path).ok_or_else(|| format!("Cannot read {path}."))?;
        Ok((path.to_owned(), (*text).to_owned()))
    });
    let result = result.map_err(|mistakes| {
        let lines = mistakes.iter().map(|mistake| {
            let place = source.place(&mistake.span);
            let help = mistake.suggestion.as_deref().unwrap_or_default();
            format!("{}:{}:{}: {mistake} {help}", place.file, place.at.line, place.at.column)
                .trim()
                .to_owned()
        });
        lines.collect()
    });
    (source, result)
}

fn mistakes(files: &[(&str, &str)]) -> Vec<String> {
    parse(files).1.expect_err("it has mistakes")
}

const CHAT: (&str, &str) = (
    "chat.ws",
    "@token = mine\n[one]\ninclude \"login.ws\" # first\n> 1\n[two]\ninclude \"login.ws\"\n",
);
const LOGIN: (&str, &str) = (
    "login.ws",
    "@token = default\nconnect ws://a\n  header X: 1\nrepeat 2 {\n  > {{token}}\n}\ninclude \"deep.ws\"\n",
);

#[test]
fn the_lines_of_a_file_stand_in_the_place_of_its_include() {
    let (source, scenario) = parse(&[CHAT, LOGIN, ("deep.ws", "> deep\n< \"x\"\n")]);
    let scenario = scenario.expect("it is right");
    for section in [0, 1] {
        let mut run = Run::new(&scenario, Some(section), Values::new(1)).expect("all are known");
        run.update(None, Time::from_secs(1));
        let open = scenario::Input::Connected(scenario::Connected::Open(None));
        let outputs = run.update(Some((ConnectionId(0), open)), Time::from_secs(1));
        let passed = outputs.iter().filter_map(|output| match output {
            Output::Passed(span, _) => Some(source.place(span)),
            _ => None,
        });
        let passed: Vec<_> =
            passed.map(|place| format!("{}:{}", place.file, place.at.line)).collect();
        assert_eq!(passed, ["login.ws:5", "login.ws:5", "deep.ws:1"]);
        run.update(None, Time::from_secs(9));
        let Some(Verdict::Failed(failure)) = run.verdict() else { panic!("nothing came") };
        let place = source.place(&failure.span);
        assert_eq!((place.file, place.at.line, place.at.column), ("deep.ws", 2, 1));
        assert_eq!(
            (&place.text[place.span.clone()], source.get(&failure.span)),
            ("< \"x\"", "< \"x\"")
        );
    }
}

#[test]
fn a_variable_above_an_include_goes_before_that_of_the_file() {
    let settings = ("settings.ws", "@host = theirs\n@path = x\ntimeout 1s\n");
    let (_, scenario) = parse(&[
        ("a.ws", "@host = mine\ninclude \"settings.ws\"\nconnect ws://{{host}}/{{path}}\n"),
        settings,
    ]);
    let mut run = Run::new(&scenario.expect("it is right"), None, Values::new(1)).expect("known");
    let outputs = run.update(None, Time::from_secs(1));
    let [Output::Connect(_, start), ..] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(start.url, "ws://mine/x");
    assert_eq!(
        mistakes(&[("a.ws", "include \"settings.ws\"\n@host = mine\n"), settings]),
        ["a.ws:2:1: @host is already set above."]
    );
}

#[test]
fn a_mock_includes_what_it_says_and_a_connection_its_options() {
    let (_, scenario) = parse(&[
        (
            "a.ws",
            "serve /a\n  include \"options.ws\"\n  query a=1\n  include \"options.ws\"\n> hi\n",
        ),
        ("options.ws", "header X: 1\non \"2\" > 3\n"),
    ]);
    assert_eq!(scenario.expect("it is right").serves()[0].steps().len(), 3);
}

#[test]
fn mistakes_name_the_file_in_which_they_are_once() {
    assert_eq!(
        mistakes(&[
            ("a.ws", "connect ws://a\ninclude \"b.ws\"\ninclude \"b.ws\"\n> {\ninclude \"c.ws\"\n"),
            ("b.ws", "> hi\n\n< jsn {}\n}\nrepeat 2 {\n> é\n"),
        ]),
        [
            "b.ws:3:3: 'jsn' is not a matcher. Did you mean 'json'?",
            "b.ws:4:1: No block to close here.",
            "b.ws:5:1: The block is not closed: a '}' is missing.",
            "a.ws:4:3: The JSON is not closed: a bracket is missing.",
            "a.ws:5:1: Cannot read c.ws.",
        ]
    );
    assert_eq!(
        mistakes(&[
            ("a.ws", "repeat 2 {\ninclude \"b.ws\"\ninclude b.ws\n"),
            ("b.ws", "[s]\nserve /a\nbob > hi\n}\n"),
        ]),
        [
            "b.ws:1:1: An included file can have only settings and steps: a section is not allowed here.",
            "b.ws:2:1: An included file can have only settings and steps: a served path is not allowed here.",
            "b.ws:3:1: Unknown connection 'bob'. Add before it: connect NAME URL",
            "b.ws:4:1: No block to close here.",
            "a.ws:3:9: The path of a file is missing here. Write it in quotes: include \"login.ws\"",
        ]
    );
}

#[test]
fn a_circle_is_told_with_its_places() {
    assert_eq!(
        mistakes(&[
            ("a.ws", "connect ws://a\ninclude \"b.ws\"\n"),
            ("b.ws", "> hi\n\ninclude \"c.ws\"\n"),
            ("c.ws", "include \"b.ws\"\ninclude \"c.ws\"\n"),
        ]),
        [
            "c.ws:1:1: The files include each other in a circle: b.ws:3 includes c.ws, c.ws:1 includes b.ws.",
            "c.ws:2:1: The files include each other in a circle: c.ws:2 includes c.ws.",
        ]
    );
}

#[test]
fn depth_number_and_size_of_included_files_are_bounded() {
    let deep: Vec<_> =
        (0..20).map(|at| (format!("{at}.ws"), format!("include \"{}.ws\"\n", at + 1))).collect();
    let deep: Vec<_> = deep.iter().map(|(name, text)| (&**name, &**text)).collect();
    assert_eq!(mistakes(&deep), ["8.ws:1:1: Includes can be nested at most 8 deep."]);
    let wide = "include \"b.ws\"\n".repeat(101);
    let said = mistakes(&[("a.ws", &wide), ("b.ws", "wait 1s\n")]);
    assert_eq!(said, ["a.ws:101:1: More than 100 files are included."]);
    let large = format!("#{}\n", "x".repeat(scenario::TEXT_BYTES / 3));
    let said = mistakes(&[
        ("a.ws", "include \"b.ws\"\ninclude \"b.ws\"\ninclude \"b.ws\"\n"),
        ("b.ws", &large),
    ]);
    assert_eq!(said, ["a.ws:3:1: The file and its includes are larger than 1 MiB."]);
}

#[test]
fn a_file_without_others_cannot_include() {
    let mistakes = scenario::parse("include \"a.ws\"\n").expect_err("there is no file");
    assert_eq!(mistakes[0].message, "include is not allowed here.");
    let laid_out =
        scenario::format("alice  >  hi\n include   \"a.ws\" # there\n}").map_err(|it| it.len());
    assert_eq!(laid_out, Err(1));
    let laid_out = scenario::format("alice  >  hi\n include   \"a.ws\" # there\n");
    assert_eq!(laid_out.as_deref(), Ok("alice > hi\ninclude \"a.ws\"  # there\n"));
}
