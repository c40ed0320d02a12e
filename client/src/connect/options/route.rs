//! Route of a connection: by the browser, or through the page's server, with the options that only
//! the server has.

use leptos::prelude::*;
use session::{is_plain_header, is_secret_name};
use workbench::relay::{HEADERS, HeaderError, HostField, RelayOptions, is_by_variables};

use super::{
    credentials::{Cookies, SignIn, credentials_of},
    pairs::{Edit, PairRows, Pairs},
};
use crate::{
    connect::{
        form::ConnectForm,
        words::{ORIGIN, words},
    },
    ui::{button::Button, show::Show, text_input::TextInput},
};

/// Projection to the text that a field edits.
type TextOf = fn(&mut RelayOptions) -> &mut String;

/// Projection to the switch that a checkbox sets.
type SwitchOf = fn(&mut RelayOptions) -> &mut bool;

/// Fieldset with the choice, and the options of a connection through the page's server, which exist
/// only while it is chosen.
#[component]
pub(super) fn Route(form: ConnectForm) -> impl IntoView {
    let words = &words().route;
    let is_relayed = move || form.routing.relay.with(Option::is_some);
    form.ask_for_relay();
    let choose = move |event| {
        form.routing.choose(event_target_value(&event) == "server");
        form.sign_in();
    };
    let explained = move || {
        let refusal = form.relay_refusal();
        refusal
            .map_or_else(|| words.explained.to_owned(), |it| (super::words().connection.cause)(&it))
    };
    view! {
        <fieldset class="route">
            <legend class="spoken">{words.title}</legend>
            <label class="choice">
                {words.title}
                <select
                    prop:value=move || if is_relayed() { "server" } else { "browser" }
                    on:change=choose
                >
                    <option value="browser">{words.browser}</option>
                    <option value="server" disabled=move || form.relay_refusal().is_some()>{words.server}</option>
                </select>
                <span class="hint">{move || explained()}</span>
            </label>
            <Show when=is_relayed>
                <Sections form />
            </Show>
        </fieldset>
    }
}

/// Groups of options: a button each, with the number of options that are set in it, and below them the fields of the
/// group that is unfolded.
#[component]
fn Sections(form: ConnectForm) -> impl IntoView {
    let words = &words().route;
    let section =
        move |class: &'static str, title: &'static str, count: fn(&RelayOptions) -> usize| {
            view! { <Section form class title count /> }.into_any()
        };
    let fields = move || match form.section.get() {
        "headers" => view! { <Headers form /> <p class="hint">{words.secrets}</p> }.into_any(),
        "credentials" => view! { <SignIn form /> <Cookies form /> }.into_any(),
        "tls" => view! { <TlsFields form /> }.into_any(),
        "network" => view! { <NetworkFields form /> }.into_any(),
        "compression" => view! { <CompressionFields form /> }.into_any(),
        _ => ().into_any(),
    };
    view! {
        <div class="sections">
            {section("headers", words.headers.title, |it| it.headers.len())}
            {section("credentials", words.credentials, credentials_of)}
            {section("tls", "TLS", |it| {
                set_of([&it.certificate, &it.authorities], [it.accepts_any_certificate])
            })}
            {section("network", words.network, |it| {
                set_of([&it.proxy, &it.address], [it.follows_redirects, it.time_limit > 0])
            })}
            {section("compression", words.compression, |it| {
                set_of([&it.offers], [it.is_uncompressed])
            })}
        </div>
        <div class=move || format!("section-fields {}", form.section.get()) id=form.id("section")>
            {move || fields()}
        </div>
    }
}

/// Client certificate, certificates to trust, and the switch that accepts any for one connection.
#[component]
fn TlsFields(form: ConnectForm) -> impl IntoView {
    let label = words().route.any_certificate;
    view! {
        <fieldset class="preset">
            <ClientCertificate form names=form.reported.certificates />
            <Authorities form />
            <Switch form label of=|it| &mut it.accepts_any_certificate />
        </fieldset>
    }
}

/// Proxy, address in place of the name's, time limit and redirects.
#[component]
fn NetworkFields(form: ConnectForm) -> impl IntoView {
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
fn CompressionFields(form: ConnectForm) -> impl IntoView {
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
    let is_invalid = move || match form.shown_route_error() {
        Some((_, HeaderError::Host(of, _) | HeaderError::SecretHost(of))) => host == Some(of),
        _ => false,
    };
    view! {
        <label>
            {label}
            <TextInput
                placeholder=hint
                description=form.id("note")
                is_invalid=Signal::derive(is_invalid)
                is_secret=move || value.with(|value| value.contains('@'))
                value
                on_input=set
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
    view! {
        <label class="switch">
            <input
                type="checkbox"
                prop:checked=move || value.get()
                on:change=move |event| set(event_target_checked(&event))
            />
            {label}
        </label>
    }
}

/// Client certificate by its name: one of the server's, once it told them.
#[component]
fn ClientCertificate(form: ConnectForm, names: Signal<Vec<String>>) -> impl IntoView {
    let words = &words().route;
    let (value, set) = option(form, |it| &mut it.certificate);
    let option = move |name: String, label: String| {
        let of = name.clone();
        view! { <option value=name prop:selected=move || value.with(|it| *it == of)>{label}</option> }
    };
    let field = move || {
        let names = names.get();
        if names.is_empty() {
            let (label, hint) = (words.certificate, words.certificate_hint);
            return view! { <TextField form label hint of=|it| &mut it.certificate /> }.into_any();
        }
        // One that the server does not have stays chosen until another is.
        let other = untrack(|| value.get());
        let other = Some(other).filter(|it| !it.is_empty() && !names.contains(it));
        let names = names.into_iter().chain(other).map(|name| option(name.clone(), name));
        view! {
            <label>
                {words.certificate}
                <select
                    class="client-certificate"
                    on:change=move |event| set(event_target_value(&event))
                >
                    {option(String::new(), words.no_certificate.to_owned())}
                    {names.collect_view()}
                </select>
            </label>
        }
        .into_any()
    };
    view! { {move || field()} }
}

/// Time limit that the relay takes, in seconds, at most.
const MAX_SECONDS: u32 = 60;

/// Seconds for everything up to the opening handshake.
#[component]
fn TimeLimit(form: ConnectForm) -> impl IntoView {
    let (value, set) = option(form, |it| &mut it.time_limit);
    let typed = move || Some(value.get()).filter(|it| *it > 0).map(|it| it.to_string());
    view! {
        <label>
            {words().route.time_limit}
            <input
                type="number"
                class="time-limit"
                min="1"
                max=MAX_SECONDS.to_string()
                placeholder="10"
                prop:value=move || typed().unwrap_or_default()
                on:input=move |event| {
                    set(event_target_value(&event).parse::<u32>().unwrap_or_default().min(MAX_SECONDS));
                }
            />
        </label>
    }
}

/// Headers of the request, a row each.
#[component]
fn Headers(form: ConnectForm) -> impl IntoView {
    let (pairs, set) = option(form, |it| &mut it.headers);
    let of = Pairs {
        form,
        id: "header",
        words: &words().route.headers,
        rows: pairs,
        on_edit: Callback::new(move |edit: Edit| {
            let mut headers = pairs.get_untracked();
            edit.apply(&mut headers, HEADERS);
            set(headers);
        }),
        // Variables say which secret it is.
        is_secret: |form, (name, value)| {
            let options = form.routing.relay;
            options.with(|it| it.as_ref().is_some_and(|it| it.is_secret(name)))
                && !is_by_variables(value)
        },
        markable: |(name, _)| {
            let name = name.trim();
            let is_known = name.is_empty() || is_secret_name(name) || is_plain_header(name);
            (!is_known).then_some(name)
        },
        error: |form, index| {
            let error = form.shown_route_error().filter(|(at, _)| *at == Some(index));
            error.map(|(_, error)| (words().route.header_error)(&error))
        },
    };
    let add_origin = move || {
        let mut headers = pairs.get_untracked();
        if headers.len() < HEADERS {
            headers.push((ORIGIN.to_owned(), form.page_origin().unwrap_or_default()));
        }
        set(headers);
    };
    let has_origin =
        move || pairs.with(|pairs| pairs.iter().any(|it| it.0.trim().eq_ignore_ascii_case(ORIGIN)));
    view! {
        <PairRows of />
        <Show when=move || !has_origin()>
            <Button class="add-part add-origin" label=words().route.add_origin on_click=add_origin />
        </Show>
    }
}

/// Button of a group of options, which says how many of them are set; one is unfolded at a time.
#[component]
fn Section(
    form: ConnectForm,
    class: &'static str,
    title: &'static str,
    count: fn(&RelayOptions) -> usize,
) -> impl IntoView {
    let count = move || form.routing.relay.with(|it| it.as_ref().map_or(0, count));
    let mark = move || Some(count()).filter(|count| *count > 0).map(|it| format!(" ({it})"));
    view! {
        <button
            type="button"
            class=format!("section {class}")
            aria-controls=form.id("section")
            aria-expanded=move || (form.section.get() == class).to_string()
            on:click=move |_| form.section.update(|it| *it = if *it == class { "" } else { class })
        >
            {title} <span class="set">{move || mark()}</span>
        </button>
    }
}

/// Number of these texts that are not empty, and of these switches that are on.
fn set_of<const T: usize, const S: usize>(texts: [&String; T], switches: [bool; S]) -> usize {
    let texts = texts.iter().filter(|text| !text.is_empty()).count();
    texts + switches.iter().filter(|is_on| **is_on).count()
}
