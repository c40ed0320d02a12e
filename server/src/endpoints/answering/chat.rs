//! `/chat/{room}`: each message is sent to all others in the room.
//!
//! The sender gets no echo. Rooms exist while they have members.

use std::{
    borrow::Cow,
    sync::Arc,
    task::{Context, Poll},
};

use protocol::{Close, Kind, close_code};

use crate::{
    endpoints::{
        endpoint::{Endpoint, Group, Plan},
        rooms::Member,
    },
    memory::account::Held,
    websocket::handler::{Finish, Handler, Responder},
};

/// Bytes of a room's name, at most.
const MAX_NAME: usize = 64;

/// Declares `/chat/{room}`. The room is the only option, and a segment of the path.
pub(in crate::endpoints) fn endpoint() -> Endpoint {
    let summary = "Broadcasts messages to the others in the room";
    let details = "A slow reader, with more than --max-waiting bytes waiting, is closed with 1008 and \
                   does not delay others";
    Endpoint::new("/chat/{room}", Group::Echo, summary, |options| {
        let room = options.segment("room", "Room name", MAX_NAME);
        Plan::handler(move |context| {
            let member = Member::enter(Arc::clone(context.rooms), room, context.max_waiting);
            Chat { member, broadcast: 0, held: Held::default() }
        })
    })
    .details(details)
}

/// Handler of one member of a room.
struct Chat {
    /// Membership, which ends with the handler.
    member: Member,
    /// Bytes broadcast in this turn, as they are held. Above the limit the other members get their turn.
    broadcast: usize,
    /// Memory held by the inbox after the last turn. More comes with the next one.
    held: Held,
}

impl Handler for Chat {
    fn on_message(&mut self, kind: Kind, payload: Cow<'_, [u8]>, _: &mut Responder<'_>) {
        self.broadcast += self.member.broadcast(kind, &payload);
    }

    fn poll(&mut self, context: &mut Context<'_>, responder: &mut Responder<'_>) -> Poll<Finish> {
        self.broadcast = 0;
        let inbox = self.member.inbox();
        {
            let mut waiting = inbox.lock();
            if waiting.is_too_slow {
                let reason = "too many unread messages in the room".to_owned();
                return Poll::Ready(Finish::Close(Some(Close {
                    code: close_code::POLICY,
                    reason,
                })));
            }
            waiting.is_behind = !responder.has_room();
            waiting.waker = Some(context.waker().clone());
        }
        // Unlocked while a message is compressed: the whole room waits to put the next one into the inbox.
        while responder.has_room()
            && let Some(message) = inbox.pop()
        {
            responder.shared_message(&message);
        }
        self.held = inbox.lock().held();
        Poll::Pending
    }

    fn pending_bytes(&self) -> usize {
        self.broadcast
    }

    fn held(&self) -> Held {
        self.held
    }

    fn discard(&mut self) {
        self.member.leave();
        self.held = Held::default();
    }

    fn before_close(&mut self, responder: &mut Responder<'_>) {
        self.broadcast = 0;
        let inbox = self.member.inbox();
        // Those that wait by now: others may put in more, and faster.
        let waiting = inbox.lock().len();
        for message in (0..waiting).map_while(|_| inbox.pop()) {
            responder.shared_message(&message);
        }
        self.held = Held::default();
    }
}

#[cfg(test)]
mod tests {
    use protocol::Deflate;

    use super::*;
    use crate::{
        endpoints::rooms::Rooms, memory::budget::Budget, operation::record::Tally,
        websocket::outbox::Outbox,
    };

    /// A message to many is work for each of them.
    #[test]
    fn a_turn_in_a_full_room_has_fewer_messages() {
        const TURN: usize = 1 << 20;
        let rooms = Rooms::new(&Budget::new(usize::MAX));
        let enter = |_| Member::enter(Arc::clone(&rooms), "room".to_owned(), TURN);
        let _members = (0..1_000).map(enter).collect::<Vec<_>>();
        let mut chat = Chat { member: enter(0), broadcast: 0, held: Held::default() };
        let (mut outbox, mut tally) = (Outbox::new(None, 0), Tally::default());
        let mut messages = 0;
        while chat.pending_bytes() < TURN {
            let mut responder = Responder { outbox: &mut outbox, tally: &mut tally };
            chat.on_message(Kind::Binary, (&[7; 7]).into(), &mut responder);
            messages += 1;
        }
        assert!(messages < 200, "{messages} messages to 1,000 members");
    }

    /// A member that closes among others that send faster than its messages are compressed.
    #[test]
    fn the_end_in_a_busy_room_takes_what_was_waiting() {
        const WAITING: u64 = 20;
        let memory = Budget::new(usize::MAX);
        let rooms = Rooms::new(&memory);
        let enter = || Member::enter(Arc::clone(&rooms), "room".to_owned(), usize::MAX);
        let mut rng = fastrand::Rng::with_seed(7);
        let large: Vec<u8> = std::iter::repeat_with(|| rng.u8(..)).take(64 << 10).collect();
        let (mut chat, other) =
            (Chat { member: enter(), broadcast: 0, held: Held::default() }, enter());
        for _ in 0..WAITING {
            other.broadcast(Kind::Binary, &large);
        }
        let (mut outbox, mut tally) = (Outbox::new(Some(Deflate::default()), 0), Tally::default());
        let before = memory.held();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // Until the first of them is compressed.
                while memory.held() == before {
                    std::thread::yield_now();
                }
                for _ in 0..WAITING {
                    other.broadcast(Kind::Binary, b"more");
                }
            });
            chat.before_close(&mut Responder { outbox: &mut outbox, tally: &mut tally });
        });
        assert_eq!(tally.sent, WAITING);
    }
}
