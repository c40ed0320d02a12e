//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use session::RecordError;
use workbench::{
    compose::MAX_SENT,
    connect::MAX_SUBPROTOCOLS,
    engine::{MAX_COPIED_BYTES, Warning},
    exchange::{
        CommandError, ImportError, ImportReport, LeftOut, MAX_COMMAND_BYTES, MAX_FILE_BYTES,
        MAX_IMPORT_BYTES, MAX_IMPORT_CONNECTIONS, MAX_IMPORT_ITEMS, MAX_LINK_BYTES, MAX_MESSAGES,
        Merged, Part, PassedOver, ShareError, ShellError, Unreadable, VERSION, WorkspaceError,
        Wrong, WrongConnection,
    },
    format::{count, size},
    log::{MAX_PINNED_BYTES, MAX_PINS},
    open_tabs::MAX_TABS,
    payload::LineColumn,
    relay::MAX_HEADERS,
};

use super::{Words, mebibytes};
use crate::{
    engine::{
        notice::{Limit, Notice},
        outgoing::{MAX_UNSENT, MAX_UNSENT_BYTES},
    },
    language::ko::{
        address_mistake, at_place, header_error, item_error, not_json, overrun_text,
        subprotocol_error,
    },
    library::UNREAD,
};

pub(super) static WORDS: Words = Words {
    close: "알림 닫기",
    stop: "이 연결 중지",
    relay: "이 서버를 거쳐 연결",
    lower: "한도 낮추기",
    text: notice,
};

fn without_command(error: &str) -> String {
    format!("복사하지 않았습니다. {error}")
}

fn notice(notice: &Notice) -> String {
    let text = match notice {
        Notice::Broken(cause) => return broken(cause),
        Notice::Restarted(cause) => {
            return format!(
                "이 탭의 엔진에서 오류가 발생하여 다시 시작했습니다({cause}). 지금은 연결되어 있지 않습니다."
            );
        }
        Notice::Stuck => {
            "이 탭이 3초 동안 응답하지 않습니다. 브라우저가 처리할 수 있는 것보다 많은 메시지가 들어옵니다."
        }
        Notice::Stopped => {
            "탭이 응답하지 않아 연결을 중지했습니다. 메시지가 목록에서 빠졌을 수 있습니다."
        }
        Notice::Engine(warning) => return self::warning(warning),
        Notice::ImportEnded(name) => {
            return format!("끝까지 가져오지 못했습니다: {name}. 다시 가져오십시오.");
        }
        Notice::Unread(entries) => {
            return format!(
                "저장한 메시지, 연결, 환경 가운데 읽을 수 없는 것이 있습니다.{} 브라우저의 로컬 저장소에 \
                 사본을 남겼습니다: {UNREAD}.",
                unreadable(entries, not_a_workspace)
            );
        }
        Notice::Copied => "복사했습니다.",
        Notice::CopiedStart => {
            return format!(
                "처음 {}를 복사했습니다. 메시지가 더 큽니다.",
                mebibytes(MAX_COPIED_BYTES)
            );
        }
        Notice::NotCopied => {
            "브라우저가 복사를 허용하지 않았습니다. https나 localhost의 페이지에서만 허용합니다."
        }
        Notice::UnsentDropped => return unsent_dropped(),
        Notice::Discarded(messages) => {
            let messages = count(messages.len() as u64);
            return format!("전송하지 못한 메시지 {messages}건을 버렸습니다.");
        }
        Notice::LowerLimit(limit) => return lower_limit(*limit),
        Notice::Exported(name, rows) => {
            return format!("{}행을 {name} 파일로 내보냈습니다.", count(*rows));
        }
        Notice::Imported(imported) => return self::imported(imported),
        Notice::FileNotSent => {
            "파일을 전송하지 못했습니다. 연결이 지금은 더 받지 않거나 파일을 더 이상 읽을 수 없습니다. \
             파일은 그대로 있으니 다시 전송하십시오."
        }
        Notice::NotStored => {
            "브라우저에 탭, 설정, 저장한 메시지를 보관할 공간이 없거나 보관이 허용되지 않습니다. 페이지를 \
             닫으면 바뀐 내용이 사라집니다. 메시지를 보관하려면 워크스페이스 파일로 저장하십시오."
        }
        Notice::NoTab => {
            return format!("탭은 {MAX_TABS}개까지 열 수 있습니다. 먼저 다른 탭을 닫으십시오.");
        }
        Notice::Filled { address, subprotocols, draft } => {
            return filled(*address, *subprotocols, *draft);
        }
        Notice::NotReconnected(Some(error)) => {
            return format!(
                "다시 연결하지 않았습니다. {} 옵션의 연결 방법을 확인하십시오.",
                header_error(error)
            );
        }
        Notice::NotReconnected(None) => {
            "다시 연결하지 않았습니다. 주소나 옵션에 빠진 것이 있습니다. 비밀 값은 저장하지 않습니다. 옵션을 \
             확인하십시오."
        }
        Notice::Link(error) => return not_shared(*error),
        Notice::Address(mistake) => return without_command(&address_mistake(mistake)),
        Notice::Subprotocol(error) => return without_command(&subprotocol_error(error)),
        Notice::Route(error) => return without_command(&header_error(error)),
        Notice::WithoutDraft => {
            "작성 중인 메시지를 빼고 복사했습니다. 명령에는 텍스트만 넣을 수 있는데, 이 메시지가 바이트이거나 \
             잘못된 곳이 있습니다."
        }
        Notice::WithoutCertificates => "인증서처럼 명령에 넣을 수 없는 것을 빼고 복사했습니다.",
        Notice::WithoutSecrets => {
            "비밀 값과 인증서를 빼고 복사했습니다. 비밀 값을 변수에 넣으면 변수의 이름이 복사됩니다."
        }
        Notice::Pasted { messages, is_relayed, left_out, .. } => {
            return pasted(*messages, *is_relayed, left_out);
        }
        Notice::NotACommand(error) => return not_a_command(error),
        Notice::WorkspaceMerged(name, merged, left_out) => {
            return opened(name, *merged) + &unreadable(left_out, not_a_workspace);
        }
        Notice::WorkspaceNotRead(name, error) => {
            return format!("{name}에서 추가한 내용이 없습니다. {}", not_a_workspace(error));
        }
        Notice::TooLargeToEdit => {
            return format!(
                "이 메시지는 {}를 넘어 여기서 고칠 수 없습니다.",
                mebibytes(MAX_COPIED_BYTES)
            );
        }
    };
    text.to_owned()
}

/// Unsent messages over a limit.
fn unsent_dropped() -> String {
    format!(
        "전송하지 못한 메시지를 모두 보관하지는 못했습니다. 한도는 {}건과 {}입니다.",
        count(MAX_UNSENT as u64),
        mebibytes(MAX_UNSENT_BYTES)
    )
}

fn warning(warning: &Warning) -> String {
    match warning {
        Warning::NotPinned => {
            format!(
                "고정하지 못했습니다. {} 이하의 메시지를 {MAX_PINS}건까지 고정할 수 있습니다. \
                 먼저 다른 메시지의 고정을 해제하십시오.",
                mebibytes(MAX_PINNED_BYTES)
            )
        }
        Warning::NotPersisted => {
            "브라우저에 목록을 보관할 공간이 없거나 보관이 허용되지 않습니다. 페이지를 닫으면 목록이 \
             사라집니다. 보관하려면 내보내십시오."
                .to_owned()
        }
        Warning::Overrun(overrun) => overrun_text(overrun),
        Warning::RepetitionStopped(sent) => {
            format!(
                "메시지 {}건을 보낸 뒤 반복을 멈췄습니다. 변수 때문에 다음 메시지를 만들 수 없습니다. 메시지나 \
                 변수를 고친 뒤 다시 반복하십시오.",
                count(*sent)
            )
        }
    }
}

/// End of the engine; `cause` is empty if it could not be loaded.
fn broken(cause: &str) -> String {
    let cause = if cause.is_empty() { "worker.js를 불러올 수 없음" } else { cause };
    format!("이 탭의 엔진이 멈췄습니다({cause}). +로 새 연결을 열거나 페이지를 새로 고치십시오.")
}

fn lower_limit(limit: Limit) -> String {
    let limit = match limit {
        Limit::Rows(rows) => format!("{}행", count(rows as u64)),
        Limit::Bytes(bytes) => mebibytes(bytes),
    };
    format!("한도를 낮춥니까: {limit}? 이를 넘는 오래된 행은 모든 탭에서 삭제됩니다.")
}

fn opened(name: &str, Merged { messages, connections, environments }: Merged) -> String {
    if messages + connections + environments == 0 {
        return format!("{name}의 내용은 모두 이미 있습니다.");
    }
    format!(
        "{name}에서 메시지 {messages}건, 연결 {connections}개, 환경 {environments}개를 추가했습니다. \
         원래 있던 내용은 바뀌지 않았습니다."
    )
}

fn unreadable<E>(entries: &Unreadable<E>, explain: fn(&E) -> String) -> String {
    if entries.count == 0 {
        return String::new();
    }
    let mut says = vec![format!(" 읽을 수 없는 항목 {}개를 뺐습니다.", count(entries.count))];
    says.extend(entries.first.iter().map(explain));
    let more = entries.count - entries.first.len() as u64;
    if more > 0 {
        says.push(format!("그 밖에 {}개가 더 있습니다.", count(more)));
    }
    says.join(" ")
}

fn filled(address: bool, subprotocols: usize, draft: bool) -> String {
    let address = address.then(|| "주소".to_owned());
    let subprotocols = (subprotocols > 0).then(|| format!("서브프로토콜 {subprotocols}개"));
    let draft = draft.then(|| "메시지".to_owned());
    let filled: Vec<_> = address.into_iter().chain(subprotocols).chain(draft).collect();
    if filled.is_empty() {
        return "빈 링크여서 채운 내용이 없습니다.".to_owned();
    }
    format!("링크에서 채운 내용: {}. 전송하거나 연결하지는 않았습니다.", filled.join(", "))
}

fn imported(imported: &ImportReport) -> String {
    let mut says = vec![match imported.entries {
        0 => format!("{}에서 가져온 행이 없습니다.", imported.name),
        some => format!("{}에서 {}행을 가져왔습니다.", imported.name, count(some)),
    }];
    let PassedOver { control_frames, other_messages, other_requests } = imported.passed_over;
    let frames = control_frames + other_messages;
    if frames > 0 {
        says.push(format!("메시지가 아니어서 건너뛴 항목: {}개.", count(frames)));
    }
    if other_requests > 0 {
        says.push(format!("WebSocket이 아닌 요청: {}개.", count(other_requests)));
    }
    let options = imported.target.as_ref().and_then(|target| target.relay.as_ref());
    if let Some(options) = options.filter(|_| imported.entries > 0) {
        let names = options.header_names().join(", ");
        says.push(format!("이 서버를 거쳐 연결하도록 채운 헤더: {names}."));
    }
    if let Some(error) = &imported.error {
        says.push(not_imported(error));
    }
    says.join(" ") + &unreadable(&imported.unreadable, not_imported)
}

fn not_imported(error: &ImportError) -> String {
    match error {
        ImportError::Unread => UNREAD_FILE.to_owned(),
        ImportError::Empty => "빈 파일입니다.".to_owned(),
        ImportError::Format => {
            "JSON Lines도 HAR도 아닙니다. 파일을 전송하려면 메시지 입력란에 놓으십시오.".to_owned()
        }
        ImportError::Scenario(name) => {
            format!("시나리오 파일입니다. 터미널에서 wsbench run {name} 명령으로 실행하십시오.")
        }
        ImportError::Workspace => {
            "워크스페이스 파일입니다. ‘워크스페이스 파일에서 추가…’를 선택하십시오.".to_owned()
        }
        ImportError::Bytes(bytes) => format!(
            "파일이 {}입니다. {}까지만 읽을 수 있으므로 메시지를 줄여서 내보내십시오.",
            size(*bytes as u64),
            size(MAX_IMPORT_BYTES as u64)
        ),
        ImportError::Items => {
            format!(
                "메시지가 {}건을 넘습니다. 그 뒤의 메시지는 읽지 않았습니다.",
                count(MAX_IMPORT_ITEMS)
            )
        }
        ImportError::Connections => format!(
            "WebSocket 연결이 {}개를 넘습니다. 한 번에 더 적게 내보내십시오.",
            count(MAX_IMPORT_CONNECTIONS as u64)
        ),
        ImportError::NoWebSocket => {
            "이 HAR에는 WebSocket 메시지가 없습니다. Chrome이나 Edge의 개발자 \
             도구에서 내보내십시오. 메시지를 넣지 않는 프로그램도 있습니다."
                .to_owned()
        }
        ImportError::Line { line, error } => {
            format!("{line}행을 읽을 수 없습니다: {}.", wrong_record(error))
        }
        ImportError::Har { place, .. } => {
            format!("HAR을 {}에서 읽을 수 없습니다. 파일이 온전합니까?", at_place(*place))
        }
        ImportError::Connection { number, wrong } => {
            let wrong = match wrong {
                WrongConnection::Json(_) => WRONG_FIELD,
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
                Wrong::Json(_) => WRONG_FIELD,
                Wrong::Time => "\"time\"이 1970년부터 센 초가 아닙니다",
                Wrong::Base64 => "바이너리 메시지의 \"data\"가 base64가 아닙니다",
            };
            format!("HAR의 {}에 있는 메시지를 읽을 수 없습니다: {wrong}.", at_place(*place))
        }
    }
}

const UNREAD_FILE: &str = "고른 뒤에 바뀌었거나 없어진 파일입니다. 다시 고르십시오.";

/// Serde's reason is left out: it is in English.
const WRONG_FIELD: &str = "빠진 필드가 있거나 필드의 값이 잘못되었습니다";

fn wrong_record(error: &RecordError) -> &'static str {
    match error {
        RecordError::Json(_) => "이 형식의 JSON 객체가 아닙니다",
        RecordError::Time => "\"time\"이 2026-01-02T03:04:05.678901Z 같은 시각이 아닙니다",
        RecordError::Kind => "\"event\"나, \"direction\"과 \"kind\"가 있어야 합니다",
        RecordError::Payload => "내용은 \"text\"에, 바이트는 \"base64\"에 있어야 합니다",
        RecordError::Size => "\"size\"가 내용의 크기와 다릅니다. 줄이 잘렸습니까?",
    }
}

fn not_shared(error: ShareError) -> String {
    let name = |part| match part {
        Part::Address => "주소",
        Part::Subprotocol => "서브프로토콜",
        Part::Text => "메시지",
        Part::Form => "메시지의 형식",
    };
    match error {
        ShareError::Link(bytes) => {
            format!("링크가 {bytes}바이트로 너무 깁니다. {MAX_LINK_BYTES}바이트까지만 읽습니다.")
        }
        ShareError::Long(part) => format!(
            "링크에 넣기에 너무 긴 부분: {}. {}바이트까지 넣을 수 있습니다.",
            name(part),
            part.bound()
        ),
        ShareError::Subprotocols => {
            format!("링크에는 서브프로토콜을 {MAX_SUBPROTOCOLS}개까지 넣을 수 있습니다.")
        }
        ShareError::Twice(part) => {
            format!("링크에 두 번 나오는 부분: {}. 링크를 다시 받으십시오.", name(part))
        }
        ShareError::Damaged(part) => {
            format!("링크에서 손상된 부분: {}. 링크를 다시 받으십시오.", name(part))
        }
        ShareError::Invisible(part) => {
            format!("보이지 않는 문자가 있는 부분: {}. 다시 입력하십시오.", name(part))
        }
        ShareError::Form => {
            "링크에 있는 메시지의 형식을 알 수 없습니다. 링크를 다시 받으십시오.".to_owned()
        }
    }
}

fn pasted(messages: usize, is_relayed: bool, left_out: &[LeftOut]) -> String {
    let mut says = vec![
        match messages {
            0 => "명령에서 주소를 채웠습니다.",
            1 => "명령에서 주소와 메시지를 채웠습니다.",
            _ => {
                "명령에서 주소와 첫 메시지를 채웠습니다. 입력란에서 위쪽 화살표 키를 누르면 다음 메시지가 \
                 나옵니다."
            }
        }
        .to_owned(),
    ];
    if messages > MAX_SENT + 1 {
        says.push(format!("처음 {}건 뒤의 메시지는 뺐습니다.", MAX_SENT + 1));
    }
    if is_relayed {
        says.push(
            "명령의 옵션에 따라 이 서버를 거쳐 연결합니다. 옵션의 연결 방법을 확인하십시오."
                .to_owned(),
        );
    }
    says.extend(left_out.iter().map(self::left_out));
    says.push("전송한 메시지는 없습니다.".to_owned());
    says.join(" ")
}

fn left_out(left_out: &LeftOut) -> String {
    match left_out {
        LeftOut::Header(name) => {
            format!("뺀 헤더: {name}. {MAX_HEADERS}개까지 들어갑니다.")
        }
        LeftOut::Certificates => {
            "인증서 파일은 뺐습니다. 파일을 읽지 않습니다. 인증서는 옵션의 연결 방법에서 지정하십시오."
                .to_owned()
        }
        LeftOut::AnyCertificate(option) => {
            format!("뺀 옵션: {option}. 인증서를 허용하기 전에 페이지가 묻습니다.")
        }
        LeftOut::Option(option) => format!("여기에 없는 기능이어서 뺀 옵션: {option}."),
        LeftOut::Expansion(word) => {
            format!(
                "쓰인 그대로 둔 것: {word}. 명령 안의 것은 실행하거나 찾아보지 않습니다."
            )
        }
        LeftOut::Variable(name) => {
            format!("여기에 없는 기능이어서 뺀 변수: {name}.")
        }
        LeftOut::File => "파일은 뺐습니다. 파일을 읽거나 쓰지 않습니다.".to_owned(),
    }
}

fn not_a_command(error: &CommandError) -> String {
    match error {
        CommandError::NotACommand => "wsbench, wscat, websocat, curl의 명령이 아닙니다.".to_owned(),
        CommandError::Long(bytes) => {
            format!("명령이 {bytes}바이트입니다. {MAX_COMMAND_BYTES}바이트까지만 읽습니다.")
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
            format!("명령의 서브프로토콜이 {MAX_SUBPROTOCOLS}개를 넘습니다.")
        }
        CommandError::Messages => format!("명령의 메시지가 {MAX_MESSAGES}건을 넘습니다."),
    }
}

fn not_a_workspace(error: &WorkspaceError) -> String {
    match error {
        WorkspaceError::Unread => UNREAD_FILE.to_owned(),
        WorkspaceError::TooLarge => format!(
            "파일이 {} MiB를 넘습니다. 그렇게 큰 워크스페이스는 없습니다.",
            MAX_FILE_BYTES >> 20
        ),
        WorkspaceError::MessageList => {
            "메시지 목록입니다. ‘JSON Lines나 HAR 가져오기…’를 선택하십시오.".to_owned()
        }
        WorkspaceError::Json(mistake) => not_json(mistake),
        WorkspaceError::Format => {
            "워크스페이스 파일이 아닙니다. \"format\": \"wsbench-workspace\"가 있어야 합니다."
                .to_owned()
        }
        WorkspaceError::Newer(version) => format!(
            "파일의 버전이 {version}입니다. 이 프로그램은 {VERSION}까지 읽으므로 업데이트하십시오."
        ),
        WorkspaceError::Field { line, column, .. } => {
            let place = at_place(LineColumn { line: *line, column: *column });
            format!("파일의 {place}을 읽을 수 없습니다: {WRONG_FIELD}.")
        }
        WorkspaceError::Item { path, error } => {
            format!("파일의 잘못된 곳: {path}. {}", item_error(error))
        }
    }
}
