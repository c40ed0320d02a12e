//! Scroll position of a virtual list: follows the end, or keeps rows in place while older ones are
//! evicted.

use std::ops::Range;

use leptos::{html, prelude::*};
use workbench::log::Window;

use crate::browser::dom::resize::{on_resize, padding_top};

/// Rows rendered beyond either edge of the view, so that a small scroll shows no gap.
pub(crate) const OVERSCAN: u64 = 12;

/// DOM nodes in a pool, at most, however high the element claims to be. More would slow a scroll
/// down without being seen.
const MAX_SLOTS: u64 = 200;

/// Pixels from the end within which a scrolled list starts to follow it. A scroll by wheel rarely
/// ends exactly at the end.
const END_ZONE: f64 = 20.0;

/// Rows of a list by their permanent numbers. Another generation numbers other rows. A number stays
/// with its row while older rows are evicted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RowSpan {
    /// Number that changes with the list or its filter.
    pub(crate) generation: u32,
    /// Row numbers, from the oldest held up to the next one to come.
    pub(crate) rows: Range<u64>,
}

impl RowSpan {
    /// Number of rows.
    pub(crate) fn len(&self) -> u64 {
        self.rows.end - self.rows.start
    }

    /// Number of rows evicted since `earlier`; 0 for another generation, whose numbers say nothing about this one.
    fn evicted_since(&self, earlier: &Self) -> u64 {
        let is_same_list = self.generation == earlier.generation;
        if is_same_list { self.rows.start.saturating_sub(earlier.rows.start) } else { 0 }
    }
}

/// Scroll offset as the browser last reported it, with the rows that the list had then.
#[derive(Clone, Default)]
struct Scroll {
    /// `scrollTop`, in CSS pixels.
    top: f64,
    /// Rows at that moment; some may have been evicted since.
    span: RowSpan,
}

/// A list's scrolled element, its size and its scroll position. Copies are the same one. Places of
/// rows are computed from them, never measured.
#[derive(Clone, Copy)]
pub(crate) struct Viewport {
    /// Scrolled element, mounted by [`super::virtual_list`].
    pub(super) scroller: NodeRef<html::Div>,
    /// Rows of the list as of the last snapshot.
    pub(crate) span: Memo<RowSpan>,
    /// Row height in CSS pixels, one for all rows.
    pub(crate) row_height: Signal<f64>,
    /// Height of the view, without the part covered at its top.
    height: RwSignal<f64>,
    /// Pixels at the top of the element that something lies over.
    inset: RwSignal<f64>,
    scroll: RwSignal<Scroll>,
    /// True while the list stays at its end; `None` if it never does.
    follows: Option<RwSignal<bool>>,
    /// The element's last known `scrollTop`, to tell up from down.
    last_top: StoredValue<f64>,
}

impl Viewport {
    /// A viewport on `span`, of rows `row_height` pixels high, in the element that will be mounted as `scroller`.
    /// The list sticks to its end while `follows` is true.
    pub(crate) fn new(
        scroller: NodeRef<html::Div>,
        span: Memo<RowSpan>,
        row_height: Signal<f64>,
        follows: Option<RwSignal<bool>>,
    ) -> Self {
        let viewport = Self {
            scroller,
            span,
            row_height,
            height: RwSignal::new(0.0),
            inset: RwSignal::new(0.0),
            scroll: RwSignal::default(),
            follows,
            last_top: StoredValue::new(0.0),
        };
        on_resize(viewport.scroller, move || viewport.measure());
        viewport.anchor();
        viewport.keep_place();
        viewport
    }

    /// Pixels from the top edge of the element to row number `row`. Used by elements that lie over
    /// the list, such as the actions of a row.
    pub(crate) fn place_in_view(self, row: u64) -> f64 {
        self.inset.get() + self.place(row) - self.top().max(0.0)
    }

    /// True once the element has a size. Before, no row is in view.
    pub(crate) fn is_laid_out(self) -> bool {
        self.height.get() > 0.0
    }

    /// Scrolls by `pixels`, as the wheel over the list does.
    pub(crate) fn scroll_by(self, pixels: f64) {
        if let Some(list) = self.scroller.get_untracked() {
            list.scroll_by_with_x_and_y(0.0, pixels);
        }
    }

    /// Height of the scrolled space, as CSS. Bounded by `Window`, since browsers limit the height of an element.
    pub(crate) fn scroll_height(self) -> String {
        pixels(self.window().scroll_height())
    }

    /// Distance from the top of the scrolled space to row number `row`, as CSS.
    pub(crate) fn offset(self, row: u64) -> String {
        pixels(self.place(row))
    }

    /// Pixels from the top of the scrolled space to row number `row`.
    fn place(self, row: u64) -> f64 {
        let start = self.span.with(|span| span.rows.start);
        self.window().place(row.saturating_sub(start), self.top())
    }

    /// Numbers of the rows of which some part is in view.
    pub(crate) fn in_view(self) -> Range<u64> {
        self.numbered(self.window().in_view(self.top()))
    }

    /// Numbers of the rows to render: those in view and [`OVERSCAN`] rows at either edge.
    pub(crate) fn rendered(self) -> Range<u64> {
        self.numbered(self.window().rendered(self.top(), OVERSCAN))
    }

    /// DOM nodes that cover the view and its overscan wherever the list is scrolled to. At most [`MAX_SLOTS`].
    pub(crate) fn slots(self) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let fit = (self.height.get() / self.row_height.get()).ceil() as u64 + 1;
        fit.saturating_add(2 * OVERSCAN).min(MAX_SLOTS)
    }

    /// Records a scroll by the user or by the list itself. Only a scroll up stops following the
    /// end: new rows move the end, not the user.
    pub(crate) fn on_scroll(self) {
        let Some(list) = self.scroller.try_get_untracked().flatten() else { return };
        let top = f64::from(list.scroll_top());
        let below = f64::from(list.scroll_height() - list.client_height()) - top;
        let height = f64::from(list.client_height()) - self.inset.get_untracked();
        // A view that was resized since it was measured was scrolled by the browser.
        let is_resized = (height - self.height.get_untracked()).abs() >= 1.0;
        let is_up = !is_resized && self.last_top.try_get_value().is_some_and(|last| top < last);
        if below <= 1.0 || below <= END_ZONE && !is_up {
            self.follow(true);
        } else if is_up {
            self.follow(false);
        }
        self.record(top);
    }

    /// Scrolls to the end and follows it, for the button of the newest row.
    pub(crate) fn jump_to_end(self) {
        self.follow(true);
        self.stick_to_end();
    }

    /// Scrolls by as little as brings row number `row` into view. Stops following the end if it has to scroll.
    pub(crate) fn reveal(self, row: u64) {
        let start = self.span.with_untracked(|span| span.rows.start);
        let (window, top) = untrack(|| (self.window(), self.top()));
        let wanted = window.scroll_into_view(row.saturating_sub(start), top);
        if (wanted - top).abs() >= 1.0 {
            self.follow(false);
            self.scroll_to(wanted);
            self.record(self.last_top.get_value());
        }
    }

    /// Brings row number `row` into view, and stays there when rows are added. For a match that a search steps to.
    pub(crate) fn hold(self, row: u64) {
        let Some(last_top) = self.last_top.try_get_value() else { return };
        self.follow(false);
        self.record(last_top);
        self.reveal(row);
    }

    /// Scroll anchoring: moves the element along when the list changes. The rendered rows derive
    /// from the same numbers, so that this effect writes no signal.
    fn anchor(self) {
        Effect::new(move |before: Option<RowSpan>| {
            let span = self.span.get();
            let evicted = before.map_or(0, |before| span.evicted_since(&before));
            if evicted > 0 && !self.is_following() {
                self.scroll_to(untrack(|| self.top()));
            }
            // After the effect that sets the spacer's new height.
            queue_microtask(move || self.stick_to_end());
            span
        });
    }

    /// Keeps the first row in view, or the end, when the height of rows changes. The scroll offset
    /// scales with the height of a row.
    fn keep_place(self) {
        Effect::new(move |before: Option<f64>| {
            let height = self.row_height.get();
            if let Some(before) = before.filter(|before| (before - height).abs() > 0.5) {
                let top = self.scroll.with_untracked(|scroll| scroll.top) * height / before;
                // After the effect that sets the spacer's new height.
                queue_microtask(move || {
                    if self.is_following() {
                        self.stick_to_end();
                    } else {
                        self.scroll_to(top);
                        self.record(top);
                    }
                });
            }
            height
        });
    }

    /// Geometry of the list now. Tracks the rows, their height and the height of the view.
    fn window(self) -> Window {
        let rows = self.span.with(RowSpan::len);
        Window { rows, row_height: self.row_height.get(), height: self.height.get() }
    }

    /// Scroll offset in pixels: the end if that is followed, else as last reported, less the rows evicted since.
    fn top(self) -> f64 {
        let window = self.window();
        if self.follows.is_some_and(|follows| follows.get()) {
            return window.scroll_height() - window.height;
        }
        self.scroll.with(|scroll| {
            let evicted = self.span.with(|span| span.evicted_since(&scroll.span));
            scroll.top - window.scroll_to(evicted).min(scroll.top)
        })
    }

    /// Permanent numbers of rows that are counted from the oldest held.
    fn numbered(self, rows: Range<u64>) -> Range<u64> {
        let start = self.span.with(|span| span.rows.start);
        start + rows.start..start + rows.end
    }

    /// True while the list follows its end; false, too, once it is unmounted.
    fn is_following(self) -> bool {
        self.follows.and_then(|follows| follows.try_get_untracked()).unwrap_or(false)
    }

    /// Sets the following state, only if it differs: an equal write would render its readers anew.
    fn follow(self, follows: bool) {
        if let Some(signal) = self.follows
            && signal.try_get_untracked() == Some(!follows)
        {
            signal.try_set(follows);
        }
    }

    /// Scrolls to the end if that is followed. Called after the spacer has its new height: the
    /// browser clamps to the old one before.
    fn stick_to_end(self) {
        if self.is_following()
            && let Some(list) = self.scroller.try_get_untracked().flatten()
        {
            list.set_scroll_top(list.scroll_height());
            self.last_top.try_set_value(f64::from(list.scroll_top()));
        }
    }

    /// Scrolls, and keeps the offset that the browser made of it.
    fn scroll_to(self, top: f64) {
        if let Some(list) = self.scroller.try_get_untracked().flatten() {
            #[expect(clippy::cast_possible_truncation, reason = "saturates")]
            list.set_scroll_top(top as i32);
            self.last_top.try_set_value(f64::from(list.scroll_top()));
        }
    }

    /// Keeps a scroll offset with the rows that it refers to.
    fn record(self, top: f64) {
        let Some(span) = self.span.try_get_untracked() else { return };
        self.last_top.try_set_value(top);
        self.scroll.try_set(Scroll { top, span });
    }

    /// Reads the size of the element after a change of it.
    fn measure(self) {
        if let Some(list) = self.scroller.try_get_untracked().flatten() {
            let inset = padding_top(&list);
            self.inset.try_set(inset.into());
            self.height.try_set(f64::from(list.client_height() - inset));
            self.stick_to_end();
        }
    }
}

/// Length as CSS, in whole pixels.
pub(crate) fn pixels(length: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    let length = length.round() as i64;
    format!("{length}px")
}
