//! Send form: the text box, its keys and the Send button.

use leptos::{ev, html, prelude::*};
use session::{Message, State};
use workbench::{
    compose::{Form, Framing},
    engine::ComposerCommand,
};

use super::{
    ComposerState,
    draft_check::DraftCheck,
    file::send_attached,
    status_line::{STATUS_LINE, StatusLine},
    text_box::TextBox,
    words::words,
};
use crate::{
    browser::dom::{
        focus::{ADDRESS, focus},
        keyboard::is_composing,
        popup::close_on_leave,
    },
    ui::{button::Button, keyed::keyed, show::Show, text_input::on_submit},
};

/// Handle that the parts of the form share: sends the draft, or reports its error.
#[derive(Clone, Copy)]
struct SendActions {
    composer: ComposerState,
    text_box: TextBox,
    /// Session state in which an empty draft was submitted: an empty message is offered until the state changes.
    empty_offer: RwSignal<Option<State>>,
    /// Session state in which a draft was submitted without a connection: connecting is offered until
    /// the state changes.
    connect_offer: RwSignal<Option<State>>,
    on_connect: Callback<(), bool>,
    /// Error of the last submitted draft, for screen readers, with the number of submits: an equal text is read out
    /// again.
    refusal: RwSignal<(u64, Option<String>)>,
}

impl SendActions {
    /// Form of a view that has just been created: no offers, no error.
    fn new(composer: ComposerState, text_box: TextBox, on_connect: Callback<(), bool>) -> Self {
        Self {
            composer,
            text_box,
            empty_offer: RwSignal::new(None),
            connect_offer: RwSignal::new(None),
            on_connect,
            refusal: RwSignal::default(),
        }
    }

    /// Sends the draft if it is valid; else it stays, with the caret at the error.
    ///
    /// Without a connection it offers to connect. With an empty draft it sends the attached file, or offers an empty
    /// message: Enter in an empty box is more often a mistake.
    fn send_draft(self) {
        let engine = self.composer.engine;
        if !self.composer.can_send.get_untracked() {
            return self.connect_offer.set(Some(engine.state.get_untracked()));
        }
        let Ok(framing) = untrack(|| self.composer.framing()) else {
            return self.composer.framing.focus();
        };
        // Frames other than one of a message are often empty.
        let is_empty = !untrack(|| self.has_draft()) && framing.is_none();
        if is_empty && send_attached(self.composer) {
            return self.text_box.focus();
        }
        if !self.is_valid(framing) {
            return self.empty_offer.set(None);
        }
        if !is_empty {
            engine.send_draft(framing);
        }
        // What is typed next is no reason of another.
        if matches!(framing, Some(Framing::Close(_))) {
            self.composer.framing.choose(None);
        }
        self.text_box.focus();
        // The focus elsewhere withdraws an offer: it has to be in the box by now.
        self.empty_offer.set(is_empty.then(|| engine.state.get_untracked()));
    }

    /// Checks the draft in these frames. An error is announced, and gets the caret.
    fn is_valid(self, framing: Option<Framing>) -> bool {
        let values = || self.composer.preview_values();
        let draft = self.composer.engine.draft;
        let check = draft.with_untracked(|draft| DraftCheck::of(draft, framing, &values));
        let error = check.is_error().then(|| check.message()).flatten();
        self.refusal.update(|(number, refusal)| (*number, *refusal) = (*number + 1, error));
        if check.is_error() {
            self.text_box.go_to(check.place());
        }
        !check.is_error()
    }

    /// True if there is text to send. Tracks the draft.
    fn has_draft(self) -> bool {
        self.composer.engine.draft.with(|draft| !draft.text.is_empty())
    }

    /// Sends an empty message of the draft's form, as offered.
    fn send_empty(self) {
        let engine = self.composer.engine;
        engine.send(engine.draft.with_untracked(|draft| empty_message(draft.form)));
        self.empty_offer.set(None);
        self.text_box.focus();
    }

    /// Connects, and sends the draft once the connection is open; it stays in the box until then. An invalid one keeps
    /// from it, as from sending. Where it cannot, the connect bar says why, and the focus moves to the address box.
    fn connect_and_send(self) {
        // Frames with an invalid number are seen once they are offered: the draft waits for that.
        let framing = untrack(|| self.composer.framing.framing()).ok();
        let waiting = framing.filter(|_| untrack(|| self.has_draft()));
        // The next connection may go another way, and then has no frames to choose.
        if waiting.is_some() && !self.is_valid(None) {
            return;
        }
        if !self.on_connect.run(()) {
            return focus(ADDRESS);
        }
        if let Some(framing) = waiting {
            let engine = self.composer.engine;
            let draft = engine.draft.get_untracked();
            engine.command(ComposerCommand::SendOnceOpen(draft, framing));
        }
        self.text_box.focus();
    }

    /// Deselects frames that end a connection (Close, raw bytes) with it: the next one begins with a message.
    fn follow(self) {
        Effect::new(move || {
            let chosen = untrack(|| self.composer.framing.chosen());
            let ends = matches!(chosen, Some(Framing::Close(_) | Framing::Raw));
            if !self.composer.can_send.get() && ends {
                self.composer.framing.choose(None);
            }
        });
    }

    /// Takes a text that was typed as the draft. The offer of an empty message, and the error of the
    /// text before, are gone.
    fn edit(self, text: String) {
        self.composer.engine.draft.update(|draft| draft.text = text);
        self.empty_offer.set(None);
        self.refusal.update(|refusal| refusal.1 = None);
    }

    /// Handles Enter, with or without Ctrl or ⌘, and the arrow keys, unless an input method uses
    /// them to compose a character. Shift+Enter is left to the browser, which breaks the line.
    fn press(self, event: &ev::KeyboardEvent) {
        let has_control = event.ctrl_key() || event.meta_key();
        if is_composing(event) || event.shift_key() || event.alt_key() {
            return;
        }
        let is_handled = match event.key().as_str() {
            // Held, it would send what comes after the draft, such as the attached file.
            "Enter" => {
                if !event.repeat() {
                    self.send_draft();
                }
                true
            }
            "ArrowUp" if !has_control => self.text_box.recall(true),
            "ArrowDown" if !has_control => self.text_box.recall(false),
            _ => false,
        };
        if is_handled {
            event.prevent_default();
        }
    }
}

/// Text box, Send button and status line, with the offers above them. Without a connection, the
/// button as well as Enter gets an offer to connect. Escape withdraws an offer, as does a press or the focus elsewhere.
#[component]
pub(super) fn SendForm(
    composer: ComposerState,
    text_box: TextBox,
    check: Signal<DraftCheck>,
    on_connect: Callback<(), bool>,
) -> impl IntoView {
    let words = &words().composer;
    let sender = SendActions::new(composer, text_box, on_connect);
    sender.follow();
    let is_relayed = composer.is_relayed;
    let draft = composer.engine.draft;
    let submits = Signal::derive(move || vec![sender.refusal.with(|it| it.0)]);
    let refusal = move |_| view! { <span>{move || sender.refusal.get().1}</span> }.into_any();
    let label = move || match composer.framing.chosen().filter(|_| is_relayed.get()) {
        None if !sender.has_draft() && composer.engine.file.with(Option::is_some) => {
            self::words().files.send
        }
        framing => (words.send)(framing),
    };
    let offers = NodeRef::<html::Div>::new();
    let [empty, connect] = [sender.empty_offer, sender.connect_offer];
    let state = composer.engine.state;
    let to_connect = move || {
        if sender.has_draft() {
            (words.is_kept, words.connect_and_send)
        } else {
            (words.not_connected, words.connect)
        }
    };
    let is_offered = move || empty.with(Option::is_some) || connect.with(Option::is_some);
    close_on_leave(offers, is_offered, move || {
        empty.set(None);
        connect.set(None);
    });
    view! {
        <div class="offers" node_ref=offers>
            // An empty message is valid (RFC 6455, section 5.6), and some servers answer it.
            <Offer
                state
                offer=empty
                words=Signal::stored((words.is_empty, words.send_empty))
                class="send-empty"
                act=move || sender.send_empty()
            />
            <Offer
                state
                offer=connect
                words=Signal::derive(to_connect)
                class="connect-and-send"
                act=move || sender.connect_and_send()
            />
        </div>
        <form class="writing" on:submit=on_submit(move || sender.send_draft())>
            <textarea
                rows="1"
                placeholder=words.placeholder
                aria-label=words.message
                aria-describedby=STATUS_LINE
                aria-invalid=move || check.with(DraftCheck::is_error).then_some("true")
                node_ref=text_box.node
                prop:value=move || draft.with(|draft| draft.text.clone())
                on:input=move |event| sender.edit(event_target_value(&event))
                on:keydown=move |event| sender.press(&event)
            ></textarea>
            <button
                type="submit"
                class="send"
                title=move || if composer.can_send.get() { words.send_hint } else { words.not_connected }
                aria-disabled=move || (!composer.can_send.get()).then_some("true")
            >
                {move || label()}
            </button>
        </form>
        <StatusLine composer text_box check />
        <span class="spoken" role="alert">{keyed(submits, Callback::new(refusal))}</span>
    }
}

/// Sentence with a button, while the session state is the one of `offer`.
#[component]
fn Offer(
    state: Memo<State>,
    /// State for which the offer was made; another state withdraws it.
    offer: RwSignal<Option<State>>,
    words: Signal<(&'static str, &'static str)>,
    class: &'static str,
    #[prop(into)] act: Callback<()>,
) -> impl IntoView {
    let is_offered = move || offer.get() == Some(state.get());
    view! {
        <div class="offer notice">
            // The live region exists before its text does, so that the text is announced.
            <span role="status">{move || is_offered().then(|| words.get().0)}</span>
            <Show when=is_offered>
                <Button class label=move || words.get().1 on_click=act />
            </Show>
        </div>
    }
}

/// Empty message of a draft's form: text or binary.
fn empty_message(form: Form) -> Message {
    match form {
        Form::Text | Form::Json => Message::Text(String::new()),
        Form::Hex | Form::Base64 => Message::Binary(Vec::new()),
    }
}
