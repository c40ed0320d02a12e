//! Saved messages, in folders.

use leptos::{ev, prelude::*};
use session::State;
use workbench::{
    compose::{Draft, Folder, SavedError, SavedMessage, TOP},
    engine::ComposerCommand,
};

use super::{
    Composing, Undo,
    check::Checked,
    panels::{field, form, submit, wrong},
    text_box::TextBox,
    words::words,
};
use crate::ui::element::Element;

/// Characters of a message beside its name.
const SHOWN: usize = 60;

/// The list of folders that a field offers.
const FOLDERS: &str = "composer-folders";

/// What the panel's parts share.
#[derive(Clone, Copy)]
struct Shelf {
    composing: Composing,
    input: TextBox,
    /// What is being changed: a folder, and a message in it; without one, the folder.
    editing: RwSignal<Option<(String, Option<String>)>>,
    problem: RwSignal<Option<SavedError>>,
}

/// The panel.
pub(super) fn saved(composing: Composing, input: TextBox) -> Element {
    let shelf =
        Shelf { composing, input, editing: RwSignal::new(None), problem: RwSignal::new(None) };
    let workspace = composing.library.workspace();
    let list = move || {
        let folders = workspace.with(|it| it.saved.folders().to_vec());
        if folders.iter().all(|folder| folder.messages().is_empty() && folder.name() == TOP) {
            return Element::new("p", "hint").text(words().saving.none_yet).view();
        }
        folders.iter().map(|it| shelf.folder(it).view()).collect::<Vec<_>>().into_any()
    };
    let names = move || {
        let names = workspace.with(|it| {
            let names = it.saved.folders().iter().map(|it| it.name().to_owned());
            names.filter(|name| name != TOP).collect::<Vec<_>>()
        });
        let option = |name: &String| Element::new("option", "").attribute("value", name).view();
        names.iter().map(option).collect::<Vec<_>>().into_any()
    };
    Element::new("div", "").children([
        shelf.saving(),
        Element::new("datalist", "").attribute("id", FOLDERS).live_child(names),
        Element::new("div", "saved").live_child(list),
    ])
}

impl Shelf {
    /// Changes what is saved. If that fails, says why and changes nothing.
    fn change(
        self,
        change: impl FnOnce(&mut workbench::compose::Saved) -> Result<(), SavedError>,
    ) -> bool {
        let done = self.composing.library.change(|workspace| {
            let mut saved = workspace.saved.clone();
            change(&mut saved)?;
            workspace.saved = saved;
            Ok(())
        });
        let error = done.and_then(Result::err);
        let is_done = error.is_none();
        self.problem.set(error);
        is_done
    }

    /// Saves what is in the box.
    fn saving(self) -> Element {
        let words = &words().saving;
        let (name, folder) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
        let places = move || {
            (folder.get_untracked().trim().to_owned(), name.get_untracked().trim().to_owned())
        };
        let save = move || {
            self.editing.set(None);
            let (folder, name_given) = places();
            let draft = self.composing.shell.draft().get_untracked();
            if self.change(|saved| saved.add(&folder, &name_given, draft)) {
                name.set(String::new());
            }
        };
        let is_twice = move || {
            self.editing.with(Option::is_none)
                && self.problem.with(|it| matches!(it, Some(SavedError::Twice(_))))
        };
        let replace = Element::button("plain replace", move || {
            let (folder, name) = places();
            self.replace(&folder, &name);
        })
        .live("hidden", move || (!is_twice()).then(String::new))
        .text(words.replace);
        Element::new("div", "").children([
            form("panel-form saving", save).children([
                field(words.name, "saved-name", name),
                with_folders(folder),
                submit(words.save),
                replace,
            ]),
            self.wrong(false),
        ])
    }

    fn wrong(self, is_in_list: bool) -> Element {
        wrong(move || {
            let is_here = self.editing.with(Option::is_some) == is_in_list;
            self.problem.get().filter(|_| is_here).map(|error| (words().saving.mistake)(&error))
        })
    }

    fn replace(self, folder: &str, name: &str) {
        let shell = self.composing.shell;
        let workspace = self.composing.library.workspace();
        let before = workspace.with_untracked(|it| it.saved.draft(folder, name).cloned());
        let draft = shell.draft().get_untracked();
        if self.change(|saved| saved.replace(folder, name, draft)) {
            self.editing.set(None);
            let message = before.map(|draft| SavedMessage { name: name.to_owned(), draft });
            self.composing.undo.set(message.map(|it| Undo::Replaced(folder.to_owned(), it)));
        }
    }

    fn folder(self, folder: &Folder) -> Element {
        let name = folder.name().to_owned();
        let rows = folder.messages().iter().map(|message| self.message(&name, message));
        let list = Element::new("ul", "").children(rows);
        if name == TOP {
            return list;
        }
        let title = Element::new("h3", "").text(&name);
        let heading =
            Element::new("div", "saved-row").children([title, self.edit(name.clone(), None)]);
        let editing = self.editing_form(name, None);
        Element::new("div", "folder").children([heading, editing, list])
    }

    fn message(self, folder: &str, message: &SavedMessage) -> Element {
        let words = &words().saving;
        let SavedMessage { name, draft } = message.clone();
        let start: String = draft.text.chars().take(SHOWN).collect();
        let state = self.composing.shell.state();
        let again = draft.clone();
        let load = Element::button("load", move || self.load(draft.clone()))
            .attribute("title", words.load)
            .children([
                Element::new("span", "").text(&name),
                Element::new("code", "").text(&start),
            ]);
        let send = Element::button("plain send-saved", move || self.send(again.clone()))
            .attribute("aria-label", &(words.send_it)(&name))
            .live("disabled", move || (!state.with(State::can_send)).then(String::new))
            .text(words.send);
        let edit = self.edit(folder.to_owned(), Some(name.clone()));
        let row = Element::new("div", "saved-row").children([load, send, edit]);
        Element::new("li", "").children([row, self.editing_form(folder.to_owned(), Some(name))])
    }

    fn load(self, draft: Draft) {
        self.composing.shell.put_draft(draft);
        self.composing.panel.set(None);
        self.input.focus();
    }

    /// What cannot be sent goes into the box, below which is said why.
    fn send(self, draft: Draft) {
        if Checked::of(&draft, || self.composing.values()).is_wrong() {
            self.load(draft);
        } else {
            self.composing.shell.command(ComposerCommand::SendDraft(draft));
        }
    }

    /// The button that unfolds a form.
    fn edit(self, folder: String, name: Option<String>) -> Element {
        let words = &words().saving;
        let label = (words.change_it)(name.as_ref().unwrap_or(&folder));
        let this = StoredValue::new((folder, name));
        let is_this = move |now: &Option<(String, Option<String>)>| {
            this.with_value(|this| now.as_ref() == Some(this))
        };
        Element::button("plain edit-saved", move || {
            self.problem.set(None);
            let is_open = self.editing.with_untracked(is_this);
            self.editing.set((!is_open).then(|| this.get_value()));
        })
        .attribute("aria-label", &label)
        .live("aria-expanded", move || Some(self.editing.with(is_this).to_string()))
        .text(words.change)
    }

    /// The form that renames, moves, replaces and removes, where it is unfolded.
    fn editing_form(self, folder: String, name: Option<String>) -> Element {
        let this = StoredValue::new((folder, name));
        Element::new("div", "").live_child(move || {
            let is_this = this.with_value(|this| self.editing.with(|it| it.as_ref() == Some(this)));
            if !is_this {
                return ().into_any();
            }
            let (folder, name) = this.get_value();
            let form = match name {
                Some(name) => self.change_message(folder, name),
                None => self.change_folder(folder),
            };
            form.children([self.wrong(true)]).view()
        })
    }

    fn change_message(self, folder: String, name: String) -> Element {
        let words = &words().saving;
        let new_name = RwSignal::new(name.clone());
        let new_folder = RwSignal::new(folder.clone());
        let this = StoredValue::new((folder, name));
        let apply = move || {
            let (folder, name) = this.get_value();
            let (to, new) = (new_folder.get_untracked(), new_name.get_untracked());
            let (to, new) = (to.trim(), new.trim());
            let is_done = self.change(|saved| {
                saved.rename(&folder, &name, new)?;
                if to == folder {
                    return Ok(());
                }
                if saved.folders().iter().all(|it| it.name() != to) {
                    saved.add_folder(to)?;
                }
                saved.move_to(&folder, new, to)
            });
            if is_done {
                self.editing.set(None);
            }
        };
        let replace = move || this.with_value(|(folder, name)| self.replace(folder, name));
        let remove = move || {
            let (folder, name) = this.get_value();
            self.remove(|saved| saved.remove(&folder, &name));
        };
        form("panel-form changing", apply).children([
            field(words.name, "saved-name", new_name),
            with_folders(new_folder),
            submit(words.apply),
            Element::button("plain replace", replace).text(words.replace),
            Element::button("plain remove", remove).text(words.remove),
        ])
    }

    fn change_folder(self, folder: String) -> Element {
        let words = &words().saving;
        let new_name = RwSignal::new(folder.clone());
        let this = StoredValue::new(folder);
        let apply = move || {
            let new = new_name.get_untracked();
            if self.change(|saved| saved.rename_folder(&this.get_value(), new.trim())) {
                self.editing.set(None);
            }
        };
        let remove = move || self.remove(|saved| saved.remove_folder(&this.get_value()));
        form("panel-form changing", apply).children([
            field(words.folder, "saved-name", new_name),
            submit(words.apply),
            Element::button("plain remove", remove).text(words.remove_folder),
        ])
    }

    fn remove(
        self,
        remove: impl FnOnce(&mut workbench::compose::Saved) -> Option<workbench::compose::Removed>,
    ) {
        let removed = self.composing.library.change(|it| remove(&mut it.saved)).flatten();
        self.editing.set(None);
        self.composing.undo.set(removed.map(Undo::Removed));
    }
}

/// A field for a folder: one that there is, a new one, or none.
fn with_folders(folder: RwSignal<String>) -> Element {
    let words = &words().saving;
    let input = Element::new("input", "saved-folder")
        .attribute("list", FOLDERS)
        .attribute("autocomplete", "off")
        .attribute("placeholder", words.no_folder)
        .property("value", move || folder.get())
        .on("input", move |event: ev::Event| folder.set(event_target_value(&event)));
    Element::new("label", "").text(words.folder).children([input])
}
