//! `/abort`: a connection that is gone without a word.

use super::{Endpoint, Plan, close};
use crate::conduct::{Abort, Finish};

pub(super) fn endpoint() -> Endpoint {
    let summary = "Ends the connection without a Close frame (RFC 6455 section 7.1.5: the client \
                   reports 1006); echoes until then";
    Endpoint::new("/abort", "Ends", summary, |ask| {
        let after = close::ask_after(ask, "When the connection ends");
        let how = ask.choice(
            "how",
            "By TCP's orderly end, or by a reset. Over HTTP/2 either is the end of the stream",
            &[("fin", Abort::Fin), ("rst", Abort::Reset)],
            Abort::Fin,
        );
        Plan::conduct(move |_| close::EchoUntil::new(after, Finish::Abort(how)))
    })
    .dangerous()
}
