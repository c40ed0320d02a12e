//! How the program ends: statuses that a script can tell apart.

use std::process::ExitCode;

/// The exit status. `--help` documents each; scripts rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The conversation took place.
    Done = 0,
    /// There was no connection, or something on this machine failed.
    Failed = 1,
    /// The arguments make no sense. (clap ends with the same.)
    Usage = 2,
    /// What was expected did not come, or not in time.
    Unmet = 3,
    /// The peer closed with a code that names an error, or the connection was lost.
    Closed = 4,
    /// The peer broke the protocol.
    Violation = 5,
    /// Ctrl-C before there was a connection, or twice. As shells give it: 128 + SIGINT.
    Interrupted = 130,
}

impl Exit {
    /// What `--help` says.
    pub(crate) const HELP: &str = "\
Exit status:
  0    done: the conversation took place and was closed
  1    failed to connect, or to read or write on this machine
  2    usage: an argument is wrong
  3    expectation not met: --expect or --count did not come, or --timeout passed once connected
  4    closed by the peer with an error code (any but 1000 and none), or lost
  5    protocol error: the peer sent what RFC 6455 does not allow
  130  interrupted before there was a connection, or twice";
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
