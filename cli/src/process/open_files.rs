//! Limit on open files (`RLIMIT_NOFILE`).

/// Raises the limit on open files to the maximum: a connection is one.
pub(crate) fn raise_open_files() {
    // If this fails, the excess connections report it.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
}
