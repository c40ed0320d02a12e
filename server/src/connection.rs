//! One WebSocket connection, from its first message to its close.

use std::{
    borrow::Cow,
    future::poll_fn,
    mem,
    net::SocketAddr,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};

use protocol::{Close, Kind, code};
use tokio::{
    task::{
        coop::{has_budget_remaining, unconstrained},
        yield_now,
    },
    time::{Instant, Sleep, sleep, timeout},
};

use crate::{
    Limits, Server,
    accept::Guest,
    conduct::{Abort, Conduct, Finish, Speech},
    metrics::Tally,
    outbox::Outbox,
    socket::{Answer, End, Socket},
    wire::Wire,
};

/// One exchange in this many is timed, where nothing is late on purpose: reading the clock twice costs 1 % of a small one.
const TIMED: u32 = 16;

/// Times in a row that an endpoint may fill the outbox anew, before other connections of the thread
/// have their turn: 1 MiB.
const FILLS: usize = 16;

/// Who is connected: the number of the WebSocket since the server's start, and its peer.
pub(crate) struct Connection {
    pub(crate) number: u64,
    pub(crate) guest: Guest,
}

/// Why a conversation is over.
enum Over {
    /// The peer ended it, or its connection did.
    ByPeer(End),
    /// The peer neither sends nor reads nor answers a ping.
    Silent,
    /// No message came for [`Limits::idle`](crate::Limits::idle).
    Idle,
    /// The server is to stop.
    Stopped,
    /// The endpoint ends it.
    ByEndpoint(Finish),
}

impl Connection {
    /// Answers messages until either side closes or the server stops, and says so in the log.
    #[expect(clippy::manual_async_fn, reason = "an async fn holds its arguments twice")]
    pub(crate) fn serve<T: Wire, C: Conduct>(
        self,
        mut socket: Socket<T>,
        conduct: C,
        server: &Server,
    ) -> impl Future<Output = ()> {
        async move {
            let Self { number, guest: Guest { peer, place } } = self;
            tracing::info!(connection = number, %peer, "Client connected");
            server.metrics.opened();
            let mut conversation = Conversation::new(number, conduct, server);
            let over = conversation.run(&mut socket).await;
            // Boxed: no open connection holds what only its end needs.
            let code = Box::pin(conversation.end(over, socket, peer)).await;
            server.metrics.closed(code);
            tracing::info!(connection = number, %peer, code, "Client disconnected");
            drop(place);
        }
    }
}

impl Over {
    /// The close code that stands for it (RFC 6455 sections 7.1.5 and 7.4.1).
    fn code(&self) -> u16 {
        match self {
            Self::ByPeer(End::Closed(close)) => close.as_ref().map_or(code::NONE, |it| it.code),
            Self::ByPeer(End::Violated(violation)) => violation.close_code(),
            Self::ByEndpoint(Finish::Close(close)) => {
                close.as_ref().map_or(code::NONE, |it| it.code)
            }
            Self::ByEndpoint(Finish::Closed { code }) => *code,
            Self::ByPeer(End::Dropped) | Self::Silent | Self::ByEndpoint(Finish::Abort(_)) => {
                code::ABNORMAL
            }
            Self::Idle | Self::Stopped => code::AWAY,
        }
    }

    /// Writes what is still owed and the Close frame, and ends the connection; gives up when the
    /// peer takes nothing, or does not close, for `patience`.
    async fn close<T: Wire>(self, mut socket: Socket<T>, patience: Duration) {
        let code = self.code();
        let (close, is_answered) = match self {
            Self::ByPeer(End::Closed(close)) => (close, false),
            Self::ByPeer(End::Violated(violation)) => {
                (Some(Close { code, reason: violation.to_string() }), false)
            }
            Self::Idle => (Some(Close { code, reason: "no message for too long".into() }), true),
            Self::Stopped => {
                (Some(Close { code, reason: "the server is shutting down".into() }), true)
            }
            Self::ByEndpoint(Finish::Close(close)) => (close, true),
            Self::ByEndpoint(Finish::Closed { .. }) => {
                if socket.flush(patience).await {
                    socket.read_until_close(patience).await;
                    socket.finish().await;
                }
                return;
            }
            Self::ByEndpoint(Finish::Abort(Abort::Reset)) => return socket.reset(),
            // A peer that ended only its own side may still read.
            Self::ByPeer(End::Dropped) | Self::ByEndpoint(Finish::Abort(Abort::Fin)) => {
                if socket.flush(patience).await {
                    socket.finish().await;
                }
                return;
            }
            Self::Silent => return,
        };
        socket.outbox.close(close.as_ref());
        if !socket.flush(patience).await {
            return;
        }
        if is_answered {
            socket.read_until_close(patience).await;
        }
        socket.finish().await;
    }
}

/// The open time of a connection.
struct Conversation<'a, C> {
    number: u64,
    conduct: C,
    server: &'a Server,
    tally: Tally,
    /// Exchanges so far, to time one in [`TIMED`].
    exchanges: u32,
}

impl<'a, C: Conduct> Conversation<'a, C> {
    fn new(number: u64, conduct: C, server: &'a Server) -> Self {
        Self { number, conduct, server, tally: Tally::default(), exchanges: 0 }
    }

    async fn run<T: Wire>(&mut self, socket: &mut Socket<T>) -> Over {
        let limits = &self.server.config.limits;
        let mut pulse = Pulse::new(limits);
        let mut idleness = limits.idle.map(Idleness::new);
        let mut stopped = pin!(self.server.shutdown.requested());
        let mut waits_for_stop = false;
        poll_fn(|context| {
            let (exchanged, spoke) = self.poll_exchange(context, socket);
            if let Poll::Ready(end) = exchanged {
                return Poll::Ready(Over::ByPeer(end));
            }
            if self.conduct.acts()
                && let Poll::Ready(over) = self.poll_conduct(context, socket)
            {
                return Poll::Ready(over);
            }
            pulse.was_answered |= spoke;
            let is_read = socket.has_room(self);
            while let Poll::Ready(beat) = pulse.poll_beat(context, socket, is_read) {
                match beat {
                    Beat::Alive => {}
                    Beat::Quiet => {
                        socket.outbox.ping(&[]);
                        if let Err(end) = socket.poll_write(context) {
                            return Poll::Ready(Over::ByPeer(end));
                        }
                    }
                    Beat::Dead => {
                        self.server.metrics.silent();
                        return Poll::Ready(Over::Silent);
                    }
                }
            }
            if let Some(idleness) = &mut idleness
                && idleness.poll(context, spoke).is_ready()
            {
                return Poll::Ready(Over::Idle);
            }
            // Waited for once: it locks what all connections share, and a task is woken the same way
            // ever after.
            if mem::replace(&mut waits_for_stop, true) {
                return if self.server.shutdown.is_requested() {
                    Poll::Ready(Over::Stopped)
                } else {
                    Poll::Pending
                };
            }
            stopped.as_mut().poll(context).map(|()| Over::Stopped)
        })
        .await
    }

    /// Ends a conversation that is over, in the way that suits why it is. Returns the close code.
    async fn end<T: Wire>(
        &mut self,
        mut over: Over,
        mut socket: Socket<T>,
        peer: SocketAddr,
    ) -> u16 {
        if let Over::Stopped = over
            && let Some(end) = self.answer_what_came(&mut socket).await
        {
            over = Over::ByPeer(end);
        }
        let connection = self.number;
        match &over {
            Over::ByPeer(End::Violated(violation)) => {
                tracing::info!(connection, %peer, "Connection failed: {violation}");
            }
            Over::Silent => tracing::info!(connection, %peer, "Client does not answer"),
            _ => {}
        }
        let code = over.code();
        let is_orderly = match &over {
            Over::ByPeer(End::Closed(_)) => {
                if let Some(time) = self.conduct.ignores_close() {
                    tokio::select! {
                        () = socket.read_until_end(time) => {}
                        () = self.server.shutdown.requested() => {}
                    }
                    return code;
                }
                true
            }
            Over::Idle | Over::Stopped | Over::ByEndpoint(Finish::Close(_)) => true,
            _ => false,
        };
        if is_orderly {
            self.say_last_words(&mut socket.outbox);
        }
        over.close(socket, self.server.config.limits.close_handshake).await;
        code
    }

    /// Answers what the peer sent before the server stopped, as far as it can be read without
    /// waiting for more, and for [`Limits::close_handshake`](crate::Limits::close_handshake) at most.
    async fn answer_what_came<T: Wire>(&mut self, socket: &mut Socket<T>) -> Option<End> {
        let patience = self.server.config.limits.close_handshake;
        // What has arrived is known to the runtime only after it looked.
        yield_now().await;
        let draining = poll_fn(|context| {
            socket.traffic.read = false;
            if self.conduct.held() > 0 {
                self.say_last_words(&mut socket.outbox);
            }
            match self.poll_exchange(context, socket).0 {
                Poll::Ready(end) => Poll::Ready(Some(end)),
                // It was the turn of others, or what is held is to be said first, or the runtime called
                // for a pause: there may be more.
                Poll::Pending
                    if socket.traffic.read
                        || self.conduct.held() > 0
                        || !has_budget_remaining() =>
                {
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                Poll::Pending if socket.is_held_up(self) => Poll::Pending,
                Poll::Pending => Poll::Ready(None),
            }
        });
        timeout(patience, draining).await.ok().flatten()
    }

    /// One exchange, counted; and whether a message came.
    fn poll_exchange<T: Wire>(
        &mut self,
        context: &mut Context<'_>,
        socket: &mut Socket<T>,
    ) -> (Poll<End>, bool) {
        self.exchanges = self.exchanges.wrapping_add(1);
        let is_timed = self.exchanges.is_multiple_of(TIMED) && !self.conduct.acts();
        let began = is_timed.then(Instant::now);
        let exchanged = socket.poll_exchange(context, self);
        let spoke = self.tally.received > 0;
        if let Some(began) = began.filter(|_| spoke && socket.outbox.waiting() == 0) {
            self.server.metrics.echo_took(began.elapsed());
        }
        self.server.journal.leave_out(mem::take(&mut self.tally.unlogged));
        self.server.metrics.count(mem::take(&mut self.tally));
        (exchanged, spoke)
    }

    /// Lets the endpoint do what is due by itself, and writes what comes of it.
    fn poll_conduct<T: Wire>(
        &mut self,
        context: &mut Context<'_>,
        socket: &mut Socket<T>,
    ) -> Poll<Over> {
        let was_held_up = !socket.has_room(self);
        let mut fills = 0;
        let over = loop {
            let mut speech = Speech { outbox: &mut socket.outbox, tally: &mut self.tally };
            if let Poll::Ready(finish) = self.conduct.poll(context, &mut speech) {
                break Poll::Ready(Over::ByEndpoint(finish));
            }
            let is_full = !speech.has_room();
            match socket.poll_write(context) {
                Err(end) => break Poll::Ready(Over::ByPeer(end)),
                Ok(Poll::Ready(())) if is_full => {}
                Ok(_) => break Poll::Pending,
            }
            fills += 1;
            if fills == FILLS {
                context.waker().wake_by_ref();
                break Poll::Pending;
            }
        };
        self.server.metrics.count(mem::take(&mut self.tally));
        if was_held_up && socket.has_room(self) {
            // Nothing is read for now, and so nothing else would wake this task.
            context.waker().wake_by_ref();
        }
        over
    }

    fn say_last_words(&mut self, outbox: &mut Outbox) {
        self.conduct.last_words(&mut Speech { outbox, tally: &mut self.tally });
        self.server.metrics.count(mem::take(&mut self.tally));
    }
}

impl<C: Conduct> Answer for Conversation<'_, C> {
    fn answer(&mut self, kind: Kind, payload: Cow<'_, [u8]>, outbox: &mut Outbox) {
        if !self.server.journal.received(self.number, kind, &payload) {
            self.tally.unlogged += 1;
        }
        self.tally.received += 1;
        self.tally.received_bytes += payload.len() as u64;
        self.conduct.answer(kind, payload, &mut Speech { outbox, tally: &mut self.tally });
    }

    fn answer_ping(&mut self, payload: &[u8], outbox: &mut Outbox) {
        self.conduct.answer_ping(payload, &mut Speech { outbox, tally: &mut self.tally });
    }

    fn held(&self) -> usize {
        self.conduct.held()
    }
}

/// Tells whether the peer still lives, by a beat now and then.
struct Pulse {
    /// From one beat to the next while the peer is heard.
    ping: Duration,
    /// Time for a pong, or for anything else.
    pong: Duration,
    next: Pin<Box<Sleep>>,
    /// A message came since the last beat.
    was_answered: bool,
    /// Nothing came before the last beat.
    was_quiet: bool,
    /// The peer had answers to take at the last beat.
    was_owed: bool,
}

/// What was heard since the beat before.
enum Beat {
    Alive,
    /// Nothing.
    Quiet,
    /// Nothing, again: not even an answer to a ping. Or the peer takes nothing of what it is owed.
    Dead,
}

impl Pulse {
    fn new(limits: &Limits) -> Self {
        Self {
            ping: limits.ping,
            pong: limits.pong,
            next: Box::pin(sleep(limits.ping)),
            was_answered: false,
            was_quiet: false,
            was_owed: false,
        }
    }

    /// `is_read` says that what the peer sends is looked at.
    fn poll_beat<T: Wire>(
        &mut self,
        context: &mut Context<'_>,
        socket: &mut Socket<T>,
        is_read: bool,
    ) -> Poll<Beat> {
        ready!(poll_timer(&mut self.next, context));
        if !mem::take(&mut self.was_answered) {
            socket.rest();
        }
        let traffic = mem::take(&mut socket.traffic);
        let is_owed = socket.outbox.waiting() > 0;
        let is_stuck = is_owed && self.was_owed && !traffic.written;
        // Who has answers to take need not say anything meanwhile, nor who is not listened to.
        let is_quiet = !traffic.read && !is_owed && is_read;
        let was_quiet = mem::replace(&mut self.was_quiet, is_quiet);
        self.was_owed = is_owed;
        let wait = if is_quiet || is_owed { self.pong } else { self.ping };
        self.next.as_mut().reset(Instant::now() + wait);
        Poll::Ready(match (is_stuck, was_quiet, is_quiet) {
            (true, _, _) | (_, true, true) => Beat::Dead,
            (_, false, true) => Beat::Quiet,
            (_, _, false) => Beat::Alive,
        })
    }
}

/// Also when the peer spends what the runtime lets a task do in one go: the time passes all the same.
fn poll_timer(timer: &mut Pin<Box<Sleep>>, context: &mut Context<'_>) -> Poll<()> {
    pin!(unconstrained(timer.as_mut())).poll(context)
}

/// Tells when no message came for too long.
struct Idleness {
    bound: Duration,
    last: Instant,
    next: Pin<Box<Sleep>>,
}

impl Idleness {
    fn new(bound: Duration) -> Self {
        Self { bound, last: Instant::now(), next: Box::pin(sleep(bound)) }
    }

    /// `spoke` says that a message came just now.
    fn poll(&mut self, context: &mut Context<'_>, spoke: bool) -> Poll<()> {
        if spoke {
            self.last = Instant::now();
        }
        loop {
            ready!(poll_timer(&mut self.next, context));
            let end = self.last + self.bound;
            if end <= Instant::now() {
                return Poll::Ready(());
            }
            self.next.as_mut().reset(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{io, net::Ipv4Addr, sync::Arc};

    use proptest::{collection::vec, prelude::*};
    use protocol::{Deflate, Header, Opcode};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;
    use crate::{
        Config,
        echo::Echo,
        endpoints,
        pace::{Paced, Paces},
    };

    const ACTS: usize = 40;
    /// What an act may take: longer than a ping and its pong.
    const MOMENT: Duration = Duration::from_secs(90);
    /// Each act, and then two pings, two pongs and a close.
    const BOUND: Duration = Duration::from_mins(65);
    const LIMITS: Limits =
        Limits { message: 8 << 10, frame: 4 << 10, waiting: 1 << 10, ..Limits::DEFAULT };

    /// What a client may do.
    #[derive(Clone, Debug)]
    enum Act {
        Bytes(Vec<u8>),
        Frame {
            fin: bool,
            compressed: bool,
            opcode: Opcode,
            payload: Vec<u8>,
        },
        /// Reads this much of what came, at most.
        Read(usize),
        /// Nothing, for a [`MOMENT`].
        Wait,
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        // Most of it is allowed, or no conversation would last.
        let opcode = prop_oneof![
            20 => Just(Opcode::Binary),
            5 => Just(Opcode::Text),
            5 => Just(Opcode::Ping),
            1 => Just(Opcode::Pong),
            1 => Just(Opcode::Continuation),
            1 => Just(Opcode::Close),
        ];
        let payload = prop_oneof![
            1 => vec(any::<u8>(), 0..10),
            5 => (0..LIMITS.frame + 100).prop_map(|len| vec![b'x'; len]),
            // A final block of deflate, and what many zeros become.
            1 => Just(vec![0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]),
            1 => Just(vec![
                0xec, 0xc1, 0x01, 0x01, 0x00, 0x00, 0x00, 0x80, 0x90, 0xfe, 0xaf, 0xee, 0x08
            ]),
        ];
        let frame = (prop::bool::weighted(0.95), prop::bool::weighted(0.05), opcode, payload);
        vec(
            prop_oneof![
                8 => frame.prop_map(|(fin, compressed, opcode, payload)| {
                    Act::Frame { fin, compressed, opcode, payload }
                }),
                1 => vec(any::<u8>(), 0..40).prop_map(Act::Bytes),
                4 => (0..20_000_usize).prop_map(Act::Read),
                1 => Just(Act::Wait),
            ],
            0..ACTS,
        )
    }

    fn nobody() -> Guest {
        Guest { peer: (Ipv4Addr::LOCALHOST, 1).into(), place: Arc::new(None) }
    }

    /// Any endpoint, with some of its options.
    fn endpoints() -> impl Strategy<Value = (&'static str, &'static str)> {
        prop_oneof![
            10 => Just(("/echo", "")),
            1 => Just(("/echo", "delay=1m&jitter=1m&drop=0.1&duplicate=0.5&reorder=5&fragment=100")),
            1 => Just(("/echo", "delay=1s&limit=4000&close_after=10&code=4000")),
            1 => Just(("/sink", "")),
            1 => Just(("/silent", "")),
            1 => Just(("/chat/{room}", "")),
            1 => Just(("/stream", "rate=max&size=3KiB")),
            1 => Just(("/stream", "rate=10/s&kind=json&pattern=random")),
            1 => Just(("/time", "")),
            1 => Just(("/ping", "every=10s")),
            1 => Just(("/no-pong", "")),
            1 => Just(("/handshake", "")),
            1 => Just(("/close", "after=3")),
            1 => Just(("/abort", "after=2m&how=rst")),
            1 => Just(("/hang", "stage=close&for=5m")),
            1 => Just(("/fault/masked-frame", "after=2")),
            1 => Just(("/fault/close-code", "after=3m")),
            1 => Just(("/fault/short-payload", "")),
        ]
    }

    /// Whether a connection with such a client ends, however little the client cares.
    async fn ends(
        acts: Vec<Act>,
        (path, query): (&str, &str),
        paces: Paces,
        room: usize,
        deflate: bool,
        stops: bool,
    ) -> bool {
        let config = Config { limits: LIMITS, ..Config::default() };
        let server = Arc::new(Server::new(config.clone()));
        let (here, mut there) = duplex(room);
        let deflate = deflate.then(Deflate::default);
        let socket = Socket::new(Paced::new(here, paces), Vec::new(), deflate, &config);
        let conduct = endpoints::conduct(path, query, &server, &nobody());
        let serving = Connection { number: 1, guest: nobody() }.serve(socket, conduct, &server);
        // Not dropped before the end: it says and takes nothing more.
        let client = async {
            for act in acts {
                let acting = act.perform(&mut there);
                let _ = timeout(MOMENT, acting).await;
            }
            if stops {
                server.shutdown.request();
            }
        };
        timeout(BOUND, async { tokio::join!(client, serving) }).await.is_ok()
    }

    impl Act {
        async fn perform(self, there: &mut DuplexStream) -> io::Result<()> {
            match self {
                Self::Bytes(bytes) => there.write_all(&bytes).await,
                Self::Frame { fin, compressed, opcode, payload } => {
                    let mut bytes = Vec::new();
                    let len = payload.len() as u64;
                    Header { fin, compressed, opcode, mask: Some([0; 4]), len }.encode(&mut bytes);
                    bytes.extend(payload);
                    there.write_all(&bytes).await
                }
                Self::Read(most) => there.read_exact(&mut vec![0; most]).await.map(drop),
                Self::Wait => std::future::pending().await,
            }
        }
    }

    /// Ten thousand idle connections cost ten thousand times this, and about as much around it.
    #[test]
    fn an_open_connection_is_small() {
        const BOUND: usize = 768;
        let config = Config::default();
        let server = Server::new(config.clone());
        let socket = Socket::new(duplex(1).0, Vec::new(), Some(Deflate::default()), &config);
        let serving =
            Connection { number: 1, guest: nobody() }.serve(socket, Echo::Verbatim, &server);
        assert!(size_of_val(&serving) <= BOUND, "{} bytes", size_of_val(&serving));
    }

    /// While so much is kept back that the peer is not read, its silence says nothing.
    #[tokio::test(start_paused = true)]
    async fn who_waits_for_a_late_echo_is_not_given_up() {
        let beat = Duration::from_secs(1);
        let limits = Limits { ping: beat, pong: beat, ..LIMITS };
        let config = Config { limits, ..Config::default() };
        let server = Arc::new(Server::new(config.clone()));
        let (here, mut there) = duplex(1 << 10);
        let socket = Socket::new(here, Vec::new(), None, &config);
        let conduct = endpoints::conduct("/echo", "delay=1m", &server, &nobody());
        let serving = Connection { number: 1, guest: nobody() }.serve(socket, conduct, &server);
        let client = async {
            let began = Instant::now();
            let payload = vec![b'x'; LIMITS.waiting];
            Act::Frame { fin: true, compressed: false, opcode: Opcode::Binary, payload }
                .perform(&mut there)
                .await
                .unwrap();
            let mut first = [0; 2];
            there.read_exact(&mut first).await.unwrap();
            assert_eq!(first, [0x82, 126], "the echo, and no ping before it");
            assert_eq!(began.elapsed().as_secs(), 60);
            drop(there);
        };
        tokio::join!(client, serving);
    }

    /// What came before a stop is answered, also what had to wait for answers that are held.
    #[tokio::test(start_paused = true)]
    async fn what_is_read_already_is_answered_before_a_stop() {
        const MESSAGES: usize = 100;
        let limits = Limits { waiting: 10, ..LIMITS };
        let config = Config { limits, ..Config::default() };
        let server = Arc::new(Server::new(config.clone()));
        let (here, mut there) = duplex(1 << 16);
        let socket = Socket::new(here, Vec::new(), None, &config);
        let conduct = endpoints::conduct("/echo", "delay=1m", &server, &nobody());
        let serving = Connection { number: 1, guest: nobody() }.serve(socket, conduct, &server);
        let client = async {
            there.write_all(&[0x82, 0x80, 0, 0, 0, 0].repeat(MESSAGES)).await.unwrap();
            // It is read, and one echo is held.
            while !server.metrics.text().contains("messages_received_total 1") {
                yield_now().await;
            }
            server.shutdown.request();
            let mut echoes = vec![0; 2 * MESSAGES];
            there.read_exact(&mut echoes).await.unwrap();
            assert_eq!(echoes, [0x82, 0].repeat(MESSAGES));
            drop(there);
        };
        tokio::join!(client, serving);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn whatever_a_client_does_its_connection_ends(
            acts in acts(),
            endpoint in endpoints(),
            read in prop::option::weighted(0.1, 1..10_000_usize),
            write in prop::option::weighted(0.1, 1..10_000_usize),
            room in 1..10_000_usize,
            deflate: bool,
            stops: bool,
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build()
                .unwrap();
            let paces = Paces { read, write };
            let ended = runtime.block_on(ends(acts, endpoint, paces, room, deflate, stops));
            prop_assert!(ended);
        }
    }
}
