//! Commands: parses pasted ones, and formats one to copy.

mod copied;
mod options;
mod prefix;
mod reader;
mod shell;

use thiserror::Error;

use self::{prefix::begins_like_a_command, reader::Reader};
use crate::{connect::MAX_SUBPROTOCOLS, relay::RelayOptions};

pub use copied::{copied_address, copied_options, copied_subprotocols, to_wsbench_command};
pub use options::LeftOut;
pub use shell::{NotQuotable, Operator, ShellError};

/// Maximum size of a command in bytes: about the systems' limit for arguments.
pub const MAX_COMMAND_BYTES: usize = 1 << 20;

/// Maximum number of messages in a command.
pub const MAX_MESSAGES: usize = 1_000;

/// Target and message of a pasted command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastedCommand {
    /// Address as typed, with `ws` for `http` and `wss` for `https`. May be invalid.
    pub address: String,
    /// Subprotocols in order of preference; at most [`MAX_SUBPROTOCOLS`].
    pub subprotocols: Vec<String>,
    /// Options that only a connection through the page's server has. Headers are the ones that not
    /// every client sends, with credentials and cookies; at most
    /// [`MAX_HEADERS`](crate::relay::MAX_HEADERS).
    pub relay: RelayOptions,
    /// Texts to send, in order; at most [`MAX_MESSAGES`].
    pub messages: Vec<String>,
    /// Parts without a counterpart in a browser, each once; at most 64.
    pub left_out: Vec<LeftOut>,
}

/// Command that cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CommandError {
    /// Not a known command. A page may treat the text as a message.
    #[error("This is not a command of wsbench, wscat, websocat or curl.")]
    NotACommand,
    /// More than [`MAX_COMMAND_BYTES`].
    #[error("The command has {0} bytes; the limit is {MAX_COMMAND_BYTES}.")]
    Long(usize),
    /// Shell syntax error.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// Missing address.
    #[error("The {0} command has no address. Add one, such as ws://localhost:8080/ws.")]
    NoAddress(&'static str),
    /// Missing value of the last option.
    #[error("{0} has no value. Copy the whole command.")]
    NoValue(String),
    /// Command that starts a server.
    #[error("This {0} command starts a server. Paste one that connects to one.")]
    Listens(&'static str),
    /// Pipe or several commands.
    #[error("There is more than one command. Paste only the one that connects.")]
    Several,
    /// More than [`MAX_SUBPROTOCOLS`].
    #[error("The command has more than {MAX_SUBPROTOCOLS} subprotocols.")]
    Subprotocols,
    /// More than [`MAX_MESSAGES`].
    #[error("The command has more than {MAX_MESSAGES} messages.")]
    Messages,
}

/// Parses a pasted command of `wsbench`, `wscat` (6), `websocat` (1 and 4), or a handshake of
/// `curl` as developer tools copy it. A prompt, `npx` and `echo … |` before it are accepted.
///
/// # Errors
/// If it is unknown, incomplete, or does more than connect.
pub fn parse_command(text: &str) -> Result<PastedCommand, CommandError> {
    if text.len() > MAX_COMMAND_BYTES {
        return Err(CommandError::Long(text.len()));
    }
    // Checked first: an open quote in other text is not an error.
    if !text.split('|').any(begins_like_a_command) {
        return Err(CommandError::NotACommand);
    }
    Reader::read(text)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;

    /// A pasted command: address, subprotocols, headers, proxy and IP address, messages, and what is left out.
    fn read(text: &str) -> String {
        let PastedCommand { address, subprotocols, relay, messages, left_out } =
            parse_command(text).unwrap();
        let RelayOptions { headers, proxy, address: ip, .. } = relay.clone();
        let rest = RelayOptions { headers, proxy, address: ip, ..RelayOptions::default() };
        assert_eq!(relay, rest, "{text}");
        let mut parts = vec![address];
        parts.extend(subprotocols.iter().map(|it| format!("[{it}]")));
        parts.extend(relay.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        let route = [("by", relay.proxy), ("at", relay.address)].into_iter();
        let route = route.filter(|(_, it)| !it.is_empty());
        parts.extend(route.map(|(word, it)| format!("{word} {it}")));
        parts.extend(messages.iter().map(|it| format!("> {it}")));
        parts.extend(left_out.iter().map(|it| format!("{it:?}").replace('"', "")));
        parts.join(" | ")
    }

    fn assert_read<const N: usize>(commands: [(&str, &str); N]) {
        for (text, expected) in commands {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn user_and_password_of_an_address_are_the_sign_in_unless_a_header_is() {
        assert_read([
            ("curl https://me:p%40w@h/x", "wss://h/x | Authorization: Basic me:p@w"),
            ("curl https://me:{{pw}}@h/x", "wss://h/x | Authorization: Basic me:{{{{pw}}"),
            ("wsbench wss://me:{{pw}}@h/x", "wss://h/x | Authorization: Basic me:{{pw}}"),
            ("wsbench wss://me:pw@h/x --bearer t", "wss://h/x | Authorization: Bearer t"),
        ]);
    }

    #[test]
    fn commands_of_wsbench() {
        assert_read([
            ("wsbench ws://localhost:8080", "ws://localhost:8080"),
            ("wsbench ws://listen", "ws://listen"),
            ("$ echo hi | wsbench ws://localhost:8080", "ws://localhost:8080 | > hi"),
            (
                "wsbench ws://localhost:8080 -x hi --execute='a b' -x=c --expect hi -kv",
                "ws://localhost:8080 | > hi | > a b | > c | Option(--expect) | AnyCertificate(-k)",
            ),
            (
                "wsbench wss://example.org/feed --count 10 --json </dev/null",
                "wss://example.org/feed | File",
            ),
            (
                "wsbench localhost:8080 -H 'X-Id: 7' --bearer \"$TOKEN\" --subprotocol chat,mqtt -v",
                "localhost:8080 | [chat] | [mqtt] | X-Id: 7 | Authorization: Bearer $TOKEN | Expansion($TOKEN)",
            ),
            (
                "wsbench bench ws://localhost:8080/echo -c 10",
                "ws://localhost:8080/echo | Option(bench) | Option(-c)",
            ),
            (
                "wsbench record localhost:8080/chat/lobby -o x.ws --as mock -6",
                "localhost:8080/chat/lobby | Option(record) | Option(-6)",
            ),
        ]);
        for server in ["wsbench listen :9000", "wsbench server -p 80", "wsbench mock a.ws"] {
            assert_eq!(parse_command(server), Err(CommandError::Listens("wsbench")), "{server}");
        }
        for other in ["wsbench run a.ws", "wsbench fmt a.ws", "wsbench convert a.har"] {
            assert_eq!(parse_command(other), Err(CommandError::NoAddress("wsbench")), "{other}");
        }
    }

    #[test]
    fn commands_of_wscat() {
        assert_read([
            (
                "npx -y wscat@6 -c localhost:8080 -s a -s b -x 'hi there' -w 5 -n -P",
                "localhost:8080 | [a] | [b] | > hi there | AnyCertificate(-n)",
            ),
            (
                "wscat --connect ws://x --auth me:secret -H Cookie:a=b -o http://y --proxy http://p",
                "ws://x | Authorization: Basic bWU6c2VjcmV0 | Cookie: a=b | Origin: http://y | by http://p",
            ),
        ]);
        assert_eq!(parse_command("wscat -l 8080"), Err(CommandError::Listens("wscat")));
        assert_eq!(parse_command("wscat -c"), Err(CommandError::NoValue("-c".into())));
    }

    #[test]
    fn commands_of_websocat() {
        assert_read([
            ("websocat ws://x/y", "ws://x/y"),
            (
                "websocat -t -H='X-A: b' --protocol chat - 'wss://x/?a=1&b=2'",
                "wss://x/?a=1&b=2 | [chat] | X-A: b",
            ),
            (
                "printf '%s\\n' hi | /usr/bin/websocat -n1k --protocol=a,b wss://x:1 2>/dev/null",
                "wss://x:1 | [a] | [b] | > hi | File | AnyCertificate(-k)",
            ),
            ("websocat ws://x <<< '{\"a\": 1}'", "ws://x | > {\"a\": 1}"),
        ]);
        assert_eq!(parse_command("websocat -s 8080"), Err(CommandError::Listens("websocat")));
    }

    /// As Chrome copies it, and as manuals have it.
    #[test]
    fn handshakes_of_curl() {
        assert_read([
            (
                "curl 'wss://example.org/chat?room=1' \\\n  -H 'Upgrade: websocket' \\\n  \
                 -H 'Origin: https://example.org' \\\n  -H 'Cache-Control: no-cache' \\\n  \
                 -H 'Accept-Language: en' \\\n  -b 'session=secret' \\\n  -H 'Pragma: no-cache' \\\n  \
                 -H 'Connection: Upgrade' \\\n  -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' \\\n  \
                 -H $'User-Agent: it\\'s' \\\n  -H 'Sec-WebSocket-Protocol: graphql-ws, chat' \\\n  \
                 -H 'Sec-WebSocket-Version: 13'\n",
                "wss://example.org/chat?room=1 | [graphql-ws] | [chat] | Origin: https://example.org | \
                 Cookie: session=secret | User-Agent: it's",
            ),
            (
                "curl --include --no-buffer -sSN -m5 -A me -H 'X-Token: x' http://localhost:8080/ws",
                "ws://localhost:8080/ws | User-Agent: me | X-Token: x",
            ),
        ]);
    }

    #[test]
    fn options_that_only_the_server_has_are_set() {
        assert_read([
            (
                "curl -x p:3128 --resolve b.org:80:1.1.1.1 --resolve +example.org:80:[::1],127.0.0.1 \
                 http://Example.org/a",
                "ws://Example.org/a | by http://p:3128 | at ::1 | Option(--resolve)",
            ),
            (
                "wsbench wss://example.org/a --proxy http://me:pw@p --resolve example.org:443:::1",
                "wss://example.org/a | by http://me:pw@p | at ::1",
            ),
            ("websocat --socks5 p:1080 wss://x/a", "wss://x/a | by socks5://p:1080"),
            ("curl --resolve x:80:127.0.0.1 https://x/a", "wss://x/a | Option(--resolve)"),
            // A stranger's command names no variable of the person.
            ("curl -x http://{{token}}.test ws://x", "ws://x | by http://{{{{token}}.test"),
            ("wscat -s {{token}} -c ws://{{token}}.test", "ws://{{{{token}}.test | [{{{{token}}]"),
            ("wsbench ws://x --proxy http://me:{{pw}}@p", "ws://x | by http://me:{{pw}}@p"),
            ("curl --connect-timeout 0.5 ws://x", "ws://x | Option(--connect-timeout)"),
        ]);
        for text in ["wscat -L -c ws://x", "curl --location ws://x", "wsbench --follow ws://x"] {
            assert!(parse_command(text).unwrap().relay.follows_redirects, "{text}");
        }
        for text in ["wsbench ws://x --connect-timeout 5s", "curl --connect-timeout 5 ws://x"] {
            assert_eq!(parse_command(text).unwrap().relay.time_limit, 5, "{text}");
        }
        let uncompressed = parse_command("wsbench ws://x --compression off").unwrap();
        assert!(uncompressed.relay.is_uncompressed && uncompressed.left_out.is_empty());
        let offering = parse_command("wsbench ws://x --compression server_no_context_takeover");
        let offers = "permessage-deflate; server_no_context_takeover";
        assert_eq!(offering.unwrap().relay.offers, offers);
    }

    #[test]
    fn errors_reveal_no_secrets() {
        let pasted = parse_command(
            "A=secret wsbench ws://x --user me:secret --cookie a=secret -H 'Authorization: secret' \
             -H 'X-Key: secret' --cert secret --proxy http://u:secret@p --origin secret",
        );
        let said: Vec<_> = pasted.unwrap().left_out.iter().map(LeftOut::to_string).collect();
        expect![[r"
            Variable A ignored: not supported here.
            Certificate files ignored: files are not read. Set certificates under Route."]]
        .assert_eq(&said.join("\n"));
    }

    #[test]
    fn other_text_is_not_a_command() {
        for text in [
            "",
            "ws://localhost:8080",
            "ws://localhost:8080/curl",
            "it's",
            "websocket",
            "my wsbench ws://x",
            "rm -rf /",
            "curlew 'x",
        ] {
            assert_eq!(parse_command(text), Err(CommandError::NotACommand), "{text}");
        }
    }

    #[test]
    fn unsupported_commands_are_refused() {
        for text in [
            "wsbench ws://x; rm -rf /",
            "wsbench ws://x && rm",
            "wsbench ws://x | sh",
            "cat f | wsbench ws://x",
            "wscat -c ws://x\nrm",
            "wsbench ws://x <(rm)",
        ] {
            assert_eq!(parse_command(text), Err(CommandError::Several), "{text}");
        }
        assert_eq!(parse_command("wsbench -x hi"), Err(CommandError::NoAddress("wsbench")));
        assert_eq!(
            parse_command("wsbench 'ws://x"),
            Err(CommandError::Shell(ShellError::Unclosed('\'')))
        );
    }

    #[test]
    fn limits_are_exact() {
        let messages = |count| parse_command(&format!("wsbench ws://x{}", " -xa".repeat(count)));
        assert_eq!(messages(MAX_MESSAGES).unwrap().messages.len(), MAX_MESSAGES);
        assert_eq!(messages(MAX_MESSAGES + 1), Err(CommandError::Messages));
        let names = |count| parse_command(&format!("wscat -c ws://x{}", " -s a".repeat(count)));
        assert_eq!(names(MAX_SUBPROTOCOLS).unwrap().subprotocols.len(), MAX_SUBPROTOCOLS);
        assert_eq!(names(MAX_SUBPROTOCOLS + 1), Err(CommandError::Subprotocols));
        let long = |bytes: usize| {
            let command = "wsbench ws://x";
            parse_command(&(command.to_owned() + &" ".repeat(bytes - command.len())))
        };
        assert!(long(MAX_COMMAND_BYTES).is_ok());
        assert_eq!(long(MAX_COMMAND_BYTES + 1), Err(CommandError::Long(MAX_COMMAND_BYTES + 1)));
    }

    #[test]
    fn commands_take_linear_time() {
        for part in [
            "--unknown-%n ", "%n ", "-z%n", "-H 'X-%n: 1' ", "--resolve h%n:1:::1 ", "$V%n ", "\n",
            "x|", ";", "echo |", "'%n'", "\\\n", "#", "<", "2>", "V%n=1 ", "(", "${", "-", "\\",
            "npx ",
        ] {
            let text = |size: usize| {
                let parts: String = (0..size).map(|n| part.replace("%n", &n.to_string())).collect();
                [
                    format!("wsbench ws://localhost:8080 {parts}"),
                    format!("{parts}wsbench ws://localhost:8080"),
                ]
            };
            growth::assert_linear(1 << 14, text, |texts| {
                drop(texts.map(|text| parse_command(&text)));
            });
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_does_not_panic(rest in "[-xHkcs=a ,:'\"$\\\\|<>\n]*|\\PC*") {
            for program in ["wsbench", "wscat", "websocat", "curl"] {
                if let Ok(command) = parse_command(&format!("{program} {rest}")) {
                    prop_assert!(command.subprotocols.len() <= MAX_SUBPROTOCOLS);
                    prop_assert!(command.messages.len() <= MAX_MESSAGES);
                }
            }
        }
    }
}
