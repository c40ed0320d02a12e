//! English.

use super::Words;

pub(super) static WORDS: Words = Words {
    rest_is_missing: "A part of this page is not here yet, and its server does not answer. Try again?",
    name: "Workbench",
    conversation: "Conversation",
    message_actions: "Message actions",
    pin: "Pin",
    unpin: "Unpin",
    send_again: "Send again",
    edit: "Edit as new message",
    detail_width: "Width of the message pane",
};
