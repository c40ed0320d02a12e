//! Registry of all test endpoints. A new one is added to [`ENDPOINTS`], a new fault to `fault.rs`.

use std::sync::LazyLock;

use super::{
    answering::{chat, echo, sink, slow},
    closing::{abort, close, hang},
    endpoint::Endpoint,
    fault,
    opening::{handshake, reject, subprotocol},
    streaming::{ping, stream, time},
};

/// All endpoints, in the order of documentation.
pub(crate) static ENDPOINTS: LazyLock<Vec<Endpoint>> = LazyLock::new(|| {
    let single = [
        echo::endpoint(),
        sink::sink(),
        sink::silent(),
        chat::endpoint(),
        stream::endpoint(),
        time::endpoint(),
        ping::ping(),
        ping::no_pong(),
        slow::endpoint(),
        handshake::endpoint(),
        subprotocol::endpoint(),
        reject::endpoint(),
        close::endpoint(),
        abort::endpoint(),
        hang::endpoint(),
    ];
    single.into_iter().chain(fault::endpoints()).collect()
});

/// Names for `--endpoints`, in order and without repetition.
pub(super) fn names() -> Vec<&'static str> {
    let mut names = ENDPOINTS.iter().map(Endpoint::name).collect::<Vec<_>>();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::endpoints::options::Options;

    /// Query of known options, with values that may be valid.
    fn queries() -> impl Strategy<Value = String> {
        let name = prop::sample::select(vec![
            "delay", "drop", "reorder", "fragment", "close_after", "code", "seed", "rate", "size",
            "count", "every", "for", "stage", "read", "status", "accept", "after", "jitter",
            "throttle", "reason", "compress", "x",
        ]);
        let value = prop_oneof![
            any::<String>(),
            "[0-9]{1,25}(\\.[0-9]{1,20})?(e[0-9]{1,4})?(ns|ms|s|m|h|y|/s|/h|KiB|PB|KiB/s)?",
        ];
        prop::collection::vec((name, value), 0..4).prop_map(|options| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(options).finish()
        })
    }

    proptest! {
        #[test]
        fn any_query_is_accepted_or_refused_with_a_sentence(
            query in prop_oneof![queries(), any::<String>()],
            segment: String,
        ) {
            for endpoint in ENDPOINTS.iter() {
                let mut options = Options::new(&query, Some(&segment));
                let _ = endpoint.plan(&mut options);
                if let Err(error) = options.finish(endpoint.path) {
                    let sentence = error.to_string();
                    prop_assert!(sentence.ends_with('.') && sentence.len() < 1_000, "{sentence}");
                    prop_assert!(!sentence.contains(char::is_control), "{sentence}");
                }
            }
        }
    }
}
