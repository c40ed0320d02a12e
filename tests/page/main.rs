//! The page as a person uses it: a real browser, the served page, the real server.

mod accessibility;
mod browsers;
mod composing;
mod connecting;
mod frame;
mod keeping;
mod keyboard;
mod measuring;
mod offline;
mod refusals;
mod sharing;
mod switching;
mod workbench;
