//! Saved connections: the target in the form by a name, and back.

use leptos::{html, prelude::*};
use workbench::connect::SavedConnection;

use crate::{
    connect::{
        form::{ConnectForm, SavedUndo},
        words::words,
    },
    library::Library,
    ui::{
        button::UndoLine,
        keyed::indexed,
        row_editor::RemoveButton,
        text_input::{TextInput, on_submit},
    },
};

/// Fieldset with a form that saves the target, and the saved ones. A name that is taken gets the new target. The last
/// change can be undone.
#[component]
pub(super) fn Saved(form: ConnectForm, library: Library) -> impl IntoView {
    let words = &words().options;
    let (name, error) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let add_button = NodeRef::new();
    let undo = form.saved_undo;
    let workspace = library.workspace;
    // A library changes for other reasons, too: these rows are not built anew then.
    let list = Memo::new(move |_| workspace.with(|it| it.connections.list().to_vec()));
    let save = move || {
        let name = name.get_untracked().trim().to_owned();
        let (before, saved) = library
            .change(|it| {
                let before = it.connections.target(&name).cloned();
                let saved = it.connections.save(&name, form.target.get_untracked());
                (
                    before.map(|before| (it.connections.target(&name) == Some(&before), before)),
                    saved,
                )
            })
            .unzip();
        let is_saved = matches!(saved, Some(Ok(())));
        let wrong = saved.and_then(Result::err);
        error.set(wrong.map(|it| (words.connection_error)(&it)).unwrap_or_default());
        if is_saved {
            let (is_same, before) = before.flatten().unzip();
            // The second of a double click changes nothing: undo stays that of the first.
            let is_own = |it: &SavedUndo| matches!(it, SavedUndo::Saved(of, _) if *of == name);
            if is_same != Some(true) || !undo.get_untracked().is_some_and(|it| is_own(&it)) {
                undo.set(Some(SavedUndo::Saved(name, before)));
            }
        }
    };
    let row = move |index: usize| {
        let saved = list.with(|list| list.get(index).cloned());
        saved.map(|saved| view! { <SavedRow form library add_button name saved /> }.into_any())
    };
    let count = move || list.with(Vec::len);
    let undone = move || undo.get().map(|it| view! { <Undo form library it /> });
    view! {
        <fieldset class="parts">
            <legend class="spoken">{words.saved}</legend>
            <form class="part" on:submit=on_submit(save)>
                <TextInput
                    label=words.name_of_connection
                    placeholder=words.name_of_connection
                    value=name
                    on_input=move |text| name.set(text)
                />
                <button type="submit" class="add-part" node_ref=add_button>{words.save}</button>
            </form>
            <p class="wrong" role="status">{move || error.get()}</p>
            <p class="notice" role="status">{move || undone()}</p>
            {indexed(count, move |index| view! { {move || row(index)} }.into_any())}
            <p class="hint">{self::words().route.secrets}</p>
        </fieldset>
    }
}

/// Button that fills in a saved connection, and one that removes it. Filling in connects to nothing.
#[component]
fn SavedRow(
    form: ConnectForm,
    library: Library,
    add_button: NodeRef<html::Button>,
    name: RwSignal<String>,
    saved: SavedConnection,
) -> impl IntoView {
    let words = &words().options;
    let SavedConnection { name: own, target } = saved.clone();
    let label = (words.remove_connection)(&own);
    let saved = StoredValue::new(saved);
    let load = move |_| {
        let saved = saved.get_value();
        name.set(saved.name.clone());
        form.load_saved(saved, || form.show_missing());
    };
    let remove = move || {
        let removed =
            library.change(|it| it.connections.remove(&saved.with_value(|it| it.name.clone())));
        form.saved_undo.set(removed.flatten().map(|(at, it)| SavedUndo::Removed(at, it)));
    };
    view! {
        <div class="part">
            <button type="button" class="load" on:click=load>
                <span>{own}</span>
                <code>{target.url}</code>
            </button>
            <RemoveButton label add_button on_remove=remove />
        </div>
    }
}

/// Undo of the last change.
#[component]
fn Undo(form: ConnectForm, library: Library, it: SavedUndo) -> impl IntoView {
    let words = &words().options;
    let says = match &it {
        SavedUndo::Removed(_, it) => (words.connection_removed)(&it.name),
        SavedUndo::Saved(name, None) => (words.connection_saved)(name),
        SavedUndo::Saved(name, Some(_)) => (words.connection_replaced)(name),
        SavedUndo::Loaded(name, _) => (words.connection_loaded)(name),
    };
    let restore = move || {
        let restored = match it.clone() {
            SavedUndo::Removed(at, it) => library.change(|list| list.connections.restore(at, it)),
            SavedUndo::Saved(name, Some(target)) => {
                library.change(|list| list.connections.save(&name, target))
            }
            SavedUndo::Saved(name, None) => {
                library.change(|list| list.connections.remove(&name));
                Some(Ok(()))
            }
            SavedUndo::Loaded(_, target) => {
                form.set_target(target);
                Some(Ok(()))
            }
        };
        if matches!(restored, Some(Ok(()))) {
            form.saved_undo.set(None);
        }
    };
    view! { <UndoLine says on_undo=restore on_discard=move || form.saved_undo.set(None) /> }
}
