//! `wsbench URL`: the conversation, its input and output, and its end.

mod exits;
mod expecting;
mod frames;
mod hostile;
mod piped;
#[cfg(unix)]
mod prompt;
mod reconnecting;
mod recording;
