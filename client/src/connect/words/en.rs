//! English.

use session::CloseCode;
use workbench::{
    connect::{SwitchNote, quoted_address},
    relay::Network,
};

use super::{
    Address, Closing, Connection, Endpoints, Options, OptionsTab, PairWords, Remedy, RemedyKind,
    Route, Words,
};

pub(super) static WORDS: Words = Words {
    address: Address {
        label: "Address",
        suggestions: "Recent addresses, saved connections and endpoints",
        misbehaves: "faulty on purpose",
        recent: "Recent",
        forget: "Remove (Delete)",
        unfold: |endpoints| format!("Show {endpoints} endpoints"),
        this_server: "This server",
        error: ToString::to_string,
        expanded: |address| format!("Expands to {address}"),
        switch: |note| match note {
            SwitchNote::StillConnected(address) => {
                format!("Still connected to {address}. Press Enter to switch.")
            }
            SwitchNote::StillConnecting(address) => {
                format!("Connecting to {address}. Press Enter to switch.")
            }
            SwitchNote::ConnectsNext(address) => format!("Will connect to {address} next."),
            SwitchNote::OtherOptions => "Options changed. Reconnect to apply them.".to_owned(),
        },
    },
    connection: Connection {
        title: "Connection",
        status: "Status",
        connect: "Connect",
        disconnect: "Disconnect",
        disconnect_with_code: "Disconnect with a close code",
        stop_retrying: "Stop retrying",
        try_now: "Try now",
        close_now: "Close now",
        idle: "Not connected",
        failed: "Failed",
        closed: "Closed",
        connecting: "Connecting…",
        open: "Connected",
        closing: "Closing…",
        reconnecting: "Reconnecting",
        lost: "Connection lost",
        cancelled: "Cancelled before the connection opened.",
        was_closed: |close| format!("{close}."),
        was_unanswered: "The server did not confirm the close.",
        was_lost: |close| format!("{close}. Is the server still running?"),
        cause: ToString::to_string,
        probable: |cause| format!("Probable cause: {cause}"),
        other_causes: "Other possible causes",
        or: |cause| format!("Or: {cause}"),
        more: "… More",
        retries_in: |seconds| format!("in {seconds:\u{2007}>2} s"),
        masked: "Subprotocol, hidden as it may be a token",
    },
    closing: Closing {
        code: "Code",
        reason: "Reason",
        meaning: |code: CloseCode| format!("{code}: {}.", code.meaning()),
        error: ToString::to_string,
        bytes: |bytes, most| format!("{bytes} of {most} bytes"),
        cancel: "Cancel",
    },
    route: Route {
        title: "Connect through",
        browser: "browser",
        server: "this server",
        explained: "Browsers cannot set headers, accept other certificates or show frames. This server can.",
        headers: PairWords { title: "Headers", add: "Add header", item: "header" },
        add_origin: "Add Origin of this page",
        header_error: ToString::to_string,
        any_certificate: "Accept any certificate for the next connection",
        follows: "Follow redirects",
        uncompressed: "Do not offer compression",
        certificate: "Client certificate",
        certificate_hint: "name given with --client-cert",
        credentials: "Sign-in and cookies",
        authorization: "Authorization",
        schemes: ["none", "Basic", "Bearer"],
        user: "User",
        password: "Password",
        token: "Token",
        cookies: PairWords { title: "Cookies", add: "Add cookie", item: "cookie" },
        network: "Proxy and network",
        time_limit: "Time limit (s)",
        invalid_time_limit: |most| {
            format!("Enter a whole number from 1 to {most}, or leave empty for 10.")
        },
        compression: "Compression",
        offers: "Offer",
        offers_hint: "Parameters follow a semicolon: client_max_window_bits=9, server_max_window_bits=9, \
                      client_no_context_takeover, server_no_context_takeover. A comma starts another offer.",
        proxy: "Proxy",
        address: "IP address",
        authorities: "Trusted certificates (instead of the system's)",
        insecure: "untrusted certificate",
        sha256: "SHA-256 ",
        secret: "Secret",
        secret_title: "Hide the value, and neither store nor copy it",
        secrets: "Values marked Secret are not stored. Names of variables are: write Bearer {{token}}.",
        remedy: |Remedy { kind, host, target, parts }| {
            let label = match kind {
                RemedyKind::Address(address) => format!("Connect to {}", quoted_address(address)),
                RemedyKind::Relay => format!("Connect to {host} through this server"),
                RemedyKind::Browser if parts.is_empty() => "Connect directly".to_owned(),
                RemedyKind::Browser => {
                    return format!("Connect directly, without {parts}");
                }
                RemedyKind::Confirm(Network::Loopback) => format!("Allow {host} on this machine"),
                RemedyKind::Confirm(Network::Private) => {
                    format!("Allow {host} in the local network")
                }
                RemedyKind::Confirm(Network::Public) => format!("Allow {host} on the internet"),
                RemedyKind::AcceptCertificate(_) => {
                    format!("Accept this certificate of {host} once")
                }
                // Headers stay with the host that they were sent to already.
                RemedyKind::Follow => return format!("Follow the redirect to {host}"),
                RemedyKind::Send => format!("Use these options for {host}"),
            };
            match &**parts {
                "" => label,
                parts if host == target => format!("{label} and send {parts}"),
                parts => format!("{label} and send {parts} to {target}"),
            }
        },
    },
    options: Options {
        title: "Options",
        show: "Show",
        contents: "Query, subprotocols, route, reconnection, saved connections, and options of the endpoint",
        tab: |tab| match tab {
            OptionsTab::Endpoint => "Endpoint",
            OptionsTab::Query => "Query",
            OptionsTab::Subprotocols => "Subprotocols",
            OptionsTab::Route => "Route",
            OptionsTab::Reconnect => "Reconnect",
            OptionsTab::Saved => "Saved connections",
        },
        set: |groups| format!("Set: {groups}"),
        of_endpoint: |path| format!("Options of {path}"),
        query: PairWords { title: "Query", add: "Add parameter", item: "parameter" },
        subprotocols: PairWords {
            title: "Subprotocols (in order of preference)",
            add: "Add subprotocol",
            item: "subprotocol",
        },
        subprotocol_error: ToString::to_string,
        reconnect: "Reconnect",
        reconnects: "Reconnect automatically",
        max_retries: "Max retries",
        no_limit: "no limit",
        invalid_limit: |most| {
            format!("Enter a whole number from 1 to {most}, or leave empty for no limit.")
        },
        saved: "Saved connections",
        name_of_connection: "Name of this connection",
        save: "Save",
        remove_connection: |name| format!("Delete {name}"),
        connection_removed: |name| format!("Deleted {name}. "),
        connection_saved: |name| format!("Saved {name}. "),
        connection_replaced: |name| format!("Replaced {name}. "),
        connection_loaded: |name| format!("Filled in {name}. "),
        connection_error: ToString::to_string,
    },
    endpoints: Endpoints {
        group: |_| None,
        summary: |_| None,
        option: |_, _| None,
        allowed: |_| None,
    },
};
