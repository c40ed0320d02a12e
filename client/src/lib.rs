//! The browser client: views over a [`Shell`], which speaks with a workbench's engine in a worker.
//!
//! State flows one way. The engine reports, the shell publishes that as signals, and views hand
//! what the person does to the shell as commands. Only the files that ARCHITECTURE.md names touch
//! the browser's APIs.

#![expect(unreachable_pub, reason = "Leptos' component macro writes `pub` where it need not")]

mod announcer;
mod app;
mod archive;
mod clipboard;
mod clock;
mod composer;
mod connect;
mod detail;
mod download;
mod element;
mod files;
mod focus;
mod host;
mod language;
mod library;
mod list;
mod measure;
mod notices;
mod offline;
mod pins;
mod place;
mod port;
mod reveal;
mod settings;
mod share;
mod shell;
mod shortcuts;
mod socket;
mod storage;
mod tab;
mod tab_bar;
mod worker;

pub use app::App;
pub use composer::{Composer, Composing};
pub use connect::{ConnectBar, Recents, presets, read_presets};
pub use detail::{DetailPane, Splitter};
pub use files::Picked;
pub use host::serve;
pub use language::Language;
pub use library::Library;
pub use measure::MeasureBar;
pub use offline::keep_page;
pub use port::calling_of_this_worker;
pub use settings::{Settings, Theme, TimeShown};
pub use shell::{Notice, Shell};
pub use socket::Socket;
pub use tab::{Tab, Tabs};
