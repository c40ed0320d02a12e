//! Rows of names and values, or of names alone, that are added, edited and removed.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use leptos::{html, prelude::*};

use super::{button::SignButton, keyed::indexed, text_input::TextInput};
use crate::{browser::dom::focus::focus_node, language::shared};

/// Rows created so far: the ids of their errors must differ.
static ROWS: AtomicU32 = AtomicU32::new(0);

/// Name and value.
pub(crate) type Pair = (String, String);

/// Texts of rows.
pub(crate) struct PairWords {
    pub(crate) title: &'static str,
    pub(crate) add: &'static str,
    /// One of them, as in the name of its row.
    pub(crate) item: &'static str,
}

/// Names and values that the rows edit. Copies share state.
#[derive(Clone, Copy)]
pub(crate) struct Pairs {
    pub(crate) words: &'static PairWords,
    pub(crate) rows: Memo<Vec<Pair>>,
    /// False for names alone.
    pub(crate) has_values: bool,
    /// True if no row can be added.
    pub(crate) is_full: Signal<bool>,
    pub(crate) on_edit: Callback<Edit>,
    /// Error of a row, by its index.
    pub(crate) error: Option<Callback<usize, Option<RowError>>>,
    /// True of a value that is masked while it is not edited.
    pub(crate) is_secret: Option<Callback<Pair, bool>>,
    /// Button of a row, by its index, before the one that removes it.
    pub(crate) mark: Option<Callback<usize, AnyView>>,
}

/// Error of a row.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RowError {
    /// Sentence.
    pub(crate) says: String,
    /// True if the value is wrong, false if the name is.
    pub(crate) is_of_value: bool,
}

/// Edit of the rows, by index.
pub(crate) enum Edit {
    /// Adds an empty row.
    Add,
    Name(usize, String),
    Value(usize, String),
    Remove(usize),
}

impl Edit {
    /// Edits pairs.
    pub(crate) fn apply(self, pairs: &mut Vec<Pair>) {
        match self {
            Self::Add => pairs.push(Pair::default()),
            Self::Name(index, name) => {
                if let Some(pair) = pairs.get_mut(index) {
                    pair.0 = name;
                }
            }
            Self::Value(index, value) => {
                if let Some(pair) = pairs.get_mut(index) {
                    pair.1 = value;
                }
            }
            Self::Remove(index) if index < pairs.len() => drop(pairs.remove(index)),
            Self::Remove(_) => {}
        }
    }
}

impl Pairs {
    /// Any number of names and values, none of them wrong or secret.
    pub(crate) fn new(
        words: &'static PairWords,
        rows: Memo<Vec<Pair>>,
        on_edit: impl Fn(Edit) + Send + Sync + 'static,
    ) -> Self {
        let on_edit = Callback::new(on_edit);
        let (is_full, has_values) = (Signal::stored(false), true);
        Self { words, rows, has_values, is_full, on_edit, error: None, is_secret: None, mark: None }
    }

    /// Pair of a row; an empty one once the row is gone.
    pub(crate) fn get(self, index: usize) -> Pair {
        self.rows.with(|it| it.get(index).cloned().unwrap_or_default())
    }
}

/// Rows, and the button that adds one, whose first box then takes the focus. The button does nothing at the limit of
/// rows; it stays focusable.
#[component]
pub(crate) fn PairRows(pairs: Pairs) -> impl IntoView {
    let Pairs { words, rows, is_full, on_edit, .. } = pairs;
    // True until the new row has the focus.
    let is_adding = StoredValue::new(false);
    let add_button = NodeRef::new();
    let count = move || rows.with(Vec::len);
    let add = move |_| {
        if !is_full.get_untracked() {
            is_adding.set_value(true);
            on_edit.run(Edit::Add);
        }
    };
    view! {
        <fieldset class="parts">
            <legend class:spoken=pairs.has_values>{words.title}</legend>
            {indexed(count, move |index| {
                view! { <PairRow pairs is_adding add_button index /> }.into_any()
            })}
            <button
                type="button"
                class="add-part"
                aria-disabled=move || is_full.get().then_some("true")
                node_ref=add_button
                on:click=add
            >
                {words.add}
            </button>
        </fieldset>
    }
}

/// Row of one pair: name, value, a button that removes it, and its error. A secret value is masked.
#[component]
fn PairRow(
    pairs: Pairs,
    is_adding: StoredValue<bool>,
    add_button: NodeRef<html::Button>,
    index: usize,
) -> impl IntoView {
    let (words, item) = (shared(), pairs.words.item);
    let edit = move |edit: fn(usize, String) -> Edit| {
        Callback::new(move |text| pairs.on_edit.run(edit(index, text)))
    };
    let error = Memo::new(move |_| pairs.error?.run(index));
    let is_wrong =
        move |is_value| error.with(|it| it.as_ref().is_some_and(|it| it.is_of_value == is_value));
    let id = format!("part-{}", ROWS.fetch_add(1, Relaxed));
    let input = NodeRef::<html::Input>::new();
    input.on_load(move |_| {
        if is_adding.try_update_value(std::mem::take) == Some(true) {
            focus_node(input);
        }
    });
    let value = pairs.has_values.then(|| {
        view! {
            <TextInput
                class="value"
                label=(words.value_of)(item, index + 1)
                placeholder=words.value
                description=id.clone()
                is_invalid=move || is_wrong(true)
                is_secret=move || pairs.is_secret.is_some_and(|it| it.run(pairs.get(index)))
                value=move || pairs.get(index).1
                on_input=edit(Edit::Value)
            />
        }
    });
    view! {
        <div class="part">
            <TextInput
                class="name"
                label=(words.name_of)(item, index + 1)
                placeholder=words.name
                description=id.clone()
                is_invalid=move || is_wrong(false)
                input
                value=move || pairs.get(index).0
                on_input=edit(Edit::Name)
            />
            {value}
            {pairs.mark.map(|mark| mark.run(index))}
            <RemoveButton
                label=(words.remove_item)(item, index + 1)
                add_button
                on_remove=move || pairs.on_edit.run(Edit::Remove(index))
            />
            <p class="wrong" role="status" id=id>{move || error.get().map(|it| it.says)}</p>
        </div>
    }
}

/// Button that removes a row, and moves the focus to the one that adds one.
#[component]
pub(crate) fn RemoveButton(
    label: String,
    add_button: NodeRef<html::Button>,
    #[prop(into)] on_remove: Callback<()>,
) -> impl IntoView {
    let on_click = move || {
        on_remove.run(());
        focus_node(add_button);
    };
    view! { <SignButton class="remove-part" label on_click /> }
}
