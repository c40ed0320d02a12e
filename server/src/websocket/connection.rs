//! One WebSocket connection, from the open handshake to its close.
//!
//! One task polls four things in turn: the socket (messages in, answers out), the handler (messages sent
//! unasked), the keep-alive and the idle timeout. The first that ends the connection gives the
//! [`EndReason`]; the closing handshake follows from it.

use std::{
    borrow::Cow,
    future::poll_fn,
    mem,
    ops::DerefMut,
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use protocol::Kind;
use tokio::{
    task::{coop::has_budget_remaining, yield_now},
    time::{Instant, timeout},
};

use super::{
    close::EndReason,
    handler::{Finish, Handler, Responder},
    keep_alive::{IdleTimeout, KeepAlive, MessageTimeout, PeerState},
    outbox::Outbox,
    socket::{End, MessageHandler, Socket},
    transport::Transport,
};
use crate::{
    accept::{http2_connection::Http2Connection, peer::Peer},
    memory::share::Share,
    operation::{
        event_log::LoggedConnection,
        record::{EndRecord, Tally},
    },
    state::Server,
};

/// Exchanges per timed one, where no answer is late on purpose: reading the clock twice costs 1 % of
/// a small exchange.
const TIMED: u32 = 16;

/// Times in a row that a handler may fill the outbox before other tasks of the thread get their
/// turn: 1 MiB.
const FILLS: usize = 16;

/// WebSocket connection: its number since the server's start, its peer, and the pattern of its path.
pub(crate) struct Connection {
    /// Number since the server's start, from 1.
    pub(crate) number: u64,
    /// Client, with the permit that the connection holds.
    pub(crate) peer: Peer,
    /// Pattern of the path, for log and metrics.
    pub(crate) endpoint: &'static str,
}

impl Connection {
    /// Serves until either side closes or the server shuts down. Logs the end. `handler` points to the [`Handler`].
    ///
    /// Holds under 768 bytes while it is open, so that idle connections stay cheap.
    #[expect(clippy::manual_async_fn, reason = "an async fn holds its arguments twice")]
    pub(crate) fn serve<T: Transport, H: DerefMut<Target: Handler>>(
        self,
        mut socket: Socket<T>,
        handler: H,
        server: Arc<Server>,
    ) -> impl Future<Output = ()> + use<T, H> {
        async move {
            // Used in place: what is moved out of `self` would be held twice.
            let began = Instant::now();
            server.metrics.opened(self.endpoint);
            let mut open = OpenConnection::new(self.number, handler, &server);
            let reason = open.run(&mut socket).await;
            // Boxed, so that an open connection does not hold memory for its end.
            let end = Box::pin(open.end(reason, socket)).await;
            server.metrics.closed(self.endpoint, &end);
            self.log_end(&end, began.elapsed(), open.tally, &server);
        }
    }

    /// Logs the end of a connection whose client was gone before the response.
    pub(crate) fn vanished(self, server: &Server) {
        let end = EndReason::Peer(End::Dropped).record();
        self.log_end(&end, Duration::ZERO, Tally::default(), server);
    }

    /// Logs the end, and releases the permit.
    fn log_end(self, end: &EndRecord, open_for: Duration, total: Tally, server: &Server) {
        let Self { number, peer, endpoint } = self;
        let connection = LoggedConnection { number, peer: peer.address, endpoint };
        server.event_log.disconnected(&connection, end, open_for, total);
    }
}

/// Open phase of a connection.
struct OpenConnection<'a, H> {
    /// Number of the connection, for the log.
    number: u64,
    handler: H,
    server: &'a Server,
    /// Messages and bytes so far.
    tally: Tally,
    /// Messages without a log line, not yet counted.
    unlogged: u32,
    /// Exchanges so far, to time one in [`TIMED`].
    exchanges: u32,
    /// Share in the memory held for all peers; none while nothing is held.
    share: Option<Share>,
}

impl<'a, H: DerefMut<Target: Handler>> OpenConnection<'a, H> {
    /// Begins without messages and without memory held.
    fn new(number: u64, handler: H, server: &'a Server) -> Self {
        let tally = Tally::default();
        Self { number, handler, server, tally, unlogged: 0, exchanges: 0, share: None }
    }

    /// Exchanges messages until there is a reason to close.
    async fn run<T: Transport>(&mut self, socket: &mut Socket<T>) -> EndReason {
        let limits = &self.server.config.limits;
        let mut keep_alive = KeepAlive::new(limits);
        let mut idle_timeout = limits.idle.map(IdleTimeout::new);
        let mut message_timeout = MessageTimeout::default();
        let mut shutdown = pin!(self.server.shutdown.requested());
        let mut awaits_shutdown = false;
        poll_fn(|context| {
            // Before more is read: it was chosen when others needed the memory.
            if self.is_shed() {
                return Poll::Ready(EndReason::MemoryLimit);
            }
            let (exchanged, had_message) = self.poll_exchange(context, socket);
            if let Poll::Ready(end) = exchanged {
                return Poll::Ready(EndReason::Peer(end));
            }
            if self.handler.is_active()
                && let Poll::Ready(reason) = self.poll_handler(context, socket)
            {
                return Poll::Ready(reason);
            }
            if self.handler.is_shed() {
                return Poll::Ready(EndReason::MemoryLimit);
            }
            if had_message {
                keep_alive.on_message();
            }
            if let Poll::Ready(reason) = self.poll_keep_alive(context, socket, &mut keep_alive) {
                return Poll::Ready(reason);
            }
            let begun = socket.begun().filter(|_| socket.has_room(self));
            if message_timeout.poll(context, limits, begun).is_ready() {
                return Poll::Ready(EndReason::MessageTimeout);
            }
            if self.settle(context, socket).is_ready() {
                return Poll::Ready(EndReason::MemoryLimit);
            }
            if let Some(idle_timeout) = &mut idle_timeout
                && idle_timeout.poll(context, had_message).is_ready()
            {
                return Poll::Ready(EndReason::Idle);
            }
            // Polled once: that takes a lock shared by all connections, and its waker is this task's
            // ever after.
            if mem::replace(&mut awaits_shutdown, true) {
                return if self.server.shutdown.is_requested() {
                    Poll::Ready(EndReason::Shutdown)
                } else {
                    Poll::Pending
                };
            }
            shutdown.as_mut().poll(context).map(|()| EndReason::Shutdown)
        })
        .await
    }

    /// Accounts for the memory held, and frees rebuildable state if memory is short. Ready if the
    /// connection is to be shed.
    fn settle<T: Transport>(&mut self, context: &Context<'_>, socket: &mut Socket<T>) -> Poll<()> {
        let is_read = socket.has_room(self);
        let mut held = socket.held(is_read) + self.handler.held();
        if held.is_nothing() && self.share.is_none() {
            return Poll::Pending;
        }
        if self.server.memory.is_short() {
            socket.release_memory();
            held = socket.held(is_read) + self.handler.held();
        }
        let share = self
            .share
            .get_or_insert_with(|| Share::new(&self.server.memory, context.waker().clone()));
        share.set(held, socket.received);
        if share.is_shed() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// True if the budget sheds the connection.
    fn is_shed(&self) -> bool {
        self.share.as_ref().is_some_and(Share::is_shed)
    }

    /// Frees the memory held, then closes without a wait for the peer.
    async fn shed<T: Transport>(&mut self, mut socket: Socket<T>) {
        self.server.metrics.shed("memory");
        self.handler.discard();
        let may_close = socket.discard();
        self.share = None;
        if may_close {
            EndReason::MemoryLimit.close(socket, self.server.config.limits.close_timeout).await;
        } else {
            socket.reset();
        }
    }

    /// Pings a silent peer. Ready when the peer is gone.
    fn poll_keep_alive<T: Transport>(
        &mut self,
        context: &mut Context<'_>,
        socket: &mut Socket<T>,
        keep_alive: &mut KeepAlive,
    ) -> Poll<EndReason> {
        let is_reading = socket.has_room(self);
        let limits = &self.server.config.limits;
        while let Poll::Ready(state) = keep_alive.poll(context, limits, socket, is_reading) {
            self.share.take_if(|share| share.is_nothing());
            match state {
                PeerState::Alive => {}
                PeerState::Silent => {
                    socket.outbox.ping(&[]);
                    if let Err(end) = socket.poll_write(context) {
                        return Poll::Ready(EndReason::Peer(end));
                    }
                }
                PeerState::Gone => {
                    self.server.metrics.peers_gone.inc();
                    return Poll::Ready(EndReason::PeerGone);
                }
            }
        }
        Poll::Pending
    }

    /// Ends the connection in the way that fits the reason.
    async fn end<T: Transport>(
        &mut self,
        mut reason: EndReason,
        mut socket: Socket<T>,
    ) -> EndRecord {
        if let EndReason::Shutdown = reason
            && let Some(end) = self.answer_received(&mut socket).await
        {
            reason = EndReason::Peer(end);
        }
        if let EndReason::MessageTimeout = reason {
            self.server.metrics.shed("message_timeout");
        }
        let end = reason.record();
        let http2 = socket.http2();
        let end_http2 = || http2.as_ref().map_or((), Http2Connection::end);
        if let EndReason::MemoryLimit = reason {
            self.shed(socket).await;
            end_http2();
            return end;
        }
        let is_orderly = match &reason {
            EndReason::Peer(End::Closed(close)) => {
                self.handler.on_close(close.as_ref());
                if let Some(delay) = self.handler.close_delay() {
                    tokio::select! {
                        () = socket.read_until_end(delay) => {}
                        () = self.server.shutdown.requested() => {}
                    }
                    return end;
                }
                true
            }
            EndReason::Idle | EndReason::Shutdown | EndReason::Handler(Finish::Close(_)) => true,
            _ => false,
        };
        if is_orderly {
            self.before_close(&mut socket.outbox);
        }
        let closing = reason.close(socket, self.server.config.limits.close_timeout);
        let (share, handler) = (self.share.as_ref(), &mut self.handler);
        let shed = poll_fn(move |_| {
            let is_shed = share.is_some_and(Share::is_shed) || handler.is_shed();
            if is_shed { Poll::Ready(()) } else { Poll::Pending }
        });
        tokio::select! {
            () = closing => {}
            // The backlog of a peer that is shed is not waited for.
            () = shed => {
                self.server.metrics.shed("memory");
                end_http2();
            }
        }
        end
    }

    /// Answers the messages that arrived before the shutdown, within
    /// [`Limits::close_timeout`](crate::Limits::close_timeout).
    async fn answer_received<T: Transport>(&mut self, socket: &mut Socket<T>) -> Option<End> {
        let limit = self.server.config.limits.close_timeout;
        // The runtime notices bytes that have arrived only when it polls its sockets.
        yield_now().await;
        let draining = poll_fn(|context| {
            socket.traffic.read = false;
            if self.handler.pending_bytes() > 0 {
                self.before_close(&mut socket.outbox);
            }
            match self.poll_exchange(context, socket).0 {
                Poll::Ready(end) => Poll::Ready(Some(end)),
                // There may be more: bytes were read, answers are held back, or the task's budget is
                // used up.
                Poll::Pending
                    if socket.traffic.read
                        || self.handler.pending_bytes() > 0
                        || !has_budget_remaining() =>
                {
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                Poll::Pending if socket.is_blocked(self) => Poll::Pending,
                Poll::Pending => Poll::Ready(None),
            }
        });
        timeout(limit, draining).await.ok().flatten()
    }

    /// Reads and answers once, and counts it. The flag is true if a message was received.
    fn poll_exchange<T: Transport>(
        &mut self,
        context: &mut Context<'_>,
        socket: &mut Socket<T>,
    ) -> (Poll<End>, bool) {
        self.exchanges = self.exchanges.wrapping_add(1);
        let is_timed = self.exchanges.is_multiple_of(TIMED) && !self.handler.is_active();
        let began = is_timed.then(Instant::now);
        let before = self.tally;
        let exchanged = socket.poll_exchange(context, self);
        let had_message = self.tally.received > before.received;
        if let Some(began) = began.filter(|_| had_message && socket.outbox.waiting() == 0) {
            self.server.metrics.echo_times.observe(began.elapsed().as_secs_f64());
        }
        self.server.message_log.limit.count_skipped(mem::take(&mut self.unlogged).into());
        self.server.metrics.count(self.tally - before);
        (exchanged, had_message)
    }

    /// Lets the handler send due messages, and writes them.
    fn poll_handler<T: Transport>(
        &mut self,
        context: &mut Context<'_>,
        socket: &mut Socket<T>,
    ) -> Poll<EndReason> {
        let was_blocked = !socket.has_room(self);
        let before = self.tally;
        let mut fills = 0;
        let reason = loop {
            let mut responder = Responder { outbox: &mut socket.outbox, tally: &mut self.tally };
            if let Poll::Ready(finish) = self.handler.poll(context, &mut responder) {
                break Poll::Ready(EndReason::Handler(finish));
            }
            let is_full = !responder.has_room();
            match socket.poll_write(context) {
                Err(end) => break Poll::Ready(EndReason::Peer(end)),
                Ok(Poll::Ready(())) if is_full => {}
                Ok(_) => break Poll::Pending,
            }
            fills += 1;
            if fills == FILLS {
                context.waker().wake_by_ref();
                break Poll::Pending;
            }
        };
        self.server.metrics.count(self.tally - before);
        socket.outbox.free_written();
        if was_blocked && socket.has_room(self) {
            // Reading has stopped before this, so that no socket event would wake the task.
            context.waker().wake_by_ref();
        }
        reason
    }

    /// Lets the handler send held-back messages, and counts them.
    fn before_close(&mut self, outbox: &mut Outbox) {
        let before = self.tally;
        self.handler.before_close(&mut Responder { outbox, tally: &mut self.tally });
        self.server.metrics.count(self.tally - before);
    }
}

impl<H: DerefMut<Target: Handler>> MessageHandler for OpenConnection<'_, H> {
    #[expect(clippy::inline_always, reason = "as `Receiver::receive`")]
    #[inline(always)]
    fn on_message(&mut self, kind: Kind, payload: Cow<'_, [u8]>, outbox: &mut Outbox) {
        if self.handler.logs_messages()
            && !self.server.message_log.received(self.number, kind, &payload)
        {
            self.unlogged += 1;
        }
        self.tally.received += 1;
        self.tally.received_bytes += payload.len() as u64;
        let mut responder = Responder { outbox, tally: &mut self.tally };
        self.handler.on_message(kind, payload, &mut responder);
    }

    fn on_ping(&mut self, payload: &[u8], outbox: &mut Outbox) {
        self.handler.on_ping(payload, &mut Responder { outbox, tally: &mut self.tally });
    }

    fn on_pong(&mut self, payload: &[u8]) {
        self.handler.on_pong(payload);
    }

    fn pending_bytes(&self) -> usize {
        self.handler.pending_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::{io, net::Ipv4Addr};

    use proptest::{collection::vec, prelude::*};
    use protocol::{Deflate, Header, Opcode};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;
    use crate::{
        config::Config,
        endpoints,
        limits::Limits,
        websocket::{
            echo::Echo,
            transport::throttle::{Throttle, Throttled},
        },
    };

    const ACTS: usize = 40;
    /// Time for an action: longer than a ping and its pong.
    const MOMENT: Duration = Duration::from_secs(90);
    /// Time for all actions, then two pings, two pongs and a close.
    const BOUND: Duration = Duration::from_mins(65);
    const LIMITS: Limits =
        Limits { message: 8 << 10, frame: 4 << 10, waiting: 1 << 10, ..Limits::DEFAULT };

    /// Action of a client.
    #[derive(Clone, Debug)]
    enum Act {
        Bytes(Vec<u8>),
        Frame {
            fin: bool,
            compressed: bool,
            opcode: Opcode,
            payload: Vec<u8>,
        },
        /// Reads up to so many bytes.
        Read(usize),
        /// Does nothing for a [`MOMENT`].
        Wait,
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        // Mostly valid, or no connection would last.
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
            // A final block of deflate, and the block of many zeros.
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

    fn dummy_peer() -> Peer {
        Peer::new(std::net::SocketAddr::from((Ipv4Addr::LOCALHOST, 1)), None)
    }

    /// Any endpoint, with a query.
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

    /// True if a connection with such a client ends.
    async fn ends(
        acts: Vec<Act>,
        (path, query): (&str, &str),
        throttle: Throttle,
        room: usize,
        deflate: bool,
        shuts_down: bool,
    ) -> bool {
        let config = Config { limits: LIMITS, ..Config::default() };
        let server = Arc::new(Server::new(config.clone()));
        let (here, mut there) = duplex(room);
        let deflate = deflate.then(Deflate::default);
        let socket = Socket::new(
            Throttled::new(here, throttle),
            Vec::new(),
            deflate,
            server.metrics.wire(),
            &config,
        );
        let handler = endpoints::open::handler(path, query, &server, &dummy_peer());
        let serving = Connection { number: 1, peer: dummy_peer(), endpoint: "/ws" }.serve(
            socket,
            handler,
            Arc::clone(&server),
        );
        // The client's end stays open, silent, until the connection ends.
        let client = async {
            for act in acts {
                let acting = act.perform(&mut there);
                let _ = timeout(MOMENT, acting).await;
            }
            if shuts_down {
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

    /// The size of an idle connection's task, about half of its memory.
    #[test]
    fn an_open_connection_is_small() {
        const BOUND: usize = 768;
        let config = Config::default();
        let server = Arc::new(Server::new(config.clone()));
        let socket = Socket::new(
            duplex(1).0,
            Vec::new(),
            Some(Deflate::default()),
            server.metrics.wire(),
            &config,
        );
        let serving = Connection { number: 1, peer: dummy_peer(), endpoint: "/ws" }.serve(
            socket,
            Box::new(Echo::Verbatim),
            server,
        );

        assert!(size_of_val(&serving) <= BOUND, "{} bytes", size_of_val(&serving));
    }

    /// Server, the peer's end of a transport for `room` bytes, and the task of a connection that answers after a minute.
    fn slow_echo(
        limits: Limits,
        room: usize,
    ) -> (Arc<Server>, DuplexStream, impl Future<Output = ()>) {
        let config = Config { limits, ..Config::default() };
        let server = Arc::new(Server::new(config.clone()));
        let (here, there) = duplex(room);
        let socket = Socket::new(here, Vec::new(), None, server.metrics.wire(), &config);
        let handler = endpoints::open::handler("/echo", "delay=1m", &server, &dummy_peer());
        let connection = Connection { number: 1, peer: dummy_peer(), endpoint: "/ws" };
        let serving = connection.serve(socket, handler, Arc::clone(&server));
        (server, there, serving)
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_peer_that_is_not_read_is_not_dropped() {
        let beat = Duration::from_secs(1);
        let limits = Limits { ping: beat, pong: beat, ..LIMITS };
        let (_, mut there, serving) = slow_echo(limits, 1 << 10);
        let client = async {
            let began = Instant::now();
            let payload = vec![b'x'; LIMITS.waiting];
            Act::Frame { fin: true, compressed: false, opcode: Opcode::Binary, payload }
                .perform(&mut there)
                .await
                .unwrap();
            let (mut first, mut pings) = ([0; 2], 0);
            there.read_exact(&mut first).await.unwrap();
            while first == [0x89, 0] {
                pings += 1;
                there.read_exact(&mut first).await.unwrap();
            }
            assert_eq!(first, [0x82, 126], "the echo");
            assert!(pings > 1, "writing tells of a peer that is gone");
            assert_eq!(began.elapsed().as_secs(), 60);
            drop(there);
        };
        tokio::join!(client, serving);
    }

    #[tokio::test(start_paused = true)]
    async fn messages_received_before_a_shutdown_are_answered() {
        const MESSAGES: usize = 100;
        let limits = Limits { waiting: 10, ..LIMITS };
        let (server, mut there, serving) = slow_echo(limits, 1 << 16);
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
        fn every_connection_ends_whatever_the_client_does(
            acts in acts(),
            endpoint in endpoints(),
            read in prop::option::weighted(0.1, 1..10_000_usize),
            write in prop::option::weighted(0.1, 1..10_000_usize),
            room in 1..10_000_usize,
            deflate: bool,
            shuts_down: bool,
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build()
                .unwrap();
            let throttle = Throttle { read, write };
            let ended = runtime.block_on(ends(acts, endpoint, throttle, room, deflate, shuts_down));
            prop_assert!(ended);
        }
    }
}
