//! The browser client: views over a [`Shell`], which runs the workbench's session in the browser.
//!
//! State flows one way. The shell owns the session and publishes what views show as signals; views
//! hand what the person does to the shell. Only the modules `shell`, `socket`, `clock`, `place` and
//! `following` touch the browser's APIs.

#![expect(unreachable_pub, reason = "Leptos' component macro writes `pub` where it need not")]

mod app;
mod clock;
mod composer;
mod following;
mod message_list;
mod place;
mod shell;
mod socket;
mod status_bar;

pub use app::App;
pub use shell::Shell;
pub use socket::Socket;
