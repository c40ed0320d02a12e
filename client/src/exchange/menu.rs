//! Menu "Files and links".
//!
//! A popover of the browser: Escape and a click outside close it and restore the focus.

use leptos::{html, prelude::*};
use workbench::exchange::Format;

use super::{command::copy_command, export, import, link::copy_link, words::words, workspace};
use crate::{
    Library,
    browser::file::chosen_file::ChosenFile,
    tabs::open_tabs::Tabs,
    ui::{
        choice::Checkbox,
        file_input::{FileInput, open_dialog},
    },
};

/// Id of the popover.
const MENU: &str = "files";

/// Extensions of message lists: JSON Lines, HAR, and JSON, which a HAR file may be called.
const LIST_FILES: &str = ".jsonl,.ndjson,.har,.json";
/// Extension of workspace files.
const WORKSPACE_FILES: &str = ".json";

/// Button and menu: share, list and workspace. The file inputs lie outside of the menu, which is
/// closed by the time their dialog ends.
#[component]
pub(crate) fn FilesMenu(tabs: Tabs, library: Library) -> impl IntoView {
    let words = words();
    let (lists, workspaces) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let import_lists = Callback::new(move |files: Vec<ChosenFile>| import(tabs, files));
    let open_workspaces =
        Callback::new(move |files: Vec<ChosenFile>| workspace::open(tabs, library, files));
    view! {
        <div class="files">
            <button type="button" popovertarget=MENU>{words.title}</button>
            <div class="menu" id=MENU popover="auto">
                <ShareGroup tabs library />
                <ListGroup tabs input=lists />
                <Group title=words.workspace>
                    <Item label=words.save action=move || workspace::save(library) />
                    <Item label=words.open action=move || open_dialog(workspaces) />
                </Group>
            </div>
            <FileInput
                input=lists
                label=words.import
                accept=LIST_FILES
                multiple=true
                on_pick=import_lists
            />
            <FileInput
                input=workspaces
                label=words.open
                accept=WORKSPACE_FILES
                multiple=true
                on_pick=open_workspaces
            />
        </div>
    }
}

/// Copies the active tab's connection: as a link, which has no secrets, or as a command, which has them by choice.
#[component]
fn ShareGroup(tabs: Tabs, library: Library) -> impl IntoView {
    let words = words();
    let copy =
        move |has_secrets| move || tabs.with_active(|tab| copy_command(tab, library, has_secrets));
    view! {
        <Group title=words.connection>
            <Item label=words.copy_link action=move || tabs.with_active(copy_link) />
            <Item label=words.copy_command action=copy(false) />
            <Item label=words.copy_secrets action=copy(true) />
        </Group>
    }
}

/// Exports the active tab's list; imports lists by the dialog of `input`. Only rows that pass the
/// filter are exported: the menu counts them. Secrets in headers are a choice for one file.
#[component]
fn ListGroup(tabs: Tabs, input: NodeRef<html::Input>) -> impl IntoView {
    let words = words();
    let rows = Memo::new(move |_| {
        let tab = tabs.active();
        tab.map_or(0, |tab| tab.engine.snapshot.with(|it| it.listed.end - it.listed.start))
    });
    let has_secrets = RwSignal::new(false);
    let export_as = move |format| {
        move || {
            // Asked for anew with each file.
            let has_secrets = has_secrets.try_update(std::mem::take).unwrap_or_default();
            tabs.with_active(|tab| export(tab, format, has_secrets));
        }
    };
    view! {
        <Group title=words.list>
            <p>{move || (words.exported)(rows.get())}</p>
            <Item label=words.json_lines action=export_as(Format::JsonLines) />
            <Item label=words.har action=export_as(Format::Har) />
            <Checkbox label=words.secrets is_on=has_secrets set=move |is_on| has_secrets.set(is_on) />
            <Item label=words.text_log action=export_as(Format::TextLog) />
            <Item label=words.import action=move || open_dialog(input) />
        </Group>
    }
}

/// Titled group of menu items, named for screen readers.
#[component]
fn Group(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <div role="group" aria-label=title>
            <h2>{title}</h2>
            {children()}
        </div>
    }
}

/// Button that also closes the menu. It closes by `popovertargetaction`, a declaration, before or
/// after its action: neither depends on the other.
#[component]
fn Item(label: &'static str, #[prop(into)] action: Callback<()>) -> impl IntoView {
    view! {
        <button
            type="button"
            popovertarget=MENU
            popovertargetaction="hide"
            on:click=move |_| action.run(())
        >
            {label}
        </button>
    }
}
