//! The `TextMate` grammar of scenario files, as VS Code applies it.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use crate::{output, peer::script};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const GRAMMAR: &str =
    include_str!("../../editors/vscode/syntaxes/wsbench-scenario.tmLanguage.json");
const DOCUMENT: &str = include_str!("../../docs/scenario.md");

/// Each word of the language at its place, with the scope that it gets.
const SAMPLE: &str = include_str!("grammar.ws");
const SCOPES: &str = include_str!("grammar.scopes");

/// Words in quotes of the grammar in the document: those that are written as they stand.
fn words() -> BTreeSet<&'static str> {
    let (_, grammar) = DOCUMENT.split_once("## Grammar").expect("the document has one");
    let quoted = grammar.split('"').skip(1).step_by(2);
    quoted.filter(|word| word.len() > 1 && word.bytes().all(|it| it.is_ascii_lowercase())).collect()
}

/// Tokens of files: file, line, text and innermost scope of each. `None` without the tokeniser.
async fn tokens(files: &[String]) -> Option<Vec<Value>> {
    let mut tokenise = script("tokenise.js")?;
    let grammar = format!("{ROOT}/editors/vscode/syntaxes/wsbench-scenario.tmLanguage.json");
    let (status, lines, said) = output(tokenise.arg(grammar).args(files)).await;
    assert_eq!(status, Some(0), "{said}");
    Some(lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect())
}

#[test]
fn the_grammar_has_every_word_of_the_document() {
    let words = words();
    assert!(words.len() > 40 && words.contains("connect"), "{words:?}");
    let known = GRAMMAR
        .split(|it: char| !it.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<BTreeSet<_>>();
    let missing = words.difference(&known).collect::<Vec<_>>();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn each_word_is_colored_at_its_place() {
    let Some(tokens) = tokens(&[format!("{ROOT}/tests/interop/grammar.ws")]).await else { return };
    let mut scopes = String::new();
    for token in &tokens {
        let (text, scope) = (token["text"].as_str().unwrap(), token["scope"].as_str().unwrap());
        // Quotes and brackets would be a line each.
        if text.len() > 1 && scope != "source.wsbench-scenario" {
            scopes.extend([text, " ", scope, "\n"]);
        }
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(format!("{ROOT}/tests/interop/grammar.scopes"), &scopes).expect("it is there");
    } else {
        assert_eq!(scopes, SCOPES, "UPDATE_EXPECT=1 writes tests/interop/grammar.scopes anew");
    }
    let colored = tokens.iter().map(|token| token["text"].as_str().unwrap());
    let colored = colored.collect::<BTreeSet<_>>();
    assert!(SAMPLE.lines().count() > 40);
    let missing = words().into_iter().filter(|word| !colored.contains(word)).collect::<Vec<_>>();
    assert!(missing.is_empty(), "grammar.ws does not use {missing:?}");
}

/// The first word of a line is never plain, except in JSON over several lines.
#[tokio::test]
async fn every_line_of_the_examples_begins_with_a_word_that_has_a_color() {
    let folder = format!("{ROOT}/examples/scenarios");
    let files = fs::read_dir(folder).expect("there are examples");
    let files = files.map(|file| file.unwrap().path().to_str().unwrap().to_owned());
    let Some(tokens) = tokens(&files.collect::<Vec<_>>()).await else { return };
    for token in tokens {
        let (line, text) = (token["line"].as_str().unwrap(), token["text"].as_str().unwrap());
        let begins = line.trim_start().starts_with(text) && !text.starts_with(['{', '}']);
        let plain = token["scope"] == "source.wsbench-scenario";
        assert!(!(begins && plain), "{token}");
    }
}
