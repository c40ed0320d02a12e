//! English.

use super::Words;
use crate::settings::Theme;

pub(super) static WORDS: Words = Words {
    name: "Workbench",
    language: "Language",
    colours: "Colours",
    theme: |theme| match theme {
        Theme::System => "system",
        Theme::Light => "light",
        Theme::Dark => "dark",
    },
    conversation: "Conversation",
    with_message: "With this message",
    pin: "Pin",
    unpin: "Unpin",
    send_again: "Send again",
    edit: "Edit and send",
    detail_width: "Width of the message pane",
};
