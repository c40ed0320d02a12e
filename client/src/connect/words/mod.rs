//! Words of the connect bar: a struct, so that a word that is missing in a language does not compile.

mod en;
mod ko;

use session::{Close, CloseCode, CloseError};
use workbench::connect::{AddressError, Cause, SubprotocolError};

use crate::language::choose;

/// Words in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// Words of the connect bar, in one language.
pub(crate) struct Words {
    pub(crate) address: Address,
    pub(crate) connection: Connection,
    pub(crate) closing: Closing,
    pub(crate) options: Options,
}

/// The address box and its list.
pub(crate) struct Address {
    pub(crate) label: &'static str,
    pub(crate) offer: &'static str,
    pub(crate) misbehaves: &'static str,
    /// The heading of recent addresses.
    pub(crate) recent: &'static str,
    /// The heading of endpoints without a group.
    pub(crate) this_server: &'static str,
    pub(crate) mistake: fn(&AddressError) -> String,
    pub(crate) subprotocol_is_wrong: &'static str,
    pub(crate) for_the_next: &'static str,
}

/// How the connection stands, and the buttons beside it.
pub(crate) struct Connection {
    pub(crate) title: &'static str,
    pub(crate) connect: &'static str,
    pub(crate) disconnect: &'static str,
    pub(crate) disconnect_with_code: &'static str,
    pub(crate) stop_retrying: &'static str,
    pub(crate) try_now: &'static str,
    pub(crate) idle: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) closed: &'static str,
    pub(crate) connecting: &'static str,
    pub(crate) open: &'static str,
    pub(crate) closing: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) cancelled: &'static str,
    /// How it was closed, as a sentence.
    pub(crate) was_closed: fn(&Close) -> String,
    /// The same where there was no Close frame.
    pub(crate) was_lost: fn(&Close) -> String,
    pub(crate) cause: fn(&Cause) -> String,
    pub(crate) other_causes: &'static str,
    /// For the ear, which no countdown is read to.
    pub(crate) will_retry: &'static str,
    /// Seconds.
    pub(crate) retries_in: fn(u64) -> String,
    pub(crate) subprotocol: &'static str,
    pub(crate) extensions: &'static str,
}

/// The form that closes with a code and a reason.
pub(crate) struct Closing {
    pub(crate) title: &'static str,
    pub(crate) code: &'static str,
    pub(crate) reason: &'static str,
    /// What the code says, as a sentence.
    pub(crate) meaning: fn(CloseCode) -> String,
    pub(crate) mistake: fn(&CloseError) -> String,
    /// Bytes in the reason, of those that there may be.
    pub(crate) bytes: fn(usize, usize) -> String,
    pub(crate) cancel: &'static str,
    pub(crate) disconnect: &'static str,
}

/// What is folded below the address.
pub(crate) struct Options {
    pub(crate) title: &'static str,
    /// What is in them, behind the title.
    pub(crate) which: &'static str,
    /// The title of an endpoint's own, by its path.
    pub(crate) of: fn(&str) -> String,
    pub(crate) query: &'static str,
    pub(crate) add_parameter: &'static str,
    /// Parameters and subprotocols are numbered from 1.
    pub(crate) name_of_parameter: fn(usize) -> String,
    pub(crate) value_of_parameter: fn(usize) -> String,
    pub(crate) remove_parameter: fn(usize) -> String,
    pub(crate) name: &'static str,
    pub(crate) value: &'static str,
    pub(crate) remove: &'static str,
    pub(crate) subprotocols: &'static str,
    pub(crate) add_subprotocol: &'static str,
    pub(crate) subprotocol: fn(usize) -> String,
    pub(crate) remove_subprotocol: fn(usize) -> String,
    pub(crate) subprotocol_mistake: fn(&SubprotocolError) -> String,
    pub(crate) reconnect: &'static str,
    pub(crate) connect_again: &'static str,
    pub(crate) attempts: &'static str,
    pub(crate) no_limit: &'static str,
    pub(crate) limit_is_wrong: &'static str,
}
