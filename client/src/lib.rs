//! The browser client: views over a [`Shell`], which speaks with a workbench's engine in a worker.
//!
//! State flows one way. The engine reports, the shell publishes that as signals, and views hand
//! what the person does to the shell as commands. Only the files that ARCHITECTURE.md names touch
//! the browser's APIs.

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
mod rest;
mod settings;
mod tabs;
mod ui;

pub use app::App;
pub use browser::{files::Picked, offline::keep_page, socket::Socket};
pub use composer::{Composer, Composing, library::Library};
pub use connect::{ConnectBar, Recents, presets, read_presets};
pub use detail::DetailPane;
pub use engine::{
    host::serve,
    port::calling_of_this_worker,
    shell::{Notice, Shell},
};
pub use language::Language;
pub use metrics::MetricsBar;
pub use rest::prepare_rest;
pub use settings::{Settings, Theme, TimeShown};
pub use tabs::tab::{Tab, Tabs};
pub use ui::splitter::Splitter;
