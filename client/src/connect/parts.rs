//! The query and the subprotocols, as rows that can be added and removed.

use leptos::prelude::*;
use workbench::connect::{
    Parameter, parameters, with_name, with_parameter, with_value, without_parameter,
    wrong_subprotocols,
};

use super::{target::Target, words::words};
use crate::ui::element::{Element, Place, focus};

/// What the rows of a list share. Copies are the same.
#[derive(Clone, Copy)]
struct Rows {
    target: Target,
    /// Whether the person has just added one, whose input then takes the focus.
    is_added: StoredValue<bool>,
    add_button: Place,
}

impl Rows {
    fn new(target: Target) -> Self {
        Self { target, is_added: StoredValue::new(false), add_button: Place::new() }
    }

    fn add_button(self, label: &str, add: impl Fn() + 'static) -> Element {
        let add = move || {
            self.is_added.set_value(true);
            add();
        };
        Element::button("add-part", add).at(self.add_button).text(label)
    }

    /// The focus goes to what is there in any case.
    fn remove_button(self, label: &str, remove: impl Fn() + 'static) -> Element {
        let remove = move || {
            remove();
            focus(self.add_button);
        };
        Element::button("remove-part", remove)
            .attribute("aria-label", label)
            .attribute("title", words().options.remove)
            .text("×")
    }

    /// The place of an input that takes the focus when it appears, if it was just added.
    fn first_input(self) -> Place {
        let input = Place::new();
        input.on_load(move |_| {
            if self.is_added.get_value() {
                self.is_added.set_value(false);
                focus(input);
            }
        });
        input
    }
}

fn input(class: &str, label: &str, placeholder: &str) -> Element {
    Element::new("input", class)
        .attribute("aria-label", label)
        .attribute("placeholder", placeholder)
        .attribute("autocomplete", "off")
        .attribute("spellcheck", "false")
}

/// The query as rows. Each is a piece of the address, and changes nothing else of it.
pub(super) fn query(target: Target) -> Element {
    let words = &words().options;
    let address = target.address;
    let rows = Rows::new(target);
    let add = move || address.update(|address| *address = with_parameter(address, "", ""));
    Element::new("fieldset", "parts")
        .children([Element::new("legend", "").text(words.query)])
        .rows(
            move || address.with(|address| parameters(address).len()),
            move |index| query_row(rows, index),
        )
        .children([rows.add_button(words.add_parameter, add)])
}

fn query_row(rows: Rows, index: usize) -> Element {
    let words = &words().options;
    let address = rows.target.address;
    let part = move |part: fn(Parameter) -> Option<String>| {
        let parameter = address.with(|it| parameters(it).into_iter().nth(index));
        parameter.and_then(part).unwrap_or_default()
    };
    let change = move |change: fn(&str, usize, &str) -> String, to: &str| {
        address.update(|address| *address = change(address, index, to));
    };
    let name = input("name", &(words.name_of_parameter)(index + 1), words.name)
        .at(rows.first_input())
        .property("value", move || part(|it| Some(it.name)))
        .on_value("input", move |to| change(with_name, &to));
    let value = input("value", &(words.value_of_parameter)(index + 1), words.value)
        .property("value", move || part(|it| it.value))
        .on_value("input", move |to| change(with_value, &to));
    let remove = rows.remove_button(&(words.remove_parameter)(index + 1), move || {
        address.update(|address| *address = without_parameter(address, index));
    });
    Element::new("div", "part").children([name, value, remove])
}

/// The subprotocols to ask for, the preferred one first.
pub(super) fn subprotocols(target: Target) -> Element {
    let words = &words().options;
    let names = target.subprotocols;
    let rows = Rows::new(target);
    Element::new("fieldset", "parts")
        .children([Element::new("legend", "").text(words.subprotocols)])
        .rows(move || names.with(Vec::len), move |index| subprotocol_row(rows, index))
        .children([rows.add_button(words.add_subprotocol, move || {
            names.update(|names| names.push(String::new()));
        })])
}

fn subprotocol_row(rows: Rows, index: usize) -> Element {
    let words = &words().options;
    let names = rows.target.subprotocols;
    let mistake = move || {
        let wrong = names.with(|names| wrong_subprotocols(names)).into_iter().nth(index).flatten();
        wrong.map(|wrong| (words.subprotocol_mistake)(&wrong))
    };
    let change = move |to: String| {
        names.update(|names| {
            if let Some(name) = names.get_mut(index) {
                *name = to;
            }
        });
    };
    let note = rows.target.id(&format!("subprotocol-{index}"));
    let name = input("subprotocol", &(words.subprotocol)(index + 1), words.name)
        .attribute("aria-describedby", &note)
        .live_flag("aria-invalid", move || mistake().is_some())
        .at(rows.first_input())
        .property("value", move || names.with(|names| names.get(index).cloned()))
        .on_value("input", change);
    let remove = rows.remove_button(&(words.remove_subprotocol)(index + 1), move || {
        names.update(|names| {
            names.remove(index);
        });
    });
    let wrong = Element::new("p", "wrong")
        .attribute("role", "status")
        .attribute("id", &note)
        .live_text(move || mistake().unwrap_or_default());
    Element::new("div", "part").children([name, remove, wrong])
}
