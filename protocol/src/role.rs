//! Roles: the two sides of a connection. They differ in masking (RFC 6455 section 5.3), and in
//! their parameters of permessage-deflate.

use std::fmt;

use chacha20::{
    ChaCha12Rng,
    rand_core::{Rng, SeedableRng},
};

use self::sealed::Sealed;

/// Bytes of a client's seed.
pub const SEED_LEN: usize = 32;

mod sealed {
    pub trait Sealed {}
}

/// Side of a connection: [`Server`] or [`Client`]. A type, so that neither pays for the other's checks.
pub trait Role: Sealed + fmt::Debug {
    /// True for a [`Client`]: it masks the frames that it sends, and receives unmasked ones.
    const IS_CLIENT: bool;

    /// Masking key of the next frame to send; `None` for a server.
    fn next_key(&mut self) -> Option<[u8; 4]>;
}

/// Server: receives masked frames, and "must not mask any frames" (RFC 6455 section 5.1).
#[derive(Clone, Copy, Debug, Default)]
pub struct Server;

/// Client: "must mask all frames" (RFC 6455 section 5.1), each with a key of its own.
///
/// Nobody can predict a key from those before it (section 5.3): they are the stream of a
/// cryptographically secure generator, `ChaCha12`.
#[derive(Debug)]
pub struct Client {
    /// Source of masking keys, unpredictable for pages (RFC 6455 section 10.3).
    keys: ChaCha12Rng,
}

impl Client {
    /// Creates a client of one connection. Every `seed` must come from the system's source of
    /// randomness, and serve one connection only.
    #[must_use]
    pub fn new(seed: [u8; SEED_LEN]) -> Self {
        Self { keys: ChaCha12Rng::from_seed(seed) }
    }
}

impl Sealed for Server {}

impl Role for Server {
    const IS_CLIENT: bool = false;

    fn next_key(&mut self) -> Option<[u8; 4]> {
        None
    }
}

impl Sealed for Client {}

impl Role for Client {
    const IS_CLIENT: bool = true;

    fn next_key(&mut self) -> Option<[u8; 4]> {
        Some(self.keys.next_u32().to_ne_bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_frame_of_a_client_has_a_key_of_its_own() {
        let keys = |seed| {
            let mut client = Client::new([seed; SEED_LEN]);
            (0..1_000).filter_map(|_| client.next_key()).collect::<HashSet<_>>()
        };
        // By the birthday bound, two of 1,000 keys are equal once in 9,000 seeds.
        assert_eq!((keys(1).len(), keys(2).len()), (1_000, 1_000));
        assert!(keys(1).is_disjoint(&keys(2)), "seeds of two connections have no key in common");
        assert_eq!(keys(1), keys(1), "nothing but the seed decides");
        assert_eq!(Server.next_key(), None);
    }

    #[test]
    fn a_seed_is_not_shown() {
        assert_eq!(
            format!("{:?}", Client::new([7; SEED_LEN])),
            "Client { keys: ChaCha12Rng { ... } }"
        );
    }
}
