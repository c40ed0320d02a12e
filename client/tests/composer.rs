//! The composer in a real browser, with an engine of its own and no server: what is typed, checked,
//! saved and offered.

#![cfg(target_arch = "wasm32")]

use std::{any::Any, cell::Cell, rc::Rc};

use client::{Composer, ComposerState, EngineHandle, Library};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use workbench::compose::{Draft, Environment, Form, TOP};

wasm_bindgen_test_configure!(run_in_browser);

const GLANCE_MILLIS: u32 = 10;
/// Ten seconds: reached only when something is wrong.
const GLANCES: u32 = 1_000;

/// A composer on the page, whose library is empty at first.
struct Mounted {
    engine: EngineHandle,
    library: Library,
    _view: Box<dyn Any>,
}

impl Mounted {
    fn new() -> Self {
        let both = Rc::new(Cell::new(None));
        let given = both.clone();
        let view = leptos::mount::mount_to(leptos::tachys::dom::body(), move || {
            let (engine, library) = (EngineHandle::new(String::new()), Library::load());
            library.change(|it| *it = <_>::default());
            given.set(Some((engine, library)));
            view! { <Composer state=ComposerState::new(engine, library) on_connect=Callback::new(|()| false) /> }
        });
        let (engine, library) = both.get().expect("the view is made at once");
        Self { engine, library, _view: Box::new(view) }
    }

    fn write(&self, form: Form, text: &str) {
        self.engine.draft.set(Draft::new(form, text));
    }

    fn draft(&self) -> String {
        self.engine.draft.with_untracked(|draft| draft.text.clone())
    }
}

fn run(script: &str) -> String {
    let result = js_sys::eval(script).unwrap_or_else(|error| panic!("{script}: {error:?}"));
    result.as_string().unwrap_or_else(|| format!("{result:?}"))
}

/// Waits until what is said below the box contains `sentence`.
async fn says(sentence: &str) {
    let said = || run("document.querySelector('.composer-says').textContent");
    for _ in 0..GLANCES {
        if said().contains(sentence) {
            return;
        }
        TimeoutFuture::new(GLANCE_MILLIS).await;
    }
    panic!("{sentence} was not said, but: {}", said());
}

#[wasm_bindgen_test]
async fn a_mistake_is_said_while_typing_and_goes_when_it_is_mended() {
    let composer = Mounted::new();
    says("Enter to send").await;
    composer.write(Form::Json, "[1,]");
    says("Line 1, column 4").await;
    composer.write(Form::Json, "[1]");
    says("Enter to send").await;
    composer.write(Form::Base64, "A");
    says("the last byte is incomplete").await;
    composer.write(Form::Text, "A");
    says("Enter to send").await;
}

#[wasm_bindgen_test]
async fn a_long_draft_is_checked_when_the_person_pauses() {
    let composer = Mounted::new();
    composer.write(Form::Json, &format!("[{}x]", "1,".repeat(200_000)));
    TimeoutFuture::new(GLANCE_MILLIS).await;
    assert!(!run("document.querySelector('.composer-says').textContent").contains("column"));
    says("column 400002").await;
}

#[wasm_bindgen_test]
async fn what_variables_become_follows_the_environment() {
    let composer = Mounted::new();
    composer.write(Form::Json, "{\"n\": {{count}}}");
    says("no variable count").await;
    let variables = |value: &str| vec![("count".to_owned(), value.to_owned())];
    composer.library.change(|it| {
        it.environments.add(Environment::new("local", variables("7")).unwrap()).unwrap();
        it.environments.choose(Some("local"));
    });
    says("Preview: {\"n\": 7}").await;
    // Not every value makes JSON of it.
    composer.library.change(|it| {
        let environment = Environment::new("local", variables("seven")).unwrap();
        it.environments.replace("local", environment).unwrap();
    });
    says("With variables filled in").await;
}

#[wasm_bindgen_test]
async fn a_saved_message_takes_the_place_of_what_is_written_and_that_can_be_walked_back_to() {
    let composer = Mounted::new();
    composer.library.change(|it| it.saved.add(TOP, "kept", Draft::new(Form::Hex, "00")).unwrap());
    composer.write(Form::Text, "half a thought");
    run("document.querySelectorAll('.fold-panel')[1].click()");
    TimeoutFuture::new(GLANCE_MILLIS).await;
    run("document.querySelector('.load').click()");
    TimeoutFuture::new(GLANCE_MILLIS).await;
    assert_eq!(composer.draft(), "00");
    assert!(composer.engine.recall(true));
    assert_eq!(composer.draft(), "half a thought");
    assert_eq!(run("String(document.querySelector('.composer-panel'))"), "null");
}
