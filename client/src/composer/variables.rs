//! The person's own variables, in environments, and those that are built in.

use leptos::{ev, prelude::*};
use workbench::compose::{
    ENVIRONMENTS, Environment, EnvironmentError, Environments, VariableError, wrong_variables,
};

use super::{
    Composing, Undo,
    panels::{field, form, wrong},
    text_box::TextBox,
};
use crate::{detail::element::Element, language::words};

/// Built-in variables, as they are written.
const EXAMPLES: [&str; 4] = ["{{now}}", "{{uuid}}", "{{seq}}", "{{random 1 100}}"];

type Problem = RwSignal<Option<EnvironmentError>>;

/// The panel.
pub(super) fn variables(composing: Composing, input: TextBox) -> Element {
    let problem = RwSignal::new(None);
    load(composing);
    let workspace = composing.library.workspace();
    let name = Memo::new(move |_| workspace.with(|it| chosen(&it.environments)));
    // Another name is another form: nothing typed for one stays in the other.
    let form = move || {
        name.track();
        untrack(|| load(composing));
        match name.get() {
            Some(name) => environment(composing, problem, name).view(),
            None => Element::new("p", "hint").text(words().variables.none_yet).view(),
        }
    };
    Element::new("div", "").children([
        choice(composing, problem),
        wrong(move || problem.get().map(|error| (words().variables.mistake)(&error))),
        Element::new("div", "").live_child(form),
        built_in(input),
    ])
}

fn chosen(environments: &Environments) -> Option<String> {
    environments.chosen().map(|it| it.name().to_owned())
}

/// Takes the variables of the chosen environment into the form, unless what is typed there is not
/// stored yet.
fn load(composing: Composing) {
    let (name, stored) = composing.library.workspace().with_untracked(|workspace| {
        let environments = &workspace.environments;
        (chosen(environments).unwrap_or_default(), environments.variables().to_vec())
    });
    let is_unstored = composing.rows.with_untracked(|(of, rows)| {
        *of == name && wrong_variables(rows).iter().any(Option::is_some)
    });
    if !is_unstored {
        composing.rows.set((name, stored));
    }
}

/// Which environment, and a new one.
fn choice(composing: Composing, problem: Problem) -> Element {
    let words = &words().variables;
    let library = composing.library;
    let workspace = library.workspace();
    let options = move || {
        let (names, chosen) = workspace.with(|it| {
            let names = it.environments.list().iter().map(|it| it.name().to_owned());
            (names.collect::<Vec<_>>(), chosen(&it.environments).unwrap_or_default())
        });
        let option = |name: String| {
            let is_chosen = name == chosen;
            let shown = if name.is_empty() { words.none } else { &name };
            Element::new("option", "")
                .attribute("value", &name)
                .property("selected", move || is_chosen)
                .text(shown)
                .view()
        };
        let all = std::iter::once(String::new()).chain(names).map(option);
        all.collect::<Vec<_>>().into_any()
    };
    let choose = move |event: ev::Event| {
        let name = event_target_value(&event);
        problem.set(None);
        library.change(|it| it.environments.choose(Some(&name)));
    };
    let add = move || {
        let added = library.change(|workspace| {
            let environments = &mut workspace.environments;
            let is_free = |name: &String| environments.list().iter().all(|it| it.name() != name);
            // One of them is free: there is one more than there may be environments.
            let mut names = (1..=ENVIRONMENTS + 1).map(words.new_name);
            let name = names.find(is_free).unwrap_or_default();
            environments.add(Environment::new(name.clone(), Vec::new())?)?;
            environments.choose(Some(&name));
            Ok(())
        });
        problem.set(added.and_then(Result::err));
    };
    let select = Element::new("select", "environment").on("change", choose).live_child(options);
    Element::new("div", "panel-form").children([
        Element::new("label", "").text(words.environment).children([select]),
        Element::button("plain add-environment", add).text(words.add_environment),
    ])
}

/// The form of one: its name and its variables.
fn environment(composing: Composing, problem: Problem, of: String) -> Element {
    let words = &words().variables;
    let library = composing.library;
    let rows = composing.rows;
    let name = RwSignal::new(of.clone());
    let of = StoredValue::new(of);
    let rename = move || {
        let (old, new) = (of.get_value(), name.get_untracked());
        if old == new {
            return;
        }
        let renamed = library.change(|workspace| {
            let environments = &mut workspace.environments;
            let stored = environments.variables().to_vec();
            environments.replace(&old, Environment::new(new.trim(), stored)?)
        });
        problem.set(renamed.and_then(Result::err));
    };
    let remove = move || {
        let name = of.get_value();
        let removed = library.change(|it| it.environments.remove(&name)).flatten();
        composing.undo.set(removed.map(|removed| Undo::Environment(removed, name)));
        problem.set(None);
    };
    let add = move || rows.update(|(_, rows)| rows.push(Default::default()));
    let count = Memo::new(move |_| rows.with(|(_, rows)| rows.len()));
    let list = move || {
        let rows = (0..count.get()).map(|index| variable(composing, problem, index).view());
        rows.collect::<Vec<_>>().into_any()
    };
    let named = field(words.name_of_environment, "environment-name", name)
        .on("change", move |_: ev::Event| rename());
    Element::new("div", "").children([
        form("panel-form", rename).children([
            named,
            Element::button("plain remove-environment", remove).text(words.remove_environment),
        ]),
        Element::new("div", "variables").live_child(list),
        Element::button("plain add-variable", add).text(words.add),
    ])
}

fn variable(composing: Composing, problem: Problem, index: usize) -> Element {
    let words = &words().variables;
    let rows = composing.rows;
    let note = format!("variable-{index}");
    let mistake = Memo::new(move |_| {
        let mut wrong = rows.with(|(_, rows)| wrong_variables(rows));
        if index < wrong.len() { wrong.swap_remove(index) } else { None }
    });
    let input =
        |class: &'static str, label: String, of: fn(&mut (String, String)) -> &mut String| {
            let value = move || {
                let row = rows.with(|(_, rows)| rows.get(index).cloned());
                row.map(|mut row| std::mem::take(of(&mut row))).unwrap_or_default()
            };
            Element::new("input", class)
                .attribute("aria-label", &label)
                .attribute("aria-describedby", &note)
                .attribute("autocomplete", "off")
                .attribute("spellcheck", "false")
                .live("aria-invalid", move || mistake.with(Option::is_some).then(|| "true".into()))
                .property("value", value)
                .on("input", move |event: ev::Event| {
                    rows.update(|(_, rows)| {
                        if let Some(row) = rows.get_mut(index) {
                            *of(row) = event_target_value(&event);
                        }
                    });
                    store(composing, problem);
                })
        };
    let name = input("name", (words.name_of)(index + 1), |row| &mut row.0)
        .attribute("placeholder", words.name);
    let value = input("value", (words.value_of)(index + 1), |row| &mut row.1)
        .attribute("placeholder", words.value);
    let remove = Element::button("forget", move || {
        rows.update(|(_, rows)| {
            if index < rows.len() {
                rows.remove(index);
            }
        });
        store(composing, problem);
    })
    .attribute("aria-label", &(words.remove)(index + 1))
    .text("×");
    let says = move || mistake.get().map(|error: VariableError| (words.wrong)(&error));
    let says = wrong(says).attribute("id", &note);
    Element::new("div", "variable").children([name, value, remove, says])
}

/// Stores the rows, if they are right.
fn store(composing: Composing, problem: Problem) {
    let (name, rows) = composing.rows.get_untracked();
    let stored = match Environment::new(&name, rows) {
        Ok(environment) => {
            composing.library.change(|it| it.environments.replace(&name, environment))
        }
        Err(error) => Some(Err(error)),
    };
    // What is wrong with a row is said beside it.
    let is_of_row = |error: &EnvironmentError| matches!(error, EnvironmentError::Variable { .. });
    problem.set(stored.and_then(Result::err).filter(|error| !is_of_row(error)));
}

/// The built-in ones: a click writes one into the box.
fn built_in(input: TextBox) -> Element {
    let words = &words().variables;
    let row = |(example, meaning): (&'static str, &'static str)| {
        let insert = Element::button("plain insert", move || input.insert(example)).text(example);
        Element::new("li", "").children([insert, Element::new("span", "").text(meaning)])
    };
    let rows = EXAMPLES.into_iter().zip(words.meanings).map(row);
    Element::new("div", "built-in").children([
        Element::new("p", "hint").text(words.built_in),
        Element::new("ul", "").children(rows),
    ])
}
