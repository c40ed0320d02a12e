//! Awaited messages: sent, and not answered yet.

use std::collections::VecDeque;

use tokio::time::Instant;

/// Messages that await an answer, by number. Bounded: the oldest is forgotten for a new one.
/// Numbers of a connection go up by one, from 0.
pub(super) struct Awaited {
    /// Send times from message `first` on, `None` once answered. The first is awaited.
    times: VecDeque<Option<Instant>>,
    /// Number of the oldest awaited message, or of the next one if none is awaited.
    first: u64,
    /// Messages before this number are overdue.
    overdue: u64,
    /// Messages that are awaited and not overdue.
    in_flight: u32,
    /// Entries of `times`, at most.
    max: usize,
}

impl Awaited {
    /// At most `max` messages, answered ones between them included.
    pub(super) fn new(max: usize) -> Self {
        Self { times: VecDeque::new(), first: 0, overdue: 0, in_flight: 0, max }
    }

    /// Number of the next message.
    pub(super) fn next(&self) -> u64 {
        self.first + self.times.len() as u64
    }

    /// Messages awaited, the overdue ones left out. A closed model sends while this is below its
    /// number in flight.
    pub(super) fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// True if no message is awaited.
    pub(super) fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Adds the next message. At the bound, the oldest is forgotten for it: returns that one's send
    /// time.
    pub(super) fn push(&mut self, at: Instant) -> Option<Instant> {
        let forgotten = if self.times.len() < self.max { None } else { self.take_oldest() };
        self.times.push_back(Some(at));
        self.in_flight += 1;
        forgotten
    }

    /// Removes a message that was answered, and returns its send time; `None` if it is not awaited,
    /// as for a second answer.
    pub(super) fn take(&mut self, number: u64) -> Option<Instant> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let at = self.times.get_mut(index)?.take()?;
        if number >= self.overdue {
            self.in_flight -= 1;
        }
        while let Some(None) = self.times.front() {
            self.times.pop_front();
            self.first += 1;
        }
        Some(at)
    }

    /// Removes the oldest awaited message.
    pub(super) fn take_oldest(&mut self) -> Option<Instant> {
        self.take(self.first)
    }

    /// Removes all messages, at the end of a load. Returns the send times of the awaited ones.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Instant> {
        self.first = self.next();
        self.in_flight = 0;
        self.times.drain(..).flatten()
    }

    /// Marks messages as overdue, from the oldest on, as far as `is_overdue` holds. Returns the
    /// time of the oldest other one. A message is looked at once.
    pub(super) fn mark_overdue(&mut self, is_overdue: impl Fn(Instant) -> bool) -> Option<Instant> {
        self.overdue = self.overdue.max(self.first);
        let index = usize::try_from(self.overdue - self.first).unwrap_or(usize::MAX);
        for at in self.times.iter().skip(index) {
            match at {
                Some(at) if !is_overdue(*at) => return Some(*at),
                Some(_) => self.in_flight -= 1,
                None => {}
            }
            self.overdue += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn messages_are_taken_by_number_or_age() {
        let start = Instant::now();
        let at = |second| start + Duration::from_secs(second);
        let mut awaited = Awaited::new(100);
        for second in 0..4 {
            assert_eq!(awaited.push(at(second)), None);
        }
        assert_eq!(awaited.take(2), Some(at(2)));
        assert_eq!((awaited.take(2), awaited.take(4)), (None, None));
        assert_eq!(awaited.take_oldest(), Some(at(0)));
        assert_eq!((awaited.in_flight(), awaited.next()), (2, 4));
        assert_eq!(awaited.drain().collect::<Vec<_>>(), [at(1), at(3)]);
        assert!(awaited.is_empty() && awaited.take_oldest().is_none());
        assert_eq!((awaited.in_flight(), awaited.next()), (0, 4));
    }

    #[test]
    fn overdue_messages_are_awaited_but_not_in_flight() {
        let start = Instant::now();
        let at = |second| start + Duration::from_secs(second);
        let mut awaited = Awaited::new(100);
        for second in 0..4 {
            awaited.push(at(second));
        }
        awaited.take(0);
        assert_eq!(awaited.mark_overdue(|time| time < at(3)), Some(at(3)));
        assert_eq!(awaited.in_flight(), 1);
        assert_eq!(awaited.take(1), Some(at(1)));
        assert_eq!(awaited.in_flight(), 1);
        assert_eq!(awaited.mark_overdue(|_| true), None);
        assert_eq!(awaited.in_flight(), 0);
        awaited.push(at(5));
        assert_eq!(awaited.in_flight(), 1);
        assert_eq!(awaited.take_oldest(), Some(at(2)));
    }

    #[test]
    fn the_oldest_is_forgotten_at_the_bound() {
        let start = Instant::now();
        let mut awaited = Awaited::new(2);
        assert_eq!(awaited.push(start), None);
        awaited.push(start + Duration::from_secs(1));
        assert_eq!(awaited.push(start), Some(start));
        assert_eq!((awaited.in_flight(), awaited.take(0)), (2, None));
    }
}
