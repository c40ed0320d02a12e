//! Import and export: lists, links, commands and workspaces.

use std::{fs, path::Path};

use harness::{Browser, Page, Server, har, keys, raw, soon};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    time::{Duration, sleep},
};

use crate::{
    keeping::{keeps_tabs, keeps_times},
    relay::guarded,
};

const ADDRESS: &str = "[role=combobox]";
const TABS: &str = "[role=tab]";

/// A browser with the page of a server that has just started, connected, and a folder for files.
async fn connected() -> (Server, Browser, Page, TempDir) {
    let server = Server::start().await;
    let browser = Browser::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    browser.downloads_to(folder.path()).await;
    let page = browser.open(&server.http()).await;
    page.has_state("open").await;
    // What is copied can be looked at.
    page.catches_copies().await;
    (server, browser, page, folder)
}

/// Clicks what is called `item` in the menu.
async fn chooses(page: &Page, item: &str) {
    page.clicks(".files > button").await;
    page.clicks_text("#files button", item).await;
}

/// The file that comes into `folder`, whose name ends in `extension`; it is taken out.
async fn downloaded(folder: &Path, extension: &str) -> String {
    downloaded_by_name(folder, extension).await.1
}

/// The same, with its name. Chromium reserves the name by an empty file, and renames the whole one
/// to it; nothing that is exported is empty.
async fn downloaded_by_name(folder: &Path, extension: &str) -> (String, String) {
    let file = async {
        loop {
            let files = fs::read_dir(folder).expect("the folder can be read");
            let mut files = files.map(|file| file.expect("a file").path());
            if let Some(file) = files.find(|file| {
                file.extension().is_some_and(|it| it == extension)
                    && file.metadata().is_ok_and(|file| file.len() > 0)
            }) {
                return file;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let file = soon("the download", file).await;
    let text = fs::read_to_string(&file).expect("it is text");
    fs::remove_file(&file).expect("it can be removed");
    (file.file_name().expect("a name").to_string_lossy().into_owned(), text)
}

#[tokio::test]
async fn a_list_goes_out_as_har_and_comes_back_the_same() {
    let (server, _browser, page, folder) = connected().await;
    page.sends(&["one", r#"{"two": 2}"#]).await;
    page.types("<b>three</b>\u{202e}").await;
    page.presses_enter().await;
    page.sees("received", "Echo: <b>three</b>⟨RLO⟩").await;
    page.disconnects().await;
    chooses(&page, "Export as HAR").await;
    let first = downloaded(folder.path(), "har").await;

    page.imports_file("list.txt", &first).await;
    page.shows("rows from list.txt.").await;
    page.reads("[role=tab][aria-selected=true]", "list.txt").await;
    page.sees("received", "Echo: <b>three</b>⟨RLO⟩").await;
    page.sees("event", "8 rows imported from list.txt").await;
    page.has_state("idle").await;
    page.has_value(ADDRESS, &server.ws("/ws")).await;
    chooses(&page, "Export as HAR").await;
    assert_eq!(downloaded(folder.path(), "har").await, first);

    // It stays what it is: nothing connects when the page is loaded anew, either.
    keeps_times(&page, "Echo: one", 2).await;
    page.reloads().await;
    page.sees("received", "Echo: one").await;
    page.has_state("idle").await;
    chooses(&page, "Export as HAR").await;
    assert_eq!(downloaded(folder.path(), "har").await, first);
}

#[tokio::test]
async fn what_is_listed_is_what_is_exported() {
    let (server, _browser, page, folder) = connected().await;
    page.sends(&["before"]).await;
    page.clicks(".toolbar .clear").await;
    page.sends(&["one", "two"]).await;
    page.enters(".find input", "two").await;
    page.shows("2 of ").await;
    page.clicks(".files > button").await;
    page.shows("Exports the 2 rows shown.").await;
    page.presses(keys::ESCAPE).await;
    chooses(&page, "Export as JSON Lines").await;
    let (name, lines) = downloaded_by_name(folder.path(), "jsonl").await;
    page.shows(&format!("Exported 2 rows to {name}.")).await;
    let of = server.ws("/ws").replace("ws://", "wsbench-").replace([':', '/'], "-");
    assert!(name.starts_with(&of), "{name}");
    let texts: Vec<_> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["text"].clone())
        .collect();
    assert_eq!(texts, ["two", "Echo: two"]);
    chooses(&page, "Export as text log").await;
    let log = downloaded(folder.path(), "log").await;
    assert!(log.ends_with("Echo: two\n") && log.lines().count() == 2, "{log}");
}

#[tokio::test]
async fn hostile_files_are_refused_in_words_and_insert_nothing() {
    let (_server, _browser, page, _folder) = connected().await;
    let line =
        r#"{"time":"2026-01-02T03:04:05Z","direction":"in","kind":"text","text":"x","size":1}"#;
    let har = r#"{"log":{"version":"1.2","entries":[{"_resourceType":"websocket","startedDateTime":"2026-01-02T03:04:05Z","request":{"method":"GET","url":"javascript:hacked=1"},"response":{"status":101},"_webSocketMessages":[{"type":"send","time":1,"opcode":1,"data":"a"}"#;
    for (name, content, says) in [
        ("junk.har", vec![0xff, 0xfe, 0, 1, 2, 3], "This is neither JSON Lines nor HAR."),
        ("empty.jsonl", Vec::new(), "Nothing was imported from empty.jsonl. The file is empty."),
        ("cut.jsonl", format!("{line}\n{}", &line[..40]).into(), "Line 2 cannot be read"),
        ("cut.har", har.into(), "The HAR cannot be read at line 1"),
        ("deep.har", [br#"{"log":"#.as_slice(), &b"[".repeat(1 << 20)].concat(), "cannot be read"),
        ("long.jsonl", vec![b'{'; 8 << 20], "cannot be read"),
        (
            "none.har",
            br#"{"log":{"version":"1.2","entries":[]}}"#.to_vec(),
            "no WebSocket messages",
        ),
    ] {
        page.imports_file(name, content).await;
        page.shows(&format!("{name}. ")).await;
        page.shows(says).await;
    }
    let markup = "<img src=x onerror=hacked=1><script>hacked=1</script>";
    let size = markup.len();
    let lines = json!({"time": "2026-01-02T03:04:05Z", "direction": "in", "kind": "text", "text": markup, "size": size});
    page.imports_file("<u onclick=hacked=1>.jsonl", lines.to_string()).await;
    page.sees("received", markup).await;
    page.shows("Imported 1 row from <u onclick=hacked=1>.jsonl.").await;
    page.imports_file("url.har", format!("{har}]}}]}}}}")).await;
    page.shows("from url.har").await;
    page.has_value(ADDRESS, "javascript:hacked=1").await;
    assert_eq!(
        page.run("return window.hacked ?? document.querySelector('u, .entry img')").await,
        Value::Null
    );
}

#[tokio::test]
async fn an_import_leaves_out_what_cannot_be_read_and_no_tab_if_that_is_all() {
    let (server, _browser, page, _folder) = connected().await;
    page.imports_file("junk.har", "junk").await;
    page.shows("Nothing was imported from junk.har. This is neither JSON Lines nor HAR.").await;
    page.has_count(TABS, 1).await;
    page.has_state("open").await;
    page.clicks(".notices .forget").await;
    // Each of several files is told of, whatever the order of their ends.
    page.run(
        "const dataTransfer = new DataTransfer();
        for (const name of ['a.har', 'b.har', 'c.har'])
            dataTransfer.items.add(new File(['junk'], name));
        dataTransfer.items.add(new File(['{\"log\":{\"entries\":[]}}'], 'empty.har'));
        document.querySelector('.conversation').dispatchEvent(
            new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));",
    )
    .await;
    page.waits_for(
        "const told = [...document.querySelectorAll('.notices .notice')].map(it => it.innerText);
        const names = /Nothing was imported from (\\w.har), (\\w.har), (\\w.har)\\. This is neither/;
        const [, ...named] = names.exec(told.join()) ?? [];
        return named.sort().join() === 'a.har,b.har,c.har'
            && told.some(it => it.startsWith('Nothing was imported from empty.har.'))",
    )
    .await;
    page.has_count(TABS, 1).await;
    let message = |data: &str| format!(r#"{{"type":"receive","time":1,"opcode":1,"data":{data}}}"#);
    let messages = [
        message("\"one\""),
        message("\"one\"").replace("\"receive\"", "7"),
        message(r#""\ud800""#),
        message("\"two\""),
    ];
    let har = format!(
        r#"{{"log":{{"entries":[{{"startedDateTime":"2026-01-02T03:04:05Z","request":{{"url":"{}"}},"_webSocketMessages":[{}]}}]}}}}"#,
        server.ws("/ws"),
        messages.join(",")
    );
    page.imports_file("odd.har", har).await;
    page.sees("received", "one").await;
    page.sees("received", "two").await;
    page.shows("Skipped 2 unreadable entries. The message at line 1, column").await;
    page.has_count(TABS, 2).await;

    let workspace = r#"{"format":"wsbench-workspace","version":1,"messages":[{"name":7,"text":""},{"name":"good","text":"x"}]}"#;
    page.imports_workspace("odd.json", workspace).await;
    page.shows("Added from odd.json: 1 message").await;
    page.shows("Skipped 1 unreadable entry. Invalid file at line 1, column").await;
}

#[tokio::test]
async fn a_link_has_no_secret_of_the_address() {
    let (server, _browser, page, _folder) = connected().await;
    page.enters("[role=combobox]", &server.ws("/echo?access_token=s3cret&prefix=a")).await;
    chooses(&page, "Copy as link").await;
    page.shows("Copied without secrets").await;
    let copied = page.copied().await;
    assert!(copied.contains("prefix") && !copied.contains("s3cret"), "{copied}");
}

#[tokio::test]
async fn a_link_that_is_too_large_says_so_with_the_limit() {
    let (server, _browser, page, _folder) = connected().await;
    for (text, says) in [
        ("a".repeat(1 << 20), "the limit is 524288."),
        ("a".repeat(100 << 10), "at most 65536 bytes fit."),
    ] {
        let link = format!("{}#address=ws://a/&text={text}", server.http());
        page.run(&format!("location = {}", Value::from(link))).await;
        page.shows(says).await;
        page.run("document.querySelector('.notices .forget')?.click()").await;
    }
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_read() {
    let (_server, _browser, page, folder) = connected().await;
    let path = folder.path().join("large.har");
    let sparse = fs::File::create(&path).expect("the file can be made");
    sparse.set_len((256 << 20) + 1).expect("it can be made long");
    page.imports(&path).await;
    page.shows("The file has 268435457 bytes; the limit is 268435456.").await;
    page.has_state("open").await;
}

#[tokio::test]
async fn a_file_is_dropped_on_the_list() {
    let (_server, _browser, page, _folder) = connected().await;
    page.run(
        r#"const dataTransfer = new DataTransfer();
        const line = '{"time":"2026-01-02T03:04:05Z","direction":"out","kind":"text","text":"dropped","size":7}';
        dataTransfer.items.add(new File([line], 'drop.jsonl'));
        window.drag = kind => {
            const event = new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true });
            document.querySelector('.scroller').dispatchEvent(event);
            return event.defaultPrevented;
        };"#,
    )
    .await;
    assert_eq!(page.run("return drag('dragover')").await, true);
    page.has(".takes-files").await;
    assert_eq!(page.run("return drag('drop')").await, true);
    page.sees("sent", "dropped").await;
    page.lacks(".takes-files").await;
    page.has_state("idle").await;
}

#[tokio::test]
async fn a_large_har_is_read_whole() {
    let (_server, _browser, page, _folder) = connected().await;
    page.imports_file("large.har", har(100_000).to_string()).await;
    page.shows("Imported 100,001 rows from large.har.").await;
}

#[tokio::test]
async fn a_link_fills_a_tab_and_sends_nothing() {
    let (server, _browser, page, _folder) = connected().await;
    page.disconnects().await;
    page.enters("[role=combobox]", "ws://example.org/feed?a=1&b=2").await;
    page.fills("hi {{now}} & <b>you</b>").await;
    chooses(&page, "Copy as link").await;
    page.shows("Copied.").await;
    let link = page.copied().await;
    assert!(
        link.starts_with(&format!(
            "{}#address=ws://example.org/feed?a=1%26b=2&text=",
            server.http()
        )),
        "{link}"
    );

    // Somebody else opens it.
    let other = Browser::start().await;
    let page = other.open(&link).await;
    page.shows("Filled in from the link: address, draft. Nothing was sent or connected.").await;
    page.has_value(ADDRESS, "ws://example.org/feed?a=1&b=2").await;
    assert_eq!(page.draft().await, "hi {{now}} & <b>you</b>");
    page.has_state("idle").await;
    assert_eq!(page.run("return location.href").await, server.http());
    keeps_tabs(&page, "example.org/feed").await;
    page.reloads().await;
    page.has_state("idle").await;
    assert_eq!(page.draft().await, "hi {{now}} & <b>you</b>");
    page.has_count(TABS, 2).await;
    // A link to the page's own server is no different.
    let own =
        format!("location.hash = 'address={}&subprotocol=a&subprotocol=b'", server.ws("/own"));
    page.run(&own).await;
    page.shows("Filled in from the link: address, 2 subprotocols.").await;
    page.has_state("idle").await;
    page.waits_for("return location.hash === ''").await;
    keeps_tabs(&page, "/own").await;
    page.reloads().await;
    page.has_state("idle").await;
}

#[tokio::test]
async fn a_hostile_link_gives_its_sentence_and_changes_nothing() {
    let (server, _browser, page, _folder) = connected().await;
    let long = format!("address=ws://x&text={}", "a".repeat(70_000));
    for (fragment, says) in [
        (
            "address=ws://x&address=ws://y",
            "The link has more than one address. Ask the sender for a new link.",
        ),
        ("address=ws://x%E2%80%AE", "The address has invisible characters."),
        ("address=%FF", "The address in the link is damaged."),
        ("address=x&form=script", "The link's draft has an unknown form."),
        (long.as_str(), "The draft is too long for a link: at most 65536 bytes fit."),
    ] {
        page.run(&format!("location.hash = {}", Value::from(fragment))).await;
        page.shows(says).await;
        page.waits_for("return location.hash === ''").await;
    }
    page.has_state("open").await;
    page.has_value(ADDRESS, &server.ws("/ws")).await;
    // What is no link of ours is left alone.
    page.run("location.hash = 'top'").await;
    assert_eq!(page.run("return location.hash").await, "#top");
    page.has_count(TABS, 1).await;
}

#[tokio::test]
async fn a_connection_is_copied_as_a_command_and_pasted_as_one() {
    let (server, _browser, page, _folder) = connected().await;
    page.fills("it's {{seq}}").await;
    chooses(&page, "Copy as wsbench command").await;
    let command = page.copied().await;
    assert_eq!(command, format!(r"wsbench {} -x 'it'\''s 1'", server.ws("/ws")));

    page.fills("").await;
    page.opens_tab().await;
    page.pastes(&command).await;
    page.shows("Address and draft filled in from the command. Nothing was sent.").await;
    page.has_value(ADDRESS, &server.ws("/ws")).await;
    assert_eq!(page.draft().await, "it's 1");
    page.has_state("idle").await;

    page.pastes("curl 'https://example.org/chat' \\\n  -H 'Upgrade: websocket' \\\n  -H 'Sec-WebSocket-Protocol: chat, v2' \\\n  -H 'Cookie: secret=1' -u me:secret").await;
    page.shows("Its options need a connection through this server: see Options, Route.").await;
    page.has_value(ADDRESS, "wss://example.org/chat").await;
    assert_eq!(page.draft().await, "it's 1");
    let said = page.run("return document.querySelector('.notices').innerText").await;
    assert!(!said.as_str().expect("words").contains("secret"), "{said}");

    // Typed, and with what cannot be read.
    page.goes_to("wscat -c ws://localhost:1/ -s chat -x first -x second").await;
    page.shows("filled in from the command. Press the up arrow in the box for its next messages.")
        .await;
    page.has_value(ADDRESS, "ws://localhost:1/").await;
    assert_eq!(page.draft().await, "first");
    page.has_state("idle").await;
    page.goes_to("websocat -H 'x ws://localhost:1").await;
    page.shows("The quote ' is not closed. Copy the whole command.").await;
    page.has_value(ADDRESS, "websocat -H 'x ws://localhost:1").await;
    // An address is an address.
    page.pastes("ws://localhost:2/").await;
    page.connects_to(&server.ws("/echo")).await;
}

#[tokio::test]
async fn headers_are_pasted_and_copied_and_are_in_no_link() {
    let (_server, _browser, page, _folder) = connected().await;
    let (port, _serving) = guarded().await;
    page.opens_tab().await;
    let command = format!(
        "curl -Lk http://localhost:{port}/feed -H 'X-Key: abc' -H 'X-Room: 7' -H 'Origin: http://of.example' --resolve localhost:{port}:127.0.0.1"
    );
    page.pastes(&command).await;
    page.shows("Its options need a connection through this server: see Options, Route.").await;
    page.shows("-k ignored: the page asks before a certificate is accepted.").await;
    page.has_state("idle").await;
    page.clicks_connect().await;
    page.sees("event", "Ping received: there?").await;
    page.shows("through this server").await;

    chooses(&page, "Copy as wsbench command").await;
    let command = page.copied().await;
    // What a header of one's own is worth, the page cannot know.
    let expected = format!(
        "wsbench ws://localhost:{port}/feed --follow -H 'Origin: http://of.example' --resolve localhost:{port}:127.0.0.1"
    );
    assert_eq!(command, expected);
    page.shows("Copied without secrets and certificates.").await;
    chooses(&page, "Copy as command with secrets").await;
    let whole = expected.replace(" -H 'Origin", " -H 'X-Key: abc' -H 'X-Room: 7' -H 'Origin");
    assert_eq!(page.copied().await, whole);
    chooses(&page, "Copy as link").await;
    let link = page.copied().await;
    assert!(!link.contains("abc") && !link.contains("X-Key"), "{link}");
}

#[tokio::test]
async fn a_workspace_goes_out_and_is_added_elsewhere() {
    let (server, _browser, page, folder) = connected().await;
    let workspace = |text: &str| {
        json!({"format": "wsbench-workspace", "version": 1,
            "messages": [{"name": "Ping", "text": text}],
            "environments": [{"name": "Local", "variables": {"room": "lobby"}}]})
        .to_string()
    };
    page.imports_file("chat.ws", "send hi").await;
    page.shows("This is a scenario file. Run it in a terminal: wsbench run chat.ws").await;
    page.imports_workspace("one.txt", workspace("ping")).await;
    page.shows("Added from one.txt: 1 message, 0 connections, 1 environment.").await;
    page.imports_workspace("two.txt", workspace("pong")).await;
    page.shows("Added from two.txt: 1 message, 0 connections, 0 environments.").await;
    page.imports_workspace("same.txt", workspace("ping")).await;
    page.shows("Nothing new in same.txt.").await;
    for (name, content, says) in [
        ("cut.txt", &workspace("ping")[..30], "The file is not JSON"),
        ("other.txt", "{}", "Invalid file at line 1, column 2: missing field"),
        ("new.txt", r#"{"format":"wsbench-workspace","version":9}"#, "The file has version 9"),
    ] {
        page.imports_workspace(name, content).await;
        page.shows(&format!("Nothing was added from {name}. {says}")).await;
    }
    page.reloads().await;
    page.has_state("open").await;
    chooses(&page, "Save as workspace file").await;
    let saved: Value =
        serde_json::from_str(&downloaded(folder.path(), "json").await).expect("JSON");
    let messages = json!([
        {"name": "Ping", "form": "text", "text": "ping"},
        {"name": "Ping (2)", "form": "text", "text": "pong"},
    ]);
    assert_eq!(saved["messages"], messages);
    assert_eq!(saved["environments"][0]["variables"]["room"], "lobby");
    server.still_serves().await;
}

#[tokio::test]
async fn the_menu_is_used_by_keyboard() {
    let (_server, _browser, page, folder) = connected().await;
    page.focuses(".files > button").await;
    page.presses(keys::ENTER).await;
    page.has("#files:popover-open").await;
    page.presses(keys::TAB).await;
    page.has_focus_on("Copy as link").await;
    page.presses(keys::ESCAPE).await;
    page.lacks("#files:popover-open").await;
    page.has_focus(".files > button").await;
    page.presses(keys::ENTER).await;
    for _ in 0..7 {
        page.presses(keys::TAB).await;
    }
    page.has_focus_on("Export as text log").await;
    page.presses(keys::ENTER).await;
    let log = downloaded(folder.path(), "log").await;
    assert!(log.trim_end().lines().last().is_some_and(|line| line.contains("--- Open")), "{log}");
    page.has_focus(".files > button").await;
}

#[tokio::test]
async fn a_connection_of_a_workspace_brings_its_route_and_its_headers() {
    let (server, _browser, page, folder) = connected().await;
    let (port, _serving) = guarded().await;
    let url = format!("ws://localhost:{port}/feed");
    let workspace = json!({
        "format": "wsbench-workspace",
        "version": 1,
        "connections": [{"name": "Feed", "address": url, "headers": {"X-Key": "{{key}}"}}],
        "environments": [{"name": "Local", "variables": {"key": "abc"}}],
    });
    page.imports_workspace("team.txt", workspace.to_string()).await;
    page.shows("Added from team.txt: 0 messages, 1 connection, 1 environment.").await;
    page.clicks(".fold-panel").await;
    page.has(".environment").await;
    page.selects(".environment", "Local").await;
    page.clicks(".composer-panel .forget").await;
    page.opens_options("Saved connections").await;
    page.clicks(".options .load").await;
    page.has_value("[role=combobox]", &url).await;
    page.presses_enter_in("[role=combobox]").await;
    // The peer answers only to the key.
    page.sees("event", "Ping received: there?").await;
    page.shows("through this server").await;

    // Saved anew, without the secret that was typed.
    page.clicks_text(".options [role=tab]", "Route").await;
    page.clicks(".route .add-part").await;
    let row = "const row = document.querySelectorAll('.route .part')[1]";
    for (class, text) in [("name", "Authorization"), ("value", "Bearer of-the-person")] {
        page.waits_for(&format!("{row}; return row !== undefined")).await;
        page.run(&format!(
            "{row}.querySelector('.{class}');
             row.value = '{text}';
             row.dispatchEvent(new Event('input', {{ bubbles: true }}))"
        ))
        .await;
    }
    page.clicks_text(".options [role=tab]", "Saved connections").await;
    page.enters("input[placeholder='Name of this connection']", "Mine").await;
    page.clicks(".options form button").await;
    page.has_count(".options .load", 2).await;
    chooses(&page, "Save as workspace file").await;
    let text = downloaded(folder.path(), "json").await;
    assert!(!text.contains("of-the-person"), "{text}");
    let saved: Value = serde_json::from_str(&text).expect("JSON");
    let mine = json!({
        "name": "Mine",
        "address": url,
        "headers": {"X-Key": "{{key}}", "Authorization": ""},
        "relay": {},
    });
    assert_eq!(saved["connections"][1], mine);
    server.still_serves().await;
}

#[tokio::test]
async fn a_variable_in_an_imported_header_is_not_that_of_the_person() {
    let (_server, _browser, page, _folder) = connected().await;
    let target = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("ws://localhost:{}", target.local_addr().expect("it is bound").port());
    let workspace = json!({
        "format": "wsbench-workspace",
        "version": 1,
        "environments": [{"name": "Local", "variables": {"token": "of-the-person"}}],
    });
    page.imports_workspace("own.txt", workspace.to_string()).await;
    page.shows("Added from own.txt").await;
    page.clicks(".fold-panel").await;
    page.has(".environment").await;
    page.selects(".environment", "Local").await;
    page.clicks(".composer-panel .forget").await;

    let mut archive = har(1);
    let request = &mut archive["log"]["entries"][0]["request"];
    request["url"] = format!("{url}/har").into();
    request["headers"] = json!([{"name": "X-Room", "value": "{{token}}"}]);
    for way in ["curl", "har"] {
        if way == "curl" {
            page.pastes(&format!(
                "curl {url}/curl -H 'X-Room: {{{{token}}}}' -H 'Upgrade: websocket'"
            ))
            .await;
        } else {
            page.imports_file("list.har", archive.to_string()).await;
        }
        page.has_value("[role=combobox]", &format!("{url}/{way}")).await;
        page.presses_enter_in("[role=combobox]").await;
        // The other tab may try again meanwhile.
        let head = loop {
            let accepted = soon("a connection", target.accept()).await;
            let (mut stream, _) = accepted.expect("the server connects");
            let head = raw::read_head(&mut stream).await;
            if head.starts_with(&format!("GET /{way} ")) {
                break head;
            }
        };
        assert!(head.contains("\r\nX-Room: {{token}}\r\n"), "{head}");
    }
}
