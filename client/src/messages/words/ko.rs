//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use session::{Direction, EndReason, PayloadKind};
use workbench::{
    connect::Cause,
    format::count,
    log::{ActiveFilter, FieldError, MAX_FIELD_BYTES, Origin, QueryError, RegexError},
    relay::ControlKind,
};

use super::{Actions, Announcer, Chips, Find, List, Pins, Status, Toolbar, Words, of};
use crate::{
    language::ko::{cause, closed, span},
    settings::TimeShown,
};

pub(super) static WORDS: Words = Words {
    find: Find {
        title: "찾기",
        placeholder: "찾기…",
        match_case: "대소문자 구분",
        regex: "정규식",
        mode: "일치하지 않는 행",
        filter: "필터",
        filter_title: "일치하는 행만 표시",
        mark: "강조",
        mark_title: "모든 행을 두고 일치하는 부분을 강조",
        previous: "이전 일치 항목(Shift+F3)",
        next: "다음 일치 항목(F3)",
        position: |at, matches| match at {
            Some(at) => format!("{}/{}", count(at), count(matches)),
            None => format!("일치 {}건", count(matches)),
        },
        unmarked: " (강조되지 않은 일치 항목이 더 있음)",
    },
    chips: Chips {
        title: "적용 중인 필터",
        name: |filter| match filter {
            ActiveFilter::Text(text, false) => text.clone(),
            ActiveFilter::Text(text, true) => format!("/{text}/"),
            ActiveFilter::WithoutSent => "보냄 숨김".to_owned(),
            ActiveFilter::WithoutReceived => "받음 숨김".to_owned(),
            ActiveFilter::WithoutEvents => "이벤트 숨김".to_owned(),
            ActiveFilter::WithoutFrames => "제어 프레임 숨김".to_owned(),
            ActiveFilter::Kind(PayloadKind::Text) => "텍스트만".to_owned(),
            ActiveFilter::Kind(PayloadKind::Binary) => "바이너리만".to_owned(),
            ActiveFilter::AtLeast(bytes) => format!("{} B 이상", count(*bytes)),
            ActiveFilter::AtMost(bytes) => format!("{} B 이하", count(*bytes)),
            ActiveFilter::Field(field) => field.clone(),
        },
        remove: |name| format!("필터 제거: {name}"),
        clear: "필터 모두 해제",
    },
    toolbar: Toolbar {
        title: "목록",
        shown: "표시할 행",
        show_sent: "보낸 메시지 표시",
        show_received: "받은 메시지 표시",
        events: "이벤트",
        show_events: "연결 이벤트 표시",
        frames: "제어",
        show_frames: "제어 프레임(핑, 퐁, Close) 표시",
        more: "더 보기",
        kind: "페이로드",
        any_kind: "텍스트와 바이너리",
        text: "텍스트",
        binary: "바이너리",
        min_size: "최소 크기(바이트)",
        max_size: "최대 크기(바이트)",
        any: "제한 없음",
        invalid_size: "정수를 입력하거나 비워 두십시오.",
        field: "JSON 필드",
        field_placeholder: "data.price > 10",
        field_help: "type:trade(포함), type = \"trade\", items[0].id, items[*].id != 7처럼 쓰거나 \
                     필드만 씁니다.",
        time: "시간",
        time_shown: |time| match time {
            TimeShown::Clock => "시각",
            TimeShown::SinceStart => "시작 이후",
            TimeShown::SinceBefore => "이전 행 이후",
        },
        rows: "행 높이",
        normal_rows: "보통",
        compact_rows: "좁게",
        max_rows: "최대 행 수",
        max_mebibytes: "최대 저장 용량(MiB)",
        invalid_limit: |most| format!("1~{}의 정수를 입력하십시오.", count(most.into())),
        pause: "목록 정지",
        resume: "목록 재개",
        pause_title: "목록을 멈춥니다. 새 메시지는 계속 기록됩니다",
        pause_reading: "읽기 중지",
        resume_reading: "읽기 재개",
        reading_title: "느린 클라이언트처럼, 서버가 버퍼에 들어갈 만큼만 보낼 수 있게 합니다",
        clear: "지우기",
        clear_title: "목록 비우기",
    },
    status: Status {
        query_error: |error| match error {
            QueryError::Regex(error) => wrong_regex(error),
            QueryError::Field(error) => wrong_field(*error),
        },
        found: |found, held| format!("{}행 중 {}행", count(held), count(found)),
        searching: |more| format!("{}행 더 검색 중", count(more)),
        not_reading: "읽기 중지됨",
        paused: |new| format!("목록 정지됨: 새 메시지 {}건", count(new)),
        folded: |frames| format!("핑과 퐁 {}개는 목록에 없음", count(frames)),
        evicted: |rows| format!("가장 오래된 {}행 삭제됨(한도 도달)", count(rows)),
        cleared: |rows| format!("{}행을 지웠습니다. ", count(rows)),
        discard: "지운 행 완전히 삭제",
    },
    list: List {
        title: "메시지",
        no_matches: "일치하는 항목이 없습니다. 필터를 바꾸거나 지우십시오.",
        by_field: |condition| format!("JSON 필드로 필터링: {condition}"),
        not_connected: "연결을 누르거나 다른 주소를 입력하십시오.",
        paused: "목록이 멈추어 있습니다. 새 항목을 보려면 목록 재개를 누르십시오.",
        first_message: "메시지를 입력하고 Enter를 누르거나, 이 메시지로 시작하십시오:",
        send_first: "“hi” 전송",
        jump_to_newest: "최신 메시지로",
        new: |new| format!("새 항목 {}건", count(new)),
        opened: |opened| {
            let says = match opened.outage {
                Some(outage) => format!("{} 만에 다시 연결됨", span(outage)),
                None => "연결됨".to_owned(),
            };
            let subprotocol = match opened.negotiated.subprotocol.as_str() {
                "" => String::new(),
                subprotocol => format!(", 서브프로토콜 {subprotocol}"),
            };
            format!("{says}{subprotocol}{}", of(&opened.address))
        },
        ended: |ended| {
            let says = match &ended.reason {
                EndReason::Failed => match &ended.causes[..] {
                    [] => "연결하지 못함".to_owned(),
                    [known] => format!("연결하지 못함: {}", cause(known)),
                    [likely, ..] => format!("연결하지 못함. 가능한 원인: {}", cause(likely)),
                },
                EndReason::Cancelled => "연결되기 전에 취소함".to_owned(),
                EndReason::Closed(_) if ended.is_unanswered() => {
                    "연결 종료됨: 서버가 확인하지 않음".to_owned()
                }
                EndReason::Closed(_) if ended.causes == [Cause::Overrun] => cause(&Cause::Overrun),
                EndReason::Closed(close) if ended.is_own || ended.address.is_empty() => {
                    format!("연결 종료됨: {}", closed(close))
                }
                EndReason::Closed(close) if !ended.is_clean() => match &ended.causes[..] {
                    [known, ..] => format!("연결 끊김: {}", cause(known)),
                    [] => format!("연결 끊김: {}, Close 프레임 없음", close.code),
                },
                EndReason::Closed(close) => format!("서버가 연결을 종료함: {}", closed(close)),
            };
            says + &of(&ended.address)
        },
        imported: |imported| {
            let rows = count(imported.entries);
            match &imported.from {
                Origin::LastVisit => format!("지난 방문에서 {rows}행을 복원했습니다"),
                Origin::File(name) => format!("{name}에서 {rows}행을 가져왔습니다"),
            }
        },
        overrun: crate::language::ko::overrun_text,
        control: |frame, text| {
            let name = match (frame.kind, frame.direction) {
                (ControlKind::Ping, Direction::Out) => "핑 보냄",
                (ControlKind::Ping, Direction::In) => "핑 받음",
                (ControlKind::Pong, Direction::Out) => "퐁 보냄",
                (ControlKind::Pong, Direction::In) => "퐁 받음",
                (ControlKind::Close, Direction::Out) => "Close 프레임 보냄",
                (ControlKind::Close, Direction::In) => "Close 프레임 받음",
                (ControlKind::Raw, Direction::Out) => "원시 바이트 보냄",
                (ControlKind::Raw, Direction::In) => "잘못된 프레임의 헤더 받음",
            };
            match (frame.kind, text) {
                (ControlKind::Close, _) => format!("{name}: {}", closed(&frame.close())),
                (_, "") => name.to_owned(),
                (_, text) => format!("{name}: {text}"),
            }
        },
        handshake: |opening| match &opening.connected {
            Some(address) => format!("여는 핸드셰이크{}", of(address)),
            None => "여는 핸드셰이크".to_owned(),
        },
        switched: |switched| format!("전환: {} → {}", switched.from, switched.to),
    },
    pins: Pins {
        title: "고정한 메시지",
        pinned: |pins| format!("고정({pins})"),
        unpin: "고정 해제",
        unpin_all: "모두 고정 해제",
    },
    actions: Actions {
        title: "행 작업",
        copy: "메시지 복사",
        send_again: "메시지 다시 전송",
        pin: "메시지 고정",
    },
    announcer: Announcer {
        received: |start| format!("받음: {start}"),
        received_many: |messages| format!("메시지 {}건 받음", count(messages)),
    },
};

fn wrong_regex(error: &RegexError) -> String {
    match error {
        // Its words are in English.
        RegexError::Syntax(_, Some(at)) => {
            format!("정규식이 아닙니다. {at}번째 문자를 확인하십시오.")
        }
        RegexError::Syntax(_, None) => {
            "정규식에 알 수 없는 문자 클래스가 있습니다. [가-힣] 같은 범위로 쓰십시오.".to_owned()
        }
        RegexError::TooLarge => "정규식이 너무 큽니다. 반복을 줄이거나 작게 하십시오.".to_owned(),
        RegexError::TooSlow => {
            "검색이 너무 오래 걸려 중단했습니다. 더 단순한 정규식을 쓰십시오.".to_owned()
        }
    }
}

fn wrong_field(error: FieldError) -> String {
    match error {
        FieldError::Path => {
            "필드가 아닙니다. data.price, items[0].id, items[*].id처럼 쓰십시오.".to_owned()
        }
        FieldError::Bracket => {
            "필드의 대괄호가 잘못되었습니다. [0], [*], [\"이름\"]처럼 쓰십시오.".to_owned()
        }
        FieldError::Comparison => {
            "필드 뒤에는 =, !=, <, <=, >, >=, : 중 하나를 쓰거나 비워 두십시오.".to_owned()
        }
        FieldError::Value => "비교할 값을 쓰십시오. 예: price > 10".to_owned(),
        FieldError::Quote => "따옴표로 묶은 텍스트가 끝나지 않았습니다.".to_owned(),
        FieldError::Number => "<, <=, >, >=는 숫자와 비교합니다. 예: price > 10".to_owned(),
        FieldError::TooLong => {
            format!("조건이 너무 깁니다. {MAX_FIELD_BYTES}바이트까지 쓸 수 있습니다.")
        }
    }
}
