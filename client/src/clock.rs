//! The browser's clock, as the workbench wants it.

use js_sys::Date;
use wasm_bindgen::JsValue;
use workbench::Time;

/// Now. Monotonic within the page's life; the time of day as it was when the page was loaded.
pub(crate) fn now() -> Time {
    let performance = web_sys::window().and_then(|window| window.performance());
    let millis = performance
        .map_or_else(Date::now, |performance| performance.time_origin() + performance.now());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    Time((millis * 1_000.0) as u64)
}

/// The local time of day, `12:01:07.204`.
pub(crate) fn time_of_day(time: Time) -> String {
    // Milliseconds since 1970 stay below 2^53 for 280,000 years.
    #[expect(clippy::cast_precision_loss, reason = "exact, see above")]
    let date = Date::new(&JsValue::from_f64(time.as_millis() as f64));
    let (hours, minutes) = (date.get_hours(), date.get_minutes());
    format!("{hours:02}:{minutes:02}:{:02}.{:03}", date.get_seconds(), date.get_milliseconds())
}
