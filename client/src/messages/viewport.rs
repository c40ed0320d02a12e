//! Where the list is scrolled to: at its end as long as the person leaves it there.

use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{HtmlElement, ResizeObserver};
use workbench::log::Window;

/// Pixels a row is high, with a mouse and with a finger; as in style.css.
const ROW: f64 = 28.0;
const ROW_TO_TOUCH: f64 = 44.0;

/// A list scrolled to within this many pixels of its end follows it.
const END_ZONE: f64 = 20.0;

/// The list's scrolled element, and what is known of it.
#[derive(Clone, Copy)]
pub(crate) struct Viewport {
    scroller: NodeRef<html::Div>,
    row_height: f64,
    height: RwSignal<f64>,
    top: RwSignal<f64>,
    follows: RwSignal<bool>,
    /// Where it was scrolled to when last looked at.
    last_top: StoredValue<f64>,
}

impl Viewport {
    /// Watches `scroller`, which follows its end if `follows` says so.
    pub(crate) fn new(scroller: NodeRef<html::Div>, follows: RwSignal<bool>) -> Self {
        let touches = window().match_media("(pointer: coarse)").ok().flatten();
        let row_height = if touches.is_some_and(|it| it.matches()) { ROW_TO_TOUCH } else { ROW };
        let viewport = Self {
            scroller,
            row_height,
            height: RwSignal::new(0.0),
            top: RwSignal::new(0.0),
            follows,
            last_top: StoredValue::new(0.0),
        };
        let resized = Closure::<dyn Fn()>::new(move || viewport.measure());
        if let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) {
            let observer = StoredValue::new_local((observer, resized));
            scroller
                .on_load(move |list| observer.with_value(|(observer, _)| observer.observe(&list)));
            on_cleanup(move || observer.with_value(|(observer, _)| observer.disconnect()));
        }
        viewport
    }

    /// A list of `rows` in this viewport.
    pub(crate) fn window(self, rows: u64) -> Window {
        Window { rows, row_height: self.row_height, height: self.height.get() }
    }

    /// Rows of which some part can be in view at once.
    pub(crate) fn rows_that_fit(self) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let whole = (self.height.get() / self.row_height).ceil() as u64;
        whole + 1
    }

    /// Where it is scrolled to, of so many `rows`.
    pub(crate) fn top(self, rows: u64) -> f64 {
        if self.follows.get() {
            let window = self.window(rows);
            return window.scroll_height() - window.height;
        }
        self.top.get()
    }

    /// Takes note that the person, or the list itself, has scrolled. Only away from the end turns
    /// following off: rows that come move the end, not the person.
    pub(crate) fn scrolled(self) {
        let Some(list) = self.element() else { return };
        let top = f64::from(list.scroll_top());
        let below = f64::from(list.scroll_height() - list.client_height()) - top;
        if below <= END_ZONE {
            self.follow(true);
        } else if self.last_top.try_get_value().is_some_and(|last| top < last) {
            self.follow(false);
        }
        self.last_top.try_set_value(top);
        self.top.try_set(top);
    }

    /// Scrolls to the end and stays there.
    pub(crate) fn to_end(self) {
        self.follow(true);
        self.keep_up();
    }

    /// Scrolls by as little as brings `row` of `rows` into view.
    pub(crate) fn show(self, row: u64, rows: u64) {
        let window = untrack(|| self.window(rows));
        let top = untrack(|| self.top(rows));
        let wanted = window.scroll_into_view(row, top);
        if (wanted - top).abs() >= 1.0 {
            self.follow(false);
            self.scroll_to(wanted);
        }
    }

    /// Scrolls along with rows that were let go above those in view.
    pub(crate) fn rows_went(self, count: u64, rows: u64) {
        if !self.follows.get_untracked() {
            let window = untrack(|| self.window(rows));
            let gone = window.scroll_to(count).min(self.top.get_untracked());
            self.scroll_to(self.top.get_untracked() - gone);
        }
    }

    /// Scrolls to the end after the list has changed, if it is followed.
    pub(crate) fn keep_up(self) {
        if let Some(list) = self.element().filter(|_| self.follows.get_untracked()) {
            list.set_scroll_top(list.scroll_height());
            self.last_top.try_set_value(f64::from(list.scroll_top()));
        }
    }

    fn scroll_to(self, top: f64) {
        if let Some(list) = self.element() {
            #[expect(clippy::cast_possible_truncation, reason = "saturates")]
            list.set_scroll_top(top as i32);
            let top = f64::from(list.scroll_top());
            self.last_top.try_set_value(top);
            self.top.try_set(top);
        }
    }

    fn follow(self, follows: bool) {
        if self.follows.try_get_untracked() == Some(!follows) {
            self.follows.try_set(follows);
        }
    }

    fn measure(self) {
        if let Some(list) = self.element() {
            self.height.try_set(f64::from(list.client_height()));
            self.keep_up();
        }
    }

    fn element(self) -> Option<HtmlElement> {
        self.scroller.try_get_untracked().flatten().map(Into::into)
    }
}
