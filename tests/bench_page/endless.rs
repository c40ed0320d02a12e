//! Endless floods, as fast as the server sends, in each browser.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;
use harness::{Browser, Engine, Server};
use tokio::{
    join,
    time::{Instant, sleep, timeout},
};

use crate::{
    PATIENCE, TIDIED, ask, number,
    report::{Bar, Measure, Report},
};

const ENDLESS: &str = "An endless flood, as fast as the server sends";

/// Sizes of messages, as the endpoint takes them.
const SIZES: [&str; 3] = ["32B", "1KiB", "1MiB"];

/// Interval at which memory is looked at.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Times from the first message to Disconnect, in milliseconds: the page closes a connection that lags by
/// a second itself.
const MOMENTS: [u32; 4] = [100, 400, 700, 1_000];

/// Changes a second that a person sees as moving.
const MOVING: f64 = 5.0;
/// Time in which Disconnect is to close, in milliseconds.
const CLOSED: f64 = 1_000.0;
/// Memory of the process with the page, in MB.
const MEMORY: f64 = 700.0;

/// Way from the flood to the page.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Browser,
    Server,
}

/// Floods the page in a browser with messages of each size, for `time`; in one that slows no peer down, through
/// the page's server, too.
pub(crate) async fn floods(report: &mut Report, server: &Server, time: Duration, engine: Engine) {
    let ways: &[Way] = match engine {
        Engine::Chromium => &[Way::Browser],
        Engine::Firefox | Engine::WebKit => &[Way::Browser, Way::Server],
    };
    for (way, size) in ways.iter().flat_map(|way| SIZES.map(|size| (*way, size))) {
        // Memory is measured in a new process.
        let browser = Browser::start_new(engine).await;
        let end = if way == Way::Server { ", through the server" } else { "" };
        let of = format!("{size}{end}");
        let flood = flood(report, &browser, server, way, size, time, &of);
        // A browser that is busy with what it hoarded answers no command for minutes.
        let flood = timeout(time + 2 * PATIENCE, flood);
        let ended = AssertUnwindSafe(flood).catch_unwind().await;
        let is_lost = !matches!(ended, Ok(Ok(())));
        let lost = Measure {
            section: ENDLESS,
            what: "browsers that ended or answered no more",
            unit: "",
            bar: Some(Bar::AtMost(0.0)),
        };
        report.add(lost, &of, f64::from(u8::from(is_lost)));
    }
}

async fn flood(
    report: &mut Report,
    browser: &Browser,
    server: &Server,
    way: Way,
    size: &str,
    time: Duration,
    of: &str,
) {
    let page = browser.open(&server.http()).await;
    page.has_state("open").await;
    page.disconnects().await;
    if way == Way::Server {
        page.routes_through_server().await;
        page.clicks("button.unfold").await;
    }

    let mut add = |what, unit, bar, figure| {
        report.add(Measure { section: ENDLESS, what, unit, bar }, of, figure);
    };
    add("memory of the page's process before it", "MB", None, browser.page_memory().private);
    let address = server.ws(&format!("/stream?rate=max&size={size}"));
    let call = format!("endures('{address}', {})", time.as_millis());
    let (found, most) = join!(ask(&page, &call), most_memory(browser, time));
    add("messages a second", "", None, number(&found, "rate"));
    let moving = Some(Bar::AtLeast(MOVING));
    add("changes of the counter, in the poorest second", "", moving, number(&found, "counts"));
    add("changes of the rows, in the poorest second", "", moving, number(&found, "changes"));
    let closed = "closed by the page, because messages lag behind";
    add(closed, "times", None, number(&found, "closed"));
    let hung =
        "connections that were not open in 150 s, since the browser still took the last flood";
    add(hung, "", Some(Bar::AtMost(0.0)), number(&found, "hung"));
    let waited = "longest wait for a connection, mostly for the browser to take the last flood";
    add(waited, "ms", None, number(&found, "waited"));
    let mut slowest: f64 = 0.0;
    for moment in MOMENTS {
        let found = ask(&page, &format!("leaves('{address}', {moment})")).await;
        slowest = slowest.max(number(&found, "closed"));
    }
    let disconnect = "Disconnect, until it is closed, the slowest of 4";
    add(disconnect, "ms", Some(Bar::AtMost(CLOSED)), slowest);
    let bar = Some(Bar::AtMost(MEMORY));
    add("memory of the page's process, most", "MB", bar, most);
    page.clicks("button.clear").await;
    page.clicks(".cleared .forget").await;
    sleep(TIDIED).await;
    let after = browser.page_memory().private;
    add("memory of the page's process after Clear", "MB", None, after);
}

/// Most memory that the page's process has of its own within `time`, in MB.
async fn most_memory(browser: &Browser, time: Duration) -> f64 {
    let start = Instant::now();
    let mut most: f64 = 0.0;
    while start.elapsed() < time {
        most = most.max(browser.page_memory().private);
        sleep(POLL_INTERVAL).await;
    }
    most
}
