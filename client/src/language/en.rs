//! English parts that several views share.

use workbench::{
    connect::Overrun,
    format::{count, span},
};

/// Count with its noun: `1 row`, `2,000 rows`. Only `1` has the singular.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Connection closed because messages lag behind.
pub(crate) fn overrun_text(overrun: &Overrun) -> String {
    format!(
        "Closed here: messages came faster than this browser could take them ({} behind at {} a second). \
         Try a slower rate, such as ?rate=1000/s. The next connection opens once the browser has passed \
         on the rest.",
        span(overrun.lag),
        count(overrun.rate)
    )
}
