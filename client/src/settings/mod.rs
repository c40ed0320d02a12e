//! Settings for all tabs: language, theme, limits and keyboard shortcuts.

mod choices;
mod keys;
mod shortcuts;
mod state;
mod theme;
mod time_shown;
mod words;

pub(crate) use self::{choices::SettingsMenu, shortcuts::Shortcuts};
pub use self::{state::Settings, theme::Theme, time_shown::TimeShown};
