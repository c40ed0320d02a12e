//! One WebSocket conversation as all sides of the workbench speak of it. Pure: events and the time come in, effects go
//! out.
//!
//! [`Session`] is the state of a client's connection; the other modules are what that state, server, connector
//! and page share: messages, close codes, records, patterns, secret headers, escaping for display. A client
//! owns the socket, the clock and the timers. It reports each [`Event`] and performs the returned [`Effect`],
//! so that every rule is tested natively, without a network.
//!
//! ```
//! use session::{Attempt, Backoff, Effect, Event, Message, Negotiated, Retries, Session, Time};
//!
//! let mut session = Session::new(Backoff::DEFAULT, Retries::UNLIMITED, 7);
//! let step = session.handle(Event::Connect, Time(0));
//! assert_eq!(step.effect, Some(Effect::Open(Attempt(0))));
//! session.handle(Event::Opened(Attempt(0), Negotiated::default()), Time(12));
//! let step = session.send(Message::Text("hi".into())).expect("it is open");
//! assert_eq!(step.effect, Some(Effect::Send(Attempt(0), Message::Text("hi".into()))));
//! ```

mod backoff;
mod close;
mod header;
mod hexadecimal;
mod message;
mod opening;
mod pattern;
mod record;
mod round_trip;
mod session;
mod time;
mod visible;

pub use backoff::Backoff;
pub use close::{Close, CloseCode, CloseError, MAX_REASON_BYTES};
pub use header::{
    ENDS_OF_VALUE, MASK, is_of_connection, is_of_handshake, is_plain_header, is_secret_name,
    is_secret_subprotocol, is_token_character, mask_url, mask_url_with, names_a_secret,
};
pub use hexadecimal::hexadecimal;
pub use message::{Message, Payload, PayloadKind, Preview};
pub use opening::{Certificate, FINGERPRINT_LEN, Stage};
pub use pattern::{Pattern, PatternError, Search};
pub use record::{
    Direction, Fact, FactRef, Frame, FrameOpcode, Handshake, Instruction, InstructionError, Mask,
    Record, RecordError, RecordRef, describe_json_error,
};
pub use round_trip::{ECHO_PREFIX, EchoMatcher};
pub use session::{
    Attempt, Effect, EndReason, Event, Item, Negotiated, Outcome, Retries, Session, State,
};
pub use time::{Time, TimeError};
pub use visible::{
    JOINER, excerpt, is_invisible, place_signs, visible_json, visible_line, visible_text,
    with_signs,
};
