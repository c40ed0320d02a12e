//! Fields of the options that only the page's server has: TLS, network and compression.

use std::iter;

use leptos::prelude::*;
use workbench::relay::{HostField, RelayOptions};

use crate::{
    connect::{form::ConnectForm, words::words},
    language::shared,
    ui::{
        choice::{Checkbox, Choice},
        text_input::{NumberInput, TextInput},
    },
};

/// Time limit that the relay takes, in seconds, at most.
const MAX_SECONDS: u32 = 60;

/// Projection to the text that a field edits.
type TextOf = fn(&mut RelayOptions) -> &mut String;

/// Projection to the switch that a checkbox sets.
type SwitchOf = fn(&mut RelayOptions) -> &mut bool;

/// Client certificate, certificates to trust, and the switch that accepts any for one connection.
#[component]
pub(super) fn TlsFields(form: ConnectForm) -> impl IntoView {
    let label = words().route.any_certificate;
    view! {
        <fieldset class="preset">
            <ClientCertificate form />
            <Authorities form />
            <Switch form label of=|it| &mut it.accepts_any_certificate />
        </fieldset>
    }
}

/// Proxy, address in place of the name's, time limit and redirects.
#[component]
pub(super) fn NetworkFields(form: ConnectForm) -> impl IntoView {
    let words = &words().route;
    view! {
        <fieldset class="preset">
            <TextField
                form
                label=words.proxy
                hint="http://host:3128"
                host=HostField::Proxy
                of=|it| &mut it.proxy
            />
            <TextField
                form
                label=words.address
                hint="127.0.0.1"
                host=HostField::Address
                of=|it| &mut it.address
            />
            <TimeLimit form />
            <Switch form label=words.follows of=|it| &mut it.follows_redirects />
        </fieldset>
    }
}

/// Offer of permessage-deflate (RFC 7692), as typed, or none.
#[component]
pub(super) fn CompressionFields(form: ConnectForm) -> impl IntoView {
    let words = &words().route;
    let hint = "permessage-deflate; client_max_window_bits";
    view! {
        <fieldset class="preset">
            <TextField form label=words.offers hint of=|it| &mut it.offers />
            <Switch form label=words.uncompressed of=|it| &mut it.is_uncompressed />
            <p class="hint">{words.offers_hint}</p>
        </fieldset>
    }
}

/// Value of an option, and a function that sets it.
pub(super) fn option<T: Clone + Default + PartialEq + Send + Sync + 'static>(
    form: ConnectForm,
    of: fn(&mut RelayOptions) -> &mut T,
) -> (Memo<T>, impl Fn(T) + Copy) {
    let value = Memo::new(move |_| {
        let mut options = form.target.relay.get().unwrap_or_default();
        of(&mut options).clone()
    });
    let set = move |to| form.set_option(|options| *of(options) = to);
    (value, set)
}

/// Text box for one option, with an example as its placeholder. User and password in it are masked. The note on the
/// address describes an error in it.
#[component]
fn TextField(
    form: ConnectForm,
    label: &'static str,
    hint: &'static str,
    #[prop(optional)] host: Option<HostField>,
    of: TextOf,
) -> impl IntoView {
    let (value, set) = option(form, of);
    let is_invalid = move || {
        let wrong = form.shown_route_error().and_then(|(_, error)| error.host_field());
        wrong.is_some() && wrong == host
    };
    // Once the box is left, as with the address.
    let on_change = move |_| form.shows_errors.set(true);
    view! {
        <label>
            {label}
            <TextInput
                placeholder=hint
                description=form.id("note")
                is_invalid=Signal::derive(is_invalid)
                is_secret=move || value.with(|value| value.contains('@') && !value.contains("://@"))
                value
                on_input=set
                on:change=on_change
            />
        </label>
    }
}

/// Box for certificates to trust, in PEM format, in place of the system's.
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
                prop:value=move || value.get()
                on:input=move |event| set(event_target_value(&event))
            ></textarea>
        </label>
    }
}

/// Checkbox for one option.
#[component]
fn Switch(form: ConnectForm, label: &'static str, of: SwitchOf) -> impl IntoView {
    let (value, set) = option(form, of);
    view! { <Checkbox class="switch" label is_on=value set /> }
}

/// Client certificate by its name: one of the server's, once it told them.
#[component]
fn ClientCertificate(form: ConnectForm) -> impl IntoView {
    let names = Memo::new(move |_| form.reported.with(|it| it.certificates.clone()));
    let words = &words().route;
    let (value, set) = option(form, |it| &mut it.certificate);
    let field = move || {
        let mut names = names.get();
        if names.is_empty() {
            let (label, hint) = (words.certificate, words.certificate_hint);
            return view! { <TextField form label hint of=|it| &mut it.certificate /> }.into_any();
        }
        // One that the server does not have stays chosen until another is.
        let other = value.get_untracked();
        if !other.is_empty() && !names.contains(&other) {
            names.push(other);
        }
        let none = shared().none.to_owned();
        let options: Vec<_> = iter::once(none).chain(names.iter().cloned()).collect();
        names.insert(0, String::new());
        let names = StoredValue::new(names);
        let index =
            move |names: &Vec<String>| value.with(|value| names.iter().position(|it| it == value));
        view! {
            <Choice
                class="client-certificate"
                title=words.certificate
                options
                chosen=move || names.with_value(index).unwrap_or_default()
                on_choose=move |index: usize| set(names.with_value(|it| it[index].clone()))
            />
        }
        .into_any()
    };
    view! { {move || field()} }
}

/// Seconds for everything up to the opening handshake.
#[component]
fn TimeLimit(form: ConnectForm) -> impl IntoView {
    let words = &words().route;
    let (value, set) = option(form, |it| &mut it.time_limit);
    let seconds =
        move |it: Option<u64>| it.and_then(|it| u32::try_from(it).ok()).unwrap_or_default();
    view! {
        <NumberInput
            label=words.time_limit
            id="time-limit"
            class="time-limit"
            min=1
            max=MAX_SECONDS
            placeholder="10"
            value=move || Some(u64::from(value.get())).filter(|it| *it > 0)
            set=move |it| set(seconds(it))
            // Enter connects with it.
            is_live=true
            invalid=(words.invalid_time_limit)(MAX_SECONDS)
        />
    }
}
