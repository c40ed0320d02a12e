//! nginx and `HAProxy` with TLS before the server and before others, configured as `docs/proxy.md` says.

use std::{
    fs,
    net::TcpListener,
    process::Stdio,
    time::{Duration, Instant},
};

use harness::{Authority, PATIENCE, Program};
use rcgen::CertificateParams;
use tokio::{net::TcpStream, process::Command, time::sleep};

use crate::{
    left_out, output,
    peer::{LIBRARIES, Peer, converse, is_echoed},
    wsbench,
};

const DOCUMENT: &str = include_str!("../../docs/proxy.md");

/// Name of the site in `docs/proxy.md`.
const SITE: &str = "ws.example.com";

/// The server's address in `docs/proxy.md`.
const UPSTREAM: &str = "127.0.0.1:8080";

/// Folders of programs that only root has on `PATH`.
const SUPERUSER: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];

/// Pause between two looks at a proxy that is not ready.
const PAUSE: Duration = Duration::from_millis(20);

/// Offers of `wsbench`: a proxy passes them on, with the frames that follow from them.
const OFFERS: [&str; 5] = [
    "off",
    "on",
    "client_no_context_takeover; server_no_context_takeover",
    "client_max_window_bits=9; server_max_window_bits=9",
    "client_no_context_takeover; server_max_window_bits=10",
];

/// Make of a proxy, with the way in which it speaks to the server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Make {
    Nginx,
    HaProxy,
    /// HTTP/2 with prior knowledge, and WebSockets by RFC 8441.
    HaProxyHttp2,
    /// The PROXY protocol, version 2, instead of a header.
    HaProxyHeader,
}

impl Make {
    fn program(self) -> &'static str {
        if self == Self::Nginx { "nginx" } else { "haproxy" }
    }

    /// Command for the program. `None`, with a sentence, if it is not installed.
    fn command(self) -> Option<Command> {
        let name = self.program();
        let paths = SUPERUSER.map(|folder| format!("{folder}/{name}"));
        for program in [name, &*paths[0], &*paths[1]] {
            let mut version = std::process::Command::new(program);
            if version.arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok() {
                return Some(Command::new(program));
            }
        }
        left_out(name, "it is not installed; Debian has a package of this name");
        None
    }

    /// Configuration for TLS on `port` before the server at `upstream`.
    fn configuration(self, folder: &str, port: u16, upstream: u16) -> String {
        let upstream = format!("127.0.0.1:{upstream}");
        if self == Self::Nginx {
            let location = block("nginx").replace(UPSTREAM, &upstream);
            let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
            let paths = paths.map(|name| format!("{name}_temp_path {folder}/{name};\n")).concat();
            return format!(
                "daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log stderr;\n\
                 events {{}}\nhttp {{\naccess_log off;\n{paths}server {{\n\
                 listen 127.0.0.1:{port} ssl;\nserver_name {SITE} localhost;\n\
                 ssl_certificate {folder}/chain.pem;\nssl_certificate_key {folder}/key.pem;\n\
                 {location}\n}}\n}}\n"
            );
        }
        let backend = block("haproxy");
        let backend = match self {
            Self::HaProxyHttp2 => backend.replace(UPSTREAM, &format!("{upstream} proto h2")),
            Self::HaProxyHeader => backend
                .replace("    option forwardfor\n", "")
                .replace(UPSTREAM, &format!("{upstream} send-proxy-v2")),
            _ => backend.replace(UPSTREAM, &upstream),
        };
        format!(
            "global\n    maxconn 256\ndefaults\n    mode http\n    timeout connect 5s\n    \
             timeout client 1m\n    timeout server 1m\nfrontend tls\n    \
             bind 127.0.0.1:{port} ssl crt {folder}/both.pem alpn http/1.1\n    \
             default_backend wsbench\n{backend}"
        )
    }
}

/// Part of the document in a language.
fn block(language: &str) -> String {
    let (_, rest) = DOCUMENT.split_once(&format!("```{language}\n")).expect("the document has it");
    let (block, _) = rest.split_once("```").expect("it ends");
    assert!(block.contains(UPSTREAM), "{block}");
    block.to_owned()
}

/// Running proxy with TLS, for `localhost` and [`SITE`].
pub(crate) struct Proxy {
    _program: Program,
    authority: Authority,
    port: u16,
}

impl Proxy {
    /// Starts it before a server on localhost, if it is installed.
    pub(crate) async fn start(make: Make, upstream: u16) -> Option<Self> {
        let mut command = make.command()?;
        let authority = Authority::default();
        write_certificates(&authority);
        let free = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = free.local_addr().expect("it is bound").port();
        drop(free);
        let path = authority.folder().to_str().expect("the path is UTF-8");
        let file = format!("{path}/configuration");
        fs::write(&file, make.configuration(path, port, upstream)).expect("there is room");
        if make == Make::Nginx {
            command.args(["-e", "stderr", "-p", path, "-c", &file]);
        } else {
            command.args(["-db", "-f", &file]);
        }
        let program = Program::start(&mut command);
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(started.elapsed() < PATIENCE, "{make:?} listens");
            sleep(PAUSE).await;
        }
        Some(Self { _program: program, authority, port })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("wss://localhost:{}{path}", self.port)
    }

    pub(crate) fn issuer(&self) -> String {
        self.authority.path()
    }
}

/// Writes `chain.pem`, `key.pem` and, for `HAProxy`, `both.pem`.
fn write_certificates(authority: &Authority) {
    let mut params = CertificateParams::new(vec!["localhost".to_owned(), SITE.to_owned()]).unwrap();
    // Python's ssl module checks what RFC 5280 asks for.
    params.use_authority_key_identifier_extension = true;
    let (chain, key) = authority.sign(&params);
    let (chain, key) = (chain.pem(), key.serialize_pem());
    for (name, pem) in
        [("both.pem", &(chain.clone() + &key)), ("chain.pem", &chain), ("key.pem", &key)]
    {
        let _ = authority.file(name, pem);
    }
}

/// Server behind a proxy, started as the document says, with compression of all messages.
async fn server(make: Make) -> (Program, u16) {
    let mut flags = vec!["--listen", "127.0.0.1:0", "--trusted-proxy", "127.0.0.1", "--allow-host"];
    flags.extend([SITE, "--compress-from", "1"]);
    if make == Make::HaProxyHeader {
        flags.push("--proxy-protocol");
    }
    let mut program = Program::server(&flags);
    let address = program.address("ws://").await;
    let (_, port) = address.trim_end_matches('/').rsplit_once(':').expect("a port");
    let port = port.parse().expect("a port is a number");
    (program, port)
}

async fn stands_between(make: Make) {
    let (_server, port) = server(make).await;
    let Some(proxy) = Proxy::start(make, port).await else { return };
    let issuer = proxy.issuer();
    for offer in OFFERS {
        let agreed =
            is_echoed(&proxy.url("/echo"), &["--cacert", &issuer, "--compression", offer]).await;
        assert_eq!(agreed.is_empty(), offer == "off", "{make:?}, {offer}: {agreed}");
    }
    let sets = ["off", "", "server_max_window_bits=9"].map(str::to_owned);
    for library in LIBRARIES {
        converse(library, &proxy.url("/echo"), &sets, Some(&issuer)).await;
    }
    tells_the_client(make, &proxy).await;
}

/// The site by its name, and the address of a client that comes by a second trusted proxy.
async fn tells_the_client(make: Make, proxy: &Proxy) {
    let url = format!("wss://{SITE}:{}/handshake", proxy.port);
    let resolve = format!("{SITE}:{}:127.0.0.1", proxy.port);
    let issuer = proxy.issuer();
    let mut client = wsbench(&[&url, "--resolve", &resolve, "--cacert", &issuer, "--count", "1"]);
    // A proxy before this one.
    client.args(["-H", "X-Forwarded-For: 203.0.113.7"]);
    let (status, said, error) = output(&mut client).await;
    assert_eq!(status, Some(0), "{make:?}: {error}");
    assert!(said.contains(r#""peer":"203.0.113.7"#), "{make:?}: {said}");
}

/// Other servers behind a proxy, with `wsbench` as their client.
async fn stands_before_others(make: Make) {
    for library in LIBRARIES {
        let Some(peer) = Peer::start(library).await else { continue };
        let Some(proxy) = Proxy::start(make, peer.port).await else { return };
        let issuer = proxy.issuer();
        for offer in OFFERS {
            is_echoed(&proxy.url("/"), &["--cacert", &issuer, "--compression", offer]).await;
        }
    }
}

#[tokio::test]
async fn nginx_stands_between() {
    stands_between(Make::Nginx).await;
}

#[tokio::test]
async fn haproxy_stands_between() {
    stands_between(Make::HaProxy).await;
}

#[tokio::test]
async fn haproxy_stands_between_with_http_2() {
    stands_between(Make::HaProxyHttp2).await;
}

#[tokio::test]
async fn haproxy_stands_between_with_the_proxy_protocol() {
    stands_between(Make::HaProxyHeader).await;
}

#[tokio::test]
async fn nginx_stands_before_other_servers() {
    stands_before_others(Make::Nginx).await;
}

#[tokio::test]
async fn haproxy_stands_before_other_servers() {
    stands_before_others(Make::HaProxy).await;
}
