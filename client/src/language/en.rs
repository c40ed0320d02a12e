//! English parts that several views share.

use workbench::format::count;

/// Count with its noun: `1 row`, `2,000 rows`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}
