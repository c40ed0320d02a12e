//! Saved connections: the target in the form by a name, and back.

use leptos::{ev, prelude::*};
use workbench::connect::{SavedConnection, Target};

use super::part_rows::{PartRows, RemoveButton};
use crate::{
    composer::library::Library,
    connect::{form::ConnectForm, words::words},
    ui::{button::Button, keyed::indexed, text_input::TextInput},
};

/// Last change of the saved connections or of the target in the form, with what it replaced.
#[derive(Clone)]
enum Undo {
    Removed(SavedConnection),
    Overwritten(SavedConnection),
    /// Saved connection that was filled in, by its name, and the target before.
    Loaded(String, Target),
}

/// Fieldset with a form that saves the target, and the saved ones. A name that is taken is
/// overwritten, which the button says. The last change can be undone.
#[component]
pub(super) fn Saved(form: ConnectForm, library: Library) -> impl IntoView {
    let words = &words().options;
    let (name, error) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let rows = PartRows::new();
    let undo = RwSignal::new(None::<Undo>);
    let workspace = library.workspace;
    let is_taken = move || {
        let is_named =
            |name: &String| workspace.with(|it| it.connections.target(name.trim()).is_some());
        name.with(is_named)
    };
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked().trim().to_owned();
        let (before, saved) = library
            .change(|it| {
                let before = it.connections.target(&name).cloned();
                (before, it.connections.save(&name, form.target()))
            })
            .unzip();
        let is_saved = matches!(saved, Some(Ok(())));
        let wrong = saved.and_then(Result::err);
        error.set(wrong.map(|it| (words.connection_error)(&it)).unwrap_or_default());
        let before = before.flatten().filter(|_| is_saved);
        undo.set(before.map(|target| Undo::Overwritten(SavedConnection { name, target })));
    };
    let row = move |index: usize| {
        let saved = workspace.with(|it| it.connections.list().get(index).cloned());
        saved.map(|saved| view! { <SavedRow form library rows name undo saved /> }.into_any())
    };
    let count = move || workspace.with(|it| it.connections.list().len());
    view! {
        <fieldset class="parts">
            <legend class="spoken">{words.saved}</legend>
            <form class="part" on:submit=save>
                <TextInput
                    label=words.name_of_connection
                    placeholder=words.name_of_connection
                    value=name
                    on_input=move |text| name.set(text)
                />
                <button type="submit" class="add-part" node_ref=rows.add_button>
                    {move || if is_taken() { words.overwrite } else { words.save }}
                </button>
            </form>
            <p class="wrong" role="status">{move || error.get()}</p>
            <p class="notice" role="status">{move || undo.get().map(|it| view! { <UndoLine form library undo it /> })}</p>
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
    rows: PartRows,
    name: RwSignal<String>,
    undo: RwSignal<Option<Undo>>,
    saved: SavedConnection,
) -> impl IntoView {
    let words = &words().options;
    let SavedConnection { name: own, target } = saved.clone();
    let (label, url) = ((words.remove_connection)(&own), target.url.clone());
    let load = {
        let own = own.clone();
        move |_| {
            name.set(own.clone());
            let before = form.target();
            form.load_saved(target.clone());
            // The second of a double click changes nothing: undo stays that of the first.
            let is_own = |it: &Option<Undo>| matches!(it, Some(Undo::Loaded(of, _)) if *of == own);
            if form.target() != before || !undo.with_untracked(is_own) {
                undo.set(Some(Undo::Loaded(own.clone(), before)));
            }
        }
    };
    let remove = move || {
        library.change(|it| it.connections.remove(&saved.name));
        undo.set(Some(Undo::Removed(saved.clone())));
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

/// Sentence about the last change, with a button that undoes it.
#[component]
fn UndoLine(
    form: ConnectForm,
    library: Library,
    undo: RwSignal<Option<Undo>>,
    it: Undo,
) -> impl IntoView {
    let words = &words().options;
    let says = match &it {
        Undo::Removed(it) => (words.connection_removed)(&it.name),
        Undo::Overwritten(it) => (words.connection_overwritten)(&it.name),
        Undo::Loaded(name, _) => (words.connection_loaded)(name),
    };
    let restore = move || {
        let is_restored = match &it {
            Undo::Removed(it) | Undo::Overwritten(it) => {
                let saved =
                    library.change(|list| list.connections.save(&it.name, it.target.clone()));
                matches!(saved, Some(Ok(())))
            }
            Undo::Loaded(_, target) => {
                form.set_target(target.clone());
                true
            }
        };
        if is_restored {
            undo.set(None);
        }
    };
    view! {
        <span class="undo-line">
            <span>{says}</span>
            <Button class="plain undo" label=words.undo on_click=restore />
        </span>
    }
}
