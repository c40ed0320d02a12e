//! Saved connections: the target in the form by a name, and back.

use leptos::{ev, prelude::*};
use workbench::connect::{ConnectionError, SavedConnection};

use super::part_rows::{PartRows, RemoveButton};
use crate::{
    composer::library::Library,
    connect::{form::ConnectForm, words::words},
    ui::keyed::indexed,
};

/// Fieldset with a form that saves the target, and the saved ones. A name that is taken is
/// overwritten, which the button says.
#[component]
pub(super) fn Saved(form: ConnectForm, library: Library) -> impl IntoView {
    let words = &words().options;
    let (name, error) = (RwSignal::new(String::new()), RwSignal::new(None::<ConnectionError>));
    let rows = PartRows::new();
    let removed = RwSignal::new(None::<SavedConnection>);
    let workspace = library.workspace();
    let is_taken = move || {
        let is_named =
            |name: &String| workspace.with(|it| it.connections.target(name.trim()).is_some());
        name.with(is_named)
    };
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let (name, target) = (name.get_untracked(), form.target());
        let saved = library.change(|it| it.connections.save(name.trim(), target));
        error.set(saved.and_then(Result::err));
        removed.set(None);
    };
    let row = move |index: usize| {
        let saved = workspace.with(|it| it.connections.list().get(index).cloned());
        saved.map(|saved| view! { <SavedRow form library rows name removed saved /> }.into_any())
    };
    let count = Memo::new(move |_| workspace.with(|it| it.connections.list().len()));
    view! {
        <fieldset class="parts">
            <legend class="spoken">{words.saved}</legend>
            <form class="part" on:submit=save>
                <input
                    aria-label=words.name_of_connection
                    placeholder=words.name_of_connection
                    autocomplete="off"
                    prop:value=name
                    on:input=move |event| name.set(event_target_value(&event))
                />
                <button type="submit" class="add-part" node_ref=rows.add_button>
                    {move || if is_taken() { words.overwrite } else { words.save }}
                </button>
            </form>
            <p class="wrong" role="status">
                {move || error.get().map(|error| (words.connection_error)(&error))}
            </p>
            <p class="notice" role="status">{move || removed.get().map(|it| view! { <Removed library removed it /> })}</p>
            {indexed(count, move |index| (move || row(index)).into_any())}
            <p class="hint">{self::words().route.secrets}</p>
        </fieldset>
    }
}

/// Button that fills in a saved connection, and one that removes it. Filling in connects to
/// nothing.
#[component]
fn SavedRow(
    form: ConnectForm,
    library: Library,
    rows: PartRows,
    name: RwSignal<String>,
    removed: RwSignal<Option<SavedConnection>>,
    saved: SavedConnection,
) -> impl IntoView {
    let words = &words().options;
    let SavedConnection { name: own, target } = saved.clone();
    let (label, url) = ((words.remove_connection)(&own), target.url.clone());
    let load = {
        let own = own.clone();
        move |_| {
            name.set(own.clone());
            form.load(target.clone());
        }
    };
    let remove = move || {
        library.change(|it| it.connections.remove(&saved.name));
        removed.set(Some(saved.clone()));
    };
    view! {
        <div class="part">
            <button type="button" class="load" on:click=load>
                <span>{own}</span>
                <code>{url}</code>
            </button>
            <RemoveButton rows label on_remove=remove />
        </div>
    }
}

/// Name of the connection removed last, with a button that saves it again.
#[component]
fn Removed(
    library: Library,
    removed: RwSignal<Option<SavedConnection>>,
    it: SavedConnection,
) -> impl IntoView {
    let words = &words().options;
    let says = (words.connection_removed)(&it.name);
    let restore = move |_| {
        let saved = library.change(|list| list.connections.save(&it.name, it.target.clone()));
        if matches!(saved, Some(Ok(()))) {
            removed.set(None);
        }
    };
    view! {
        <span class="undo-line">
            <span>{says}</span>
            <button type="button" class="plain undo" on:click=restore>{words.undo}</button>
        </span>
    }
}
