//! The session's rules: what each event leads to, and what no sequence of events can break.

use std::time::Duration;

use proptest::prelude::*;
use workbench::{
    Attempt, Backoff, Bounds, Close, CloseCode, Effect, Ending, Event, Item, Message, Session,
    State, Time,
};

const SECOND: Duration = Duration::from_secs(1);

fn session() -> Session {
    Session::new(Backoff::DEFAULT, Bounds::DEFAULT, 7)
}

/// A session whose first connection opened at `Time(0)`.
fn open_session() -> Session {
    let mut session = session();
    assert_eq!(session.handle(Event::Connect, Time(0)), Some(Effect::Open(Attempt(0))));
    assert_eq!(session.handle(Event::Opened(Attempt(0)), Time(0)), None);
    session
}

fn text(text: &str) -> Message {
    Message::Text(text.into())
}

fn closed(code: u16) -> Ending {
    Ending::Closed(Close { code: CloseCode(code), reason: String::new() })
}

fn items(session: &Session) -> Vec<Item> {
    session.transcript().entries().map(|entry| entry.item.clone()).collect()
}

#[test]
fn a_message_goes_out_and_its_echo_comes_in() {
    let mut session = open_session();
    assert_eq!(session.send(text("hi"), Time(1)), Ok(Effect::Send(Attempt(0), text("hi"))));
    session.handle(Event::Received(Attempt(0), text("Echo: hi")), Time(2));
    let expected = [Item::Opened, Item::Sent(text("hi")), Item::Received(text("Echo: hi"))];
    assert_eq!(items(&session), expected);
}

#[test]
fn a_message_for_a_closed_connection_is_given_back() {
    let mut session = session();
    assert_eq!(session.send(text("hi"), Time(0)), Err(text("hi")));
    assert_eq!(items(&session), []);
}

#[test]
fn a_disconnect_is_not_retried() {
    let mut session = open_session();
    assert_eq!(session.handle(Event::Disconnect, Time(1)), Some(Effect::Close(Attempt(0))));
    // The server stopping in the same moment does not change that it was the person's wish.
    assert_eq!(session.handle(Event::Ended(Attempt(0), closed(1001)), Time(2)), None);
    assert_eq!(session.state(), &State::Idle(Some(closed(1001))));
}

#[test]
fn what_the_peer_sends_while_closing_is_kept() {
    let mut session = open_session();
    session.handle(Event::Disconnect, Time(1));
    session.handle(Event::Received(Attempt(0), text("late")), Time(2));
    assert_eq!(items(&session), [Item::Opened, Item::Received(text("late"))]);
}

#[test]
fn an_attempt_called_off_is_not_a_failure() {
    let mut session = session();
    session.handle(Event::Connect, Time(0));
    assert_eq!(session.handle(Event::Disconnect, Time(1)), Some(Effect::Close(Attempt(0))));
    assert_eq!(session.handle(Event::Ended(Attempt(0), Ending::Failed), Time(2)), None);
    assert_eq!(session.state(), &State::Idle(Some(Ending::Cancelled)));
}

#[test]
fn a_server_that_closes_on_purpose_is_not_asked_again() {
    let mut session = open_session();
    assert_eq!(session.handle(Event::Ended(Attempt(0), closed(1008)), Time(1)), None);
    assert_eq!(session.state(), &State::Idle(Some(closed(1008))));
}

#[test]
fn a_lost_connection_is_retried_after_a_wait() {
    let mut session = open_session();
    let effect = session.handle(Event::Ended(Attempt(0), closed(1006)), Time(1));
    let Some(Effect::Wait(next, delay)) = effect else { panic!("waits, not {effect:?}") };
    assert!(delay <= Backoff::DEFAULT.first, "{delay:?}");
    let waiting =
        State::Waiting { next, ending: closed(1006), retry: 1, until: Time(1).after(delay) };
    assert_eq!(session.state(), &waiting);
    assert_eq!(session.handle(Event::Waited(next), Time(2)), Some(Effect::Open(next)));
}

#[test]
fn a_retry_can_be_made_at_once_and_its_timer_then_does_nothing() {
    let mut session = open_session();
    session.handle(Event::Ended(Attempt(0), closed(1006)), Time(1));
    assert_eq!(session.handle(Event::Connect, Time(2)), Some(Effect::Open(Attempt(1))));
    assert_eq!(session.handle(Event::Waited(Attempt(1)), Time(3)), None);
    assert_eq!(session.state(), &State::Connecting(Attempt(1)));
}

#[test]
fn stopped_retries_do_not_come_back() {
    let mut session = open_session();
    session.handle(Event::Ended(Attempt(0), closed(1006)), Time(1));
    assert_eq!(session.handle(Event::Disconnect, Time(2)), None);
    assert_eq!(session.handle(Event::Waited(Attempt(1)), Time(3)), None);
    // Nor does the old timer fire into a wait that began after it.
    session.handle(Event::Connect, Time(4));
    session.handle(Event::Ended(Attempt(2), Ending::Failed), Time(5));
    assert_eq!(session.handle(Event::Waited(Attempt(1)), Time(6)), None);
}

#[test]
fn waits_grow_until_a_connection_was_steady() {
    let mut session = open_session();
    let mut now = Time(0);
    let mut lose_after = |session: &mut Session, held: Duration| {
        let State::Open(attempt) = *session.state() else { panic!("{:?}", session.state()) };
        now = now.after(held);
        session.handle(Event::Ended(attempt, closed(1006)), now);
        let State::Waiting { next, retry, .. } = *session.state() else { panic!("waits") };
        session.handle(Event::Waited(next), now);
        session.handle(Event::Opened(next), now);
        retry
    };
    // A server that accepts and drops at once is asked less and less often.
    assert_eq!(lose_after(&mut session, SECOND), 1);
    assert_eq!(lose_after(&mut session, SECOND), 2);
    assert_eq!(lose_after(&mut session, SECOND), 3);
    assert_eq!(lose_after(&mut session, Backoff::DEFAULT.steady), 1);
}

#[test]
fn the_late_end_of_an_old_socket_leaves_the_new_one_alone() {
    let mut session = open_session();
    session.handle(Event::Ended(Attempt(0), closed(1006)), Time(1));
    session.handle(Event::Connect, Time(2));
    session.handle(Event::Opened(Attempt(1)), Time(3));
    assert_eq!(session.handle(Event::Ended(Attempt(0), closed(1006)), Time(4)), None);
    assert_eq!(session.handle(Event::Received(Attempt(0), text("ghost")), Time(5)), None);
    assert_eq!(session.state(), &State::Open(Attempt(1)));
    assert!(!items(&session).contains(&Item::Received(text("ghost"))));
}

/// One step of a random life: what the person does, or what a socket or timer reports.
#[derive(Clone, Debug)]
enum Step {
    Connect,
    Disconnect,
    Send,
    Opened(Reporter),
    Received(Reporter),
    Ended(Reporter, Ending),
    Waited(Reporter),
}

/// Whose report it is.
#[derive(Clone, Copy, Debug)]
enum Reporter {
    /// The attempt that the session is at.
    Current,
    /// Any other: long gone, or never made.
    Stray(Attempt),
}

impl Reporter {
    fn attempt(self, session: &Session) -> Attempt {
        match (self, session.state()) {
            (Self::Stray(attempt), _) => attempt,
            (
                Self::Current,
                State::Connecting(attempt)
                | State::Open(attempt)
                | State::Closing(attempt)
                | State::Waiting { next: attempt, .. },
            ) => *attempt,
            (Self::Current, State::Idle(_)) => Attempt(0),
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let reporter = || {
        prop_oneof![
            3 => Just(Reporter::Current),
            1 => (0..12_u32).prop_map(|number| Reporter::Stray(Attempt(number))),
        ]
    };
    let ending = prop_oneof![
        Just(Ending::Failed),
        prop::sample::select(vec![1000, 1001, 1006, 4000]).prop_map(closed)
    ];
    let step = prop_oneof![
        Just(Step::Connect),
        Just(Step::Disconnect),
        Just(Step::Send),
        reporter().prop_map(Step::Opened),
        reporter().prop_map(Step::Received),
        (reporter(), ending).prop_map(|(reporter, ending)| Step::Ended(reporter, ending)),
        reporter().prop_map(Step::Waited),
    ];
    prop::collection::vec(step, 0..120)
}

/// A shell with no network: knows which sockets exist, and checks each effect against that.
#[derive(Default)]
struct Shell {
    socket: Option<Attempt>,
    opened: Vec<Attempt>,
    sent: Vec<Message>,
    delays: Vec<Duration>,
}

impl Shell {
    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Open(attempt) => {
                assert_eq!(self.socket, None, "two sockets at once");
                assert!(!self.opened.contains(&attempt), "an attempt number used twice");
                self.socket = Some(attempt);
                self.opened.push(attempt);
            }
            Effect::Send(attempt, message) => {
                assert_eq!(self.socket, Some(attempt), "sent on a socket that is gone");
                self.sent.push(message);
            }
            Effect::Close(attempt) => assert_eq!(self.socket, Some(attempt)),
            Effect::Wait(_, delay) => self.delays.push(delay),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_sequence_of_events_breaks_the_session(steps in steps(), seed: u64) {
        let mut session = Session::new(Backoff::DEFAULT, Bounds::DEFAULT, seed);
        let mut shell = Shell::default();
        let (mut accepted, mut delivered) = (Vec::new(), Vec::new());
        for (number, step) in steps.into_iter().enumerate() {
            let now = Time(number as u64 * 1_000_000);
            let (socket, before) = (shell.socket, session.clone());
            let mut reporting = None;
            let mut attempt = |reporter: Reporter| *reporting.insert(reporter.attempt(&before));
            let effect = match step {
                Step::Connect => session.handle(Event::Connect, now),
                Step::Disconnect => session.handle(Event::Disconnect, now),
                Step::Send => {
                    let message = text(&format!("out {number}"));
                    let sent = session.send(message.clone(), now);
                    prop_assert_eq!(sent.is_ok(), before.state().can_send());
                    match sent {
                        Ok(effect) => {
                            accepted.push(message);
                            Some(effect)
                        }
                        Err(returned) => {
                            prop_assert_eq!(returned, message);
                            None
                        }
                    }
                }
                Step::Opened(reporter) => session.handle(Event::Opened(attempt(reporter)), now),
                Step::Received(reporter) => {
                    let (attempt, message) = (attempt(reporter), text(&format!("in {number}")));
                    if let State::Open(open) | State::Closing(open) = *before.state()
                        && open == attempt
                    {
                        delivered.push(message.clone());
                    }
                    session.handle(Event::Received(attempt, message), now)
                }
                Step::Ended(reporter, ending) => {
                    let attempt = attempt(reporter);
                    shell.socket = shell.socket.filter(|socket| *socket != attempt);
                    session.handle(Event::Ended(attempt, ending), now)
                }
                Step::Waited(reporter) => {
                    session.handle(Event::Waited(reporter.attempt(&before)), now)
                }
            };
            if reporting.is_some() && reporting != socket {
                prop_assert_eq!(&effect, &None, "a socket that is not the current one");
                prop_assert_eq!(before.state(), session.state());
                prop_assert_eq!(items(&before), items(&session));
            }
            if let Some(effect) = effect {
                shell.perform(effect);
            }
        }
        // Every message accepted or delivered stands in the transcript once, in its order.
        let messages = |of: fn(&Item) -> Option<&Message>| -> Vec<Message> {
            items(&session).iter().filter_map(of).cloned().collect()
        };
        let sent = messages(|item| match item { Item::Sent(m) => Some(m), _ => None });
        let received = messages(|item| match item { Item::Received(m) => Some(m), _ => None });
        prop_assert_eq!(&sent, &accepted);
        prop_assert_eq!(&sent, &shell.sent);
        prop_assert_eq!(received, delivered);
        for delay in shell.delays {
            prop_assert!(delay >= Backoff::DEFAULT.first / 2);
            prop_assert!(delay <= Backoff::DEFAULT.ceiling);
        }
    }
}
