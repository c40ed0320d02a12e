//! Route of a connection: by the browser, or through the page's server, with the options that only
//! the server has.

mod credentials;
mod fields;
mod headers;

use leptos::prelude::*;
use workbench::relay::RelayOptions;

use self::{
    credentials::{Cookies, SignIn, credentials_of},
    fields::{CompressionFields, NetworkFields, TlsFields},
    headers::Headers,
};
use super::options_tab::RouteSection;
use crate::{
    connect::{form::ConnectForm, words::words},
    ui::{button::Disclosure, show::Show},
};

/// Fieldset with the choice, and the options of a connection through the page's server, which exist
/// only while it is chosen.
#[component]
pub(super) fn Route(form: ConnectForm) -> impl IntoView {
    let words = &words().route;
    let is_relayed = move || form.target.relay.with(Option::is_some);
    form.ask_for_relay();
    let choose = move |event| {
        form.target.choose(event_target_value(&event) == "server");
        form.tidy_address();
    };
    let explained = move || {
        let refusal = form.relay_refusal();
        refusal
            .map_or_else(|| words.explained.to_owned(), |it| (self::words().connection.cause)(&it))
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
    let buttons = RouteSection::ALL.map(|section| view! { <SectionButton form section /> });
    let fields = move || match form.section.get() {
        None => ().into_any(),
        Some(RouteSection::Headers) => {
            view! { <Headers form /> <p class="hint">{words().route.secrets}</p> }.into_any()
        }
        Some(RouteSection::Credentials) => view! { <SignIn form /> <Cookies form /> }.into_any(),
        Some(RouteSection::Tls) => view! { <TlsFields form /> }.into_any(),
        Some(RouteSection::Network) => view! { <NetworkFields form /> }.into_any(),
        Some(RouteSection::Compression) => view! { <CompressionFields form /> }.into_any(),
    };
    let class = move || form.section.get().map(RouteSection::class).unwrap_or_default();
    view! {
        <div class="sections">{buttons.into_iter().collect_view()}</div>
        <div class=move || format!("section-fields {}", class()) id=form.id("section")>
            {move || fields()}
        </div>
    }
}

/// Button of a group of options, which says how many of them are set; one is unfolded at a time.
#[component]
fn SectionButton(form: ConnectForm, section: RouteSection) -> impl IntoView {
    let words = &words().route;
    let title = match section {
        RouteSection::Headers => words.headers.title,
        RouteSection::Credentials => words.credentials,
        RouteSection::Tls => "TLS",
        RouteSection::Network => words.network,
        RouteSection::Compression => words.compression,
    };
    let count = move || {
        form.target.relay.with(|it| it.as_ref().map_or(0, |options| set_options(section, options)))
    };
    let mark = move || Some(count()).filter(|count| *count > 0).map(|it| format!(" ({it})"));
    view! {
        <Disclosure
            class=format!("section {}", section.class())
            controls=form.id("section")
            is_open=move || form.section.get() == Some(section)
            on_click=move || form.section.update(|it| *it = Some(section).filter(|_| *it != Some(section)))
        >
            {title} <span class="set">{move || mark()}</span>
        </Disclosure>
    }
}

/// Number of the options of a group that are set.
fn set_options(section: RouteSection, it: &RelayOptions) -> usize {
    match section {
        RouteSection::Headers => it.headers.len(),
        RouteSection::Credentials => credentials_of(it),
        RouteSection::Tls => {
            count_set([&it.certificate, &it.authorities], [it.accepts_any_certificate])
        }
        RouteSection::Network => {
            count_set([&it.proxy, &it.address], [it.follows_redirects, it.time_limit > 0])
        }
        RouteSection::Compression => count_set([&it.offers], [it.is_uncompressed]),
    }
}

/// Number of these texts that are not empty, and of these switches that are on.
fn count_set<const T: usize, const S: usize>(texts: [&String; T], switches: [bool; S]) -> usize {
    let texts = texts.iter().filter(|text| !text.is_empty()).count();
    texts + switches.iter().filter(|is_on| **is_on).count()
}
