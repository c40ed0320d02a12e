//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use workbench::{
    format::size_rounded_down,
    payload::{ComparedAs, End, MAX_DEPTH, MAX_NODES},
};

use super::Words;
use crate::language::ko::not_json;

pub(super) static WORDS: Words = Words {
    title: "메시지",
    nothing_picked: "자세히 볼 메시지를 목록에서 선택하십시오.",
    copy: "복사",
    compare: "비교",
    close: "닫기",
    views: "메시지 보기 방식",
    text: "텍스트",
    hex: "16진수",
    hexadecimal: "16진수",
    kind: |message| if message.is_text { "텍스트" } else { "바이너리" },
    notice: |message| {
        if message.size == 0 {
            return Some("빈 메시지입니다(0바이트).".to_owned());
        }
        (!message.is_whole()).then(|| {
            let part = size_rounded_down(message.part.len() as u64);
            let whole = size_rounded_down(message.size);
            format!("{whole} 중 처음 {part}만 표시합니다. 복사하면 메시지 전체가 복사됩니다.")
        })
    },
    read_as: "인코딩",
    invalid: |places, encoding| {
        format!("올바른 {encoding}이 아닌 곳이 {places}군데 있습니다. 그 자리는 �로 표시합니다.")
    },
    fold_all: "모두 접기",
    unfold_all: "모두 펼치기",
    end: |end| match end {
        End::Whole => None,
        End::Cut => Some("메시지에서 표시하는 부분까지의 개요입니다.".to_owned()),
        End::Full => Some(format!("개요는 {MAX_NODES}줄까지만 표시합니다.")),
        End::Deep => Some(format!("개요는 괄호가 {MAX_DEPTH}겹인 곳까지만 표시합니다.")),
        End::Wrong(mistake) => Some(not_json(mistake)),
    },
    items: |items| format!("항목 {items}개"),
    more: |bytes| format!("… {} 더 있음", size_rounded_down(bytes)),
    pick_another: "이 메시지와 비교할 메시지를 목록에서 선택하십시오.",
    differences: "차이점",
    changes: "달라진 곳",
    all_lines: "모든 줄",
    only_in_first: "첫째에만 있음",
    only_in_second: "둘째에만 있음",
    left_out: |lines| format!("⋯ 같은 줄 {lines}개"),
    compared: |comparison| {
        let what = match comparison.form {
            ComparedAs::Json => "정렬한 JSON으로 비교",
            ComparedAs::Text => "텍스트로 비교",
            ComparedAs::Hex => "바이트로 비교",
        };
        let differences = match comparison.changes() {
            0 => "다른 줄이 없습니다".to_owned(),
            lines => format!("{lines}줄이 다릅니다"),
        };
        let bound = if comparison.is_whole { "" } else { " 앞부분만 비교했습니다." };
        format!("{what}: {differences}.{bound}")
    },
};
