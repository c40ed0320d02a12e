//! The person's own variables, in environments, and those that are built in.

use leptos::{ev, prelude::*};
use workbench::compose::{
    ENVIRONMENTS, Environment, EnvironmentError, Environments, VariableError, wrong_variables,
};

use super::{
    Composing, Undo,
    composing::Rows,
    panels::{field, form, wrong},
    text_box::TextBox,
    words::words,
};
use crate::ui::element::Element;

/// Built-in variables, as they are written.
const EXAMPLES: [&str; 4] = ["{{now}}", "{{uuid}}", "{{seq}}", "{{random 1 100}}"];

/// What the panel's parts share.
#[derive(Clone, Copy)]
struct Form {
    composing: Composing,
    /// The name of the environment that is chosen.
    chosen: Memo<Option<String>>,
    /// Its variables, as they are stored or typed.
    rows: Memo<Rows>,
    problem: RwSignal<Option<EnvironmentError>>,
}

/// The panel.
pub(super) fn variables(composing: Composing, input: TextBox) -> Element {
    let workspace = composing.library.workspace();
    let chosen = Memo::new(move |_| workspace.with(|it| chosen(&it.environments)));
    let rows = Memo::new(move |_| {
        let typed = composing.typed.get().filter(|(of, _)| Some(of) == chosen.get().as_ref());
        let stored = || workspace.with(|it| it.environments.variables().to_vec());
        typed.map_or_else(stored, |(_, rows)| rows)
    });
    let form = Form { composing, chosen, rows, problem: RwSignal::new(None) };
    // Another name is another form: nothing typed for one stays in the other.
    let child = move || match chosen.get() {
        Some(name) => form.environment(name).view(),
        None => Element::new("p", "hint").text(words().variables.none_yet).view(),
    };
    Element::new("div", "").children([
        form.choice(),
        wrong(move || form.problem.get().map(|error| (words().variables.mistake)(&error))),
        Element::new("div", "environment-form").live_child(child),
        built_in(input),
    ])
}

fn chosen(environments: &Environments) -> Option<String> {
    environments.chosen().map(|it| it.name().to_owned())
}

impl Form {
    /// Which environment, and a new one.
    fn choice(self) -> Element {
        let words = &words().variables;
        let (library, problem) = (self.composing.library, self.problem);
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
                let is_free =
                    |name: &String| environments.list().iter().all(|it| it.name() != name);
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
    fn environment(self, of: String) -> Element {
        let words = &words().variables;
        let library = self.composing.library;
        let name = RwSignal::new(of.clone());
        let of = StoredValue::new(of);
        let rename = move |_: ev::Event| {
            let (old, new) = (of.get_value(), name.get_untracked());
            let renamed = library.change(|workspace| {
                let environments = &mut workspace.environments;
                let stored = environments.variables().to_vec();
                environments.replace(&old, Environment::new(new.trim(), stored)?)
            });
            if let Some(Ok(())) = renamed {
                self.composing.typed.update(|typed| {
                    if let Some((of, _)) = typed.as_mut().filter(|(of, _)| *of == old) {
                        new.trim().clone_into(of);
                    }
                });
            }
            self.problem.set(renamed.and_then(Result::err));
        };
        let remove = move || {
            let name = of.get_value();
            let removed = library.change(|it| it.environments.remove(&name)).flatten();
            self.composing.undo.set(removed.map(|removed| Undo::Environment(removed, name)));
            self.problem.set(None);
        };
        let count = Memo::new(move |_| self.rows.with(Vec::len));
        let list = move || {
            let rows = (0..count.get()).map(|index| self.variable(index).view());
            rows.collect::<Vec<_>>().into_any()
        };
        let named = field(words.name_of_environment, "environment-name", name).on("change", rename);
        // Enter is a change, and nothing else.
        let head = form("panel-form", || {}).children([
            named,
            Element::button("plain remove-environment", remove).text(words.remove_environment),
        ]);
        let add = Element::button("plain add-variable", move || {
            self.edit(|rows| rows.push(<_>::default()));
        });
        Element::new("div", "").children([
            head,
            Element::new("div", "variables").live_child(list),
            add.text(words.add),
        ])
    }

    fn variable(self, index: usize) -> Element {
        let words = &words().variables;
        let note = format!("variable-{index}");
        let mistake = Memo::new(move |_| {
            let mut wrong = self.rows.with(|rows| wrong_variables(rows));
            if index < wrong.len() { wrong.swap_remove(index) } else { None }
        });
        let input = |class: &'static str,
                     label: String,
                     of: fn(&mut (String, String)) -> &mut String| {
            let value = move || {
                let row = self.rows.with(|rows| rows.get(index).cloned());
                row.map(|mut row| std::mem::take(of(&mut row))).unwrap_or_default()
            };
            let change = move |event: ev::Event| {
                self.edit(|rows| {
                    if let Some(row) = rows.get_mut(index) {
                        *of(row) = event_target_value(&event);
                    }
                });
            };
            Element::new("input", class)
                .attribute("aria-label", &label)
                .attribute("aria-describedby", &note)
                .attribute("autocomplete", "off")
                .attribute("spellcheck", "false")
                .live("aria-invalid", move || mistake.with(Option::is_some).then(|| "true".into()))
                .property("value", value)
                .on("input", change)
        };
        let name = input("name", (words.name_of)(index + 1), |row| &mut row.0)
            .attribute("placeholder", words.name);
        let value = input("value", (words.value_of)(index + 1), |row| &mut row.1)
            .attribute("placeholder", words.value);
        let remove = move || {
            self.edit(|rows| {
                if index < rows.len() {
                    rows.remove(index);
                }
            });
        };
        let remove = Element::button("forget", remove)
            .attribute("aria-label", &(words.remove)(index + 1))
            .text("×");
        let says = move || mistake.get().map(|error: VariableError| (words.wrong)(&error));
        Element::new("div", "variable").children([
            name,
            value,
            remove,
            wrong(says).attribute("id", &note),
        ])
    }

    /// Changes the rows, and stores them if they are right.
    fn edit(self, change: impl FnOnce(&mut Rows)) {
        let Some(name) = self.chosen.get_untracked() else { return };
        let typed = self.composing.typed;
        let mut rows = self.rows.get_untracked();
        change(&mut rows);
        typed.set(Some((name.clone(), rows.clone())));
        let is_full = rows.iter().all(|(name, _)| !name.is_empty());
        let stored = match Environment::new(&name, rows) {
            Ok(environment) => {
                self.composing.library.change(|it| it.environments.replace(&name, environment))
            }
            // What is wrong with a row is said beside it.
            Err(EnvironmentError::Variable { .. }) => return self.problem.set(None),
            Err(error) => Some(Err(error)),
        };
        if is_full && matches!(stored, Some(Ok(()))) {
            typed.set(None);
        }
        self.problem.set(stored.and_then(Result::err));
    }
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
