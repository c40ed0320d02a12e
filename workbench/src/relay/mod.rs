//! Connections through the page's server, which sets headers, sees frames and takes certificates that a
//! browser does not. The protocol is `docs/relay.md`.

mod authorization;
mod certificate;
mod cookies;
mod frame;
mod frame_budget;
mod frames;
mod opening;
mod options;
mod transport;

pub use authorization::Authorization;
pub(crate) use authorization::is_it as is_authorization;
pub(crate) use certificate::texts as certificate_texts;
pub use certificate::{ShownCertificate, Validity, tls_name};
pub use cookies::{cookies, put_cookies};
pub use frame::{
    ControlFrame, ControlKind, MAX_MESSAGE_FRAMES, MessageFrames, RSV2, RSV3, WireFrame,
};
pub(crate) use frame_budget::FrameBudget;
pub(crate) use frames::Frames;
pub use opening::{Exchange, Opening};
pub use options::{
    Binding, HeaderError, HostField, MAX_HEADERS, RelayOptions, cookie_error, is_by_variables,
};
pub(crate) use transport::{ConnectionEvent, RelayEvent, Transport, encoded, encoded_message};

pub(crate) use ::relay::Fragments;
pub use ::relay::{
    Certificate, FINGERPRINT_LEN, FailureCause, MAX_FRAMES, Network, Response, Stage, Tls,
};
