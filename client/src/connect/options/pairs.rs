//! Rows of names and values: parameters of the query, headers, and cookies.

use leptos::prelude::*;

use super::part_rows::{AddButton, PartRows, RemoveButton};
use crate::{
    connect::{
        form::ConnectForm,
        words::{PairWords, words},
    },
    ui::{button::Toggle, keyed::indexed, show::Show, text_input::TextInput},
};

/// Name and value.
pub(super) type Pair = (String, String);

/// Names and values that the rows edit. Copies share state.
#[derive(Clone, Copy)]
pub(super) struct Pairs {
    pub(super) form: ConnectForm,
    /// Part of the rows' element ids.
    pub(super) id: &'static str,
    pub(super) words: &'static PairWords,
    pub(super) rows: Memo<Vec<Pair>>,
    /// True if no row can be added.
    pub(super) is_full: Signal<bool>,
    pub(super) on_edit: Callback<Edit>,
    /// True of a value that is masked while it is not edited.
    pub(super) is_secret: fn(ConnectForm, &Pair) -> bool,
    /// Name whose value is a secret or not by the word of the person; `None` if there is no question.
    pub(super) markable: fn(&Pair) -> Option<&str>,
    pub(super) error: fn(ConnectForm, usize) -> Option<String>,
}

/// Edit of the rows, by index.
pub(super) enum Edit {
    /// Adds an empty row.
    Add,
    Name(usize, String),
    Value(usize, String),
    Remove(usize),
}

impl Edit {
    /// Edits pairs.
    pub(super) fn apply(self, pairs: &mut Vec<Pair>) {
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
            Self::Remove(index) => drop(pairs.remove(index)),
        }
    }
}

impl Pairs {
    /// Pair of a row; an empty one once the row is gone.
    fn get(self, index: usize) -> Pair {
        self.rows.with(|it| it.get(index).cloned().unwrap_or_default())
    }
}

/// Rows, and the button that adds one.
#[component]
pub(super) fn PairRows(pairs: Pairs) -> impl IntoView {
    let rows = PartRows::new();
    let count = move || pairs.rows.with(Vec::len);
    let add = move || pairs.on_edit.run(Edit::Add);
    view! {
        <fieldset class="parts">
            <legend class="spoken">{pairs.words.title}</legend>
            {indexed(count, move |index| view! { <PairRow pairs rows index /> }.into_any())}
            <AddButton rows label=pairs.words.add is_full=pairs.is_full on_add=add />
        </fieldset>
    }
}

/// Button that says if the value of a row is a secret.
#[component]
fn Mark(pairs: Pairs, index: usize) -> impl IntoView {
    let words = &words().route;
    let name = move || (pairs.markable)(&pairs.get(index)).unwrap_or_default().to_owned();
    let relay = pairs.form.routing.relay;
    let is_secret =
        move || relay.with(|it| it.as_ref().is_some_and(|options| options.is_secret(&name())));
    let on_click = move || {
        let (name, is_secret) = untrack(|| (name(), is_secret()));
        pairs.form.set_option(|options| options.mark(&name, !is_secret));
    };
    view! {
        <Toggle
            label=words.secret
            title=words.secret_title
            is_on=is_secret
            on_click
        />
    }
}

/// Row of one pair: name, value, a button that removes it, and its error. A value with a secret is
/// masked, unless it names a variable.
#[component]
fn PairRow(pairs: Pairs, rows: PartRows, index: usize) -> impl IntoView {
    let parts = &words().options;
    let pair = move || pairs.get(index);
    let remove = move || pairs.on_edit.run(Edit::Remove(index));
    let edit = move |edit: fn(usize, String) -> Edit| {
        Callback::new(move |text| pairs.on_edit.run(edit(index, text)))
    };
    let error = Memo::new(move |_| (pairs.error)(pairs.form, index));
    let id = pairs.form.id(&format!("{}-{index}", pairs.id));
    view! {
        <div class="part">
            <TextInput
                class="name"
                label=(parts.name_of)(pairs.words.item, index + 1)
                placeholder=parts.name
                description=id.clone()
                is_invalid=move || error.with(Option::is_some)
                input=rows.new_row.first_input()
                value=move || pair().0
                on_input=edit(Edit::Name)
            />
            <TextInput
                class="value"
                label=(parts.value_of)(pairs.words.item, index + 1)
                placeholder=parts.value
                is_secret=move || (pairs.is_secret)(pairs.form, &pair())
                value=move || pair().1
                on_input=edit(Edit::Value)
            />
            <Show when=move || (pairs.markable)(&pair()).is_some()>
                <Mark pairs index />
            </Show>
            <RemoveButton rows label=(parts.remove_item)(pairs.words.item, index + 1) on_remove=remove />
            <p class="wrong" role="status" id=id>{move || error.get()}</p>
        </div>
    }
}
