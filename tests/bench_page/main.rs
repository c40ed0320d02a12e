//! Benchmark of the page in a real browser, beside bare pages that only count: `cargo xtask bench-page`.

mod endless;
mod flood;
mod report;

use std::{path::PathBuf, time::Duration};

use harness::{Browser, Engine, Page, Server, har};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    flood::{Flood, Flooder, WORD, WORD_EVERY},
    report::{Bar, Measure, Report},
};

/// Script that runs inside the pages.
const INSIDE: &str = include_str!("inside.js");

/// Interval at which a page is polled: more often would disturb it.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// Time limit for an answer: a flood of a million at the lowest rate.
const PATIENCE: Duration = Duration::from_mins(4);

/// Time after which an idle browser has released unused memory: 12 to 16 s, measured.
const TIDIED: Duration = Duration::from_secs(25);

/// Latency of a request while rounds of requests are counted, in milliseconds.
const LATENCY: u32 = 100;

/// Bandwidth of a slow line, in bytes a second.
const THIN: i32 = 100_000;

/// Milliseconds between two frames at 60 Hz.
const FRAME: f64 = 1_000.0 / 60.0;

const WIRE: &str = "On the wire";
const STEADY: &str = "A flood of 10,000 messages a second";
const SATURATED: &str = "A flood as fast as the browser takes it";
const IMPORTED: &str = "A HAR imported";
const HELD: &str = "A million messages held";
const ROUND_TRIPS: &str = "Round trip to the echo server";

/// Bytes of the whole page after brotli: a bound against carelessness (docs/decisions/0010).
const PAGE_BYTES: f64 = 600_000.0;
/// Bytes of the document and the style sheet, which the first paint needs, and of what comes with them.
const FIRST_PAINT_BYTES: f64 = 30_000.0;

/// Extent of the benchmark.
struct Extent {
    rounds: usize,
    steady: Flood,
    saturated: Flood,
    imported: u32,
    held: u32,
    trips: usize,
    /// Time of each endless flood.
    endless: Duration,
}

const WHOLE: Extent = Extent {
    rounds: 3,
    steady: Flood { count: 80_000, rate: Some(10_000) },
    saturated: Flood { count: 150_000, rate: None },
    imported: 100_000,
    held: 1_000_000,
    trips: 200,
    endless: Duration::from_mins(2),
};

const QUICK: Extent = Extent {
    rounds: 1,
    steady: Flood { count: 20_000, rate: Some(10_000) },
    saturated: Flood { count: 40_000, rate: None },
    imported: 20_000,
    held: 100_000,
    trips: 40,
    endless: Duration::from_secs(8),
};

/// Pages under comparison.
const WORKBENCH: &str = "workbench";
const RELAYED: &str = "workbench, through its server";
const BARE: &str = "bare page";
const BARE_WORKER: &str = "bare worker";
const PAGES: [&str; 4] = [WORKBENCH, RELAYED, BARE, BARE_WORKER];

struct Flags {
    extent: Extent,
    /// Only the endless floods, each for this time.
    floods: Option<Duration>,
    /// Browser to measure: endless floods, and in Chromium all else.
    browser: Engine,
    /// Folder of the report; without one it is printed.
    report: Option<PathBuf>,
    /// Files of the page with their bytes after brotli.
    files: Vec<(String, f64)>,
}

impl Flags {
    /// `--browser ENGINE [--quick] [--floods SECONDS] [--report FOLDER] [--file NAME=BYTES]...`, as xtask writes
    /// them.
    fn read() -> Self {
        let mut flags = Self {
            extent: WHOLE,
            floods: None,
            browser: Engine::Chromium,
            report: None,
            files: Vec::new(),
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(flag) = arguments.next() {
            let mut value = || arguments.next().unwrap_or_else(|| panic!("{flag} needs a value"));
            match flag.as_str() {
                "--quick" => flags.extent = QUICK,
                "--floods" => {
                    let seconds = value().parse().expect("a number of seconds");
                    flags.floods = Some(Duration::from_secs(seconds));
                }
                "--browser" => flags.browser = Engine::named(&value()),
                "--report" => flags.report = Some(value().into()),
                "--file" => {
                    let file = value();
                    let (name, bytes) = file.split_once('=').expect("NAME=BYTES");
                    flags.files.push((name.to_owned(), bytes.parse().expect("a count of bytes")));
                }
                _ => panic!("{flag} is not known"),
            }
        }
        flags
    }
}

#[tokio::main]
async fn main() {
    let flags = Flags::read();
    if flags.browser != Engine::Chromium && !flags.browser.is_installed() {
        return eprintln!("{:?} is left out: it or its WebDriver is not installed.", flags.browser);
    }
    let browser = Browser::start_new(flags.browser).await;
    let mut report = Report::new(flags.extent.rounds, &browser.version());
    let server = Server::start().await;
    if flags.browser == Engine::Chromium && flags.floods.is_none() {
        compare(&mut report, &flags, browser, &server).await;
    } else {
        drop(browser);
    }
    let time = flags.floods.unwrap_or(flags.extent.endless);
    endless::floods(&mut report, &server, time, flags.browser).await;
    match flags.report {
        Some(folder) => report.write(&folder, flags.browser),
        None => println!("{}", report.markdown()),
    }
}

/// Measures the page in Chromium, beside the bare pages.
async fn compare(report: &mut Report, flags: &Flags, browser: Browser, server: &Server) {
    let extent = &flags.extent;
    wire(report, &flags.files, server).await;
    let mut bench = Bench { server, flooder: Flooder::start().await, browser };
    for _ in 0..extent.rounds {
        bench.floods(report, STEADY, extent.steady).await;
        bench.typing(report, extent.steady).await;
        let [direct, relayed, bare, _] = bench.floods(report, SATURATED, extent.saturated).await;
        let ratio = |what, least| {
            let bar = Some(Bar::AtLeast(least));
            Measure { section: SATURATED, what, unit: "", bar }
        };
        report.add(ratio("rate by the bare page's", 0.9), WORKBENCH, direct / bare);
        report.add(ratio("rate by the direct connection's", 0.7), RELAYED, relayed / direct);
        bench.disconnect(report, extent.saturated).await;
        bench.round_trips(report, extent.trips).await;
        bench.imports(report, extent.imported).await;
    }
    // Memory is measured in a new process.
    bench.browser = Browser::start_new(Engine::Chromium).await;
    bench.holds(report, extent.held).await;
}

/// Measures the page's load over the network, in a browser of its own: network events slow one down for good.
async fn wire(report: &mut Report, files: &[(String, f64)], server: &Server) {
    let measure = |what, unit, bar| Measure { section: WIRE, what, unit, bar };
    let file = measure("after brotli", "B", None);
    for (name, bytes) in files {
        report.add(file, name, *bytes);
    }
    let all = measure("after brotli", "B", Some(Bar::AtMost(PAGE_BYTES)));
    report.add(all, "all", files.iter().map(|(_, bytes)| bytes).sum());

    let browser = Browser::start_new(Engine::Chromium).await;
    browser.devtools("Network.enable", json!({})).await;
    network(&browser, -1).await;
    let page = browser.open(&server.http()).await;
    page.has_state("open").await;
    let found = ask(&page, &format!("rounds({LATENCY})")).await;
    let rounds = measure("rounds of requests before the first paint", "", Some(Bar::AtMost(1.0)));
    report.add(rounds, WORKBENCH, number(&found, "rounds"));
    let blocking = measure("fonts and scripts that block", "", Some(Bar::AtMost(0.0)));
    report.add(blocking, WORKBENCH, number(&found, "blocking"));
    let painted = measure("first paint where each request takes 100 ms", "ms", None);
    report.add(painted, WORKBENCH, number(&found, "painted"));

    // A first visit over a slow line.
    for (method, flag) in [
        ("Network.setCacheDisabled", "cacheDisabled"),
        ("Network.setBypassServiceWorker", "bypass"),
    ] {
        browser.devtools(method, json!({ flag: true })).await;
    }
    network(&browser, THIN).await;
    let page = browser.open(&server.http()).await;
    page.has_state("open").await;
    let found = ask(&page, "drawn()").await;
    let bar = Some(Bar::AtMost(FIRST_PAINT_BYTES));
    let bytes = measure("came before the first paint, at 100 KB/s", "B", bar);
    report.add(bytes, WORKBENCH, number(&found, "bytes"));
    let painted = measure("first paint at 100 KB/s", "ms", None);
    report.add(painted, WORKBENCH, number(&found, "painted"));
}

/// Sets latency and bandwidth, in bytes a second; -1 is unlimited.
async fn network(browser: &Browser, rate: i32) {
    let conditions = json!({
        "offline": false, "latency": LATENCY, "downloadThroughput": rate, "uploadThroughput": rate,
    });
    browser.devtools("Network.emulateNetworkConditions", conditions).await;
}

struct Bench<'a> {
    server: &'a Server,
    flooder: Flooder,
    browser: Browser,
}

impl Bench<'_> {
    /// Opens the workbench, disconnected.
    async fn workbench(&self) -> Page {
        let page = self.connected().await;
        page.clicks("button.connect").await;
        page.has_state("closed").await;
        page
    }

    /// Opens the workbench, disconnected, with the route that `name` says.
    async fn disconnected(&self, name: &str) -> Page {
        let page = self.workbench().await;
        if name == RELAYED {
            page.routes_through_server().await;
            // Leaves its place to the list.
            page.clicks("button.unfold").await;
        }
        page
    }

    /// Opens the workbench without stored data.
    async fn connected(&self) -> Page {
        self.browser.clear().await;
        let page = self.browser.open(&self.server.http()).await;
        page.has_state("open").await;
        page
    }

    /// Floods each page. Returns their rates, in messages a second.
    async fn floods(&self, report: &mut Report, section: &'static str, flood: Flood) -> [f64; 4] {
        let mut rates = [0.0; 4];
        for (name, rate) in PAGES.into_iter().zip(&mut rates) {
            *rate = self.flood(report, section, flood, name).await;
        }
        rates
    }

    async fn flood(
        &self,
        report: &mut Report,
        section: &'static str,
        flood: Flood,
        name: &'static str,
    ) -> f64 {
        let address = self.flooder.ws(flood);
        let is_measured = [WORKBENCH, RELAYED].contains(&name);
        let (page, start) = if is_measured {
            (self.disconnected(name).await, format!("bench.connect('{address}')"))
        } else {
            let thread = if name == BARE { "page" } else { "worker" };
            let page = self.browser.open(&self.flooder.bare()).await;
            (page, format!("count('{address}', '{thread}')"))
        };
        let found = ask(&page, &format!("watch({}, () => {start})", flood.count)).await;
        let most = |most| is_measured.then_some(Bar::AtMost(most));
        let measure = |what, unit, bar| Measure { section, what, unit, bar };
        report.add(measure("frames, median", "ms", None), name, number(&found, "median"));
        let p95 = measure("frames, 95th percentile", "ms", most(20.0));
        report.add(p95, name, number(&found, "p95"));
        report.add(measure("frames, longest", "ms", None), name, number(&found, "longest"));
        let rate = number(&found, "rate");
        report.add(measure("messages a second", "", None), name, rate);
        if is_measured {
            let found = ask(&page, &format!("check({})", flood.count)).await;
            let lost = f64::from(flood.count) - number(&found, "received");
            report.add(measure("messages not counted", "", most(0.0)), name, lost);
            report.add(
                measure("rows looked at afterwards", "", None),
                name,
                number(&found, "looked"),
            );
            let wrong = measure("rows of them that are out of place", "", most(0.0));
            report.add(wrong, name, number(&found, "wrong"));
        }
        rate
    }

    /// Types during a flood: in the page, and in a box of the bare page whose socket is in a worker.
    async fn typing(&self, report: &mut Report, flood: Flood) {
        let address = self.flooder.ws(flood);
        let page = self.workbench().await;
        let start = format!("bench.connect('{address}')");
        type_in(report, &page, WORKBENCH, flood, &start, Some(Bar::AtMost(FRAME))).await;
        let page = self.browser.open(&self.flooder.bare()).await;
        let start = format!("count('{address}', 'worker')");
        type_in(report, &page, BARE_WORKER, flood, &start, None).await;
    }

    /// Disconnects in the middle of a flood.
    async fn disconnect(&self, report: &mut Report, flood: Flood) {
        let page = self.workbench().await;
        let address = self.flooder.ws(flood);
        let middle = flood.count / 3;
        let call = format!("disconnect({middle}, () => bench.connect('{address}'))");
        let found = ask(&page, &call).await;
        let bar = Some(Bar::AtMost(100.0));
        let measure = |what, bar| Measure { section: SATURATED, what, unit: "ms", bar };
        let answered = measure("Disconnect in its middle, until the page says so", bar);
        report.add(answered, WORKBENCH, number(&found, "answered"));
        let closed = measure("Disconnect in its middle, until it is closed", None);
        report.add(closed, WORKBENCH, number(&found, "closed"));
    }

    /// Imports a HAR with `count` messages.
    async fn imports(&self, report: &mut Report, count: u32) {
        let page = self.workbench().await;
        let archive = har(count).to_string();
        // The connection is a row of its own.
        let call = format!("reads('Imported {} rows')", thousands(count + 1));
        let (found, ()) = tokio::join!(ask(&page, &call), page.imports_file("list.har", archive));
        let bar = Some(Bar::AtMost(100.0));
        let what = "longest time without a frame";
        let measure = Measure { section: IMPORTED, what, unit: "ms", bar };
        report.add(measure, WORKBENCH, number(&found, "longest"));
    }

    /// Fills the list, jumps in it and filters it.
    async fn holds(&self, report: &mut Report, count: u32) {
        let measure = |what, unit, bar| Measure { section: HELD, what, unit, bar };
        let page = self.workbench().await;
        let before = self.browser.page_memory();
        let address = self.flooder.ws(Flood { count, rate: None });
        ask(&page, &format!("watch({count}, () => bench.connect('{address}'))")).await;
        let flooded = self.browser.page_memory();
        sleep(TIDIED).await;
        let after = self.browser.page_memory();
        let private =
            measure("memory of the page's process, its own", "MB", Some(Bar::AtMost(200.0)));
        let resident = measure("memory of the page's process, with what it shares", "MB", None);
        report.add(
            measure("memory of the page's process when the last one came, its own", "MB", None),
            WORKBENCH,
            flooded.private,
        );
        report.add(
            measure("memory of the page's process when empty, its own", "MB", None),
            WORKBENCH,
            before.private,
        );
        report.add(private, WORKBENCH, after.private);
        report.add(resident, WORKBENCH, after.resident);
        let elements = page.run("return { elements: bench.elements() }").await;
        let bar = Some(Bar::AtMost(999.0));
        report.add(
            measure("elements in the page", "", bar),
            WORKBENCH,
            number(&elements, "elements"),
        );

        let blocked = measure("longest task meanwhile", "ms", Some(Bar::AtMost(100.0)));
        for part in [0.0, 0.5, 1.0, 0.25, 0.0, 1.0] {
            let found = ask(&page, &format!("jump({part}, {count})")).await;
            report.add(
                measure("jump until its rows are in view", "ms", None),
                WORKBENCH,
                number(&found, "ms"),
            );
            report.add(blocked, "jumps", number(&found, "blocked"));
        }
        let some = count / WORD_EVERY;
        for (word, found) in [(WORD, some), ("hay", count - some), ("no such word", 0)] {
            let answer = ask(&page, &format!("find('{word}', {found})")).await;
            let whole = measure("Find, until all rows are looked through", "ms", None);
            report.add(whole, WORKBENCH, number(&answer, "ms"));
            let silence = measure("Find, longest time without news of it", "ms", None);
            report.add(silence, WORKBENCH, number(&answer, "silence"));
            report.add(blocked, "filters", number(&answer, "blocked"));
        }
    }

    /// Sends to the echo server and waits, directly and through the page's server.
    async fn round_trips(&self, report: &mut Report, turns: usize) {
        let address = self.server.ws("/ws");
        let measure = |what, bar| Measure { section: ROUND_TRIPS, what, unit: "ms", bar };
        let mut medians = [0.0; 2];
        for (name, median) in [WORKBENCH, RELAYED].into_iter().zip(&mut medians) {
            let page = self.disconnected(name).await;
            page.run(&format!("{INSIDE} bench.connect('{address}')")).await;
            page.has_state("open").await;
            let found = ask(&page, &format!("roundTrips({turns}, '{address}')")).await;
            let [through, bare] = ["page", "bare"].map(|name| {
                let trips = found[name].as_array().expect("a list");
                let mut trips: Vec<_> = trips.iter().filter_map(Value::as_f64).collect();
                trips.sort_by(f64::total_cmp);
                (trips[trips.len() / 2], trips[trips.len() * 95 / 100])
            });
            report.add(measure("until it is seen, median", None), name, through.0);
            report.add(measure("until it is seen, 95th percentile", None), name, through.1);
            *median = number(&found, "timed");
            report.add(measure("as the page times it, median", None), name, *median);
            if name == WORKBENCH {
                report.add(measure("median", None), "bare socket", bare.0);
                report.add(measure("95th percentile", None), "bare socket", bare.1);
                let frame = Some(Bar::AtMost(FRAME));
                let above = measure("the page's median above the socket's", frame);
                report.add(above, name, through.0 - bare.0);
            }
        }
        let above = measure("as the page times it, above the direct one", Some(Bar::AtMost(0.3)));
        report.add(above, RELAYED, medians[1] - medians[0]);
    }
}

/// Types during a flood that `start` brings about.
async fn type_in(
    report: &mut Report,
    page: &Page,
    name: &str,
    flood: Flood,
    start: &str,
    bar: Option<Bar>,
) {
    let found = ask(page, &format!("typing({}, () => {start})", flood.count)).await;
    let measure = |what, unit, bar| Measure { section: STEADY, what, unit, bar };
    let shown = measure("from a letter to its frame, 95th percentile", "ms", bar);
    report.add(shown, name, number(&found, "wait"));
    let cost = measure("what a letter costs, 95th percentile", "ms", None);
    report.add(cost, name, number(&found, "cost"));
    report.add(measure("letters typed", "", None), name, number(&found, "typed"));
}

/// Number as the page formats it: `12,345`.
fn thousands(number: u32) -> String {
    format!("{},{:03}", number / 1_000, number % 1_000)
}

/// Calls a function of `inside.js` in the page and waits for its result.
async fn ask(page: &Page, call: &str) -> Value {
    page.run(&format!("if (!window.bench) {{ {INSIDE} }} bench.ask(() => bench.{call})")).await;
    let start = Instant::now();
    loop {
        let answer = page.run("return bench.answer").await;
        if let Some(error) = answer.get("error") {
            panic!("{call}: {error}");
        }
        if !answer.is_null() {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "{call} was not done in {PATIENCE:?}");
        sleep(POLL_INTERVAL).await;
    }
}

fn number(answer: &Value, name: &str) -> f64 {
    answer[name].as_f64().unwrap_or_else(|| panic!("{name} is a number in {answer}"))
}
