//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use session::EndReason;
use workbench::{format::count, log::Origin};

use super::{Announcer, List, Pins, Standing, Toolbar, Words};
use crate::{
    language::ko::{closed, span},
    settings::TimeShown,
};

pub(super) static WORDS: Words = Words {
    toolbar: Toolbar {
        title: "목록",
        find: "찾기",
        find_what: "찾기…",
        match_case: "대소문자 구분",
        expression: "정규식",
        what_is_listed: "목록에 표시할 항목",
        sent: "전송",
        list_sent: "전송한 메시지 표시",
        received: "수신",
        list_received: "수신한 메시지 표시",
        events: "이벤트",
        list_events: "연결 이벤트 표시",
        more: "더 보기",
        kind: "종류",
        any_kind: "텍스트와 바이너리",
        text: "텍스트",
        binary: "바이너리",
        bytes_at_least: "최소 바이트 수",
        bytes_at_most: "최대 바이트 수",
        any: "제한 없음",
        time: "시간",
        time_shown: |time| match time {
            TimeShown::Clock => "시각",
            TimeShown::SinceStart => "시작 이후",
            TimeShown::SinceBefore => "이전 행 이후",
        },
        rows_held: "최대 보관 행 수",
        mebibytes_held: "최대 보관 용량(MiB)",
        pause: "일시 정지",
        resume: "계속",
        pause_means: "목록을 멈춥니다. 그동안의 메시지는 사라지지 않습니다",
        clear: "지우기",
        clear_means: "목록 비우기",
    },
    standing: Standing {
        not_an_expression: |error| format!("정규식이 아닙니다: {}.", error.why()),
        found: |found, held| format!("{}행 중 {}행", count(held), count(found)),
        looking: |more| format!("{}행 더 찾는 중", count(more)),
        paused: |new| format!("일시 정지됨, 이후 {}건", count(new)),
        evicted: |rows| format!("오래된 {}행은 버림", count(rows)),
        cleared: |rows| format!("{}행을 지웠습니다. ", count(rows)),
        undo: "되돌리기",
        forget: "지운 내용 버리기",
    },
    list: List {
        title: "메시지",
        nothing_found: "조건에 맞는 메시지가 없습니다. 찾을 조건을 바꾸거나 지우십시오.",
        begin: "메시지를 입력하고 Enter를 누르거나, 이 메시지로 시작하십시오:",
        send_first: "“hi” 보내기",
        to_newest: "최신 메시지로",
        new: |new| format!("새 항목 {}건", count(new)),
        opened: |negotiated, outage| {
            let opened = match outage {
                Some(outage) => format!("{} 만에 다시 연결됨", span(outage)),
                None => "연결됨".to_owned(),
            };
            match negotiated.subprotocol.as_str() {
                "" => opened,
                subprotocol => format!("{opened}, 서브프로토콜 {subprotocol}"),
            }
        },
        ended: |ending| match ending {
            EndReason::Failed => "연결하지 못함".to_owned(),
            EndReason::Cancelled => "연결이 열리기 전에 취소함".to_owned(),
            EndReason::Closed(close) => format!("연결 종료됨: {}", closed(close)),
        },
        brought: |brought| {
            let rows = count(brought.entries);
            match &brought.from {
                Origin::LastVisit => format!("위 {rows}개 행은 페이지를 열기 전의 것입니다"),
                Origin::File(name) => format!("위 {rows}개 행은 {name}에서 가져왔습니다"),
            }
        },
    },
    pins: Pins { title: "고정한 메시지", unpin: "고정 해제" },
    announcer: Announcer {
        received: |start| format!("수신: {start}"),
        received_many: |messages| format!("메시지 {}건 수신", count(messages)),
    },
};
