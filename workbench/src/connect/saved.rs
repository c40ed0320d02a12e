//! Saved connections: targets by name, with their route and headers.

use super::{MAX_SUBPROTOCOLS, Target};
use crate::{
    codec,
    compose::{ItemError, ItemKind, Named, NamedList, mask_url},
    relay::{Binding, MAX_HEADERS},
};

/// Named target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedConnection {
    /// Unique name.
    pub name: String,
    /// Target without secrets, as [`Target::stored`]. Its options are for its own address.
    pub target: Target,
}

impl Named for SavedConnection {
    const KIND: ItemKind = ItemKind::Connection;

    fn name(&self) -> &str {
        &self.name
    }

    fn bytes(&self) -> usize {
        codec::encode(&self.target).len()
    }
}

/// Saved connections in the order in which they were saved, with unique names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedConnections(NamedList<SavedConnection>);

impl SavedConnections {
    /// All connections.
    #[must_use]
    pub fn list(&self) -> &[SavedConnection] {
        self.0.items()
    }

    /// Target of this name.
    #[must_use]
    pub fn target(&self, name: &str) -> Option<&Target> {
        self.0.get(name).map(|it| &it.target)
    }

    /// Saves a target under a new name.
    ///
    /// # Errors
    /// If the name is invalid or taken, or a limit is reached. Nothing changes then.
    pub fn add(&mut self, name: &str, target: Target) -> Result<(), ItemError> {
        self.restore(usize::MAX, without_secrets(name, target)?)
    }

    /// Saves a target, in place of the one of the same name.
    ///
    /// # Errors
    /// If the name is invalid, or a limit is reached. Nothing changes then.
    pub fn save(&mut self, name: &str, target: Target) -> Result<(), ItemError> {
        if self.target(name).is_none() {
            return self.add(name, target);
        }
        self.0.replace(name, without_secrets(name, target)?)
    }

    /// Removes the connection of this name. Returns its index, too.
    pub fn remove(&mut self, name: &str) -> Option<(usize, SavedConnection)> {
        self.0.remove(name)
    }

    /// Restores a removed connection at its index.
    ///
    /// # Errors
    /// If its name is taken by now, or a limit is reached.
    pub fn restore(&mut self, at: usize, connection: SavedConnection) -> Result<(), ItemError> {
        self.0.insert(at, connection)
    }
}

/// Connection to save, if it has not too many parts.
fn without_secrets(name: &str, target: Target) -> Result<SavedConnection, ItemError> {
    let headers = target.relay.as_ref().map_or(0, |options| options.headers.len());
    if headers > MAX_HEADERS || target.subprotocols.len() > MAX_SUBPROTOCOLS {
        return Err(ItemError::TooManyParts);
    }
    let mut target = target.stored();
    target.url = mask_url(&target.url, "").into_owned();
    if let Some(options) = &mut target.relay {
        options.bound_to = Binding::default();
    }
    Ok(SavedConnection { name: name.to_owned(), target })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        compose::NameError,
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
        let twice = ItemError::Twice(ItemKind::Connection, "b".to_owned());
        assert_eq!(saved.add("b", target("ws://four")), Err(twice));
        let urls = saved.list().iter().map(|it| it.target.url.as_str()).collect::<Vec<_>>();
        assert_eq!(urls, ["ws://three", "ws://two"]);
        saved.remove("a");
        assert_eq!((saved.target("a"), saved.list().len()), (None, 1));
        assert_eq!(saved.save(" ", target("ws://x")), Err(NameError::Empty.into()));
    }

    #[test]
    fn a_removed_connection_is_restored_at_its_index_unless_its_name_is_taken() {
        let mut saved = SavedConnections::default();
        for name in ["a", "b", "c"] {
            saved.add(name, target("ws://x")).unwrap();
        }
        let before = saved.clone();
        let (at, removed) = saved.remove("a").unwrap();
        saved.restore(at, removed.clone()).unwrap();
        assert_eq!(saved, before);
        let twice = ItemError::Twice(ItemKind::Connection, "a".to_owned());
        assert_eq!(saved.restore(at, removed), Err(twice));
    }

    #[test]
    fn saved_connections_are_bounded() {
        let mut saved = SavedConnections::default();
        for number in 0..ItemKind::Connection.max() {
            saved.add(&number.to_string(), target("ws://x")).unwrap();
        }
        assert_eq!(
            saved.add("one more", target("ws://x")),
            Err(ItemError::TooMany(ItemKind::Connection))
        );
        saved.save("0", target("ws://y")).unwrap();
        let large = target(&"x".repeat(ItemKind::Connection.max_bytes()));
        assert_eq!(saved.save("0", large), Err(ItemError::Full(ItemKind::Connection)));
        let headers = vec![Default::default(); MAX_HEADERS + 1];
        let relay = Some(Box::new(RelayOptions { headers, ..RelayOptions::default() }));
        let target = Target { relay, ..target("ws://x") };
        assert_eq!(saved.save("0", target), Err(ItemError::TooManyParts));
        assert_eq!(saved.target("0").map(|it| it.url.as_str()), Some("ws://y"));
        // Half of the bytes, over and over: removed and replaced ones make room.
        let half = || self::target(&"x".repeat(ItemKind::Connection.max_bytes() / 2));
        for _ in 0..3 {
            saved.save("0", half()).unwrap();
            assert_eq!(saved.save("1", half()), Err(ItemError::Full(ItemKind::Connection)));
            saved.remove("0");
            saved.save("1", half()).unwrap();
            saved.remove("1");
        }
    }
}
