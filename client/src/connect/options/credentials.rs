//! Headers that say who connects: Authorization as fields, cookies as rows.

use leptos::prelude::*;
use workbench::relay::{Authorization, HEADERS, RelayOptions, cookies, put_cookies};

use super::pairs::{Edit, PairRows, Pairs};
use crate::{
    connect::{form::ConnectForm, words::words},
    ui::choice::{Choice, named},
};

/// Number of credentials that are set: the scheme as one, and each cookie.
pub(super) fn credentials_of(options: &RelayOptions) -> usize {
    let authorization = usize::from(Authorization::of(&options.headers).is_some());
    authorization + cookies(&options.headers).len()
}

/// Choice of the scheme, and its fields, which write the header.
#[component]
pub(super) fn SignIn(form: ConnectForm) -> impl IntoView {
    let words = &words().route;
    let credentials = move || {
        let of = |options: &RelayOptions| Authorization::of(&options.headers);
        form.routing.relay.with(|relay| relay.as_ref().and_then(of))
    };
    let set = move |credentials: Option<Authorization>| {
        form.set_option(|it| Authorization::put(credentials.as_ref(), &mut it.headers));
    };
    let chosen = Memo::new(move |_| match credentials() {
        None => 0,
        Some(Authorization::Basic(..)) => 1,
        Some(Authorization::Bearer(_)) => 2,
    });
    let choose = Callback::new(move |index| {
        set(match index {
            0 => None,
            1 => Some(Authorization::Basic(String::new(), String::new())),
            _ => Some(Authorization::Bearer(String::new())),
        });
    });
    let basic = move || match credentials() {
        Some(Authorization::Basic(user, password)) => (user, password),
        _ => (String::new(), String::new()),
    };
    let token = Signal::derive(move || match credentials() {
        Some(Authorization::Bearer(token)) => token,
        _ => String::new(),
    });
    let set_token = Callback::new(move |token| set(Some(Authorization::Bearer(token))));
    let fields = move || {
        let (user, password) = (move || basic().0, move || basic().1);
        let set_user =
            Callback::new(move |user| set(Some(Authorization::Basic(user, untrack(password)))));
        let set_password =
            Callback::new(move |password| set(Some(Authorization::Basic(untrack(user), password))));
        match chosen.get() {
            0 => ().into_any(),
            1 => view! {
                {field(words.user, Signal::derive(user), false, set_user)}
                {field(words.password, Signal::derive(password), true, set_password)}
            }
            .into_any(),
            _ => field(words.token, token, true, set_token),
        }
    };
    view! {
        <fieldset class="preset">
            <label>
                {words.authorization}
                <Choice
                    class="sign-in"
                    options=named(words.schemes)
                    chosen=chosen.into()
                    on_choose=choose
                />
            </label>
            {move || fields()}
        </fieldset>
    }
}

/// Field of the credentials. A secret is masked while it is not edited; variables only say which one it is.
fn field(
    label: &'static str,
    value: Signal<String>,
    is_secret: bool,
    set: Callback<String>,
) -> AnyView {
    view! {
        <label>
            {label}
            <input
                class:secret=move || is_secret && !value.get().contains("{{")
                autocomplete="off"
                spellcheck="false"
                prop:value=move || value.get()
                on:input=move |event| set.run(event_target_value(&event))
            />
        </label>
    }
    .into_any()
}

/// Cookies, a row each, which write the header.
#[component]
pub(super) fn Cookies(form: ConnectForm) -> impl IntoView {
    let pairs = Memo::new(move |_| {
        let of = |options: &RelayOptions| cookies(&options.headers);
        form.routing.relay.with(|relay| relay.as_ref().map(of).unwrap_or_default())
    });
    let on_edit = Callback::new(move |edit: Edit| {
        let mut pairs = pairs.get_untracked();
        edit.apply(&mut pairs, HEADERS);
        form.set_option(|it| put_cookies(&pairs, &mut it.headers));
    });
    let of = Pairs {
        form,
        id: "cookie",
        words: &words().route.cookies,
        rows: pairs,
        on_edit,
        is_secret: |_, (_, value)| !value.contains("{{"),
        markable: |_| None,
        error: |_, _| None,
    };
    view! { <PairRows of /> }
}
