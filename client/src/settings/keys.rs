//! Keyboard shortcuts by scope.

/// Part of the page in which a key has its meaning.
#[derive(Clone, Copy)]
pub(super) enum Scope {
    /// Whole page, except text boxes for keys without a modifier.
    Global,
    /// Address box with its suggestions (ARIA combobox).
    Address,
    /// Message list, as one row is active.
    List,
    Composer,
    Tabs,
}

/// Action of a key. It names the row in the dialog of shortcuts; those of [`GLOBAL`] are also
/// performed by it.
#[derive(Clone, Copy)]
pub(super) enum Action {
    ShowKeys,
    Find,
    FindNext,
    FindPrevious,
    AddTab,
    Connect,
    FocusAddress,
    FocusList,
    FocusComposer,
    BrowseSuggestions,
    AcceptSuggestion,
    RemoveRecent,
    CloseSuggestions,
    NextRow,
    NextPage,
    OpenDetail,
    CopyMessage,
    CloseDetail,
    Send,
    NewLine,
    SentMessages,
    NextTab,
    RenameTab,
    CloseTab,
}

/// Keys by name, with their actions. As shown in the dialog, for another system than a Mac.
type Keys = &'static [(&'static str, Action)];

/// Keys that work everywhere; handled by [`super::shortcuts`]. Browsers leave Alt with a letter free,
/// and it types no character except on a Mac.
pub(super) const GLOBAL: Keys = &[
    ("?", Action::ShowKeys),
    ("/", Action::Find),
    ("F3", Action::FindNext),
    ("Shift+F3", Action::FindPrevious),
    ("Alt+N", Action::AddTab),
    ("Alt+C", Action::Connect),
    ("Alt+A", Action::FocusAddress),
    ("Alt+L", Action::FocusList),
    ("Alt+M", Action::FocusComposer),
];

/// All keys. Those of a part of the page are handled by its view.
pub(super) const KEYS: [(Scope, Keys); 5] = [
    (Scope::Global, GLOBAL),
    (
        Scope::Address,
        &[
            ("↓ ↑", Action::BrowseSuggestions),
            ("Enter", Action::AcceptSuggestion),
            ("Delete", Action::RemoveRecent),
            ("Esc", Action::CloseSuggestions),
        ],
    ),
    (
        Scope::List,
        &[
            ("↓ ↑", Action::NextRow),
            ("PgDn PgUp Home End", Action::NextPage),
            ("Enter", Action::OpenDetail),
            ("Ctrl+C", Action::CopyMessage),
            ("Esc", Action::CloseDetail),
        ],
    ),
    (
        Scope::Composer,
        &[
            ("Enter, Ctrl+Enter", Action::Send),
            ("Shift+Enter", Action::NewLine),
            ("↑", Action::SentMessages),
        ],
    ),
    (
        Scope::Tabs,
        &[("← →", Action::NextTab), ("F2", Action::RenameTab), ("Delete", Action::CloseTab)],
    ),
];
