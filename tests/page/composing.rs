//! Writing messages in the page: forms and mistakes, what was sent, variables, saved messages,
//! repetition and files, as a person goes about it.

use std::io::Write;

use harness::{Browser, Page, Server, keys};
use server::Limits;

const BOX: &str = ".writing textarea";
const SAYS: &str = ".composer-says";
const BUTTONS: &str = ".composer button:not([hidden])";

/// Bytes of a file that is larger than a message usually may be.
const LARGE: usize = 20 << 20;

/// A browser with the page of a server that has just started, connected to its plain echo.
async fn connected() -> (Server, Browser, Page) {
    connected_to(Server::start().await, "/echo").await
}

async fn connected_to(server: Server, path: &str) -> (Server, Browser, Page) {
    let browser = Browser::start().await;
    let page = browser.open(&server.http()).await;
    page.has_state("open").await;
    page.connects_to(&server.ws(path)).await;
    (server, browser, page)
}

/// Unfolds a panel by its name.
async fn unfolds(page: &Page, name: &str) {
    page.clicks_text(".fold-panel", name).await;
    page.has(&format!(".composer-panel[aria-label='{name}']")).await;
}

async fn caret(page: &Page) -> u64 {
    let at = page.run("return document.querySelector('textarea').selectionStart").await;
    at.as_u64().unwrap()
}

#[tokio::test]
async fn json_that_is_wrong_is_said_and_not_sent_unless_as_text() {
    let (_server, _browser, page) = connected().await;
    page.selects(".compose-controls .form", "JSON").await;
    page.fills("{\"a\": 1,\n \"🙂\": x}").await;
    page.contains(SAYS, "Line 2, column 7").await;
    page.has("textarea[aria-invalid=true]").await;
    page.focuses("textarea").await;
    page.presses_enter().await;
    assert_eq!(caret(&page).await, 16, "before the x, in what a browser counts");
    assert_eq!(page.draft().await, "{\"a\": 1,\n \"🙂\": x}");
    page.counts("sent", 0).await;
    // The same mistake is read out again.
    page.run(
        "window.changes = 0;
         new MutationObserver(() => window.changes += 1)
             .observe(document.querySelector('.composer [role=alert]'), { childList: true, subtree: true })",
    )
    .await;
    page.presses_enter().await;
    page.waits_for("return window.changes > 0").await;

    page.run("document.querySelector('textarea').setSelectionRange(0, 0)").await;
    page.clicks(".mistake").await;
    assert_eq!(caret(&page).await, 16);
    assert!(page.box_has_focus().await);

    page.clicks(".as-text").await;
    page.counts("sent", 1).await;
    page.has_value(BOX, "").await;
    page.fills("[1, {}]").await;
    page.clicks_text(BUTTONS, "Format").await;
    page.has_value(BOX, "[\n  1,\n  {}\n]").await;
    page.clicks_text(BUTTONS, "Minify").await;
    page.has_value(BOX, "[1,{}]").await;
    page.presses_enter().await;
    page.sees("received", "[1,{}]").await;
}

#[tokio::test]
async fn bytes_are_written_as_hexadecimal_or_base64_and_edited_again() {
    let (_server, _browser, page) = connected().await;
    page.selects(".compose-controls .form", "Hex").await;
    page.types("00 ff 1").await;
    page.contains(SAYS, "a byte has two digits").await;
    page.presses_enter().await;
    assert_eq!(page.draft().await, "00 ff 1");
    // The caret is where it has to be for what is missing.
    page.types("0").await;
    page.presses_enter().await;
    page.sees("received", "00 ff 01").await;
    page.selects(".compose-controls .form", "Base64").await;
    page.types("A").await;
    page.contains(SAYS, "the last byte is incomplete").await;
    page.types("P8=").await;
    page.presses_enter().await;
    page.sees("received", "00 ff").await;

    page.selects(".compose-controls .form", "Text").await;
    page.types("unfinished").await;
    page.clicks(".entry[data-direction=received]").await;
    page.clicks("button.edit").await;
    page.has_value(BOX, "00 ff 01").await;
    page.presses_enter().await;
    page.counts("sent", 3).await;
    page.focuses("textarea").await;
    page.presses(keys::UP).await;
    page.has_value(BOX, "00 ff 01").await;
    page.presses(keys::UP).await;
    page.has_value(BOX, "unfinished").await;
}

#[tokio::test]
async fn another_form_converts_what_is_in_the_box() {
    let (_server, _browser, page) = connected().await;
    page.types("hé").await;
    for (form, text) in [("Hex", "68 c3 a9"), ("Base64", "aMOp"), ("JSON", "hé"), ("Text", "hé")]
    {
        page.selects(".compose-controls .form", form).await;
        page.has_value(BOX, text).await;
    }
    page.selects(".compose-controls .form", "Hex").await;
    page.types(" ff").await;
    page.selects(".compose-controls .form", "Text").await;
    // That is no text: nothing of it is lost.
    page.has_value(BOX, "68 c3 a9 ff").await;
}

#[tokio::test]
async fn control_and_enter_send() {
    let (_server, _browser, page) = connected().await;
    page.types("hi").await;
    page.presses(keys::CTRL_ENTER).await;
    page.sees("received", "hi").await;
    page.has_value(BOX, "").await;
    page.clicks(".show-keys").await;
    page.shows("Enter, Ctrl+Enter").await;
}

#[tokio::test]
async fn a_message_that_is_edited_is_typed_on_at_once() {
    let (_server, _browser, page) = connected().await;
    page.types("one").await;
    page.presses_enter().await;
    page.sees("received", "one").await;
    page.clicks(".entry[data-direction=received]").await;
    page.clicks("button.edit").await;
    page.has_value(BOX, "one").await;
    assert!(page.box_has_focus().await);
    page.presses(" more").await;
    page.has_value(BOX, "one more").await;
}

#[tokio::test]
async fn an_empty_binary_message_is_binary() {
    let (_server, _browser, page) = connected().await;
    page.selects(".compose-controls .form", "Hex").await;
    page.presses_enter().await;
    page.clicks(".send-empty").await;
    page.has(".entry[data-direction=received][data-kind=binary]").await;
}

#[tokio::test]
async fn what_was_sent_is_walked_through_and_nothing_is_lost() {
    let (_server, _browser, page) = connected().await;
    for text in ["one", "two\nlines", "three"] {
        page.fills(text).await;
        page.presses_enter().await;
        page.has_value(BOX, "").await;
    }
    page.types("half a thought").await;
    page.presses(keys::UP).await;
    page.has_value(BOX, "three").await;
    page.presses(keys::UP).await;
    page.has_value(BOX, "two\nlines").await;
    page.presses(keys::DOWN).await;
    // That only moved the caret to the second line.
    assert_eq!(page.draft().await, "two\nlines");
    page.presses(keys::DOWN).await;
    page.has_value(BOX, "three").await;
    page.presses(keys::DOWN).await;
    page.has_value(BOX, "half a thought").await;
    page.presses(keys::DOWN).await;
    assert_eq!(page.draft().await, "half a thought");
    // An input method has the arrows while a syllable is composed.
    page.run(
        "document.querySelector('textarea').dispatchEvent(new KeyboardEvent('keydown',
           { key: 'ArrowUp', isComposing: true, bubbles: true, cancelable: true }))",
    )
    .await;
    assert_eq!(page.draft().await, "half a thought");
}

#[tokio::test]
async fn a_long_line_is_walked_through_before_what_was_sent() {
    let (_server, _browser, page) = connected().await;
    page.fills("sent").await;
    page.presses_enter().await;
    let long = "word ".repeat(100);
    page.fills(&long).await;
    page.focuses("textarea").await;
    page.presses(keys::UP).await;
    assert_eq!(page.draft().await, long);
    page.run("document.querySelector('textarea').setSelectionRange(0, 0)").await;
    page.presses(keys::UP).await;
    page.has_value(BOX, "sent").await;
}

#[tokio::test]
async fn variables_are_kept_previewed_and_named_when_unknown() {
    let (server, browser, page) = connected().await;
    page.types("hi {{who}} {{seq}}").await;
    page.contains(SAYS, "there is no variable “who”. Available: now, now_ms, random 1 100, seq, uuid. For a literal {{, write {{{{.").await;
    page.presses_enter().await;
    assert_eq!(page.draft().await, "hi {{who}} {{seq}}");

    unfolds(&page, "Variables").await;
    page.clicks_text(BUTTONS, "Add environment").await;
    page.has_focus(".environment-name").await;
    page.enters(".environment-name", "local").await;
    page.presses(keys::ENTER).await;
    page.has_value(".environment", "local").await;
    page.clicks_text(BUTTONS, "Add variable").await;
    page.has_focus(".composer .part .name").await;
    page.presses("now").await;
    page.shows("now is a built-in variable").await;
    page.enters(".composer .part .name", "who").await;
    page.enters(".composer .part .value", "you").await;
    page.contains(SAYS, "Preview: hi you 1").await;
    let is_seen =
        "return document.querySelector('.becomes').checkVisibility({ visibilityProperty: true })";
    assert_eq!(page.run(is_seen).await, true);
    page.focuses(".find input").await;
    assert_eq!(page.run(is_seen).await, false, "nobody writes");
    page.lacks(".composer-panel").await;
    unfolds(&page, "Variables").await;
    page.presses(keys::ESCAPE).await;
    page.lacks(".composer-panel").await;
    page.has_focus_on("Variables").await;
    page.presses_enter().await;
    page.sees("received", "hi you 1").await;

    // Not every value makes JSON of it.
    page.selects(".compose-controls .form", "JSON").await;
    page.fills("[{{who}}]").await;
    page.contains(SAYS, "With variables filled in").await;
    page.selects(".compose-controls .form", "Text").await;

    // Kept, with the choice, and brought back when removed.
    let page = browser.open(&server.http()).await;
    page.has_state("open").await;
    page.fills("{{who}}").await;
    page.contains(SAYS, "Preview: you").await;
    unfolds(&page, "Variables").await;
    page.clicks_text(BUTTONS, "Delete environment").await;
    page.contains(SAYS, "no variable “who”").await;
    page.clicks(".composer-panel .undo").await;
    page.contains(SAYS, "Preview: you").await;
    page.run("document.querySelector('textarea').setSelectionRange(0, 7)").await;
    page.clicks("ul .insert").await;
    page.has_value(BOX, "{{now}}").await;
}

#[tokio::test]
async fn a_wrong_name_of_a_variable_leaves_the_others_in_use() {
    let (_server, _browser, page) = connected().await;
    unfolds(&page, "Variables").await;
    page.clicks_text(BUTTONS, "Add environment").await;
    let of = |row: usize, part: &str| format!(".composer .part:nth-of-type({row}) {part}");
    for (row, name, value) in [(1, "good", "G"), (2, "bad name", "B")] {
        page.clicks_text(BUTTONS, "Add variable").await;
        page.enters(&of(row, ".name"), name).await;
        page.enters(&of(row, ".value"), value).await;
    }
    page.contains(&of(2, ".wrong"), "Not in use and not stored. A variable name has").await;
    page.has(&of(2, ".name[aria-invalid]")).await;
    page.lacks(&of(2, ".value[aria-invalid]")).await;
    page.enters(&of(1, ".value"), "CHANGED").await;
    page.fills("{{good}}").await;
    page.contains(SAYS, "Preview: CHANGED").await;

    // A name counts once it is typed, not letter by letter.
    page.clicks_text(BUTTONS, "Add variable").await;
    page.has_focus(&of(3, ".name")).await;
    page.presses("tok").await;
    page.fills("{{tok}}").await;
    page.contains(SAYS, "no variable “tok”").await;
    page.presses("en").await;
    page.enters(&of(3, ".value"), "T").await;
    page.fills("{{token}}").await;
    page.contains(SAYS, "Preview: T").await;

    page.reloads().await;
    page.fills("{{good}} {{token}}").await;
    page.contains(SAYS, "Preview: CHANGED T").await;
    unfolds(&page, "Variables").await;
    page.has_count(".composer .part", 2).await;
}

#[tokio::test]
async fn the_second_click_on_save_replaces_nothing() {
    let (_server, _browser, page) = connected().await;
    page.fills("first draft").await;
    unfolds(&page, "Saved messages").await;
    page.enters(".saving .saved-name", "subscribe").await;
    page.presses(keys::ENTER).await;
    page.reads(".saving .question [role=status]:not(.wrong)", "Saved “subscribe”.").await;
    page.reads(".load code", "first draft").await;
    page.fills("another draft").await;
    page.enters(".saving .saved-name", "subscribe").await;
    let place = "const { x, y, width, height } =
            document.querySelector('.saving [type=submit]').getBoundingClientRect();
        return [x + width / 2, y + height / 4]";
    let before = page.run(place).await;
    let [x, y] = [0, 1].map(|at| before[at].as_f64().expect("a number"));
    for _ in 0..2 {
        page.clicks_at(x, y).await;
        page.reads(".saving .replace", "Replace “subscribe”").await;
    }
    assert_eq!(page.run(place).await, before);
    page.reads(".load code", "first draft").await;

    page.enters(".saving .saved-name", "other").await;
    page.lacks(".saving .replace").await;
    page.lacks(".saving .wrong:not(:empty)").await;
}

#[tokio::test]
async fn messages_are_saved_changed_sent_and_brought_back() {
    let (_server, _browser, page) = connected().await;
    page.fills("hello").await;
    unfolds(&page, "Saved messages").await;
    // A look elsewhere closes the panel, and loses nothing.
    page.enters(".saving .saved-name", "half a name").await;
    page.clicks(".find input").await;
    page.lacks(".saving").await;
    unfolds(&page, "Saved messages").await;
    page.has_value(".saving .saved-name", "half a name").await;
    page.clears(".saving .saved-name").await;
    page.presses_enter_in(".saving .saved-name").await;
    page.shows("Enter a name.").await;
    page.enters(".saving .saved-name", "greeting").await;
    page.enters(".saving .saved-folder", "polite").await;
    page.presses(keys::ENTER).await;
    page.shows("greeting").await;
    page.enters(".saving .saved-name", "greeting").await;
    page.presses(keys::ENTER).await;
    page.shows("Message greeting already exists.").await;
    page.fills("good day").await;
    page.clicks(".saving .replace").await;
    page.shows("Replaced “greeting”.").await;
    page.clicks(".send-saved").await;
    page.sees("received", "good day").await;
    page.clicks(".composer-panel .undo").await;

    page.clicks_text(BUTTONS, "Edit greeting").await;
    page.enters(".changing .saved-name", "hello").await;
    page.enters(".changing .saved-folder", "short").await;
    page.presses(keys::ENTER).await;
    page.waits_for(
        "return [...document.querySelectorAll('.folder')]
           .some(it => it.innerText.includes('short') && it.innerText.includes('hello'))",
    )
    .await;
    page.clicks_text(BUTTONS, "Edit hello").await;
    page.clicks_text(BUTTONS, "Delete").await;
    page.shows("Deleted “hello”.").await;
    page.clicks(".composer-panel .undo").await;
    page.clicks(".load").await;
    page.has_value(BOX, "hello").await;
    assert!(page.box_has_focus().await);
    page.presses(keys::UP).await;
    page.has_value(BOX, "good day").await;
}

#[tokio::test]
async fn a_saved_message_with_an_error_leaves_the_draft_alone() {
    let (_server, _browser, page) = connected().await;
    page.fills("{{nope}}").await;
    unfolds(&page, "Saved messages").await;
    page.enters(".saving .saved-name", "wrong").await;
    page.presses(keys::ENTER).await;
    page.shows("Edit").await;
    page.fills("draft").await;
    page.clicks(".send-saved").await;
    page.contains(".saved .wrong", "nope").await;
    page.has_value(BOX, "draft").await;
}

#[tokio::test]
async fn a_burst_of_a_hundred_thousand_is_counted_whole_and_can_be_stopped() {
    let (_server, _browser, page) = connected_to(Server::start().await, "/sink").await;
    page.fills("burst {{seq}}").await;
    unfolds(&page, "Repeat").await;
    page.enters(".panel-form label:nth-of-type(1) input", " ").await;
    page.enters(".panel-form label:nth-of-type(2) input", "some").await;
    page.presses(keys::ENTER).await;
    page.shows("Count: a whole number from 1").await;
    page.has(".times[aria-invalid]").await;
    page.lacks(".interval[aria-invalid]").await;
    page.enters(".panel-form label:nth-of-type(2) input", "100000").await;
    page.run(FRAMES).await;
    page.presses(keys::ENTER).await;
    // Nothing covers what comes.
    page.lacks(".composer-panel").await;
    assert!(page.box_has_focus().await);
    page.counts("sent", 100_000).await;
    page.lacks(".repeating").await;
    page.contains(SAYS, "Preview: burst 100001").await;
    unfolds(&page, "Repeat").await;
    page.shows("Repeated 100,000 of 100,000 times").await;
    assert!(stood_still(&page).await < 0.5, "the page goes on meanwhile");
    // The other end has all of them.
    page.submits("receipt").await;
    page.waits_for(
        "return [...document.querySelectorAll('.entry[data-direction=received] .payload')]
           .some(it => it.textContent.includes('\"messages\":100000'))",
    )
    .await;

    page.fills("on and on").await;
    page.enters(".panel-form label:nth-of-type(2) input", " ").await;
    page.presses(keys::ENTER).await;
    page.clicks(".repeating .stop").await;
    page.lacks(".repeating").await;
    assert_eq!(page.draft().await, "on and on");
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
    let (_server, _browser, page) = connected_to(Server::start_with(limits).await, "/sink").await;
    let mut file = tempfile::NamedTempFile::with_suffix("-large.bin").unwrap();
    file.write_all(&vec![7; LARGE]).unwrap();
    page.uploads(".file-button input", file.path()).await;
    page.shows("-large.bin").await;
    page.shows("20 MiB").await;
    page.counts("sent", 0).await;
    page.clicks(".file-chip .forget").await;
    page.lacks(".file-chip").await;
    page.uploads(".file-button input", file.path()).await;
    // Enter held down sends the text, and not the file after it.
    page.fills("text").await;
    page.run(
        "const box = document.querySelector('.writing textarea');
         for (const repeat of [false, true, true]) {
             box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', repeat, bubbles: true }));
         }",
    )
    .await;
    page.counts("sent", 1).await;
    page.has(".file-chip").await;
    page.run(FRAMES).await;
    page.reads(".send", "Send file").await;
    page.clicks_send().await;
    page.counts("sent", 2).await;
    page.types("receipt").await;
    page.presses_enter().await;
    page.waits_for(&format!(
        "return [...document.querySelectorAll('.entry[data-direction=received] .payload')]
           .some(it => it.textContent.includes('\"bytes\":{}'))",
        LARGE + "text".len()
    ))
    .await;
    assert!(stood_still(&page).await < 0.5, "the page goes on meanwhile");
}

#[tokio::test]
async fn a_file_is_dropped_anywhere_on_the_composer_and_nothing_else_happens() {
    let (_server, _browser, page) = connected().await;
    let drag = |kind: &str, target: &str| {
        format!(
            "const transfer = new DataTransfer();
             transfer.items.add(new File(['dropped'], 'note.txt'));
             transfer.items.add(new File(['more'], 'more.txt'));
             return document.querySelector('{target}').dispatchEvent(new DragEvent('{kind}',
               {{ dataTransfer: transfer, bubbles: true, cancelable: true }}))"
        )
    };
    assert_eq!(page.run(&drag("dragover", ".panes")).await, false, "the page is not left for it");
    page.shows("Drop a file here to send it").await;
    page.run(&drag("drop", ".composer textarea")).await;
    page.shows("note.txt").await;
    page.shows("One file can be attached at a time. Left out: more.txt.").await;
    page.lacks(".takes-files").await;
    let tabs = page.run("return document.querySelectorAll('.tab').length").await;
    assert_eq!(tabs, 1, "what is to be sent is not read as a list, too");
    page.clicks_send().await;
    page.sees("received", "64 72 6f 70 70 65 64").await;
}

#[tokio::test]
async fn a_file_that_is_gone_is_not_sent_as_an_empty_message() {
    let (_server, _browser, page) = connected().await;
    let mut file = tempfile::NamedTempFile::with_suffix("-gone.bin").unwrap();
    file.write_all(b"soon gone").unwrap();
    page.uploads(".file-button input", file.path()).await;
    page.shows("-gone.bin").await;
    drop(file);
    page.reads(".send", "Send file").await;
    page.clicks_send().await;
    page.shows("File not sent: the connection is busy, or the file is no longer readable").await;
    page.shows("-gone.bin").await;
    page.counts("sent", 0).await;
}

#[tokio::test]
async fn a_wrong_number_of_frames_is_said() {
    let (server, _browser, page) = connected().await;
    page.routes_through_server().await;
    page.goes_to(&server.ws("/echo")).await;
    page.has(".framing").await;
    page.clicks("button.unfold").await;
    page.selects(".framing", "Fragments by size").await;
    for wrong in ["0", "-3", "abc"] {
        page.enters(".frame-number", wrong).await;
        page.contains(SAYS, "Enter a whole number from 1 to 4,294,967,295.").await;
    }
    page.types("parts").await;
    page.presses_enter().await;
    page.has_focus(".frame-number").await;
    page.enters(".frame-number", "2").await;
    page.presses_enter_in("textarea").await;
    page.sees("received", "parts").await;
    // A reason without a code.
    page.selects(".framing", "Close").await;
    page.clears(".frame-number").await;
    page.types("bye").await;
    page.contains(SAYS, "A close reason requires a code.").await;
    page.reads("button.send", "Send close").await;
    page.enters(".frame-number", "1000").await;
    page.presses_enter_in("textarea").await;
    page.has_state("closed").await;
    // The next message is one, and the tab still says which way it goes.
    page.reads("button.send", "Send").await;
    page.contains(".said", "through this server").await;
}

#[tokio::test]
async fn a_long_draft_is_checked_when_the_person_pauses() {
    let (_server, _browser, page) = connected().await;
    page.selects(".compose-controls .form", "JSON").await;
    // In one script: the pause may be over at the next.
    let script = format!(
        "const box = document.querySelector('{BOX}');
         box.value = '[{}x]';
         box.dispatchEvent(new Event('input', {{ bubbles: true }}));
         const says = () => document.querySelector('{SAYS}').textContent;
         return new Promise(resolve => setTimeout(() => resolve(says().includes('column')), 10))",
        "1,".repeat(200_000)
    );
    assert_eq!(page.run(&script).await, false);
    page.contains(SAYS, "column 400002").await;
}

#[tokio::test]
async fn a_draft_that_a_reload_would_lose_says_so() {
    let (_server, _browser, page) = connected().await;
    page.fills(&"x".repeat(64 << 10)).await;
    page.contains(SAYS, "Enter: send").await;
    page.fills(&"x".repeat((64 << 10) + 1)).await;
    page.contains(SAYS, "Over 64 KiB, a draft is lost").await;
}

#[tokio::test]
async fn a_panel_that_opens_has_the_focus_in_its_first_box() {
    let (_server, _browser, page) = connected().await;
    for (name, first) in [
        ("Repeat", ".composer .interval"),
        ("Saved messages", ".saving .saved-name"),
        ("Variables", ".composer .environment"),
    ] {
        unfolds(&page, name).await;
        page.has_focus(first).await;
    }
    // The name that it proposes is typed over.
    page.clicks(".add-environment").await;
    page.has_focus(".environment-name").await;
    page.waits_for("return document.activeElement.selectionEnd > 0").await;
    page.presses("local").await;
    page.presses(keys::ENTER).await;
    page.has_value(".composer .environment", "local").await;
}

#[tokio::test]
async fn what_comes_in_a_panel_lifts_no_button() {
    let (_server, browser, page) = connected().await;
    page.fills("hello").await;
    unfolds(&page, "Saved messages").await;
    let tops = "return ['.composer-panel', '.saving [type=submit]', '.edit-saved'].map(it =>
        document.querySelector(it)?.getBoundingClientRect().top)";
    let before = page.run(tops).await;
    page.enters(".saving .saved-name", "greeting").await;
    page.presses(keys::ENTER).await;
    page.has(".edit-saved").await;
    assert_eq!(page.run(tops).await[1], before[1]);
    for (width, height) in [(1280, 800), (360, 640)] {
        browser.sets_viewport(width, height).await;
        let before = page.run(tops).await;
        page.presses_enter_in(".saving .saved-name").await;
        page.shows("Enter a name.").await;
        assert_eq!(page.run(tops).await, before, "an error, {width} px");
        page.clicks(".edit-saved").await;
        page.has(".changing").await;
        assert_eq!(page.run(tops).await, before, "an edit, {width} px");
        page.clicks(".edit-saved").await;
    }
    unfolds(&page, "Repeat").await;
    let top =
        "return document.querySelector('.panel-form [type=submit]').getBoundingClientRect().top";
    let before = page.run(top).await;
    page.enters(".interval", "often").await;
    page.presses(keys::ENTER).await;
    page.shows("Interval: a whole number from 1").await;
    page.has(".interval[aria-invalid]").await;
    page.lacks(".times[aria-invalid]").await;
    assert_eq!(page.run(top).await, before);
    page.enters(".interval", "1").await;
    page.lacks(".composer-panel [aria-invalid]").await;
    page.enters(".times", "3").await;
    page.presses(keys::ENTER).await;
    page.reads(".repeated", "Done. Repeated 3 of 3 times").await;
}

#[tokio::test]
async fn undo_in_the_box_changes_no_other() {
    let (server, _browser, page) = connected().await;
    // Connected to an address that was typed.
    page.goes_to(&server.ws("/echo")).await;
    page.sees("event", &format!("Connected to {}", server.ws("/echo"))).await;
    page.types("abc").await;
    page.presses_enter().await;
    page.sees("received", "abc").await;
    for _ in 0..4 {
        page.types(keys::UNDO).await;
    }
    page.has_value("[role=combobox]", &server.ws("/echo")).await;
    page.lacks(".suggestion").await;
    assert!(page.box_has_focus().await);
    let passes = "return document.querySelector('[role=combobox]').dispatchEvent(
        new InputEvent('beforeinput', { inputType: 'historyUndo', bubbles: true, cancelable: true }))";
    assert_eq!(page.run(passes).await, false);
    page.focuses("[role=combobox]").await;
    assert_eq!(page.run(passes).await, true);
}
