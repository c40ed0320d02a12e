//! English.

use super::Words;
use crate::settings::shortcuts::{Action, Where};

pub(super) static WORDS: Words = Words {
    title: "Keyboard shortcuts",
    close: "Close",
    place: |place| match place {
        Where::Anywhere => "Anywhere",
        Where::Address => "In the address",
        Where::List => "In the list",
        Where::Message => "In the message",
        Where::Tabs => "On a tab",
    },
    deed: |deed| match deed {
        Action::ShowKeys => "Show this list",
        Action::Find => "Find in the list",
        Action::AddTab => "Open a new connection",
        Action::Connect => "Connect or disconnect",
        Action::ToAddress => "Go to the address",
        Action::ToList => "Go to the list",
        Action::ToMessage => "Go to the message",
        Action::Offers => "Choose from what is offered",
        Action::TakeOffer => "Take it, or connect",
        Action::CloseOffers => "Close what is offered",
        Action::Walk => "Next or previous row",
        Action::WalkFar => "A page on or back, first or last row",
        Action::LookClosely => "Go into the row's message",
        Action::CloseMessage => "Close the message pane",
        Action::Send => "Send",
        Action::BreakLine => "Begin a new line",
        Action::OtherTab => "Next or previous tab",
        Action::CloseTab => "Close the tab",
    },
    single_keys: "Use the shortcuts ? and /, which have no modifier key",
};
