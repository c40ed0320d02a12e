//! The page as a whole.

use leptos::prelude::*;

use crate::{
    Shell, composer::Composer, message_list::MessageList, place::server_url, status_bar::StatusBar,
};

/// The workbench: connects to the server that served the page, and shows the conversation.
#[component]
#[must_use]
pub fn App() -> impl IntoView {
    match server_url() {
        Some(url) => view! { <Workbench url /> }.into_any(),
        None => view! {
            <p class="notice" role="alert">
                "This page was not served by a server, so there is none to connect to. "
                "Run cargo xtask run and open the address it prints."
            </p>
        }
        .into_any(),
    }
}

#[component]
fn Workbench(url: String) -> impl IntoView {
    let shell = Shell::new(&url);
    shell.connect();
    view! {
        <header>
            <h1>"WebSocket Workbench"</h1>
        </header>
        <main>
            <StatusBar shell />
            <MessageList shell />
            <Composer shell />
        </main>
    }
}
