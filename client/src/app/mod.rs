//! The page as a whole.

pub(crate) mod words;

use leptos::{ev, prelude::*};
use workbench::{Command, Preset, Purpose};

use self::words::words;
use crate::{
    Shell,
    browser::{files, focus::keep_focus},
    composer::{Composer, library::Library},
    connect::{ConnectBar, Recents, presets},
    detail::DetailPane,
    exchange::{FilesMenu, import, open_link, take_command},
    language::Language,
    messages::{MessageList, Toolbar, announcer::Announcer, pins::Pins},
    metrics::MetricsBar,
    notices::Notices,
    settings::{Settings, Theme, shortcuts::Shortcuts},
    tabs::{
        tab::{Tab, Tabs},
        tab_bar::TabBar,
    },
    ui::splitter::Splitter,
};

/// The workbench. Its first tab connects to the server that served the page, if one did.
///
/// What a person has made lives out here and goes on: in another language, all below is drawn anew.
#[component]
#[must_use]
pub fn App() -> impl IntoView {
    keep_focus();
    let settings = Settings::load();
    let library = Library::load();
    let tabs = Tabs::load(settings, library);
    let offers = Offers { recent: Recents::load(), presets: presets() };
    open_link(tabs);
    let opening = window_event_listener(ev::hashchange, move |_| open_link(tabs));
    on_cleanup(move || opening.remove());
    if let Some(tab) = untrack(|| tabs.active())
        && tab.was_connected
        && tab.is_at_home()
    {
        tab.connect();
    }
    move || {
        settings.language.get().speak();
        view! { <Page tabs settings library offers /> }
    }
}

#[component]
fn Page(tabs: Tabs, settings: Settings, library: Library, offers: Offers) -> impl IntoView {
    let active = Memo::new(move |_| tabs.active().map(|tab| tab.id));
    let is_dragged_over = RwSignal::new(false);
    // What misses the list would make the browser leave the page for the file.
    let drag = move |event: ev::DragEvent| {
        let takes = files::has_untaken(&event);
        is_dragged_over.set(takes);
        if takes {
            event.prevent_default();
        }
    };
    let drop = move |event: ev::DragEvent| {
        is_dragged_over.set(false);
        if files::has_untaken(&event) {
            event.prevent_default();
            import(tabs, files::dropped(&event));
        }
    };
    view! {
        <div
            class="page"
            class:takes-files=is_dragged_over
            style:color-scheme=move || settings.theme.get().color_scheme()
            on:dragover=drag
            on:dragleave=move |_| is_dragged_over.set(false)
            on:drop=drop
        >
            <header>
                <h1>{words().name}</h1>
                <TabBar tabs />
                <FilesMenu tabs library />
                <LanguageChoice settings />
                <ThemeChoice settings />
                <Shortcuts settings />
            </header>
            {move || active.get().and_then(|_| untrack(|| tabs.active())).map(|tab| view! {
                <Workbench tab settings offers />
            })}
        </div>
    }
}

/// Addresses that can be chosen instead of typed.
#[derive(Clone, Copy)]
struct Offers {
    recent: Recents,
    presets: Signal<Vec<Preset>>,
}

#[component]
fn Workbench(tab: Tab, settings: Settings, offers: Offers) -> impl IntoView {
    let shell = tab.shell;
    let snapshot = shell.snapshot();
    let negotiated = Memo::new(move |_| snapshot.with(|snapshot| snapshot.negotiated.clone()));
    let opened_at = Memo::new(move |_| snapshot.with(|snapshot| snapshot.opened_at));
    let connect = Callback::new(move |()| {
        tab.connect();
        offers.recent.add(&tab.address.get_untracked());
    });
    view! {
        <main>
            <ConnectBar
                address=tab.address
                subprotocols=tab.subprotocols
                state=shell.state()
                negotiated
                opened_at
                retries=tab.retries
                recent=offers.recent.addresses()
                presets=offers.presets
                on_command=Callback::new(move |text: String| take_command(tab, &text))
                on_connect=connect
                on_disconnect=Callback::new(move |close| shell.disconnect(close))
            />
            <Notices shell />
            <div class="panes">
                <section class="pane" aria-label=words().conversation>
                    <Toolbar tab settings />
                    <Pins shell />
                    <MessageList tab settings />
                </section>
                <Aside shell settings />
            </div>
            <Composer composing=tab.composing.get_value() />
            <MetricsBar snapshot is_unfolded=settings.is_measure_unfolded />
            <Announcer shell />
        </main>
    }
}

/// The message that is looked at, beside the list.
#[component]
fn Aside(shell: Shell, settings: Settings) -> impl IntoView {
    let width = settings.detail_width;
    let is_there = Memo::new(move |_| shell.inspected().with(Option::is_some));
    view! {
        <Show when=move || is_there.get()>
            <Splitter label=words().detail_width width min=280 max=960 />
            <div class="aside" style:width=move || format!("{}px", width.get())>
                <DetailPane
                    inspected=shell.inspected()
                    compared=shell.compared()
                    on_close=Callback::new(move |()| shell.inspect(None))
                    on_copy=Callback::new(move |id| shell.command(Command::Fetch(id, Purpose::Copy)))
                    on_compare=Callback::new(move |id| shell.compare(id))
                />
                <EntryActions shell />
            </div>
        </Show>
    }
}

/// What else can be done with the message that is looked at.
#[component]
fn EntryActions(shell: Shell) -> impl IntoView {
    let words = words();
    let id = move || shell.inspected().with(|message| message.as_ref().map(|it| it.id));
    let is_pinned = Memo::new(move |_| {
        shell.snapshot().with(|snapshot| snapshot.pinned.iter().any(|row| Some(row.id) == id()))
    });
    let with_id = move |command: fn(u64) -> Command| {
        if let Some(id) = untrack(id) {
            shell.command(command(id));
        }
    };
    let pin = move |_| {
        if let Some(id) = untrack(id) {
            shell.command(Command::Pin(id, !is_pinned.get_untracked()));
        }
    };
    view! {
        <div class="entry-actions" role="group" aria-label=words.with_message>
            <button type="button" class="pin" on:click=pin>{move || if is_pinned.get() { words.unpin } else { words.pin }}</button>
            <button type="button" class="send-again" on:click=move |_| with_id(Command::SendAgain)>{words.send_again}</button>
            <button type="button" class="edit" on:click=move |_| with_id(|id| Command::Fetch(id, Purpose::Edit))>{words.edit}</button>
        </div>
    }
}

/// Each language goes by its own name: who cannot read the page finds it.
#[component]
fn LanguageChoice(settings: Settings) -> impl IntoView {
    let choose = move |event| {
        if let Some(language) = Language::with_code(&event_target_value(&event)) {
            settings.language.set(language);
        }
    };
    view! {
        <label class="language">
            <span class="spoken">{words().language}</span>
            <select on:change=choose>
                {Language::ALL.map(|language| view! {
                    <option
                        value=language.code()
                        lang=language.code()
                        selected=move || settings.language.get() == language
                    >
                        {language.name()}
                    </option>
                })}
            </select>
        </label>
    }
}

#[component]
fn ThemeChoice(settings: Settings) -> impl IntoView {
    let choose = move |event| {
        let name = event_target_value(&event);
        if let Some(theme) = Theme::ALL.into_iter().find(|theme| theme.name() == name) {
            settings.theme.set(theme);
        }
    };
    view! {
        <label class="theme">
            <span class="spoken">{words().colours}</span>
            <select on:change=choose>
                {Theme::ALL.map(|theme| view! {
                    <option value=theme.name() selected=move || settings.theme.get() == theme>
                        {(words().theme)(theme)}
                    </option>
                })}
            </select>
        </label>
    }
}
