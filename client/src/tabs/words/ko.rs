//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use super::Words;

pub(super) static WORDS: Words = Words {
    connections: "연결 목록",
    new: "새 연결",
    all: |tabs| format!("탭 {tabs}개 모두 보기"),
    name: "탭 이름",
    menu: "탭",
    rename: "이름 변경",
    close_tab: "닫기",
    rename_hint: "두 번 클릭하거나 F2를 누르면 이름 변경",
    close: |name| format!("{name} 닫기"),
    closed: |name| format!("닫은 탭: {name} "),
    stuck: "응답하지 않음",
    discard: "닫은 탭 버리기",
};
