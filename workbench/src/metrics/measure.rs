//! Metrics of a tab: counts, round trips, the last minute and numbered streams.

use std::time::Duration;

use session::{EchoMatcher, Message, Time};

use super::{
    minute::{Minute, Seconds},
    number::{NumberForm, number},
    pings::Pings,
    round_trips::{RoundTripHistogram, RoundTrips},
    stream::{Detector, Numbered},
    tally::Tally,
};
use crate::{
    log::{Item, LogEvent},
    relay::{ControlFrame, ControlKind},
};

/// Unanswered messages past which a peer that echoes is waited for: enough for 5,000 a second over a
/// line of 100 ms, few enough to be back in a moment after Stop.
const MAX_UNANSWERED: usize = 512;

/// Time without an echo after which none is waited for: a peer that answers nothing may still be sent
/// messages.
const MAX_ECHO_WAIT: Duration = Duration::from_secs(1);

/// Metrics of a tab's connections, in fixed memory.
#[derive(Debug, Default)]
pub struct Measure {
    sent: Tally,
    received: Tally,
    /// Frames of no message.
    frames: u64,
    echoes: EchoMatcher,
    pings: Pings,
    /// Time of the last echo, or of the first message that waits for one.
    answered_at: Time,
    round_trip_times: RoundTripHistogram,
    seconds: Seconds,
    /// One for each [`NumberForm`], in its order.
    detectors: [Detector; 3],
}

impl Measure {
    /// Measures an item. Returns the round trip of an echo or a pong.
    pub fn record(&mut self, item: &Item, now: Time) -> Option<Duration> {
        match item {
            Item::Sent(message) => self.sent(message, now),
            Item::Received(message) => return self.received(message, now),
            Item::Event(LogEvent::Control(frame)) => return self.control(frame, now),
            Item::Event(LogEvent::Opened(_)) => self.opened(),
            Item::Event(_) => {}
        }
        None
    }

    /// Counts a frame of no message. Returns the round trip of a pong.
    fn control(&mut self, frame: &ControlFrame, now: Time) -> Option<Duration> {
        self.frames += u64::from(frame.frame.is_some() && frame.kind != ControlKind::Raw);
        let round_trip = self.pings.handle(frame)?;
        self.count_round_trip(round_trip, now);
        Some(round_trip)
    }

    fn count_round_trip(&mut self, time: Duration, now: Time) {
        self.answered_at = now;
        self.seconds.at(now).count_round_trip(time);
        self.round_trip_times.count(time);
    }

    /// Counts a ping that is being sent.
    pub(crate) fn queue_ping(&mut self, now: Time) {
        // A silent peer gets one a second, not all that are due.
        self.answered_at = now;
        self.pings.queue();
    }

    /// Resets the numbers of streams, and what waits for an answer, on a new connection. Totals stay those of the tab.
    pub fn opened(&mut self) {
        self.echoes.clear();
        self.pings = Pings::default();
        self.detectors = Default::default();
    }

    /// Counts a sent message.
    pub fn sent(&mut self, message: &Message, now: Time) {
        self.sent.count(message);
        self.seconds.at(now).sent.count(message);
        if self.echoes.pending() == 0 {
            self.answered_at = now;
        }
        self.echoes.sent(message, now);
    }

    /// Counts a received message. Returns the round-trip time if it is an echo.
    pub fn received(&mut self, message: &Message, now: Time) -> Option<Duration> {
        let round_trip = self.echoes.received(message, now);
        self.received.count(message);
        self.seconds.at(now).received.count(message);
        if let Some(time) = round_trip {
            self.count_round_trip(time, now);
        }
        if let Some((form, number)) = number(message.payload()) {
            self.detectors[form as usize].count(number);
        }
        round_trip
    }

    /// True if few messages wait for their echo, or the peer does not echo.
    pub(crate) fn is_answering(&self, now: Time) -> bool {
        self.echoes.pending() < MAX_UNANSWERED || now.since(self.answered_at) > MAX_ECHO_WAIT
    }

    /// True if no ping waits for its pong, or the peer does not answer.
    pub(crate) fn is_ping_answered(&self, now: Time) -> bool {
        self.pings.pending() == 0 || now.since(self.answered_at) > MAX_ECHO_WAIT
    }

    /// Frames of no message, sent and received since the start.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Messages and bytes sent since the start.
    pub(crate) fn all_sent(&self) -> Tally {
        self.sent
    }

    /// Messages and bytes received since the start.
    pub(crate) fn all_received(&self) -> Tally {
        self.received
    }

    /// Round trips, if any.
    #[must_use]
    pub fn round_trips(&self) -> Option<RoundTrips> {
        self.round_trip_times.summary()
    }

    /// Last minute with traffic.
    #[must_use]
    pub fn minute(&self) -> Minute {
        self.seconds.minute()
    }

    /// Numbered stream; of several the one with the most messages.
    #[must_use]
    pub fn numbered(&self) -> Option<Numbered> {
        let forms = [NumberForm::Text, NumberForm::Json, NumberForm::Binary];
        let streams = forms.into_iter().zip(&self.detectors);
        streams.filter_map(|(form, detector)| detector.numbered(form)).max_by_key(|it| it.received)
    }
}
