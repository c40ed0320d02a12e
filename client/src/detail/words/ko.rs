//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use workbench::{
    format::{count, percent, size},
    payload::{ComparedAs, End, MAX_DEPTH, MAX_NODES},
    relay::Stage,
};

use super::{Event, Frames, Handshake, MOST_COPIED, Words};
use crate::language::ko::{cause, closed, meaning, not_json};

pub(super) static WORDS: Words = Words {
    event: Event {
        title: "연결 이벤트",
        details: "세부 정보",
        address: "주소",
        outage: "끊겨 있던 시간",
        code: "종료 코드",
        meaning: |code| format!("{code} ({})", meaning(code)),
        reason: "종료 사유",
        close: closed,
        handshake: "종료 핸드셰이크",
        clean: "완료",
        unclean: "미완료: Close 프레임 없음",
        lasted: "연결 시간",
        round_trip: "왕복 시간",
        probable_cause: "가능한 원인",
        cause_text: cause,
    },
    handshake: Handshake {
        stage: |stage| match stage {
            Stage::Name => "이름",
            Stage::Tcp => "TCP",
            Stage::Proxy => "프록시",
            Stage::Tls => "TLS",
            Stage::Http => "핸드셰이크",
        },
        failed: ", 실패",
        resolved: "주소",
        connected: "연결한 곳",
        trusted: "신뢰함",
        not_trusted: "신뢰하지 않지만 허용함",
        refused: "인증서를 거부함",
        certificate: "인증서",
        request: "요청",
        response: "응답",
        body: "본문",
        header: |name| match name {
            "connection" | "upgrade" => "WebSocket으로 업그레이드 요청",
            "sec-websocket-key" => "응답이 답해야 하는 임의의 값",
            "sec-websocket-accept" => "키에 대한 답: 서버가 WebSocket을 지원함",
            "sec-websocket-version" => "프로토콜 버전: 13은 RFC 6455",
            "sec-websocket-protocol" => "제안한 서브프로토콜, 또는 선택된 하나",
            "sec-websocket-extensions" => "제안하거나 합의한 확장, 예를 들어 압축",
            "origin" => "페이지의 출처(Origin)",
            "host" => "서버의 호스트와 포트",
            _ => "",
        },
    },
    frames: Frames {
        title: |frames| {
            let (all, first) = (frames.count, frames.first.len());
            let ratio = frames.ratio().map(|it| format!(", {}로 압축", percent(it)));
            let shown = (all > first as u64).then(|| format!(", 처음 {first}개 표시"));
            let count = format!("프레임 {}개", count(all));
            [Some(count), ratio, shown].into_iter().flatten().collect()
        },
        opcode: "옵코드",
        opcode_name: |opcode| {
            Some(match opcode {
                0 => "연속",
                1 => "텍스트",
                2 => "바이너리",
                8 => "종료",
                9 => "핑",
                10 => "퐁",
                _ => return None,
            })
        },
        flags: "플래그",
        head: "헤더 바이트",
        payload: "페이로드",
        inflated: "압축 해제",
        control: "프레임",
    },
    title: "메시지",
    copy: "복사",
    compare: "비교",
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
            let part = size(message.part.len() as u64);
            let whole = size(message.size);
            let copied = match message.size {
                ..=MOST_COPIED => "메시지 전체가".to_owned(),
                _ => format!("처음 {} MiB가", MOST_COPIED >> 20),
            };
            format!(
                "느려지지 않도록 {whole} 중 처음 {part}만 표시합니다. 복사하면 {copied} 복사됩니다."
            )
        })
    },
    encoding: "인코딩",
    invalid: |sequences, encoding| {
        format!("잘못된 {encoding} 시퀀스가 {sequences}개 있습니다(�로 표시).")
    },
    fold_all: "모두 접기",
    unfold_all: "모두 펼치기",
    copy_value: "값 복사",
    cut_value: "일부만 보여 이 값만 복사할 수는 없습니다.",
    path: "경로: ",
    copy_path: "경로 복사",
    outline_end: |end| match end {
        End::Whole | End::Cut => None,
        End::Full => Some(format!("{MAX_NODES}줄에서 멈췄습니다.")),
        End::Deep => Some(format!("중첩 깊이 {MAX_DEPTH}에서 멈췄습니다.")),
        End::Wrong(mistake) => Some(not_json(mistake)),
    },
    items: |items| format!("항목 {}개", count(items as u64)),
    more: |bytes| format!("… {} 더 있음", size(bytes)),
    select_another: "비교할 다른 메시지를 목록에서 선택하십시오.",
    differences: "차이점",
    changes: "달라진 곳",
    all_lines: "모든 줄",
    only_in_first: "첫째에만 있음",
    only_in_second: "둘째에만 있음",
    left_out: |lines| format!("⋯ 변경되지 않은 줄 {}개", count(lines as u64)),
    compared: |comparison| {
        let form = match comparison.form {
            ComparedAs::Json => "정리된 JSON",
            ComparedAs::Text => "텍스트",
            ComparedAs::Hex => "바이트",
        };
        let differences = match comparison.changes() {
            0 => "다른 줄 없음".to_owned(),
            lines => format!("{}줄 다름", count(lines as u64)),
        };
        let bound = if comparison.is_whole {
            ""
        } else {
            " 각 메시지의 앞부분만 비교했습니다."
        };
        format!("{differences}({form}).{bound}")
    },
};
