//! The browser's clock, as the workbench wants it, in a page and in a worker.

use std::{cell::Cell, time::Duration};

use js_sys::{Date, Reflect};
use leptos::prelude::*;
use session::Time;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Performance;

/// Milliseconds by which the two clocks may drift apart before the wall clock is believed again.
const DRIFT: f64 = 20.0;

/// Often enough that a count of whole seconds never skips one.
const TICK: Duration = Duration::from_millis(200);

thread_local! {
    static PERFORMANCE: Option<Performance> = Reflect::get(&js_sys::global(), &"performance".into())
        .ok()
        .and_then(|performance| performance.dyn_into().ok());
    /// What `performance.now` was behind `Date.now` when last compared.
    static BEHIND: Cell<f64> = const { Cell::new(0.0) };
}

/// Now, by the wall clock, in steps of 5 to 100 microseconds.
///
/// `Date.now` counts whole milliseconds, too coarse for a round trip; `performance.now` stands
/// still while the computer sleeps and would date every later message wrongly. So the second is
/// used, set by the first whenever they are apart.
pub(crate) fn now() -> Time {
    let wall = Date::now();
    let fine = PERFORMANCE.with(|performance| performance.as_ref().map(Performance::now));
    let millis = fine.map_or(wall, |fine| {
        BEHIND.with(|behind| {
            if (wall - fine - behind.get()).abs() > DRIFT {
                behind.set(wall - fine);
            }
            fine + behind.get()
        })
    });
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    Time((millis * 1_000.0) as u64)
}

/// Now, again and again for as long as what is shown with it.
pub(crate) fn ticking() -> ReadSignal<Time> {
    let (time, set_time) = signal(now());
    if let Ok(ticking) = set_interval_with_handle(move || set_time.set(now()), TICK) {
        on_cleanup(move || ticking.clear());
    }
    time
}

/// The local time of day, `12:01:07.204`.
pub(crate) fn time_of_day(time: Time) -> String {
    // Milliseconds since 1970 stay below 2^53 for 280,000 years.
    #[expect(clippy::cast_precision_loss, reason = "exact, see above")]
    let date = Date::new(&JsValue::from_f64(time.as_millis() as f64));
    let (hours, minutes) = (date.get_hours(), date.get_minutes());
    format!("{hours:02}:{minutes:02}:{:02}.{:03}", date.get_seconds(), date.get_milliseconds())
}

/// The local date and time, `2026-01-02-12-01-07`: for the name of a file.
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
