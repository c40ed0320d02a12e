//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use std::time::Duration;

use workbench::{
    AddressError, AddressSpace, Cause, Close, CloseCode, CloseError, Direction, Ending, Imported,
    Origin, REASON_BYTES, RecordError, SubprotocolError,
    detail::{End, Expected, Form, MAX_DEPTH, MAX_NODES, Mistake, size_in_words},
    figures::{self, count, size},
    formats::{
        IMPORT_BYTES, IMPORT_CONNECTIONS, IMPORT_ITEMS, ImportError, PassedOver, Place, Wrong,
        WrongConnection,
    },
};

use super::words::{
    Address, Announcer, Closing, Composer, Connection, Detail, Figures, List, Notices, Options,
    Page, Pins, Shortcuts, Standing, Tabs, Tallies, Toolbar, Words,
};
use crate::{
    settings::{Theme, TimeShown},
    shell::Notice,
    shortcuts::{Deed, Where},
};

pub(super) static WORDS: Words = Words {
    figures: Figures { count, size, part: size_in_words, span },
    page: Page {
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
    },
    tabs: Tabs {
        connections: "연결 목록",
        new: "새 연결",
        close: |name| format!("{name} 닫기"),
        closed: |name| format!("닫은 탭: {name} "),
        undo: "되돌리기",
        forget: "닫은 탭 버리기",
    },
    address: Address {
        label: "주소",
        offer: "최근 주소와 엔드포인트",
        misbehaves: "비정상 동작",
        recent: "최근 주소",
        this_server: "이 서버",
        mistake: address_mistake,
        subprotocol_is_wrong: "이대로는 요청할 수 없는 서브프로토콜이 있습니다. 아래를 확인하십시오.",
        for_the_next: "주소가 바뀌었습니다. 다음 연결부터 적용됩니다.",
    },
    connection: Connection {
        title: "연결",
        connect: "연결",
        disconnect: "연결 끊기",
        disconnect_with_code: "종료 코드와 사유를 정해 연결 끊기",
        stop_retrying: "재시도 중지",
        try_now: "지금 시도",
        idle: "연결 안 됨",
        failed: "연결 실패",
        closed: "연결 종료됨",
        connecting: "연결 중…",
        open: "연결됨",
        closing: "연결 종료 중…",
        lost: "연결 끊김",
        cancelled: "연결이 열리기 전에 취소했습니다.",
        was_closed: |close| format!("{}.", closed(close)),
        was_lost: |close| format!("{}. 서버가 아직 실행 중인지 확인하십시오.", closed(close)),
        cause,
        other_causes: "그 밖의 흔한 원인",
        will_retry: " 다시 시도합니다.",
        retries_in: |seconds| format!("{seconds}초 후 다시 시도"),
        subprotocol: "서브프로토콜",
        extensions: "확장",
    },
    closing: Closing {
        title: "종료 코드를 정해 연결 끊기",
        code: "종료 코드",
        reason: "종료 사유",
        meaning: |code| format!("{code}: {}.", meaning(code)),
        mistake: close_mistake,
        bytes: |bytes, most| format!("{most}바이트 중 {bytes}바이트"),
        cancel: "취소",
        disconnect: "연결 끊기",
    },
    options: Options {
        title: "옵션",
        which: ": 쿼리, 서브프로토콜, 재연결",
        of: |path| format!("{path}의 옵션"),
        query: "쿼리",
        add_parameter: "매개변수 추가",
        name_of_parameter: |number| format!("매개변수 {number}의 이름"),
        value_of_parameter: |number| format!("매개변수 {number}의 값"),
        remove_parameter: |number| format!("매개변수 {number} 삭제"),
        name: "이름",
        value: "값",
        remove: "삭제",
        subprotocols: "서브프로토콜(선호하는 순서대로)",
        add_subprotocol: "서브프로토콜 추가",
        subprotocol: |number| format!("서브프로토콜 {number}"),
        remove_subprotocol: |number| format!("서브프로토콜 {number} 삭제"),
        subprotocol_mistake,
        reconnect: "재연결",
        connect_again: "연결이 끊기면 다시 연결",
        attempts: "최대 연속 시도 횟수",
        no_limit: "제한 없음",
        limit_is_wrong: "1부터 1000까지의 정수를 입력하십시오. 비워 두면 제한이 없습니다.",
    },
    notices: Notices { close: "알림 닫기", says: notice },
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
        let_go: |rows| format!("오래된 {}행은 버림", count(rows)),
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
        direction: |direction| match direction {
            Direction::Out => "전송",
            Direction::In => "수신",
        },
        opened: |agreement, outage| {
            let opened = match outage {
                Some(outage) => format!("{} 만에 다시 연결됨", span(outage)),
                None => "연결됨".to_owned(),
            };
            match agreement.subprotocol.as_str() {
                "" => opened,
                subprotocol => format!("{opened}, 서브프로토콜 {subprotocol}"),
            }
        },
        ended: |ending| match ending {
            Ending::Failed => "연결하지 못함".to_owned(),
            Ending::Cancelled => "연결이 열리기 전에 취소함".to_owned(),
            Ending::Closed(close) => format!("연결 종료됨: {}", closed(close)),
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
    detail: Detail {
        title: "메시지",
        nothing_picked: "자세히 볼 메시지를 목록에서 선택하십시오.",
        width: "메시지 창의 너비",
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
                let part = size_in_words(message.part.len() as u64);
                let whole = size_in_words(message.size);
                format!("{whole} 중 처음 {part}만 표시합니다. 복사하면 메시지 전체가 복사됩니다.")
            })
        },
        read_as: "인코딩",
        invalid: |places, encoding| {
            format!(
                "올바른 {encoding}이 아닌 곳이 {places}군데 있습니다. 그 자리는 �로 표시합니다."
            )
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
        more: |bytes| format!("… {} 더 있음", size_in_words(bytes)),
        pick_another: "이 메시지와 비교할 메시지를 목록에서 선택하십시오.",
        differences: "차이점",
        changes: "달라진 곳",
        all_lines: "모든 줄",
        only_in_first: "첫째에만 있음",
        only_in_second: "둘째에만 있음",
        left_out: |lines| format!("⋯ 같은 줄 {lines}개"),
        compared: |comparison| {
            let what = match comparison.form {
                Form::Json => "정렬한 JSON으로 비교",
                Form::Text => "텍스트로 비교",
                Form::Hex => "바이트로 비교",
            };
            let differences = match comparison.changes() {
                0 => "다른 줄이 없습니다".to_owned(),
                lines => format!("{lines}줄이 다릅니다"),
            };
            let bound = if comparison.is_whole { "" } else { " 앞부분만 비교했습니다." };
            format!("{what}: {differences}.{bound}")
        },
    },
    composer: Composer {
        message: "메시지",
        enter: "메시지 입력",
        send: "전송",
        is_empty: "입력란이 비어 있습니다. ",
        send_empty: "빈 메시지 전송",
        unsent: |messages| format!("메시지 {messages}건을 전송하지 못했습니다. "),
        send_again: "다시 전송",
        discard: "버리기",
    },
    tallies: Tallies { sent: "전송 ", received: "수신 ", held: "보관 ", rows: |_| "행" },
    announcer: Announcer {
        received: |start| format!("수신: {start}"),
        received_many: |messages| format!("메시지 {}건 수신", count(messages)),
    },
    shortcuts: Shortcuts {
        title: "키보드 단축키",
        close: "닫기",
        place: |place| match place {
            Where::Anywhere => "어디서나",
            Where::Address => "주소 입력란",
            Where::List => "메시지 목록",
            Where::Message => "메시지 입력란",
            Where::Tabs => "탭",
        },
        deed: |deed| match deed {
            Deed::ShowKeys => "단축키 목록 보기",
            Deed::Find => "목록에서 찾기",
            Deed::AddTab => "새 연결 열기",
            Deed::Connect => "연결하거나 연결 끊기",
            Deed::ToAddress => "주소 입력란으로 이동",
            Deed::ToList => "목록으로 이동",
            Deed::ToMessage => "메시지 입력란으로 이동",
            Deed::Offers => "제안된 주소 고르기",
            Deed::TakeOffer => "고른 주소 넣기, 또는 연결",
            Deed::CloseOffers => "제안 목록 닫기",
            Deed::Walk => "다음 행, 이전 행",
            Deed::WalkFar => "한 페이지 아래나 위, 처음이나 마지막 행",
            Deed::LookClosely => "선택한 메시지 창으로 이동",
            Deed::CloseMessage => "메시지 창 닫기",
            Deed::Send => "보내기",
            Deed::BreakLine => "줄 바꾸기",
            Deed::OtherTab => "다음 탭, 이전 탭",
            Deed::CloseTab => "탭 닫기",
        },
        single_keys: "조합 키가 없는 단축키 ?와 / 사용",
    },
};

/// `0.9 ms`, `2.1 s`, `3분 5초`, `2시간 7분`.
fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        ..60 => figures::span(time),
        60..3_600 => format!("{}분 {}초", seconds / 60, seconds % 60),
        _ => format!("{}시간 {}분", seconds / 3_600, seconds / 60 % 60),
    }
}

fn address_mistake(error: &AddressError) -> String {
    match error {
        AddressError::Empty => "ws://localhost:8080/ws와 같은 주소를 입력하십시오.".to_owned(),
        AddressError::Space => "주소에 공백이 있습니다. 공백을 빼거나 %20으로 쓰십시오.".to_owned(),
        AddressError::Fragment => {
            "WebSocket 주소에는 프래그먼트가 없습니다. #부터 모두 빼거나 #을 %23으로 쓰십시오."
                .to_owned()
        }
        AddressError::Http { instead } => format!(
            "http://와 https://는 웹 페이지의 주소입니다. WebSocket 주소로 입력하십시오: {instead}"
        ),
        AddressError::Scheme(scheme) => {
            format!("WebSocket 주소는 {scheme}://가 아니라 ws:// 또는 wss://로 시작합니다.")
        }
        AddressError::Slashes { instead } => {
            format!("빗금(/)이 빠졌습니다. 다음과 같이 입력하십시오: {instead}")
        }
        AddressError::Backslash => "주소에 \\가 있습니다. /로 바꾸십시오.".to_owned(),
        AddressError::NoHost => {
            "주소에 호스트가 없습니다. ws:// 뒤에 localhost:8080처럼 입력하십시오.".to_owned()
        }
        AddressError::UserInfo => {
            "WebSocket 주소에는 사용자 이름과 암호를 쓸 수 없습니다. @까지 모두 빼십시오."
                .to_owned()
        }
        AddressError::Unclosed => {
            "[가 닫히지 않았습니다. IPv6 주소는 대괄호로 묶습니다: [::1]:8080.".to_owned()
        }
        AddressError::NotIpv6(inside) => {
            format!("[{inside}]는 IPv6 주소가 아닙니다. 대괄호에는 IPv6 주소만 씁니다.")
        }
        AddressError::BareIpv6 => {
            "IPv6 주소는 대괄호로 묶고 포트는 그 뒤에 씁니다: [::1]:8080.".to_owned()
        }
        AddressError::HostCharacter(character) => {
            format!("호스트 이름에는 {character} 문자를 쓸 수 없습니다.")
        }
        AddressError::NotAPort(port) => format!(
            "포트가 아닙니다: {port}. 쌍점(:) 뒤에는 1부터 65535까지의 수를 쓰거나 비워 둡니다."
        ),
        AddressError::PortRange(port) => {
            format!("{port}번 포트는 없습니다. 포트는 1부터 65535까지입니다.")
        }
    }
}

fn subprotocol_mistake(error: &SubprotocolError) -> String {
    match error {
        SubprotocolError::NotAToken(character) => {
            let character = match character {
                ' ' => "공백을".to_owned(),
                ',' => "쉼표를".to_owned(),
                control if control.is_control() => format!("U+{:04X}을(를)", u32::from(*control)),
                other => format!("{other} 문자를"),
            };
            format!(
                "서브프로토콜 이름에는 {character} 쓸 수 없습니다. 영문자, 숫자와 - . _ 는 안전합니다."
            )
        }
        SubprotocolError::Twice(name) => {
            format!("이미 목록에 있습니다: {name}. 둘 중 하나를 빼십시오.")
        }
    }
}

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Mixed { instead } => format!(
            "https://로 연 페이지에서는 브라우저가 wss:// 연결만 허용합니다. \
             다음 주소로 시도하십시오: {instead}"
        ),
        Cause::BlockedPort(port) => format!(
            "{port}번 포트는 다른 서비스의 것이어서 브라우저가 연결을 막습니다. \
             서버의 포트를 바꾸십시오."
        ),
        Cause::Nobody { authority } => {
            format!("{authority}에서 응답이 없습니다. 서버가 실행 중인지 확인하십시오.")
        }
        Cause::Permission { space } => format!(
            "페이지가 {}에 접근하려면 브라우저의 허가가 필요합니다. \
             물음에 ‘허용’으로 답하거나 이 사이트의 설정에서 허용하십시오.",
            place(*space)
        ),
        Cause::NotAsked { space } => format!(
            "http://로 연 페이지가 {}에 접근하는 것을 브라우저가 막습니다. \
             이 페이지를 https://로 열거나 그 네트워크에서 여십시오.",
            place(*space)
        ),
        Cause::Certificate { page } => format!(
            "브라우저가 인증서를 신뢰하지 않습니다. {page} 페이지를 한 번 열어 내용을 확인하십시오."
        ),
        Cause::Subprotocol => {
            "요청한 서브프로토콜을 서버가 하나도 선택하지 않았습니다. 이름이 맞는지 확인하십시오."
                .to_owned()
        }
        Cause::NotAnEndpoint { path } => format!(
            "서버가 응답하지만 WebSocket 엔드포인트가 아닙니다. 경로가 맞는지 확인하십시오: {path}"
        ),
    }
}

fn place(space: AddressSpace) -> &'static str {
    match space {
        AddressSpace::Loopback => "이 컴퓨터",
        AddressSpace::Local | AddressSpace::Public => "로컬 네트워크",
    }
}

/// `1000 (정상 종료)`, or with a reason: `4001 (애플리케이션이 정한 코드): bye`.
fn closed(close: &Close) -> String {
    let Close { code, reason } = close;
    let closed = format!("{code} ({})", meaning(*code));
    if reason.is_empty() { closed } else { format!("{closed}: {reason}") }
}

/// The same codes as in [`CloseCode::meaning`].
fn meaning(code: CloseCode) -> &'static str {
    match code.0 {
        1000 => "정상 종료",
        1001 => "서버가 멈추거나 페이지를 떠남",
        1002 => "프로토콜 오류",
        1003 => "받지 않는 종류의 데이터",
        1005 => "종료 코드 없음",
        1006 => "Close 프레임 없이 연결이 끊김",
        1007 => "종류에 맞지 않는 데이터(예: UTF-8이 아닌 텍스트)",
        1008 => "정책 위반",
        1009 => "너무 큰 메시지",
        1010 => "필요한 확장이 협상되지 않음",
        1011 => "서버에 예기치 않은 문제가 생김",
        1012 => "서비스 재시작",
        1013 => "나중에 다시 시도 필요",
        1014 => "게이트웨이 오류: 프록시 뒤의 서버가 제대로 응답하지 않음",
        1015 => "TLS 핸드셰이크 실패",
        3000 => "인증되지 않음",
        3003 => "금지됨",
        3008 => "시간 초과",
        3001..=3999 => "라이브러리나 프레임워크가 등록한 코드",
        4000..=4999 => "애플리케이션이 정한 코드",
        _ => "어떤 명세에도 없는 코드",
    }
}

fn close_mistake(error: &CloseError) -> String {
    match error {
        CloseError::NoCode => {
            "종료 코드를 입력하십시오: 1000 또는 3000~4999. 종료 사유는 코드와 함께만 보냅니다."
                .to_owned()
        }
        CloseError::NotACode => "종료 코드는 수입니다: 1000 또는 3000~4999.".to_owned(),
        CloseError::Reserved(code) => format!(
            "브라우저는 {code}({})을(를) 보내지 않습니다. 1000과 3000~4999를 보냅니다.",
            meaning(*code)
        ),
        CloseError::ReasonTooLong { over } => {
            format!("종료 사유가 {REASON_BYTES}바이트를 {over}바이트 넘습니다. 줄이십시오.")
        }
    }
}

fn not_json(mistake: &Mistake) -> String {
    let Mistake { line, column, expected, found } = mistake;
    let expected = match expected {
        Expected::Value => "값",
        Expected::KeyOrEnd => "따옴표로 묶은 키 또는 }",
        Expected::Key => "따옴표로 묶은 키",
        Expected::Colon => "쌍점(:)",
        Expected::CommaOrBrace => "쉼표 또는 }",
        Expected::CommaOrBracket => "쉼표 또는 ]",
        Expected::Quote => "문자열을 끝내는 따옴표",
        Expected::Escape => "\\n이나 \\u00e9 같은 이스케이프",
        Expected::Digit => "숫자",
        Expected::Word(word) => word,
        Expected::Nothing => "텍스트의 끝",
    };
    let found = match found {
        None => "텍스트가 끝났습니다".to_owned(),
        Some(found) if found.is_control() => format!("{} 문자가 있습니다", found.escape_unicode()),
        Some(found) => format!("{found} 문자가 있습니다"),
    };
    format!("JSON이 아닙니다. {line}행 {column}열: {expected}이(가) 와야 하는데 {found}.")
}

fn notice(notice: &Notice) -> String {
    let says = match notice {
        Notice::Broken(cause) => {
            let cause = if cause.is_empty() { "worker.js를 불러올 수 없음" } else { cause };
            return format!(
                "이 탭의 엔진이 멈춰({cause}) 탭의 내용이 사라졌습니다. \
                 +로 새 연결을 열거나 페이지를 새로 고치십시오."
            );
        }
        Notice::Copied => "복사했습니다.",
        Notice::NotCopied => {
            "브라우저가 복사를 허용하지 않았습니다. https나 localhost의 페이지에서만 허용합니다."
        }
        Notice::NotPinned => {
            "고정하지 못했습니다. 1 MiB 이하의 메시지를 100건까지 고정할 수 있습니다. \
             먼저 다른 메시지의 고정을 해제하십시오."
        }
        Notice::NotKept => {
            "전송하지 못한 메시지가 1,000건을 넘어, 그 뒤의 메시지는 보관하지 않았습니다."
        }
        Notice::Imported(imported) => return self::imported(imported),
        Notice::ListNotKept => {
            "브라우저에 목록을 보관할 공간이 없거나 보관이 허용되지 않습니다. 페이지를 닫으면 목록이 \
             사라집니다. 보관하려면 내보내십시오."
        }
        Notice::NotTaken => "이 메시지는 16 MiB를 넘어 여기서 고칠 수 없습니다.",
    };
    says.to_owned()
}

fn imported(imported: &Imported) -> String {
    let mut says =
        vec![format!("{}에서 항목 {}개를 읽었습니다.", imported.name, count(imported.entries))];
    let PassedOver { control_frames, other_messages, other_requests } = imported.passed_over;
    let frames = control_frames + other_messages;
    if frames > 0 {
        says.push(format!("메시지가 아니어서 건너뛴 항목: {}개.", count(frames)));
    }
    if other_requests > 0 {
        says.push(format!("WebSocket이 아닌 요청: {}개.", count(other_requests)));
    }
    if let Some(error) = &imported.error {
        says.push(not_imported(error));
    }
    says.join(" ")
}

fn not_imported(error: &ImportError) -> String {
    match error {
        ImportError::Format => {
            "JSON Lines도 HAR도 아닙니다. 둘 중 하나로 내보낸 파일을 선택하십시오.".to_owned()
        }
        ImportError::Bytes(bytes) => format!(
            "파일이 {}입니다. {}까지만 읽을 수 있으므로 메시지를 줄여서 내보내십시오.",
            size(*bytes as u64),
            size(IMPORT_BYTES as u64)
        ),
        ImportError::Items => {
            format!(
                "메시지가 {}건을 넘습니다. 그 뒤의 메시지는 읽지 않았습니다.",
                count(IMPORT_ITEMS)
            )
        }
        ImportError::Connections => format!(
            "WebSocket 연결이 {}개를 넘습니다. 한 번에 더 적게 내보내십시오.",
            count(IMPORT_CONNECTIONS as u64)
        ),
        ImportError::NoWebSocket => {
            "이 HAR에는 WebSocket 메시지가 없습니다. Chrome이나 Edge의 개발자 \
             도구에서 내보내십시오. 메시지를 넣지 않는 프로그램도 있습니다."
                .to_owned()
        }
        ImportError::Line { line, error } => {
            format!("{line}번째 줄을 읽을 수 없습니다: {}.", wrong_record(error))
        }
        ImportError::Har { place, error } => {
            format!("HAR을 {} 위치에서 읽을 수 없습니다: {error}. 파일이 온전합니까?", at(*place))
        }
        ImportError::Connection { number, wrong } => {
            let wrong = match wrong {
                WrongConnection::Started => {
                    "\"startedDateTime\"이 2026-01-02T03:04:05.678Z 같은 시각이 아닙니다"
                }
                WrongConnection::Messages => "\"_webSocketMessages\"가 목록이 아닙니다",
                WrongConnection::Ended => "끝난 시각이 1970년부터 센 초가 아닙니다",
            };
            format!("HAR의 {number}번째 WebSocket 연결을 읽을 수 없습니다: {wrong}.")
        }
        ImportError::Message { place, wrong } => {
            let wrong = match wrong {
                Wrong::Json(error) => error,
                Wrong::Time => "\"time\"이 1970년부터 센 초가 아닙니다",
                Wrong::Base64 => "바이너리 메시지의 \"data\"가 base64가 아닙니다",
            };
            format!("HAR의 {} 위치에 있는 메시지를 읽을 수 없습니다: {wrong}.", at(*place))
        }
    }
}

fn at(place: Place) -> String {
    format!("{}번째 줄 {}번째 열", place.line, place.column)
}

fn wrong_record(error: &RecordError) -> String {
    match error {
        RecordError::Json(error) => format!("이 형식의 JSON 객체가 아닙니다: {error}"),
        RecordError::Time => {
            "\"time\"이 2026-01-02T03:04:05.678901Z 같은 시각이 아닙니다".to_owned()
        }
        RecordError::What => "\"event\"나, \"direction\"과 \"kind\"가 있어야 합니다".to_owned(),
        RecordError::Payload => "내용은 \"text\"에, 바이트는 \"base64\"에 있어야 합니다".to_owned(),
        RecordError::Size => "\"size\"가 내용의 크기와 다릅니다. 줄이 잘렸습니까?".to_owned(),
    }
}
