//! Open tabs, persisted across reloads.

use std::{collections::HashMap, fmt};

use serde::{Deserialize, Serialize};
use session::Retries;

use crate::{compose::Draft, connect::Target};

/// Maximum number of tabs: each has a thread.
pub const TABS: usize = 32;

/// Maximum size of a persisted draft in bytes: browsers grant a page 5 MB of text.
const DRAFT: usize = 64 << 10;

/// Maximum length of a tab's own name, in characters.
pub const TAB_NAME_CHARS: usize = 60;

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
    /// Name given by the person; empty if it is named by its address.
    pub name: String,
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

/// Label of a tab, in parts: the latter ones tell it from others of its host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TabLabel {
    /// Name, or host and port.
    pub start: String,
    /// Path and query.
    pub end: String,
    /// Tabs that read the same, up to this one.
    pub number: usize,
}

impl TabLabel {
    /// Label of a tab with this name and address: the name unless it is empty, else the address without
    /// its scheme.
    #[must_use]
    pub fn new(name: &str, address: &str) -> Self {
        if !name.is_empty() {
            return Self { start: name.to_owned(), end: String::new(), number: 1 };
        }
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        let (start, end) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        Self { start: start.to_owned(), end: end.to_owned(), number: 1 }
    }

    /// Number that tells the label from those before it; empty for the first.
    #[must_use]
    pub fn suffix(&self) -> String {
        if self.number > 1 { format!(" ({})", self.number) } else { String::new() }
    }

    /// Numbers labels that read the same, in linear time.
    pub fn number(labels: &mut [Self]) {
        let mut seen = HashMap::new();
        for label in labels {
            let count = seen.entry(label.to_string()).or_insert(0);
            *count += 1;
            label.number = *count;
        }
    }
}

impl fmt::Display for TabLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.start, self.end, self.suffix())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tab(address: &str, draft: &str) -> OpenTab {
        let target = Target { url: address.into(), subprotocols: vec!["chat".into()] };
        let draft = Draft { text: draft.into(), ..Draft::default() };
        OpenTab {
            name: draft.text.clone(),
            list: "7".into(),
            target,
            retries: Retries::NONE,
            draft,
            is_connected: true,
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

    fn labels(tabs: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut labels: Vec<_> = tabs.iter().map(|(name, it)| TabLabel::new(name, it)).collect();
        TabLabel::number(&mut labels);
        labels.into_iter().map(|it| (it.start.clone(), it.end.clone() + &it.suffix())).collect()
    }

    #[test]
    fn tabs_of_a_host_differ_by_path_else_by_number() {
        let found = labels(&[
            ("", "ws://a:1/ws"),
            ("", "ws://a:1/echo?x=1"),
            ("", "wss://a:1/ws"),
            ("", "a:1"),
            ("", "ws://a:1/ws"),
            ("mine", "ws://a:1/ws"),
            ("mine", "ws://b"),
        ]);
        let ends: Vec<_> = found.iter().map(|(_, end)| end.as_str()).collect();
        assert_eq!(ends, ["/ws", "/echo?x=1", "/ws (2)", "", "/ws (3)", "", " (2)"]);
        assert!(found[..5].iter().all(|(start, _)| start == "a:1"));
        assert!(found[5..].iter().all(|(start, _)| start == "mine"));
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
