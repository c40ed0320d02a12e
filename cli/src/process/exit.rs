//! Exit statuses, distinct so that a script can tell them apart.

use std::process::ExitCode;

/// Exit status of all commands but the server. Documented by `--help`; scripts rely on the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Success.
    Done = 0,
    /// No connection, or an error on this machine.
    Failed = 1,
    /// Invalid arguments. clap exits with the same status.
    Usage = 2,
    /// An expectation was not met, or not in time; a file is not formatted.
    Unmet = 3,
    /// Closed by the peer with an error code or before all input was sent, or connection lost.
    Closed = 4,
    /// Protocol violation by the peer.
    Violation = 5,
    /// Ctrl-C before there was a connection, or twice: 128 + SIGINT, as shells report it.
    Interrupted = 130,
}

impl Exit {
    /// Section of `--help`.
    pub(crate) const HELP: &str = "\
Exit status:
  0    success: the conversation took place and was closed
  1    failed to connect, or to read or write on this machine
  2    usage: an argument is wrong
  3    expectation not met: --expect, --expect-close or --count; a message matched
       --fail-on; or --timeout passed once connected
  4    closed by the peer with an error code (any but 1000, none and --expect-close), or
       before all input was sent; or connection lost
  5    protocol error: the peer violated RFC 6455
  130  interrupted before the connection was open, or twice";
}

/// Early end of a command.
#[derive(Debug)]
pub(crate) enum EarlyExit {
    /// Usage error: a sentence that is to be printed.
    Usage(String),
    /// Error that is printed already.
    Printed(Exit),
}

impl From<String> for EarlyExit {
    fn from(sentence: String) -> Self {
        Self::Usage(sentence)
    }
}

impl From<Exit> for EarlyExit {
    fn from(exit: Exit) -> Self {
        Self::Printed(exit)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
