//! The page as a person uses it: a real browser, the served page, the real server.

mod accessibility;
mod browsers;
mod composing;
mod connecting;
mod finding;
mod frame;
mod frames;
mod keeping;
mod keyboard;
mod language;
mod look;
mod measuring;
mod offline;
mod refusals;
mod relay;
mod room;
mod rows;
mod sharing;
mod switching;
mod undoing;
mod workbench;
