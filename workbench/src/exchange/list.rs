//! Lists in JSON that are read entry by entry, since the number of entries is not known before.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};

/// Passes each entry of a list to `take`, so that no more is held than that keeps. `expected` names the list in an error.
pub(super) fn each<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
    take: impl FnMut(T),
) -> Result<(), D::Error> {
    deserializer.deserialize_seq(Entries { expected, take, entry: PhantomData })
}

struct Entries<T, F> {
    expected: &'static str,
    take: F,
    entry: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for Entries<T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(entry) = list.next_element()? {
            (self.take)(entry);
        }
        Ok(())
    }
}
