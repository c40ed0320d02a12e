//! Options of the supported programs.

use thiserror::Error;

use self::Meaning::{
    Address, Basic, Bearer, Flag, Header, Listens, Message, Named, NoFlag, NoValue, Set,
    Subprotocol, Value,
};
use crate::relay::MAX_HEADERS;

/// Ignored part of a command. The sentence names no value, which may be secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LeftOut {
    /// A header of this name: there are too many.
    #[error("Header {0} ignored: at most {MAX_HEADERS} fit.")]
    Header(String),
    /// Files of certificates and keys.
    #[error("Certificate files ignored: files are not read. Set certificates under Route.")]
    Certificates,
    /// Acceptance of any certificate: a command may come from anybody.
    #[error("{0} ignored: the page asks before a certificate is accepted.")]
    AnyCertificate(String),
    /// Unsupported or unknown option.
    #[error("{0} ignored: not supported here.")]
    Option(String),
    /// Word with a shell expansion.
    #[error("{0} not expanded: commands are not run.")]
    Expansion(String),
    /// A variable that is set before the command.
    #[error("Variable {0} ignored: not supported here.")]
    Variable(String),
    /// A file that is read or written.
    #[error("File ignored: files are not read or written.")]
    File,
}

/// Supported program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    Wsbench,
    Wscat,
    Websocat,
    Curl,
}

/// Meaning of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Address.
    Address,
    /// Subprotocols, with commas between them.
    Subprotocol,
    /// Message to send.
    Message,
    /// Header: `Name: value`.
    Header,
    /// Value of a header of this name.
    Named(&'static str),
    /// User name and password for the scheme Basic (RFC 7617).
    Basic,
    /// Bearer token (RFC 6750).
    Bearer,
    /// Option of a connection through the page's server.
    Set(Setting),
    /// Option that starts a server.
    Listens,
    /// Flag about the program itself, such as its output; ignored silently.
    Flag,
    /// Option with a value about the program itself; ignored silently.
    Value,
    /// Unsupported flag, reported.
    NoFlag(Lost),
    /// Unsupported option with a value, reported.
    NoValue(Lost),
}

/// Options of a connection that browsers do not have, and the page's server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    /// Proxy, with this scheme if it has none.
    Proxy(&'static str),
    /// Host and port, with an IP address for them.
    Resolve,
    /// Flag that follows redirects.
    Follow,
    /// `on`, `off`, or parameters of permessage-deflate (RFC 7692).
    Compression,
    /// Seconds for the opening, whole ones.
    TimeLimit,
}

/// Category of ignored options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// Certificates of a client or an authority, which browsers take from their own store.
    Certificates,
    /// Acceptance of any certificate, which no page can ask for.
    AnyCertificate,
    /// File on the machine of the command, such as one with messages.
    File,
    /// Anything else, reported by its name.
    Other,
}

impl Meaning {
    /// True if the next word, or the rest of this one, belongs to the option.
    pub(super) fn takes_value(self) -> bool {
        let is_flag = matches!(
            self,
            Self::Listens | Self::Flag | Self::NoFlag(_) | Self::Set(Setting::Follow)
        );
        !is_flag
    }
}

impl Lost {
    /// Report on an ignored `option`, as it was typed.
    pub(super) fn left_out(self, option: &str) -> LeftOut {
        match self {
            Self::Certificates => LeftOut::Certificates,
            Self::File => LeftOut::File,
            Self::AnyCertificate => LeftOut::AnyCertificate(option.to_owned()),
            Self::Other => LeftOut::Option(option.to_owned()),
        }
    }
}

impl Program {
    /// Detects the program by its file name, with a version suffix as for `npx`.
    pub(super) fn named(word: &str) -> Option<Self> {
        // An address may end in such a name.
        if word.contains("://") {
            return None;
        }
        let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = name.split('@').next().unwrap_or_default();
        match name.strip_suffix(".exe").unwrap_or(name) {
            "wsbench" => Some(Self::Wsbench),
            "wscat" => Some(Self::Wscat),
            "websocat" => Some(Self::Websocat),
            "curl" => Some(Self::Curl),
            _ => None,
        }
    }

    /// Name as typed.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Wsbench => "wsbench",
            Self::Wscat => "wscat",
            Self::Websocat => "websocat",
            Self::Curl => "curl",
        }
    }

    /// Meaning of an option, written as `-x` or `--execute`. Unknown options count as flags: an
    /// address is told from a value by its scheme.
    pub(super) fn meaning(self, option: &str) -> Meaning {
        let options = match self {
            Self::Wsbench => WSBENCH,
            Self::Wscat => WSCAT,
            Self::Websocat => WEBSOCAT,
            Self::Curl => CURL,
        };
        let found = options.iter().find(|(names, _)| names.split(' ').any(|name| name == option));
        found.map_or(Meaning::NoFlag(Lost::Other), |(_, meaning)| *meaning)
    }
}

/// `cli/src/connect/flags.rs`; those of `bench`, `autobahn` and `record` too.
const WSBENCH: &[(&str, Meaning)] = &[
    ("-x --execute", Message),
    ("--subprotocol", Subprotocol),
    ("-H --header", Header),
    ("--user", Basic),
    ("--bearer", Bearer),
    ("--cookie", Named("Cookie")),
    ("--origin", Named("Origin")),
    ("--proxy", Set(Setting::Proxy("http"))),
    ("--resolve", Set(Setting::Resolve)),
    ("--follow", Set(Setting::Follow)),
    ("--compression", Set(Setting::Compression)),
    ("--unix", NoValue(Lost::Other)),
    ("--cacert --cert --key", NoValue(Lost::Certificates)),
    ("-k --insecure", NoFlag(Lost::AnyCertificate)),
    ("--json --raw -0 --null --show-control -q --quiet -v --verbose --reconnect", Flag),
    ("--frames --show-secrets --force", Flag),
    ("--connect-timeout", Set(Setting::TimeLimit)),
    ("--count --wait --timeout --max-message --color --chunk", Value),
    ("--retries --fail-on -o --output --as --secret", Value),
    ("--expect --expect-close --ping", NoValue(Lost::Other)),
    ("-c --connections -i --in-flight -s --size -r --rate -d --duration", NoValue(Lost::Other)),
    ("-w --warmup --compare --turns --case", NoValue(Lost::Other)),
];

/// wscat 6.
const WSCAT: &[(&str, Meaning)] = &[
    ("-c --connect", Address),
    ("-x --execute", Message),
    ("-s --subprotocol", Subprotocol),
    ("-H --header", Header),
    ("-l --listen", Listens),
    ("--auth", Basic),
    ("-o --origin", Named("Origin")),
    ("--proxy", Set(Setting::Proxy("http"))),
    ("-L --location", Set(Setting::Follow)),
    ("-n --no-check", NoFlag(Lost::AnyCertificate)),
    ("--ca --cert --key --passphrase", NoValue(Lost::Certificates)),
    ("-p --protocol --host", NoValue(Lost::Other)),
    ("-P --show-ping-pong --no-color --slash", Flag),
    ("-w --wait --max-redirects", Value),
];

/// websocat 1.14 and 4.0.
const WEBSOCAT: &[(&str, Meaning)] = &[
    ("--protocol", Subprotocol),
    ("-H --header", Header),
    ("--ws-c-uri", Address),
    ("-s --server-mode --server", Listens),
    ("--basic-auth", Basic),
    ("--basic-auth-file", NoValue(Lost::File)),
    ("--origin", Named("Origin")),
    ("--ua", Named("User-Agent")),
    ("--socks5", Set(Setting::Proxy("socks5"))),
    ("--socks5-destination", NoValue(Lost::Other)),
    ("-k --insecure", NoFlag(Lost::AnyCertificate)),
    ("--tls-domain --client-pkcs12-der --client-pkcs12-passwd", NoValue(Lost::Certificates)),
    ("-t --text -E --exit-on-eof -n --no-close -0 --null-terminated -1 --one-message", Flag),
    ("-q -v -S --strict -u --unidirectional -U --unidirectional-reverse --no-line", Flag),
    ("-B --buffer-size --max-messages --max-messages-rev --separator --separator-n", Value),
    ("--ping-interval --ping-timeout --queue-len", Value),
    ("--exec-args --filter --filter-reverse --text-prefix --binary-prefix", NoValue(Lost::Other)),
    ("--websocket-version --max-ws-frame-length --max-ws-message-length", NoValue(Lost::Other)),
];

/// curl 8, as used for handshakes and by "Copy as cURL".
const CURL: &[(&str, Meaning)] = &[
    ("--url", Address),
    ("-H --header", Header),
    ("-u --user", Basic),
    ("--oauth2-bearer", Bearer),
    ("-b --cookie", Named("Cookie")),
    ("-c --cookie-jar", NoValue(Lost::File)),
    ("-x --proxy", Set(Setting::Proxy("http"))),
    ("--socks5 --socks5-hostname", Set(Setting::Proxy("socks5"))),
    ("--resolve", Set(Setting::Resolve)),
    ("-L --location", Set(Setting::Follow)),
    ("-U --proxy-user --noproxy", NoValue(Lost::Other)),
    ("--connect-to --unix-socket --interface", NoValue(Lost::Other)),
    ("-k --insecure", NoFlag(Lost::AnyCertificate)),
    ("--cacert --capath -E --cert --key --pinnedpubkey --ciphers", NoValue(Lost::Certificates)),
    (
        "-d --data --data-raw --data-binary --data-ascii -F --form -T --upload-file",
        NoValue(Lost::Other),
    ),
    ("-e --referer -K --config", NoValue(Lost::Other)),
    ("-A --user-agent", Named("User-Agent")),
    ("-X --request -o --output -D --dump-header -w --write-out", Value),
    ("--connect-timeout", Set(Setting::TimeLimit)),
    ("-m --max-time --retry --limit-rate", Value),
    ("-i --include -I --head -N --no-buffer -s --silent -S --show-error", Flag),
    ("-v --verbose -f --fail -G --get --compressed --globoff -g --http1.1 --http2", Flag),
];
