//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use workbench::{
    format::{count, size},
    metrics::{NumberForm, Numbered, Tally},
};

use super::{ChartWords, Words};
use crate::language::ko::span;

pub(super) static WORDS: Words = Words {
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
        NumberForm::Text => "텍스트의 앞",
        NumberForm::Json => "JSON 안",
        NumberForm::Binary => "바이너리의 앞",
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
};
