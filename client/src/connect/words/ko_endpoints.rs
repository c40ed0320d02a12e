//! Korean texts of the server's endpoints: a row for each in `server/src/endpoints/`.

/// Name of a group.
pub(super) fn group(name: &str) -> Option<&'static str> {
    Some(match name {
        "Echo" => "에코",
        "Streams" => "스트림",
        "Handshake" => "핸드셰이크",
        "Close" => "연결 종료",
        "Faults" => "프로토콜 위반",
        _ => return None,
    })
}

/// Summary of an endpoint.
pub(super) fn summary(path: &str) -> Option<&'static str> {
    Some(match path {
        "/ws" => "메시지 앞에 “Echo: ”를 붙여 돌려보냄",
        "/echo" => "메시지를 옵션대로 돌려보냄",
        "/sink" => "메시지를 받고, 요청하면 수신 내역을 보냄",
        "/silent" => "메시지를 받기만 하고 보내지 않음",
        "/chat/{room}" => "같은 방의 다른 참가자에게 메시지를 전달",
        "/slow" => "제한된 대역폭으로 돌려보냄",
        "/stream" => "번호를 매긴 메시지를 정한 속도로 보냄",
        "/time" => "시각을 주기적으로 보냄, 받은 메시지는 무시",
        "/ping" => "번호를 담은 핑을 보냄, 메시지는 돌려보냄",
        "/no-pong" => "핑에 응답하지 않음, 메시지는 돌려보냄",
        "/handshake" => "받은 핸드셰이크를 JSON으로 보냄",
        "/subprotocol" => "요청 여부와 관계없이 정한 서브프로토콜을 선택",
        "/reject" => "정한 HTTP 상태로 핸드셰이크를 거부",
        "/close" => "정한 종료 코드와 사유로 연결을 닫음",
        "/abort" => "Close 프레임 없이 연결을 끊음",
        "/hang" => "연결의 한 단계에서 멈춤",
        "/fault/wrong-accept" => "키와 맞지 않는 Sec-WebSocket-Accept",
        "/fault/missing-accept" => "Sec-WebSocket-Accept 없음",
        "/fault/unoffered-extension" => "클라이언트가 제안하지 않은 확장",
        "/fault/masked-frame" => "서버가 마스킹한 프레임",
        "/fault/reserved-opcode" => "예약된 opcode 3의 프레임",
        "/fault/reserved-control-opcode" => "예약된 제어 opcode 11의 프레임",
        "/fault/reserved-bit" => "확장 없이 RSV2를 설정한 프레임",
        "/fault/invalid-utf8" => "UTF-8이 아닌 텍스트",
        "/fault/invalid-utf8-in-fragments" => "두 텍스트 프레임의 경계가 잘못된 UTF-8",
        "/fault/unfinished-utf8" => "문자의 중간에서 끝나는 텍스트",
        "/fault/long-control" => "허용 길이를 1바이트 넘는 126바이트 핑",
        "/fault/fragmented-control" => "여러 프레임으로 나눈 핑",
        "/fault/unexpected-continuation" => "시작한 메시지가 없는 연속 프레임",
        "/fault/interleaved-message" => "나뉜 메시지 사이에 끼어든 메시지",
        "/fault/short-payload" => "연결이 끝나 잘린 프레임",
        "/fault/overlong-length" => "두 바이트를 더 써서 나타낸 길이 5",
        "/fault/huge-length" => "최상위 비트를 설정한 64비트 길이",
        "/fault/close-code" => "금지된 코드 1005의 Close 프레임",
        "/fault/close-code-out-of-range" => "범위 밖의 코드 999의 Close 프레임",
        "/fault/close-payload" => "페이로드가 1바이트인 Close 프레임",
        "/fault/close-reason" => "사유가 UTF-8이 아닌 Close 프레임",
        "/fault/data-after-close" => "Close 프레임 뒤의 텍스트",
        "/fault/unoffered-compression" => "확장 없이 RSV1(압축)을 설정한 프레임",
        "/fault/corrupt-deflate" => "압축을 풀 수 없는 텍스트",
        _ => return None,
    })
}

/// Summary of an option.
pub(super) fn option(path: &str, name: &str) -> Option<&'static str> {
    Some(match (path, name) {
        ("/echo", "prefix") => "돌려보내는 텍스트의 앞에 붙일 말",
        ("/echo", "delay") => "돌려보내기 전의 지연",
        ("/echo", "jitter") => "더해지는 무작위 지연의 최댓값, 순서는 유지",
        ("/echo", "drop") => "돌려보내지 않을 확률",
        ("/echo", "duplicate") => "두 번 돌려보낼 확률",
        ("/echo", "reorder") => {
            "모아서 섞어 보낼 개수. 연결을 닫거나 --max-waiting이 차면 그 전에 보냄"
        }
        ("/echo", "fragment") => "프레임의 크기, 더 큰 메시지는 나누어 보냄",
        ("/echo", "compress") => {
            "클라이언트가 permessage-deflate를 제안한 때의 압축. 기본값: 서버의 설정"
        }
        ("/echo", "limit") => "메시지의 최대 크기, 넘으면 1009로 닫음",
        ("/echo", "close_after") => "닫기까지의 메시지 수 또는 시간. 기본값: 닫지 않음",
        (_, "code") => "종료 코드, 1005는 빈 Close 프레임",
        (_, "reason") => "종료 사유",
        (_, "seed") => {
            "같은 실행을 되풀이하는 난수 시드. 기본값: 무작위, 응답 헤더 x-wsbench-seed로 알림"
        }
        ("/sink", "demand") => "수신 내역을 요청하는 텍스트, 이 텍스트는 세지 않음",
        ("/chat/{room}", "room") => "방 이름",
        ("/slow", "read") => "최대 수신 속도, 프레임 헤더 포함",
        ("/slow", "write") => "최대 송신 속도, 프레임 헤더 포함",
        ("/stream", "rate") => "메시지 속도",
        ("/stream", "size") => "메시지의 크기, 번호와 시각의 크기보다 작아지지 않음",
        ("/stream", "count") => "메시지 수. 기본값: 끝없이",
        ("/stream", "kind") => {
            "형식. text: 번호, 공백, 채움. binary: 8바이트 빅 엔디언 번호, 채움. \
             json: 텍스트 {\"seq\":번호,\"fill\":채움}"
        }
        ("/stream", "pattern") => {
            "채움. seq: 번호에서 시작하는 문자열, 바이너리에서는 바이트열. random: 무작위. \
             time: 시각(RFC 3339, UTC, 공백, 바이너리에서는 1970년부터의 마이크로초 8바이트) 뒤에 seq"
        }
        ("/time", "every") => "메시지의 간격",
        ("/ping", "every") => "핑의 간격, 첫 핑은 바로 보냄",
        ("/subprotocol", "accept") => "선택할 서브프로토콜. 기본값: 무엇을 요청하든 선택하지 않음",
        ("/reject", "status") => "HTTP 상태",
        ("/reject", "retry_after") => "Retry-After의 값, 초 단위로 올림",
        ("/close", "after") => "닫기까지의 메시지 수 또는 시간",
        ("/abort", "after") => "끊기까지의 메시지 수 또는 시간",
        ("/abort", "how") => "TCP 세그먼트: FIN 또는 RST. HTTP/2에서는 둘 다 스트림을 끝냄",
        ("/hang", "stage") => {
            "멈출 단계. accept: 요청에 응답하지 않음. handshake: 상태 줄까지만 응답(HTTP/2에서는 accept와 \
             같음). close: 돌려보내다가 클라이언트의 Close 프레임에 응답하지 않음"
        }
        ("/hang", "for") => "연결을 끊기까지의 시간",
        (_, "after") => "위반하기까지의 메시지 수 또는 시간, 그때까지 돌려보냄",
        _ => return None,
    })
}

/// Words for allowed values: the server's, and these.
const ALLOWED: [(&str, &str); 16] = [
    ("number of messages, ", "메시지 수 "),
    (", or duration with unit, ", ", 또는 단위가 있는 시간 "),
    ("duration with unit, ", "단위가 있는 시간, "),
    ("size in bytes, ", "바이트 단위의 크기, "),
    ("bytes per second, ", "초당 바이트, "),
    ("messages per second, minute or hour, as ", "초, 분 또는 시간당 메시지 수, 예: "),
    ("; max: as fast as the peer reads", ", max: 상대가 읽는 만큼 빠르게"),
    ("subprotocol name, a token of up to ", "서브프로토콜 이름인 토큰, 최대 "),
    ("integer, ", "정수, "),
    ("probability, ", "확률, "),
    ("text, up to ", "텍스트, 최대 "),
    ("text, ", "텍스트, "),
    (" characters", "자"),
    (" bytes", "바이트"),
    (", or ", ", "),
    (
        " (RFC 6455 section 7.4; for others see /fault/close-code)",
        " (RFC 6455 7.4절, 그 밖의 코드는 /fault/close-code)",
    ),
];

/// Allowed values; `None` if a word of the server's is unknown.
pub(super) fn allowed(text: &str) -> Option<String> {
    let known = ALLOWED.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    let known = known.replace(" to ", "~");
    // What is left in Latin letters is a unit, a name or a path.
    let is_word = |word: &str| word.len() > 3 && word.chars().all(|it| it.is_ascii_lowercase());
    let has_words = known.split([' ', ',', ':', ';', '~']).any(is_word);
    (!has_words).then_some(known)
}
