//! English.

use session::CloseCode;
use workbench::connect::SwitchNote;

use super::{Address, Closing, Connection, Endpoints, Options, OptionsTab, Words};

pub(super) static WORDS: Words = Words {
    address: Address {
        label: "Address",
        suggestions: "Recent addresses and endpoints",
        misbehaves: "misbehaves",
        recent: "Recent",
        unfold: |endpoints| format!("Show {endpoints} endpoints"),
        this_server: "This server",
        error: ToString::to_string,
        expanded: |address| format!("With variables filled in: {address}"),
        invalid_subprotocol: "Invalid subprotocol. See below.",
        switch: |note| match note {
            SwitchNote::StillConnected(address) => {
                format!("Still connected to {address}. Press Enter to switch.")
            }
            SwitchNote::StillConnecting(address) => {
                format!("Connecting to {address}. Press Enter to switch.")
            }
            SwitchNote::ConnectsNext(address) => format!("Then connects to {address}."),
        },
    },
    connection: Connection {
        title: "Connection",
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
        lost: "Connection lost",
        cancelled: "Cancelled before the connection opened.",
        was_closed: |close| format!("{close}."),
        was_lost: |close| format!("{close}. Is the server still running?"),
        cause: ToString::to_string,
        probable: |cause| format!("Probable cause: {cause}"),
        other_causes: "Other common causes",
        will_retry: " Will retry.",
        retries_in: |seconds| format!("Trying again in {seconds} s"),
        subprotocol: "Subprotocol",
        extensions: "Extensions",
    },
    closing: Closing {
        title: "Disconnect with a close code",
        code: "Code",
        reason: "Reason",
        meaning: |code: CloseCode| format!("{code}: {}.", code.meaning()),
        error: ToString::to_string,
        bytes: |bytes, most| format!("{bytes} of {most} bytes"),
        cancel: "Cancel",
        disconnect: "Disconnect",
    },
    options: Options {
        title: "Options",
        contents: "Query, subprotocols, reconnection, and options of the endpoint",
        tab: |tab| match tab {
            OptionsTab::Endpoint => "Endpoint",
            OptionsTab::Query => "Query",
            OptionsTab::Subprotocols => "Subprotocols",
            OptionsTab::Reconnect => "Reconnect",
        },
        of_endpoint: |path| format!("Options of {path}"),
        query: "Query",
        add_parameter: "Add parameter",
        name_of_parameter: |number| format!("Name of parameter {number}"),
        value_of_parameter: |number| format!("Value of parameter {number}"),
        remove_parameter: |number| format!("Remove parameter {number}"),
        name: "name",
        value: "value",
        remove: "Remove",
        subprotocols: "Subprotocols (in order of preference)",
        add_subprotocol: "Add subprotocol",
        subprotocol: |number| format!("Subprotocol {number}"),
        remove_subprotocol: |number| format!("Remove subprotocol {number}"),
        subprotocol_error: ToString::to_string,
        reconnect: "Reconnect",
        reconnects: "Reconnect automatically",
        max_retries: "Max retries",
        no_limit: "no limit",
        invalid_limit: "Enter a whole number from 1 to 1000, or leave empty for no limit.",
    },
    endpoints: Endpoints {
        group: |_| None,
        summary: |_| None,
        option: |_, _| None,
        allowed: |_| None,
    },
};
