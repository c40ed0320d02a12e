//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use workbench::format::count;

use super::Words;

pub(super) static WORDS: Words = Words {
    title: "파일과 링크",
    connection: "이 연결 공유",
    copy_link: "링크로 복사",
    copy_command: "wsbench 명령으로 복사",
    copy_secrets: "비밀 값이 있는 명령으로 복사",
    list: "내보내기와 가져오기",
    exported: |rows| format!("표시된 {}행을 내보냅니다.", count(rows)),
    json_lines: "JSON Lines로 내보내기",
    har: "HAR로 내보내기",
    secrets: "HAR에 헤더의 비밀 값 포함",
    text_log: "텍스트 로그로 내보내기",
    import: "JSON Lines나 HAR 가져오기…",
    workspace: "저장한 메시지, 연결, 환경",
    save: "워크스페이스 파일로 저장",
    open: "워크스페이스 파일에서 추가…",
};
