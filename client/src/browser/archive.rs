//! Archive of message lists in `IndexedDB`: chunks of bytes, by list and number. Used in the worker and
//! in the page.
//!
//! Fails where the browser forbids storage or its quota is used up.

use idb::{Database, DatabaseEvent, Error, Factory, KeyRange, ObjectStore, TransactionMode};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use workbench::log::StoreChange;

use super::{clock::now, worker::timer::seed};

/// Name of the database, one for all windows.
const DATABASE: &str = "wsbench";

/// Schema version. An upgrade deletes all stored lists.
const VERSION: u32 = 3;

/// Name of its object store, with keys as text and values as bytes.
const STORE: &str = "lists";

/// Maximum number of lists: the tabs of two windows. The oldest are deleted first.
const MAX_LISTS: usize = 64;

/// Numbered chunks of a list, in order; numbers may have gaps.
pub(crate) type Chunks = Vec<(u32, Vec<u8>)>;

/// Connection to the database. Dropping it closes the connection.
pub(crate) struct Archive(Database);

/// Unique name for a new list: milliseconds since the epoch, with leading zeros, so that names sort
/// by time of creation, and a random number.
pub(crate) fn new_list() -> String {
    format!("{:013}-{}", now().0 / 1_000, seed())
}

/// Deletes the stored list of this name. Runs in the background: a failure leaves the list to
/// [`tidy_lists`].
pub(crate) fn remove_list(list: String) {
    spawn_local(async move {
        if let Ok(archive) = Archive::open().await {
            let _ = archive.remove(&list).await;
        }
    });
}

/// Deletes the oldest lists over the limit, but none of `wanted`. Runs in the background. `wanted`
/// are the lists of open tabs, of all windows.
pub(crate) fn tidy_lists(wanted: Vec<String>) {
    spawn_local(async move {
        if let Ok(archive) = Archive::open().await {
            let _ = archive.tidy(&wanted).await;
        }
    });
}

impl Archive {
    /// Opens the database, and reads the chunks of `list`.
    pub(crate) async fn open_list(list: &str) -> Result<(Self, Chunks), Error> {
        let archive = Self::open().await?;
        let chunks = archive.read(list).await?;
        Ok((archive, chunks))
    }

    /// Opens the database, or creates it. An upgrade of another version drops the store, and all
    /// lists with it: they are kept for convenience.
    pub(crate) async fn open() -> Result<Self, Error> {
        let mut opening = Factory::new()?.open(DATABASE, Some(VERSION))?;
        opening.on_upgrade_needed(|event| {
            // An error here fails the opening.
            let Ok(database) = event.database() else { return };
            if database.store_names().iter().any(|name| name == STORE) {
                let _ = database.delete_object_store(STORE);
            }
            let _ = database.create_object_store(STORE, idb::ObjectStoreParams::new());
        });
        opening.await.map(Self)
    }

    /// Reads the chunks of `list`, in order. Chunks of another form are left out.
    pub(crate) async fn read(&self, list: &str) -> Result<Chunks, Error> {
        let store = self.store(TransactionMode::ReadOnly)?;
        let chunks = chunks_of(list)?;
        let keys = store.get_all_keys(Some(chunks.clone().into()), None)?;
        let values = store.get_all(Some(chunks.into()), None)?;
        let (keys, values) = (keys.await?, values.await?);
        let chunk = |(key, value): (JsValue, JsValue)| {
            let number = key.as_string()?.rsplit_once('/')?.1.parse().ok()?;
            Some((number, value.dyn_into::<Uint8Array>().ok()?.to_vec()))
        };
        Ok(keys.into_iter().zip(values).filter_map(chunk).collect())
    }

    /// Writes and deletes chunks of `list`, in one transaction. Fails as a whole if the quota is
    /// used up, and leaves the list as it was.
    pub(crate) async fn change(&self, list: &str, change: &StoreChange) -> Result<(), Error> {
        let transaction = self.0.transaction(&[STORE], TransactionMode::ReadWrite)?;
        let store = transaction.object_store(STORE)?;
        if !change.remove.is_empty() {
            let (from, to) = (key(list, change.remove.start), key(list, change.remove.end));
            store.delete(KeyRange::bound(&from, &to, None, Some(true))?)?;
        }
        for (number, bytes) in &change.write {
            let bytes = Uint8Array::from(bytes.as_slice());
            store.put(&bytes, Some(&key(list, *number)))?;
        }
        transaction.await.map(drop)
    }

    /// Deletes a list. A list that does not exist is no error.
    pub(crate) async fn remove(&self, list: &str) -> Result<(), Error> {
        self.store(TransactionMode::ReadWrite)?.delete(chunks_of(list)?)?.await
    }

    /// Deletes the oldest lists beyond the maximum, but none of `wanted`. Names sort by time, so
    /// that the first are the oldest.
    pub(crate) async fn tidy(&self, wanted: &[String]) -> Result<(), Error> {
        let keys = self.store(TransactionMode::ReadOnly)?.get_all_keys(None, None)?.await?;
        let name = |key: JsValue| Some(key.as_string()?.rsplit_once('/')?.0.to_owned());
        let mut lists: Vec<_> = keys.into_iter().filter_map(name).collect();
        // IndexedDB returns keys in order, so that equal names are neighbours.
        lists.dedup();
        let too_many = lists.len().saturating_sub(MAX_LISTS);
        for list in lists.iter().filter(|list| !wanted.contains(list)).take(too_many) {
            self.remove(list).await?;
        }
        Ok(())
    }

    /// Object store, in a transaction of its own.
    fn store(&self, mode: TransactionMode) -> Result<ObjectStore, Error> {
        self.0.transaction(&[STORE], mode)?.object_store(STORE)
    }
}

/// Key of a chunk. Keys sort as text, hence the leading zeros.
fn key(list: &str, number: u32) -> JsValue {
    format!("{list}/{number:010}").into()
}

/// Range of keys of all chunks of a list.
fn chunks_of(list: &str) -> Result<KeyRange, Error> {
    KeyRange::bound(&key(list, 0), &key(list, u32::MAX), None, None)
}
