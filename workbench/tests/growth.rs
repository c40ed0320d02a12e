//! Work for what is pasted, imported, received or linked: linear in its size.

use session::{Direction, Time};
use workbench::{
    compose::{Draft, Environment, Form, Template, Values},
    connect::{Address, encoded, fill_subprotocols, parameters},
    exchange::{Import, ShareLink, Workspace},
    payload::{Comparison, Decoded, Encoding, Inspected, Outline, blocks},
    relay::MessageFrames,
};

/// A text of `size` parts; `%n` in a part is its number.
fn text(part: &str) -> impl Fn(usize) -> String {
    move |size| (0..size).map(|number| part.replace("%n", &number.to_string())).collect()
}

#[test]
fn addresses_and_links_take_linear_time() {
    for part in [
        "a%n=%n&", "&", "/", "%25", ":", "@", "[", "#", "%n.", "subprotocol=%n&", "{{", "{{a",
        "{{seq}}",
    ] {
        let address = |size| format!("ws://localhost/?{}", text(part)(size));
        growth::assert_linear(1 << 13, address, |address| {
            let _ = parameters(&address).len();
            let _ = encoded(&address).len();
            let _ = Address::fill(&address, || Values::new(1), false).is_ok();
            let _ = ShareLink::from_fragment(&format!("address={address}")).is_ok();
        });
    }
}

#[test]
fn names_take_linear_time() {
    let names = |size| (0..size).map(|number| format!("name{number}")).collect::<Vec<_>>();
    growth::assert_linear(1 << 14, names, |names| {
        assert!(fill_subprotocols(&names, &Values::new(1)).iter().all(Result::is_ok));
    });
    let rows = move |size| names(size).into_iter().map(|name| (name, String::new())).collect();
    growth::assert_linear(1 << 14, rows, |rows| assert!(Environment::new("many", rows).is_err()));
}

#[test]
fn imports_take_linear_time() {
    let line =
        r#"{"time":"2026-01-02T03:04:05.678Z","direction":"in","kind":"text","size":1,"text":"a"}"#;
    let binary = line.replace("\"text\",", "\"binary\",").replace("\"text\":", "\"base64\":");
    let binary = binary.replace("\"a\"", "\"AA==\"");
    for line in [line, &binary] {
        let lines = |size| (size, format!("{line}\n").repeat(size));
        growth::assert_linear(1 << 12, lines, |(size, text)| {
            assert!(Import::new(text).is_ok_and(|it| it.flatten().count() == size));
        });
    }
    for part in ["\n", "{}\n", "[\n", " "] {
        let lines = |size| format!("{line}\n{}", part.repeat(size));
        growth::assert_linear(1 << 12, lines, |text| {
            assert!(Import::new(text).is_ok_and(|import| import.count() > 0));
        });
    }
    let entry = r#"{"_resourceType":"websocket","startedDateTime":"2026-01-02T03:04:05Z","request":{"url":"ws://a/"},"_webSocketMessages":[{"type":"send","time":1,"opcode":1,"data":"a"}]},"#;
    let wrong = entry.replace("\"send\"", "7");
    let many = &entry.replace("[{", "[7,{\"type\":7},{");
    for part in [entry, &wrong, many, "{},", "7,", "[", "{\"a\":"] {
        let har = |size| format!(r#"{{"log":{{"entries":[{}{{}}]}}}}"#, text(part)(size));
        growth::assert_linear(1 << 12, har, |har| {
            let _ = Import::new(har).map(Iterator::count);
        });
    }
    // Messages that cannot be read, of one connection on one line.
    let har = |size| {
        format!(
            r#"{{"log":{{"entries":[{}]}}}}"#,
            entry.trim_end_matches(',').replace("[{", &format!("[{}{{", "7,".repeat(size)))
        )
    };
    growth::assert_linear(1 << 14, har, |har| {
        assert!(Import::new(har).is_ok_and(|import| import.count() > 1_000));
    });
}

#[test]
fn workspaces_take_linear_time() {
    for (list, part) in [
        ("environments", r#"{"name":"%n","variables":{}},"#),
        ("connections", r#"{"name":"%n","address":"ws://a/%n"},"#),
        ("messages", r#"{"name":"%n","form":"text","text":"%n"},"#),
        ("folders", r#"{"name":"%n","messages":[{"name":"%n","form":"text","text":"%n"}]},"#),
        ("environments", "7,"),
        ("connections", "{\"name\":7},"),
        ("messages", "["),
        ("environments", "{\"a\":"),
        ("folders", "\"\\u0000\","),
    ] {
        let file = |size| {
            let entries = text(part)(size);
            format!(r#"{{"format":"wsbench-workspace","version":1,"{list}":[{entries}0]}}"#)
        };
        growth::assert_linear(1 << 12, file, |file| drop(Workspace::read(&file)));
    }
}

#[test]
fn drafts_take_linear_time() {
    for part in [
        "{{uuid}} ", "{{{{", "{{a%n}}", "{{", "}}", "{{random 1 2}}", "{{ \n", "[1,", "QUJD", "0a ",
    ] {
        growth::assert_linear(1 << 12, text(part), |text| {
            for form in [Form::Text, Form::Json, Form::Hex, Form::Base64] {
                let draft = Draft::new(form, text.as_str());
                let _ = (draft.check().is_ok(), draft.minified().is_ok());
            }
            let Ok(template) = Template::parse(text) else { return };
            let _ = template.fill(&mut Values::new(7)).is_ok();
        });
    }
}

#[test]
fn payloads_take_linear_time() {
    for part in ["[", "{\"a\":", "[],", "%n\n", "\"\\n\",", "a", "\n", "1 ", "00", "QUJD"] {
        growth::assert_linear(1 << 13, text(part), |text| {
            for encoding in Encoding::ALL {
                let _ = Decoded::new(text.as_bytes(), encoding, true);
            }
            let _ = blocks(&text).count();
            let outline = Outline::new(text, true);
            let _ = outline.wrapped_lines(|_| false, |_| (16, 16)).len();
            let _ = outline.path(outline.nodes().len().saturating_sub(1)).len();
        });
    }
}

#[test]
fn comparisons_take_linear_time() {
    let inspected = |text: String| Inspected {
        id: 0,
        at: Time(0),
        direction: Direction::In,
        is_text: true,
        size: text.len() as u64,
        part: text.into_bytes(),
        frames: MessageFrames::default(),
    };
    for (before, after) in
        [("%n\n", "a%n\n"), ("a\nb\n", "b\na\nc\n"), ("[%n,", "[-%n,"), ("a", "ab")]
    {
        let pair = |size| (inspected(text(before)(size)), inspected(text(after)(size)));
        growth::assert_linear(1 << 13, pair, |(before, after)| {
            let _ = Comparison::new(&before, &after).shortened().len();
        });
    }
}
