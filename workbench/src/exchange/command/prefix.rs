//! Words before a command: prompts, variables, programs that run another one, and a pipe's first half.

use super::options::Program;

/// Output of `echo`, or of a `printf` without conversions, minus the line break.
pub(super) fn echoed(words: &[String]) -> Option<String> {
    let mut words = words.iter().map(String::as_str).skip_while(|word| is_prompt(word));
    match words.next()? {
        "echo" => {
            let words = words.skip_while(|word| matches!(*word, "-n" | "-e" | "-ne"));
            Some(words.collect::<Vec<_>>().join(" "))
        }
        "printf" => match (words.next()?, words.next(), words.next()) {
            ("%s" | r"%s\n", Some(text), None) => Some(text.to_owned()),
            (text, None, None) if !text.contains(['%', '\\']) => Some(text.to_owned()),
            _ => None,
        },
        _ => None,
    }
}

/// True if the first word that counts is a known program: text to paste is not parsed otherwise.
pub(super) fn begins_like_a_command(text: &str) -> bool {
    let is_before = |word: &&str| {
        let variable = word.split_once('=').is_some_and(|(name, _)| is_variable(name));
        is_prompt(word) || is_before_a_command(word) || variable
    };
    let first = text.split_whitespace().find(|word| !is_before(word));
    first.is_some_and(|word| Program::named(word).is_some())
}

/// True for a shell's prompt that was copied along.
pub(super) fn is_prompt(word: &str) -> bool {
    matches!(word, "$" | "%" | "#")
}

/// True for a name that a shell accepts before `=`.
pub(super) fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_')
}

/// Prefix commands, which run the command after them.
pub(super) fn is_before_a_command(word: &str) -> bool {
    matches!(word, "npx" | "-y" | "--yes" | "sudo" | "exec" | "env" | "time")
}
