//! Paths in a stream of tokens, also in the bodies of macros: `crate::a::b`, `println!`, `Name`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Path as it stands in the code; one segment or more.
#[derive(Debug, PartialEq)]
pub(super) struct Mention {
    /// Names between `::`, with the prefix of the group that they stand in; generic arguments are
    /// no part.
    pub(super) segments: Vec<String>,
    /// First token after the path, unless a name: `(`, `!`, `<`, …
    pub(super) next: Option<char>,
    /// Field or method: the path follows a dot.
    pub(super) is_member: bool,
}

impl Mention {
    /// True for the name of a macro before its `!`, and of a function before its arguments.
    pub(super) fn is_called(&self) -> bool {
        matches!(self.next, Some('(' | '!'))
    }
}

/// Collects every path of `tokens`. Groups of a `use` are written out: `a::{b, c}` is `a::b` and `a::c`.
pub(super) fn mentions(tokens: TokenStream) -> Vec<Mention> {
    let mut found = Vec::new();
    walk(tokens, &[], &mut found);
    found
}

/// Collects the paths of `tokens`; `prefix` is the path before the braces of a group that they
/// stand in. The new name of `as` is no path.
fn walk(tokens: TokenStream, prefix: &[String], found: &mut Vec<Mention>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(name) if name == "as" => at += 1 + usize::from(!prefix.is_empty()),
            TokenTree::Ident(_) => at = path(&tokens, at, prefix, found),
            TokenTree::Group(group) => {
                walk(group.stream(), &[], found);
                at += 1;
            }
            // A lifetime.
            TokenTree::Punct(punct) if punct.as_char() == '\'' => at += 2,
            _ => at += 1,
        }
    }
}

/// Reads the path that begins at `start`; returns the place after it.
fn path(tokens: &[TokenTree], start: usize, prefix: &[String], found: &mut Vec<Mention>) -> usize {
    let mut segments = prefix.to_vec();
    let mut at = start;
    loop {
        match &tokens[at] {
            TokenTree::Ident(name) => segments.push(name.to_string()),
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                walk(group.stream(), &segments, found);
                return at + 1;
            }
            TokenTree::Punct(punct) if punct.as_char() == '*' => segments.push("*".to_owned()),
            // Generic arguments: the type's path ends before them.
            _ => break,
        }
        at += 1;
        if !is_separator(tokens, at) || at + 2 >= tokens.len() {
            break;
        }
        at += 2;
    }
    // `a::{self}` is `a`.
    if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
        segments.pop();
    }
    let next = tokens.get(at).and_then(first_character);
    found.push(Mention { segments, next, is_member: is_dot(tokens, start) });
    at.max(start + 1)
}

/// True if `::` stands at `at`: two tokens, each a colon.
fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    is_colon(at) && is_colon(at + 1)
}

/// True if a single dot stands before `at`; two are a range.
fn is_dot(tokens: &[TokenTree], at: usize) -> bool {
    let is_dot = |back: usize| {
        let token = at.checked_sub(back).and_then(|at| tokens.get(at));
        matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == '.')
    };
    is_dot(1) && !is_dot(2)
}

/// Punctuation, or the opening bracket of a group; `None` for a name or a literal.
fn first_character(token: &TokenTree) -> Option<char> {
    match token {
        TokenTree::Punct(punct) => Some(punct.as_char()),
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::Parenthesis => Some('('),
            Delimiter::Brace => Some('{'),
            Delimiter::Bracket => Some('['),
            Delimiter::None => None,
        },
        TokenTree::Ident(_) | TokenTree::Literal(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(code: &str) -> Vec<String> {
        let mentions = mentions(code.parse().unwrap());
        mentions.into_iter().map(|mention| mention.segments.join("::")).collect()
    }

    #[test]
    fn a_path_is_read_whole() {
        assert_eq!(paths("a::b::C::new(d)"), ["a::b::C::new", "d"]);
        assert_eq!(paths("Vec::<u8>::new()"), ["Vec", "u8", "new"]);
        assert_eq!(paths("x: y"), ["x", "y"]);
    }

    #[test]
    fn groups_are_written_out() {
        assert_eq!(
            paths("use a::{self, b::{C, D as E}, f::*};"),
            ["use", "a", "a::b::C", "a::b::D", "a::f::*"]
        );
    }

    #[test]
    fn bodies_of_macros_are_read_and_text_is_not() {
        assert_eq!(paths("view! { <a::B c=d /> \"e::f\" } // g::h"), ["view", "a::B", "c", "d"]);
    }

    #[test]
    fn members_and_calls_are_told_apart() {
        let mentions = mentions("a.b(c!(), 0..d)".parse().unwrap());
        let told: Vec<_> =
            mentions.iter().map(|it| (&*it.segments[0], it.is_member, it.is_called())).collect();
        assert_eq!(
            told,
            [("a", false, false), ("b", true, true), ("c", false, true), ("d", false, false)]
        );
    }

    #[test]
    fn lifetimes_are_no_paths() {
        assert_eq!(paths("&'a B"), ["B"]);
    }
}
