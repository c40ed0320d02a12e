//! Korean parts that several views share. Sentences end in 합니다, labels are nouns; SI and IEC units stay
//! as they are.

use std::time::Duration;

use session::{Close, CloseCode, visible_line};
use workbench::{
    compose::{
        FillError, Flaw, ItemError, ItemKind, MAX_FILLED_BYTES, MAX_NAME_CHARACTERS,
        MAX_VALUE_BYTES, MAX_VARIABLE_BYTES, MAX_VARIABLES, NameError, VariableError,
    },
    connect::{
        AddressError, AddressSpace, Cause, MAX_SUBPROTOCOLS, Overrun, SubprotocolError,
        authority_of, quoted_address,
    },
    format,
    payload::{Expected, JsonError, LineColumn},
    relay::{
        FailureCause, HeaderError, HostField, MAX_HEADERS, Network, ShownCertificate, Validity,
    },
};

/// Duration: `0.90 ms`, `2.1 s`, `3분 5초`, `2시간 7분`.
pub(crate) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        ..60 => format::span(time),
        60..3_600 => format!("{}분 {}초", seconds / 60, seconds % 60),
        _ => format!("{}시간 {}분", seconds / 3_600, seconds / 60 % 60),
    }
}

pub(crate) fn address_mistake(error: &AddressError) -> String {
    match error {
        AddressError::Empty => "ws://localhost:8080/ws와 같은 주소를 입력하십시오.".to_owned(),
        AddressError::Variables(error) => format!("변수: {}", not_filled(error)),
        AddressError::MissingSecret { name, .. } => format!(
            "{name}의 값을 입력하십시오. 비밀 값은 저장하지 않습니다. 비워서 보내려면 =를 빼십시오."
        ),
        AddressError::Space => "주소에 공백이 있습니다. 공백을 빼거나 %20으로 쓰십시오.".to_owned(),
        AddressError::Fragment => {
            "WebSocket 주소에는 프래그먼트가 없습니다. #부터 모두 빼거나 #을 %23으로 쓰십시오."
                .to_owned()
        }
        AddressError::Scheme(scheme) => {
            format!("WebSocket 주소는 {scheme}://가 아니라 ws:// 또는 wss://로 시작합니다.")
        }
        AddressError::Slashes { instead } => {
            format!("앞부분이 온전하지 않습니다. 다음과 같이 입력하십시오: {}", quoted_address(instead))
        }
        AddressError::Backslash => "주소에 \\가 있습니다. /로 바꾸십시오.".to_owned(),
        AddressError::NoHost => {
            "주소에 호스트가 없습니다. ws://localhost:8080처럼 입력하십시오.".to_owned()
        }
        AddressError::UserInfo => {
            "브라우저는 주소의 사용자 이름과 비밀번호를 보내지 않습니다. @까지 모두 빼거나 이 서버를 거쳐 연결하십시오."
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

/// Close code with its meaning and reason: `1000 (정상 종료)`, `4001 (애플리케이션이 정한 코드): bye`. Without a Close
/// frame, the reason is in the words of the page's server.
pub(crate) fn closed(close: &Close) -> String {
    let Close { code, reason } = close;
    let closed = format!("{code} ({})", meaning(*code));
    match &*visible_line(reason) {
        "" => closed,
        reason if *code == CloseCode::ABNORMAL => format!("{closed}. 서버의 설명: {reason}"),
        reason => format!("{closed}: {reason}"),
    }
}

/// Meaning of a close code; covers the codes of [`CloseCode::meaning`].
pub(crate) fn meaning(code: CloseCode) -> &'static str {
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

/// Text with variables that cannot be expanded, without the position.
pub(crate) fn not_filled(error: &FillError) -> String {
    match error {
        FillError::Placeholder(error) => wrong_braces(&error.flaw),
        FillError::TooLong => {
            let most = MAX_FILLED_BYTES >> 20;
            format!("변수를 채우면 {most} MiB를 넘습니다. 변수의 값을 줄이십시오.")
        }
    }
}

pub(crate) fn wrong_braces(flaw: &Flaw) -> String {
    const AS_SUCH: &str = "글자 {{를 보내려면 {{{{로 쓰십시오.";
    match flaw {
        Flaw::Unclosed => format!("{{{{가 닫히지 않았습니다. }}}}를 붙이십시오. {AS_SUCH}"),
        Flaw::Empty => format!("중괄호 사이에 이름이 없습니다. {AS_SUCH}"),
        Flaw::NotAName(name) => {
            format!("변수가 아닙니다: {name}. 이름에는 영문자, 숫자와 _ - .을 씁니다. {AS_SUCH}")
        }
        Flaw::Arguments(name) => format!("{name} 뒤에는 아무것도 쓰지 않습니다. {AS_SUCH}"),
        Flaw::Bounds => {
            format!("random 뒤에는 정수 두 개를 씁니다: {{{{random 1 100}}}}. {AS_SUCH}")
        }
        Flaw::Order { low, high } => {
            format!("random에는 작은 수를 먼저 씁니다: {low} > {high}. {AS_SUCH}")
        }
        Flaw::Unknown { name, known } => {
            /// Names that a sentence lists, at most.
            const LISTED: usize = 12;
            let listed = known.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>();
            let more = match known.len().saturating_sub(LISTED) {
                0 => String::new(),
                more => format!(" 외 {more}개"),
            };
            let listed = listed.join(", ");
            format!("없는 변수입니다: {name}. 있는 변수: {listed}{more}. {AS_SUCH}")
        }
    }
}

pub(crate) fn at_place(place: LineColumn) -> String {
    format!("{}행 {}열", place.line, place.column)
}

pub(crate) fn not_json(mistake: &JsonError) -> String {
    let JsonError { place, expected, found } = mistake;
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
        Some(found) => format!("\"{found}\" 문자가 있습니다"),
    };
    format!("JSON이 아닙니다. {}에 와야 하는 것: {expected}. {found}.", at_place(*place))
}

pub(crate) fn subprotocol_error(error: &SubprotocolError) -> String {
    match error {
        SubprotocolError::NotAToken(character) => {
            let character = match character {
                ' ' => "공백을".to_owned(),
                ',' => "쉼표를".to_owned(),
                control if control.is_control() => format!("U+{:04X} 문자를", u32::from(*control)),
                other => format!("{other} 문자를"),
            };
            format!(
                "서브프로토콜 이름에는 {character} 쓸 수 없습니다. 영문자, 숫자와 - . _ 는 안전합니다."
            )
        }
        SubprotocolError::Variables(error) => format!("변수: {}", not_filled(error)),
        SubprotocolError::Missing => {
            "이 서브프로토콜을 다시 입력하십시오. 토큰은 저장하지 않습니다.".to_owned()
        }
        SubprotocolError::Twice(name) => {
            format!("이미 목록에 있습니다: {name}. 둘 중 하나를 빼십시오.")
        }
    }
}

pub(crate) fn header_error(error: &HeaderError) -> String {
    match error {
        HeaderError::Name => {
            "헤더 이름은 Authorization처럼 영문자, 숫자와 -로만 씁니다.".to_owned()
        }
        HeaderError::OfTheHandshake(name) => {
            format!("{name} 헤더는 핸드셰이크가 정하므로 바꿀 수 없습니다. 삭제하십시오.")
        }
        HeaderError::Value => "헤더 값에는 줄바꿈과 제어 문자를 쓸 수 없습니다.".to_owned(),
        HeaderError::CookieName => {
            "쿠키 이름에는 =와 ;을 쓸 수 없습니다. 쿠키가 여럿이면 Cookie 헤더로 붙여 넣으십시오."
                .to_owned()
        }
        HeaderError::CookieValue => {
            "쿠키 값에는 ;을 쓸 수 없습니다. 쿠키가 여럿이면 Cookie 헤더로 붙여 넣으십시오."
                .to_owned()
        }
        HeaderError::UserName => "사용자 이름에는 :을 쓸 수 없습니다.".to_owned(),
        HeaderError::OfTheProxy => {
            "Proxy-Authorization은 서버로 갑니다. 사용자 이름과 비밀번호는 프록시에 쓰십시오: http://name:password@host:3128."
                .to_owned()
        }
        HeaderError::Missing { name, is_marked } => {
            let or = if *is_marked { " 비워서 보내려면 비밀 표시를 끄십시오." } else { "" };
            format!("{name}의 값을 입력하십시오.{or} 비밀 값은 저장하지 않습니다.")
        }
        HeaderError::Variables(error) => format!("변수: {}", not_filled(error)),
        HeaderError::Host(field, error) => format!("{}: {}", host_field(*field), not_filled(error)),
        HeaderError::SecretHost(field) => format!(
            "{}: 호스트는 화면에 보이므로 비밀 값의 이름을 가진 변수에 넣을 수 없습니다.",
            host_field(*field)
        ),
        HeaderError::NotAProxy => {
            "프록시는 http://host:3128이나 socks5://host:1080처럼 쓰십시오.".to_owned()
        }
        HeaderError::MissingOfProxy => {
            "프록시의 사용자 이름과 비밀번호를 입력하십시오. 저장하지 않는 값입니다. 없으면 @를 빼십시오."
                .to_owned()
        }
        HeaderError::NotAnAddress => "IP 주소는 127.0.0.1이나 ::1처럼 쓰십시오.".to_owned(),
    }
}

fn host_field(field: HostField) -> &'static str {
    match field {
        HostField::Proxy => "프록시",
        HostField::Address => "IP 주소",
    }
}

pub(crate) fn item_error(error: &ItemError) -> String {
    // The noun as subject and as topic.
    let noun = |kind| match kind {
        ItemKind::Message => ["메시지가", "메시지는"],
        ItemKind::Folder => ["폴더가", "폴더는"],
        ItemKind::Connection => ["연결이", "연결은"],
        ItemKind::Environment => ["환경이", "환경은"],
    };
    match error {
        ItemError::Name(error) => name_error(*error),
        ItemError::Twice(kind, name) => {
            format!("같은 이름의 {} 있습니다: {name}. 다른 이름을 쓰십시오.", noun(*kind)[0])
        }
        ItemError::Missing(kind, name) => format!("{} 없습니다: {name}.", noun(*kind)[0]),
        ItemError::TooMany(kind) => {
            format!("{} {}개까지입니다. 하나를 삭제하십시오.", noun(*kind)[1], kind.max())
        }
        ItemError::Full(kind) => format!(
            "{} 모두 합해 {}까지입니다. 큰 것을 삭제하십시오.",
            noun(*kind)[1],
            format::size(kind.max_bytes() as u64)
        ),
        ItemError::TooManyParts => format!(
            "연결의 헤더는 {MAX_HEADERS}개까지, 서브프로토콜은 {MAX_SUBPROTOCOLS}개까지입니다."
        ),
        ItemError::Variable { row, error } => {
            format!("변수 {}: {}", row + 1, variable_error(error))
        }
        ItemError::TooManyVariables => {
            format!("한 환경의 변수는 {MAX_VARIABLES}개까지입니다. 일부를 빼십시오.")
        }
    }
}

pub(crate) fn variable_error(error: &VariableError) -> String {
    match error {
        VariableError::Unnamed => "이름을 입력하십시오.".to_owned(),
        VariableError::NotAName => {
            format!("변수의 이름은 영문자, 숫자와 _ - .으로 된 {MAX_VARIABLE_BYTES}자 이하입니다.")
        }
        VariableError::BuiltIn(name) => {
            format!("자동으로 채워지는 변수의 이름입니다: {name}. 다른 이름을 쓰십시오.")
        }
        VariableError::Twice(name) => {
            format!("같은 이름의 변수가 있습니다: {name}. 다른 이름을 쓰십시오.")
        }
        VariableError::TooLong => {
            format!("값은 {} KiB까지입니다. 줄이십시오.", MAX_VALUE_BYTES >> 10)
        }
    }
}

pub(crate) fn name_error(error: NameError) -> String {
    match error {
        NameError::Empty => "이름을 입력하십시오.".to_owned(),
        NameError::TooLong => {
            format!("이름은 {MAX_NAME_CHARACTERS}자까지입니다. 줄이십시오.")
        }
        NameError::Blanks => "이름은 앞뒤에 공백이 없는 한 줄입니다.".to_owned(),
    }
}

pub(crate) fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Mixed { instead } => format!(
            "https://로 연 페이지에서는 브라우저가 wss:// 연결만 허용합니다. \
             다음 주소로 시도하십시오: {instead}"
        ),
        Cause::BlockedPort(port) => format!(
            "{port}번 포트는 다른 서비스의 것이어서 브라우저가 연결을 막습니다. \
             서버의 포트를 바꾸십시오."
        ),
        Cause::NoResponse { authority } => {
            format!("{authority}에서 응답이 없습니다. 서버가 실행 중인지 확인하십시오.")
        }
        Cause::Permission { space } => format!(
            "페이지가 {}에 접근하려면 브라우저의 허가가 필요합니다. \
             물음에 ‘허용’으로 답하거나 이 사이트의 설정에서 허용하십시오.",
            place(*space)
        ),
        Cause::BlockedByBrowser { space } => format!(
            "http://로 연 페이지가 {}에 접근하는 것을 브라우저가 막습니다. \
             이 페이지를 https://로 열거나 그 네트워크에서 여십시오.",
            place(*space)
        ),
        Cause::Certificate { page } => format!(
            "브라우저가 {}의 인증서를 신뢰하지 않습니다. {page} 페이지를 한 번 열어 내용을 확인하십시오.",
            authority_of(page)
        ),
        Cause::Subprotocol => {
            "요청한 서브프로토콜을 서버가 하나도 선택하지 않았습니다. 이름이 맞는지 확인하십시오."
                .to_owned()
        }
        Cause::OtherSubprotocol(name) => format!(
            "서버가 요청하지 않은 서브프로토콜을 선택했습니다: {name}. 옵션에 추가하십시오."
        ),
        Cause::NoTls { instead } => {
            format!("이 포트의 서버는 TLS를 쓰지 않습니다. 다음 주소로 시도하십시오: {instead}")
        }
        Cause::OnlyTls { instead } => {
            format!("이 포트의 서버는 TLS를 씁니다. 다음 주소로 시도하십시오: {instead}")
        }
        Cause::BrokenOff => "브라우저가 연결을 끊었습니다(1006). 잘못된 프레임을 받으면 그렇게 합니다. \
                             프레임을 보려면 이 서버를 거쳐 연결하십시오."
            .to_owned(),
        Cause::Overrun => "메시지가 이 브라우저가 처리할 수 있는 것보다 빠르게 와서 페이지가 연결을 끊었습니다."
            .to_owned(),
        // In the language of the file.
        Cause::Malformed(words) | Cause::InvalidSubprotocol(words) | Cause::Imported(words) => {
            words.clone()
        }
        Cause::Refused { status, sentence }
        | Cause::Relayed { cause: FailureCause::Status, status, sentence } => {
            let words = if sentence.is_empty() { "" } else { " 서버의 설명: " };
            format!("HTTP 상태 {status}({})입니다.{words}{sentence}", refused(*status))
        }
        Cause::Relayed { cause, sentence, .. } => match relayed(*cause) {
            // Says it all.
            whole if whole.ends_with('.') => whole.to_owned(),
            start => format!("{start}. 서버의 설명: {sentence}"),
        },
        Cause::Untrusted { sentence, .. } => {
            format!("{}. 서버의 설명: {sentence}", relayed(FailureCause::Certificate))
        }
        Cause::Redirects { status: 0, .. } => "서버가 리디렉션하지만 브라우저는 따라가지 않습니다. 따라가려면 이 \
                                               서버를 거쳐 연결하십시오."
            .to_owned(),
        Cause::Redirects { status, location } if location.is_empty() => {
            format!("서버가 주소 없이 리디렉션합니다(HTTP 상태 {status}).")
        }
        Cause::Redirects { status, location } => format!(
            "서버가 다음 주소로 리디렉션합니다: {location} (HTTP 상태 {status}). 따라가거나 ‘리디렉션 따라가기’를 켜십시오."
        ),
        Cause::Unconfirmed { network, host } => {
            let place = match network {
                Network::Loopback => "이 컴퓨터",
                Network::Private => "로컬 네트워크",
                Network::Public => "인터넷",
            };
            format!("{place}의 주소입니다: {host}. 연결하려면 허용하십시오.")
        }
        Cause::RelayVersion => {
            "페이지와 서버의 버전이 다릅니다. 페이지를 새로 고치십시오.".to_owned()
        }
        Cause::OptionsOfAnother(origin) => {
            format!("{origin}에 쓰던 헤더와 옵션입니다. 여기에도 사용하거나, 옵션의 연결 방법에서 ‘브라우저’를 선택하십시오.")
        }
        Cause::RelayClosed(close) => {
            format!("이 페이지의 서버가 연결 시도를 끝냈습니다: {}.", closed(close))
        }
        Cause::RelayOff => {
            "이 페이지의 서버는 다른 서버에 연결하지 않습니다. 다른 사람이 접근할 수 있거나 --relay off로 시작한 서버입니다. --relay on으로 시작하십시오."
                .to_owned()
        }
        Cause::Dropped { path } => format!(
            "서버의 {path}에서 WebSocket을 받지만, 이번 연결은 바로 끊겼거나(1006) 프로토콜에 \
             어긋났습니다."
        ),
        Cause::NotAnEndpoint { path } => format!(
            "서버가 응답하지만 WebSocket 엔드포인트가 아닙니다. 경로가 맞는지 확인하십시오: {path}"
        ),
    }
}

/// Certificate in a sentence.
pub(crate) fn certificate(shown: &ShownCertificate) -> String {
    let ShownCertificate { subject, issuer, names, days: [from, to], validity, fingerprint } =
        shown;
    let validity = match validity {
        Validity::NotYet => "아직 유효하지 않음".to_owned(),
        Validity::Days(days) => format!("{days}일 남음"),
        Validity::Expired => "만료됨".to_owned(),
    };
    format!(
        "{subject}, 발급자 {issuer}, 대상 {names}, 유효 기간 {from}~{to}({validity}), SHA-256 {fingerprint}"
    )
}

/// Meaning of an HTTP status other than 101 (RFC 9110 section 15).
fn refused(status: u16) -> &'static str {
    match status {
        400 => "잘못된 요청",
        401 => "인증 필요",
        403 => "금지됨",
        404 => "찾을 수 없음",
        405 => "허용되지 않는 메서드",
        426 => "업그레이드 필요",
        429 => "너무 많은 요청",
        500..=599 => "서버 오류",
        300..=399 => "리디렉션",
        100..=299 => "WebSocket이 아님",
        _ => "요청을 거절함",
    }
}

/// Kind of a failure that the page's server found; a sentence if its words say no more.
fn relayed(cause: FailureCause) -> &'static str {
    match cause {
        FailureCause::Option => "쓸 수 없는 옵션입니다",
        FailureCause::UnconfirmedLoopback
        | FailureCause::UnconfirmedPrivate
        | FailureCause::UnconfirmedPublic
        | FailureCause::RefusedAddress => "이 서버가 연결하지 않는 주소입니다",
        FailureCause::UnknownHost => "호스트를 찾을 수 없습니다. 이름이 맞는지 확인하십시오.",
        FailureCause::Unreachable => "연결할 수 없습니다. 서버가 실행 중인지 확인하십시오.",
        FailureCause::TimedOut => "제한 시간 안에 응답하지 않았습니다.",
        FailureCause::Proxy => "프록시로 연결하지 못했습니다",
        FailureCause::Certificate => "인증서를 신뢰할 수 없습니다",
        FailureCause::Tls | FailureCause::NoTls | FailureCause::OnlyTls => {
            "TLS로 연결하지 못했습니다"
        }
        FailureCause::Status => "서버가 연결을 거절했습니다",
        FailureCause::Handshake => "응답이 올바르지 않습니다",
        FailureCause::Redirect => "리디렉션을 따라가지 않았습니다",
    }
}

fn place(space: AddressSpace) -> &'static str {
    match space {
        AddressSpace::Loopback => "이 컴퓨터",
        AddressSpace::Local | AddressSpace::Public => "로컬 네트워크",
    }
}

/// Connection closed because messages lag behind.
pub(crate) fn overrun_text(overrun: &Overrun) -> String {
    format!(
        "메시지가 브라우저가 처리하는 속도보다 빨리 와서 연결을 끊었습니다(초당 {}건, {} 지연). \
         ?rate=1000/s처럼 더 느린 속도로 시도하십시오. 밀린 메시지를 모두 처리한 뒤 다시 연결합니다.",
        format::count(overrun.rate),
        span(overrun.lag)
    )
}
