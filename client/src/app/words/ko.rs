//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use super::Words;

pub(super) static WORDS: Words = Words {
    name: "Workbench",
    conversation: "주고받은 내용",
    message_actions: "메시지 작업",
    pin: "고정",
    unpin: "고정 해제",
    send_again: "다시 보내기",
    edit: "새 메시지로 편집",
    detail_width: "메시지 창의 너비",
};
