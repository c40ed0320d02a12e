//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use super::Words;
use crate::settings::{
    keys::{Action, Scope},
    theme::Theme,
};

pub(super) static WORDS: Words = Words {
    settings: "설정",
    language: "언어",
    theme: "테마",
    theme_name: |theme| match theme {
        Theme::System => "시스템 테마",
        Theme::Light => "밝게",
        Theme::Dark => "어둡게",
    },
    title: "키보드 단축키",
    scope: |scope| match scope {
        Scope::Global => "어디서나",
        Scope::Address => "주소 입력란",
        Scope::List => "메시지 목록",
        Scope::Composer => "메시지 입력란",
        Scope::Tabs => "탭",
    },
    action: |action| match action {
        Action::ShowKeys => "단축키 목록 보기",
        Action::Find => "목록에서 찾기",
        Action::FindNext => "다음 일치 항목",
        Action::FindPrevious => "이전 일치 항목",
        Action::AddTab => "새 연결 열기",
        Action::Connect => "연결하거나 연결 끊기",
        Action::FocusAddress => "주소 입력란으로 이동",
        Action::FocusList => "목록으로 이동",
        Action::FocusComposer => "메시지 입력란으로 이동",
        Action::BrowseSuggestions => "제안된 주소 고르기",
        Action::AcceptSuggestion => "고른 주소 넣기, 또는 연결",
        Action::RemoveRecent => "최근 주소 삭제",
        Action::CloseSuggestions => "제안 목록 닫기",
        Action::NextRow => "다음 행, 이전 행",
        Action::NextPage => "한 페이지 아래나 위, 처음이나 마지막 행",
        Action::OpenDetail => "메시지 창 열기",
        Action::CopyMessage => "메시지 복사",
        Action::CloseDetail => "메시지 창 닫기",
        Action::Send => "전송",
        Action::NewLine => "줄 바꾸기",
        Action::SentMessages => "보낸 메시지 불러오기",
        Action::NextTab => "다음 탭, 이전 탭",
        Action::RenameTab => "탭 이름 변경",
        Action::CloseTab => "탭 닫기",
    },
    single_keys: "조합 키가 없는 단축키 ?와 / 사용",
};
