//! Page: Leptos views over an [`EngineHandle`], the handle to an engine in a worker.
//!
//! State flows one way: the engine reports, the handle publishes reports as signals, views send commands
//! to the engine. Browser APIs are used in `browser/` only.

#![expect(unreachable_pub, reason = "Leptos' component macro writes `pub` where it need not")]

mod app;
mod browser;
mod composer;
mod connect;
mod detail;
mod engine;
mod exchange;
mod language;
mod messages;
mod metrics;
mod notices;
mod settings;
mod tabs;
mod ui;

pub use app::App;
pub use browser::{
    dom::frame::remove_frame, file::chosen_file::ChosenFile, offline::register_service_worker,
    socket::Socket, worker::channel::worker_start,
};
pub use composer::{Composer, ComposerState, library::Library};
pub use connect::{ConnectBar, ConnectForm, Recents, TargetInput, presets, read_presets};
pub use detail::{ChosenView, DetailPane};
pub use engine::{handle::EngineHandle, notice::Notice, worker::serve};
pub use language::Language;
pub use metrics::{Measured, MetricsBar, MetricsDock};
pub use settings::{Settings, Theme, TimeShown};
pub use tabs::{open_tabs::Tabs, tab::Tab};
pub use ui::splitter::Splitter;
