//! Headers that say who connects: Authorization as fields, cookies as rows.

use leptos::prelude::*;
use workbench::{
    compose::is_in_variables,
    relay::{Authorization, MAX_HEADERS, RelayOptions, cookies, put_cookies},
};

use crate::{
    connect::{form::ConnectForm, words::words},
    ui::{
        choice::{Choice, named},
        row_editor::{Edit, Pair, PairRows, Pairs},
        text_input::TextInput,
    },
};

/// Number of credentials that are set: the scheme as one, and each cookie.
pub(super) fn credentials_of(options: &RelayOptions) -> usize {
    let authorization = usize::from(Authorization::of(&options.headers).is_some());
    authorization + cookies(&options.headers).len()
}

/// Choice of the scheme, and its fields, which write the header. A secret is masked while it is not edited; variables
/// only say which one it is.
#[component]
pub(super) fn SignIn(form: ConnectForm) -> impl IntoView {
    let words = &words().route;
    // No memo: a colon in a user name is taken out by the setter, and has to leave the box, too.
    let credentials =
        move || form.target.relay.with(|relay| Authorization::of(&relay.as_ref()?.headers));
    let scheme = Memo::new(move |_| match credentials() {
        None => 0,
        Some(Authorization::Basic(..)) => 1,
        Some(Authorization::Bearer(_)) => 2,
    });
    // User and password, or the token alone.
    let texts = move || match credentials() {
        None => <_>::default(),
        Some(Authorization::Basic(user, password)) => [user, password],
        Some(Authorization::Bearer(token)) => [token, String::new()],
    };
    // Of each scheme, for one address: a look at another scheme loses nothing.
    let kept = StoredValue::new((String::new(), <[[String; 2]; 3]>::default()));
    let set = move |scheme: usize, [first, second]: [String; 2]| {
        let credentials = match scheme {
            0 => None,
            1 => Some(Authorization::Basic(first, second)),
            _ => Some(Authorization::Bearer(first)),
        };
        form.set_option(|it| Authorization::put(credentials.as_ref(), &mut it.headers));
    };
    let field = move |label: &'static str, index: usize, is_secret: bool| {
        let text = move || std::mem::take(&mut texts()[index]);
        let edit = move |text: String| {
            let mut texts = untrack(texts);
            texts[index] = text;
            set(scheme.get_untracked(), texts);
        };
        view! {
            <label>
                {label}
                <TextInput is_secret=move || is_secret && !is_in_variables(&text()) value=text on_input=edit />
            </label>
        }
    };
    let choose = move |next: usize| {
        let address = form.target.address.get_untracked();
        let texts = kept.try_update_value(|(of, kept)| {
            if *of != address {
                (*of, *kept) = (address, <_>::default());
            }
            kept[scheme.get_untracked()] = untrack(texts);
            kept[next].clone()
        });
        set(next, texts.unwrap_or_default());
    };
    let fields = move || match scheme.get() {
        0 => ().into_any(),
        1 => view! { {field(words.user, 0, false)} {field(words.password, 1, true)} }.into_any(),
        _ => field(words.token, 0, true).into_any(),
    };
    view! {
        <fieldset class="preset">
            <Choice
                title=words.authorization
                class="sign-in"
                options=named(words.schemes)
                chosen=scheme
                on_choose=choose
            />
            {move || fields()}
        </fieldset>
    }
}

/// Cookies, a row each, which write the header.
#[component]
pub(super) fn Cookies(form: ConnectForm) -> impl IntoView {
    let rows = Memo::new(move |_| {
        let of = |options: &RelayOptions| cookies(&options.headers);
        form.target.relay.with(|relay| relay.as_ref().map(of).unwrap_or_default())
    });
    let on_edit = move |edit: Edit| {
        let mut pairs = rows.get_untracked();
        edit.apply(&mut pairs);
        form.set_option(|it| put_cookies(&pairs, &mut it.headers));
    };
    let pairs = Pairs {
        is_full: Signal::derive(move || rows.with(Vec::len) >= MAX_HEADERS),
        is_secret: Some(Callback::new(|(_, value): Pair| !is_in_variables(&value))),
        ..Pairs::new(&words().route.cookies, rows, on_edit)
    };
    view! { <PairRows pairs /> }
}
