//! English.

use super::Words;

pub(super) static WORDS: Words = Words {
    failed: "The page has failed and may no longer respond. Reload it: tabs and lists are kept.",
    name: "Workbench",
    conversation: "Conversation",
    message_actions: "Message actions",
    pin: "Pin",
    unpin: "Unpin",
    send_again: "Send again",
    edit: "Edit as new",
    detail_width: "Width of the message pane",
};
