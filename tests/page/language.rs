//! The Korean page: every word of it is Korean, but for names, codes and addresses.

use harness::{
    Authority, Browser, Page, Server, connected, keys,
    raw::{FIN, PING, TEXT},
    soon,
};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::accept_async;

use crate::relay::{guarded, listener};

/// Texts that a person sees or hears, if they have Latin words beside names, codes and addresses.
const LATIN: &str = r#"
    const NAMES = new RegExp('\\b(?:' + [
        'Workbench', 'WebSocket', 'wsbench', 'English', 'JSON', 'Lines', 'HAR', 'Base64', 'UTF', 'UUID', 'UTC',
        'RFC', 'HTTP', 'TCP', 'FIN', 'RST', 'RSV', 'API', 'URL', 'IPv6', 'opcode', 'Close', 'Echo', 'seq', 'fill',
        'curl', 'websocat', 'wscat', 'Enter', 'Shift', 'Ctrl', 'Esc', 'Delete', 'Alt', 'PgDn', 'PgUp', 'Home', 'End', 'Tab', 'F',
        'KiB', 'MiB', 'GiB', 'ms', 'p50', 'p99', 'Aa', 'permessage', 'deflate', 'text', 'binary', 'json', 'random', 'time',
        'accept', 'handshake', 'close', 'max', 'Sec', 'Accept', 'Retry', 'After', 'TLS', 'Authorization', 'Origin',
        'Basic', 'Bearer', 'localhost', 'IP', 'SHA',
    ].join('|') + ')\\d*\\b', 'g');
    const CODES = [
        /CN=[^,]*/g, /(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/g,
        /“[^”]*”/g, /\S*:\/\/\S+/g, /[\w.[\]*]+(?::| ?[=<>!]+ ?)"?\w+"?/g, /\w+[.[][\w.[\]*]+/g,
        /\{\{[^}]*\}\}/g, /[\w.]+:\d+\S*/g, /--[\w-]+/g, /\/[\w{}\/-]+/g, /x-[\w-]+/g,
        /\d[\d.,:TZ-]*\w*/g, /[a-z]+(?:_[a-z]+)+/g, /서버의 설명: .*/g,
    ];
    const words = text => [...CODES, NAMES].reduce((text, known) => text.replace(known, ' '), text);
    const texts = it => [
        it.ariaLabel, it.title, it.placeholder,
        ...[...it.childNodes].filter(it => it.nodeType === Node.TEXT_NODE).map(it => it.data),
    ];
    return [document.title, ...[...document.querySelectorAll('.page *')]
        .filter(it => it.checkVisibility({ visibilityProperty: true }))
        .filter(it => !it.closest('code, kbd, .payload, .entry, .detail-text, .tab-end, pre, .preset :is(input, select, textarea)'))
        .flatMap(texts)]
        .filter(text => text && /[A-Za-z]{2,}/.test(words(text)));"#;

/// Fails if the page has a word that is not Korean.
async fn is_korean(page: &Page, state: &str) {
    let latin = page.run(LATIN).await;
    assert_eq!(latin, Value::from(Vec::<Value>::new()), "{state}");
}

/// Server, browser and the connected page in Korean.
async fn korean() -> (Server, Browser, Page) {
    let (server, browser, page) = connected().await;
    page.run("localStorage.setItem('wsbench.language', 'ko')").await;
    page.reloads().await;
    page.has_state("open").await;
    (server, browser, page)
}

/// Clicks what `selector` finds, if anything.
async fn clicks_if_there(page: &Page, selector: &str) {
    page.run(&format!("document.querySelector({selector:?})?.click()")).await;
}

#[tokio::test]
async fn the_korean_page_is_korean_throughout() {
    let (server, _browser, page) = korean().await;
    page.waits_for("return document.title === 'WebSocket 워크벤치'").await;
    is_korean(&page, "open").await;
    page.selects(".compose-controls .form", "JSON").await;
    page.fills("[1,]").await;
    page.contains(".composer-says", "JSON이 아닙니다. 1행 4열").await;
    for panel in 1..=3 {
        clicks_if_there(&page, &format!(".fold-panel:nth-of-type({panel})")).await;
        clicks_if_there(&page, ".add-environment").await;
        clicks_if_there(&page, ".composer .add-part").await;
        is_korean(&page, &format!("panel {panel}")).await;
    }
    for opens in [".show-keys", ".files button", ".more summary", ".with-code", ".unfold-measure"] {
        clicks_if_there(&page, opens).await;
        is_korean(&page, opens).await;
        clicks_if_there(&page, ".keys .forget").await;
    }
    page.goes_to("ws://localhost:2/").await;
    page.has_state("waiting").await;
    is_korean(&page, "waiting").await;
    // What the page's server says of a failure is introduced in Korean.
    clicks_if_there(&page, ".unfold").await;
    is_korean(&page, "options").await;
    page.goes_to(&server.ws("/echo?delay=abc")).await;
    let refused = "HTTP 상태 400(잘못된 요청)입니다. 서버의 설명: Invalid value";
    page.shows(refused).await;
    page.selects(".route .choice select", "server").await;
    let (port, _serving) = guarded().await;
    for (url, said) in [
        ("ws://localhost:1/".to_owned(), "연결할 수 없습니다. 서버가 실행 중인지 확인하십시오."),
        (format!("ws://localhost:{port}/"), "HTTP 상태 401(인증 필요)입니다. 서버의 설명: "),
    ] {
        page.goes_to(&url).await;
        page.contains(".explanation", said).await;
    }
}

#[tokio::test]
async fn another_language_changes_the_words_and_nothing_else() {
    let (_server, _browser, page) = korean().await;
    page.sends(&["1"]).await;
    page.types("a draft").await;
    page.clicks("button.show-settings").await;
    page.focuses(".language select").await;
    page.selects(".language select", "en").await;
    page.has("html[lang=en]").await;
    page.reads("button.send", "Send").await;
    // The menu is rendered anew, and closed: the focus is at its button.
    page.has_focus(".show-settings").await;
    let korean = "return /[가-힣]/.test(document.querySelector('main').innerText)";
    assert_eq!(page.run(korean).await, false);
    assert_eq!(page.draft().await, "a draft");
    page.clicks_send().await;
    page.sees("received", "Echo: a draft").await;
    page.sees("received", "Echo: 1").await;

    page.clicks(".entry[data-direction=received]").await;
    page.clicks("button.unfold").await;
    page.has(".detail-header").await;
    page.selects(".language select", "ko").await;
    page.reads("button.send", "전송").await;
    is_korean(&page, "back in Korean").await;
}

#[tokio::test]
async fn the_route_through_the_server_is_korean_throughout() {
    let (_server, _browser, page) = korean().await;
    page.opens_options("연결 방법").await;
    page.selects(".route .choice select", "server").await;
    page.clicks(".route .add-part").await;
    is_korean(&page, "headers").await;
    page.clicks(".route .remove-part").await;
    for section in ["credentials", "tls", "network", "compression"] {
        page.clicks(&format!(".section.{section}")).await;
        clicks_if_there(&page, ".credentials .add-part").await;
        is_korean(&page, section).await;
        clicks_if_there(&page, ".credentials .remove-part").await;
    }

    let (listener, port) = listener().await;
    page.goes_to(&format!("ws://localhost:{port}/feed")).await;
    let (stream, _) = soon("a connection", listener.accept()).await.expect("the server connects");
    let mut target = accept_async(stream).await.expect("it shakes hands").into_inner();
    page.has_state("open").await;
    target.write_all(&[FIN | PING, 1, b'7', FIN | TEXT, 1, b'8']).await.expect("the server reads");
    page.sees("received", "8").await;
    for (row, pane) in [
        ("[data-kind=handshake]", ".stages"),
        ("[data-kind=control]", ".frame-table"),
        ("[data-direction=received]", ".frames summary"),
    ] {
        page.clicks(&format!(".entry{row}:not([hidden])")).await;
        page.has(&format!(".detail {pane}")).await;
        clicks_if_there(&page, ".frames summary").await;
        is_korean(&page, row).await;
    }
    for opens in [".more summary", ".framing"] {
        clicks_if_there(&page, opens).await;
        is_korean(&page, opens).await;
    }

    // The reason of an end without a Close frame is none of the target's.
    target.set_zero_linger().expect("a socket");
    drop(target);
    let said = "1006 (Close 프레임 없이 연결이 끊김). 서버의 설명: Connection reset by peer";
    page.waits_for(&format!(
        "[...document.querySelectorAll('.entry[data-kind=ended]:not([hidden])')].at(-1)?.click();
         return document.querySelector('.event-facts dl')?.textContent.includes('{said}') === true"
    ))
    .await;
    is_korean(&page, "lost").await;

    let port = Authority::default().serve().await;
    page.goes_to(&format!("wss://localhost:{port}/")).await;
    page.contains(".said p", "발급자").await;
    is_korean(&page, "certificate").await;
}

#[tokio::test]
async fn korean_sentences_have_no_words_of_libraries() {
    let (server, _browser, page) = korean().await;
    let url = server.ws("/abort?after=200ms");
    page.goes_to(&url).await;
    page.sees("event", &format!("연결 끊김: 1006, Close 프레임 없음 · {url}")).await;
    page.goes_to(&server.ws("/echo")).await;
    page.has_state("open").await;
    page.clicks(".find [title='정규식']").await;
    for (expression, says) in [
        ("a(b", "정규식이 아닙니다. 2번째 문자를 확인하십시오."),
        (
            r"\p{Hangul}",
            "정규식에 알 수 없는 문자 클래스가 있습니다. [가-힣] 같은 범위로 쓰십시오.",
        ),
    ] {
        page.enters(".find input", expression).await;
        page.contains(".list-status", says).await;
    }
    page.run("document.querySelector('.find input').select()").await;
    page.presses(keys::BACKSPACE).await;
    let har = |messages: &str| {
        format!(
            r#"{{"log":{{"version":"1.2","entries":[{{"_resourceType":"websocket","startedDateTime":"2026-01-02T03:04:05Z","request":{{"method":"GET","url":"ws://a"}},"response":{{"status":101}},"_webSocketMessages":{messages}}}]}}}}"#
        )
    };
    let workspace = r#"{"format":"wsbench-workspace","version":1,"messages":[{"name":7}]}"#;
    for (name, content, says) in [
        (
            "field.har",
            har(r#"[{"type":7,"time":1,"opcode":1,"data":"a"}]"#),
            "필드의 값이 잘못되었습니다",
        ),
        ("cut.har", har("[")[..40].to_owned(), "파일이 온전합니까?"),
        ("line.jsonl", "{\"time\":7}".to_owned(), "이 형식의 JSON 객체가 아닙니다."),
        ("team.json", workspace.to_owned(), "필드의 값이 잘못되었습니다"),
    ] {
        match name {
            "team.json" => page.imports_workspace(name, content).await,
            _ => page.imports_file(name, content).await,
        }
        page.shows(says).await;
        is_korean(&page, name).await;
        let close = "document.querySelectorAll('.notices .forget').forEach(it => it.click())";
        page.run(close).await;
        page.lacks(".notices .notice").await;
    }
}

#[tokio::test]
async fn every_endpoint_and_option_has_a_korean_text() {
    let (server, _browser, page) = korean().await;
    clicks_if_there(&page, ".opener").await;
    // The last entry unfolds the faults.
    let entries = "[...document.querySelectorAll('.suggestion')]";
    page.waits_for(&format!("return {entries}.length > 10")).await;
    page.run(&format!("{entries}.at(-1).click()")).await;
    page.waits_for(&format!("return {entries}.length > 30")).await;
    is_korean(&page, "endpoints").await;
    let foreign = "return document.querySelectorAll('.status [lang]').length";
    assert_eq!(page.run(foreign).await, 0, "the server's own words");
    clicks_if_there(&page, ".unfold").await;
    let paths = "
        const { endpoints } = await (await fetch('/endpoints.json')).json();
        return endpoints.filter(it => it.options.length > 0).map(it => it.path)";
    let paths = page.run(&format!("return (async () => {{ {paths} }})()")).await;
    for path in paths.as_array().expect("a list").iter().filter_map(Value::as_str) {
        let address = server.ws(&path.replace("{room}", "lobby"));
        let enter = format!(
            "const box = document.querySelector('[role=combobox]');
             box.value = {address:?};
             box.dispatchEvent(new Event('input', {{ bubbles: true }}));
             box.dispatchEvent(new Event('blur'));"
        );
        page.run(&enter).await;
        page.contains(".preset legend", path).await;
        is_korean(&page, path).await;
        assert_eq!(page.run(foreign).await, 0, "the server's own words of {path}");
    }
}
