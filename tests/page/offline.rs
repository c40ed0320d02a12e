//! The page without its server: kept once it was loaded, replaced by the next build, and given up
//! when another program is at its place.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use futures::future::join_all;
use harness::{Browser, Page, Server, Stopped, connected};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};

/// A browser that has kept the page of a server that has just started.
async fn kept() -> (Server, Browser, Page) {
    let (server, browser, page) = connected().await;
    page.waits_for(
        "return (async () => (await (await caches.open('page')).match('/')) !== undefined
            && navigator.serviceWorker.controller !== null)()",
    )
    .await;
    (server, browser, page)
}

/// The names of what is kept.
const NAMES: &str = "return (async () => (await (await caches.open('page')).keys())
    .map(({ url }) => new URL(url).pathname).sort().join(' '))()";

/// Files by their paths, served with nothing but their types.
type Files = BTreeMap<String, Vec<u8>>;

/// The page as it was built.
fn built() -> Files {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
    let files = fs::read_dir(dist).expect("the page is built");
    let files = files.map(|file| file.expect("a file").path()).filter(|path| path.is_file());
    files
        .map(|path| {
            let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
            let name = name.replace("index.html", "");
            (format!("/{name}"), fs::read(&path).expect("it can be read"))
        })
        .collect()
}

/// The next build: its style sheet has another name, and its document says so.
fn built_anew() -> Files {
    let mut files = built();
    let style =
        files.keys().find(|name| name.starts_with("/style-")).expect("a style sheet").clone();
    let document = files.remove("/").expect("a document");
    let document = String::from_utf8(document).expect("it is text");
    let document = document.replace(&style, NEW_STYLE).replace("<title>", "<title>New ");
    files.insert("/".to_owned(), document.into_bytes());
    let content = files.remove(&style).expect("it is there");
    files.insert(NEW_STYLE.to_owned(), content);
    files
}

const NEW_STYLE: &str = "/style-0123456789abcdef.css";

fn serve(stopped: Stopped, files: Files) -> JoinHandle<()> {
    let files = Arc::new(files);
    let serving = stopped.listen().into_iter().map(move |listener| {
        let files = Arc::clone(&files);
        async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, files.clone()));
            }
        }
    });
    tokio::spawn(async move { drop(join_all(serving).await) })
}

async fn answer(mut stream: TcpStream, files: Arc<Files>) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let path = head.split(' ').nth(1)?;
    let kind = match path.rsplit('.').next()? {
        "css" => "text/css",
        "js" => "text/javascript",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        _ => "text/html",
    };
    let (status, content) = match files.get(path) {
        Some(content) => ("200 OK", content.as_slice()),
        None => ("404 Not Found", &[][..]),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
         Cache-Control: no-cache\r\nConnection: close\r\n\r\n",
        content.len()
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(content).await.ok()
}

#[tokio::test]
async fn the_page_opens_without_its_server_and_says_why_it_cannot_connect() {
    let (server, browser, _page) = kept().await;
    let url = server.http();
    let stopped = server.stop().await;
    let page = browser.open(&format!("{url}?x#y")).await;
    page.shows("Is the server running?").await;
    // All of it is there: another engine starts, too.
    page.opens_tab().await;
    page.goes_to("ws://localhost:2").await;
    page.shows("Reconnecting in").await;
    page.clicks(".unfold-measure").await;
    page.has("#measured p").await;
    page.selects(".language select", "ko").await;
    page.has("html[lang=ko]").await;
    page.selects(".language select", "en").await;
    page.has("html[lang=en]").await;

    let _server = stopped.restart();
    let page = browser.open(&url).await;
    // It was connecting, and does so again.
    page.clicks(".tab:first-child [role=tab]").await;
    page.has_state("open").await;
}

#[tokio::test]
async fn the_next_load_is_the_next_build_and_nothing_old_is_left() {
    let (server, browser, page) = kept().await;
    let url = server.http();
    let old = page.run(NAMES).await.to_string();
    assert!(old.contains("/style-") && old.contains("_bg.wasm"), "{old}");
    let stopped = server.stop().await;
    let serving = serve(stopped, built_anew());
    let page = browser.open(&url).await;
    assert_eq!(page.run("return document.title").await, "New WebSocket Workbench");
    // The one new file has come in place of the old one.
    let count = old.split(' ').count();
    page.waits_for(&format!(
        "return (async () => {{
            const names = (await (async () => {{ {NAMES} }})()).split(' ');
            return names.includes('{NEW_STYLE}') && names.length === {count};
        }})()"
    ))
    .await;
    // The new server knows no WebSockets, so that nothing is connected before the next load.
    page.has_state("failed").await;

    serving.abort();
    let _ = serving.await;
    let page = browser.open(&url).await;
    assert_eq!(page.run("return document.title").await, "New WebSocket Workbench");
    page.has_state("idle").await;
    page.clicks_connect().await;
    page.has_state("waiting").await;
}

#[tokio::test]
async fn another_program_at_the_same_place_is_left_alone() {
    let (server, browser, _page) = kept().await;
    let url = server.http();
    let stopped = server.stop().await;
    let other = Files::from([("/".to_owned(), b"<!doctype html><title>Other</title>".to_vec())]);
    let _serving = serve(stopped, other);
    let page = browser.open(&url).await;
    assert_eq!(page.run("return document.title").await, "Other");
    page.waits_for(
        "return (async () => !(await caches.has('page'))
            && (await navigator.serviceWorker.getRegistrations()).length === 0)()",
    )
    .await;
}
