//! The tabs of a page, as they outlive it.

use crate::{
    Retries, Target,
    compose::{Draft, Form},
    encoded, parameters,
};

/// Tabs open at once, at most: each has a thread.
pub const TABS: usize = 32;

/// Bytes of a draft that outlives the page, at most: a browser gives all of a page's texts 5 MB.
const DRAFT: usize = 64 << 10;

/// The tabs that are open, and which one is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desk {
    /// The tabs, in their order.
    pub tabs: Vec<DeskTab>,
    /// The place of the one that is shown.
    pub shown: usize,
}

/// What outlives the page of a tab, beside its list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeskTab {
    /// The name under which the list is kept.
    pub list: String,
    /// Where the next connection goes, as it was typed, and what it offers.
    pub target: Target,
    /// How often a lost connection is tried again.
    pub retries: Retries,
    /// What is in the box.
    pub draft: Draft,
    /// It was connected, or tried to be.
    pub is_connected: bool,
}

impl Desk {
    /// Reads what [`to_text`](Self::to_text) wrote. Anything else is an empty desk.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut lines = text.lines();
        let Some(Ok(shown)) = lines.next().map(str::parse::<usize>) else { return Self::default() };
        let tabs: Vec<_> = lines.take(TABS).map(DeskTab::read).collect();
        Self { shown: shown.min(tabs.len().saturating_sub(1)), tabs }
    }

    /// The desk as text: the place of the tab that is shown, and a line for each tab, which is a query
    /// as in a URL. Drafts of more than 64 KiB are left out.
    #[must_use]
    pub fn to_text(&self) -> String {
        let tabs = self.tabs.iter().map(|tab| format!("\n{}", tab.to_line()));
        self.shown.to_string() + &tabs.collect::<String>()
    }
}

impl DeskTab {
    fn read(line: &str) -> Self {
        let mut tab = Self::default();
        for parameter in parameters(&format!("?{line}")) {
            let value = parameter.value.unwrap_or_default();
            match parameter.name.as_str() {
                "list" => tab.list = value,
                "url" => tab.target.url = value,
                "subprotocol" => tab.target.subprotocols.push(value),
                "retries" => tab.retries = value.parse().map_or(tab.retries, Retries),
                "form" => tab.draft.form = Form::named(&value).unwrap_or_default(),
                "text" => tab.draft.text = value,
                "connected" => tab.is_connected = true,
                _ => {}
            }
        }
        tab
    }

    fn to_line(&self) -> String {
        let Self { list, target, retries, draft, is_connected } = self;
        let mut line =
            format!("list={}&url={}&retries={}", encoded(list), encoded(&target.url), retries.0);
        for subprotocol in &target.subprotocols {
            line = line + "&subprotocol=" + &encoded(subprotocol);
        }
        if draft.text.len() <= DRAFT {
            line = line + "&form=" + draft.form.name() + "&text=" + &encoded(&draft.text);
        }
        if *is_connected { line + "&connected" } else { line }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tab(address: &str, draft: &str) -> DeskTab {
        let target = Target { url: address.into(), subprotocols: vec!["chat".into()] };
        let draft = Draft { text: draft.into(), ..Draft::default() };
        DeskTab { list: "7".into(), target, retries: Retries::NONE, draft, is_connected: true }
    }

    #[test]
    fn one_tab_too_many_is_left_out_and_another_shown() {
        let tabs = vec![tab("ws://a", ""); TABS + 1];
        let desk = Desk::read(&Desk { tabs, shown: TABS }.to_text());
        assert_eq!((desk.tabs.len(), desk.shown), (TABS, TABS - 1));
    }

    #[test]
    fn a_long_draft_does_not_crowd_out_the_rest() {
        let tabs = vec![tab("ws://a", &"x".repeat(DRAFT)), tab("ws://b", &"x".repeat(DRAFT + 1))];
        let desk = Desk::read(&Desk { tabs, shown: 0 }.to_text());
        let drafts: Vec<_> = desk.tabs.iter().map(|tab| tab.draft.text.len()).collect();
        assert_eq!(drafts, [DRAFT, 0]);
    }

    #[test]
    fn another_build_of_the_page_reads_what_it_knows() {
        let desk = Desk::read("9\nlist=1&colour=red&retries=many&form=verse");
        assert_eq!((desk.tabs[0].list.as_str(), desk.shown), ("1", 0));
        assert_eq!(desk.tabs[0].retries, Retries::UNLIMITED);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(texts in prop::collection::vec((any::<String>(), any::<String>()), 0..5)) {
            let tabs: Vec<_> = texts.iter().map(|(address, draft)| tab(address, draft)).collect();
            let desk = Desk { shown: tabs.len().saturating_sub(1), tabs };
            prop_assert_eq!(Desk::read(&desk.clone().to_text()), desk);
        }

        #[test]
        fn no_text_breaks_it(text in any::<String>()) {
            prop_assert!(Desk::read(&text).tabs.len() <= TABS);
        }
    }
}
