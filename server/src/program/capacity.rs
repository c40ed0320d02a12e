//! Capacity: connections that the system's limits leave room for, and memory for them.

use bytesize::ByteSize;

use crate::limits::Limits;

/// Open files besides connections: listeners, log, runtime, connections that are being refused.
const OTHER_FILES: usize = 128;

/// Error of a server that could hold no connection, as a sentence with a remedy.
#[derive(Debug, thiserror::Error)]
pub(super) enum CapacityError {
    /// Limit of zero by the flag.
    #[error("--max-connections 0 allows no connections. Give 1 or more.")]
    NoConnections,
    /// Limit on open files of [`OTHER_FILES`] or less.
    #[error(
        "The system's limit on open files, {files}, allows no connections: the server itself needs \
         {OTHER_FILES}. Raise the limit, for example with `ulimit -n 1024` or LimitNOFILE= of systemd."
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
    match max.min(files.saturating_sub(OTHER_FILES)) {
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
        assert_eq!(fit(1_000, 1_024).unwrap(), 896);
        assert_eq!(fit(1_000, OTHER_FILES + 1).unwrap(), 1);
        let sentence = |max, files| fit(max, files).unwrap_err().to_string();
        assert!(sentence(1_000, OTHER_FILES).contains("open files, 128"));
        assert!(sentence(1_000, 64).contains("ulimit -n 1024"));
        assert!(sentence(0, 1 << 20).contains("--max-connections 0"));
    }
}
