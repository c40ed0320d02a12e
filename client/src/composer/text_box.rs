//! Text box of the draft, its caret, and the recall of sent messages.

use leptos::{html, prelude::*};
use workbench::payload::LineColumn;

use crate::{EngineHandle, browser::dom::focus::focus_node};

/// Vertical padding in pixels, as in style.css.
const PADDING: usize = 12;
/// Line height in pixels, as in style.css. With a larger font, a box of several lines is taken for
/// one with wrapped lines.
const LINE_HEIGHT: usize = 21;

/// Handle to the text box. Copies refer to the same one. The element is absent while the form is
/// not mounted: all functions then do nothing.
#[derive(Clone, Copy)]
pub(super) struct TextBox {
    /// Element, mounted by the send form.
    pub(super) node: NodeRef<html::Textarea>,
    engine: EngineHandle,
}

impl TextBox {
    /// Handle of a box that is not mounted yet.
    pub(super) fn new(engine: EngineHandle) -> Self {
        Self { node: NodeRef::new(), engine }
    }

    /// Moves the focus into the box; the caret stays.
    pub(super) fn focus(self) {
        focus_node(self.node);
    }

    /// Focuses the box, with the caret at `place` if given. Positions count lines and characters from 1.
    pub(super) fn go_to(self, place: Option<LineColumn>) {
        self.focus();
        if let Some(input) = self.node.get_untracked()
            && let Some(place) = place
        {
            let at = self.engine.draft.with_untracked(|draft| offset(&draft.text, place));
            let _ = input.set_selection_range(at, at);
        }
    }

    /// Replaces the selection by `text`. Puts the caret after it, and moves the focus to the box.
    pub(super) fn insert(self, text: &str) {
        let Some(input) = self.node.get_untracked() else { return };
        let start = input.selection_start().ok().flatten().unwrap_or_default();
        let _ = input.set_range_text(text);
        self.engine.draft.update(|draft| draft.text = input.value());
        let end = start + u32::try_from(text.encode_utf16().count()).unwrap_or_default();
        let _ = input.set_selection_range(end, end);
        self.focus();
    }

    /// Recalls the older (`is_back`) or newer sent message, if the caret is in the first or last line
    /// and cannot move further itself. Returns `true` if it did.
    pub(super) fn recall(self, is_back: bool) -> bool {
        let Some(input) = self.node.get_untracked() else { return false };
        let caret = |at: Option<u32>| at.and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
        let start = caret(input.selection_start().ok().flatten());
        let end = caret(input.selection_end().ok().flatten());
        let text: Vec<u16> = input.value().encode_utf16().collect();
        let beyond = if is_back { text.get(..start) } else { text.get(end..) }.unwrap_or_default();
        let breaks = |text: &[u16]| text.iter().filter(|unit| **unit == u16::from(b'\n')).count();
        // Only the browser knows which wrapped line the caret is in.
        let height = usize::try_from(input.scroll_height()).unwrap_or_default();
        let is_wrapped = height >= PADDING + (breaks(&text) + 2) * LINE_HEIGHT;
        let is_at_edge = if is_wrapped { beyond.is_empty() } else { breaks(beyond) == 0 };
        if start != end || !is_at_edge || !self.engine.recall(is_back) {
            return false;
        }
        let text = self.engine.draft.with_untracked(|draft| draft.text.clone());
        input.set_value(&text);
        // At the edge again, so that the same key goes on.
        let shown = if is_back { text.lines().next().unwrap_or_default() } else { &text };
        let at = u32::try_from(shown.encode_utf16().count()).unwrap_or(u32::MAX);
        let _ = input.set_selection_range(at, at);
        true
    }
}

/// Offset of `place` in a text area's value: in UTF-16 code units, with a line break as one. The
/// position may lie past the end: the offset is at most that of the end of its line.
fn offset(text: &str, place: LineColumn) -> u32 {
    let mut lines = text.split_inclusive('\n');
    let units = |text: &str| text.encode_utf16().filter(|unit| *unit != u16::from(b'\r')).count();
    let before: usize = lines.by_ref().take(place.line.saturating_sub(1)).map(units).sum();
    let line = lines.next().unwrap_or_default();
    let column: String = line.chars().take(place.column.saturating_sub(1)).collect();
    u32::try_from(before + units(&column)).unwrap_or(u32::MAX)
}
