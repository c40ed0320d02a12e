//! Cooperative searches of messages for patterns: signals and timers get their turn.

use session::{Message, Search};

/// Steps of a search between two yields: some milliseconds.
const SLICE: u64 = 1 << 17;

/// True if a message matches. Yields at times; dropped, it has no answer.
pub(super) async fn search(search: &mut Search, message: &Message) -> bool {
    search.restart();
    loop {
        if let Some(matches) = search.advance(message.payload().as_bytes(), &mut SLICE.clone()) {
            return matches;
        }
        tokio::task::yield_now().await;
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::search;
    use session::{Message, Search};

    #[test]
    fn a_long_search_yields() {
        let mut hard = Search::new("(a{1,50}){1,50}b".parse().unwrap());
        let long = Message::Text("a".repeat(1 << 20));
        assert_eq!(search(&mut hard, &long).now_or_never(), None);
        let short = Message::Binary(b"ab".to_vec());
        assert_eq!(search(&mut hard, &short).now_or_never(), Some(true), "from its start");
    }
}
