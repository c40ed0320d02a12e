//! Rows of names and values: headers, and cookies.

use leptos::prelude::*;
use workbench::relay::HEADERS;

use super::part_rows::{AddButton, PartRows, RemoveButton};
use crate::{
    connect::{
        form::ConnectForm,
        words::{PairWords, words},
    },
    ui::{keyed::indexed, show::Show, toggle::Toggle},
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
    /// Receives all pairs after each edit.
    pub(super) set: Callback<Vec<Pair>>,
    /// True of a value that is masked while it is not edited.
    pub(super) is_secret: fn(ConnectForm, &Pair) -> bool,
    /// Name whose value is a secret or not by the word of the person; `None` if there is no question.
    pub(super) markable: fn(&Pair) -> Option<&str>,
    /// Error of a row.
    pub(super) error: fn(ConnectForm, usize) -> Option<String>,
}

impl Pairs {
    fn change(self, change: impl FnOnce(&mut Vec<Pair>)) {
        let mut pairs = self.rows.get_untracked();
        change(&mut pairs);
        self.set.run(pairs);
    }

    fn get(self, index: usize) -> Pair {
        self.rows.with(|it| it.get(index).cloned().unwrap_or_default())
    }
}

/// Rows, and the button that adds one.
#[component]
pub(super) fn PairRows(of: Pairs) -> impl IntoView {
    let rows = PartRows::new();
    let count = move || of.rows.with(Vec::len);
    let add = move || {
        of.change(|pairs| {
            if pairs.len() < HEADERS {
                pairs.push(Pair::default());
            }
        });
    };
    view! {
        <fieldset class="parts">
            <legend class="spoken">{of.words.title}</legend>
            {indexed(count, move |index| view! { <PairRow of rows index /> }.into_any())}
            <AddButton rows label=of.words.add on_add=add />
        </fieldset>
    }
}

/// Button that says if the value of a row is a secret.
#[component]
fn Mark(of: Pairs, index: usize) -> impl IntoView {
    let words = &words().route;
    let name = move || (of.markable)(&of.get(index)).unwrap_or_default().to_owned();
    let relay = of.form.routing.relay;
    let is_secret =
        move || relay.with(|it| it.as_ref().is_some_and(|options| options.is_secret(&name())));
    let on_click = move |()| {
        let (name, is_secret) = untrack(|| (name(), is_secret()));
        of.form.set_option(|options| options.mark(&name, !is_secret));
    };
    view! {
        <Toggle
            label=words.secret
            title=words.secret_title
            is_on=Signal::derive(is_secret)
            on_click=Callback::new(on_click)
        />
    }
}

/// Row of one pair: name, value, a button that removes it, and its error. A value with a secret is
/// masked, unless it names a variable.
#[component]
fn PairRow(of: Pairs, rows: PartRows, index: usize) -> impl IntoView {
    let parts = &words().options;
    let pair = move || of.get(index);
    let edit = move |edit: &dyn Fn(&mut Pair)| {
        of.change(|pairs| pairs.get_mut(index).into_iter().for_each(edit));
    };
    let remove = move || of.change(|pairs| drop(pairs.remove(index)));
    let error = move || (of.error)(of.form, index);
    let id = of.form.id(&format!("{}-{index}", of.id));
    view! {
        <div class="part">
            <input
                class="name"
                aria-label=(of.words.name_of)(index + 1)
                placeholder=parts.name
                autocomplete="off"
                spellcheck="false"
                aria-describedby=id.clone()
                aria-invalid=move || error().map(|_| "true")
                node_ref=rows.new_row.first_input()
                prop:value=move || pair().0
                on:input=move |event| edit(&|pair| pair.0 = event_target_value(&event))
            />
            <input
                class="value"
                class:secret=move || (of.is_secret)(of.form, &pair())
                aria-label=(of.words.value_of)(index + 1)
                placeholder=parts.value
                autocomplete="off"
                spellcheck="false"
                prop:value=move || pair().1
                on:input=move |event| edit(&|pair| pair.1 = event_target_value(&event))
            />
            <Show when=move || (of.markable)(&pair()).is_some()>
                <Mark of index />
            </Show>
            <RemoveButton rows label=(of.words.remove)(index + 1) on_remove=remove />
            <p class="wrong" role="status" id=id>{move || error().unwrap_or_default()}</p>
        </div>
    }
}
