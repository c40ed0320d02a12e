//! Saved connections: targets by name, with their route and headers.

use thiserror::Error;

use super::{MAX_SUBPROTOCOLS, Target};
use crate::{
    codec,
    compose::{NameError, check_name, mask_url},
    relay::{Binding, MAX_HEADERS},
};

/// Maximum number of saved connections.
pub const MAX_CONNECTIONS: usize = 200;

/// Maximum total size of saved connections in bytes: browsers store about five million characters per page.
pub const MAX_CONNECTIONS_BYTES: usize = 256 << 10;

/// Named target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedConnection {
    /// Unique name.
    pub name: String,
    /// Target without secrets, as [`Target::stored`]. Its options are for its own address.
    pub target: Target,
}

/// Connection that cannot be saved.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConnectionError {
    /// Invalid name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Duplicate name.
    #[error("Connection {0} already exists. Choose another name.")]
    Twice(String),
    /// More than [`MAX_HEADERS`] or [`MAX_SUBPROTOCOLS`].
    #[error("A connection has at most {MAX_HEADERS} headers and {MAX_SUBPROTOCOLS} subprotocols.")]
    TooManyParts,
    /// More than [`MAX_CONNECTIONS`].
    #[error("The limit of {MAX_CONNECTIONS} saved connections is reached. Delete one.")]
    TooMany,
    /// More than [`MAX_CONNECTIONS_BYTES`].
    #[error("Saved connections hold at most {} KiB in total. Delete large ones.", MAX_CONNECTIONS_BYTES >> 10)]
    Full,
}

/// Saved connections in the order in which they were saved, with unique names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedConnections {
    list: Vec<SavedConnection>,
    /// Bytes of their targets, at most [`MAX_CONNECTIONS_BYTES`].
    bytes: usize,
}

impl SavedConnections {
    /// All connections.
    #[must_use]
    pub fn list(&self) -> &[SavedConnection] {
        &self.list
    }

    /// Target of this name.
    #[must_use]
    pub fn target(&self, name: &str) -> Option<&Target> {
        self.position(name).map(|place| &self.list[place].target)
    }

    /// Saves a target under a new name.
    ///
    /// # Errors
    /// If the name is invalid or taken, or a limit is reached. Nothing changes then.
    pub fn add(&mut self, name: &str, target: Target) -> Result<(), ConnectionError> {
        if self.target(name).is_some() {
            return Err(ConnectionError::Twice(name.to_owned()));
        }
        self.save(name, target)
    }

    /// Saves a target, in place of the one of the same name.
    ///
    /// # Errors
    /// If the name is invalid, or a limit is reached. Nothing changes then.
    pub fn save(&mut self, name: &str, target: Target) -> Result<(), ConnectionError> {
        check_name(name)?;
        let headers = target.relay.as_ref().map_or(0, |options| options.headers.len());
        if headers > MAX_HEADERS || target.subprotocols.len() > MAX_SUBPROTOCOLS {
            return Err(ConnectionError::TooManyParts);
        }
        let mut target = target.stored();
        target.url = mask_url(&target.url, "").into_owned();
        if let Some(options) = &mut target.relay {
            options.bound_to = Binding::default();
        }
        let place = self.position(name);
        if place.is_none() && self.list.len() >= MAX_CONNECTIONS {
            return Err(ConnectionError::TooMany);
        }
        let replaced = place.map_or(0, |place| size(&self.list[place].target));
        let bytes = self.bytes - replaced + size(&target);
        if bytes > MAX_CONNECTIONS_BYTES {
            return Err(ConnectionError::Full);
        }
        self.bytes = bytes;
        match place {
            Some(place) => self.list[place].target = target,
            None => self.list.push(SavedConnection { name: name.to_owned(), target }),
        }
        Ok(())
    }

    /// Removes the connection of this name.
    pub fn remove(&mut self, name: &str) {
        if let Some(place) = self.position(name) {
            self.bytes -= size(&self.list.remove(place).target);
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.list.iter().position(|it| it.name == name)
    }
}

/// Bytes of an encoded target. They take time in proportion, so that only what changes is measured.
fn size(target: &Target) -> usize {
    codec::encode(target).len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{pair, with_headers},
        relay::RelayOptions,
    };

    fn target(url: &str) -> Target {
        Target { url: url.to_owned(), ..Target::default() }
    }

    #[test]
    fn a_connection_is_saved_without_secrets_and_for_its_own_address() {
        let mut options = with_headers([
            ("Authorization", "Bearer s3cret-1"),
            ("Cookie", "id={{sid}}"),
            ("Origin", "https://app.example"),
        ]);
        options.accepts_any_certificate = true;
        let address = crate::connect::Address::parse("wss://other.example/", false).unwrap();
        options.bind(&address, "wss://other.example/");
        let target = Target {
            subprotocols: vec!["chat".to_owned(), "bearer.s3cret-1".to_owned()],
            relay: Some(Box::new(options.clone())),
            ..target("wss://example.org/?room=1&access_token=s3cret-1&key={{key}}")
        };
        let mut saved = SavedConnections::default();
        saved.save("Orders", target).unwrap();
        let target = saved.target("Orders").unwrap();
        assert!(!format!("{target:?}").contains("s3cret"), "{target:?}");
        assert_eq!(target.subprotocols, ["chat", "***"]);
        assert_eq!(target.url, "wss://example.org/?room=1&access_token=&key={{key}}");
        let stored = target.relay.as_ref().unwrap();
        assert_eq!(stored.headers[0], pair("Authorization", ""));
        assert_eq!(stored.headers[1..], options.headers[1..]);
        assert_eq!(
            (&stored.bound_to, stored.accepts_any_certificate),
            (&Binding::default(), false)
        );
    }

    #[test]
    fn a_name_is_saved_over_and_added_once() {
        let mut saved = SavedConnections::default();
        saved.save("a", target("ws://one")).unwrap();
        saved.save("b", target("ws://two")).unwrap();
        saved.save("a", target("ws://three")).unwrap();
        let twice = ConnectionError::Twice("b".to_owned());
        assert_eq!(saved.add("b", target("ws://four")), Err(twice));
        let urls = saved.list().iter().map(|it| it.target.url.as_str()).collect::<Vec<_>>();
        assert_eq!(urls, ["ws://three", "ws://two"]);
        saved.remove("a");
        assert_eq!((saved.target("a"), saved.list().len()), (None, 1));
        assert_eq!(saved.save(" ", target("ws://x")), Err(NameError::Empty.into()));
    }

    #[test]
    fn saved_connections_are_bounded() {
        let mut saved = SavedConnections::default();
        for number in 0..MAX_CONNECTIONS {
            saved.add(&number.to_string(), target("ws://x")).unwrap();
        }
        assert_eq!(saved.add("one more", target("ws://x")), Err(ConnectionError::TooMany));
        saved.save("0", target("ws://y")).unwrap();
        let large = target(&"x".repeat(MAX_CONNECTIONS_BYTES));
        assert_eq!(saved.save("0", large), Err(ConnectionError::Full));
        let headers = vec![Default::default(); MAX_HEADERS + 1];
        let relay = Some(Box::new(RelayOptions { headers, ..RelayOptions::default() }));
        let target = Target { relay, ..target("ws://x") };
        assert_eq!(saved.save("0", target), Err(ConnectionError::TooManyParts));
        assert_eq!(saved.target("0").map(|it| it.url.as_str()), Some("ws://y"));
        // Half of the bytes, over and over: removed and replaced ones make room.
        let half = || self::target(&"x".repeat(MAX_CONNECTIONS_BYTES / 2));
        for _ in 0..3 {
            saved.save("0", half()).unwrap();
            assert_eq!(saved.save("1", half()), Err(ConnectionError::Full));
            saved.remove("0");
            saved.save("1", half()).unwrap();
            saved.remove("1");
        }
    }
}
