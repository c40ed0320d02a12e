//! Persistence of tabs and lists, and browsers without storage.

use std::time::Duration;

use harness::{Browser, Page, Server, connected, keys};
use serde_json::{Value, json};
use tokio::time::sleep;

/// Longer than the page waits before it stores what is new, to see that it stores nothing more.
const STORED: Duration = Duration::from_secs(1);

/// `true` if a row in view says `text`.
fn lists(text: &str) -> String {
    format!(
        "return [...document.querySelectorAll('.entry:not([hidden]) .payload')].some(it => it.textContent === {})",
        Value::from(text)
    )
}

async fn tabs(page: &Page) -> Value {
    page.run(
        "return [...document.querySelectorAll('[role=tab]')].map(tab => tab.textContent.trim())",
    )
    .await
}

/// Waits until the browser keeps `count` lists.
async fn keeps_lists(page: &Page, count: usize) {
    let script = "return new Promise(answer => {
        const opening = indexedDB.open('wsbench');
        opening.onsuccess = () => {
            const asking = opening.result.transaction('lists').objectStore('lists').getAllKeys();
            asking.onsuccess = () => {
                opening.result.close();
                answer(new Set(asking.result.map(key => key.split('/')[0])).size === COUNT);
            };
        };
    })";
    page.waits_for(&script.replace("COUNT", &count.to_string())).await;
}

/// Waits until the browser keeps the tabs of a window, with `text`.
pub(crate) async fn keeps_tabs(page: &Page, text: &str) {
    let script = format!(
        "return Object.entries(localStorage)
             .some(([key, value]) => key.startsWith('wsbench.desk') && value.includes({}))",
        Value::from(text)
    );
    page.waits_for(&script).await;
}

/// Waits until the browser keeps lists with `text`.
pub(crate) async fn keeps(page: &Page, text: &str) {
    keeps_times(page, text, 1).await;
}

/// Waits until the browser keeps lists with `text`, at least `count` times.
pub(crate) async fn keeps_times(page: &Page, text: &str, count: usize) {
    let script = "return new Promise(answer => {
        const opening = indexedDB.open('wsbench');
        opening.onsuccess = () => {
            const asking = opening.result.transaction('lists').objectStore('lists').getAll();
            asking.onsuccess = () => {
                opening.result.close();
                const texts = asking.result.map(chunk => new TextDecoder().decode(chunk));
                answer(texts.join().split(TEXT).length > COUNT);
            };
        };
    })";
    let script = script.replace("TEXT", &Value::from(text).to_string());
    page.waits_for(&script.replace("COUNT", &count.to_string())).await;
}

#[tokio::test]
async fn a_reload_keeps_everything_and_connects_again() {
    let (server, _browser, page) = connected().await;
    page.sends(&["first"]).await;
    page.fills("half a thought").await;
    page.opens_tab().await;
    page.connects_to(&server.ws("/echo")).await;
    page.submits("second").await;
    page.sees("received", "second").await;
    page.clicks("button.add").await;
    page.enters("[role=combobox]", "example.org/third").await;
    page.clicks(".tab:nth-child(2) [role=tab]").await;
    page.sees("received", "second").await;
    let names = tabs(&page).await;
    page.sets_theme("dark").await;
    page.selects(".language select", "ko").await;
    keeps(&page, "Echo: first").await;
    // Sent and received.
    keeps_times(&page, "second", 2).await;
    for text in ["half a thought", "example.org/third"] {
        keeps_tabs(&page, text).await;
    }

    page.reloads().await;
    page.sees("received", "second").await;
    page.shows("지난 방문에서 3행을 복원했습니다").await;
    assert_eq!(tabs(&page).await, names);
    page.has(".tab:nth-child(2) [role=tab][aria-selected=true]").await;
    page.waits_for("return document.querySelector('.page').style.colorScheme === 'dark'").await;
    page.has("html[lang=ko]").await;
    page.has_state("open").await;
    page.clicks(".tab:first-child [role=tab]").await;
    page.sees("received", "Echo: first").await;
    page.has_value("textarea", "half a thought").await;
    page.clicks(".tab:nth-child(3) [role=tab]").await;
    page.has_value("[role=combobox]", "example.org/third").await;

    // What is kept is kept once, however often the page is loaded.
    page.clicks(".tab:first-child [role=tab]").await;
    sleep(STORED).await;
    page.reloads().await;
    page.sees("received", "Echo: first").await;
    page.waits_for(
        "return [...document.querySelectorAll('.entry:not([hidden]) .payload')].filter(it => it.textContent === 'Echo: first').length === 1",
    )
    .await;
}

#[tokio::test]
async fn each_window_has_its_own_list() {
    let (server, browser, page) = connected().await;
    page.sends(&["first window"]).await;
    keeps(&page, "Echo: first window").await;
    // A new window begins with the tabs of any window, and a duplicated one with those of its own:
    // the list stays with the first.
    let first = browser.windows().await.swap_remove(0);
    browser.opens_a_window().await;
    let page = browser.open(&server.http()).await;
    page.has_state("idle").await;
    page.clicks("button.connect").await;
    page.has_state("open").await;
    page.sends(&["second window"]).await;
    assert_eq!(page.run(&lists("Echo: first window")).await, false);
    browser.switches_to(first.clone()).await;
    page.run("window.open(location.href)").await;
    let third = browser.windows().await.pop().expect("there are three");
    browser.switches_to(third).await;
    page.has_state("open").await;
    page.sends(&["third window"]).await;
    assert_eq!(page.run(&lists("Echo: first window")).await, false);
    for text in ["Echo: second window", "Echo: third window"] {
        keeps(&page, text).await;
    }

    page.reloads().await;
    page.sees("received", "Echo: third window").await;
    browser.switches_to(first).await;
    page.reloads().await;
    page.sees("received", "Echo: first window").await;
    assert_eq!(page.run(&lists("Echo: third window")).await, false);
    keeps_lists(&page, 3).await;
}

#[tokio::test]
async fn tabs_of_two_windows_are_there_when_both_were_closed_and_none_twice() {
    let (server, browser, page) = connected().await;
    page.clicks("button.add").await;
    page.enters("[role=combobox]", "example.org/first").await;
    keeps_tabs(&page, "example.org/first").await;
    let first = browser.windows().await.swap_remove(0);
    browser.opens_a_window().await;
    let second = browser.open(&server.http()).await;
    second.has_count("[role=tab]", 2).await;
    second.clicks("button.add").await;
    second.enters("[role=combobox]", "example.org/second").await;
    keeps_tabs(&second, "example.org/second").await;
    browser.switches_to(first).await;
    page.clicks("button.add").await;
    page.enters("[role=combobox]", "example.org/late").await;
    keeps_tabs(&page, "example.org/late").await;
    // Both are left, one after the other, for a page that has nothing of its own.
    for window in browser.windows().await {
        browser.switches_to(window).await;
        leaves(&page).await;
    }
    let page = browser.open(&server.http()).await;
    page.waits_for("return document.querySelectorAll('[role=tab]').length >= 4").await;
    let names: Vec<String> = serde_json::from_value(tabs(&page).await).expect("names");
    let count = |name: &str| names.iter().filter(|it| it.contains(name)).count();
    for name in ["/ws", "first", "second", "late"] {
        assert_eq!(count(name), 1, "{name} in {names:?}");
    }
}

#[tokio::test]
async fn a_closed_tab_is_forgotten_with_its_list() {
    let (server, _browser, page) = connected().await;
    page.sends(&["keep me"]).await;
    page.clicks("button.add").await;
    page.connects_to(&server.ws("/ws")).await;
    page.sends(&["forget me"]).await;
    keeps_lists(&page, 2).await;
    page.clicks(".tab:nth-child(2) .close").await;
    page.clicks(".closed-tab .forget").await;
    keeps_lists(&page, 1).await;
}

#[tokio::test]
async fn a_tab_whose_worker_cannot_be_loaded_says_so() {
    let server = Server::start().await;
    let browser = Browser::start().await;
    let missing = "Worker = class extends Worker { constructor(url, options) { super(`no-${url}`, options) } }";
    browser.runs_first(missing).await;
    let page = browser.open(&server.http()).await;
    page.shows("The engine of this tab stopped (worker.js could not be loaded).").await;
}

#[tokio::test]
async fn where_nothing_can_be_kept_the_page_says_so_and_works() {
    let full = "throw new DOMException('full', 'QuotaExceededError')";
    let forbidden = "throw new DOMException('no', 'SecurityError')";
    for script in [
        format!("Storage.prototype.setItem = () => {{ {full} }}"),
        format!(
            "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, {{ get() {{ {forbidden} }} }})"
        ),
    ] {
        let server = Server::start().await;
        let browser = Browser::start().await;
        browser.runs_first(&script).await;
        let page = browser.open(&server.http()).await;
        page.has_state("open").await;
        page.shows("The browser cannot store tabs, settings and saved messages: storage is full")
            .await;
        page.sends(&["it works"]).await;
        page.opens_tab().await;
        page.selects(".language select", "ko").await;
        page.shows("더 보기").await;
    }
}

/// Runs `script` first in each worker of the pages to come.
pub(crate) async fn runs_first_in_workers(browser: &Browser, script: &str) {
    // A worker begins with a script of ours, which the page's policy would not let run.
    browser.devtools("Page.setBypassCSP", json!({ "enabled": true })).await;
    let wrapped = "const Real = Worker;
        window.Worker = class extends Real {
            constructor(url, options) {
                const script = `import ${JSON.stringify(new URL(url, location).href)};${SCRIPT}`;
                super(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })), options);
            }
        };";
    browser.runs_first(&wrapped.replace("SCRIPT", &Value::from(script).to_string())).await;
}

#[tokio::test]
async fn where_no_list_can_be_kept_the_page_says_so_and_works() {
    let server = Server::start().await;
    let browser = Browser::start().await;
    let forbid =
        "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError') }";
    runs_first_in_workers(&browser, forbid).await;
    let page = browser.open(&server.http()).await;
    page.shows("The browser cannot store this list: storage is full or blocked").await;
    page.has_state("open").await;
    page.sends(&["it works"]).await;
}

#[tokio::test]
async fn what_others_have_stored_breaks_nothing() {
    let (server, _browser, page) = connected().await;
    let deep = "[".repeat(100_000);
    let desk = |tab: Value| json!({ "tabs": [tab], "shown": 7 }).to_string();
    let list = "../<script>hacked=1</script>/\u{0}";
    for text in [
        "",
        "null",
        "\u{0}\u{fffd}",
        deep.as_str(),
        &desk(json!({ "list": 7 })),
        &desk(json!({ "target": { "url": "<img src=x onerror=hacked=1>" }, "list": list })),
        &json!({ "tabs": vec![json!({}); 5_000] }).to_string(),
    ] {
        let names = [
            "desk", "workspace", "environment", "recent", "time", "bounds", "detail", "theme",
            "language",
        ];
        page.run(&format!(
            "addEventListener('pagehide', () => {{
                 for (const storage of [localStorage, sessionStorage])
                     for (const name of {}) storage.setItem('wsbench.' + name, {});
             }})",
            json!(names),
            Value::from(text)
        ))
        .await;
        page.reloads().await;
        page.waits_for("return document.querySelectorAll('[role=tab]').length > 0").await;
        // The page may be connected there by itself.
        page.goes_to(&server.ws("/ws")).await;
        page.has_state("open").await;
        page.sends(&["it works"]).await;
        assert_eq!(page.run("return window.hacked").await, Value::Null);
    }
}

/// Saves a message under `name`, in the panel that it opens.
async fn saves(page: &Page, name: &str) {
    page.fills(name).await;
    page.run("document.querySelectorAll('.fold-panel')[1].click()").await;
    page.enters(".saving .saved-name", name).await;
    page.presses(keys::ENTER).await;
    page.waits_for(&format!("return ({SAVED}).includes('{name}')")).await;
}

const SAVED: &str = "[...document.querySelectorAll('.saved .load span')].map(it => it.innerText)";

#[tokio::test]
async fn messages_that_two_windows_save_are_in_both() {
    let (server, browser, page) = connected().await;
    let first = browser.windows().await.swap_remove(0);
    browser.opens_a_window().await;
    let second = browser.open(&server.http()).await;
    second.has_state("idle").await;
    saves(&second, "of the second").await;
    browser.switches_to(first).await;
    saves(&page, "of the first").await;
    let both = format!("return ({SAVED}).join() === 'of the second,of the first'");
    page.waits_for(&both).await;
    let second = browser.windows().await.pop().expect("there are two");
    browser.switches_to(second).await;
    page.waits_for(&both).await;
    // What was stored earlier may be told later.
    page.run(
        "const key = 'wsbench.workspace';
         dispatchEvent(new StorageEvent('storage', { key, newValue: '{}' }))",
    )
    .await;
    assert_eq!(page.run(&both).await, true);
}

#[tokio::test]
async fn saved_messages_of_a_later_version_are_not_overwritten() {
    let (_server, _browser, page) = connected().await;
    let later = r#"{"format":"wsbench-workspace","version":99,"messages":[]}"#;
    let key = "localStorage['wsbench.workspace']";
    page.run(&format!("{key} = {}", Value::from(later))).await;
    page.reloads().await;
    page.has_state("open").await;
    saves(&page, "mine").await;
    page.shows("Changes are not stored").await;
    assert_eq!(page.run(&format!("return {key}")).await, later);
    // Of a file that cannot be read, there is a copy.
    page.run(&format!("{key} = 'half of a fi'")).await;
    page.reloads().await;
    page.has_state("open").await;
    page.shows("storage keeps a copy: wsbench.workspace.unread").await;
    saves(&page, "mine").await;
    page.waits_for(&format!("return {key}.includes('mine')")).await;
    let copy = "return localStorage['wsbench.workspace.unread']";
    assert_eq!(page.run(copy).await, "half of a fi");
}

#[tokio::test]
async fn an_edit_of_a_saved_message_outlives_what_another_window_saves() {
    let (server, browser, page) = connected().await;
    saves(&page, "mine").await;
    page.clicks(".edit-saved").await;
    page.enters(".changing .saved-name", "half a ").await;
    page.run("addEventListener('storage', event => { window.heard ||= event.key === 'wsbench.workspace' })")
        .await;
    let first = browser.windows().await.swap_remove(0);
    browser.opens_a_window().await;
    let second = browser.open(&server.http()).await;
    second.has_state("idle").await;
    saves(&second, "of another").await;
    browser.switches_to(first).await;
    page.waits_for("return window.heard").await;
    let typed = "return document.activeElement.matches('.changing .saved-name')
        && document.activeElement.value";
    assert_eq!(page.run(typed).await, "half a ");
    page.presses("name\u{e007}").await;
    page.waits_for(&format!("return ({SAVED}).join() === 'half a name,of another'")).await;
}

/// Renames the environment in the panel of variables.
async fn renames_environment(page: &Page, name: &str) {
    page.enters(".environment-name", name).await;
    page.presses(keys::ENTER).await;
    has_environment(page, name).await;
}

async fn has_environment(page: &Page, name: &str) {
    page.has_value(".environment", name).await;
}

#[tokio::test]
async fn an_environment_that_another_window_renames_stays_chosen() {
    let variables = "document.querySelectorAll('.fold-panel')[0].click()";
    let (server, browser, page) = connected().await;
    page.run(variables).await;
    page.clicks(".add-environment").await;
    renames_environment(&page, "local").await;
    let first = browser.windows().await.swap_remove(0);
    browser.opens_a_window().await;
    let second = browser.open(&server.http()).await;
    second.has_state("idle").await;
    second.run(variables).await;
    renames_environment(&second, "staging").await;
    browser.switches_to(first).await;
    has_environment(&page, "staging").await;
    // The form is another one by now.
    renames_environment(&page, "production").await;
}

#[tokio::test]
async fn a_second_window_connects_nothing_a_reopened_browser_the_pages_server_and_a_reload_all() {
    let (server, browser, page) = connected().await;
    let other = Server::start().await;
    for url in [server.ws("/echo"), other.ws("/ws")] {
        page.opens_tab().await;
        page.connects_to(&url).await;
    }
    keeps_tabs(&page, other.authority()).await;
    let states = |expected: &str| {
        format!(
            "return [...document.querySelectorAll('.tab')].map(it => it.dataset.state).join() === '{expected}'"
        )
    };
    let first = browser.windows().await.swap_remove(0);
    browser.opens_a_window().await;
    let second = browser.open(&server.http()).await;
    for _ in 0..2 {
        second.waits_for(&states("idle,idle,idle")).await;
        second.clicks(".tab [role=tab]").await;
        second.clicks("button.connect").await;
        second.waits_for(&states("open,idle,idle")).await;
        second.sends(&["a round trip later"]).await;
        assert_eq!(second.run(&states("open,idle,idle")).await, true);
        second.clicks("button.connect").await;
        second.waits_for(&states("closed,idle,idle")).await;
        second.reloads().await;
    }
    leaves(&second).await;
    browser.switches_to(first).await;
    page.reloads().await;
    page.waits_for(&states("open,open,open")).await;
    leaves(&page).await;
    let reopened = browser.open(&server.http()).await;
    reopened.waits_for(&states("open,open,idle")).await;
}

/// Leaves the page for another, and ends the window's session: as the browser does when it is closed.
async fn leaves(page: &Page) {
    page.run(
        "addEventListener('pagehide', () => sessionStorage.clear()); location = 'about:blank'",
    )
    .await;
    // Chromium may load the next page before it hides this one.
    page.waits_for("return location.href === 'about:blank'").await;
}

#[tokio::test]
async fn variables_are_the_same_in_all_tabs_and_stored_once_they_are_typed() {
    let (_server, _browser, page) = connected().await;
    page.opens_options("Saved connections").await;
    page.enters("input[placeholder='Name of this connection']", "Mine").await;
    page.presses(keys::ENTER).await;
    page.has(".options .load").await;
    page.run("document.querySelector('.options .load').dataset.mark = 'the same'").await;
    let variables = "document.querySelector('.fold-panel').click()";
    page.run(variables).await;
    page.clicks(".add-environment").await;
    page.clicks(".composer .add-part").await;
    page.run(
        "window.writes = 0;
         const set = Storage.prototype.setItem;
         Storage.prototype.setItem = function (key, text) {
             window.writes += key === 'wsbench.workspace';
             set.call(this, key, text);
         }",
    )
    .await;
    let value = "letter by letter";
    page.enters(".composer .part .name", "token").await;
    page.enters(".composer .part .value", value).await;
    page.waits_for(&format!("return localStorage['wsbench.workspace'].includes('{value}')")).await;
    let writes = page.run("return window.writes").await.as_u64().expect("a number");
    assert!(writes < value.len() as u64, "{writes}");
    page.has(".options .load[data-mark]").await;

    // An empty row in one tab, another value in the next.
    page.clicks(".composer .add-part").await;
    page.opens_tab().await;
    page.run(variables).await;
    page.has(".composer .part .value").await;
    page.enters(".composer .part .value", "2").await;
    page.clicks(".tab:nth-child(1) [role=tab]").await;
    page.run(variables).await;
    page.clicks(".composer .part:last-of-type .remove-part").await;
    page.has_count(".composer .part", 1).await;
    page.has_value(".composer .part .value", "2").await;
    // Left within the time of storing.
    let is_stored = "const box = document.querySelector('.composer .part .value');
        box.value = 'typed last';
        box.dispatchEvent(new Event('input', { bubbles: true }));
        dispatchEvent(new PageTransitionEvent('pagehide'));
        return localStorage['wsbench.workspace'].includes('typed last')";
    assert_eq!(page.run(is_stored).await, true);
}

#[tokio::test]
async fn a_page_that_is_hidden_has_stored_what_was_typed_last() {
    let (_server, _browser, page) = connected().await;
    let is_stored = "const box = document.querySelector('.composer textarea');
        box.value = 'late';
        box.dispatchEvent(new Event('input', { bubbles: true }));
        Object.defineProperty(document, 'hidden', { value: true });
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
        return Object.entries(localStorage)
            .some(([key, value]) => key.startsWith('wsbench.desk') && value.includes('late'))";
    assert_eq!(page.run(is_stored).await, true);
}

#[tokio::test]
async fn what_another_window_clears_stays_cleared() {
    let (server, browser, page) = connected().await;
    keeps_tabs(&page, "/ws").await;
    page.run("addEventListener('storage', event => { window.heard = event.key })").await;
    let first = browser.windows().await.swap_remove(0);
    browser.opens_a_window().await;
    let other = browser.visits(&format!("{}endpoints.json", server.http())).await;
    other.run("localStorage.clear(); localStorage.last = 'last'").await;
    browser.switches_to(first).await;
    page.waits_for("return window.heard === 'last'").await;
    assert_eq!(page.run("return Object.keys(localStorage)").await, json!(["last"]));
}

#[tokio::test]
async fn a_setting_is_stored_once_it_is_chosen() {
    let (_server, _browser, page) = connected().await;
    keeps_tabs(&page, "/ws").await;
    let stored = "return Object.keys(localStorage).filter(it => /^wsbench.(language|theme|time|bounds)/.test(it))";
    assert_eq!(page.run(stored).await, json!([]));
    page.sets_theme("dark").await;
    page.waits_for("return localStorage['wsbench.theme'] === 'dark'").await;
    assert_eq!(page.run(stored).await, json!(["wsbench.theme"]));
}
