//! `/chat/{room}`: each message goes to all others in the room.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use protocol::{Close, Kind};

use super::{Endpoint, Plan};
use crate::conduct::{Conduct, Finish, Speech};

/// Bytes of a room's name, at most.
const NAME: usize = 64;

/// The close code of who is too slow: a policy is violated (RFC 6455 section 7.4.1).
const TOO_SLOW: u16 = 1008;

pub(super) fn endpoint() -> Endpoint {
    let summary = "Sends each message to all others in the room. A member that has not taken \
                   what was sent before, and for whom more than --max-waiting bytes wait, is closed \
                   with 1008; no one waits for it";
    Endpoint::new("/chat/{room}", "Answers", summary, |ask| {
        let room = ask.segment("room", "Whoever names the same room is in it", NAME);
        Plan::conduct(move |opening| {
            let bound = opening.server.config.limits.waiting;
            Member::enter(Arc::clone(&opening.server.rooms), room, bound)
        })
    })
}

/// The rooms in which someone is.
#[derive(Default)]
pub(crate) struct Rooms(Mutex<HashMap<String, Vec<Arc<Inbox>>>>);

/// What waits for one member.
struct Inbox {
    waiting: Mutex<Waiting>,
    /// Bytes that may wait for a member that is behind.
    bound: usize,
}

#[derive(Default)]
struct Waiting {
    messages: VecDeque<(Kind, Arc<[u8]>)>,
    /// What they [cost].
    bytes: usize,
    /// The peer had not taken what was sent before when it was the member's turn. A member that had
    /// no turn yet is not slow, whatever came at once.
    is_behind: bool,
    /// More came than may wait.
    is_too_slow: bool,
    waker: Option<Waker>,
}

/// Bytes that a message of this payload takes while it waits: an empty one takes some, too.
fn cost(payload: &[u8]) -> usize {
    payload.len() + size_of::<(Kind, Arc<[u8]>)>()
}

impl Rooms {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<Arc<Inbox>>>> {
        // Nothing between lock and unlock can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // As above.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, kind: Kind, payload: &Arc<[u8]>) {
        let mut waiting = self.lock();
        if waiting.is_too_slow {
            return;
        }
        // One message is taken whatever its size, as from any peer.
        let is_full = waiting.bytes > 0 && waiting.bytes + cost(payload) > self.bound;
        if is_full && waiting.is_behind {
            *waiting =
                Waiting { is_too_slow: true, waker: waiting.waker.take(), ..Waiting::default() };
        } else {
            waiting.bytes += cost(payload);
            waiting.messages.push_back((kind, Arc::clone(payload)));
        }
        if let Some(waker) = waiting.waker.take() {
            waker.wake();
        }
    }
}

/// Someone in a room, until this is dropped.
struct Member {
    rooms: Arc<Rooms>,
    room: String,
    inbox: Arc<Inbox>,
    /// Bytes handed to others in this turn. Past the bound they have theirs first.
    handed: usize,
}

impl Member {
    fn enter(rooms: Arc<Rooms>, room: String, bound: usize) -> Self {
        let inbox = Arc::new(Inbox { waiting: Mutex::default(), bound });
        rooms.lock().entry(room.clone()).or_default().push(Arc::clone(&inbox));
        Self { rooms, room, inbox, handed: 0 }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut rooms = self.rooms.lock();
        if let Some(members) = rooms.get_mut(&self.room) {
            members.retain(|inbox| !Arc::ptr_eq(inbox, &self.inbox));
            if members.is_empty() {
                rooms.remove(&self.room);
            }
        }
    }
}

impl Conduct for Member {
    fn answer(&mut self, kind: Kind, payload: Cow<'_, [u8]>, _: &mut Speech<'_>) {
        self.handed += cost(&payload);
        let payload = Arc::from(&*payload);
        let rooms = self.rooms.lock();
        let members = rooms.get(&self.room).into_iter().flatten();
        for inbox in members.filter(|inbox| !Arc::ptr_eq(inbox, &self.inbox)) {
            inbox.put(kind, &payload);
        }
    }

    fn poll(&mut self, context: &mut Context<'_>, speech: &mut Speech<'_>) -> Poll<Finish> {
        self.handed = 0;
        let mut waiting = self.inbox.lock();
        if waiting.is_too_slow {
            let reason = "too many messages of the room wait to be read".to_owned();
            return Poll::Ready(Finish::Close(Some(Close { code: TOO_SLOW, reason })));
        }
        waiting.is_behind = !speech.has_room();
        while speech.has_room()
            && let Some((kind, payload)) = waiting.messages.pop_front()
        {
            waiting.bytes -= cost(&payload);
            speech.message(kind, Cow::Borrowed(&payload));
        }
        waiting.waker = Some(context.waker().clone());
        Poll::Pending
    }

    fn held(&self) -> usize {
        self.handed
    }

    fn last_words(&mut self, speech: &mut Speech<'_>) {
        self.handed = 0;
        let mut waiting = self.inbox.lock();
        waiting.bytes = 0;
        for (kind, payload) in waiting.messages.drain(..) {
            speech.message(kind, Cow::Borrowed(&payload));
        }
    }
}
