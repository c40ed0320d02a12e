//! Limit on open files.

/// Raises the limit on open files to the maximum: a connection is one.
pub(crate) fn raise_open_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        // If this fails, the excess connections report it.
        let _ = setrlimit(Resource::Nofile, limit);
    }
}
