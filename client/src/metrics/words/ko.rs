//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use workbench::{
    format::{count, size},
    metrics::{NumberForm, Numbered, Tally},
};

use super::{ChartWords, Words};
use crate::language::ko::span;

pub(super) static WORDS: Words = Words {
    title: "지표",
    dock_size: "지표 창의 크기",
    dock_below: "아래로 옮기기",
    dock_beside: "옆으로 옮기기",
    frames: "제어 프레임",
    rows: |_| "행",
    per_second: |amount| format!("{amount}/s"),
    fault: |stream| match stream {
        Numbered { missing: 1.., .. } => Some(format!("누락 {}건", count(stream.missing))),
        Numbered { repeats: 1.., .. } => Some(format!("중복 번호 {}건", count(stream.repeats))),
        Numbered { late: 1.., .. } => Some(format!("순서 어긋남 {}건", count(stream.late))),
        _ => None,
    },
    no_messages: "아직 메시지가 없습니다. 연결한 뒤 메시지를 보내면 초당 메시지 수와 왕복 시간, \
            번호가 매겨진 스트림의 누락을 볼 수 있습니다.",
    charts: "최근 1분의 초별 수치",
    how_to_read: "차트에서 한 초를 가리키거나 화살표 키로 이동하면 그 초의 값을 표시합니다.",
    messages: ChartWords {
        title: "초당 메시지 수",
        lines: ["보냄", "받음"],
        empty: "최근 1분 동안 메시지가 없습니다.",
    },
    round_trips: ChartWords {
        title: "왕복 시간",
        lines: ["평균", "최대"],
        empty: "최근 1분 동안 돌아온 에코나 퐁이 없습니다.",
    },
    a_minute_ago: "60초 전",
    half_a_minute_ago: "30초",
    now: "지금",
    second: |second| {
        let Tally { messages, bytes } = second.sent;
        let sent = format!("보냄 {}건({})", count(messages), size(bytes));
        let Tally { messages, bytes } = second.received;
        let received = format!("받음 {}건({})", count(messages), size(bytes));
        let round_trips = second.mean().map_or_else(String::new, |mean| {
            let (trips, longest) = (count(second.round_trips), span(second.longest));
            format!(", 왕복 {trips}회(평균 {}, 최대 {longest})", span(mean))
        });
        format!("{sent}, {received}{round_trips}")
    },
    total: "메시지",
    all_round_trips: "왕복 전체",
    echoes: "에코와 퐁 수",
    mean: "평균",
    max: "최대",
    no_round_trips: "아직 없습니다. /ws나 /echo처럼 메시지가 보낸 그대로, 또는 앞에 “Echo: ”가 \
            붙어 돌아오거나 핑에 응답이 올 때 측정합니다.",
    percentiles: "왕복 시간 백분위수: 에코와 퐁의 절반(p50) 또는 99%(p99)가 이 시간 안에 돌아왔습니다",
    numbered: "번호가 매겨진 스트림",
    not_numbered: "감지되지 않았습니다. 번호로 시작하는 메시지나 “seq” 필드가 있는 JSON에서 \
            누락을 확인합니다. /stream이 그런 메시지를 보냅니다.",
    numbers: "번호의 출처",
    form: |form| match form {
        NumberForm::Text => "텍스트의 앞",
        NumberForm::Json => "JSON 필드 “seq”",
        NumberForm::Binary => "바이너리의 앞",
    },
    next: "다음 번호",
    missing: "누락",
    repeats: "중복 번호",
    late: "순서 어긋남",
    table: "표로 보기",
    table_caption: "최근 1분의 초별 수치(최신순). 메시지가 없는 초는 생략합니다.",
    time: "시각",
    sent_bytes: "보낸 크기",
    received_bytes: "받은 크기",
};
