//! Opening handshake of a relayed connection: times of its stages, TLS, and both heads.

use std::time::Duration;

use leptos::prelude::*;
use session::{visible_line, visible_text};
use workbench::relay::{Opening, Response, ShownCertificate, Stage, Tls, tls_name};

use super::words::words;
use crate::{browser::clock::now, language::format};

/// Parts of an opening, each with a heading. The relay reports it; browsers tell scripts nothing of
/// a handshake. Addresses, the TLS session and each exchange of request and response, of which
/// redirects make several.
pub(super) fn handshake(opening: &Opening) -> AnyView {
    let words = &words().handshake;
    let resolved = opening.resolved.iter().map(|(host, addresses)| (host, addresses.join(", ")));
    let resolved =
        resolved.map(|(host, addresses)| fact(words.resolved, &format!("{host}: {addresses}")));
    let connected = opening.connected.as_deref().map(|address| fact(words.connected, address));
    let exchanges = opening.exchanges.iter().map(|exchange| {
        let response = exchange.response.as_ref().map(|response| {
            let body = (!response.body.is_empty()).then(|| {
                let body = visible_text(&response.body).into_owned();
                view! { <h3>{words.body}</h3> <pre class="head">{body}</pre> }
            });
            view! { {head(words.response, &head_of(response))} {body} }
        });
        view! { {head(words.request, &exchange.request)} {response} }
    });
    view! {
        {times(opening)}
        <dl>
            {resolved.collect_view()}
            {connected}
            {opening.tls.as_ref().map(tls)}
        </dl>
        {exchanges.collect_view()}
    }
    .into_any()
}

/// Name and value of a fact. Invisible characters of the value are signs: it comes from the peer.
fn fact(name: &'static str, value: &str) -> AnyView {
    view! { <dt>{name}</dt> <dd>{visible_line(value).into_owned()}</dd> }.into_any()
}

/// Bars of the stages, scaled to the total; the failed one is marked. Times are in microseconds; none is
/// shown for an opening that took no measurable time.
fn times(opening: &Opening) -> Option<AnyView> {
    let whole: u64 = opening.times.iter().map(|(_, micros)| micros).sum();
    if whole == 0 {
        return None;
    }
    let words = &words().handshake;
    let last = opening.times.last().filter(|_| opening.failed.is_some());
    let bar = |it: &(Stage, u64)| {
        let (stage, micros) = *it;
        let time = (format().span)(Duration::from_micros(micros));
        let part = format!("{}%", micros * 100 / whole);
        let failed = if last == Some(it) { words.failed } else { "" };
        view! { <dt>{(words.stage)(stage)}</dt> <dd class="stage" style:--part=part>{time}{failed}</dd> }
    };
    Some(
        view! { <dl class="stages">{opening.times.iter().map(bar).collect_view()}</dl> }.into_any(),
    )
}

/// Version, cipher suite, ALPN protocol and certificates of a TLS session, and the result of the
/// certificate check.
fn tls(tls: &Tls) -> AnyView {
    let words = &words().handshake;
    let how = match (tls.version.is_empty(), tls.is_trusted) {
        (true, _) => words.refused.to_owned(),
        (_, true) => format!("{} ({})", tls_name(tls), words.trusted),
        (_, false) => format!("{} ({})", tls_name(tls), words.not_trusted),
    };
    let certificates = tls.certificates.iter().map(|it| {
        let shown = ShownCertificate::new(it, now());
        fact(words.certificate, &(format().certificate)(&shown))
    });
    view! {
        <dt>"TLS"</dt>
        <dd class:wrong=!tls.is_trusted>{how}</dd>
        {tls.alpn.as_deref().map(|alpn| fact("ALPN", alpn))}
        {certificates.collect_view()}
    }
    .into_any()
}

/// Response as text: status line and headers, as a request is given.
fn head_of(response: &Response) -> String {
    let Response { status, reason, headers, .. } = response;
    let headers = headers.iter().map(|(name, value)| format!("\n{name}: {value}"));
    format!("{status} {reason}{}", headers.collect::<String>())
}

/// Head of a request or a response, with the purpose of each handshake header after it.
fn head(title: &'static str, head: &str) -> AnyView {
    let line = |line: &str| {
        let name = line.split_once(':').map_or("", |(name, _)| name).to_ascii_lowercase();
        let meaning = (words().handshake.header)(&name);
        let line = visible_line(line).into_owned();
        view! { <span class="head-line" data-meaning=(!meaning.is_empty()).then_some(meaning)>{line}</span> }
    };
    let lines = head.lines().map(line).collect_view();
    view! { <h3>{title}</h3> <pre class="head">{lines}</pre> }.into_any()
}
