//! Writing messages in the page: forms and mistakes, what was sent, variables, saved messages,
//! repetition and files, as a person goes about it.

use std::io::Write;

use harness::{Browser, Page, Server};
use server::Limits;

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";

/// Bytes of a file that is larger than a message usually may be.
const LARGE: usize = 20 << 20;

/// A browser with the page of a server that has just started, connected to its plain echo.
async fn connected() -> (Server, Browser, Page) {
    connected_to(Server::start().await, "/echo").await
}

async fn connected_to(server: Server, path: &str) -> (Server, Browser, Page) {
    let browser = Browser::start().await;
    let page = browser.open(&server.http()).await;
    page.is("open").await;
    page.clicks_connect().await;
    page.is("closed").await;
    page.goes_to(&server.ws(path)).await;
    page.is("open").await;
    (server, browser, page)
}

async fn chooses(page: &Page, selector: &str, option: &str) {
    let script = format!(
        "const select = document.querySelector('{selector}');
         select.value = [...select.options].find(it => it.textContent === '{option}').value;
         select.dispatchEvent(new Event('change', {{ bubbles: true }}));"
    );
    page.run(&script).await;
}

/// Unfolds a panel by its name.
async fn unfolds(page: &Page, name: &str) {
    let script = format!(
        "[...document.querySelectorAll('.fold-panel')]
           .find(it => it.textContent === '{name}').click()"
    );
    page.run(&script).await;
    page.comes_true(&format!(
        "return document.querySelector('.composer-panel')?.getAttribute('aria-label') === '{name}'"
    ))
    .await;
}

async fn clicks_labelled(page: &Page, label: &str) {
    let script = format!(
        "const button = [...document.querySelectorAll('.composer button:not([hidden])')]
           .find(it => (it.ariaLabel ?? it.textContent) === '{label}');
         button?.click();
         return button !== undefined"
    );
    page.comes_true(&script).await;
}

async fn says_below(page: &Page, sentence: &str) {
    let script = "return document.querySelector('.composer-says').textContent";
    page.comes_true(&format!("{script}.includes({sentence:?})")).await;
}

async fn counts(page: &Page, name: &str, number: &str) {
    let script =
        format!("return document.querySelector('[data-count={name}]').textContent === '{number}'");
    page.comes_true(&script).await;
}

async fn drafts(page: &Page, text: &str) {
    page.comes_true(&format!("return document.querySelector('textarea').value === {text:?}")).await;
}

async fn caret(page: &Page) -> u64 {
    let at = page.run("return document.querySelector('textarea').selectionStart").await;
    at.as_u64().unwrap()
}

#[tokio::test]
async fn json_that_is_wrong_is_said_and_not_sent_unless_as_text() {
    let (_server, browser, page) = connected().await;
    chooses(&page, ".compose-controls .form", "JSON").await;
    page.fills("{\"a\": 1,\n \"🙂\": x}").await;
    says_below(&page, "Line 2, column 7").await;
    let is_invalid = "return document.querySelector('textarea').getAttribute('aria-invalid')";
    page.comes_true(&format!("{is_invalid} === 'true'")).await;
    page.run("document.querySelector('textarea').focus()").await;
    page.presses_enter().await;
    assert_eq!(caret(&page).await, 16, "before the x, in what a browser counts");
    assert_eq!(page.draft().await, "{\"a\": 1,\n \"🙂\": x}");
    counts(&page, "sent", "0").await;

    page.run("document.querySelector('textarea').setSelectionRange(0, 0)").await;
    page.clicks(".mistake").await;
    assert_eq!(caret(&page).await, 16);
    assert!(page.box_has_focus().await);

    page.clicks(".as-text").await;
    counts(&page, "sent", "1").await;
    drafts(&page, "").await;
    page.fills("[1, {}]").await;
    clicks_labelled(&page, "Format").await;
    drafts(&page, "[\n  1,\n  {}\n]").await;
    clicks_labelled(&page, "Minify").await;
    drafts(&page, "[1,{}]").await;
    page.presses_enter().await;
    page.sees("received", "[1,{}]").await;
    browser.close().await;
}

#[tokio::test]
async fn bytes_are_written_as_hexadecimal_or_base64_and_edited_again() {
    let (_server, browser, page) = connected().await;
    chooses(&page, ".compose-controls .form", "Hex").await;
    page.types("00 ff 1").await;
    says_below(&page, "a byte has two digits").await;
    page.presses_enter().await;
    assert_eq!(page.draft().await, "00 ff 1");
    // The caret is where it has to be for what is missing.
    page.types("0").await;
    page.presses_enter().await;
    page.sees("received", "00 ff 01").await;
    chooses(&page, ".compose-controls .form", "Base64").await;
    page.types("AP8=").await;
    page.presses_enter().await;
    page.sees("received", "00 ff").await;

    chooses(&page, ".compose-controls .form", "Text").await;
    page.types("unfinished").await;
    page.clicks(".entry[data-direction=received]").await;
    page.clicks("button.edit").await;
    drafts(&page, "00 ff 01").await;
    page.presses_enter().await;
    counts(&page, "sent", "3").await;
    page.run("document.querySelector('textarea').focus()").await;
    page.presses(UP).await;
    drafts(&page, "00 ff 01").await;
    page.presses(UP).await;
    drafts(&page, "unfinished").await;
    browser.close().await;
}

#[tokio::test]
async fn another_form_converts_what_is_in_the_box() {
    let (_server, browser, page) = connected().await;
    page.types("hé").await;
    for (form, text) in [("Hex", "68 c3 a9"), ("Base64", "aMOp"), ("JSON", "hé"), ("Text", "hé")]
    {
        chooses(&page, ".compose-controls .form", form).await;
        drafts(&page, text).await;
    }
    chooses(&page, ".compose-controls .form", "Hex").await;
    page.types(" ff").await;
    chooses(&page, ".compose-controls .form", "Text").await;
    // That is no text: nothing of it is lost.
    drafts(&page, "68 c3 a9 ff").await;
    browser.close().await;
}

#[tokio::test]
async fn control_and_enter_send() {
    let (_server, browser, page) = connected().await;
    page.types("hi").await;
    page.presses("\u{e009}\u{e007}\u{e000}").await;
    page.sees("received", "hi").await;
    drafts(&page, "").await;
    page.clicks(".show-keys").await;
    page.says("Enter, Ctrl+Enter").await;
    browser.close().await;
}

#[tokio::test]
async fn a_message_that_is_edited_is_typed_on_at_once() {
    let (_server, browser, page) = connected().await;
    page.types("one").await;
    page.presses_enter().await;
    page.sees("received", "one").await;
    page.clicks(".entry[data-direction=received]").await;
    page.clicks("button.edit").await;
    drafts(&page, "one").await;
    assert!(page.box_has_focus().await);
    page.presses(" more").await;
    drafts(&page, "one more").await;
    browser.close().await;
}

#[tokio::test]
async fn an_empty_binary_message_is_binary() {
    let (_server, browser, page) = connected().await;
    chooses(&page, ".compose-controls .form", "Hex").await;
    page.presses_enter().await;
    page.clicks(".send-empty").await;
    page.comes_true(
        "return document.querySelector('.entry[data-direction=received]')?.dataset.kind === 'binary'",
    )
    .await;
    browser.close().await;
}

#[tokio::test]
async fn what_was_sent_is_walked_through_and_nothing_is_lost() {
    let (_server, browser, page) = connected().await;
    for text in ["one", "two\nlines", "three"] {
        page.fills(text).await;
        page.presses_enter().await;
        drafts(&page, "").await;
    }
    page.types("half a thought").await;
    page.presses(UP).await;
    drafts(&page, "three").await;
    page.presses(UP).await;
    drafts(&page, "two\nlines").await;
    page.presses(DOWN).await;
    // That only moved the caret to the second line.
    assert_eq!(page.draft().await, "two\nlines");
    page.presses(DOWN).await;
    drafts(&page, "three").await;
    page.presses(DOWN).await;
    drafts(&page, "half a thought").await;
    page.presses(DOWN).await;
    assert_eq!(page.draft().await, "half a thought");
    // An input method has the arrows while a syllable is composed.
    page.run(
        "document.querySelector('textarea').dispatchEvent(new KeyboardEvent('keydown',
           { key: 'ArrowUp', isComposing: true, bubbles: true, cancelable: true }))",
    )
    .await;
    assert_eq!(page.draft().await, "half a thought");
    browser.close().await;
}

#[tokio::test]
async fn a_long_line_is_walked_through_before_what_was_sent() {
    let (_server, browser, page) = connected().await;
    page.fills("sent").await;
    page.presses_enter().await;
    let long = "word ".repeat(100);
    page.fills(&long).await;
    page.run("document.querySelector('textarea').focus()").await;
    page.presses(UP).await;
    assert_eq!(page.draft().await, long);
    page.run("document.querySelector('textarea').setSelectionRange(0, 0)").await;
    page.presses(UP).await;
    drafts(&page, "sent").await;
    browser.close().await;
}

#[tokio::test]
async fn variables_are_kept_previewed_and_named_when_unknown() {
    let (server, browser, page) = connected().await;
    page.types("hi {{who}} {{seq}}").await;
    says_below(&page, "no variable who. Available: now, now_ms, random 1 100, seq, uuid. Write {{{{ for literal braces.").await;
    page.presses_enter().await;
    assert_eq!(page.draft().await, "hi {{who}} {{seq}}");

    unfolds(&page, "Variables").await;
    clicks_labelled(&page, "Add environment").await;
    page.comes_true("return document.activeElement.matches('.environment-name')").await;
    page.enters(".environment-name", "local").await;
    page.presses(ENTER).await;
    page.comes_true("return document.querySelector('.environment').value === 'local'").await;
    clicks_labelled(&page, "Add variable").await;
    page.comes_true("return document.activeElement.matches('.variable .name')").await;
    page.presses("now").await;
    page.says("now is a built-in variable").await;
    page.enters(".variable .name", "who").await;
    page.enters(".variable .value", "you").await;
    says_below(&page, "Preview: hi you 1").await;
    page.presses(ESCAPE).await;
    page.comes_true("return document.querySelector('.composer-panel') === null").await;
    page.comes_true("return document.activeElement.textContent === 'Variables'").await;
    page.presses_enter().await;
    page.sees("received", "hi you 1").await;

    // Kept, with the choice, and brought back when removed.
    let page = browser.open(&server.http()).await;
    page.is("open").await;
    page.fills("{{who}}").await;
    says_below(&page, "Preview: you").await;
    unfolds(&page, "Variables").await;
    clicks_labelled(&page, "Delete environment").await;
    says_below(&page, "no variable who").await;
    page.clicks(".composer-panel .undo").await;
    says_below(&page, "Preview: you").await;
    page.run("document.querySelector('textarea').setSelectionRange(0, 7)").await;
    page.clicks("ul .insert").await;
    drafts(&page, "{{now}}").await;
    browser.close().await;
}

#[tokio::test]
async fn messages_are_saved_changed_sent_and_brought_back() {
    let (_server, browser, page) = connected().await;
    page.fills("hello").await;
    unfolds(&page, "Saved").await;
    page.presses_enter_in(".saving .saved-name").await;
    page.says("Enter a name.").await;
    page.enters(".saving .saved-name", "greeting").await;
    page.enters(".saving .saved-folder", "polite").await;
    page.presses(ENTER).await;
    page.says("greeting").await;
    page.enters(".saving .saved-name", "greeting").await;
    page.presses(ENTER).await;
    page.says("Message greeting already exists here").await;
    page.fills("good day").await;
    page.clicks(".saving .replace").await;
    page.says("Replaced greeting.").await;
    page.clicks(".send-saved").await;
    page.sees("received", "good day").await;
    page.clicks(".composer-panel .undo").await;

    clicks_labelled(&page, "Edit greeting").await;
    page.enters(".changing .saved-name", "hello").await;
    page.enters(".changing .saved-folder", "short").await;
    page.presses(ENTER).await;
    page.comes_true(
        "return [...document.querySelectorAll('.folder')]
           .some(it => it.innerText.includes('short') && it.innerText.includes('hello'))",
    )
    .await;
    clicks_labelled(&page, "Edit hello").await;
    clicks_labelled(&page, "Delete").await;
    page.says("Deleted hello.").await;
    page.clicks(".composer-panel .undo").await;
    page.clicks(".load").await;
    drafts(&page, "hello").await;
    assert!(page.box_has_focus().await);
    page.presses(UP).await;
    drafts(&page, "good day").await;
    browser.close().await;
}

#[tokio::test]
async fn a_burst_of_a_hundred_thousand_is_counted_whole_and_can_be_stopped() {
    let (_server, browser, page) = connected_to(Server::start().await, "/sink").await;
    page.fills("burst {{seq}}").await;
    unfolds(&page, "Repeat").await;
    page.enters(".panel-form label:nth-of-type(1) input", " ").await;
    page.enters(".panel-form label:nth-of-type(2) input", "some").await;
    page.presses(ENTER).await;
    page.says("Enter whole numbers of up to 19 digits").await;
    page.enters(".panel-form label:nth-of-type(2) input", "100000").await;
    page.run(FRAMES).await;
    page.presses(ENTER).await;
    // Nothing covers what comes.
    page.comes_true("return document.querySelector('.composer-panel') === null").await;
    assert!(page.box_has_focus().await);
    counts(&page, "sent", "100,000").await;
    page.comes_true("return document.querySelector('.repeating') === null").await;
    says_below(&page, "Preview: burst 100001").await;
    unfolds(&page, "Repeat").await;
    page.says("Repeated 100,000 of 100,000 times").await;
    assert!(stood_still(&page).await < 0.5, "the page goes on meanwhile");
    // The other end has all of them.
    page.fills("receipt").await;
    page.clicks_send().await;
    page.comes_true(
        "return [...document.querySelectorAll('.entry[data-direction=received] .payload')]
           .some(it => it.textContent.includes('\"messages\":100000'))",
    )
    .await;

    page.fills("on and on").await;
    page.enters(".panel-form label:nth-of-type(2) input", " ").await;
    page.presses(ENTER).await;
    page.clicks(".repeating .stop").await;
    page.comes_true("return document.querySelector('.repeating') === null").await;
    assert_eq!(page.draft().await, "on and on");
    browser.close().await;
}

/// Notes the longest time between two frames from now on.
const FRAMES: &str = "
    const now = performance.now();
    window.frames = { longest: 0, first: now, last: now };
    const frame = now => {
        window.frames.longest = Math.max(window.frames.longest, now - window.frames.last);
        window.frames.last = now;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);";

/// The longest time between two frames, as a part of the time since [`FRAMES`]: how fast the machine
/// is, and what else it has to do, is no matter.
async fn stood_still(page: &Page) -> f64 {
    let script = "const { longest, first, last } = window.frames;
        return longest / Math.max(1, last - first)";
    page.run(script).await.as_f64().expect("a number")
}

#[tokio::test]
async fn a_large_file_is_shown_then_sent_while_the_page_goes_on() {
    let limits = Limits { message: LARGE, frame: LARGE, ..Limits::DEFAULT };
    let (_server, browser, page) = connected_to(Server::start_with(limits).await, "/sink").await;
    let mut file = tempfile::NamedTempFile::with_suffix("-large.bin").unwrap();
    file.write_all(&vec![7; LARGE]).unwrap();
    page.gives(".file-button input", file.path()).await;
    page.says("-large.bin").await;
    page.says("20 MiB").await;
    counts(&page, "sent", "0").await;
    page.clicks(".file-chip .forget").await;
    page.comes_true("return document.querySelector('.file-chip') === null").await;
    page.gives(".file-button input", file.path()).await;
    page.run(FRAMES).await;
    page.clicks(".send-file").await;
    counts(&page, "sent", "1").await;
    page.types("receipt").await;
    page.presses_enter().await;
    page.comes_true(&format!(
        "return [...document.querySelectorAll('.entry[data-direction=received] .payload')]
           .some(it => it.textContent.includes('\"bytes\":{LARGE}'))"
    ))
    .await;
    assert!(stood_still(&page).await < 0.5, "the page goes on meanwhile");
    browser.close().await;
}

#[tokio::test]
async fn a_file_is_dropped_anywhere_on_the_composer_and_nothing_else_happens() {
    let (_server, browser, page) = connected().await;
    let drag = |kind: &str, target: &str| {
        format!(
            "const transfer = new DataTransfer();
             transfer.items.add(new File(['dropped'], 'note.txt'));
             return document.querySelector('{target}').dispatchEvent(new DragEvent('{kind}',
               {{ dataTransfer: transfer, bubbles: true, cancelable: true }}))"
        )
    };
    assert_eq!(page.run(&drag("dragover", ".panes")).await, false, "the page is not left for it");
    page.says("Drop a file here to send it").await;
    page.run(&drag("drop", ".composer textarea")).await;
    page.says("note.txt").await;
    page.comes_true("return document.querySelector('.drop-here').textContent === ''").await;
    let tabs = page.run("return document.querySelectorAll('.tab').length").await;
    assert_eq!(tabs, 1, "what is to be sent is not read as a list, too");
    page.clicks_send().await;
    page.sees("received", "64 72 6f 70 70 65 64").await;
    browser.close().await;
}

#[tokio::test]
async fn a_file_that_is_gone_is_not_sent_as_an_empty_message() {
    let (_server, browser, page) = connected().await;
    let mut file = tempfile::NamedTempFile::with_suffix("-gone.bin").unwrap();
    file.write_all(b"soon gone").unwrap();
    page.gives(".file-button input", file.path()).await;
    page.says("-gone.bin").await;
    drop(file);
    page.clicks(".send-file").await;
    page.says("File not sent: the connection is busy, or the file is no longer readable").await;
    page.says("-gone.bin").await;
    counts(&page, "sent", "0").await;
    browser.close().await;
}

#[tokio::test]
async fn a_wrong_number_of_frames_is_said() {
    let (server, browser, page) = connected().await;
    page.takes_the_server().await;
    page.goes_to(&server.ws("/echo")).await;
    page.comes_true("return document.querySelector('.framing') !== null").await;
    page.clicks("button.unfold").await;
    page.run(
        "const list = document.querySelector('.framing');
         list.selectedIndex = 2;
         list.dispatchEvent(new Event('change', { bubbles: true }));",
    )
    .await;
    for wrong in ["0", "-3", "abc"] {
        page.enters(".frame-number", wrong).await;
        says_below(&page, "Enter a whole number of at least 1").await;
    }
    page.types("parts").await;
    page.presses_enter().await;
    page.comes_true("return document.activeElement.matches('.frame-number')").await;
    page.enters(".frame-number", "2").await;
    page.presses_enter_in("textarea").await;
    page.sees("received", "parts").await;
    // A reason without a code.
    page.run(
        "const list = document.querySelector('.framing');
         list.value = 'Close';
         list.dispatchEvent(new Event('change', { bubbles: true }));",
    )
    .await;
    page.enters(".frame-number", " \u{e003}").await;
    page.types("bye").await;
    says_below(&page, "A close reason requires a code.").await;
    let label = |says: &str| {
        format!("return document.querySelector('button.send').textContent === '{says}'")
    };
    page.comes_true(&label("Send close")).await;
    page.enters(".frame-number", "1000").await;
    page.presses_enter_in("textarea").await;
    page.is("closed").await;
    // The next message is one, and the tab still says which way it goes.
    page.comes_true(&label("Send")).await;
    page.comes_true(
        "return document.querySelector('.said').innerText.includes('through this server')",
    )
    .await;
    browser.close().await;
}

#[tokio::test]
async fn the_composer_speaks_korean() {
    let (_server, browser, page) = connected().await;
    chooses(&page, ".language select", "한국어").await;
    page.comes_true("return document.documentElement.lang === 'ko'").await;
    chooses(&page, ".compose-controls .form", "JSON").await;
    let fill = "const box = document.querySelector('textarea');
         box.value = '[1,]'; box.dispatchEvent(new Event('input', { bubbles: true }));";
    page.run(fill).await;
    says_below(&page, "JSON이 아닙니다. 1행 4열").await;
    for (panel, word) in
        [("변수", "환경 추가"), ("저장 목록", "저장한 메시지가 없습니다"), ("반복", "횟수")]
    {
        unfolds(&page, panel).await;
        page.says(word).await;
    }
    browser.close().await;
}

#[tokio::test]
async fn a_draft_that_a_reload_would_lose_says_so() {
    let (_server, browser, page) = connected().await;
    page.fills(&"x".repeat(64 << 10)).await;
    says_below(&page, "Enter to send").await;
    page.fills(&"x".repeat((64 << 10) + 1)).await;
    says_below(&page, "Over 64 KiB, a draft is lost").await;
    browser.close().await;
}
