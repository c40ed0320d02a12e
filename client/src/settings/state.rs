//! Settings shared by all tabs, kept in the browser's storage.

use leptos::prelude::*;
use workbench::log::Bounds;

use super::{theme::Theme, time_shown::TimeShown};
use crate::{browser::storage::remembered, language::Language};

/// Settings; each is stored when it changes. Other windows read a change with their next load.
#[derive(Clone, Copy)]
pub struct Settings {
    /// Time column of the message list.
    pub time: RwSignal<TimeShown>,
    /// True if rows of the message list are low.
    pub is_compact: RwSignal<bool>,
    /// Size limits of each tab's list, in rows and bytes.
    pub bounds: RwSignal<Bounds>,
    /// Width of the detail pane in CSS pixels, from 280 to 960, as the splitter was left last.
    pub detail_width: RwSignal<i32>,
    /// True if the dock of the metrics is open.
    pub is_dock_open: RwSignal<bool>,
    /// True if the dock is beside the messages, where there is room, and not below them.
    pub is_dock_beside: RwSignal<bool>,
    /// Width of the dock beside the messages, in CSS pixels.
    pub dock_width: RwSignal<i32>,
    /// Height of the dock below the messages, in CSS pixels.
    pub dock_height: RwSignal<i32>,
    /// Color theme.
    pub theme: RwSignal<Theme>,
    /// True if shortcuts without a modifier key are on. Speech input needs them off (WCAG 2.2, 2.1.4).
    pub has_single_keys: RwSignal<bool>,
    /// Language of the page.
    pub language: RwSignal<Language>,
}

impl Settings {
    /// Loads the stored settings, with defaults for the rest. A stored value that cannot be read counts as absent.
    #[must_use]
    pub fn load() -> Self {
        let read_time = |name: &str| TimeShown::ALL.into_iter().find(|it| it.name() == name);
        let read_theme = |name: &str| Theme::ALL.into_iter().find(|it| it.name() == name);
        let read_bounds = |text: &str| {
            let (entries, bytes) = text.split_once(' ')?;
            Some(Bounds { entries: entries.parse().ok()?, bytes: bytes.parse().ok()? })
        };
        let write_bounds = |it: &Bounds| format!("{} {}", it.entries, it.bytes);
        let read_width = |text: &str| text.parse().ok();
        let read_switch = |text: &str| text.parse().ok();
        let language = Language::of_browser();
        Self {
            time: remembered("wsbench.time", TimeShown::Clock, read_time, |it| it.name().into()),
            is_compact: remembered("wsbench.compact", false, read_switch, bool::to_string),
            bounds: remembered("wsbench.bounds", Bounds::DEFAULT, read_bounds, write_bounds),
            detail_width: remembered("wsbench.detail", 480, read_width, i32::to_string),
            is_dock_open: remembered("wsbench.measure", false, read_switch, bool::to_string),
            is_dock_beside: remembered("wsbench.dock", false, read_switch, bool::to_string),
            dock_width: remembered("wsbench.dock-width", 400, read_width, i32::to_string),
            dock_height: remembered("wsbench.dock-height", 280, read_width, i32::to_string),
            theme: remembered("wsbench.theme", Theme::System, read_theme, |it| it.name().into()),
            has_single_keys: remembered("wsbench.single-keys", true, read_switch, bool::to_string),
            language: remembered("wsbench.language", language, Language::with_code, |it| {
                it.code().into()
            }),
        }
    }
}
