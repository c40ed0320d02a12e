//! Metrics: a summary line at the bottom of the page, and a dock with charts, figures and a table.

mod charts;
mod cursor;
mod dock;
mod groups;
mod measured;
mod plot;
mod summary;
mod table;
mod words;

pub use self::{dock::MetricsDock, measured::Measured, summary::MetricsBar};
