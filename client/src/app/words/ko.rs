//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use super::Words;
use crate::settings::Theme;

pub(super) static WORDS: Words = Words {
    name: "Workbench",
    language: "언어",
    colours: "색상",
    theme: |theme| match theme {
        Theme::System => "시스템 설정",
        Theme::Light => "밝게",
        Theme::Dark => "어둡게",
    },
    conversation: "주고받은 내용",
    with_message: "이 메시지로 할 일",
    pin: "고정",
    unpin: "고정 해제",
    send_again: "다시 보내기",
    edit: "고쳐서 보내기",
    detail_width: "메시지 창의 너비",
};
