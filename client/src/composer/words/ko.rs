//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use workbench::{
    compose::{self, DraftError, FillError, Framing, MAX_FORMATTED_BYTES, Progress, Removed},
    format::{count, size},
    payload::{Base64Error, HexError},
};

use super::{Composer, Files, PairWords, Repeating, Saving, Variables, Words};
use crate::{
    composer::{Panel, RepeatError, Undo},
    language::ko::{at_place, item_error, not_filled, not_json, variable_error, wrong_braces},
};

pub(super) static WORDS: Words = Words {
    composer: Composer {
        message: "메시지",
        placeholder: "메시지 입력",
        send: |framing| match framing {
            Some(Framing::Ping) => "핑 전송",
            Some(Framing::Pong) => "퐁 전송",
            Some(Framing::Close(_)) => "종료 전송",
            Some(Framing::Raw) => "바이트 전송",
            _ => "전송",
        },
        send_hint: "전송(Enter)",
        not_connected: "연결되어 있지 않음",
        is_kept: "연결되어 있지 않습니다. 메시지는 입력란에 그대로 있습니다. ",
        connect_and_send: "연결하고 전송",
        connect: "연결",
        is_empty: "메시지가 비어 있습니다. ",
        send_empty: "빈 메시지 전송",
        unsent: |messages| format!("메시지 {}건을 전송하지 못했습니다. ", count(messages as u64)),
        send_again: "다시 전송",
        discard: "버리기",
        controls: "메시지 옵션",
        form_label: "메시지 형식",
        form: |form| match form {
            compose::Form::Text => "텍스트",
            compose::Form::Json => "JSON",
            compose::Form::Hex => "16진수",
            compose::Form::Base64 => "Base64",
        },
        framing_label: "프레임",
        framing: |framing| match framing {
            None => "메시지",
            Some(Framing::Uncompressed(_)) => "압축 없이",
            Some(Framing::FragmentBytes(_)) => "크기별 조각",
            Some(Framing::FragmentCount(_)) => "개수별 조각",
            Some(Framing::Ping) => "핑",
            Some(Framing::Pong) => "퐁",
            Some(Framing::Close(_)) => "종료",
            Some(Framing::Raw) => "원시 바이트",
        },
        fragment_bytes: "조각의 바이트 수",
        fragment_count: "조각의 개수",
        close_code: "종료 코드, 비우면 없음",
        wrong_number: |most| {
            format!("프레임 옆에 1부터 {}까지의 정수를 입력하십시오.", count(most.into()))
        },
        wrong_code: "0부터 65535까지의 종료 코드를 입력하거나 비워 두십시오.",
        format: "줄 나누기",
        minify: "한 줄로",
        key_hint: "Enter 전송, Shift+Enter 줄 바꿈, ↑ 보낸 메시지 불러오기",
        too_long: "64 KiB를 넘는 작성 중인 메시지는 페이지를 닫거나 새로 고치면 사라집니다.",
        preview: |text| format!("미리 보기: {text}"),
        invalid: not_a_message,
        invalid_filled: |error| format!("변수를 채운 결과: {}", not_a_message(error)),
        go_to_error: "오류 위치로 이동",
        as_text: "텍스트로 전송",
        as_text_hint: "JSON 검사 없이 그대로 전송",
        panel: |panel| match panel {
            Panel::Variables => "변수",
            Panel::Saved => "저장 메시지",
            Panel::Repeat => "반복",
        },
        close: "패널 닫기",
        unstored: "변경한 내용이 저장되지 않아 페이지를 닫으면 사라집니다. 저장소가 가득 찼거나 막혔거나, 더 새로운 버전의 페이지가 사용했습니다.",
        undone: |undo| match undo {
            Undo::Removed(Removed::Folder { folder, .. }) => {
                let messages = count(folder.messages().len() as u64);
                format!("폴더를 메시지 {messages}건과 함께 삭제했습니다: “{}” ", undo.name())
            }
            Undo::Replaced(..) => format!("바꾸었습니다: “{}” ", undo.name()),
            Undo::Variable(..) => format!("변수를 삭제했습니다: “{}” ", undo.name()),
            _ => format!("삭제했습니다: “{}” ", undo.name()),
        },
    },
    files: Files {
        file: "파일…",
        send: "파일 전송",
        remove: "파일 제거",
        too_large: |most| format!("너무 커서 전송할 수 없습니다. 최대 {}입니다.", size(most)),
        left_out: |names| format!("파일은 한 번에 하나만 첨부합니다. 제외: {names}"),
        drop_here: "보낼 파일을 여기에 놓으십시오",
    },
    repeating: Repeating {
        interval: "간격(ms)",
        count: "횟수",
        hint: "메시지나 핑, 퐁을 반복해 보냅니다. 간격을 비우면 연결이 받는 대로 최대한 빠르게 \
                보내고, 횟수를 비우면 중지할 때까지 보냅니다.",
        start: "시작",
        stop: "중지",
        error: |error| match error {
            RepeatError::Interval => {
                "간격은 1 이상의 정수(19자리 이하)입니다. 비워 두면 최대한 빠르게 보냅니다."
            }
            RepeatError::Count => {
                "횟수는 1 이상의 정수(19자리 이하)입니다. 비워 두면 중지할 때까지 보냅니다."
            }
            RepeatError::EmptyDraft => "반복할 메시지를 입력하십시오.",
            RepeatError::Framing => {
                "Close 프레임과 원시 바이트는 반복할 수 없습니다. 다른 프레임을 선택하십시오."
            }
        },
        over: |is_whole| if is_whole { "완료." } else { "중지됨." },
        progress: |progress, rate| {
            let Progress { sent, of, missed, .. } = *progress;
            let says = match of {
                Some(of) => format!("{}회 중 {}회 전송", count(of), count(sent)),
                None => format!("{}회 전송", count(sent)),
            };
            let missed =
                if missed > 0 { format!(", {}회 놓침", count(missed)) } else { String::new() };
            let rate = rate.map_or_else(String::new, |rate| format!(", 초당 {}건", count(rate)));
            says + &missed + &rate
        },
    },
    saving: Saving {
        none_yet: "저장한 메시지가 없습니다. 작성 중인 메시지에 이름을 붙여 저장하십시오.",
        name: "이름",
        saved: |name| format!("저장했습니다: “{name}”"),
        folder: "폴더",
        save: "저장",
        load: "불러오기",
        send: "전송",
        send_named: |name| format!("{name} 전송"),
        edit: "편집",
        edit_named: |name| format!("{name} 편집"),
        apply: "적용",
        replace: "작성 중인 메시지로 바꾸기",
        replace_named: |name| format!("“{name}” 바꾸기"),
        delete: "삭제",
        delete_folder: "메시지와 함께 삭제",
        error: item_error,
    },
    variables: Variables {
        environment: "환경",
        none_yet: "변수는 로컬, 운영과 같은 환경에 보관합니다. 환경마다 같은 이름에 다른 값을 둘 수 있습니다. \
                   환경을 추가하고 메시지, 주소, 쿼리, 서브프로토콜에 {{name}}처럼 쓰십시오.",
        add_environment: "환경 추가",
        new_name: |number| format!("환경 {number}"),
        environment_name: "환경 이름",
        delete_environment: "환경 삭제",
        rows: PairWords { title: "변수", add: "변수 추가", item: "변수" },
        invalid: |error| format!("사용하지도 저장하지도 않습니다. {}", variable_error(error)),
        error: item_error,
        built_in: "기본 제공 변수입니다. 누르면 삽입됩니다:",
        meanings: [
            "현재 시각(예: 2026-01-02T03:04:05.678901Z)",
            "1970년부터의 밀리초(예: 1767323045678)",
            "메시지마다 새로운 UUID",
            "메시지 번호: 1, 2, 3, …",
            "범위 안의 임의의 정수",
        ],
    },
};

fn not_a_message(error: &DraftError) -> String {
    match error {
        DraftError::Template(error) | DraftError::Fill(FillError::Placeholder(error)) => {
            format!("{}: {}", at_place(error.place), wrong_braces(&error.flaw))
        }
        DraftError::Fill(error) => not_filled(error),
        DraftError::Json(mistake) => not_json(mistake),
        DraftError::Hex(HexError::Character { place, found }) => format!(
            "{}: 16진수 숫자가 아닙니다: {found:?}. 0~9와 a~f를 쓰십시오.",
            at_place(*place)
        ),
        DraftError::Hex(HexError::HalfPair { place }) => format!(
            "{}: 바이트는 두 자리인데 한 자리뿐입니다. f는 0f로 쓰십시오.",
            at_place(*place)
        ),
        DraftError::Base64(Base64Error::Character { place, found }) => {
            format!("{}: base64 문자가 아닙니다: {found:?}", at_place(*place))
        }
        DraftError::Base64(Base64Error::Padding { place }) => format!(
            "{}: 등호(=)는 마지막 네 글자를 채울 때만 쓰며 생략할 수 있습니다.",
            at_place(*place)
        ),
        DraftError::Base64(Base64Error::Cut { place }) => {
            format!("{}: 마지막 바이트가 온전하지 않습니다. 끝이 빠졌습니까?", at_place(*place))
        }
        DraftError::TooLong => {
            let most = MAX_FORMATTED_BYTES >> 20;
            format!("줄을 나누면 {most} MiB를 넘습니다. 그대로 전송할 수는 있습니다.")
        }
        DraftError::TooLongFor { most: 0 } => {
            "종료 사유는 종료 코드와 함께만 보냅니다. 프레임 옆에 코드를 입력하십시오.".to_owned()
        }
        DraftError::TooLongFor { most } => {
            format!("너무 깁니다. 이 프레임에는 {}바이트까지 들어갑니다.", count(*most as u64))
        }
    }
}
