//! English.

use super::Words;
use crate::settings::{
    keys::{Action, Scope},
    theme::Theme,
};

pub(super) static WORDS: Words = Words {
    settings: "Settings",
    language: "Language",
    theme: "Theme",
    theme_name: |theme| match theme {
        Theme::System => "System theme",
        Theme::Light => "Light",
        Theme::Dark => "Dark",
    },
    title: "Keyboard shortcuts",
    scope: |scope| match scope {
        Scope::Global => "Anywhere",
        Scope::Address => "Address box",
        Scope::List => "Message list",
        Scope::Composer => "Composer",
        Scope::Tabs => "Tabs",
    },
    action: |action| match action {
        Action::ShowKeys => "Show this list",
        Action::Find => "Find in the list",
        Action::FindNext => "Next match",
        Action::FindPrevious => "Previous match",
        Action::AddTab => "Open a new connection",
        Action::Connect => "Connect or disconnect",
        Action::FocusAddress => "Go to the address",
        Action::FocusList => "Go to the list",
        Action::FocusComposer => "Go to the composer",
        Action::BrowseSuggestions => "Browse suggestions",
        Action::AcceptSuggestion => "Accept, or connect",
        Action::RemoveRecent => "Remove a recent address",
        Action::CloseSuggestions => "Close suggestions",
        Action::NextRow => "Next or previous row",
        Action::NextPage => "Next or previous page, first or last row",
        Action::OpenDetail => "Open the message pane",
        Action::CopyMessage => "Copy the message",
        Action::CloseDetail => "Close the message pane",
        Action::Send => "Send",
        Action::NewLine => "Start a new line",
        Action::SentMessages => "Bring a sent message back",
        Action::NextTab => "Next or previous tab",
        Action::RenameTab => "Rename the tab",
        Action::CloseTab => "Close the tab",
    },
    single_keys: "Use the single-key shortcuts ? and /",
};
