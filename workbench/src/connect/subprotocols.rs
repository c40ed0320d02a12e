//! Requested subprotocols (RFC 6455 section 4.1, item 10).

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Maximum number of subprotocols imported from a link, command or file.
pub const SUBPROTOCOLS: usize = 16;

/// Invalid subprotocol name.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum SubprotocolError {
    /// Names are tokens (RFC 9110 section 5.6.2).
    #[error("A subprotocol name cannot contain {}. Letters, digits and - . _ are safe.", shown(*.0))]
    NotAToken(char),
    /// Duplicate name.
    #[error("{0} is listed twice. Remove one.")]
    Twice(String),
}

/// Validates the subprotocols, one result per row; empty rows are skipped.
#[must_use]
pub fn wrong_subprotocols(names: &[String]) -> Vec<Option<SubprotocolError>> {
    let mut seen = HashSet::new();
    let wrong = |name: &String| {
        if let Some(character) = name.chars().find(|character| !is_token(*character)) {
            Some(SubprotocolError::NotAToken(character))
        } else if !name.is_empty() && !seen.insert(name.clone()) {
            Some(SubprotocolError::Twice(name.clone()))
        } else {
            None
        }
    };
    names.iter().map(wrong).collect()
}

/// `tchar` (RFC 9110 section 5.6.2).
fn is_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

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
        let sentence = |error: Option<SubprotocolError>| error.map(|error| error.to_string());
        wrong_subprotocols(&names).into_iter().map(sentence).collect()
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

    proptest! {
        #[test]
        fn each_row_has_an_answer_and_the_right_ones_have_none(names in prop::collection::vec("[a-c,]{0,2}", 0..6)) {
            let wrong = wrong_subprotocols(&names);
            prop_assert_eq!(wrong.len(), names.len());
            for (index, name) in names.iter().enumerate() {
                let is_right = !name.contains(',') && (name.is_empty() || !names[..index].contains(name));
                prop_assert_eq!(wrong[index].is_none(), is_right, "{:?} of {:?}", name, names);
            }
        }
    }
}
