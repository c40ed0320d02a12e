//! Chat rooms: members, and the messages waiting for each.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    task::Waker,
};

use parking_lot::{Mutex, MutexGuard};
use protocol::Kind;

use crate::{
    memory::{account::Held, budget::Budget},
    websocket::shared_message::SharedMessage,
};

/// Occupied chat rooms, by name.
pub(crate) struct Rooms {
    /// Members by room. Locked for a moment only: messages are encoded before, and compressed by each member.
    occupied: Mutex<HashMap<String, Members>>,
    /// Budget that messages are charged to.
    memory: Arc<Budget>,
}

/// Inboxes of a room by their address in memory: leaving takes no longer in a full room.
type Members = HashMap<usize, Arc<Inbox>>;

/// Messages waiting for one member.
pub(super) struct Inbox {
    /// Queue, filled by other members and emptied by this one.
    waiting: Mutex<Waiting>,
    /// Max bytes waiting for a member that is behind.
    max_bytes: usize,
}

/// Queue of one member, with its bytes.
#[derive(Default)]
pub(super) struct Waiting {
    /// Messages, oldest first.
    messages: VecDeque<Arc<SharedMessage>>,
    /// Sum of the [`cost`] of the messages.
    bytes: usize,
    /// Sum of the parts of the messages that fall to this member, in bytes.
    portion: usize,
    /// True if the peer had not read earlier messages at the member's last turn. A member that had no
    /// turn yet is not slow, however many messages came at once.
    pub(super) is_behind: bool,
    /// True once the inbox overflowed while the member was behind.
    pub(super) is_too_slow: bool,
    /// Waker of the member's task, once it waits for a message.
    pub(super) waker: Option<Waker>,
}

/// Memory of a waiting message in bytes, its place in the queue included.
fn cost(len: usize) -> usize {
    len + size_of::<SharedMessage>()
}

impl Waiting {
    /// Number of messages.
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// Memory held: the messages, which others hold, too.
    pub(super) fn held(&self) -> Held {
        let own = self.messages.len() * size_of::<Arc<SharedMessage>>();
        Held { own, shared: self.bytes, portion: self.portion }
    }
}

/// Membership of a room, until dropped.
pub(super) struct Member {
    /// Rooms, to leave its own on drop.
    rooms: Arc<Rooms>,
    room: String,
    /// Inbox, shared with the room.
    inbox: Arc<Inbox>,
}

impl Rooms {
    /// Creates an empty set of rooms, whose messages are charged to `memory`.
    pub(crate) fn new(memory: &Arc<Budget>) -> Arc<Self> {
        Arc::new(Self { occupied: Mutex::default(), memory: Arc::clone(memory) })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Members>> {
        self.occupied.lock()
    }
}

impl Inbox {
    pub(super) fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock()
    }

    /// Takes the next message.
    pub(super) fn pop(&self) -> Option<Arc<SharedMessage>> {
        let mut waiting = self.lock();
        let message = waiting.messages.pop_front()?;
        let cost = cost(message.len());
        waiting.bytes -= cost;
        waiting.portion -= message.portion(cost);
        Some(message)
    }

    /// Adds a message and wakes the member. A member that is behind with a full inbox loses all of
    /// it, and is closed as too slow.
    fn put(&self, message: &Arc<SharedMessage>) {
        let mut waiting = self.lock();
        if waiting.is_too_slow {
            return;
        }
        // An empty inbox takes a message of any size, as a socket does.
        let cost = cost(message.len());
        let is_full = waiting.bytes > 0 && waiting.bytes + cost > self.max_bytes;
        if is_full && waiting.is_behind {
            *waiting =
                Waiting { is_too_slow: true, waker: waiting.waker.take(), ..Waiting::default() };
        } else {
            waiting.bytes += cost;
            waiting.portion += message.portion(cost);
            waiting.messages.push_back(Arc::clone(message));
        }
        if let Some(waker) = waiting.waker.take() {
            waker.wake();
        }
    }
}

impl Member {
    /// Enters a room, creating it if needed.
    pub(super) fn enter(rooms: Arc<Rooms>, room: String, max_bytes: usize) -> Self {
        let inbox = Arc::new(Inbox { waiting: Mutex::default(), max_bytes });
        let member = Self { rooms, room, inbox };
        let mut rooms = member.rooms.lock();
        let members = rooms.entry(member.room.clone()).or_default();
        members.insert(member.key(), Arc::clone(&member.inbox));
        drop(rooms);
        member
    }

    /// Key in the room: the address of the inbox, unique while it exists.
    fn key(&self) -> usize {
        Arc::as_ptr(&self.inbox).addr()
    }

    pub(super) fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Puts a message into the inbox of every other member. All members get messages in the same order. Returns the
    /// memory that it takes, its places in the inboxes included.
    pub(super) fn broadcast(&self, kind: Kind, payload: &[u8]) -> usize {
        // Encoded without the lock: a copy takes its time.
        let audience =
            self.rooms.lock().get(&self.room).map_or(0, |members| members.len().saturating_sub(1));
        let message = Arc::new(SharedMessage::new(kind, payload, audience, &self.rooms.memory));
        let rooms = self.rooms.lock();
        let members = rooms.get(&self.room).into_iter().flatten();
        for (_, inbox) in members.filter(|(key, _)| **key != self.key()) {
            inbox.put(&message);
        }
        cost(payload.len()) + audience * size_of::<Arc<SharedMessage>>()
    }

    /// Leaves the room, and frees the waiting messages.
    pub(super) fn leave(&self) {
        let mut rooms = self.rooms.lock();
        if let Some(members) = rooms.get_mut(&self.room) {
            members.remove(&self.key());
            if members.is_empty() {
                rooms.remove(&self.room);
            }
        }
        drop(rooms);
        *self.inbox.lock() = Waiting::default();
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_message_is_charged_with_all_of_its_memory() {
        const MESSAGES: usize = 1_000;
        let memory = Budget::new(usize::MAX);
        let rooms = Rooms::new(&memory);
        let enter = || Member::enter(Arc::clone(&rooms), "room".to_owned(), usize::MAX);
        let (one, other) = (enter(), enter());
        for _ in 0..MESSAGES {
            one.broadcast(Kind::Binary, &[7; 7]);
        }
        let held = other.inbox.lock().held();
        assert!(memory.held() >= held.shared, "{} of {held:?}", memory.held());
        assert_eq!(held.portion, held.shared, "one has all of it");
        drop(other);
        assert_eq!(memory.held(), 0);
    }

    #[test]
    fn entering_and_leaving_take_the_same_time_in_a_full_room() {
        growth::assert_linear(
            1 << 14,
            |members| members,
            |members| {
                let rooms = Rooms::new(&Budget::new(1));
                let enter = |_| Member::enter(Arc::clone(&rooms), "room".to_owned(), 1);
                drop((0..members).map(enter).collect::<Vec<_>>());
                assert!(rooms.lock().is_empty());
            },
        );
    }
}
