//! Page: Leptos views over a [`Shell`], the handle to an engine in a worker.
//!
//! State flows one way: the engine reports, the shell publishes reports as signals, views send commands
//! to the shell. Browser APIs are used in `browser/` only.

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
pub use browser::{files::Picked, frame::remove_frame, offline::keep_page, socket::Socket};
pub use composer::{Composer, ComposerState, library::Library};
pub use connect::{ConnectBar, Recents, presets, read_presets};
pub use detail::DetailPane;
pub use engine::{
    host::serve,
    port::calling_of_this_worker,
    shell::{Notice, Shell},
};
pub use language::Language;
pub use metrics::MetricsBar;
pub use settings::{Settings, Theme, TimeShown};
pub use tabs::tab::{Tab, Tabs};
pub use ui::splitter::Splitter;
