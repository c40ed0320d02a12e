//! Input of a conversation: messages, commands of the prompt, instructions of a script.

use session::{Direction, Fact, Instruction, Message};
use tokio::time::Instant;

use super::{Conversation, now};
use crate::{
    connect::{
        end_policy::EndCause,
        input::{
            InputEvent, close_warning,
            command::{Command, HELP},
            read_file,
        },
    },
    quantity::format_counted,
    websocket::Outgoing,
};

impl Conversation {
    /// Sends a message, runs a command, or notes the end of the input. The end policy decides on
    /// the rest.
    pub(super) async fn handle_input(&mut self, event: InputEvent) {
        match event {
            InputEvent::Instruction(instruction) => self.follow(instruction).await,
            InputEvent::Line(line) => match Command::parse(&line) {
                Ok(command) => self.obey(command).await,
                Err(sentence) => self.output.error(&sentence).await,
            },
            InputEvent::End => {
                self.end_policy.input_ended(Instant::now());
                // Ctrl-D at the prompt waits for no answers.
                if self.input.is_prompt() {
                    self.disconnect(EndCause::Done).await;
                }
            }
            InputEvent::Failed(sentence) => {
                self.output.error(&sentence).await;
                self.disconnect(EndCause::InputFailed).await;
            }
        }
    }

    /// Follows an instruction of the prompt or of a script. A Close frame is sent with any code; a
    /// warning tells that one is not allowed.
    async fn follow(&mut self, instruction: Instruction) {
        match instruction {
            Instruction::Send(message) => _ = self.send(message).await,
            Instruction::Fragments(message, size) => {
                self.fragment = Some(size);
                self.send(message).await;
                self.fragment = None;
            }
            Instruction::Ping(payload) => self.ping(payload).await,
            Instruction::Pong(payload) => {
                if self.transmit(Outgoing::Pong(payload.clone())).await {
                    self.print_control(Fact::Pong(Direction::Out, payload, None)).await;
                }
            }
            Instruction::Raw(bytes) => {
                let size = format_counted(bytes.len() as u64, "byte", "bytes");
                if self.transmit(Outgoing::Raw(bytes)).await {
                    self.output.reply(&format!("Sent raw: {size}")).await;
                }
            }
            Instruction::Close(close) => {
                if let Some(warning) = close_warning(close.code) {
                    self.output.error(&warning).await;
                }
                self.close = close;
                self.disconnect(EndCause::Done).await;
            }
            // Handled by the input, which holds back the lines after a pause.
            Instruction::Pause(_) => {}
        }
    }

    /// Sends a message. Returns false if there is no connection or the message is too large, which is
    /// reported.
    async fn send(&mut self, message: Message) -> bool {
        let limit = self.options.max_message;
        let why = if message.len() > limit {
            format!("more than {limit} bytes; --max-message raises the limit")
        } else if let Ok(step) = self.session.send(message) {
            self.apply(step, None).await;
            return true;
        } else {
            "not connected".to_owned()
        };
        self.output.error(&format!("Not sent: {why}. Arrow up recalls the line.")).await;
        false
    }

    /// Runs a command of the prompt. Its result is a reply above the prompt.
    async fn obey(&mut self, command: Command) {
        match command {
            Command::Instruction(instruction) => self.follow(instruction).await,
            Command::ToggleJson => {
                let now = if self.output.toggle_json() { "indented" } else { "shown as received" };
                self.output.reply(&format!("JSON is {now}.")).await;
            }
            Command::File(path) => match read_file(&path, self.options.max_message).await {
                Ok(message) => {
                    let kind = if matches!(message, Message::Text(_)) { "text" } else { "binary" };
                    let size = format_counted(message.len() as u64, "byte", "bytes");
                    if self.send(message).await {
                        self.output.reply(&format!("{}: {size} as {kind}", path.display())).await;
                    }
                }
                Err(sentence) => self.output.error(&sentence).await,
            },
            Command::Stats => self.output.reply(&self.statistics.to_string()).await,
            Command::Help => self.output.reply(HELP).await,
        }
    }

    /// Sends a ping, by command or interval. Its round trip is measured by the pong with the same
    /// payload.
    pub(super) async fn ping(&mut self, payload: Vec<u8>) {
        if self.transmit(Outgoing::Ping(payload.clone())).await {
            self.pings.sent(payload.clone(), now());
            self.print_control(Fact::Ping(Direction::Out, payload)).await;
        }
    }

    /// Sends a control frame or raw bytes. Returns false if it cannot be sent, which is reported.
    async fn transmit(&mut self, outgoing: Outgoing) -> bool {
        let is_ready = self.socket.is_ready();
        if is_ready {
            self.socket.send(outgoing);
        } else {
            self.output
                .error("Not sent: the connection is not ready. Arrow up recalls the line.")
                .await;
        }
        is_ready
    }
}
