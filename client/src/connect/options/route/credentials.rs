//! Headers that say who connects: Authorization as fields, cookies as rows.

use leptos::prelude::*;
use workbench::{
    compose::is_in_variables,
    relay::{
        Authorization, HeaderError, MAX_HEADERS, RelayOptions, cookie_error, cookies, put_cookies,
    },
};

use crate::{
    connect::{form::ConnectForm, words::words},
    ui::{
        choice::{Choice, named},
        row_editor::{Edit, Pair, PairRows, Pairs, RowError},
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
    let credentials = Memo::new(move |_| {
        form.target.relay.with(|relay| Authorization::of(&relay.as_ref()?.headers))
    });
    let scheme = Memo::new(move |_| match credentials.get() {
        None => 0,
        Some(Authorization::Basic(..)) => 1,
        Some(Authorization::Bearer(_)) => 2,
    });
    // User and password, or the token alone.
    let texts = move || match credentials.get() {
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
    let is_wrong = Signal::derive(move || texts()[0].contains(':') && scheme.get() == 1);
    let wrong = move || is_wrong.get().then(|| (words.header_error)(&HeaderError::UserName));
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
                <TextInput
                    is_secret=move || is_secret && !is_in_variables(&text())
                    description=form.id("user")
                    is_invalid=Signal::derive(move || index == 0 && is_wrong.get())
                    value=text
                    on_input=edit
                />
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
            <p class="wrong" role="status" id=form.id("user")>{move || wrong()}</p>
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
    let error = move |index| {
        let error = rows.with(|rows| cookie_error(rows.get(index)?))?;
        let is_of_value = error == HeaderError::CookieValue;
        Some(RowError { says: (words().route.header_error)(&error), is_of_value })
    };
    let pairs = Pairs {
        error: Some(Callback::new(error)),
        is_full: Signal::derive(move || rows.with(Vec::len) >= MAX_HEADERS),
        is_secret: Some(Callback::new(|(_, value): Pair| !is_in_variables(&value))),
        ..Pairs::new(&words().route.cookies, rows, on_edit)
    };
    view! { <PairRows pairs /> }
}
