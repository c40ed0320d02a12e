//! Does in a headless browser what a first load of the page is, and prints which functions ran:
//! `cargo xtask profile` has built a page that marks them.

use std::{collections::BTreeSet, time::Duration};

use harness::{Browser, Page, Server};
use server::Limits;
use tokio::time::sleep;

/// After this what is held is kept, and whatever a page does a little later than at once is done.
const SETTLED: Duration = Duration::from_secs(4);

#[tokio::main]
async fn main() {
    let marks = std::env::args().skip(1).collect::<Vec<_>>();
    let [from, to] = &marks[..] else { panic!("where the marks begin and end, as xtask says") };
    let browser = Browser::start().await;
    let mut ran = BTreeSet::new();
    for host in ["localhost", "127.0.0.1"] {
        let server = Server::start_at(&format!("{host}:0"), Limits::DEFAULT).await;
        let page = browser.open(&server.http()).await;
        page.is("open").await;
        for text in ["hi", "and again"] {
            page.types(text).await;
            page.presses_enter().await;
            page.sees("received", &format!("Echo: {text}")).await;
        }
        sleep(SETTLED).await;
        ran.extend(marked(&page, from, to).await);
        // The same for who was here before, in the other language.
        page.chooses(".language select", "ko").await;
        sleep(SETTLED).await;
        page.reloads().await;
        page.is("open").await;
        page.sees("received", "Echo: hi").await;
        sleep(SETTLED).await;
        ran.extend(marked(&page, from, to).await);
    }
    browser.close().await;
    for function in ran {
        println!("{function}");
    }
}

/// The numbers of the functions that have run in the page or in its engine's thread.
async fn marked(page: &Page, from: &str, to: &str) -> BTreeSet<u64> {
    let script = format!(
        "return (async () => {{
            const channel = new BroadcastChannel('marks');
            const answer = new Promise(resolve => channel.onmessage = resolve);
            channel.postMessage([{from}, {to}]);
            const {{ data: engine }} = await answer;
            const {{ memory }} = await wasmBindings.default();
            const page = new Uint8Array(memory.buffer, {from}, {to} - {from});
            return engine.flatMap((mark, number) => mark || page[number] ? [number] : []);
        }})()"
    );
    let ran = page.run(&script).await;
    let ran = ran.as_array().expect("the page and its engine answer");
    ran.iter().map(|number| number.as_u64().expect("a number")).collect()
}
