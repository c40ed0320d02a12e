//! Form of an environment: its name and its variables.

use leptos::prelude::*;

use super::state::VariablesState;
use crate::{
    composer::{panels::fields::Field, words::words},
    ui::{
        button::Button,
        row_editor::{Edit, PairRows, Pairs},
        text_input::on_submit,
    },
};

/// Form of the environment `name`: rename (at the field's change event), delete, and its variables row by row. Each
/// keystroke changes a value; a name is in use at its field's change event, or once the form is gone.
///
/// Expects to be created anew for another name.
#[component]
pub(super) fn EnvironmentForm(variables: VariablesState, name: String) -> impl IntoView {
    let words = &words().variables;
    let new_name = RwSignal::new(name.clone());
    let library = variables.library();
    let use_rows = {
        let name = name.clone();
        move || library.use_rows(&name)
    };
    on_cleanup(use_rows.clone());
    let name = StoredValue::new(name);
    let rename = move |_| variables.rename(&name.get_value(), new_name.get_untracked().trim());
    let on_edit = move |edit: Edit| match edit {
        Edit::Remove(index) => variables.delete_row(index),
        edit => variables.edit_rows(edit),
    };
    let pairs = Pairs {
        error: Some(Callback::new(move |index| variables.row_error(index))),
        ..Pairs::new(&words.rows, variables.rows, on_edit)
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
            <div on:change=move |_| use_rows()>
                <PairRows pairs />
            </div>
        </div>
    }
}
