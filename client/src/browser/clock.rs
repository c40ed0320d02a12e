//! Clock of the browser, in the page and in the worker, and local time.

use std::{cell::Cell, time::Duration};

use js_sys::{Date, Reflect};
use leptos::prelude::*;
use session::Time;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Performance;

/// Maximum drift between the two clocks in milliseconds; beyond it the wall clock counts.
const MAX_DRIFT: f64 = 20.0;

/// Microseconds of a second.
const SECOND: u64 = 1_000_000;

thread_local! {
    /// Clock of this thread: of the window or of the worker.
    static PERFORMANCE: Option<Performance> = Reflect::get(&js_sys::global(), &"performance".into())
        .ok()
        .and_then(|performance| performance.dyn_into().ok());
    /// `Date.now` minus `performance.now`, when last compared.
    static OFFSET: Cell<f64> = const { Cell::new(0.0) };
}

/// Current wall-clock time, at a resolution of 5 to 100 microseconds.
///
/// `Date.now` counts whole milliseconds, too coarse for a round trip; `performance.now` stops while the
/// computer sleeps. So `performance.now` is used, and set by `Date.now` whenever they drift apart.
pub(crate) fn now() -> Time {
    let wall = Date::now();
    let fine = PERFORMANCE.with(|performance| performance.as_ref().map(Performance::now));
    let millis = fine.map_or(wall, |fine| {
        OFFSET.with(|offset| {
            if (wall - fine - offset.get()).abs() > MAX_DRIFT {
                offset.set(wall - fine);
            }
            fine + offset.get()
        })
    });
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    Time((millis * 1_000.0) as u64)
}

/// Current time, updated just after each moment that is whole seconds away from `phase`, so that a count of seconds
/// since or until then never skips one. Ends with the current owner.
pub(crate) fn seconds_from(phase: Time) -> ReadSignal<Time> {
    let (time, set_time) = signal(now());
    tick(phase, set_time);
    time
}

/// Sets the time at the next such moment, and so on while the signal is there.
fn tick(phase: Time, set_time: WriteSignal<Time>) {
    let left = (SECOND + phase.0 % SECOND - now().0 % SECOND) % SECOND;
    let set = move || {
        if set_time.try_set(now()).is_none() {
            tick(phase, set_time);
        }
    };
    // A timer counts whole milliseconds.
    set_timeout(set, Duration::from_micros(left) + Duration::from_millis(1));
}

/// Local time of day: `12:01:07.204`. In the browser's time zone, with milliseconds.
pub(crate) fn time_of_day(time: Time) -> String {
    // Below 2^53 for 280,000 years.
    #[expect(clippy::cast_precision_loss, reason = "exact, see above")]
    let date = Date::new(&JsValue::from_f64(time.as_millis() as f64));
    let (hours, minutes) = (date.get_hours(), date.get_minutes());
    format!("{hours:02}:{minutes:02}:{:02}.{:03}", date.get_seconds(), date.get_milliseconds())
}

/// Local date and time for a file name: `2026-01-02-12-01-07`. No colons, which some file systems
/// refuse.
pub(crate) fn date_and_time(time: Time) -> String {
    #[expect(clippy::cast_precision_loss, reason = "exact, see above")]
    let date = Date::new(&JsValue::from_f64(time.as_millis() as f64));
    format!(
        "{}-{:02}-{:02}-{:02}-{:02}-{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes(),
        date.get_seconds()
    )
}
