//! `/abort`: the end of a connection without a Close frame.
//!
//! `/abort?after=3&how=rst` tests a client for lost connections. With a reset, the client may lose
//! echoes that were sent before.

use super::close::{EchoUntil, after_option};
use crate::{
    endpoints::endpoint::{Endpoint, Group, Plan},
    websocket::handler::{Abort, Finish},
};

/// Declares `/abort`. It is among the faults: no server should end that way on purpose.
pub(in crate::endpoints) fn endpoint() -> Endpoint {
    let summary = "Ends the connection without a Close frame";
    Endpoint::new("/abort", Group::Close, summary, |options| {
        let after = after_option(options, "Messages or time before the end");
        let how = options.choice(
            "how",
            "TCP segment: FIN or RST. Over HTTP/2 both end the stream",
            &[("fin", Abort::Fin), ("rst", Abort::Reset)],
        );
        Plan::handler(move |_| EchoUntil::new(after, Finish::Abort(how)))
    })
    .details("Echoes until then. Clients report 1006 (RFC 6455 section 7.1.5)")
    .dangerous()
}
