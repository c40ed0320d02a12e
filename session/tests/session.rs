//! Session rules: effects of each event, and invariants under any sequence.

use std::time::Duration;

use proptest::prelude::*;
use session::{
    Attempt, Backoff, Close, CloseCode, Effect, EndReason, Event, Item, Message, Negotiated,
    Outcome, Retries, Session, State, Time,
};

const SECOND: Duration = Duration::from_secs(1);

/// Session and its recorded items.
#[derive(Clone)]
struct Recorded {
    session: Session,
    items: Vec<Item>,
}

impl Recorded {
    fn new(retries: Retries, seed: u64) -> Self {
        Self { session: Session::new(Backoff::DEFAULT, retries, seed), items: Vec::new() }
    }

    fn state(&self) -> &State {
        self.session.state()
    }

    fn handle(&mut self, event: Event, now: Time) -> Option<Effect> {
        let outcome = self.session.handle(event, now);
        self.record(outcome)
    }

    fn send(&mut self, message: Message) -> Result<Option<Effect>, Message> {
        self.session.send(message).map(|outcome| self.record(outcome))
    }

    fn record(&mut self, Outcome { item, effect }: Outcome) -> Option<Effect> {
        self.items.extend(item);
        effect
    }
}

fn session() -> Recorded {
    Recorded::new(Retries::UNLIMITED, 7)
}

/// A session whose first connection opened at `Time(0)`.
fn open_session() -> Recorded {
    let mut session = session();
    assert_eq!(session.handle(Event::Connect, Time(0)), Some(Effect::Open(Attempt(0))));
    assert_eq!(session.handle(opened(0), Time(0)), None);
    session
}

fn opened(attempt: u32) -> Event {
    Event::Opened(Attempt(attempt), Negotiated::default())
}

fn disconnect() -> Event {
    Event::Disconnect(Close::normal())
}

fn first_opening() -> Item {
    Item::Opened { negotiated: Negotiated::default(), outage: None }
}

fn text(text: &str) -> Message {
    Message::Text(text.into())
}

fn closed(code: u16) -> EndReason {
    EndReason::Closed(Close { code: CloseCode(code), reason: String::new() })
}

#[test]
fn a_message_is_sent_and_its_echo_received() {
    let mut session = open_session();
    assert_eq!(session.send(text("hi")), Ok(Some(Effect::Send(Attempt(0), text("hi")))));
    assert_eq!(session.items, [first_opening(), Item::Sent(text("hi"))]);
    assert!(session.session.accepts(Attempt(0)));
}

#[test]
fn a_message_for_a_closed_connection_is_returned() {
    let mut session = session();
    assert_eq!(session.send(text("hi")), Err(text("hi")));
    assert_eq!(session.items, []);
}

#[test]
fn a_disconnect_is_not_retried() {
    let mut session = open_session();
    assert_eq!(
        session.handle(disconnect(), Time(1)),
        Some(Effect::Close(Attempt(0), Close::normal()))
    );
    // The server stopping in the same moment does not change that it was the person's wish.
    assert_eq!(session.handle(Event::Ended(Attempt(0), closed(1001)), Time(2)), None);
    assert_eq!(session.state(), &State::Idle(Some(closed(1001))));
}

#[test]
fn messages_received_while_closing_are_accepted() {
    let mut session = open_session();
    session.handle(disconnect(), Time(1));
    assert!(session.session.accepts(Attempt(0)));
}

#[test]
fn a_cancelled_attempt_is_not_a_failure() {
    let mut session = session();
    session.handle(Event::Connect, Time(0));
    assert_eq!(
        session.handle(disconnect(), Time(1)),
        Some(Effect::Close(Attempt(0), Close::normal()))
    );
    assert_eq!(session.handle(Event::Ended(Attempt(0), EndReason::Failed), Time(2)), None);
    assert_eq!(session.state(), &State::Idle(Some(EndReason::Cancelled)));
    // Something on the way to the server may have been open, and have closed.
    session.handle(Event::Connect, Time(3));
    session.handle(disconnect(), Time(4));
    session.handle(Event::Ended(Attempt(1), closed(1006)), Time(5));
    assert_eq!(session.state(), &State::Idle(Some(EndReason::Cancelled)));
}

#[test]
fn a_deliberate_close_is_not_retried() {
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
        State::Waiting { next, reason: closed(1006), retry: 1, until: Time(1).after(delay) };
    assert_eq!(session.state(), &waiting);
    assert_eq!(session.handle(Event::Waited(next), Time(2)), Some(Effect::Open(next)));
}

#[test]
fn a_manual_retry_disarms_the_timer() {
    let mut session = open_session();
    session.handle(Event::Ended(Attempt(0), closed(1006)), Time(1));
    assert_eq!(session.handle(Event::Connect, Time(2)), Some(Effect::Open(Attempt(1))));
    assert_eq!(session.handle(Event::Waited(Attempt(1)), Time(3)), None);
    assert_eq!(session.state(), &State::Connecting(Attempt(1)));
}

#[test]
fn cancelled_retries_do_not_resume() {
    let mut session = open_session();
    session.handle(Event::Ended(Attempt(0), closed(1006)), Time(1));
    assert_eq!(session.handle(disconnect(), Time(2)), None);
    assert_eq!(session.handle(Event::Waited(Attempt(1)), Time(3)), None);
    // Nor does the old timer fire into a wait that began after it.
    session.handle(Event::Connect, Time(4));
    session.handle(Event::Ended(Attempt(2), EndReason::Failed), Time(5));
    assert_eq!(session.handle(Event::Waited(Attempt(1)), Time(6)), None);
}

#[test]
fn delays_grow_until_a_connection_is_steady() {
    let mut session = open_session();
    let mut now = Time(0);
    let mut lose_after = |session: &mut Recorded, held: Duration| {
        let State::Open(attempt) = *session.state() else { panic!("{:?}", session.state()) };
        now = now.after(held);
        session.handle(Event::Ended(attempt, closed(1006)), now);
        let State::Waiting { next, retry, .. } = *session.state() else { panic!("waits") };
        session.handle(Event::Waited(next), now);
        session.handle(Event::Opened(next, Negotiated::default()), now);
        retry
    };
    // A server that accepts and drops at once is asked less and less often.
    assert_eq!(lose_after(&mut session, SECOND), 1);
    assert_eq!(lose_after(&mut session, SECOND), 2);
    assert_eq!(lose_after(&mut session, SECOND), 3);
    assert_eq!(lose_after(&mut session, Backoff::DEFAULT.steady), 1);
}

#[test]
fn a_long_outage_does_not_evict_the_conversation() {
    let mut session = open_session();
    session.send(text("precious")).unwrap();
    session.handle(Event::Ended(Attempt(0), closed(1006)), Time(1));
    for _ in 0..10_000 {
        let State::Waiting { next, .. } = *session.state() else { panic!("retries go on") };
        session.handle(Event::Waited(next), Time(2));
        session.handle(Event::Ended(next, EndReason::Failed), Time(3));
    }
    let expected = [first_opening(), Item::Sent(text("precious")), Item::Ended(closed(1006))];
    assert_eq!(session.items, expected);
}

#[test]
fn retries_stop_at_their_limit() {
    let mut session = Recorded::new(Retries(2), 7);
    session.handle(Event::Connect, Time(0));
    for attempt in 0..2 {
        session.handle(Event::Ended(Attempt(attempt), EndReason::Failed), Time(1));
        assert!(matches!(session.state(), State::Waiting { .. }), "{:?}", session.state());
        session.handle(Event::Waited(Attempt(attempt + 1)), Time(2));
    }
    assert_eq!(session.handle(Event::Ended(Attempt(2), EndReason::Failed), Time(3)), None);
    assert_eq!(session.state(), &State::Idle(Some(EndReason::Failed)));
}

#[test]
fn a_retry_beyond_a_lowered_limit_is_cancelled() {
    let mut session = open_session();
    session.handle(Event::Ended(Attempt(0), closed(1006)), Time(1));
    session.session.limit_retries(Retries(1));
    assert!(matches!(session.state(), State::Waiting { retry: 1, .. }), "the first may be made");
    session.session.limit_retries(Retries::NONE);
    assert_eq!(session.state(), &State::Idle(Some(closed(1006))));
    assert_eq!(session.handle(Event::Waited(Attempt(1)), Time(2)), None);
}

#[test]
fn a_reconnect_reports_the_outage() {
    let mut session = open_session();
    session.handle(Event::Ended(Attempt(0), closed(1006)), Time(1_000));
    session.handle(Event::Waited(Attempt(1)), Time(2_000));
    session.handle(Event::Ended(Attempt(1), EndReason::Failed), Time(3_000));
    session.handle(Event::Connect, Time(4_000));
    session.handle(opened(2), Time(5_000));
    let outage = Some(Duration::from_millis(4));
    let back = Item::Opened { negotiated: Negotiated::default(), outage };
    assert_eq!(session.items.last(), Some(&back));
    // One that was ended by intent was not gone.
    session.handle(disconnect(), Time(6_000));
    session.handle(Event::Ended(Attempt(2), closed(1000)), Time(7_000));
    session.handle(Event::Connect, Time(8_000));
    session.handle(opened(3), Time(9_000));
    assert_eq!(session.items.last(), Some(&first_opening()));
}

#[test]
fn a_refusal_for_good_is_recorded_and_not_retried() {
    let mut session = open_session();
    session.handle(Event::Ended(Attempt(0), closed(1006)), Time(1));
    session.handle(Event::Waited(Attempt(1)), Time(2));
    assert_eq!(session.handle(Event::Refused(Attempt(0)), Time(3)), None, "an old one");
    assert_eq!(session.state(), &State::Connecting(Attempt(1)));
    assert_eq!(session.handle(Event::Refused(Attempt(1)), Time(3)), None);
    assert_eq!(session.state(), &State::Idle(Some(EndReason::Failed)));
    assert_eq!(session.items.last(), Some(&Item::Ended(EndReason::Failed)));
    // What was lost before is not reported as an outage.
    session.handle(Event::Connect, Time(4));
    session.handle(opened(2), Time(5));
    assert_eq!(session.items.last(), Some(&first_opening()));
}

#[test]
fn a_late_end_of_an_old_socket_is_ignored() {
    let mut session = open_session();
    session.handle(Event::Ended(Attempt(0), closed(1006)), Time(1));
    session.handle(Event::Connect, Time(2));
    session.handle(opened(1), Time(3));
    assert_eq!(session.handle(Event::Ended(Attempt(0), closed(1006)), Time(4)), None);
    assert!(!session.session.accepts(Attempt(0)) && session.session.accepts(Attempt(1)));
    assert_eq!(session.state(), &State::Open(Attempt(1)));
}

/// Random step: a command, or a report of a socket or timer.
#[derive(Clone, Debug)]
enum Step {
    Connect,
    Disconnect,
    Send,
    Opened(Reporter),
    Received(Reporter),
    Ended(Reporter, EndReason),
    Waited(Reporter),
}

/// Socket that a report comes from.
#[derive(Clone, Copy, Debug)]
enum Reporter {
    /// Current attempt.
    Current,
    /// Any attempt: past, future or current.
    Stray(Attempt),
}

impl Reporter {
    fn attempt(self, session: &Recorded) -> Attempt {
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
    let reason = prop_oneof![
        Just(EndReason::Failed),
        prop::sample::select(vec![1000, 1001, 1006, 4000]).prop_map(closed)
    ];
    let step = prop_oneof![
        Just(Step::Connect),
        Just(Step::Disconnect),
        Just(Step::Send),
        reporter().prop_map(Step::Opened),
        reporter().prop_map(Step::Received),
        (reporter(), reason).prop_map(|(reporter, reason)| Step::Ended(reporter, reason)),
        reporter().prop_map(Step::Waited),
    ];
    prop::collection::vec(step, 0..120)
}

/// Simulated shell. Tracks its own state, and checks each effect and report against that, not
/// against the session's state.
#[derive(Default)]
struct Shell {
    /// The last command was to connect, and the server has not closed on purpose since.
    wanted: bool,
    socket: Option<Attempt>,
    is_open: bool,
    timer: Option<Attempt>,
    used: Vec<Attempt>,
    sent: Vec<Message>,
}

impl Shell {
    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Open(attempt) => {
                assert!(self.wanted, "opened a socket that nobody wants");
                assert_eq!(self.socket, None, "two sockets at once");
                assert!(!self.used.contains(&attempt), "an attempt number used twice");
                self.used.push(attempt);
                self.socket = Some(attempt);
                self.timer = None;
            }
            Effect::Send(attempt, message) => {
                assert!(self.wanted && self.is_open, "sent on a socket that is not open");
                assert_eq!(self.socket, Some(attempt));
                self.sent.push(message);
            }
            Effect::Close(attempt, _) => assert_eq!(self.socket, Some(attempt)),
            Effect::Wait(attempt, delay) => {
                assert!(self.wanted, "retries what nobody wants");
                assert!((Backoff::DEFAULT.first / 2..=Backoff::DEFAULT.ceiling).contains(&delay));
                self.timer = Some(attempt);
            }
        }
    }

    /// True if a report of `step` by `attempt` may change the state.
    fn expects(&self, step: &Step, attempt: Attempt) -> bool {
        match step {
            Step::Opened(_) => self.socket == Some(attempt) && !self.is_open && self.wanted,
            Step::Received(_) => self.socket == Some(attempt) && self.is_open,
            Step::Ended(..) => self.socket == Some(attempt),
            Step::Waited(_) => self.timer == Some(attempt),
            Step::Connect | Step::Disconnect | Step::Send => true,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn arbitrary_events_keep_the_invariants(steps in steps(), seed: u64) {
        let mut session = Recorded::new(Retries::UNLIMITED, seed);
        let mut shell = Shell::default();
        let mut accepted = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            let now = Time(number as u64 * 1_000_000);
            let attempt = match step {
                Step::Opened(reporter)
                | Step::Received(reporter)
                | Step::Ended(reporter, _)
                | Step::Waited(reporter) => reporter.attempt(&session),
                Step::Connect | Step::Disconnect | Step::Send => Attempt(0),
            };
            let is_expected = shell.expects(&step, attempt);
            let before = session.clone();
            let effect = match step {
                Step::Connect => {
                    shell.wanted |= session.state().can_connect();
                    session.handle(Event::Connect, now)
                }
                Step::Disconnect => {
                    shell.wanted = false;
                    shell.timer = None;
                    session.handle(disconnect(), now)
                }
                Step::Send => {
                    let message = text(&format!("out {number}"));
                    match session.send(message.clone()) {
                        Ok(effect) => {
                            accepted.push(message);
                            effect
                        }
                        Err(returned) => {
                            prop_assert!(!(shell.wanted && shell.is_open), "it could be sent");
                            prop_assert_eq!(returned, message);
                            None
                        }
                    }
                }
                Step::Opened(_) => {
                    shell.is_open |= is_expected;
                    session.handle(Event::Opened(attempt, Negotiated::default()), now)
                }
                Step::Received(_) => {
                    prop_assert_eq!(session.session.accepts(attempt), is_expected);
                    None
                }
                Step::Ended(_, reason) => {
                    if is_expected {
                        shell.socket = None;
                        shell.is_open = false;
                        shell.wanted &= matches!(&reason, EndReason::Failed)
                            || [closed(1001), closed(1006)].contains(&reason);
                    }
                    session.handle(Event::Ended(attempt, reason), now)
                }
                Step::Waited(_) => session.handle(Event::Waited(attempt), now),
            };
            if !is_expected {
                prop_assert_eq!(&effect, &None, "a report that is late or false");
                prop_assert_eq!(before.state(), session.state());
                prop_assert_eq!(&before.items, &session.items);
            }
            if let Some(effect) = effect {
                shell.perform(effect);
            }
            prop_assert_eq!(session.state().can_send(), shell.wanted && shell.is_open);
        }
        // Every message accepted stands in the transcript once, in its order.
        let message = |item: &Item| match item { Item::Sent(message) => Some(message.clone()), _ => None };
        let sent: Vec<_> = session.items.iter().filter_map(message).collect();
        prop_assert_eq!(&sent, &accepted);
        prop_assert_eq!(&sent, &shell.sent);
    }
}
