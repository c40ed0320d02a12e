//! Timers and tasks. Leptos' own need a window, which a worker has not.

use std::time::Duration;

use gloo_timers::callback::Timeout;
pub(crate) use wasm_bindgen_futures::spawn_local;

/// Calls `fire` once, after `delay`, rounded down to milliseconds. Expects less than 2^31 ms (24
/// days): browsers fire at once beyond. It cannot be cancelled: the engine ignores a timer that is
/// no longer due.
pub(crate) fn after(delay: Duration, fire: impl FnOnce() + 'static) {
    let millis = u32::try_from(delay.as_millis()).unwrap_or(u32::MAX);
    Timeout::new(millis, fire).forget();
}

/// Random seed below 2^53, by `Math.random`; not for secrets.
pub(crate) fn seed() -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 2^53")]
    let seed = (js_sys::Math::random() * 2_f64.powi(53)) as u64;
    seed
}
