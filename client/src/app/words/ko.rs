//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use super::Words;

pub(super) static WORDS: Words = Words {
    failed: "페이지에 오류가 나서 더는 응답하지 않을 수 있습니다. 새로 고치십시오. 탭과 목록은 그대로 남습니다.",
    name: "워크벤치",
    conversation: "주고받은 내용",
    message_actions: "메시지 작업",
    pin: "고정",
    unpin: "고정 해제",
    send_again: "다시 전송",
    edit: "새 메시지로 편집",
    detail_width: "메시지 창의 너비",
};
