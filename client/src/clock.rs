//! The browser's clock, as the workbench wants it.

use js_sys::Date;
use wasm_bindgen::JsValue;
use workbench::Time;

/// Now, in whole milliseconds by the wall clock. Not `performance.now`, which stands still while
/// the computer sleeps and would date every later message wrongly.
pub(crate) fn now() -> Time {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    Time(Date::now() as u64 * 1_000)
}

/// The local time of day, `12:01:07.204`.
pub(crate) fn time_of_day(time: Time) -> String {
    // Milliseconds since 1970 stay below 2^53 for 280,000 years.
    #[expect(clippy::cast_precision_loss, reason = "exact, see above")]
    let date = Date::new(&JsValue::from_f64(time.as_millis() as f64));
    let (hours, minutes) = (date.get_hours(), date.get_minutes());
    format!("{hours:02}:{minutes:02}:{:02}.{:03}", date.get_seconds(), date.get_milliseconds())
}
