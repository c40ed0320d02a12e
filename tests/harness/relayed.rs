//! Page as the relay sees it: a WebSocket with an Origin, commands and events.

use std::{collections::VecDeque, mem};

use futures::{SinkExt, StreamExt};
use relay::{
    Command, Direction, End, Event, Failure, Fragments, Frame, Message, Network, Open, Opened,
    PayloadKind, TOKEN_LEN, VERSION,
};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{self, client::IntoClientRequest, protocol::CloseFrame},
};

use crate::{Client, raw, soon};

/// Page of the server, connected to its relay.
pub struct RelayClient {
    socket: Client,
    events: VecDeque<(Event<'static>, Vec<u8>)>,
    /// Payload of the last event, which has none itself.
    pub last_payload: Vec<u8>,
    /// Bytes of messages received.
    pub received: u64,
}

/// Answer to the page's question for the token, with its head.
pub async fn ask_for_token(authority: &str) -> String {
    let lines = format!("Host: {authority}\r\nSec-Fetch-Site: same-origin\r\n");
    raw::request(authority, "GET", "/relay/token", &lines).await
}

/// Token that a page of this server gets.
pub async fn token(authority: &str) -> [u8; TOKEN_LEN] {
    let answer = ask_for_token(authority).await;
    let (head, text) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    assert!(head.starts_with("HTTP/1.1 200 "), "{answer}");
    let number = u128::from_str_radix(text.trim(), 16).expect("a token is hexadecimal");
    number.to_be_bytes()
}

/// An event without the bytes of its payload, and those.
fn split(mut event: Event<'_>) -> (Event<'static>, Vec<u8>) {
    let payload = event.payload().to_vec();
    if let Event::Frame(frame) = &mut event {
        frame.payload = frame.payload.map(|_| &[][..]);
    }
    let mut message = Vec::new();
    event.encode(&mut message);
    // It borrows its message, of which little is left.
    let event = Event::decode_all(message.leak()).next();
    (event.expect("an event").expect("it is well"), payload)
}

/// Options that go wherever a test asks.
#[must_use]
pub fn to(url: &str) -> Open {
    Open { url: url.to_owned(), confirmed: Network::ALL.into(), ..Open::default() }
}

impl RelayClient {
    /// Page that has not said anything.
    pub async fn silent(authority: &str) -> Self {
        let mut request = format!("ws://{authority}/relay").into_client_request().unwrap();
        let origin = format!("http://{authority}").parse().unwrap();
        request.headers_mut().insert("Origin", origin);
        let (socket, _) = connect_async(request).await.expect("the relay answers");
        Self { socket, events: VecDeque::new(), last_payload: Vec::new(), received: 0 }
    }

    /// Page that has shown its token.
    pub async fn greeted(authority: &str) -> Self {
        let token = token(authority).await;
        let mut page = Self::silent(authority).await;
        page.send(&Command::Hello { version: VERSION, token }).await;
        assert!(matches!(page.event().await, Event::Ready(_)));
        page
    }

    /// Page that asks for a connection.
    pub async fn asking(authority: &str, open: Open) -> Self {
        let mut page = Self::greeted(authority).await;
        page.send(&Command::Open(Box::new(open))).await;
        page
    }

    /// Page with an open connection.
    pub async fn connected(authority: &str, open: Open) -> (Self, Opened) {
        let mut page = Self::asking(authority, open).await;
        let opened = page.opened().await;
        (page, opened)
    }

    /// Sends a command.
    pub async fn send(&mut self, command: &Command<'_>) {
        let mut message = Vec::new();
        command.encode(&mut message);
        self.send_bytes(message).await;
    }

    /// Sends a message of commands.
    pub async fn send_bytes(&mut self, message: Vec<u8>) {
        let message = tungstenite::Message::binary(message);
        soon("reading of the command", self.socket.send(message)).await.expect("the relay reads");
    }

    /// Sends a text to the target.
    pub async fn send_text(&mut self, text: &str) {
        let (kind, payload) = (PayloadKind::Text, text.as_bytes());
        self.send(&Command::Message(Message {
            kind,
            compress: true,
            fragments: Fragments::NONE,
            payload,
        }))
        .await;
    }

    /// The next event, whose payload is [`last_payload`](Self::last_payload) then.
    pub async fn event(&mut self) -> Event<'static> {
        loop {
            if let Some((event, payload)) = self.events.pop_front() {
                self.last_payload = payload;
                return event;
            }
            match self.message().await {
                tungstenite::Message::Binary(message) => {
                    self.received += message.len() as u64;
                    self.events.extend(Event::decode_all(&message).map(|it| split(it.unwrap())));
                }
                // Of a machine so busy that nothing was said for long.
                tungstenite::Message::Ping(_) => {}
                other => panic!("no event: {other:?}"),
            }
        }
    }

    /// The next message, whatever it is.
    pub async fn message(&mut self) -> tungstenite::Message {
        soon("a message of the relay", self.socket.next()).await.expect("it is open").unwrap()
    }

    /// The Close frame that ends the relay, after the events before it.
    pub async fn close(&mut self) -> CloseFrame {
        loop {
            if let tungstenite::Message::Close(close) = self.message().await {
                return close.expect("the relay says why");
            }
        }
    }

    /// The events up to the last of the opening.
    pub async fn opening(&mut self) -> Vec<Event<'static>> {
        let mut events = Vec::new();
        loop {
            events.push(self.event().await);
            if let Some(Event::Opened(_) | Event::Failed(_)) = events.last() {
                return events;
            }
        }
    }

    /// Result of an opening that succeeds.
    pub async fn opened(&mut self) -> Opened {
        match self.opening().await.pop() {
            Some(Event::Opened(opened)) => opened,
            other => panic!("not opened: {other:?}"),
        }
    }

    /// Result of an opening that fails.
    pub async fn failure(&mut self) -> Failure {
        match self.opening().await.pop() {
            Some(Event::Failed(failure)) => failure,
            other => panic!("not failed: {other:?}"),
        }
    }

    /// The next frame of a direction.
    pub async fn frame(&mut self, direction: Direction) -> Frame<'static> {
        loop {
            match self.event().await {
                Event::Frame(frame) if frame.direction == direction => return frame,
                Event::Frame(_) | Event::Written(_) => {}
                other => panic!("no frame: {other:?}"),
            }
        }
    }

    /// The next message or control frame from the target.
    pub async fn payload(&mut self) -> Vec<u8> {
        while self.frame(Direction::Received).await.payload.is_none() {}
        mem::take(&mut self.last_payload)
    }

    /// The end, after the frames before it.
    pub async fn end(&mut self) -> End {
        loop {
            match self.event().await {
                Event::Ended(end) => return end,
                Event::Frame(_) | Event::Written(_) => {}
                other => panic!("no end: {other:?}"),
            }
        }
    }
}
