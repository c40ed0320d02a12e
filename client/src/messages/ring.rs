//! Ring of row nodes: a node stays with its row while the list moves on.

use leptos::{html, prelude::*};

/// Part of the nodes, as a divisor, that are moved at most: to lay out a node at another place costs more than to fill
/// it where it is, as is done when the list moves further.
const MOVED: u64 = 8;

/// Fixed number of row nodes in slots. A list that moves on by two rows fills and moves two nodes; the others stay as
/// they are laid out, with the text that is selected in them.
#[derive(Clone, Copy)]
pub(super) struct Ring {
    /// Number of the first row of the snapshot.
    pub(super) first: Memo<u64>,
    /// Number of nodes, never 0.
    pub(super) slots: Memo<u64>,
    /// First row, and the slot that shows it.
    top: Memo<(u64, u64)>,
}

impl Ring {
    /// Ring of `slots` nodes for the rows from `first` on.
    pub(super) fn new(first: Memo<u64>, slots: Memo<u64>) -> Self {
        let top = Memo::new(move |before: Option<&(u64, u64)>| {
            let (first, slots) = (first.get(), slots.get());
            let (before, top) = before.copied().unwrap_or((first, 0));
            let top = match first.abs_diff(before) {
                by if by > slots / MOVED => top,
                by if first > before => top + by,
                by => top + slots - by,
            };
            (first, top % slots)
        });
        Self { first, slots, top }
    }

    /// Index, among the rows of the snapshot, of the one in a slot. Beyond their number for a slot without a row.
    pub(super) fn index(self, slot: u64) -> u64 {
        let slots = self.slots.get();
        (slot + slots - self.top.get().1) % slots
    }

    /// Element id of the node of a row, by its index among the rows of the snapshot: `row-` and its slot.
    pub(super) fn element_id(self, index: u64) -> String {
        format!("row-{}", (index + self.top.get().1) % self.slots.get())
    }

    /// Keeps the children of `list` in the order of their rows, which a screen reader and a selection follow: nodes
    /// that left at one end go to the other. A change of their number orders them anew, after the effect that
    /// adds or removes them, which follows `slots` for longer.
    pub(super) fn keep_order(self, list: NodeRef<html::Div>) {
        Effect::new(move |before: Option<(u64, u64)>| {
            let (slots, (_, top)) = (self.slots.get(), self.top.get());
            let Some(list) = list.get() else { return (0, 0) };
            let head = list.first_child();
            let (moved, next) = match before {
                Some((count, before)) if count == slots => match (top + slots - before) % slots {
                    by if by <= slots / 2 => (before..before + by, None),
                    by => (top..top + slots - by, head.as_ref()),
                },
                _ => (top..top + slots, None),
            };
            for slot in moved {
                let id = format!("row-{}", slot % slots);
                if let Some(node) = document().get_element_by_id(&id) {
                    let _ = list.insert_before(&node, next);
                }
            }
            (slots, top)
        });
    }
}
