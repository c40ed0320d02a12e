//! Korean. Sentences end in 합니다, labels are nouns; units of SI and IEC stay as they are.

use super::Words;
use crate::settings::shortcuts::{Action, Where};

pub(super) static WORDS: Words = Words {
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
        Action::ShowKeys => "단축키 목록 보기",
        Action::Find => "목록에서 찾기",
        Action::AddTab => "새 연결 열기",
        Action::Connect => "연결하거나 연결 끊기",
        Action::ToAddress => "주소 입력란으로 이동",
        Action::ToList => "목록으로 이동",
        Action::ToMessage => "메시지 입력란으로 이동",
        Action::Offers => "제안된 주소 고르기",
        Action::TakeOffer => "고른 주소 넣기, 또는 연결",
        Action::CloseOffers => "제안 목록 닫기",
        Action::Walk => "다음 행, 이전 행",
        Action::WalkFar => "한 페이지 아래나 위, 처음이나 마지막 행",
        Action::LookClosely => "선택한 메시지 창으로 이동",
        Action::CloseMessage => "메시지 창 닫기",
        Action::Send => "보내기",
        Action::BreakLine => "줄 바꾸기",
        Action::OtherTab => "다음 탭, 이전 탭",
        Action::CloseTab => "탭 닫기",
    },
    single_keys: "조합 키가 없는 단축키 ?와 / 사용",
};
