//! Input: messages from arguments, standard input or the prompt.

pub(super) mod command;
mod control;
mod file;
mod prompt;
mod splitter;

use std::{collections::VecDeque, time::Duration};

use session::{Instruction, Message};
use tokio::{
    io::{BufReader, Stdin, stdin},
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

pub(crate) use self::splitter::{InputFormat, Splitter};
pub(super) use self::{
    control::close_warning,
    file::read_file,
    prompt::{Prompt, PromptPrinter},
};
use crate::{process::Interrupt, quantity::format_counted};

/// Size of the read buffer of standard input.
const BUFFER: usize = 64 << 10;

/// Time to see if there is more of standard input: what is there already comes at once.
const MORE: Duration = Duration::from_millis(100);

/// Input event.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum InputEvent {
    /// Message or frame to send; never a pause.
    Instruction(Instruction),
    /// Line typed at the prompt: a message or a command.
    Line(String),
    /// End of the input: nothing more is sent.
    End,
    /// Standard input failed; a sentence.
    Failed(String),
}

/// Source of the messages to send.
pub(super) enum Input {
    /// Fixed messages (`--execute`), each with the number of expectations to meet before it.
    Messages(VecDeque<(String, usize)>),
    Stdin {
        splitter: Splitter<BufReader<Stdin>>,
        /// End of a pause of the script.
        resume_at: Option<Instant>,
    },
    /// Prompt before the first connection; it appears once connected.
    Pending(Box<Prompt>, Interrupt),
    /// Lines typed at the prompt, from its thread.
    Prompt(mpsc::Receiver<String>),
}

impl Input {
    /// Fixed messages, nothing else.
    pub(super) fn messages(messages: Vec<(String, usize)>) -> Self {
        Self::Messages(messages.into())
    }

    /// Standard input, in messages of at most `max_message` bytes.
    pub(super) fn stdin(format: InputFormat, max_message: usize) -> Self {
        let reader = BufReader::with_capacity(BUFFER, stdin());
        Self::Stdin { splitter: Splitter::new(reader, format, max_message), resume_at: None }
    }

    /// Lines typed at a prompt. Ctrl-C raises `interrupt`.
    pub(super) fn prompt(prompt: Prompt, interrupt: Interrupt) -> Self {
        Self::Pending(Box::new(prompt), interrupt)
    }

    /// Shows the prompt, if there is one: the connection is open.
    pub(super) fn connected(&mut self) {
        *self = match std::mem::replace(self, Self::Messages(VecDeque::new())) {
            Self::Pending(prompt, interrupt) => Self::Prompt(prompt.read_lines(interrupt)),
            other => other,
        };
    }

    /// Number of expectations to meet before the next message. Zero for other input than `-x`.
    pub(super) fn expected_before(&self) -> usize {
        match self {
            Self::Messages(messages) => messages.front().map_or(0, |(_, expected)| *expected),
            _ => 0,
        }
    }

    /// Place of the next message, for a sentence about the end of the connection; `None` if there is no other one
    /// yet. Takes it.
    pub(super) async fn next_place(&mut self) -> Option<String> {
        match self {
            Self::Messages(left) if !left.is_empty() => {
                let left = format_counted(left.len() as u64, "message", "messages");
                Some(format!("with {left} left to send"))
            }
            Self::Stdin { splitter, .. } => {
                let next = timeout(MORE, splitter.next_place()).await.ok()??;
                Some(format!("before {next} of standard input"))
            }
            _ => None,
        }
    }

    /// True for a prompt: it is read even while nothing can be sent.
    pub(super) fn is_prompt(&self) -> bool {
        matches!(self, Self::Prompt(_))
    }

    /// Next event. Cancel safe.
    pub(super) async fn next(&mut self) -> InputEvent {
        match self {
            Self::Messages(messages) => {
                let next = messages.pop_front().map(|(text, _)| Message::Text(text));
                next.map(Instruction::Send).map_or(InputEvent::End, InputEvent::Instruction)
            }
            Self::Stdin { splitter, resume_at } => loop {
                if let Some(at) = *resume_at {
                    sleep_until(at).await;
                    *resume_at = None;
                }
                return match splitter.next().await {
                    Ok(Some(Instruction::Pause(pause))) => {
                        *resume_at = Some(Instant::now() + pause);
                        continue;
                    }
                    Ok(Some(instruction)) => InputEvent::Instruction(instruction),
                    Ok(None) => InputEvent::End,
                    Err(sentence) => InputEvent::Failed(sentence),
                };
            },
            Self::Pending(..) => std::future::pending().await,
            Self::Prompt(lines) => lines.recv().await.map_or(InputEvent::End, InputEvent::Line),
        }
    }
}
