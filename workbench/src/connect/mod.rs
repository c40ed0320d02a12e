//! Connection settings: address, query parameters, subprotocols, presets, recent addresses, and saved connections.

mod address;
mod congestion;
mod failure;
mod page;
mod presets;
pub(crate) mod query;
mod recent;
mod saved;
mod subprotocols;
mod suggestions;
mod switch;
mod target;

pub use address::{
    Address, AddressError, AddressSpace, authority_of, authority_of_location, endpoint_of_page,
    quoted_address, without_user,
};
pub(crate) use congestion::{Congestion, Verdict};
pub use congestion::{MAX_LAG, Overrun};
pub(crate) use failure::causes_in_answer;
pub use failure::{Cause, causes, is_permanent, obstacle};
pub use page::{Answer, Page, TOKEN_PATH};
pub use presets::{Preset, PresetOption};
pub use query::{
    Parameter, decoded, encoded, missing_secret, parameters, with_name, with_parameter, with_value,
    without_parameter,
};
pub use recent::{MAX_RECENT, Recent};
pub use saved::{SavedConnection, SavedConnections};
pub(crate) use subprotocols::shown_subprotocol;
pub use subprotocols::{MAX_SUBPROTOCOLS, SubprotocolError, fill_subprotocols};
pub use suggestions::{Entry, Group, Listed, Suggestion, entries, suggestions};
pub use switch::{SwitchNote, switch_note};
pub use target::{FilledTarget, Target, shown_address};
pub(crate) use target::{hidden_hosts, hidden_path};
