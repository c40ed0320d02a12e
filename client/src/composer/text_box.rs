//! The box that a message is written in, and the caret in it.

use leptos::{html, prelude::*};
use workbench::payload::LineColumn;

use super::check::offset;
use crate::Shell;

/// Pixels around the text of the box, and those of a line; as in style.css. Where a person has larger
/// letters, a box of several lines counts as one with wrapped lines.
const PADDING: usize = 12;
const LINE: usize = 21;

/// The box. Copies are the same one.
#[derive(Clone, Copy)]
pub(super) struct TextBox {
    pub(super) place: NodeRef<html::Textarea>,
    shell: Shell,
}

impl TextBox {
    pub(super) fn new(shell: Shell) -> Self {
        Self { place: NodeRef::new(), shell }
    }

    pub(super) fn focus(self) {
        if let Some(input) = self.place.get_untracked() {
            let _ = input.focus();
        }
    }

    /// Puts the caret there; where it is, if there is no place.
    pub(super) fn go_to(self, place: Option<LineColumn>) {
        self.focus();
        if let Some(input) = self.place.get_untracked()
            && let Some(place) = place
        {
            let at = self.shell.draft().with_untracked(|draft| offset(&draft.text, place));
            let _ = input.set_selection_range(at, at);
        }
    }

    /// Writes `text` where the caret is.
    pub(super) fn insert(self, text: &str) {
        let Some(input) = self.place.get_untracked() else { return };
        let start = input.selection_start().ok().flatten().unwrap_or_default();
        let _ = input.set_range_text(text);
        self.shell.draft().update(|draft| draft.text = input.value());
        let end = start + u32::try_from(text.encode_utf16().count()).unwrap_or_default();
        let _ = input.set_selection_range(end, end);
        self.focus();
    }

    /// Walks through what was sent, if the caret is in the first line, or in the last, and cannot go
    /// further by itself. Says whether it did.
    pub(super) fn walk(self, is_back: bool) -> bool {
        let Some(input) = self.place.get_untracked() else { return false };
        let caret = |at: Option<u32>| at.and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
        let start = caret(input.selection_start().ok().flatten());
        let end = caret(input.selection_end().ok().flatten());
        let text: Vec<u16> = input.value().encode_utf16().collect();
        let beyond = if is_back { text.get(..start) } else { text.get(end..) }.unwrap_or_default();
        let breaks = |text: &[u16]| text.iter().filter(|unit| **unit == u16::from(b'\n')).count();
        // Lines that do not fit are broken by the browser: only it knows which one the caret is in.
        let height = usize::try_from(input.scroll_height()).unwrap_or_default();
        let is_wrapped = height >= PADDING + (breaks(&text) + 2) * LINE;
        let is_at_edge = if is_wrapped { beyond.is_empty() } else { breaks(beyond) == 0 };
        if start != end || !is_at_edge || !self.shell.walk(is_back) {
            return false;
        }
        let text = self.shell.draft().with_untracked(|draft| draft.text.clone());
        input.set_value(&text);
        // So that the next key of the same direction goes on.
        let shown = if is_back { text.lines().next().unwrap_or_default() } else { &text };
        let at = u32::try_from(shown.encode_utf16().count()).unwrap_or(u32::MAX);
        let _ = input.set_selection_range(at, at);
        true
    }
}
