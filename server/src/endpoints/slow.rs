//! `/slow`: a peer behind a narrow line.

use super::{Endpoint, Plan};
use crate::{handshake::Terms, pace::Paces};

pub(super) fn endpoint() -> Endpoint {
    let summary = "Echoes, and reads or writes its bytes no faster than you say";
    Endpoint::new("/slow", "Answers", summary, |ask| {
        let read = ask.byte_rate_if("read", "How fast the server reads, frames and all");
        let write = ask.byte_rate_if("write", "How fast the server writes, frames and all");
        Plan { paces: Paces { read, write }, ..Plan::echo(Terms::default()) }
    })
}
