//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use std::time::Duration;

use workbench::{
    AddressError, AddressSpace, Cause, Close, CloseCode, CloseError, Direction, Ending, Imported,
    Origin, REASON_BYTES, RecordError, SubprotocolError, TABS, Tally,
    compose::{
        self, Base64Error, DraftError, ENVIRONMENTS, ENVIRONMENTS_BYTES, EnvironmentError,
        FILE_BYTES, FILLED_BYTES, FLOOR, FOLDERS, FORMATTED_BYTES, FillError, Flaw, HexError,
        Merged, NAME_CHARACTERS, NameError, Progress, Removed, RepetitionError, SAVED, SAVED_BYTES,
        SENT, SavedError, TemplateError, VALUE_BYTES, VARIABLE_BYTES, VARIABLES, VERSION,
        VariableError, WorkspaceError,
    },
    detail::{End, Expected, Form, MAX_DEPTH, MAX_NODES, Mistake, size_in_words},
    figures::{self, count, size},
    formats::{
        IMPORT_BYTES, IMPORT_CONNECTIONS, IMPORT_ITEMS, ImportError, PassedOver, Place, Wrong,
        WrongConnection,
    },
    measure::{self, Numbered},
    share::{
        COMMAND_BYTES, CommandError, LINK_BYTES, LeftOut, MESSAGES, Part, SUBPROTOCOLS, ShareError,
        ShellError,
    },
};

use super::words::{
    Address, Announcer, ChartWords, Closing, Composer, Connection, Detail, Figures, Files, List,
    Measure, Notices, Options, Page, Pins, Repeating, Saving, Sharing, Shortcuts, Standing, Tabs,
    Toolbar, Variables, Words,
};
use crate::{
    composer::{Panel, Undo, Unrepeatable},
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
        unsent: |messages, is_open| {
            let why = if is_open {
                "상대가 보내는 속도만큼 빨리 읽지 못했습니다"
            } else {
                "연결이 열려 있지 않습니다"
            };
            format!("메시지 {}건을 전송하지 못했습니다: {why}. ", count(messages as u64))
        },
        send_again: "다시 전송",
        discard: "버리기",
        controls: "메시지 작성 도구",
        form_of: "메시지 형식",
        form: |form| match form {
            compose::Form::Text => "텍스트",
            compose::Form::Json => "JSON",
            compose::Form::Hex => "16진수",
            compose::Form::Base64 => "Base64",
        },
        format: "정렬",
        minify: "압축",
        keys: "Enter 전송, Shift+Enter 줄 바꿈, ↑ 보낸 메시지 불러오기",
        becomes: |text| format!("전송될 내용: {text}"),
        wrong: not_a_message,
        wrong_when_filled: |error| {
            format!("변수를 채운 결과가 올바르지 않습니다. {}", not_a_message(error))
        },
        go_to: "틀린 곳으로 이동",
        as_text: "텍스트로 전송",
        as_text_means: "JSON이 아니어도 그대로 전송",
        panel: |panel| match panel {
            Panel::Variables => "변수",
            Panel::Saved => "저장함",
            Panel::Repeat => "반복",
        },
        close: "이 창 닫기",
        unstored: "브라우저에 보관할 공간이 없거나 보관이 허용되지 않습니다. 페이지를 닫으면 사라집니다.",
        undone: |undo| match undo {
            Undo::Removed(Removed::Folder { folder, .. }) => {
                let messages = count(folder.messages().len() as u64);
                format!("폴더를 메시지 {messages}건과 함께 삭제했습니다: {} ", undo.name())
            }
            Undo::Removed(_) | Undo::Environment(..) => format!("삭제했습니다: {} ", undo.name()),
            Undo::Replaced(..) => format!("바꾸었습니다: {} ", undo.name()),
        },
        undo: "되돌리기",
        forget: "삭제하거나 바꾼 내용 버리기",
    },
    files: Files {
        file: "파일…",
        send: "파일 전송",
        remove: "이 파일을 보내지 않음",
        too_large: |most| format!("{}를 넘어 전송할 수 없습니다.", size(most)),
        drop_here: "보낼 파일을 여기에 놓으십시오",
    },
    repeating: Repeating {
        every: "간격(ms)",
        times: "횟수",
        means: "입력란의 메시지를 반복해 보냅니다. 간격을 비우면 연결이 받는 대로 최대한 빠르게 보내고, \
                횟수를 비우면 중지할 때까지 보냅니다.",
        start: "시작",
        stop: "중지",
        mistake: |mistake| match mistake {
            Unrepeatable::NotANumber => "둘 다 정수를 입력하거나 비워 두십시오.".to_owned(),
            Unrepeatable::Wrong(RepetitionError::TooFast) => format!(
                "가장 짧은 간격은 {} ms입니다. 비워 두면 최대한 빠르게 보냅니다.",
                FLOOR.as_millis()
            ),
            Unrepeatable::Wrong(RepetitionError::Never) => {
                "횟수는 1 이상입니다. 비워 두면 중지할 때까지 보냅니다.".to_owned()
            }
            Unrepeatable::Empty => "반복할 메시지를 입력란에 입력하십시오.".to_owned(),
        },
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
        none_yet: "저장한 메시지가 없습니다. 입력란의 메시지에 이름을 붙여 저장하십시오.",
        name: "이름",
        folder: "폴더",
        no_folder: "없음",
        save: "저장",
        load: "입력란에 넣기",
        send: "전송",
        send_it: |name| format!("{name} 전송"),
        change: "수정",
        change_it: |name| format!("{name} 수정"),
        apply: "적용",
        replace: "입력란의 내용으로 바꾸기",
        remove: "삭제",
        remove_folder: "메시지와 함께 삭제",
        mistake: not_saved,
    },
    variables: Variables {
        environment: "환경",
        none: "없음",
        none_yet: "변수는 로컬, 운영과 같은 환경에 보관합니다. 환경마다 같은 이름에 다른 값을 둘 수 있습니다. \
                   환경을 추가하고 메시지에 {{name}}처럼 쓰십시오.",
        add_environment: "환경 추가",
        new_name: |number| format!("환경 {number}"),
        name_of_environment: "환경 이름",
        remove_environment: "환경 삭제",
        add: "변수 추가",
        name: "이름",
        value: "값",
        name_of: |number| format!("변수 {number}의 이름"),
        value_of: |number| format!("변수 {number}의 값"),
        remove: |number| format!("변수 {number} 삭제"),
        wrong: wrong_variable,
        mistake: wrong_environment,
        built_in: "자동으로 채워지는 변수입니다. 누르면 입력란에 들어갑니다:",
        meanings: [
            "현재 시각(예: 2026-01-02T03:04:05.678901Z)",
            "매번 다른 UUID",
            "1, 2, 3: 메시지마다 하나씩 커지는 수",
            "두 수 사이의 정수",
        ],
    },
    measure: Measure {
        title: "측정",
        sent: "전송",
        received: "수신",
        held: "보관",
        rows: |_| "행",
        a_second: |amount| format!("{amount}/s"),
        fault: |stream| match stream {
            Numbered { missing: 1.., .. } => Some(format!("누락 {}건", count(stream.missing))),
            Numbered { repeats: 1.., .. } => Some(format!("중복 {}건", count(stream.repeats))),
            Numbered { late: 1.., .. } => Some(format!("지연 {}건", count(stream.late))),
            _ => None,
        },
        nothing_yet: "아직 주고받은 메시지가 없습니다. 메시지를 주고받으면 최근 1분의 초당 메시지 \
            수와 에코의 왕복 시간, 번호가 매겨진 메시지 중 누락된 것을 여기에 표시합니다. 연결한 뒤 \
            메시지를 보내십시오.",
        charts: "최근 1분의 초별 수치",
        how_to_read: "차트에서 한 초를 가리키거나 화살표 키로 이동하면 그 초의 수치를 표시합니다.",
        messages: ChartWords {
            title: "초당 메시지 수",
            lines: ["전송", "수신"],
            nothing: "최근 1분 동안 주고받은 메시지가 없습니다.",
        },
        round_trips: ChartWords {
            title: "왕복 시간",
            lines: ["평균", "최대"],
            nothing: "최근 1분 동안 돌아온 에코가 없습니다.",
        },
        a_minute_ago: "60초 전",
        half_a_minute_ago: "30초",
        now: "지금",
        second: |second| {
            let Tally { messages, bytes } = second.sent;
            let sent = format!("전송 {}건({})", count(messages), size(bytes));
            let Tally { messages, bytes } = second.received;
            let received = format!("수신 {}건({})", count(messages), size(bytes));
            let round_trips = second.mean().map_or_else(String::new, |mean| {
                let (trips, longest) = (count(second.round_trips), span(second.longest));
                format!(", 왕복 {trips}회(평균 {}, 최대 {longest})", span(mean))
            });
            format!("{sent}, {received}{round_trips}")
        },
        passed: "메시지",
        count: "에코 수",
        mean: "평균",
        longest: "최대",
        no_round_trips: "아직 없습니다. 왕복 시간은 /ws나 /echo처럼 보낸 메시지가 그대로, 또는 앞에 \
            “Echo: ”가 붙어 돌아올 때 측정합니다.",
        numbered: "번호가 매겨진 스트림",
        not_numbered: "발견되지 않았습니다. /stream처럼 번호로 시작하거나 “seq”가 있는 JSON인 \
            메시지에서 빠진 번호를 찾습니다.",
        numbers: "번호 위치",
        form: |form| match form {
            measure::Form::Text => "텍스트의 앞",
            measure::Form::Json => "JSON 안",
            measure::Form::Binary => "바이너리의 앞",
        },
        next: "다음 번호",
        missing: "누락",
        repeats: "중복",
        late: "지연",
        table: "표로 보기",
        table_caption: "최근 1분의 초별 수치(최신순). 주고받은 메시지가 없는 초는 뺐습니다.",
        time: "시각",
        sent_bytes: "전송 크기",
        received_bytes: "수신 크기",
    },
    announcer: Announcer {
        received: |start| format!("수신: {start}"),
        received_many: |messages| format!("메시지 {}건 수신", count(messages)),
    },
    sharing: Sharing {
        title: "파일과 링크",
        connection: "이 연결 공유",
        copy_link: "링크로 복사",
        copy_command: "wsbench 명령으로 복사",
        list: "이 목록",
        exported: |rows| format!("목록에 표시된 {}행을 내보냅니다.", count(rows)),
        json_lines: "JSON Lines로 내보내기",
        har: "HAR로 내보내기",
        text_log: "텍스트 로그로 내보내기",
        import: "JSON Lines나 HAR 가져오기…",
        workspace: "저장한 메시지와 환경",
        save: "워크스페이스 파일로 저장",
        open: "워크스페이스 파일에서 추가…",
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

fn not_a_message(error: &DraftError) -> String {
    match error {
        DraftError::Template(TemplateError { place, flaw }) => {
            format!("{}: {}", at_place(*place), wrong_braces(flaw))
        }
        DraftError::Fill(FillError::Unknown { place, name, known }) => {
            /// Names that a sentence lists, at most.
            const LISTED: usize = 12;
            let listed = known.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>();
            let more = match known.len().saturating_sub(LISTED) {
                0 => String::new(),
                more => format!(" 외 {more}개"),
            };
            let listed = listed.join(", ");
            format!("{}: 변수 {name}이(가) 없습니다. 있는 변수: {listed}{more}.", at_place(*place))
        }
        DraftError::Fill(FillError::TooLong) => {
            let most = FILLED_BYTES >> 20;
            format!("변수를 채우면 메시지가 {most} MiB를 넘습니다. 변수의 값을 줄이십시오.")
        }
        DraftError::Json(mistake) => not_json(mistake),
        DraftError::Hex(HexError::Character { place, found }) => format!(
            "{}: {found:?}은(는) 16진수 숫자가 아닙니다. 0~9와 a~f를 쓰십시오.",
            at_place(*place)
        ),
        DraftError::Hex(HexError::HalfPair { place }) => format!(
            "{}: 바이트는 두 자리인데 한 자리뿐입니다. f는 0f로 쓰십시오.",
            at_place(*place)
        ),
        DraftError::Base64(Base64Error::Character { place, found }) => {
            format!("{}: {found:?}은(는) base64 문자가 아닙니다.", at_place(*place))
        }
        DraftError::Base64(Base64Error::Padding { place }) => format!(
            "{}: 등호(=)는 마지막 네 글자를 채울 때만 쓰며 생략할 수 있습니다.",
            at_place(*place)
        ),
        DraftError::Base64(Base64Error::Cut { place }) => {
            format!("{}: 마지막 바이트가 온전하지 않습니다. 끝이 빠졌습니까?", at_place(*place))
        }
        DraftError::TooLong => {
            let most = FORMATTED_BYTES >> 20;
            format!("정렬하면 {most} MiB를 넘습니다. 그대로 전송할 수는 있습니다.")
        }
    }
}

fn at_place(place: compose::Place) -> String {
    format!("{}행 {}열", place.line, place.column)
}

fn wrong_braces(flaw: &Flaw) -> String {
    const AS_SUCH: &str = "중괄호 두 개를 그대로 보내려면 {{{{로 쓰십시오.";
    match flaw {
        Flaw::Unclosed => format!("{{{{가 닫히지 않았습니다. }}}}를 붙이십시오. {AS_SUCH}"),
        Flaw::Empty => format!("중괄호 사이에 이름이 없습니다. {AS_SUCH}"),
        Flaw::NotAName(name) => {
            format!("변수가 아닙니다: {name}. 이름에는 영문자, 숫자와 _ - .을 씁니다. {AS_SUCH}")
        }
        Flaw::Arguments(name) => format!("{name} 뒤에는 아무것도 쓰지 않습니다."),
        Flaw::Bounds => "random 뒤에는 정수 두 개를 씁니다: {{random 1 100}}.".to_owned(),
        Flaw::Order { low, high } => {
            format!("random에는 작은 수를 먼저 씁니다. {low}이(가) {high}보다 큽니다.")
        }
    }
}

fn wrong_name(error: NameError) -> String {
    match error {
        NameError::Empty => "이름을 입력하십시오.".to_owned(),
        NameError::TooLong => {
            format!("이름은 {NAME_CHARACTERS}자까지입니다. 줄이십시오.")
        }
        NameError::Blanks => "이름은 앞뒤에 공백이 없는 한 줄입니다.".to_owned(),
    }
}

fn not_saved(error: &SavedError) -> String {
    match error {
        SavedError::Name(error) => wrong_name(*error),
        SavedError::Twice(name) => {
            format!("여기에 같은 이름의 메시지가 있습니다: {name}. 다른 이름을 쓰거나 바꾸십시오.")
        }
        SavedError::FolderTwice(name) => {
            format!("같은 이름의 폴더가 있습니다: {name}. 다른 이름을 쓰십시오.")
        }
        SavedError::Missing(name) => format!("메시지가 없습니다: {name}."),
        SavedError::FolderMissing(name) => format!("폴더가 없습니다: {name}."),
        SavedError::TooMany => {
            format!("메시지는 {SAVED}건까지 저장합니다. 일부를 삭제하십시오.")
        }
        SavedError::TooManyFolders => {
            format!("폴더는 {FOLDERS}개까지입니다. 일부를 삭제하십시오.")
        }
        SavedError::Full => format!(
            "저장한 메시지는 모두 합해 {} MiB까지입니다. 큰 메시지를 삭제하십시오.",
            SAVED_BYTES >> 20
        ),
    }
}

fn wrong_variable(error: &VariableError) -> String {
    match error {
        VariableError::Unnamed => "이름을 입력하십시오.".to_owned(),
        VariableError::NotAName => {
            format!("변수의 이름은 영문자, 숫자와 _ - .으로 된 {VARIABLE_BYTES}자 이하입니다.")
        }
        VariableError::BuiltIn(name) => {
            format!("자동으로 채워지는 변수입니다: {name}. 다른 이름을 쓰십시오.")
        }
        VariableError::Twice(name) => {
            format!("같은 이름의 변수가 있습니다: {name}. 다른 이름을 쓰십시오.")
        }
        VariableError::TooLong => {
            format!("값은 {} KiB까지입니다. 줄이십시오.", VALUE_BYTES >> 10)
        }
    }
}

fn wrong_environment(error: &EnvironmentError) -> String {
    match error {
        EnvironmentError::Name(error) => wrong_name(*error),
        EnvironmentError::Twice(name) => {
            format!("같은 이름의 환경이 있습니다: {name}. 다른 이름을 쓰십시오.")
        }
        EnvironmentError::Variable { row, error } => {
            format!("변수 {}: {}", row + 1, wrong_variable(error))
        }
        EnvironmentError::TooManyVariables => {
            format!("한 환경의 변수는 {VARIABLES}개까지입니다. 일부를 빼십시오.")
        }
        EnvironmentError::TooMany => {
            format!("환경은 {ENVIRONMENTS}개까지입니다. 일부를 삭제하십시오.")
        }
        EnvironmentError::Full => format!(
            "환경은 모두 합해 {} KiB까지입니다. 큰 값을 빼십시오.",
            ENVIRONMENTS_BYTES >> 10
        ),
        EnvironmentError::Missing(name) => format!("환경이 없습니다: {name}."),
    }
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
        Notice::FileNotSent => {
            "파일을 전송하지 못했습니다. 연결이 지금은 더 받지 않거나 파일을 더 이상 읽을 수 없습니다. \
             파일은 그대로 있으니 다시 전송하십시오."
        }
        Notice::NotStored => {
            "브라우저에 탭, 설정, 저장한 메시지를 보관할 공간이 없거나 보관이 허용되지 않습니다. 페이지를 \
             닫으면 바뀐 내용이 사라집니다. 메시지를 보관하려면 워크스페이스 파일로 저장하십시오."
        }
        Notice::NoTab => {
            return format!("탭은 {TABS}개까지 열 수 있습니다. 먼저 다른 탭을 닫으십시오.");
        }
        Notice::Filled { address, subprotocols, draft } => {
            let address = address.then(|| "주소".to_owned());
            let subprotocols =
                (*subprotocols > 0).then(|| format!("서브프로토콜 {subprotocols}개"));
            let draft = draft.then(|| "초안".to_owned());
            let filled: Vec<_> = address.into_iter().chain(subprotocols).chain(draft).collect();
            if filled.is_empty() {
                return "빈 링크여서 채운 내용이 없습니다.".to_owned();
            }
            return format!(
                "이 링크로 채운 내용: {}. 전송하거나 연결하지는 않았습니다.",
                filled.join(", ")
            );
        }
        Notice::Link(error) => return not_shared(*error),
        Notice::Address(mistake) => {
            return format!("아직 명령을 만들 수 없습니다. {}", address_mistake(mistake));
        }
        Notice::WithoutDraft => {
            "초안을 빼고 복사했습니다. 명령에는 텍스트만 넣을 수 있는데, 초안이 바이트이거나 잘못된 곳이 \
             있습니다."
        }
        Notice::Pasted { messages, left_out } => return pasted(*messages, left_out),
        Notice::NotACommand(error) => return not_a_command(error),
        Notice::Opened(name, Merged { messages: 0, environments: 0 }) => {
            return format!("{name}의 내용은 모두 이미 있습니다.");
        }
        Notice::Opened(name, Merged { messages, environments }) => {
            return format!(
                "{name}에서 메시지 {messages}건과 환경 {environments}개를 추가했습니다. \
                 원래 있던 내용은 바뀌지 않았습니다."
            );
        }
        Notice::NotOpened(name, error) => {
            return format!("{name}에서 추가한 내용이 없습니다. {}", not_a_workspace(error));
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

fn not_shared(error: ShareError) -> String {
    let name = |part| match part {
        Part::Address => "주소",
        Part::Subprotocol => "서브프로토콜",
        Part::Text => "초안",
        Part::Form => "초안의 형식",
    };
    match error {
        ShareError::Link(bytes) => {
            format!("링크가 {bytes}바이트로 너무 깁니다. {LINK_BYTES}바이트까지만 읽습니다.")
        }
        ShareError::Long(part) => format!(
            "링크에 넣기에 너무 긴 부분: {}. {}바이트까지 넣을 수 있습니다.",
            name(part),
            part.bound()
        ),
        ShareError::Subprotocols => {
            format!("링크에는 서브프로토콜을 {SUBPROTOCOLS}개까지 넣을 수 있습니다.")
        }
        ShareError::Twice(part) => {
            format!("링크에 두 번 나오는 부분: {}. 링크를 다시 받으십시오.", name(part))
        }
        ShareError::Damaged(part) => {
            format!("링크에서 손상된 부분: {}. 링크를 다시 받으십시오.", name(part))
        }
        ShareError::Unseen(part) => {
            format!("보이지 않는 문자가 있는 부분: {}. 다시 입력하십시오.", name(part))
        }
        ShareError::Form => {
            "링크에 있는 초안의 형식을 알 수 없습니다. 링크를 다시 받으십시오.".to_owned()
        }
    }
}

fn pasted(messages: usize, left_out: &[LeftOut]) -> String {
    let mut says = vec![
        match messages {
            0 => "명령에서 연결할 곳을 채웠습니다.",
            1 => "명령에서 연결할 곳을 채우고 메시지를 초안에 넣었습니다.",
            _ => {
                "명령에서 연결할 곳을 채우고 첫 메시지를 초안에 넣었습니다. 입력란에서 위쪽 화살표 키를 \
                 누르면 다음 메시지가 나옵니다."
            }
        }
        .to_owned(),
    ];
    if messages > SENT + 1 {
        says.push(format!("처음 {}건 뒤의 메시지는 뺐습니다.", SENT + 1));
    }
    says.extend(left_out.iter().map(self::left_out));
    says.push("전송한 메시지는 없습니다.".to_owned());
    says.join(" ")
}

fn left_out(left_out: &LeftOut) -> String {
    match left_out {
        LeftOut::Header(name) => {
            format!("헤더 {name}은(는) 뺐습니다. 페이지는 WebSocket의 헤더를 정할 수 없습니다.")
        }
        LeftOut::Credentials => {
            "인증 정보는 뺐습니다. 페이지는 WebSocket의 헤더를 정할 수 없습니다.".to_owned()
        }
        LeftOut::Cookie => "쿠키는 뺐습니다. 브라우저가 가진 그 서버의 쿠키를 보냅니다.".to_owned(),
        LeftOut::Origin => "Origin은 뺐습니다. 브라우저가 이 페이지의 주소를 보냅니다.".to_owned(),
        LeftOut::Certificates => {
            "인증서 설정은 뺐습니다. 브라우저는 자체 설정에 따라 인증서를 신뢰하고 제시합니다."
                .to_owned()
        }
        LeftOut::Proxy => "프록시는 뺐습니다. 브라우저는 자체 설정의 프록시를 씁니다.".to_owned(),
        LeftOut::Route => {
            "서버로 가는 경로는 뺐습니다. 브라우저는 주소에 있는 이름으로 서버를 찾습니다."
                .to_owned()
        }
        LeftOut::Option(option) => format!("{option}은(는) 여기에 해당하는 기능이 없어 뺐습니다."),
        LeftOut::Expansion(word) => {
            format!(
                "{word}은(는) 쓰인 그대로 두었습니다. 명령 안의 것은 실행하거나 찾아보지 않습니다."
            )
        }
        LeftOut::Variable(name) => {
            format!("변수 {name}은(는) 여기에 해당하는 기능이 없어 뺐습니다.")
        }
        LeftOut::File => "파일은 뺐습니다. 파일을 읽거나 쓰지 않습니다.".to_owned(),
    }
}

fn not_a_command(error: &CommandError) -> String {
    match error {
        CommandError::NotACommand => "wsbench, wscat, websocat, curl의 명령이 아닙니다.".to_owned(),
        CommandError::Long(bytes) => {
            format!("명령이 {bytes}바이트입니다. {COMMAND_BYTES}바이트까지만 읽습니다.")
        }
        CommandError::Shell(ShellError::Unclosed(quote)) => {
            format!("따옴표 {quote}가 닫히지 않았습니다. 명령 전체를 복사하십시오.")
        }
        CommandError::Shell(ShellError::HereDocument) => {
            "<< 뒤의 텍스트는 읽을 수 없습니다. 그 부분을 빼고 붙여 넣으십시오.".to_owned()
        }
        CommandError::NoAddress(program) => format!(
            "{program} 명령에 주소가 없습니다. ws://localhost:8080/ws 같은 주소를 넣으십시오."
        ),
        CommandError::NoValue(option) => {
            format!("{option}의 값이 없습니다. 명령 전체를 복사하십시오.")
        }
        CommandError::Listens(program) => {
            format!("서버를 시작하는 {program} 명령입니다. 연결하는 명령을 붙여 넣으십시오.")
        }
        CommandError::Several => {
            "명령이 여러 개입니다. 연결하는 명령 하나만 붙여 넣으십시오.".to_owned()
        }
        CommandError::Subprotocols => {
            format!("명령의 서브프로토콜이 {SUBPROTOCOLS}개를 넘습니다.")
        }
        CommandError::Messages => format!("명령의 메시지가 {MESSAGES}건을 넘습니다."),
    }
}

fn not_a_workspace(error: &WorkspaceError) -> String {
    match error {
        WorkspaceError::TooLarge => format!(
            "파일이 {} MiB를 넘습니다. 그렇게 큰 워크스페이스는 없습니다.",
            FILE_BYTES >> 20
        ),
        WorkspaceError::Json(mistake) => not_json(mistake),
        WorkspaceError::Format => {
            "워크스페이스 파일이 아닙니다. \"format\": \"wsbench-workspace\"가 있어야 합니다."
                .to_owned()
        }
        WorkspaceError::Newer(version) => format!(
            "파일의 버전이 {version}입니다. 이 프로그램은 {VERSION}까지 읽으므로 업데이트하십시오."
        ),
        WorkspaceError::Field { line, column, problem } => {
            format!("파일의 {line}번째 줄 {column}번째 열이 잘못되었습니다: {problem}.")
        }
        WorkspaceError::Saved { path, error } => {
            format!("파일의 잘못된 곳: {path}. {}", saved_mistake(error))
        }
        WorkspaceError::Environment { path, error } => {
            format!("파일의 잘못된 곳: {path}. {}", environment_mistake(error))
        }
    }
}

fn saved_mistake(error: &SavedError) -> String {
    match error {
        SavedError::Name(error) => name_mistake(*error),
        SavedError::Twice(name) => {
            format!("이미 있는 메시지입니다: {name}. 다른 이름을 쓰거나 기존 메시지를 바꾸십시오.")
        }
        SavedError::FolderTwice(name) => {
            format!("이미 있는 폴더입니다: {name}. 다른 이름을 쓰십시오.")
        }
        SavedError::Missing(name) => format!("메시지가 없습니다: {name}."),
        SavedError::FolderMissing(name) => format!("폴더가 없습니다: {name}."),
        SavedError::TooMany => {
            format!("메시지는 {SAVED}건까지 저장할 수 있습니다. 몇 건을 지우십시오.")
        }
        SavedError::TooManyFolders => {
            format!("폴더는 {FOLDERS}개까지 둘 수 있습니다. 하나를 지우십시오.")
        }
        SavedError::Full => format!(
            "저장한 메시지는 모두 합해 {} MiB까지입니다. 큰 메시지를 지우십시오.",
            SAVED_BYTES >> 20
        ),
    }
}

fn environment_mistake(error: &EnvironmentError) -> String {
    match error {
        EnvironmentError::Name(error) => name_mistake(*error),
        EnvironmentError::Twice(name) => {
            format!("이미 있는 환경입니다: {name}. 다른 이름을 쓰십시오.")
        }
        EnvironmentError::Variable { row, error } => {
            format!("변수 {}: {}", row + 1, variable_mistake(error))
        }
        EnvironmentError::TooManyVariables => {
            format!("환경에는 변수를 {VARIABLES}개까지 둘 수 있습니다. 몇 개를 빼십시오.")
        }
        EnvironmentError::TooMany => {
            format!("환경은 {ENVIRONMENTS}개까지 둘 수 있습니다. 하나를 지우십시오.")
        }
        EnvironmentError::Full => format!(
            "환경은 모두 합해 {} KiB까지입니다. 큰 값을 빼십시오.",
            ENVIRONMENTS_BYTES >> 10
        ),
        EnvironmentError::Missing(name) => format!("환경이 없습니다: {name}."),
    }
}

fn variable_mistake(error: &VariableError) -> String {
    match error {
        VariableError::Unnamed => "이름을 지으십시오.".to_owned(),
        VariableError::NotAName => format!(
            "변수 이름에는 글자, 숫자와 _ - . 를 {VARIABLE_BYTES}바이트까지 쓸 수 있습니다."
        ),
        VariableError::BuiltIn(name) => {
            format!("자동으로 채우는 이름입니다: {name}. 다른 이름을 쓰십시오.")
        }
        VariableError::Twice(name) => {
            format!("이미 있는 변수입니다: {name}. 다른 이름을 쓰십시오.")
        }
        VariableError::TooLong => {
            format!("값은 {} KiB까지입니다. 줄이십시오.", VALUE_BYTES >> 10)
        }
    }
}

fn name_mistake(error: NameError) -> String {
    match error {
        NameError::Empty => "이름을 지으십시오.".to_owned(),
        NameError::TooLong => {
            format!("이름은 {NAME_CHARACTERS}자까지입니다. 줄이십시오.")
        }
        NameError::Blanks => "이름은 앞뒤에 공백이 없는 한 줄이어야 합니다.".to_owned(),
    }
}
