//! Open tabs, persisted across reloads, and merged from the windows that stored them.

use std::{cmp::Reverse, fmt};

use serde::{Deserialize, Serialize};
use session::Retries;

use crate::{
    compose::Draft,
    connect::{Target, without_user},
};

/// Maximum number of tabs: each has a thread.
pub const MAX_TABS: usize = 32;

/// Maximum size of a persisted draft in bytes: browsers grant a page 5 MB of text.
pub const MAX_DRAFT_BYTES: usize = 64 << 10;

/// Maximum length of a tab's own name, in characters.
pub const MAX_TAB_NAME_CHARS: usize = 60;

/// Open tabs and the selected one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OpenTabs {
    /// Tabs in display order.
    pub tabs: Vec<OpenTab>,
    /// Index of the selected tab.
    pub shown: usize,
    /// Time of storing in milliseconds since 1970.
    pub at: u64,
    /// True if the window was closed, or its page left. A window that lives, or crashed, has not said so.
    pub is_left: bool,
}

/// State of a tab that survives a reload, besides its list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OpenTab {
    /// Name given by the user; empty if it is named by its address.
    pub name: String,
    /// Storage key of the message list.
    pub list: String,
    /// List of the tab in the window that it was copied from; empty if it is no copy.
    pub origin: String,
    /// Target of the next connection, as typed.
    pub target: Target,
    /// Retry limit.
    pub retries: Retries,
    /// Draft in the composer.
    pub draft: Draft,
    /// True if it was connected or connecting.
    pub is_connected: bool,
    /// Target of that connection, if it is known.
    pub used: Option<Target>,
    /// Address of that connection, which an older page stored in place of `used`; empty if it is the one of `target`.
    #[serde(skip_serializing)]
    pub in_use: String,
}

impl OpenTabs {
    /// Parses the output of [`to_text`](Self::to_text); invalid text gives no tabs.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut open: Self = serde_json::from_str(text).unwrap_or_default();
        open.tabs.truncate(MAX_TABS);
        // Tabs of an older page have no marks.
        open.tabs
            .iter_mut()
            .filter_map(|tab| tab.target.relay.as_mut())
            .for_each(|it| it.mark_stored());
        open.shown = open.shown.min(open.tabs.len().saturating_sub(1));
        open
    }

    /// Tabs for a new window: those of all `windows`, the one that stored last first and with its
    /// selected tab. A tab that several windows have comes once, as the latest has it: a copy is the
    /// same tab for as long as it has the same target. Returns the windows as well whose tabs are all
    /// there; those of the others would be more than [`MAX_TABS`].
    #[must_use]
    pub fn merge<W>(mut windows: Vec<(W, Self)>) -> (Self, Vec<W>) {
        let (mut merged, mut seen, mut whole) = (Self::default(), Vec::new(), Vec::new());
        // There are a few: the code of a sort would be 4 KB of a page.
        let latest =
            |windows: &[(W, Self)]| (0..windows.len()).min_by_key(|it| Reverse(windows[*it].1.at));
        while let Some(index) = latest(&windows) {
            let (name, mut window) = windows.remove(index);
            let shown = window.tabs.get(window.shown).map(|tab| tab.list.clone());
            window.tabs.retain(|tab| !seen.contains(&tab.identity()));
            if merged.tabs.len() + window.tabs.len() > MAX_TABS {
                continue;
            }
            if merged.tabs.is_empty() {
                let is_shown = |tab: &OpenTab| Some(&tab.list) == shown.as_ref();
                merged.shown = window.tabs.iter().position(is_shown).unwrap_or(0);
            }
            seen.extend(window.tabs.iter().map(OpenTab::identity));
            merged.tabs.append(&mut window.tabs);
            whole.push(name);
        }
        (merged, whole)
    }

    /// Serializes the tabs. Drafts over 64 KiB are omitted.
    #[must_use]
    pub fn to_text(mut self) -> String {
        for tab in &mut self.tabs {
            if tab.draft.text.len() > MAX_DRAFT_BYTES {
                tab.draft = Draft::default();
            }
        }
        // Texts and numbers can always be written.
        serde_json::to_string(&self).unwrap_or_default()
    }
}

/// Characters at the end of a path that are never cut.
const TAIL_CHARS: usize = 4;

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
    /// its scheme, user name and password.
    #[must_use]
    pub fn new(name: &str, address: &str) -> Self {
        if !name.is_empty() {
            return Self { start: name.to_owned(), end: String::new(), number: 1 };
        }
        let address = without_user(address);
        let rest = address.split_once("://").map_or(&*address, |(_, rest)| rest);
        let (start, end) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        Self { start: start.to_owned(), end: end.to_owned(), number: 1 }
    }

    /// Path and query in two parts, of which the first may be cut: paths of a host often differ in their last
    /// characters.
    #[must_use]
    pub fn end_parts(&self) -> (&str, &str) {
        let tail = self.end.char_indices().rev().nth(TAIL_CHARS - 1);
        self.end.split_at(tail.map_or(0, |(at, _)| at))
    }

    /// Label as a part of a file name: letters, digits and dots, with hyphens between.
    #[must_use]
    pub fn file_name(&self) -> String {
        let text = self.to_string();
        let words = text.split(|it: char| !(it.is_alphanumeric() || it == '.'));
        let name = words.filter(|it| !it.is_empty()).collect::<Vec<_>>().join("-");
        name.chars().take(MAX_TAB_NAME_CHARS).collect()
    }

    /// Number that tells the label from equal ones before it; empty for the first.
    #[must_use]
    pub fn suffix(&self) -> String {
        if self.number > 1 { format!(" ({})", self.number) } else { String::new() }
    }

    /// Numbers labels that read the same; there are [`MAX_TABS`], at most.
    pub fn number(labels: &mut [Self]) {
        let texts: Vec<_> = labels.iter().map(Self::to_string).collect();
        for (index, label) in labels.iter_mut().enumerate() {
            label.number = texts[..=index].iter().filter(|text| **text == texts[index]).count();
        }
    }
}

impl fmt::Display for TabLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.start, self.end, self.suffix())
    }
}

impl OpenTab {
    /// Target that the tab was connected or connecting to, if it was. Of an older page, the options are those of the
    /// next connection, which are bound to their address.
    #[must_use]
    pub fn connected(&self) -> Option<Target> {
        let of_older_page = || match &self.in_use {
            url if url.is_empty() => self.target.clone(),
            url => Target { url: url.clone(), ..self.target.clone() },
        };
        self.is_connected.then(|| self.used.clone().unwrap_or_else(of_older_page))
    }

    /// Equal for a tab and its copies.
    fn identity(&self) -> String {
        let first = if self.origin.is_empty() { &self.list } else { &self.origin };
        let Target { url, subprotocols, .. } = &self.target;
        [first, url].into_iter().chain(subprotocols).fold(String::new(), |all, it| all + it + "\n")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tab(address: &str, draft: &str) -> OpenTab {
        let subprotocols = vec!["chat".into()];
        let target = Target { url: address.into(), subprotocols, relay: None };
        let draft = Draft { text: draft.into(), ..Draft::default() };
        let (name, list, retries) = (draft.text.clone(), "7".into(), Retries::NONE);
        let used = Some(Target { url: "ws://in-use".into(), ..Target::default() });
        OpenTab {
            name,
            list,
            target,
            retries,
            draft,
            is_connected: true,
            used,
            ..OpenTab::default()
        }
    }

    #[test]
    fn an_excess_tab_is_dropped_and_another_selected() {
        let tabs = vec![tab("ws://a", ""); MAX_TABS + 1];
        let open =
            OpenTabs::read(&OpenTabs { tabs, shown: MAX_TABS, ..OpenTabs::default() }.to_text());
        assert_eq!((open.tabs.len(), open.shown), (MAX_TABS, MAX_TABS - 1));
    }

    #[test]
    fn a_long_draft_does_not_crowd_out_the_rest() {
        let tabs = vec![
            tab("ws://a", &"x".repeat(MAX_DRAFT_BYTES)),
            tab("ws://b", &"x".repeat(MAX_DRAFT_BYTES + 1)),
        ];
        let open = OpenTabs::read(&OpenTabs { tabs, shown: 0, ..OpenTabs::default() }.to_text());
        let drafts: Vec<_> = open.tabs.iter().map(|tab| tab.draft.text.len()).collect();
        assert_eq!(drafts, [MAX_DRAFT_BYTES, 0]);
    }

    /// Tabs with these lists, origins and addresses, stored at `at`.
    fn window(at: u64, shown: usize, tabs: &[(&str, &str, &str)]) -> OpenTabs {
        let tabs = tabs.iter().map(|(list, origin, address)| OpenTab {
            list: (*list).into(),
            origin: (*origin).into(),
            ..tab(address, "")
        });
        OpenTabs { tabs: tabs.collect(), shown, at, ..OpenTabs::default() }
    }

    fn lists(merged: &OpenTabs) -> Vec<&str> {
        merged.tabs.iter().map(|tab| tab.list.as_str()).collect()
    }

    #[test]
    fn the_end_of_a_path_is_kept_and_a_file_is_named_by_the_label() {
        let label = TabLabel::new("", "ws://me:secret@localhost:80/chat/room-1?name=안녕");
        assert_eq!(label.end_parts(), ("/chat/room-1?nam", "e=안녕"));
        assert_eq!(label.file_name(), "localhost-80-chat-room-1-name-안녕");
        assert_eq!(TabLabel::new("", "ws://host/ws").end_parts(), ("", "/ws"));
    }

    #[test]
    fn tabs_of_all_windows_are_there_and_none_twice() {
        let first = window(5, 1, &[("1", "", "ws://a"), ("2", "", "ws://b")]);
        // Copies of both, the second used for something else since; and a tab of its own.
        let copies = [("3", "1", "ws://a"), ("4", "2", "ws://c"), ("5", "", "ws://d")];
        let second = window(9, 2, &copies);
        // A copy of a copy.
        let third = window(7, 0, &[("6", "1", "ws://a")]);
        let windows = vec![("first", first), ("second", second), ("third", third)];
        let (merged, whole) = OpenTabs::merge(windows);
        assert_eq!(lists(&merged), ["3", "4", "5", "2"]);
        assert_eq!((merged.shown, whole), (2, vec!["second", "third", "first"]));
    }

    #[test]
    fn a_window_whose_tabs_do_not_fit_is_left_as_it_is() {
        let full = window(1, 0, &[]);
        let tabs = (0..MAX_TABS).map(|it| OpenTab { list: it.to_string(), ..tab("ws://a", "") });
        let full = OpenTabs { tabs: tabs.collect(), ..full };
        let other = window(2, 0, &[("x", "", "ws://a")]);
        let (merged, whole) = OpenTabs::merge(vec![("full", full), ("other", other)]);
        assert_eq!((lists(&merged), whole), (vec!["x"], vec!["other"]));
        assert_eq!(OpenTabs::merge::<()>(Vec::new()), (OpenTabs::default(), Vec::new()));
    }

    #[test]
    fn unknown_fields_are_ignored() {
        let open = OpenTabs::read(r#"{"tabs":[{"list":"1","color":"red"}],"shown":9,"more":[]}"#);
        assert_eq!((open.tabs[0].list.as_str(), open.shown), ("1", 0));
        assert_eq!(open.tabs[0].retries, Retries::UNLIMITED);
    }

    #[test]
    fn a_connection_comes_back_with_its_own_route() {
        let used = Target { url: "ws://a".into(), relay: Some(Box::default()), ..<_>::default() };
        let tab = OpenTab { is_connected: true, used: Some(used.clone()), ..tab("ws://b", "") };
        let open = OpenTabs { tabs: vec![tab], ..OpenTabs::default() };
        let mut read = OpenTabs::read(&open.to_text());
        assert_eq!(read.tabs[0].connected(), Some(used));
        read.tabs[0].is_connected = false;
        assert_eq!(read.tabs[0].connected(), None);
    }

    #[test]
    fn a_connection_that_an_older_page_stored_is_read() {
        let connected = |in_use: &str| {
            let tab = format!(
                r#"{{"target":{{"url":"ws://b","subprotocols":["v1"]}},"is_connected":true,"in_use":"{in_use}"}}"#
            );
            let open = OpenTabs::read(&format!(r#"{{"tabs":[{tab}]}}"#));
            open.tabs[0].connected().map(|it| (it.url, it.subprotocols))
        };
        let expected = |url: &str| Some((url.to_owned(), vec!["v1".to_owned()]));
        assert_eq!([connected("ws://a"), connected("")], ["ws://a", "ws://b"].map(expected));
    }

    fn labels(tabs: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut labels: Vec<_> = tabs.iter().map(|(name, it)| TabLabel::new(name, it)).collect();
        TabLabel::number(&mut labels);
        labels.into_iter().map(|it| (it.start.clone(), it.end.clone() + &it.suffix())).collect()
    }

    #[test]
    fn a_label_has_no_user_and_password() {
        assert_eq!(labels(&[("", "ws://me:pw@a:1/b@c")]), [("a:1".to_owned(), "/b@c".to_owned())]);
        assert_eq!(labels(&[("", "me:pw@a")]), [("a".to_owned(), String::new())]);
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
            let open = OpenTabs { shown: tabs.len().saturating_sub(1), tabs, at: 7, is_left: true };
            prop_assert_eq!(OpenTabs::read(&open.clone().to_text()), open);
        }

        #[test]
        fn arbitrary_text_does_not_panic(text in any::<String>()) {
            prop_assert_eq!(OpenTabs::read(&text).tabs.len(), 0);
        }
    }
}
