//! Words of the page: only in files and folders of its languages.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;

use super::source::Source;

/// Names of the files with words of the page, without `.rs`.
const FILES: [&str; 3] = ["words", "en", "ko"];
/// Names of the folders with such files, at any depth.
const FOLDERS: [&str; 2] = ["words", "language"];

/// Names of keys and of browser values that look like words.
const KEYS: [&str; 23] = [
    "Aa", "Alt", "ArrowDown", "ArrowLeft", "ArrowRight", "ArrowUp", "Ctrl", "Delete", "End",
    "Enter", "Esc", "Escape", "F3", "Files", "Home", "Key", "Mac", "PageDown", "PageUp", "PgDn",
    "PgUp", "Shift", "Tab",
];

/// Refuses string literals that read as words of the page outside the languages' files. A word
/// elsewhere would stay English in the Korean page.
pub(super) fn in_language_files(sources: &[Source]) -> Vec<String> {
    let is_view = |source: &&Source| source.is_in("client", "src") && !is_of_language(source);
    let breaches = sources.iter().filter(is_view).flat_map(|source| {
        let path = source.path.display();
        let words =
            literals(source.syntax.to_token_stream()).into_iter().filter(|it| are_words(it));
        words.map(move |words| {
            format!("{path} says {words:?}: words belong into words.rs, en.rs or ko.rs")
        })
    });
    breaches.collect()
}

/// True for a file that may hold words, by its own name or that of a folder above.
fn is_of_language(source: &Source) -> bool {
    let folders = source.folder().iter().filter_map(|folder| folder.to_str());
    FILES.contains(&source.stem()) || folders.into_iter().any(|folder| FOLDERS.contains(&folder))
}

/// String literals, those of attributes left out: doc comments and reasons of lints are among them.
fn literals(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_attribute = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) if !is_attribute => found.extend(literals(group.stream())),
            TokenTree::Literal(literal) => {
                found.extend(
                    syn::parse_str(&literal.to_string()).ok().map(|it: syn::LitStr| it.value()),
                );
            }
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                is_attribute = true;
                continue;
            }
            TokenTree::Punct(punct) if is_attribute && punct.as_char() == '!' => continue,
            _ => {}
        }
        is_attribute = false;
    }
    found
}

/// True for text to read: the beginning of a sentence, or a piece of one with a space at an end.
/// Names of classes and of keys are neither.
fn are_words(literal: &str) -> bool {
    let mut characters = literal.chars();
    let (first, second) = (characters.next(), characters.next());
    let is_sentence = first.is_some_and(char::is_uppercase)
        && second.is_some_and(|it| it.is_lowercase() || it == ' ');
    // Placeholders in braces are filled in.
    let mut shown = literal.split(['{', '}']).step_by(2);
    let is_piece = literal.trim() != literal && shown.any(|it| it.contains(char::is_alphabetic));
    // Combinations of keys, or several: `Shift+Enter`, `PgDn PgUp`.
    let mut keys = literal.split(['+', ',', ' ', '{', '}']).filter(|it| it.chars().count() > 1);
    (is_sentence || is_piece) && !keys.all(|key| KEYS.contains(&key))
}

#[cfg(test)]
mod tests {
    use super::{super::source::made_up, *};

    fn breaches(path: &str, code: &str) -> usize {
        in_language_files(&made_up(&[(path, code)])).len()
    }

    #[test]
    fn words_of_the_page_are_in_files_of_its_languages() {
        for words in ["<b>\"Send\"</b>", "title=\"A word\"", "{count} \" rows\"", "\"of \""] {
            let code = format!("fn a() {{ view! {{ {words} }} }}");
            assert_eq!(breaches("client/src/composer/view.rs", &code), 1, "{words}");
            for file in ["language/mod.rs", "composer/words/mod.rs", "composer/words.rs", "a/ko.rs"]
            {
                assert_eq!(breaches(&format!("client/src/{file}"), &code), 0, "{words} in {file}");
            }
            assert_eq!(breaches("server/src/a.rs", &code), 0, "{words}");
        }
    }

    #[test]
    fn names_of_classes_keys_and_reasons_are_no_words() {
        for other in
            ["class=\"row left-out\"", "\"Enter\"", "\" {a} {b}\"", "\"UTF-8\"", "\" \"", "\"×\""]
        {
            let code = format!("fn a() {{ view! {{ {other} }} }}");
            assert_eq!(breaches("client/src/composer/view.rs", &code), 0, "{other}");
        }
        let code = "#![expect(a, reason = \"Words here\")]\n/// Words of a comment.\nfn a() {}";
        assert_eq!(breaches("client/src/composer/view.rs", code), 0);
    }

    #[test]
    fn words_over_several_lines_are_seen() {
        let code = "fn a() -> &'static str { \"Several \\\n words\" }";
        assert_eq!(breaches("client/src/composer/view.rs", code), 1);
    }
}
