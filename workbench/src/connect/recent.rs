//! Recently connected addresses, newest first, without secrets.

use super::without_user;
use crate::compose::mask_url;

/// Maximum number of addresses.
pub const MAX_RECENT: usize = 20;

/// Maximum length of an address in bytes.
const MAX_ADDRESS_BYTES: usize = 2_048;

/// Recent addresses: newest first, unique, at most [`MAX_RECENT`]. Secret values of the query are left out, for the
/// person to fill in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recent(Vec<String>);

impl Recent {
    /// Parses the output of [`to_text`](Self::to_text); skips invalid lines.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut recent = Self::default();
        // An older page stored secrets, too.
        for address in text.lines().filter_map(stored) {
            if recent.0.len() < MAX_RECENT && !recent.0.contains(&address) {
                recent.0.push(address);
            }
        }
        recent
    }

    /// Formats one address per line.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.0.join("\n")
    }

    /// Moves `address` to the front; evicts the oldest beyond the limit.
    pub fn add(&mut self, address: &str) {
        if let Some(address) = stored(address) {
            self.0.retain(|it| *it != address);
            self.0.insert(0, address);
            self.0.truncate(MAX_RECENT);
        }
    }

    /// Removes `address`, as it is listed.
    pub fn remove(&mut self, address: &str) {
        self.0.retain(|it| it != address);
    }

    /// Addresses, newest first.
    #[must_use]
    pub fn addresses(&self) -> &[String] {
        &self.0
    }
}

/// Address without secrets; `None` unless it is a single line of bounded length.
fn stored(address: &str) -> Option<String> {
    let address = mask_url(&without_user(address.trim()), "").trim().to_owned();
    let is_line = !address.is_empty() && !address.contains(char::is_control);
    (is_line && address.len() <= MAX_ADDRESS_BYTES).then_some(address)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn newest_first_without_duplicates() {
        let mut recent = Recent::default();
        for address in ["ws://a", "ws://b", " ws://a ", "", "ws://c\nws://d"] {
            recent.add(address);
        }
        assert_eq!(recent.addresses(), ["ws://a", "ws://b"]);
        recent.remove("ws://a");
        assert_eq!(recent.addresses(), ["ws://b"]);
    }

    #[test]
    fn one_past_the_limit_evicts_the_oldest() {
        let mut recent = Recent::default();
        for number in 0..=MAX_RECENT {
            recent.add(&format!("ws://{number}"));
        }
        assert_eq!(recent.addresses().len(), MAX_RECENT);
        assert_eq!(recent.addresses()[0], "ws://20");
        assert_eq!(recent.addresses()[MAX_RECENT - 1], "ws://1");
    }

    #[test]
    fn an_overlong_address_is_not_stored() {
        let mut recent = Recent::default();
        recent.add(&"a".repeat(MAX_ADDRESS_BYTES + 1));
        assert_eq!(recent, Recent::default());
        recent.add(&"a".repeat(MAX_ADDRESS_BYTES));
        assert_eq!(recent.addresses().len(), 1);
    }

    #[test]
    fn invalid_lines_are_skipped() {
        let recent = Recent::read("\r\n  ws://a  \n\u{0}\nws://a\nws://b");
        assert_eq!(recent.addresses(), ["ws://a", "ws://b"]);
    }

    #[test]
    fn secret_values_are_left_out() {
        let mut recent = Recent::read("ws://a?token=abc&x=1");
        recent.add("ws://b?key={{key}}");
        recent.add("ws://a?token=def&x=1");
        assert_eq!(recent.addresses(), ["ws://a?token=&x=1", "ws://b?key={{key}}"]);
    }

    proptest! {
        #[test]
        fn stored_addresses_parse_back(
            stored in any::<String>(), added in prop::collection::vec("[a-e \n]{0,2}", 0..40)
        ) {
            let mut recent = Recent::read(&stored);
            for address in &added {
                recent.add(address);
            }
            prop_assert!(recent.addresses().len() <= MAX_RECENT);
            prop_assert_eq!(&Recent::read(&recent.to_text()), &recent);
            if let Some(newest) = added.iter().filter_map(|it| super::stored(it)).next_back() {
                prop_assert_eq!(&recent.addresses()[0], &newest);
            }
        }
    }
}
