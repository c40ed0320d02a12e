//! Texts of the connect bar. One struct for all languages: a missing text fails to compile.

mod en;
mod ko;
mod ko_endpoints;

use session::{Close, CloseCode, CloseError};
use workbench::{
    compose::ItemError,
    connect::{AddressError, Cause, SubprotocolError, SwitchNote},
    relay::HeaderError,
};

use super::{
    options::options_tab::OptionsTab,
    remedy::{Remedy, RemedyKind},
};
use crate::{language::choose, ui::row_editor::PairWords};

/// Name of the header that browsers send by themselves.
pub(crate) const ORIGIN: &str = "Origin";

/// Texts in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// Texts of the connect bar in one language.
pub(crate) struct Words {
    pub(crate) address: Address,
    pub(crate) connection: Connection,
    pub(crate) closing: Closing,
    pub(crate) options: Options,
    pub(crate) route: Route,
    pub(crate) endpoints: Endpoints,
}

/// Address box and suggestions.
pub(crate) struct Address {
    pub(crate) label: &'static str,
    pub(crate) suggestions: &'static str,
    pub(crate) misbehaves: &'static str,
    pub(crate) recent: &'static str,
    /// Removes a recent address, with the key for it.
    pub(crate) forget: &'static str,
    /// Entry that unfolds a group of this many endpoints.
    pub(crate) unfold: fn(usize) -> String,
    pub(crate) this_server: &'static str,
    pub(crate) error: fn(&AddressError) -> String,
    pub(crate) expanded: fn(&str) -> String,
    /// Hint that the address differs from the one in use.
    pub(crate) switch: fn(&SwitchNote) -> String,
}

/// Connection status and buttons.
pub(crate) struct Connection {
    pub(crate) title: &'static str,
    /// Name of the status line.
    pub(crate) status: &'static str,
    pub(crate) connect: &'static str,
    pub(crate) disconnect: &'static str,
    pub(crate) disconnect_with_code: &'static str,
    pub(crate) stop_retrying: &'static str,
    pub(crate) try_now: &'static str,
    pub(crate) close_now: &'static str,
    pub(crate) idle: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) closed: &'static str,
    pub(crate) connecting: &'static str,
    pub(crate) open: &'static str,
    pub(crate) closing: &'static str,
    /// Retry that is pending, before its time.
    pub(crate) reconnecting: &'static str,
    /// Loss of a connection, before its close.
    pub(crate) lost: &'static str,
    pub(crate) cancelled: &'static str,
    /// Sentence about a received or sent Close frame.
    pub(crate) was_closed: fn(&Close) -> String,
    /// Sentence about a close by this side that had no Close frame for an answer.
    pub(crate) was_unanswered: &'static str,
    /// Sentence about a connection that ended without a Close frame.
    pub(crate) was_lost: fn(&Close) -> String,
    pub(crate) cause: fn(&Cause) -> String,
    /// Cause that is one of several possible ones.
    pub(crate) probable: fn(&str) -> String,
    pub(crate) other_causes: &'static str,
    /// One of the other causes.
    pub(crate) or: fn(&str) -> String,
    /// Shows all of what is said, at the place where it is cut.
    pub(crate) more: &'static str,
    /// Seconds until a retry.
    pub(crate) retries_in: fn(u64) -> String,
    /// Subprotocol that is hidden.
    pub(crate) masked: &'static str,
}

/// Form that disconnects with a close code and a reason.
pub(crate) struct Closing {
    pub(crate) code: &'static str,
    pub(crate) reason: &'static str,
    /// Meaning of a close code, as a sentence.
    pub(crate) meaning: fn(CloseCode) -> String,
    pub(crate) error: fn(&CloseError) -> String,
    /// Bytes used by the reason, and the maximum.
    pub(crate) bytes: fn(usize, usize) -> String,
    pub(crate) cancel: &'static str,
}

/// Route of a connection: by the browser, or through the page's server.
pub(crate) struct Route {
    pub(crate) title: &'static str,
    pub(crate) browser: &'static str,
    pub(crate) server: &'static str,
    pub(crate) explained: &'static str,
    pub(crate) headers: PairWords,
    /// Adds the header that browsers send by themselves.
    pub(crate) add_origin: &'static str,
    pub(crate) header_error: fn(&HeaderError) -> String,
    /// Note on secret values: none is stored, nor saved.
    pub(crate) secrets: &'static str,
    /// Mark of a header whose value is a secret.
    pub(crate) secret: &'static str,
    pub(crate) secret_title: &'static str,
    pub(crate) any_certificate: &'static str,
    pub(crate) follows: &'static str,
    pub(crate) uncompressed: &'static str,
    /// Credentials: header Authorization, no scheme and its schemes, their fields, and cookies.
    pub(crate) credentials: &'static str,
    pub(crate) authorization: &'static str,
    pub(crate) schemes: [&'static str; 3],
    pub(crate) user: &'static str,
    pub(crate) password: &'static str,
    pub(crate) token: &'static str,
    pub(crate) cookies: PairWords,
    /// Name of the client certificate, and where names come from.
    pub(crate) certificate: &'static str,
    pub(crate) certificate_hint: &'static str,
    /// Proxy, address, redirects and time limit.
    pub(crate) network: &'static str,
    pub(crate) time_limit: &'static str,
    pub(crate) invalid_time_limit: fn(u32) -> String,
    /// Compression: what is offered, and with which parameters.
    pub(crate) compression: &'static str,
    pub(crate) offers: &'static str,
    pub(crate) offers_hint: &'static str,
    pub(crate) proxy: &'static str,
    pub(crate) address: &'static str,
    pub(crate) authorities: &'static str,
    /// Mark of a connection.
    pub(crate) insecure: &'static str,
    /// Name of the hash, before the fingerprint of a certificate.
    pub(crate) sha256: &'static str,
    /// Button of a remedy.
    pub(crate) remedy: fn(&Remedy) -> String,
}

/// Connection options.
pub(crate) struct Options {
    pub(crate) title: &'static str,
    /// Leads to the group of options that has a mistake.
    pub(crate) show: &'static str,
    pub(crate) contents: &'static str,
    pub(crate) tab: fn(OptionsTab) -> &'static str,
    /// Names of the groups in which something is set.
    pub(crate) set: fn(&str) -> String,
    /// Title of an endpoint's own options, by its path.
    pub(crate) of_endpoint: fn(&str) -> String,
    pub(crate) query: PairWords,
    pub(crate) subprotocols: PairWords,
    pub(crate) subprotocol_error: fn(&SubprotocolError) -> String,
    pub(crate) reconnect: &'static str,
    pub(crate) reconnects: &'static str,
    pub(crate) max_retries: &'static str,
    pub(crate) no_limit: &'static str,
    pub(crate) invalid_limit: fn(u32) -> String,
    pub(crate) saved: &'static str,
    pub(crate) name_of_connection: &'static str,
    pub(crate) save: &'static str,
    pub(crate) remove_connection: fn(&str) -> String,
    pub(crate) connection_removed: fn(&str) -> String,
    pub(crate) connection_saved: fn(&str) -> String,
    pub(crate) connection_replaced: fn(&str) -> String,
    pub(crate) connection_loaded: fn(&str) -> String,
    pub(crate) connection_error: fn(&ItemError) -> String,
}

/// Texts of the server's endpoints, which the server gives in English; `None` for unknown ones.
pub(crate) struct Endpoints {
    pub(crate) group: fn(&str) -> Option<&'static str>,
    /// Summary of the endpoint at a path.
    pub(crate) summary: fn(&str) -> Option<&'static str>,
    /// Summary of an option, by the endpoint's path and the option's name.
    pub(crate) option: fn(&str, &str) -> Option<&'static str>,
    /// Allowed values of an option, from the server's words.
    pub(crate) allowed: fn(&str) -> Option<String>,
}
