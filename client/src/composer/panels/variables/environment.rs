//! Form of an environment: its name and its variables.

use leptos::prelude::*;

use super::state::VariablesState;
use crate::{
    composer::{
        panels::fields::{ErrorLine, Field, on_submit},
        words::words,
    },
    ui::{
        button::{Button, CrossButton},
        keyed::indexed,
        new_row::NewRow,
        text_input::TextInput,
    },
};

/// Selects the name or the value of a row. A function, so that one component serves both inputs.
type Cell = fn(&mut (String, String)) -> &mut String;

/// Form of the environment `name`: rename (at the field's change event), delete, its variables row
/// by row, and a button that adds a row, which takes the focus.
///
/// Expects to be created anew for another name.
#[component]
pub(super) fn EnvironmentForm(variables: VariablesState, name: String) -> impl IntoView {
    let words = &words().variables;
    let new_name = RwSignal::new(name.clone());
    let name = StoredValue::new(name);
    let rename = move |_| variables.rename(&name.get_value(), new_name.get_untracked().trim());
    let count = move || variables.rows.with(Vec::len);
    let new_row = NewRow::new();
    let add = move || {
        new_row.expect();
        variables.edit_rows(|rows| rows.push(<_>::default()));
    };
    view! {
        <div>
            // Enter fires the field's change event; there is nothing else to submit. It is handled here: a handler
            // given to the component would stay that of the first form.
            <form class="panel-form" on:submit=on_submit(|| {}) on:change=rename>
                <Field label=words.environment_name class="environment-name" text=new_name />
                <Button
                    class="plain remove-environment"
                    label=words.delete_environment
                    on_click=move || variables.delete(name.get_value())
                />
            </form>
            <div class="variables">
                {indexed(count, move |index| view! { <VariableRow variables new_row index /> }.into_any())}
            </div>
            <Button class="plain add-variable" label=words.add on_click=add />
        </div>
    }
}

/// Row of one variable: name, value, a delete button, and the error of the row below, which both
/// inputs name as their description. Each keystroke changes the row, and stores the environment if it is valid.
/// Reads its texts by index, since a row keeps its place while others change.
#[component]
fn VariableRow(variables: VariablesState, new_row: NewRow, index: usize) -> impl IntoView {
    let words = &words().variables;
    let error_id = format!("variable-{index}");
    let error = Signal::derive(move || {
        let error = variables.row_errors.with(|errors| errors.get(index).cloned());
        error.filter(|error| !error.is_empty())
    });
    let cell = move |input, class, label: String, placeholder, cell: Cell| {
        let value = move || {
            let row = variables.rows.with(|rows| rows.get(index).cloned());
            row.map(|mut row| std::mem::take(cell(&mut row))).unwrap_or_default()
        };
        let edit = move |text| {
            variables.edit_rows(|rows| {
                if let Some(row) = rows.get_mut(index) {
                    *cell(row) = text;
                }
            });
        };
        view! {
            <TextInput
                class
                label
                placeholder
                description=format!("variable-{index}")
                is_invalid=move || error.with(Option::is_some)
                input
                value=value
                on_input=edit
            />
        }
    };
    view! {
        <div class="variable">
            {cell(new_row.first_input(), "name", (words.name_of)(index + 1), words.name, |row| &mut row.0)}
            {cell(NodeRef::new(), "value", (words.value_of)(index + 1), words.value, |row| &mut row.1)}
            <CrossButton label=(words.delete)(index + 1) on_click=move || variables.delete_row(index) />
            <ErrorLine id=error_id message=error />
        </div>
    }
}
