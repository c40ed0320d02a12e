//! Browser APIs: the only folder that names web-sys, js-sys or gloo.

pub(crate) mod archive;
pub(crate) mod clipboard;
pub(crate) mod clock;
pub(crate) mod dom;
pub(crate) mod fetch;
pub(crate) mod file;
pub(crate) mod json;
pub(crate) mod language;
pub(crate) mod location;
pub(crate) mod offline;
pub(crate) mod platform;
pub(crate) mod socket;
pub(crate) mod storage;
pub(crate) mod worker;
