//! The outline of JSON: what it says of any text, whole, wrong or cut.

use proptest::prelude::*;
use serde_json::{Value, json};
use workbench::payload::{End, MAX_DEPTH, MAX_NODES, Node, Outline};

/// A node as the tests compare it: depth, key, text.
type Brief<'a> = (usize, Option<&'a str>, &'a str);

fn brief(outline: &Outline) -> Vec<Brief<'_>> {
    let brief = |node: &Node| {
        (node.depth, node.key.as_ref().map(|key| outline.text(key)), outline.text(&node.text))
    };
    outline.nodes().iter().map(brief).collect()
}

fn whole(text: &str) -> Outline {
    Outline::new(text.to_owned(), true)
}

fn cut(text: &str) -> Outline {
    Outline::new(text.to_owned(), false)
}

#[test]
fn an_outline_is_a_line_for_each_value_and_bracket() {
    let outline = whole(r#"{"a": [1, "b"], "c": {}}"#);
    let expected: [Brief<'_>; 8] = [
        (0, None, "{"),
        (1, Some("\"a\""), "["),
        (2, None, "1"),
        (2, None, "\"b\""),
        (1, None, "]"),
        (1, Some("\"c\""), "{"),
        (1, None, "}"),
        (0, None, "}"),
    ];
    assert_eq!(brief(&outline), expected);
    assert_eq!(*outline.end(), End::Whole);
    let ends: Vec<_> = outline.nodes().iter().map(|node| node.end).collect();
    assert_eq!(ends, [8, 5, 3, 4, 5, 7, 7, 8]);
    let items: Vec<_> = outline.nodes().iter().map(|node| node.items).collect();
    assert_eq!(items, [2, 2, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn numbers_keys_and_order_stay_as_they_were_sent() {
    let outline = whole(r#"{"b": 12345678901234567890.10E+400, "a": -0, "b": "\u00e9"}"#);
    let expected: [Brief<'_>; 5] = [
        (0, None, "{"),
        (1, Some("\"b\""), "12345678901234567890.10E+400"),
        (1, Some("\"a\""), "-0"),
        (1, Some("\"b\""), "\"\\u00e9\""),
        (0, None, "}"),
    ];
    assert_eq!(brief(&outline), expected);
}

#[test]
fn folding_skips_to_the_end_of_what_is_below() {
    let outline = whole(r#"{"a": [1, 2], "b": [], "c": 3}"#);
    assert_eq!(outline.lines(|_| false), [0, 1, 2, 3, 4, 5, 7, 8]);
    assert_eq!(outline.lines(|node| node == 1), [0, 1, 5, 7, 8]);
    assert_eq!(outline.lines(|_| true), [0]);
}

#[test]
fn a_bracket_is_closed_if_its_end_has_come() {
    let outline = cut(r#"[{"a": []}, {"b": [1"#);
    let closings: Vec<_> = (0..outline.nodes().len()).map(|node| outline.closing(node)).collect();
    assert_eq!(closings, [None, Some("}"), Some("]"), None, None, None, None, None]);
    assert_eq!(outline.closing_of_empty(1), None);
    assert_eq!(outline.closing_of_empty(2), Some("]"));
    assert_eq!(outline.closing(99), None);
}

#[test]
fn errors_name_position_and_expectation() {
    for (text, expected) in [
        ("", "line 1, column 1: expected a value, but the text ends"),
        ("{\n  \"é\" 1}", "line 2, column 7: expected a colon, found \"1\""),
        ("[1 2]", "line 1, column 4: expected a comma or ], found \"2\""),
        ("[1,]", "line 1, column 4: expected a value, found \"]\""),
        ("{a: 1}", "line 1, column 2: expected a key in quotation marks, or }, found \"a\""),
        ("{\"a\": 1,}", "line 1, column 9: expected a key in quotation marks, found \"}\""),
        ("{\"a\": 1]", "line 1, column 8: expected a comma or }, found \"]\""),
        (
            "\"a\nb\"",
            r"line 1, column 3: expected the quotation mark that ends the string, found \u{a}",
        ),
        (r#""\x""#, r#"line 1, column 3: expected an escape such as \n or \u00e9, found "x""#),
        ("-x", "line 1, column 2: expected a digit, found \"x\""),
        ("[01]", "line 1, column 3: expected a comma or ], found \"1\""),
        ("nul", "line 1, column 4: expected the word null, but the text ends"),
        ("{} {}", "line 1, column 4: expected the end of the text, found \"{\""),
    ] {
        let outline = whole(text);
        let End::Wrong(mistake) = outline.end() else { panic!("{text:?} is {:?}", outline.end()) };
        assert_eq!(mistake.to_string(), expected, "{text:?}");
    }
}

#[test]
fn nodes_before_an_error_are_present() {
    let outline = whole("[1, {\"a\": tru!");
    let expected: [Brief<'_>; 4] =
        [(0, None, "["), (1, None, "1"), (1, None, "{"), (2, Some("\"a\""), "tru")];
    assert_eq!(brief(&outline), expected);
    assert!(outline.nodes().iter().all(|node| node.end <= 4));
    assert!(!outline.is_structured());
}

#[test]
fn truncated_nodes_are_marked() {
    for text in ["[12", "[\"ab", "[\"a\\", "[\"\\u00", "[tr", "[-", "[1.", "[1e+"] {
        let outline = cut(text);
        let last = &outline.nodes()[1];
        assert_eq!((outline.end(), last.is_cut), (&End::Cut, true), "{text}");
        assert_eq!(outline.text(&last.text), &text[1..]);
    }
    for text in ["[", "[1 ", "[1,", "[\"a\"", "[true", "{\"a", "{\"a\":"] {
        let outline = cut(text);
        assert_eq!(*outline.end(), End::Cut, "{text}");
        assert!(outline.nodes().iter().all(|node| !node.is_cut), "{text}");
    }
    assert!(cut("[]").nodes().iter().all(|node| !node.is_cut));
    assert!(matches!(cut("[1 2").end(), End::Wrong(_)), "no rest can mend this");
}

#[test]
fn only_objects_and_arrays_are_worth_an_outline() {
    let is_structured = |text| whole(text).is_structured();
    assert!(is_structured("{}") && is_structured(" [1]") && cut("[[").is_structured());
    assert!(
        !is_structured("1")
            && !is_structured("\"a\"")
            && !is_structured("[")
            && !is_structured("[log] x")
    );
}

#[test]
fn deep_nesting_ends_at_its_bound_and_on_the_heap() {
    let at_bound = "[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH);
    assert_eq!(*whole(&at_bound).end(), End::Whole);
    for text in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        let outline = whole(&text);
        assert_eq!((outline.end(), outline.nodes().len()), (&End::Deep, MAX_DEPTH));
    }
}

#[test]
fn many_nodes_end_at_their_bound() {
    let array = |elements| format!("[{}0]", "0,".repeat(elements - 1));
    assert_eq!(whole(&array(MAX_NODES - 2)).end(), &End::Whole);
    for over in [MAX_NODES - 1, MAX_NODES] {
        let outline = whole(&array(over));
        assert_eq!((outline.end(), outline.nodes().len()), (&End::Full, MAX_NODES));
        assert_eq!(outline.nodes()[0].end, MAX_NODES);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,6}|[\"\\\\\n\u{1}🙂]{1,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map("[a-c\"é]{0,2}", inner, 0..5).prop_map(Value::from_iter),
        ]
    })
}

/// The nodes of a value by another way: `serde_json`'s.
fn walk(
    depth: usize,
    key: Option<&str>,
    value: &Value,
    nodes: &mut Vec<(usize, Option<String>, String)>,
) {
    let key = key.map(|key| json!(key).to_string());
    match value {
        Value::Array(elements) => {
            nodes.push((depth, key, "[".into()));
            for element in elements {
                walk(depth + 1, None, element, nodes);
            }
            nodes.push((depth, None, "]".into()));
        }
        Value::Object(members) => {
            nodes.push((depth, key, "{".into()));
            for (key, value) in members {
                walk(depth + 1, Some(key), value, nodes);
            }
            nodes.push((depth, None, "}".into()));
        }
        scalar => nodes.push((depth, key, scalar.to_string())),
    }
}

proptest! {
    #[test]
    fn the_outline_of_any_json_has_its_tokens(value in any_json()) {
        let mut expected = Vec::new();
        walk(0, None, &value, &mut expected);
        for text in [value.to_string(), format!("{value:#}")] {
            let outline = whole(&text);
            prop_assert_eq!(outline.end(), &End::Whole);
            let nodes: Vec<_> = brief(&outline)
                .into_iter()
                .map(|(depth, key, text)| (depth, key.map(str::to_owned), text.to_owned()))
                .collect();
            prop_assert_eq!(&nodes, &expected);
        }
    }

    #[test]
    fn the_outline_of_cut_json_is_the_start_of_it(value in any_json(), at: prop::sample::Index) {
        let text = value.to_string();
        let start = &text[..text.floor_char_boundary(at.index(text.len() + 1))];
        let (outline, part) = (whole(&text), cut(start));
        prop_assert!(matches!(part.end(), End::Cut | End::Whole), "{:?}", part.end());
        let sure = part.nodes().iter().filter(|node| !node.is_cut).count();
        prop_assert!(part.nodes().len() <= sure + 1);
        prop_assert_eq!(&brief(&part)[..sure], &brief(&outline)[..sure]);
        // Of a node that is cut, the start is there.
        if let Some((depth, key, text)) = brief(&part).get(sure) {
            let (whole_depth, whole_key, whole_text) = brief(&outline)[sure];
            prop_assert_eq!((*depth, *key), (whole_depth, whole_key));
            prop_assert!(whole_text.starts_with(text));
        }
    }

    #[test]
    fn any_text_has_an_outline(text in "[\\[\\]{}\",:0-9eE.+truefalsn\\\\\n é-]{0,40}|\\PC*") {
        for outline in [whole(&text), cut(&text)] {
            let json = &text[outline.prefix().len()..];
            let is_json = serde_json::from_str::<serde::de::IgnoredAny>(json).is_ok();
            if outline == whole(&text) {
                prop_assert_eq!(*outline.end() == End::Whole, is_json, "{:?}", *outline.end());
            }
            let count = outline.nodes().len();
            for (index, node) in outline.nodes().iter().enumerate() {
                prop_assert!(index < node.end && node.end <= count);
            }
            let lines = outline.lines(|_| false);
            prop_assert!(lines.is_sorted() && lines.len() <= count);
        }
    }
}

#[test]
fn values_have_a_path_and_can_be_taken_out() {
    let outline = whole(r#"Echo: {"a": [1, {"b c": "x"}, []], "d_1": {"2": null}, "é": true}"#);
    assert_eq!(outline.prefix(), "Echo: ");
    let all: Vec<_> = (0..outline.nodes().len())
        .filter(|index| !outline.nodes()[*index].kind.is_closing())
        .map(|index| (outline.path(index), outline.value(index).unwrap()))
        .collect();
    let expected = [
        ("$", r#"{"a": [1, {"b c": "x"}, []], "d_1": {"2": null}, "é": true}"#),
        ("$.a", r#"[1, {"b c": "x"}, []]"#),
        ("$.a[0]", "1"),
        ("$.a[1]", r#"{"b c": "x"}"#),
        (r#"$.a[1]["b c"]"#, r#""x""#),
        ("$.a[2]", "[]"),
        ("$.d_1", r#"{"2": null}"#),
        (r#"$.d_1["2"]"#, "null"),
        (r#"$["é"]"#, "true"),
    ];
    assert_eq!(all, expected.map(|(path, value)| (path.to_owned(), value)));
    // The closing bracket of `$.a`.
    assert_eq!(outline.path(8), "$.a");
    let last = outline.nodes().len() - 1;
    assert_eq!(outline.path(last), "$");
    assert_eq!(whole(r#"{"a": [1, 2"#).value(1), Some("[1, 2"));
    let outline = cut(r#"{"a": {"b": 1}, "c": ["x", "y"#);
    let values: Vec<_> = (0..outline.nodes().len()).map(|index| outline.value(index)).collect();
    // The root, the array and its last string go on in the message.
    let whole = [Some(r#"{"b": 1}"#), Some("1"), Some("}"), None, Some(r#""x""#)];
    assert_eq!((values[0], &values[1..6], values[6]), (None, &whole[..], None));
}

#[test]
fn long_values_are_wrapped() {
    let outline = whole(r#"{"key": "abcdefgh", "b": [1]}"#);
    let lines = outline
        .wrapped_lines(|index| index == 2, |node| (if node.key.is_some() { 4 } else { 8 }, 8));
    let read: Vec<_> = lines.iter().map(|line| (line.node, outline.text(&line.text))).collect();
    assert_eq!(read, [(0, "{"), (1, "\"abc"), (1, "defgh\""), (2, "["), (5, "}")]);
}
