//! Formats and minifies JSON. Keys and values are kept verbatim.

use super::draft_error::{DraftError, MAX_FORMATTED_BYTES};
use crate::payload::json::{Scanner, Token};

/// Spaces of a level of indentation.
const INDENT: usize = 2;

/// Spacing of the output of `laid_out`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// One item per line.
    Lines,
    /// Minified.
    Minified,
}

/// Rewrites the white space of `text`. The tokens come from `outline`, a copy of equal length with
/// stand-ins for variables.
pub(super) fn laid_out(text: &str, outline: &str, layout: Layout) -> Result<String, DraftError> {
    let mut scanner = Scanner::new(outline);
    let mut written = String::with_capacity(text.len());
    let mut follows_opening = true;
    for Token { depth, key, kind, text: own } in scanner.by_ref() {
        if !follows_opening && !kind.is_closing() {
            written.push(',');
        }
        let closes_empty = kind.is_closing() && follows_opening;
        if layout == Layout::Lines && !closes_empty && !written.is_empty() {
            let indent = depth * INDENT;
            if written.len() + indent + own.len() >= MAX_FORMATTED_BYTES {
                return Err(DraftError::TooLong);
            }
            written.push('\n');
            written.extend(std::iter::repeat_n(' ', indent));
        }
        if let Some(key) = key {
            written.push_str(&text[key]);
            written.push_str(if layout == Layout::Lines { ": " } else { ":" });
        }
        written.push_str(&text[own]);
        follows_opening = kind.is_opening();
    }
    scanner.error().map_or(Ok(written), |mistake| Err(DraftError::Json(mistake)))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str, layout: Layout) -> String {
        laid_out(text, text, layout).unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn only_white_space_is_rewritten() {
        let text =
            " {\"a\":1e400, \"a\" : -0.10,\n\"e\":[{},[ ],\"\\u00e9 \\/\"],\"\":{\"b\":null}} ";
        expect![[r#"
            {
              "a": 1e400,
              "a": -0.10,
              "e": [
                {},
                [],
                "\u00e9 \/"
              ],
              "": {
                "b": null
              }
            }"#]]
        .assert_eq(&of(text, Layout::Lines));
        expect![[r#"{"a":1e400,"a":-0.10,"e":[{},[],"\u00e9 \/"],"":{"b":null}}"#]]
            .assert_eq(&of(text, Layout::Minified));
        assert_eq!(of(" 1 ", Layout::Lines), "1");
        expect!["line 1, column 4: expected a comma or ], but the text ends."]
            .assert_eq(&of("[1 ", Layout::Lines));
    }

    #[test]
    fn deep_json_is_not_indented_without_bound() {
        let text = "[".repeat(10_000) + &"]".repeat(10_000);
        assert_eq!(laid_out(&text, &text, Layout::Lines), Err(DraftError::TooLong));
        assert_eq!(of(&text, Layout::Minified), text);
    }

    fn any_json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,4})?",
            "\"([a-z 가{}:,]|\\\\[\"\\\\/bn]|\\\\u[0-9a-fA-F]{4}){0,6}\"",
        ];
        let blank = || "[ \t\r\n]{0,2}";
        leaf.prop_recursive(4, 40, 5, move |inner| {
            let item = (blank(), inner, blank()).prop_map(|(a, item, b)| format!("{a}{item}{b}"));
            let member = ("\"[a-c]?\"", blank(), item.clone())
                .prop_map(|(key, blank, item)| format!(" {key}{blank}:{item}"));
            prop_oneof![
                prop::collection::vec(item, 0..5)
                    .prop_map(|items| format!("[{}]", items.join(","))),
                prop::collection::vec(member, 0..5)
                    .prop_map(|members| format!("{{{}}}", members.join(","))),
            ]
        })
    }

    /// The pieces as they are written, with where they stand.
    fn pieces(text: &str) -> Vec<(usize, Option<String>, String)> {
        let piece = |it: Token| {
            (it.depth, it.key.map(|key| text[key].to_owned()), text[it.text].to_owned())
        };
        Scanner::new(text).map(piece).collect()
    }

    proptest! {
        #[test]
        fn formatting_preserves_tokens(text in any_json()) {
            let lines = of(&text, Layout::Lines);
            let minified = of(&text, Layout::Minified);
            prop_assert_eq!(pieces(&lines), pieces(&text));
            prop_assert_eq!(pieces(&minified), pieces(&text));
            prop_assert!(minified.len() <= text.len());
            // Laid out once, it stays.
            prop_assert_eq!(&of(&lines, Layout::Lines), &lines);
            prop_assert_eq!(&of(&lines, Layout::Minified), &minified);
            prop_assert_eq!(&of(&minified, Layout::Lines), &lines);
            // The judge of what is JSON is another parser. It knows no number as large as some here.
            if !text.contains(['e', 'E']) && !text.contains("\\u") {
                prop_assert_eq!(
                    serde_json::from_str::<serde_json::Value>(&lines).ok(),
                    serde_json::from_str(&text).ok()
                );
            }
        }
    }
}
