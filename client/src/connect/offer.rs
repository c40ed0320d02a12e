//! Offer after a failed connection: the remedy that fits its cause, and what it changes.

use leptos::prelude::*;
use session::State;
use workbench::{
    connect::{Address, AddressError, Cause, authority_of, authority_of_location},
    relay::{RelayOptions, ShownCertificate},
};

use super::{
    form::{ConnectForm, Mistake},
    remedy::{Remedy, RemedyKind},
    state::has_failed,
    words::words,
};
use crate::browser::clock::now;

impl ConnectForm {
    /// Address that was meant by the one in the box, if its mistake has a single remedy. Not with
    /// variables: the box keeps their names.
    fn meant(self) -> Option<String> {
        let cause = match self.mistake() {
            Some(Mistake::Address(AddressError::Slashes { instead })) => {
                return Some(instead).filter(|_| self.is_constant());
            }
            Some(Mistake::Address(_)) => None,
            Some(Mistake::Refused(cause)) => Some(cause),
            Some(Mistake::Subprotocol(_) | Mistake::Route(..)) | None => self.known_cause(),
        };
        let meant = match cause? {
            Cause::NoTls { instead } | Cause::OnlyTls { instead } | Cause::Mixed { instead } => {
                Some(instead)
            }
            _ => None,
        };
        meant.filter(|_| self.is_constant())
    }

    /// Cause of the last failure at the address in the box, if it is certain.
    fn known_cause(self) -> Option<Cause> {
        let is_shown = has_failed(&self.shown_state()) && self.target.is_tried();
        self.reported.with(|it| match &it.causes[..] {
            [known] if is_shown => Some(known.clone()),
            _ => None,
        })
    }

    /// Remedy for a mistake or a failure. Kept during a retry, as its causes are.
    pub(super) fn remedy(self) -> Option<Remedy> {
        if let Some(meant) = self.meant() {
            let [host, target, parts] = <[String; 3]>::default();
            return Some(Remedy { kind: RemedyKind::Address(meant), host, target, parts });
        }
        let is_blocked = self.is_blocked();
        let state = self.shown_state();
        let has_causes = (has_failed(&state) || matches!(state, State::Connecting(_)))
            && self.reported.with(|it| !it.causes.is_empty());
        if !has_causes && !is_blocked {
            return None;
        }
        let (address, shown) = self.parsed.get().ok()?;
        let target = authority_of(&shown).to_owned();
        let is_own = || {
            let own = self.origin().map(|own| Address::parse(&own, false));
            matches!(own, Some(Ok(own)) if own.is_same_origin(&address))
        };
        let could_relay = |may_be_own: bool| {
            let can_relay = self.relays.get() == Some(Ok(()));
            can_relay && self.target.relay.with(Option::is_none) && (may_be_own || !is_own())
        };
        // A browser shows no frames of its page's server either.
        let is_broken_off = self.reported.with(|it| it.causes.contains(&Cause::BrokenOff));
        let asked = self.reported.with(|it| match it.causes.first()? {
            _ if is_blocked => None,
            // That of the proxy, or where a redirect led, as well as that of the target.
            Cause::Unconfirmed { network, host } => {
                Some((RemedyKind::Confirm(*network), host.clone()))
            }
            Cause::OptionsOfAnother(_) => Some((RemedyKind::Send, target.clone())),
            Cause::RelayOff => Some((RemedyKind::Browser, target.clone())),
            Cause::Untrusted { certificates, .. } => {
                let fingerprint = certificates.first()?.fingerprint;
                Some((RemedyKind::AcceptCertificate(fingerprint), target.clone()))
            }
            // Of a browser, which follows none.
            Cause::Redirects { status: 0, .. } if !could_relay(true) => None,
            Cause::Redirects { status: 1.., location } if location.is_empty() => None,
            Cause::Redirects { location, .. } => {
                let host = authority_of_location(location);
                Some((RemedyKind::Follow, host.unwrap_or(&target).to_owned()))
            }
            _ => None,
        });
        let (kind, host) = match asked {
            Some(_) if !self.target.is_tried() => return None,
            Some(asked) => asked,
            None => (could_relay(is_broken_off).then_some(RemedyKind::Relay)?, target.clone()),
        };
        let options = self.target.options();
        let mut parts = options.header_names();
        if kind == RemedyKind::Browser {
            parts.extend(without_headers(&options));
        }
        Some(Remedy { kind, host, target, parts: parts.join(", ") })
    }

    /// Certificates of the server that are not trusted, its own first, if the remedy is to accept that.
    pub(super) fn untrusted(self) -> Vec<ShownCertificate> {
        let kind = self.remedy().map(|it| it.kind);
        let is_asked = matches!(kind, Some(RemedyKind::AcceptCertificate(_)));
        self.reported.with(|it| match it.causes.first() {
            Some(Cause::Untrusted { certificates, .. }) if is_asked => {
                certificates.iter().map(|it| ShownCertificate::new(it, now())).collect()
            }
            _ => Vec::new(),
        })
    }

    /// Prepares the next connection as a remedy says. It is not opened yet: the caller connects.
    pub(super) fn apply(self, kind: RemedyKind) {
        if let RemedyKind::Address(meant) = kind {
            return self.target.address.set(meant);
        }
        let Ok((address, shown)) = self.parsed.get_untracked() else { return };
        self.target.choose(kind != RemedyKind::Browser);
        self.target.relay.update(|relay| {
            let Some(options) = relay else { return };
            match kind {
                RemedyKind::Address(_) | RemedyKind::Relay | RemedyKind::Browser => {}
                RemedyKind::Confirm(network) => {
                    let confirmed = (address.authority().to_owned(), network);
                    options.confirmed.retain(|it| *it != confirmed);
                    options.confirmed.push(confirmed);
                }
                RemedyKind::AcceptCertificate(fingerprint) => {
                    // Bound now: what was accepted is for no other address, even if none is connected to.
                    options.clear_unused_binding();
                    options.accepted_certificate = Some(fingerprint);
                    options.bind(&address, &shown);
                }
                RemedyKind::Follow => options.follows_once = true,
                RemedyKind::Send => options.rebind(&address, &shown),
            }
        });
    }
}

/// Options of the relay that are set, without headers, by their labels.
fn without_headers(options: &RelayOptions) -> impl Iterator<Item = String> {
    let words = &words().route;
    let has = |text: &String| !text.is_empty();
    let all = [
        (words.proxy, has(&options.proxy)),
        (words.address, has(&options.address)),
        (words.certificate, has(&options.certificate)),
        (words.authorities, has(&options.authorities)),
        (words.follows, options.follows_redirects),
        (words.uncompressed, options.is_uncompressed),
        (words.compression, has(&options.offers)),
        (words.time_limit, options.time_limit > 0),
    ];
    all.into_iter().filter(|(_, is_set)| *is_set).map(|(label, _)| label.to_owned())
}
