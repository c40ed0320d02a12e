//! Form parts of the panels.

use leptos::prelude::*;

use crate::{composer::words::words, language::shared, ui::text_input::TextInput};

/// Id of the list of folder names that [`FolderField`] suggests.
pub(super) const FOLDER_LIST: &str = "composer-folders";

/// Labelled text field. Errors belong into an [`ErrorLine`] of the form.
#[component]
pub(super) fn Field(
    label: &'static str,
    /// Class of the input, by which tests and the style sheet find it.
    class: &'static str,
    text: RwSignal<String>,
    #[prop(optional, into)] is_invalid: Signal<bool>,
) -> impl IntoView {
    view! {
        <label>
            {label}
            <TextInput class is_invalid value=text on_input=move |typed| text.set(typed) />
        </label>
    }
}

/// Field for an existing folder, a new one, or none. Suggests the folders of [`FOLDER_LIST`].
#[component]
pub(super) fn FolderField(folder: RwSignal<String>) -> impl IntoView {
    let words = &words().saving;
    view! {
        <label>
            {words.folder}
            <TextInput
                class="saved-folder"
                placeholder=shared().none
                value=folder
                on_input=move |typed| folder.set(typed)
                attr:list=FOLDER_LIST
            />
        </label>
    }
}

/// Error message, if there is one.
#[component]
pub(super) fn ErrorLine(
    /// A live region exists while it is empty, so that a message is announced.
    #[prop(into)]
    message: Signal<Option<String>>,
) -> impl IntoView {
    view! { <p class="wrong" role="status">{move || message.get()}</p> }
}
