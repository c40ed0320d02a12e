//! Capacity: connections that the system's limits leave room for, and memory for them.

use bytesize::ByteSize;

use crate::{
    accept::{connection_limit::MAX_REFUSALS, listener::MAX_ADMIN_CONNECTIONS},
    limits::Limits,
    relay::MAX_RELAYS,
};

/// Open files besides connections: those that are being refused, those of `--admin`, two for each relayed one while it
/// is dialed, and those of listeners, log, runtime and name lookups.
const OTHER_FILES: usize = MAX_REFUSALS + MAX_ADMIN_CONNECTIONS + 2 * MAX_RELAYS + 32;

/// Open files without which there is no server. Where there are few, half of the rest are for connections.
const MIN_FILES: usize = 64;

/// Error of a server that could hold no connection, as a sentence with a remedy.
#[derive(Debug, thiserror::Error)]
pub(super) enum CapacityError {
    /// Limit of zero by the flag.
    #[error("--max-connections 0 allows no connections. Give 1 or more.")]
    NoConnections,
    /// Limit on open files that leaves none for connections.
    #[error(
        "The system's limit on open files, {files}, allows no connections: the server itself needs \
         {MIN_FILES}. Raise the limit, for example with `ulimit -n 1024` or LimitNOFILE= of systemd."
    )]
    NoFiles { files: usize },
}

/// Raises the limit on open files to the system's maximum, and lowers the connection limit to fit
/// it: accepting one more would fail, and its client would get no answer. Logs the connections and
/// the memory, and the files if they are the bound.
///
/// # Errors
/// [`CapacityError`] if no connection is left.
pub(super) fn settle(limits: &mut Limits) -> Result<(), CapacityError> {
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(u64::MAX);
    let files = usize::try_from(files).unwrap_or(usize::MAX);
    let max = limits.connections;
    limits.connections = fit(max, files)?;
    let connections = limits.connections;
    let memory = ByteSize(limits.memory as u64);
    if connections < max {
        tracing::info!(
            "Capacity: {connections} connections, not the {max} of --max-connections: \
             the system allows {files} open files; {memory} held for clients"
        );
    } else {
        tracing::info!("Capacity: {connections} connections, {memory} held for clients");
    }
    Ok(())
}

/// Connections, at most `max`, that so many open files leave room for.
fn fit(max: usize, files: usize) -> Result<usize, CapacityError> {
    let few = files.saturating_sub(MIN_FILES) / 2;
    match max.min(files.saturating_sub(OTHER_FILES).max(few)) {
        0 if max == 0 => Err(CapacityError::NoConnections),
        0 => Err(CapacityError::NoFiles { files }),
        connections => Ok(connections),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_fit_the_open_files_or_are_refused() {
        assert_eq!(fit(1_000, 1 << 20).unwrap(), 1_000);
        assert_eq!(fit(1_000, 1_024).unwrap(), 1_024 - 64 - 64 - 2 * 128 - 32);
        assert_eq!(fit(1_000, 256).unwrap(), 96);
        assert_eq!(fit(1_000, MIN_FILES + 2).unwrap(), 1);
        let sentence = |max, files| fit(max, files).unwrap_err().to_string();
        assert!(sentence(1_000, MIN_FILES).contains("open files, 64"));
        assert!(sentence(1_000, 10).contains("ulimit -n 1024"));
        assert!(sentence(0, 1 << 20).contains("--max-connections 0"));
    }
}
