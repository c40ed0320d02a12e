//! What a person chose for all tabs.

pub(crate) mod shortcuts;
mod words;

use leptos::prelude::*;
use workbench::log::Bounds;

use crate::{browser::storage::remembered, language::Language};

/// The choices. Copies are the same ones.
#[derive(Clone, Copy)]
pub struct Settings {
    /// What stands before each row.
    pub time: RwSignal<TimeShown>,
    /// How much each list holds.
    pub bounds: RwSignal<Bounds>,
    /// Pixels that the detail pane is wide.
    pub detail_width: RwSignal<i32>,
    /// What is measured is shown in full.
    pub is_measure_unfolded: RwSignal<bool>,
    /// Light, dark, or as the system has it.
    pub theme: RwSignal<Theme>,
    /// A key without a modifier is a shortcut. Who speaks to the browser must be able to switch that
    /// off (WCAG 2.2, 2.1.4).
    pub has_single_keys: RwSignal<bool>,
    /// What the page speaks.
    pub language: RwSignal<Language>,
}

/// The time of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeShown {
    /// The time of day.
    Clock,
    /// Since the first row of all.
    SinceStart,
    /// Since the row before.
    SinceBefore,
}

impl TimeShown {
    /// Each.
    pub const ALL: [Self; 3] = [Self::Clock, Self::SinceStart, Self::SinceBefore];

    /// Its name, whatever the language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::SinceStart => "since-start",
            Self::SinceBefore => "since-previous",
        }
    }
}

/// The colours of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// Each.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its name, whatever the language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The value of CSS' `color-scheme`.
    #[must_use]
    pub fn color_scheme(self) -> &'static str {
        match self {
            Self::System => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Settings {
    /// What this browser remembers, and what is so until a person chooses.
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
            bounds: remembered("wsbench.bounds", Bounds::DEFAULT, read_bounds, write_bounds),
            detail_width: remembered("wsbench.detail", 480, read_width, i32::to_string),
            is_measure_unfolded: remembered("wsbench.measure", false, read_switch, bool::to_string),
            theme: remembered("wsbench.theme", Theme::System, read_theme, |it| it.name().into()),
            has_single_keys: remembered(
                "wsbench.single-keys",
                true,
                |it| it.parse().ok(),
                bool::to_string,
            ),
            language: remembered("wsbench.language", language, Language::with_code, |it| {
                it.code().into()
            }),
        }
    }
}
