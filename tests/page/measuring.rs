//! Metrics: the line, the charts by keyboard, the table, and gaps in numbered messages.

use harness::{Browser, Page, Server, connected};

/// A browser with the page of a server that has just started, its figures unfolded, connected to
/// another path of the server.
async fn measuring(path: &str) -> (Server, Browser, Page) {
    let (server, browser, page) = connected().await;
    page.clicks(".unfold-measure").await;
    page.shows("No messages yet.").await;
    page.disconnects().await;
    browser.answers_probes().await;
    page.goes_to(&server.ws(path)).await;
    (server, browser, page)
}

/// Waits until the group of figures with this title says `words`.
async fn group_says(page: &Page, title: &str, words: &str) {
    let script = format!(
        "return [...document.querySelectorAll('.group')].some(group =>
            group.querySelector('h2').textContent === '{title}'
            && group.innerText.replace(/\\s+/g, ' ').includes('{words}'))"
    );
    page.waits_for(&script).await;
}

#[tokio::test]
async fn a_whole_stream_lacks_nothing() {
    let (_server, _browser, page) = measuring("/stream?kind=json&count=40&rate=200/s").await;
    group_says(&page, "Numbered stream", "Next 40 Missing 0 Duplicates 0 Out of order 0").await;
    group_says(&page, "Numbered stream", "JSON field “seq”").await;
    group_says(&page, "All round trips", "None yet.").await;
    page.reads(".fault", "").await;
}

#[tokio::test]
async fn what_is_lost_of_numbered_messages_is_said_by_number() {
    let (_server, _browser, page) = measuring("/echo?drop=0.3&seed=3").await;
    page.has_state("open").await;
    // Numbers that are far apart from those before would begin another stream: these do not.
    let last = 60;
    for number in 0..last {
        page.fills(&number.to_string()).await;
        // By keyboard: what is missing is said above the button, which moves while it would be clicked.
        page.presses_enter().await;
    }
    page.counts("sent", 60).await;
    // What came is in the list; what did not is what is missing, up to the last that came.
    let script = "
        const came = [...document.querySelectorAll('.entry[data-direction=received]:not([hidden])')]
            .map(it => Number(it.querySelector('.payload').textContent));
        const missing = /(\\d+) missing/.exec(document.querySelector('.fault').textContent)?.[1];
        const received = Number(document.querySelector('[data-count=received]').textContent);
        const sent = Math.max(...came) + 1;
        return received > 20 && received < 60 && Number(missing) === sent - received";
    page.waits_for(script).await;
    group_says(&page, "Numbered stream", "start of text").await;
    let newest_gap = "
        const came = [...document.querySelectorAll('.entry[data-direction=received]:not([hidden])')]
            .map(it => Number(it.querySelector('.payload').textContent)).sort((a, b) => a - b);
        const at = came.findLastIndex((it, at) => at > 0 && it > came[at - 1] + 1);
        const [from, to] = [came[at - 1] + 1, came[at] - 1];
        const range = from === to ? `${from}` : `${from}–${to}`;
        return [...document.querySelectorAll('.group dd')].some(it => it.textContent.endsWith(range))";
    page.waits_for(newest_gap).await;
}

#[tokio::test]
async fn the_chart_is_drawn_once_a_second_however_much_comes() {
    let (_server, _browser, page) = measuring("/stream?rate=max&size=64").await;
    page.has(".plot").await;
    // Three seconds of frames, and of changes to a line of the chart.
    page.run(
        "const counts = window.counts = { frames: 0, lines: 0 };
         const line = document.querySelector('.plot .solid');
         new MutationObserver(() => counts.lines++).observe(line, { attributes: true });
         const start = performance.now();
         const frame = now => {
             counts.frames++;
             if (now - start < 3000) requestAnimationFrame(frame); else counts.done = true;
         };
         requestAnimationFrame(frame)",
    )
    .await;
    page.waits_for("return window.counts.done === true").await;
    let counts = page.run("return window.counts").await;
    println!("{counts}");
    let lines = counts["lines"].as_u64().expect("a count");
    assert!((2..=4).contains(&lines), "{counts}");
}

#[tokio::test]
async fn a_chart_is_there_only_while_it_is_unfolded_which_a_reload_keeps() {
    let (server, browser, page) = measuring("/echo").await;
    page.has_state("open").await;
    page.submits("hi").await;
    page.has_count(".plot", 2).await;
    let page = browser.open(&server.http()).await;
    page.has(".unfold-measure[aria-expanded=true]").await;
    page.clicks(".unfold-measure").await;
    page.has(".unfold-measure[aria-expanded=false]").await;
    page.lacks(".measured, .plot").await;
}
