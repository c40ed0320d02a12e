//! The detail pane in a real browser, over messages made by hand.

#![cfg(target_arch = "wasm32")]

mod harness;

use std::sync::{Arc, Mutex};

use client::{DetailPane, Splitter};
use leptos::prelude::*;
use session::{Direction, Time};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Event, EventInit, HtmlSelectElement, PointerEvent, PointerEventInit};
use workbench::{
    payload::{Inspected, MAX_PART_BYTES},
    relay::{MessageFrames, WireFrame},
};

use crate::harness::{Mounted, press, until};

wasm_bindgen_test_configure!(run_in_browser);

/// Bound on the pane's elements: about its share of the page's.
const MAX_ELEMENTS: usize = 600;

fn message(id: u64, is_text: bool, bytes: &[u8]) -> Inspected {
    let direction = if id.is_multiple_of(2) { Direction::Out } else { Direction::In };
    Inspected {
        id,
        at: Time(0),
        direction,
        is_text,
        size: bytes.len() as u64,
        part: bytes.into(),
        frames: MessageFrames::default(),
    }
}

fn text(id: u64, text: &str) -> Inspected {
    message(id, true, text.as_bytes())
}

/// Mounts a view in a box of a page's size, with the page's style.
fn mounted(view: impl FnOnce() -> AnyView + 'static) -> Mounted {
    let mounted = Mounted::new("display: grid; width: 600px; height: 600px", view);
    let style = document().create_element("style").unwrap();
    style.set_text_content(Some(include_str!("../style.css")));
    mounted.frame.append_child(&style).unwrap();
    mounted
}

impl Mounted {
    /// The words that are shown in each of these elements, on one line.
    fn words(&self, selector: &str) -> Vec<String> {
        self.all(selector).iter().map(|it| it.inner_text().replace('\n', "")).collect()
    }

    async fn reads(&self, selector: &str, expected: &[&str]) {
        until(&format!("{selector} to read {expected:?}"), || self.words(selector) == expected)
            .await;
    }

    async fn says(&self, sentence: &str) {
        until(sentence, || self.frame.inner_text().contains(sentence)).await;
    }

    fn click(&self, label: &str) {
        let button = self.all("button").into_iter().find(|it| it.inner_text().contains(label));
        button.unwrap_or_else(|| panic!("no button {label}")).click();
    }
}

#[derive(Debug, PartialEq)]
enum Said {
    Close,
    Copy(u64),
    CopyText(String),
    Compare(Option<u64>),
}

/// A pane, what it shows, and what it was told.
struct Pane {
    mounted: Mounted,
    inspected: ArcRwSignal<Option<Arc<Inspected>>>,
    compared: ArcRwSignal<Option<Arc<Inspected>>>,
    said: Arc<Mutex<Vec<Said>>>,
}

impl Pane {
    fn new(first: Inspected) -> Self {
        let inspected = ArcRwSignal::new(Some(Arc::new(first)));
        let compared = ArcRwSignal::new(None);
        let said = Arc::new(Mutex::new(Vec::new()));
        let (closed, copied, picked) = (said.clone(), said.clone(), said.clone());
        let on_close = move |()| closed.lock().unwrap().push(Said::Close);
        let on_copy = move |id| copied.lock().unwrap().push(Said::Copy(id));
        let taken = said.clone();
        let on_copy_text = move |text| taken.lock().unwrap().push(Said::CopyText(text));
        let on_compare = move |id| picked.lock().unwrap().push(Said::Compare(id));
        let (shown, beside) = (inspected.clone(), compared.clone());
        let view = move || {
            view! {
                <DetailPane
                    inspected=shown
                    compared=beside
                    on_close=Callback::new(on_close)
                    on_copy=Callback::new(on_copy)
                    on_compare=Callback::new(on_compare)
                    on_copy_text=Callback::new(on_copy_text)
                />
            }
            .into_any()
        };
        Self { mounted: mounted(view), inspected, compared, said }
    }

    fn shows(&self, message: Inspected) {
        self.inspected.set(Some(Arc::new(message)));
    }

    fn said(&self) -> Vec<Said> {
        std::mem::take(&mut *self.said.lock().unwrap())
    }

    async fn is_at(&self, tab: &str) {
        self.mounted.reads("[role=tab][aria-selected=true]", &[tab]).await;
    }
}

impl std::ops::Deref for Pane {
    type Target = Mounted;

    fn deref(&self) -> &Mounted {
        &self.mounted
    }
}

#[wasm_bindgen_test]
async fn the_header_says_what_message_it_is_and_passes_on_what_is_wanted() {
    let pane = Pane::new(Inspected { size: 1_536, ..message(4, false, b"x") });
    pane.says("1.5 KiB").await;
    assert_eq!(pane.words(".direction"), ["↑sent"]);
    pane.says("binary").await;
    pane.click("Copy");
    pane.one("[aria-label=Close]").click();
    press(&pane.one(".detail-header"), "Escape");
    assert_eq!(pane.said(), [Said::Copy(4), Said::Close, Said::Close]);
    pane.inspected.set(None);
    pane.has(".detail", 0).await;
}

#[wasm_bindgen_test]
async fn json_is_a_tree_that_folds() {
    let pane = Pane::new(text(1, r#"{"a": [1, "two"], "b": {}, "a": 12345678901234567890}"#));
    pane.is_at("JSON").await;
    let open =
        ["{", "\"a\": [", "1", "\"two\"", "]", "\"b\": {}", "\"a\": 12345678901234567890", "}"];
    pane.reads(".row", &open).await;
    let folds = pane.all(".fold");
    assert_eq!(folds.len(), 2, "what is empty does not fold");
    let items = pane.all("[role=treeitem][aria-expanded=true]");
    let levels = items.iter().map(|it| it.get_attribute("aria-level").unwrap_or_default());
    assert_eq!(levels.collect::<Vec<_>>(), ["1", "2"]);
    folds[1].focus().unwrap();
    folds[1].click();
    let folded = ["{", "\"a\": [ 2 items ]", "\"b\": {}", "\"a\": 12345678901234567890", "}"];
    pane.reads(".row", &folded).await;
    let focused = document().active_element();
    assert_eq!(focused.as_ref(), Some(folds[1].as_ref()), "the focus stays where it was");
    assert_eq!(folds[1].get_attribute("aria-expanded").as_deref(), Some("false"));
    assert_eq!(folds[1].get_attribute("aria-label").as_deref(), Some("\"a\", 2 items"));
    folds[1].click();
    pane.reads(".row", &open).await;
    pane.click("Fold all");
    pane.reads(".row", &folded).await;
    pane.click("Unfold all");
    pane.reads(".row", &open).await;
}

#[wasm_bindgen_test]
async fn a_value_that_is_shown_in_part_is_not_copied() {
    let cut = Inspected { size: 800_000, ..text(1, r#"{"a": "zzz"#) };
    let pane = Pane::new(cut);
    pane.is_at("JSON").await;
    pane.says("Shown in part: it cannot be copied alone.").await;
    pane.click("Copy value");
    pane.inspected.set(Some(Arc::new(text(2, r#"{"a": "zzz"}"#))));
    pane.reads(".json-current .notice", &[""]).await;
    pane.click("Copy value");
    assert_eq!(pane.said(), [Said::CopyText(r#"{"a": "zzz"}"#.to_owned())]);
}

#[wasm_bindgen_test]
async fn all_frames_are_counted_and_the_first_are_shown() {
    let frame = WireFrame {
        opcode: 0,
        fin: false,
        compressed: false,
        masked: true,
        head_len: 6,
        wire_len: 1,
        inflated: None,
    };
    let frames = vec![frame; 1_300].into_iter().collect();
    let pane = Pane::new(Inspected { frames, ..text(1, "abc") });
    pane.says("1,300 frames, the first 256 are shown").await;
    pane.has(".frame-table tbody tr", 256).await;
}

#[wasm_bindgen_test]
async fn what_is_not_json_says_where() {
    let pane = Pane::new(text(1, "[1, 2"));
    pane.is_at("Text").await;
    pane.click("JSON");
    pane.says("line 1, column 6: expected a comma or ], but the text ends").await;
    pane.reads(".row", &["[", "1", "2"]).await;
}

#[wasm_bindgen_test]
async fn keys_do_nothing_in_the_tree_of_what_is_no_json() {
    let pane = Pane::new(text(1, "Echo: hi"));
    pane.click("JSON");
    pane.is_at("JSON").await;
    for key in ["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"] {
        press(&pane.one(".rows"), key);
    }
    pane.click("Text");
    pane.is_at("Text").await;
}

#[wasm_bindgen_test]
async fn bytes_are_read_in_the_encoding_that_is_picked() {
    let bytes: Vec<_> =
        "안녕 🙂".encode_utf16().chain([0xd800]).flat_map(u16::to_le_bytes).collect();
    let pane = Pane::new(message(1, false, &bytes));
    pane.is_at("Hex").await;
    pane.click("Text");
    pane.says("invalid UTF-8 sequence").await;
    let select: HtmlSelectElement = pane.one("select").unchecked_into();
    select.set_selected_index(1);
    let change = EventInit::new();
    change.set_bubbles(true);
    select.dispatch_event(&Event::new_with_event_init_dict("change", &change).unwrap()).unwrap();
    pane.reads(".block", &["안녕 🙂\u{fffd}"]).await;
    pane.says("1 invalid UTF-16LE sequence, shown as \u{fffd}.").await;
    // The choice stays for the next message.
    pane.shows(message(3, false, b"h\0i\0"));
    pane.reads(".block", &["hi"]).await;
}

#[wasm_bindgen_test]
async fn markup_stays_text_in_every_view() {
    const MARKUP: &str = "<img src=x onerror=alert(1)>&lt;";
    let pane = Pane::new(text(1, &format!("[\"{MARKUP}\", {{\"{MARKUP}\": 1}}]")));
    for tab in ["JSON", "Text", "Hex"] {
        pane.click(tab);
        pane.is_at(tab).await;
        let shown = if tab == "Hex" { "<img src=x one" } else { MARKUP };
        pane.says(shown).await;
        assert!(pane.all("img").is_empty(), "{tab}");
    }
    pane.click("Compare");
    pane.compared.set(Some(Arc::new(text(3, &format!("[\"{MARKUP}\"]")))));
    pane.is_at("Compare").await;
    pane.says(MARKUP).await;
    assert!(pane.all("img").is_empty());
}

#[wasm_bindgen_test]
async fn a_message_that_is_shown_in_part_says_so() {
    let long = format!("[{}", "\"some text\", ".repeat(MAX_PART_BYTES));
    let part = Inspected { size: 50 << 20, ..text(1, &long[..MAX_PART_BYTES]) };
    let pane = Pane::new(part);
    pane.says("Showing the first 256 KiB of 50 MiB, to stay fast.").await;
    pane.is_at("JSON").await;
    assert_eq!(pane.one(".detail-tools > .notice").inner_text(), "", "it says so once");
    for tab in ["JSON", "Text", "Hex"] {
        pane.click(tab);
        pane.is_at(tab).await;
        let elements = pane.all("*").len();
        assert!(elements < MAX_ELEMENTS, "{elements} elements at {tab}");
    }
    pane.shows(text(3, "short"));
    pane.has(".detail-cut", 0).await;
}

#[wasm_bindgen_test]
async fn hexadecimal_is_made_where_it_is_scrolled_to() {
    let bytes: Vec<u8> = (0..=255).cycle().take(MAX_PART_BYTES - 14).collect();
    let pane = Pane::new(message(1, false, &bytes));
    until("the first line", || {
        pane.words(".row.hex-row")
            .first()
            .is_some_and(|line| line.starts_with("000000") && line.ends_with("········"))
    })
    .await;
    let rows = pane.one(".rows");
    rows.set_scroll_top(rows.scroll_height());
    until("the last line", || {
        pane.words(".hex-row").last().is_some_and(|line| line == "03fff0f0 f1··")
    })
    .await;
    assert!(pane.all(".hex-row").len() < 100);
}

#[wasm_bindgen_test]
async fn the_keyboard_goes_through_the_tabs() {
    let pane = Pane::new(text(1, "[]"));
    pane.is_at("JSON").await;
    let steps = [
        ("ArrowRight", "Hex"),
        ("ArrowRight", "Text"),
        ("ArrowLeft", "Hex"),
        ("Home", "Text"),
        ("End", "Hex"),
    ];
    for (key, tab) in steps {
        press(&pane.one("[role=tab][aria-selected=true]"), key);
        pane.is_at(tab).await;
        let focused = document().active_element().expect("a focus");
        assert_eq!(focused.text_content().as_deref(), Some(tab));
        let id = pane.one("[role=tab][tabindex='0']").id();
        let labelled = pane.one("[role=tabpanel]").get_attribute("aria-labelledby");
        assert_eq!(labelled, Some(id));
    }
}

#[wasm_bindgen_test]
async fn the_view_fits_the_message_until_one_is_chosen() {
    let pane = Pane::new(text(1, "[]"));
    pane.is_at("JSON").await;
    pane.shows(text(3, "words"));
    pane.is_at("Text").await;
    pane.shows(message(5, false, &[0xff]));
    pane.is_at("Hex").await;
    pane.click("Text");
    pane.is_at("Text").await;
    pane.shows(text(7, "[1]"));
    pane.reads(".block", &["[1]"]).await;
    pane.is_at("Text").await;
    pane.inspected.set(None);
    pane.has(".detail", 0).await;
    pane.shows(text(9, "[2]"));
    pane.reads(".block", &["[2]"]).await;
}

#[wasm_bindgen_test]
async fn an_empty_message_says_so() {
    let pane = Pane::new(text(1, ""));
    pane.says("The message is empty").await;
    pane.click("Hex");
    pane.is_at("Hex").await;
    pane.says("The message is empty").await;
}

#[wasm_bindgen_test]
async fn two_messages_are_compared() {
    let lines: Vec<_> = (0..20).map(|line| line.to_string()).collect();
    let before = lines.join("\n");
    let after = before.replace("10", "ten");
    let pane = Pane::new(text(1, &before));
    pane.click("Compare");
    assert_eq!(pane.said(), [Said::Compare(Some(1))]);
    pane.compared.set(pane.inspected.get_untracked());
    pane.is_at("Compare").await;
    pane.says("Select another message in the list to compare").await;
    pane.shows(text(2, &after));
    pane.says("2 lines differ (text).").await;
    let marks = |class| pane.words(&format!(".compare-row.{class}"));
    until("the change", || {
        marks("removed") == ["   11      −only in the first10"]
            && marks("added") == ["         11+only in the secondten"]
    })
    .await;
    assert_eq!(pane.words(".left-out"), ["⋯ 7 unchanged lines", "⋯ 6 unchanged lines"]);
    pane.click("All lines");
    pane.has(".compare-row", 21).await;
    pane.click("Changes");
    pane.has(".compare-row", 8).await;
    pane.one(".detail-actions [aria-pressed=true]").click();
    assert_eq!(pane.said(), [Said::Compare(None)]);
    pane.compared.set(None);
    pane.is_at("Text").await;
}

#[wasm_bindgen_test]
async fn a_long_line_that_differs_far_in_is_cut_where_another_is() {
    let line = |middle: &str| format!("{}{middle} {}", "x ".repeat(500), "x ".repeat(1_500));
    let pane = Pane::new(text(1, &line("a")));
    pane.compared.set(Some(Arc::new(text(2, &line("b")))));
    pane.has(".compare-row :is(del, ins)", 2).await;
    for row in pane.all(".compare-row > span:last-child") {
        let shown = row.text_content().unwrap().matches('x').count();
        assert_eq!(shown, 511, "1 KiB with the change");
    }
}

#[wasm_bindgen_test]
async fn the_edge_moves_by_keys_and_pointer_within_its_bounds() {
    let width = ArcRwSignal::new(400);
    let settled = ArcRwSignal::new(400);
    let (size, to) = (RwSignal::from(width.clone()), RwSignal::from(settled.clone()));
    let edge = mounted(move || {
        view! { <Splitter size settled=to min=300 max=500 label="Width" /> }.into_any()
    });
    let separator = edge.one("[role=separator]");
    for (key, expected) in
        [("ArrowLeft", 416), ("ArrowRight", 400), ("Home", 300), ("End", 500), ("x", 500)]
    {
        press(&separator, key);
        assert_eq!([width.get_untracked(), settled.get_untracked()], [expected; 2], "{key}");
    }
    until("its value", || separator.get_attribute("aria-valuenow").as_deref() == Some("500")).await;
    let point = |kind: &str, x: i32| {
        let event = PointerEventInit::new();
        event.set_client_x(x);
        event.set_bubbles(true);
        let event = PointerEvent::new_with_event_init_dict(kind, &event).unwrap();
        separator.dispatch_event(&event).unwrap();
        width.get_untracked()
    };
    assert_eq!(point("pointermove", 7), 500, "nothing holds the edge");
    point("pointerdown", 100);
    assert_eq!(point("pointermove", 150), 450);
    assert_eq!(point("pointermove", 900), 300);
    assert_eq!(point("pointermove", 130), 470);
    assert_eq!(settled.get_untracked(), 500, "it is still held");
    point("pointerup", 130);
    assert_eq!(settled.get_untracked(), 470);
    assert_eq!(point("pointermove", 7), 470);
}
