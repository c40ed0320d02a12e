//! What an [`Engine`](crate::Engine) is asked for seldom: files, regular expressions, drafts that are
//! more than their text.
//!
//! The engine reaches the code for it by a table that it is given. So a shell that fetches its code in
//! parts can leave this for later.

use std::ops::Range;

use crate::{
    Command, Entry, Imported, Message, Target,
    compose::{Composed, Draft, DraftError, Values},
    find::{self, Compile},
    formats::{self, Format, ImportError},
    transfer::{Exporting, Importing, Written},
};

/// The code for what is asked for [seldom](Command::is_seldom).
#[derive(Debug)]
pub struct Seldom {
    pub(crate) message: fn(&Draft, &mut Values) -> Result<Message, DraftError>,
    pub(crate) compose: fn(Draft) -> Result<Composed, DraftError>,
    pub(crate) next_message: fn(&Composed, &mut Values) -> Result<Message, DraftError>,
    pub(crate) expression: Compile,
    pub(crate) begin_import: fn(String, String) -> Result<Importing, ImportError>,
    pub(crate) import:
        fn(&mut Importing, take: &mut dyn FnMut(formats::Imported)) -> Option<Imported>,
    pub(crate) begin_export: fn(Format, &Target, ids: Range<u64>) -> Exporting,
    pub(crate) export: fn(Exporting, entries: &mut dyn Iterator<Item = Entry<'_>>) -> Written,
}

impl Seldom {
    /// All of it.
    #[must_use]
    pub fn code() -> &'static Self {
        &Self {
            message: Draft::message,
            compose: Draft::compose,
            next_message: Composed::message,
            expression: find::expression,
            begin_import: Importing::begin,
            import: |importing, take| importing.advance(take),
            begin_export: Exporting::begin,
            export: |exporting, entries| exporting.advance(entries),
        }
    }
}

impl Command {
    /// Whether an engine that is not [equipped](crate::Engine::equip) cannot do it.
    #[must_use]
    pub fn is_seldom(&self) -> bool {
        match self {
            Self::Compose(draft) => !draft.is_plain(),
            Self::Find(query) => query.is_expression && !query.text.is_empty(),
            Self::Repeat(..) | Self::Import { .. } | Self::Export(..) => true,
            _ => false,
        }
    }
}
