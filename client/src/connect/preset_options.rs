//! The options of the server's endpoint in the address, as a form.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::connect::{Preset, PresetOption};

use super::{address_box::SERVERS, target::Target, words::words};
use crate::ui::element::Element;

/// What can be chosen about the endpoint in the address, if the server has described it. There is
/// nothing while the options are folded.
pub(super) fn preset_options(
    target: Target,
    presets: Signal<Vec<Preset>>,
) -> impl Fn() -> Option<Element> + Send {
    let which = Memo::new(move |_| {
        let origin = target.origin().filter(|_| target.is_unfolded.get())?;
        let fits = |it: &Preset| {
            !it.options.is_empty() && target.address.with(|address| it.fits(address, &origin))
        };
        presets.with(|presets| presets.iter().position(fits))
    });
    move || {
        let preset = presets.with(|presets| presets.get(which.get()?).cloned())?;
        let title = (words().options.of)(&preset.path);
        let legend = Element::new("legend", "").text(&title);
        let options = preset.options.iter().map(|it| chosen_option(target, &preset, it));
        Some(Element::new("fieldset", "preset").children([legend]).children(options))
    }
}

fn chosen_option(target: Target, preset: &Preset, option: &PresetOption) -> Element {
    let PresetOption { name, summary, default, choices, allowed, .. } = option;
    let of = Arc::new((preset.clone(), option.clone()));
    let choose = {
        let of = of.clone();
        move |chosen: String| {
            target.address.update(|it| *it = of.0.with_value(it, &of.1, &chosen));
        }
    };
    let chosen = move || target.address.with(|it| of.0.value(it, &of.1));
    let hint = match (summary.is_empty(), allowed.is_empty()) {
        (false, false) => format!("{summary} ({allowed})"),
        _ => format!("{summary}{allowed}"),
    };
    let input = if choices.is_empty() {
        Element::new("input", "")
            .attribute("autocomplete", "off")
            .attribute("spellcheck", "false")
            .attribute("placeholder", default)
            .property("value", move || chosen().unwrap_or_default())
            .on_value("input", choose)
    } else {
        let choice = |choice: &String| {
            let (own, default, chosen) = (choice.clone(), default.clone(), chosen.clone());
            Element::new("option", "")
                .property("selected", move || chosen().as_ref().unwrap_or(&default) == &own)
                .text(choice)
        };
        Element::new("select", "").on_value("change", choose).children(choices.iter().map(choice))
    };
    let name = Element::new("code", "").text(name);
    let hint = Element::new("span", "hint").attribute("lang", SERVERS).text(&hint);
    Element::new("label", "").children([name, input, hint])
}
