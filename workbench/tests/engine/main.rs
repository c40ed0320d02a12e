//! The engine behind a tab, room by room: what a view, the socket and the store get of it, whatever it is told.

mod composer;
mod connection;
mod exchange;
mod harness;
mod log;
mod metrics;
mod persistence;
mod relay;
mod view;
