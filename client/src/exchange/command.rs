//! Command lines: copied as `wsbench`, pasted from `wsbench`, curl, websocat or wscat.

use leptos::prelude::*;
use session::{Message, Payload};
use workbench::{
    compose::{Draft, Form, MAX_SENT, Values},
    exchange::{
        CommandError, PastedCommand, copied_address, copied_options, copied_subprotocols,
        parse_command, to_wsbench_command,
    },
    relay::RelayOptions,
};

use crate::{
    Library,
    browser::{clock::now, location::is_page_secure},
    engine::notice::Notice,
    tabs::tab::Tab,
};

/// Copies a command that connects like `tab` and sends its draft. Unless it `has_secrets`, secret
/// variables are placeholders, and secrets in the query, tokens among the subprotocols and headers whose
/// values are secrets are left out; a notice says so. A binary draft cannot be in a command line.
pub(super) fn copy_command(tab: Tab, library: Library, has_secrets: bool) {
    let mut target = tab.target.get_untracked();
    target.sign_in();
    let variables = untrack(|| library.variables());
    let hides_secrets = !has_secrets;
    let mut values = Values { now: now(), variables, hides_secrets, ..Values::new(now().0) };
    let (address, lacks_secret) = match copied_address(&target.url, &values, is_page_secure()) {
        Ok(address) => address,
        Err(mistake) => return tab.engine.notify(Notice::Address(mistake)),
    };
    let (names, has_fewer) = match copied_subprotocols(&target.subprotocols, &values) {
        Ok(names) => names,
        Err(error) => return tab.engine.notify(Notice::Subprotocol(error)),
    };
    let relay = target.relay.map(|options| copied_options(&options, &values)).transpose();
    let (relay, has_less) = match relay {
        Ok(relay) => relay.unwrap_or_default(),
        Err(error) => return tab.engine.notify(Notice::Route(error)),
    };
    let is_less = has_less || has_fewer || lacks_secret;
    let draft = tab.engine.draft.get_untracked();
    let messages = match draft.message(&mut values) {
        _ if draft.text.is_empty() => Some(Vec::new()),
        Ok(Message::Text(text)) => Some(vec![text]),
        _ => None,
    };
    let command = |messages: &[String]| to_wsbench_command(&address, &names, &relay, messages).ok();
    let whole = messages.and_then(|messages| command(&messages));
    let notice = match &whole {
        None => Notice::WithoutDraft,
        Some(_) if is_less && has_secrets => Notice::WithoutCertificates,
        Some(_) if is_less => Notice::WithoutSecrets,
        Some(_) => Notice::Copied,
    };
    let command = whole.or_else(|| command(&[])).unwrap_or_default();
    tab.engine.copy_as(&command, notice);
}

/// Fills a tab from a pasted command; one with errors stays in the address box. Returns `false` if
/// `text` is not a command. Does not connect. Options that the page lacks are listed in the notice.
pub(crate) fn fill_from_command(tab: Tab, text: &str) -> bool {
    match parse_command(text) {
        Err(CommandError::NotACommand) => return false,
        Err(error) => {
            tab.target.address.set(text.to_owned());
            tab.engine.notify(Notice::NotACommand(error));
        }
        Ok(command) => fill(tab, command),
    }
    true
}

/// Fills a tab: the first message becomes the draft, the others go to the history of sent messages.
/// At most as many as the history holds. Options of the relay are replaced, also by none.
fn fill(tab: Tab, command: PastedCommand) {
    let PastedCommand { address, subprotocols, relay, messages, left_out } = command;
    let draft = (!messages.is_empty()).then(|| tab.engine.draft.get_untracked());
    let before = Box::new((tab.target.get_untracked(), draft));
    let relay = Some(relay).filter(|relay| *relay != RelayOptions::default());
    let is_relayed = relay.is_some();
    tab.target.address.set(address);
    tab.target.subprotocols.set(subprotocols);
    // Certificates and the like were for another server.
    tab.target.relay.set(relay);
    let count = messages.len();
    let draft = |text: String| Draft::of(Payload::Text(&text), Form::Text);
    let mut drafts = messages.into_iter().map(draft);
    if let Some(first) = drafts.next() {
        tab.engine.fill(first, drafts.take(MAX_SENT).collect());
    }
    tab.engine.notify(Notice::Pasted { messages: count, is_relayed, left_out, before });
}
