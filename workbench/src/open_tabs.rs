//! Open tabs, persisted across reloads.

use serde::{Deserialize, Serialize};
use session::Retries;

use crate::{compose::Draft, connect::Target};

/// Maximum number of tabs: each has a thread.
pub const TABS: usize = 32;

/// Maximum size of a persisted draft in bytes: browsers grant a page 5 MB of text.
const DRAFT: usize = 64 << 10;

/// Open tabs and the selected one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OpenTabs {
    /// Tabs in display order.
    pub tabs: Vec<OpenTab>,
    /// Index of the selected tab.
    pub shown: usize,
}

/// State of a tab that survives a reload, besides its list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OpenTab {
    /// Storage key of the message list.
    pub list: String,
    /// Target of the next connection: the address as typed, and the offered subprotocols.
    pub target: Target,
    /// Retry limit.
    pub retries: Retries,
    /// Draft in the composer.
    pub draft: Draft,
    /// `true` if it was connected or connecting.
    pub is_connected: bool,
    /// Address of that connection; empty if it is the one of `target`.
    pub in_use: String,
}

impl OpenTabs {
    /// Parses the output of [`to_text`](Self::to_text); invalid text gives no tabs.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut desk: Self = serde_json::from_str(text).unwrap_or_default();
        desk.tabs.truncate(TABS);
        desk.shown = desk.shown.min(desk.tabs.len().saturating_sub(1));
        desk
    }

    /// Serializes the tabs. Drafts over 64 KiB are omitted.
    #[must_use]
    pub fn to_text(mut self) -> String {
        for tab in &mut self.tabs {
            if tab.draft.text.len() > DRAFT {
                tab.draft = Draft::default();
            }
        }
        // Texts and numbers can always be written.
        serde_json::to_string(&self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tab(address: &str, draft: &str) -> OpenTab {
        let target = Target { url: address.into(), subprotocols: vec!["chat".into()] };
        let draft = Draft { text: draft.into(), ..Draft::default() };
        let in_use = "ws://in-use".into();
        OpenTab {
            list: "7".into(),
            target,
            retries: Retries::NONE,
            draft,
            is_connected: true,
            in_use,
        }
    }

    #[test]
    fn an_excess_tab_is_dropped_and_another_selected() {
        let tabs = vec![tab("ws://a", ""); TABS + 1];
        let desk = OpenTabs::read(&OpenTabs { tabs, shown: TABS }.to_text());
        assert_eq!((desk.tabs.len(), desk.shown), (TABS, TABS - 1));
    }

    #[test]
    fn a_long_draft_does_not_crowd_out_the_rest() {
        let tabs = vec![tab("ws://a", &"x".repeat(DRAFT)), tab("ws://b", &"x".repeat(DRAFT + 1))];
        let desk = OpenTabs::read(&OpenTabs { tabs, shown: 0 }.to_text());
        let drafts: Vec<_> = desk.tabs.iter().map(|tab| tab.draft.text.len()).collect();
        assert_eq!(drafts, [DRAFT, 0]);
    }

    #[test]
    fn unknown_fields_are_ignored() {
        let desk = OpenTabs::read(r#"{"tabs":[{"list":"1","colour":"red"}],"shown":9,"more":[]}"#);
        assert_eq!((desk.tabs[0].list.as_str(), desk.shown), ("1", 0));
        assert_eq!(desk.tabs[0].retries, Retries::UNLIMITED);
    }

    proptest! {
        #[test]
        fn output_parses_back(texts in prop::collection::vec((any::<String>(), any::<String>()), 0..5)) {
            let tabs: Vec<_> = texts.iter().map(|(address, draft)| tab(address, draft)).collect();
            let desk = OpenTabs { shown: tabs.len().saturating_sub(1), tabs };
            prop_assert_eq!(OpenTabs::read(&desk.clone().to_text()), desk);
        }

        #[test]
        fn arbitrary_text_does_not_panic(text in any::<String>()) {
            prop_assert_eq!(OpenTabs::read(&text).tabs.len(), 0);
        }
    }
}
