//! Views of the message, a tab each.

use super::words::words;

/// Id of the element that the tabs control.
pub(super) const PANEL: &str = "detail-panel";

/// A view of the message. Also its index in [`Self::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    /// Text by the chosen encoding.
    Text,
    /// Tree of a JSON message.
    Json,
    /// Hexadecimal and ASCII.
    Hex,
    /// Differences from another message; offered while one is compared.
    Compare,
}

impl Tab {
    /// All views, in the order of the tab list; the comparison is last.
    pub(super) const ALL: [Self; 4] = [Self::Text, Self::Json, Self::Hex, Self::Compare];

    /// Id of the tab's element. The panel names it as its label.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Text => "detail-tab-text",
            Self::Json => "detail-tab-json",
            Self::Hex => "detail-tab-hex",
            Self::Compare => "detail-tab-compare",
        }
    }

    /// Name of the view.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Text => words().text,
            Self::Json => "JSON",
            Self::Hex => words().hex,
            Self::Compare => words().compare,
        }
    }
}
