//! Tab bar in the header.

use leptos::{ev, html, prelude::*};
use workbench::open_tabs::{MAX_TAB_NAME_CHARS, TabLabel};

use super::{
    open_tabs::Tabs,
    tab::{Tab, UNDO_TIME},
    words::words,
};
use crate::{
    browser::dom::{
        focus::{ADDRESS, focus_and_select, focus_node, when_left},
        keyboard::{has_modifier, is_composing},
        popup::close_on_leave,
        resize::on_resize,
        scroll::scroll_into_view,
    },
    connect::{is_bad_end, state_name},
    engine::notice::Notice,
    language::shared,
    ui::{
        button::{Button, SignButton, UndoLine},
        keyed::keyed,
        show::Show,
    },
};

/// Id of the popover that lists all tabs.
const ALL_TABS: &str = "all-tabs";

/// Tabs, a list of them while they do not fit, the add button, which leads to the new tab's address, and the tab closed
/// last. The active tab is always in view. A tab list (ARIA) may own tabs only, so that close buttons lie beside it and
/// are left out of the tab order; Delete closes a tab by keyboard.
#[component]
pub(crate) fn TabBar(tabs: Tabs) -> impl IntoView {
    let words = words();
    let labels = Memo::new(move |_| tabs.labels());
    let ids = move || tabs.open.with(|open| open.iter().map(|tab| tab.id.into()).collect());
    let tab_button = move |id: u64| {
        let open = tabs.open.get_untracked();
        let tab = open.into_iter().find(|tab| u64::from(tab.id) == id)?;
        let label = Signal::derive(move || {
            let is_own = |(id, label): &(u32, TabLabel)| (*id == tab.id).then(|| label.clone());
            labels.with(|labels| labels.iter().find_map(is_own)).unwrap_or_default()
        });
        Some(view! { <TabButton tabs tab label /> })
    };
    let bar = NodeRef::<html::Div>::new();
    let overflows = RwSignal::new(false);
    let measure = move || {
        if let Some(bar) = bar.get_untracked() {
            overflows.set(bar.scroll_width() > bar.client_width() + 1);
        }
    };
    on_resize(bar, move || {
        tabs.with_active(|active| scroll_into_view(&format!("#{}", box_id(active))));
        measure();
    });
    Effect::new(move || {
        labels.track();
        request_animation_frame(measure);
    });
    view! {
        // Owns the tabs without their close buttons: a tab list may contain tabs only.
        <span role="tablist" aria-label=words.connections aria-owns=move || element_ids(tabs)></span>
        <div class="tabs" node_ref=bar>
            {keyed(Signal::derive(ids), Callback::new(move |id| tab_button(id).into_any()))}
        </div>
        <Show when=move || overflows.get()>
            <AllTabs tabs labels />
        </Show>
        <SignButton
            class="add"
            sign="+"
            label=words.new
            is_disabled=move || !tabs.may_add()
            on_click=move || {
                tabs.add();
                // Its views are mounted by then.
                request_animation_frame(|| focus_and_select(ADDRESS));
            }
        />
        <ClosedTab tabs />
    }
}

/// Button with the number of tabs, and the browser's popover that lists them by their whole labels.
#[component]
fn AllTabs(tabs: Tabs, labels: Memo<Vec<(u32, TabLabel)>>) -> impl IntoView {
    let count = move || labels.with(Vec::len);
    let label = move || (words().all)(count());
    let entry = move |tab: Tab| {
        let state = tab.engine.state;
        let is_bad_end = has_bad_end(tab);
        let text = move || {
            labels.with(|it| it.iter().find(|(id, _)| *id == tab.id).map(|(_, it)| it.to_string()))
        };
        view! {
            <button
                type="button"
                popovertarget=ALL_TABS
                popovertargetaction="hide"
                data-state=move || state_name(&tab.target.shown_state(state.get()))
                data-end=move || is_bad_end.get().then_some("bad")
                aria-current=move || tabs.is_active(tab.id).then_some("true")
                on:click=move |_| tabs.show(tab.id)
            >
                <span class="dot" aria-hidden="true"></span>
                {text}
            </button>
        }
    };
    view! {
        <button type="button" class="all-tabs" popovertarget=ALL_TABS aria-label=label title=label>
            {count} " ▾"
        </button>
        <div class="menu" id=ALL_TABS popover="auto" role="group" aria-label=words().connections>
            {move || tabs.open.get().into_iter().map(entry).collect_view()}
        </div>
    }
}

/// True while a tab shows an end that is an error.
fn has_bad_end(tab: Tab) -> Memo<bool> {
    tab.engine.part(|it| is_bad_end(&it.connection.state, it.connection.is_own_end))
}

/// Element id of a tab's own button.
fn element_id(tab: Tab) -> String {
    format!("tab-{}", tab.id)
}

/// Element ids of the buttons of all tabs.
fn element_ids(tabs: Tabs) -> String {
    let ids = tabs.open.get().into_iter().map(element_id);
    ids.collect::<Vec<_>>().join(" ")
}

/// Element id of a tab with its close button.
fn box_id(tab: Tab) -> String {
    format!("tab-box-{}", tab.id)
}

/// Tab with its state as a dot, its label, and its close button. Where the label has too little room, the host goes
/// first, then the middle of the path.
///
/// Arrow keys activate the neighbours and wrap around; F2 or a double click renames; the context menu key or a second
/// button opens the menu. The focus moves on to a tab that became active, and only then.
#[component]
fn TabButton(tabs: Tabs, tab: Tab, label: Signal<TabLabel>) -> impl IntoView {
    let is_active = Memo::new(move |_| tabs.is_active(tab.id));
    let is_renamed = RwSignal::new(false);
    let menu = RwSignal::new(None);
    let part = NodeRef::<html::Div>::new();
    let open_menu = move |event: ev::MouseEvent| {
        event.prevent_default();
        menu.set(Some((event.client_x(), event.client_y())));
    };
    let state = tab.engine.state;
    let is_bad_end = has_bad_end(tab);
    let is_stuck = move || tab.engine.notices.with(|notices| notices.has(&Notice::Stuck));
    let button = NodeRef::<html::Button>::new();
    // The focus follows the arrow keys to the newly active tab.
    Effect::new(move |was_active: Option<bool>| {
        let is_active = is_active.get();
        if is_active {
            request_animation_frame(move || scroll_into_view(&format!("#{}", box_id(tab))));
        }
        if is_active && was_active == Some(false) {
            focus_node(button);
        }
        is_active
    });
    view! {
        <div
            class="tab"
            id=box_id(tab)
            node_ref=part
            data-state=move || state_name(&tab.target.shown_state(state.get()))
            data-end=move || is_bad_end.get().then_some("bad")
        >
            <button
                type="button"
                role="tab"
                id=element_id(tab)
                node_ref=button
                title=move || tooltip(tab)
                aria-selected=move || is_active.get().to_string()
                tabindex=move || if is_active.get() { "0" } else { "-1" }
                on:click=move |_| tabs.show(tab.id)
                aria-expanded=move || menu.with(Option::is_some).then_some("true")
                on:dblclick=move |_| is_renamed.set(true)
                on:contextmenu=open_menu
                on:keydown=move |event| press(tabs, tab, is_renamed, &event)
            >
                <span class="dot" aria-hidden="true"></span>
                <Mark class="stuck-mark" sign="!" label=words().stuck is_shown=is_stuck />
                <Mark class="relay-mark" sign="⇄" label=shared().relayed is_shown=move || tab.engine.snapshot.with(|it| tab.target.is_relayed(&it.connection)) />
                <span class="tab-label">
                    <span class="tab-name">{move || label.get().start}</span>
                    <span class="tab-end">
                        <span class="tab-path">{move || label.with(|it| it.end_parts().0.to_owned())}</span>
                        {move || label.with(|it| it.end_parts().1.to_owned())}
                    </span>
                </span>
                <span class="tab-number">{move || label.get().suffix()}</span>
            </button>
            <SignButton
                class="close"
                label=move || (words().close)(&label.get().to_string())
                on_click=move || tabs.close(tab.id)
                attr:tabindex="-1"
            />
            <Show when=move || is_renamed.get()>
                <NameBox tab label is_renamed button />
            </Show>
            {move || menu.get().map(|place| view! { <TabMenu tabs tab menu part place is_renamed /> })}
        </div>
    }
}

/// Activates a neighbour, closes the tab or opens its name box, by a key.
fn press(tabs: Tabs, tab: Tab, is_renamed: RwSignal<bool>, event: &ev::KeyboardEvent) {
    let open = tabs.open.get_untracked();
    let Some(at) = open.iter().position(|it| it.id == tab.id) else { return };
    let to = match event.key().as_str() {
        _ if has_modifier(event) => return,
        "ArrowRight" => (at + 1) % open.len(),
        "ArrowLeft" => (at + open.len() - 1) % open.len(),
        "Delete" => return tabs.close(tab.id),
        "F2" => return is_renamed.set(true),
        _ => return,
    };
    event.prevent_default();
    tabs.show(open[to].id);
}

/// Name and address of a tab, and how to rename it.
fn tooltip(tab: Tab) -> String {
    let (name, address) = (tab.name.get(), tab.shown_address());
    let parts = [name, address].into_iter().filter(|it| !it.is_empty());
    format!("{} ({})", parts.collect::<Vec<_>>().join(" · "), words().rename_hint)
}

/// Mark before the name of a tab, also of one in the background.
#[component]
fn Mark(
    class: &'static str,
    sign: &'static str,
    label: &'static str,
    #[prop(into)] is_shown: Signal<bool>,
) -> impl IntoView {
    view! {
        <Show when=move || is_shown.get()>
            <span class=class role="img" aria-label=label title=label>{sign}</span>
        </Show>
    }
}

/// Point in the window, in pixels. Relative to the viewport, as in a mouse event.
type Point = (i32, i32);

/// Context menu of a tab: the mouse's second button, a long press, or the menu key opens it. Its
/// first entry takes the focus. It stays in view at the right edge by CSS.
#[component]
fn TabMenu(
    tabs: Tabs,
    tab: Tab,
    /// Open menu, by its point; `None` closes it.
    menu: RwSignal<Option<Point>>,
    /// Tab with its menu.
    part: NodeRef<html::Div>,
    place: Point,
    is_renamed: RwSignal<bool>,
) -> impl IntoView {
    let words = words();
    close_on_leave(part, || true, move || menu.set(None));
    let first = NodeRef::<html::Button>::new();
    first.on_load(|button| {
        let _ = button.focus();
    });
    let rename = move |_| {
        menu.set(None);
        is_renamed.set(true);
    };
    let (left, top) = place;
    view! {
        <div
            class="menu tab-menu"
            role="group"
            aria-label=words.menu
            style:left=format!("min({left}px, 100vw - 11rem)")
            style:top=format!("{top}px")
        >
            <button type="button" node_ref=first on:click=rename>{words.rename}</button>
            <Button label=words.close_tab on_click=move || tabs.close(tab.id) />
        </div>
    }
}

/// Text box over a tab for its name. Enter keeps it, as does leaving the box; Escape does not. At
/// most `MAX_TAB_NAME_CHARS` characters. An empty name means the address.
#[component]
fn NameBox(
    tab: Tab,
    /// Label of the tab, the placeholder of an empty box.
    label: Signal<TabLabel>,
    is_renamed: RwSignal<bool>,
    /// Button of the tab, which takes the focus back.
    button: NodeRef<html::Button>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    input.on_load(|input| {
        let _ = input.focus();
        input.select();
    });
    let keep = move || {
        if let Some(input) = input.get_untracked().filter(|_| is_renamed.get_untracked()) {
            tab.name.set(input.value().trim().to_owned());
        }
        is_renamed.set(false);
    };
    let on_key = move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            _ if is_composing(&event) => return,
            "Enter" => keep(),
            "Escape" => is_renamed.set(false),
            _ => return,
        }
        event.prevent_default();
        focus_node(button);
    };
    view! {
        <input
            class="tab-rename"
            aria-label=words().name
            placeholder=move || label.get().to_string()
            maxlength=MAX_TAB_NAME_CHARS.to_string()
            autocomplete="off"
            spellcheck="false"
            value=tab.name.get_untracked()
            node_ref=input
            on:keydown=on_key
            on:blur=move |_| keep()
        />
    }
}

/// Last closed tab, with a button that reopens it, for [`UNDO_TIME`]. Its engine and its connection live on
/// until then.
#[component]
fn ClosedTab(tabs: Tabs) -> impl IntoView {
    let words = words();
    let line = move || {
        let label = tabs.closed()?;
        when_left(".closed-tab", UNDO_TIME, move || tabs.discard());
        Some(view! {
            <UndoLine
                says=(words.closed)(&label.to_string())
                on_undo=move || tabs.reopen()
                discard=words.discard
                on_discard=move || tabs.discard()
            />
        })
    };
    view! { <span class="closed-tab" role="status">{move || line()}</span> }
}
