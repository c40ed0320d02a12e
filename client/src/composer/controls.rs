//! The slim row above the box: how the text is read, and what can be unfolded.

use leptos::{ev, prelude::*};
use workbench::compose::{Draft, DraftError, Form};

use super::{Composing, Panel, file::file_button, panels::PANEL, repeat::running, words::words};
use crate::{Shell, ui::element::Element};

pub(super) fn controls(composing: Composing) -> AnyView {
    let words = &words().composer;
    let shell = composing.shell;
    let folds = Panel::ALL.map(|panel| fold(composing, panel));
    Element::new("div", "compose-controls")
        .attribute("role", "group")
        .attribute("aria-label", words.controls)
        .children([form(shell)])
        .children(layouts(shell))
        .children([running(shell)])
        .children(folds)
        .children([file_button(shell)])
        .view()
}

/// Text, JSON, hexadecimal or base64.
fn form(shell: Shell) -> Element {
    let words = &words().composer;
    let draft = shell.draft();
    let chosen = Memo::new(move |_| draft.with(|draft| draft.form));
    let option = |form: Form| {
        let name = (words.form)(form);
        Element::new("option", "")
            .attribute("value", name)
            .property("selected", move || chosen.get() == form)
            .text(name)
    };
    let choose = move |event: ev::Event| {
        let name = event_target_value(&event);
        if let Some(form) = Form::ALL.into_iter().find(|form| (words.form)(*form) == name) {
            draft.update(|draft| draft.form = form);
        }
    };
    Element::new("select", "form")
        .attribute("aria-label", words.form_of)
        .on("change", choose)
        .children(Form::ALL.map(option))
}

/// What can be done with JSON.
fn layouts(shell: Shell) -> [Element; 2] {
    let words = &words().composer;
    let draft = shell.draft();
    let is_json = Memo::new(move |_| draft.with(|draft| draft.form == Form::Json));
    let layout = |label, lay_out: fn(&Draft) -> Result<Draft, DraftError>| {
        let act = move || {
            // What is wrong with it is said below the box.
            if let Ok(laid_out) = draft.with_untracked(lay_out) {
                draft.set(laid_out);
            }
        };
        Element::button("plain", act)
            .live("hidden", move || (!is_json.get()).then(String::new))
            .text(label)
    };
    [layout(words.format, Draft::formatted), layout(words.minify, Draft::minified)]
}

fn fold(composing: Composing, panel: Panel) -> Element {
    let shown = composing.panel;
    let is_shown = move || shown.get() == Some(panel);
    Element::button("plain fold-panel", move || {
        let is_shown = shown.get_untracked() == Some(panel);
        shown.set((!is_shown).then_some(panel));
    })
    .attribute("aria-controls", PANEL)
    .live("aria-expanded", move || Some(is_shown().to_string()))
    .text((words().composer.panel)(panel))
}
