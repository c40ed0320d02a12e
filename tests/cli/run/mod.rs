//! `wsbench run`: time limit, order, transcript, program under test, repetition.

mod limits;
#[cfg(unix)]
mod subject;
mod transcript;
mod watch;
