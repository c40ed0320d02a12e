//! Requested subprotocols (RFC 6455 section 4.1, item 10).

use session::{MASK, is_secret_subprotocol, is_token_character};
use thiserror::Error;

use crate::compose::{FillError, Template, Values, typed_text};

/// Maximum number of subprotocols of a target: in the editor, and from a link, command or file.
pub const MAX_SUBPROTOCOLS: usize = 16;

/// Invalid subprotocol name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SubprotocolError {
    /// Names are tokens (RFC 9110 section 5.6.2).
    #[error("A subprotocol name cannot contain {}. Letters, digits and - . _ are safe.", shown(*.0))]
    NotAToken(char),
    /// Variables that cannot be expanded.
    #[error("Variables: {}", .0.in_one_line())]
    Variables(#[from] FillError),
    /// Duplicate name, as typed.
    #[error("{0} is listed twice. Remove one.")]
    Twice(String),
    /// Token that was not stored.
    #[error("Enter this subprotocol again: tokens are not stored.")]
    Missing,
}

/// Subprotocol as it is shown, stored and shared: a mask in place of one that may be a token, unless that is in
/// variables.
pub(crate) fn shown_subprotocol(name: &str) -> &str {
    if is_secret_subprotocol(&typed_text(name)) { MASK } else { name }
}

/// Expands the variables of subprotocols, and validates them, one result per row; empty rows are valid.
#[must_use]
pub fn fill_subprotocols(
    names: &[String],
    values: &Values,
) -> Vec<Result<String, SubprotocolError>> {
    let mut values = values.clone();
    let mut seen = Vec::new();
    let fill = |name: &String| {
        let template = Template::parse(name).map_err(FillError::from)?;
        let filled = template.fill(&mut values)?.into_owned();
        if let Some(character) = filled.chars().find(|character| !is_token_character(*character)) {
            Err(SubprotocolError::NotAToken(character))
        } else if filled == MASK {
            Err(SubprotocolError::Missing)
        } else if !filled.is_empty() && seen.contains(&filled) {
            Err(SubprotocolError::Twice(name.clone()))
        } else {
            // No target has more, and each is compared with all of these.
            if seen.len() < MAX_SUBPROTOCOLS {
                seen.push(filled.clone());
            }
            Ok(filled)
        }
    };
    names.iter().map(fill).collect()
}

/// Character in the words of a sentence.
fn shown(character: char) -> String {
    match character {
        ' ' => "a space".to_owned(),
        ',' => "a comma".to_owned(),
        character if character.is_control() => format!("U+{:04X}", u32::from(character)),
        character => character.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;

    fn wrong(names: &[&str]) -> Vec<Option<String>> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let sentence = |name: Result<String, SubprotocolError>| Some(name.err()?.to_string());
        fill_subprotocols(&names, &Values::new(1)).into_iter().map(sentence).collect()
    }

    #[test]
    fn names_are_tokens_and_differ() {
        assert_eq!(wrong(&["chat", "Chat", "graphql-ws", "v1.x_~!", "", ""]), vec![None; 6]);
        let sentence = |names: &[&str]| wrong(names).pop().flatten().unwrap_or_default();
        expect!["A subprotocol name cannot contain a comma. Letters, digits and - . _ are safe."]
            .assert_eq(&sentence(&["a,b"]));
        expect!["A subprotocol name cannot contain a space. Letters, digits and - . _ are safe."]
            .assert_eq(&sentence(&["a "]));
        expect!["A subprotocol name cannot contain é. Letters, digits and - . _ are safe."]
            .assert_eq(&sentence(&["é"]));
        expect!["A subprotocol name cannot contain U+0009. Letters, digits and - . _ are safe."]
            .assert_eq(&sentence(&["\t"]));
        expect!["chat is listed twice. Remove one."].assert_eq(&sentence(&["chat", "x", "chat"]));
    }

    #[test]
    fn a_token_is_shown_as_a_mask_and_asked_for_again() {
        let names = ["chat", "bearer.s3cret-of-mine", "bearer.{{api_token}}"];
        let shown = names.map(shown_subprotocol);
        assert_eq!(shown, ["chat", "***", "bearer.{{api_token}}"]);
        let typed = ["bearer.s3cret-of-mine.{{a}}", "bearer.{{a}}.s3cret12", "bearer.{{{{s3cret"];
        assert_eq!(typed.map(shown_subprotocol), ["***"; 3]);
        assert_eq!(wrong(&names[..2]), [None, None]);
        expect!["Enter this subprotocol again: tokens are not stored."]
            .assert_eq(wrong(&shown)[1].as_ref().unwrap());
    }

    #[test]
    fn names_may_have_variables() {
        let values = crate::fixtures::values([("version", "v2")]);
        let names = ["chat.{{version}}", "chat.v2", "{{x}}"].map(str::to_owned);
        let filled = fill_subprotocols(&names, &values);
        assert_eq!(
            filled[..2],
            [Ok("chat.v2".into()), Err(SubprotocolError::Twice("chat.v2".into()))]
        );
        expect!["Variables: there is no variable “x”. Available: version, now, now_ms, random 1 100, seq, uuid. For a literal {{, write {{{{."]
            .assert_eq(&filled[2].as_ref().unwrap_err().to_string());
    }

    proptest! {
        #[test]
        fn each_row_has_an_answer_and_the_right_ones_have_none(names in prop::collection::vec("[a-c,]{0,2}", 0..6)) {
            let filled = fill_subprotocols(&names, &Values::new(1));
            prop_assert_eq!(filled.len(), names.len());
            for (index, name) in names.iter().enumerate() {
                let is_right = !name.contains(',') && (name.is_empty() || !names[..index].contains(name));
                prop_assert_eq!(filled[index].is_ok(), is_right, "{:?} of {:?}", name, names);
            }
        }
    }
}
