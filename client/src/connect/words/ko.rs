//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use session::{CloseError, MAX_REASON_BYTES};
use workbench::{
    connect::{SwitchNote, quoted_address},
    relay::Network,
};

use super::{
    Address, Closing, Connection, Endpoints, Options, OptionsTab, PairWords, Remedy, RemedyKind,
    Route, Words,
    ko_endpoints::{allowed, group, option, summary},
};
use crate::language::ko::{
    address_mistake, cause, closed, header_error, item_error, meaning, subprotocol_error,
};

pub(super) static WORDS: Words = Words {
    address: Address {
        label: "주소",
        suggestions: "최근 주소, 저장한 연결, 엔드포인트",
        misbehaves: "일부러 비정상 동작",
        recent: "최근 주소",
        forget: "목록에서 삭제(Delete)",
        unfold: |endpoints| format!("엔드포인트 {endpoints}개 보기"),
        this_server: "이 서버",
        error: address_mistake,
        expanded: |address| format!("변수를 채운 주소: {address}"),
        switch: |note| match note {
            SwitchNote::StillConnected(address) => {
                format!("아직 {address}에 연결되어 있습니다. 바꾸려면 Enter를 누르십시오.")
            }
            SwitchNote::StillConnecting(address) => {
                format!("{address}에 연결하는 중입니다. 바꾸려면 Enter를 누르십시오.")
            }
            SwitchNote::ConnectsNext(address) => format!("닫은 뒤 {address}에 연결합니다."),
            SwitchNote::OtherOptions => "옵션이 바뀌었습니다. 다시 연결하면 적용됩니다.".to_owned(),
        },
    },
    connection: Connection {
        title: "연결",
        status: "상태",
        connect: "연결",
        disconnect: "연결 끊기",
        disconnect_with_code: "종료 코드를 정해 연결 끊기",
        stop_retrying: "재시도 중지",
        try_now: "지금 시도",
        close_now: "지금 닫기",
        idle: "연결 안 됨",
        failed: "연결 실패",
        closed: "연결 종료됨",
        connecting: "연결 중…",
        open: "연결됨",
        closing: "연결 종료 중…",
        reconnecting: "재연결 대기 중",
        lost: "연결 끊김",
        cancelled: "연결이 열리기 전에 취소했습니다.",
        was_closed: |close| format!("{}.", closed(close)),
        was_unanswered: "서버가 종료를 확인하지 않았습니다.",
        was_lost: |close| format!("{}. 서버가 아직 실행 중인지 확인하십시오.", closed(close)),
        cause,
        probable: |cause| format!("가능한 원인: {cause}"),
        other_causes: "그 밖의 가능한 원인",
        or: |cause| format!("또는: {cause}"),
        more: "… 더 보기",
        retries_in: |seconds| format!("({seconds:\u{2007}>2}초)"),
        masked: "서브프로토콜(토큰일 수 있어 가림)",
    },
    closing: Closing {
        code: "종료 코드",
        reason: "종료 사유",
        meaning: |code| format!("{code}: {}.", meaning(code)),
        error: close_error,
        bytes: |bytes, most| format!("{most}바이트 중 {bytes}바이트"),
        cancel: "취소",
    },
    route: Route {
        title: "연결 방법",
        browser: "브라우저",
        server: "이 서버를 거쳐서",
        explained: "브라우저는 헤더를 지정하거나 다른 인증서를 허용하거나 프레임을 보여 줄 수 없지만, 이 서버는 할 수 있습니다.",
        headers: PairWords { title: "헤더", add: "헤더 추가", item: "헤더" },
        add_origin: "이 페이지의 Origin 추가",
        header_error,
        any_certificate: "다음 연결에서 모든 인증서 허용",
        follows: "리디렉션 따라가기",
        uncompressed: "압축 제안 안 함",
        certificate: "클라이언트 인증서",
        credentials: "인증과 쿠키",
        authorization: "Authorization",
        schemes: ["없음", "Basic", "Bearer"],
        user: "사용자",
        password: "비밀번호",
        token: "토큰",
        cookies: PairWords { title: "쿠키", add: "쿠키 추가", item: "쿠키" },
        network: "프록시와 네트워크",
        time_limit: "제한 시간(초)",
        invalid_time_limit: |most| {
            format!("1부터 {most}까지의 정수를 입력하십시오. 비워 두면 10초입니다.")
        },
        compression: "압축",
        offers: "제안",
        offers_hint: "세미콜론 뒤에 client_max_window_bits=9, server_max_window_bits=9, \
                      client_no_context_takeover, server_no_context_takeover를 덧붙이고, 쉼표 뒤에 다른 제안을 씁니다.",
        certificate_hint: "--client-cert로 지정한 이름",
        proxy: "프록시",
        address: "IP 주소",
        authorities: "신뢰할 인증서(시스템 인증서 대신)",
        insecure: "신뢰하지 않는 인증서",
        sha256: "SHA-256 ",
        secret: "비밀",
        secret_title: "값을 가리고, 저장하거나 복사하지 않음",
        secrets: "비밀로 표시한 값은 저장하지 않습니다. 변수의 이름은 저장하므로 Bearer {{token}}처럼 쓰십시오.",
        remedy: |Remedy { kind, host, target, parts }| {
            let label = match kind {
                RemedyKind::Address(address) => format!("{}에 연결", quoted_address(address)),
                RemedyKind::Relay => format!("이 서버를 거쳐 {host}에 연결"),
                RemedyKind::Browser if parts.is_empty() => "서버를 거치지 않고 연결".to_owned(),
                RemedyKind::Browser => return format!("서버를 거치지 않고 연결(제외: {parts})"),
                RemedyKind::Confirm(Network::Loopback) => format!("이 컴퓨터의 {host} 허용"),
                RemedyKind::Confirm(Network::Private) => format!("로컬 네트워크의 {host} 허용"),
                RemedyKind::Confirm(Network::Public) => format!("인터넷의 {host} 허용"),
                RemedyKind::AcceptCertificate(_) => format!("{host}의 이 인증서를 한 번 허용"),
                RemedyKind::Follow => return format!("리디렉션을 따라 {host}에 연결"),
                RemedyKind::Send => format!("이 옵션을 {host}에 사용"),
            };
            match &**parts {
                "" => label,
                parts if host == target => format!("{label}(보내는 헤더: {parts})"),
                parts => format!("{label}({target}에 보내는 헤더: {parts})"),
            }
        },
    },
    options: Options {
        title: "옵션",
        show: "보기",
        contents: "쿼리, 서브프로토콜, 연결 방법, 재연결, 저장한 연결, 엔드포인트의 옵션",
        tab: |tab| match tab {
            OptionsTab::Endpoint => "엔드포인트",
            OptionsTab::Query => "쿼리",
            OptionsTab::Subprotocols => "서브프로토콜",
            OptionsTab::Route => "연결 방법",
            OptionsTab::Reconnect => "재연결",
            OptionsTab::Saved => "저장한 연결",
        },
        set: |groups| format!("설정됨: {groups}"),
        of_endpoint: |path| format!("{path}의 옵션"),
        query: PairWords { title: "쿼리", add: "매개변수 추가", item: "매개변수" },
        subprotocols: PairWords {
            title: "서브프로토콜(선호하는 순서대로)",
            add: "서브프로토콜 추가",
            item: "서브프로토콜",
        },
        subprotocol_error,
        reconnect: "재연결",
        reconnects: "자동으로 다시 연결",
        max_retries: "최대 재시도 횟수",
        no_limit: "제한 없음",
        invalid_limit: |most| {
            format!("1부터 {most}까지의 정수를 입력하십시오. 비워 두면 제한이 없습니다.")
        },
        saved: "저장한 연결",
        name_of_connection: "이 연결의 이름",
        save: "저장",
        remove_connection: |name| format!("{name} 삭제"),
        connection_removed: |name| format!("삭제했습니다: {name} "),
        connection_saved: |name| format!("저장했습니다: {name} "),
        connection_replaced: |name| format!("바꾸었습니다: {name} "),
        connection_loaded: |name| format!("채웠습니다: {name} "),
        connection_error: item_error,
    },
    endpoints: Endpoints { group, summary, option, allowed },
};

fn close_error(error: &CloseError) -> String {
    match error {
        CloseError::NoCode => {
            "종료 코드를 입력하십시오: 1000 또는 3000~4999. 종료 사유는 코드와 함께만 보냅니다."
                .to_owned()
        }
        CloseError::NotACode => "종료 코드는 1000이거나 3000부터 4999까지의 수입니다.".to_owned(),
        CloseError::Reserved(code) => format!(
            "브라우저가 보내지 않는 코드입니다: {code}({}). 1000과 3000~4999를 보냅니다.",
            meaning(*code)
        ),
        CloseError::ReasonTooLong { over } => {
            format!("종료 사유가 {MAX_REASON_BYTES}바이트를 {over}바이트 넘습니다. 줄이십시오.")
        }
    }
}
