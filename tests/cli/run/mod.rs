//! `wsbench run`: time limit, order, results, transcript, program under test, repetition, and in CI.

#[cfg(unix)]
mod ci;
mod limits;
mod results;
#[cfg(unix)]
mod subject;
mod transcript;
mod untested;
mod watch;
