//! Route of a connection: by the browser, or through the page's server, with what only that can do.

use leptos::prelude::*;
use session::is_secret_name;
use workbench::relay::{HEADERS, RelayOptions};

use super::part_rows::{AddButton, PartRows, RemoveButton};
use crate::{
    connect::{form::ConnectForm, words::words},
    ui::{keyed::indexed, show::Show},
};

/// Text of the options that a field edits.
type TextOf = fn(&mut RelayOptions) -> &mut String;

/// Switch of the options that a checkbox sets.
type SwitchOf = fn(&mut RelayOptions) -> &mut bool;

/// Fieldset with the choice, and the options of a connection through the page's server.
#[component]
pub(super) fn Route(form: ConnectForm) -> impl IntoView {
    let words = &words().route;
    let is_relayed = Memo::new(move |_| form.routing.relay.with(Option::is_some));
    view! {
        <fieldset class="route">
            <legend class="spoken">{words.title}</legend>
            <label class="choice">
                {words.title}
                <select
                    prop:value=move || if is_relayed.get() { "server" } else { "browser" }
                    on:change=move |event| form.routing.choose(event_target_value(&event) == "server")
                >
                    <option value="browser">{words.browser}</option>
                    <option value="server">{words.server}</option>
                </select>
                <span class="hint">{words.explained}</span>
            </label>
            <Show when=move || is_relayed.get()>
                <Headers form />
                <fieldset class="preset">
                    <TextField form label=words.proxy hint="http://host:3128" of=|it| &mut it.proxy />
                    <TextField form label=words.address hint="127.0.0.1" of=|it| &mut it.address />
                    <TextField
                        form
                        label=words.certificate
                        hint=words.certificate_hint
                        of=|it| &mut it.certificate
                    />
                    <Authorities form />
                    <Switch form label=words.follows of=|it| &mut it.follows_redirects />
                    <Switch form label=words.uncompressed of=|it| &mut it.is_uncompressed />
                    <Switch form label=words.any_certificate of=|it| &mut it.accepts_any_certificate />
                </fieldset>
            </Show>
        </fieldset>
    }
}

/// Value of an option, and a function that sets it.
fn option<T: Clone + Default + PartialEq + Send + Sync + 'static>(
    form: ConnectForm,
    of: fn(&mut RelayOptions) -> &mut T,
) -> (Memo<T>, impl Fn(T) + Copy) {
    let value = Memo::new(move |_| {
        let mut options = form.routing.relay.get().unwrap_or_default();
        of(&mut options).clone()
    });
    let set = move |to| form.set_option(|options| *of(options) = to);
    (value, set)
}

#[component]
fn TextField(
    form: ConnectForm,
    label: &'static str,
    hint: &'static str,
    of: TextOf,
) -> impl IntoView {
    let (value, set) = option(form, of);
    view! {
        <label>
            {label}
            <input
                placeholder=hint
                autocomplete="off"
                spellcheck="false"
                prop:value=value
                on:input=move |event| set(event_target_value(&event))
            />
        </label>
    }
}

/// Certificates to trust, in PEM format.
#[component]
fn Authorities(form: ConnectForm) -> impl IntoView {
    let (value, set) = option(form, |it| &mut it.authorities);
    view! {
        <label>
            {words().route.authorities}
            <textarea
                rows="2"
                placeholder="-----BEGIN CERTIFICATE-----"
                spellcheck="false"
                prop:value=value
                on:input=move |event| set(event_target_value(&event))
            ></textarea>
        </label>
    }
}

#[component]
fn Switch(form: ConnectForm, label: &'static str, of: SwitchOf) -> impl IntoView {
    let (value, set) = option(form, of);
    view! {
        <label class="switch">
            <input
                type="checkbox"
                prop:checked=value
                on:change=move |event| set(event_target_checked(&event))
            />
            {label}
        </label>
    }
}

/// Headers of the request, one row each.
#[component]
fn Headers(form: ConnectForm) -> impl IntoView {
    let words = &words().route;
    let rows = PartRows::new();
    let (headers, set) = option(form, |it| &mut it.headers);
    let count = Memo::new(move |_| headers.with(Vec::len));
    let add = move || {
        let mut headers = headers.get_untracked();
        if headers.len() < HEADERS {
            headers.push(Default::default());
        }
        set(headers);
    };
    view! {
        <fieldset class="parts">
            <legend>{words.headers}</legend>
            {indexed(count, move |index| view! { <HeaderRow form rows index /> }.into_any())}
            <AddButton rows label=words.add_header on_add=add />
            <p class="hint">{words.secrets}</p>
        </fieldset>
    }
}

#[component]
fn HeaderRow(form: ConnectForm, rows: PartRows, index: usize) -> impl IntoView {
    let words = &words().route;
    let parts = &super::words().options;
    let (headers, set) = option(form, |it| &mut it.headers);
    let header = move || headers.with(|it| it.get(index).cloned().unwrap_or_default());
    let change = move |change: &dyn Fn(&mut (String, String))| {
        let mut headers = headers.get_untracked();
        headers.get_mut(index).into_iter().for_each(change);
        set(headers);
    };
    let remove = move || {
        let mut headers = headers.get_untracked();
        headers.remove(index);
        set(headers);
    };
    let error = move || {
        let error = form.header_error().filter(|(at, _)| *at == index && form.shows_errors.get());
        error.map(|(_, error)| (words.header_error)(&error))
    };
    // Variables say which secret it is.
    let is_secret = move || {
        let (name, value) = header();
        is_secret_name(&name) && !value.contains("{{")
    };
    let id = form.id(&format!("header-{index}"));
    view! {
        <div class="part">
            <input
                class="name"
                aria-label=(words.name_of_header)(index + 1)
                placeholder=parts.name
                autocomplete="off"
                spellcheck="false"
                aria-describedby=id.clone()
                aria-invalid=move || error().map(|_| "true")
                node_ref=rows.new_row.first_input()
                prop:value=move || header().0
                on:input=move |event| change(&|header| header.0 = event_target_value(&event))
            />
            <input
                class="value"
                class:secret=is_secret
                aria-label=(words.value_of_header)(index + 1)
                placeholder=parts.value
                autocomplete="off"
                spellcheck="false"
                prop:value=move || header().1
                on:input=move |event| change(&|header| header.1 = event_target_value(&event))
            />
            <RemoveButton rows label=(words.remove_header)(index + 1) on_remove=remove />
            <p class="wrong" role="status" id=id>{move || error().unwrap_or_default()}</p>
        </div>
    }
}
