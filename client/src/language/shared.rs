//! Words that several views share, by language.

use super::choose;

/// Words in the language of the page.
pub(crate) fn shared() -> &'static Shared {
    choose([&EN, &KO])
}

/// Words of one language that mean the same wherever they stand.
pub(crate) struct Shared {
    pub(crate) undo: &'static str,
    pub(crate) close: &'static str,
    pub(crate) none: &'static str,
    /// Name and value of an item in rows that are edited, and its removal; items count from 1.
    pub(crate) name_of: fn(&str, usize) -> String,
    pub(crate) value_of: fn(&str, usize) -> String,
    pub(crate) remove_item: fn(&str, usize) -> String,
    pub(crate) name: &'static str,
    pub(crate) value: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) received: &'static str,
    pub(crate) subprotocol: &'static str,
    pub(crate) extensions: &'static str,
    /// Mark of a connection through the page's server.
    pub(crate) relayed: &'static str,
}

static EN: Shared = Shared {
    undo: "Undo",
    close: "Close",
    none: "none",
    name_of: |item, number| format!("Name of {item} {number}"),
    value_of: |item, number| format!("Value of {item} {number}"),
    remove_item: |item, number| format!("Remove {item} {number}"),
    name: "name",
    value: "value",
    sent: "Sent",
    received: "Received",
    subprotocol: "Subprotocol",
    extensions: "Extensions",
    relayed: "through this server",
};
static KO: Shared = Shared {
    undo: "되돌리기",
    close: "닫기",
    none: "없음",
    name_of: |item, number| format!("{item} {number}의 이름"),
    value_of: |item, number| format!("{item} {number}의 값"),
    remove_item: |item, number| format!("{item} {number} 삭제"),
    name: "이름",
    value: "값",
    sent: "보냄",
    received: "받음",
    subprotocol: "서브프로토콜",
    extensions: "확장",
    relayed: "이 서버를 거침",
};
