//! Numbered streams: missing, repeated and late numbers.
//!
//! Any message may contain a number, so a stream is detected only while numbers follow each other.

use std::{collections::VecDeque, mem, ops::Range};

use serde::{Deserialize, Serialize};

use crate::metrics::NumberForm;

/// Consecutive numbers that make a stream. Dice show as many once in 7,776 throws.
const MIN_ROW: usize = 5;

/// Numbers after which an imperfect sequence also counts: see [`is_near_row`].
const MAX_UNPROVEN: usize = 32;

/// Largest jump ahead that is accepted at once; a larger one needs a successor. Covers the
/// reordering of `/echo?reorder` with a margin.
const MAX_JUMP: u64 = 1_024;

/// Consecutive repeats and jumps that end a stream.
const MAX_IMPLAUSIBLE: u32 = 32;

/// Maximum number of stored gaps. Numbers later than that count as repeats.
const MAX_GAPS: usize = 256;

/// Maximum number of displayed gaps.
const MAX_SHOWN_GAPS: usize = 8;

/// State of a numbered stream since the connection opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbered {
    /// Location of the number in its messages.
    pub form: NumberForm,
    /// Next expected number.
    pub next: u64,
    /// Messages of the stream, including repeats.
    pub received: u64,
    /// Missing numbers below `next`.
    pub missing: u64,
    /// Newest gaps, oldest first; at most eight.
    pub gaps: Vec<Range<u64>>,
    /// Repeated messages.
    pub repeats: u64,
    /// Late messages: received after a higher number, no longer missing.
    pub late: u64,
}

/// Stream detector.
#[derive(Debug)]
pub(super) enum Detector {
    /// Recent numbers, fewer than twice [`MAX_UNPROVEN`], without a stream so far.
    Unproven(Vec<u64>),
    Proven(Stream),
}

impl Default for Detector {
    fn default() -> Self {
        Self::Unproven(Vec::new())
    }
}

impl Detector {
    /// Counts a number, as part of a stream once that is proven.
    pub(super) fn count(&mut self, number: u64) {
        match self {
            Self::Unproven(numbers) => {
                numbers.push(number);
                if let Some(start) = stream_start(numbers) {
                    *self = Self::Proven(Stream::new(&numbers[start..]));
                } else if numbers.len() == 2 * MAX_UNPROVEN {
                    numbers.drain(..MAX_UNPROVEN);
                }
            }
            Self::Proven(stream) => {
                stream.count(number);
                if stream.implausible >= MAX_IMPLAUSIBLE {
                    *self = Self::default();
                }
            }
        }
    }

    /// Report on the stream, once it is proven.
    pub(super) fn numbered(&self, form: NumberForm) -> Option<Numbered> {
        let Self::Proven(stream) = self else { return None };
        let shown = stream.gaps.len().saturating_sub(MAX_SHOWN_GAPS);
        Some(Numbered {
            form,
            next: stream.next,
            received: stream.received,
            missing: stream.missing,
            gaps: stream.gaps.iter().skip(shown).cloned().collect(),
            repeats: stream.repeats,
            late: stream.late,
        })
    }
}

/// Start of a stream at the end of `numbers`, if there is one: messages that passed before
/// detection must not count as missing later.
fn stream_start(numbers: &[u64]) -> Option<usize> {
    let row = numbers.len().checked_sub(MIN_ROW)?;
    let is_row = numbers[row..].windows(2).all(|pair| pair[0].checked_add(1) == Some(pair[1]));
    // Asked once for as many numbers: it takes as long as all else together.
    let is_near_row = numbers.len().is_multiple_of(MAX_UNPROVEN)
        && is_near_row(&numbers[numbers.len() - MAX_UNPROVEN..]);
    let mut start =
        if is_near_row { numbers.len() - MAX_UNPROVEN } else { is_row.then_some(row)? };
    while start > 0 && numbers[start - 1].abs_diff(numbers[start]) <= MAX_UNPROVEN as u64 {
        start -= 1;
    }
    Some(start)
}

/// True for numbers of a stream with losses, duplicates or reordering: most differ, they lie
/// close together, and three of four pairs ascend. Of random numbers half the pairs do; three of
/// four are six deviations away.
fn is_near_row(numbers: &[u64]) -> bool {
    let (Some(least), Some(greatest)) = (numbers.iter().min(), numbers.iter().max()) else {
        return false;
    };
    let later = |place: usize| numbers[place + 1..].iter();
    let is_last = |place: &usize| later(*place).all(|it| *it != numbers[*place]);
    let is_dense = greatest - least < 2 * numbers.len() as u64
        && (0..numbers.len()).filter(is_last).count() * 2 >= numbers.len();
    let in_order: usize = (0..numbers.len())
        .map(|place| later(place).filter(|it| **it >= numbers[place]).count())
        .sum();
    is_dense && in_order * 4 >= numbers.len() * (numbers.len() - 1) / 2 * 3
}

/// Detected stream.
#[derive(Debug)]
pub(super) struct Stream {
    next: u64,
    received: u64,
    /// Numbers in gaps that were not filled.
    missing: u64,
    /// Newest [`MAX_GAPS`] gaps below `next`: non-empty, disjoint, ascending.
    gaps: VecDeque<Range<u64>>,
    /// Numbers received again.
    repeats: u64,
    /// Numbers that filled a gap.
    late: u64,
    /// Jump that waits for its successor.
    pending_jump: Option<u64>,
    /// Consecutive implausible numbers.
    implausible: u32,
}

impl Stream {
    /// Creates a stream from the lowest of `numbers`.
    fn new(numbers: &[u64]) -> Self {
        let mut stream = Self {
            next: numbers.iter().copied().min().unwrap_or(0),
            received: 0,
            missing: 0,
            gaps: VecDeque::new(),
            repeats: 0,
            late: 0,
            pending_jump: None,
            implausible: 0,
        };
        for number in numbers {
            stream.count(*number);
        }
        stream
    }

    fn count(&mut self, number: u64) {
        let pending_jump = mem::take(&mut self.pending_jump);
        let is_sense = if number < self.next {
            self.received += 1;
            let is_late = self.fill(number);
            *(if is_late { &mut self.late } else { &mut self.repeats }) += 1;
            is_late
        } else if let Some(pending_jump) =
            pending_jump.filter(|pending_jump| is_near(*pending_jump + 1, number))
        {
            self.advance(pending_jump);
            self.advance(number);
            true
        } else if is_near(self.next, number) {
            self.advance(number);
            true
        } else {
            self.pending_jump = number.checked_add(1).map(|_| number);
            false
        };
        self.implausible = if is_sense { 0 } else { self.implausible + 1 };
    }

    /// Advances to `number`, which is at least `next`.
    fn advance(&mut self, number: u64) {
        if number > self.next {
            self.missing += number - self.next;
            if self.gaps.len() == MAX_GAPS {
                self.gaps.pop_front();
            }
            self.gaps.push_back(self.next..number);
        }
        self.received += 1;
        self.next = number.saturating_add(1);
    }

    /// Removes `number` from the gaps; `true` if it was in one.
    fn fill(&mut self, number: u64) -> bool {
        let place = self.gaps.partition_point(|gap| gap.end <= number);
        let Some(gap) = self.gaps.get_mut(place).filter(|gap| gap.contains(&number)) else {
            return false;
        };
        self.missing -= 1;
        let after = number + 1..gap.end;
        gap.end = number;
        let is_before_empty = gap.is_empty();
        match (is_before_empty, after.is_empty()) {
            (true, true) => {
                self.gaps.remove(place);
            }
            (true, false) => self.gaps[place] = after,
            (false, true) => {}
            (false, false) => {
                self.gaps.insert(place + 1, after);
                if self.gaps.len() > MAX_GAPS {
                    self.gaps.pop_front();
                }
            }
        }
        true
    }
}

/// True for a number at most [`MAX_JUMP`] ahead of `next`: a gap explains it.
fn is_near(next: u64, number: u64) -> bool {
    number.checked_sub(next).is_some_and(|ahead| ahead <= MAX_JUMP)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, iter};

    use fastrand::Rng;
    use proptest::prelude::*;

    use super::*;

    fn watch(numbers: impl IntoIterator<Item = u64>) -> Option<Numbered> {
        let mut watch = Detector::default();
        numbers.into_iter().for_each(|number| watch.count(number));
        watch.numbered(NumberForm::Text)
    }

    /// Displayed gaps.
    fn shown(stream: &Numbered) -> Vec<u64> {
        stream.gaps.iter().cloned().flatten().collect()
    }

    fn shuffled(numbers: impl IntoIterator<Item = u64>, window: usize, rng: &mut Rng) -> Vec<u64> {
        let mut numbers: Vec<_> = numbers.into_iter().collect();
        numbers.chunks_mut(window).for_each(|chunk| rng.shuffle(chunk));
        numbers
    }

    #[test]
    fn five_in_a_row_are_a_stream() {
        assert_eq!(watch([7, 8, 9, 10]), None);
        let expected = Numbered {
            form: NumberForm::Text,
            next: 12,
            received: 5,
            missing: 0,
            gaps: Vec::new(),
            repeats: 0,
            late: 0,
        };
        assert_eq!(watch([7, 8, 9, 10, 11]), Some(expected));
    }

    #[test]
    fn losses_before_detection_count() {
        let stream = watch([500, 1, 2, 4, 5, 6, 7, 8]).expect("a stream");
        assert_eq!((stream.received, stream.missing, shown(&stream)), (7, 1, vec![3]));
    }

    #[test]
    fn late_numbers_are_not_missing() {
        let stream = watch([0, 1, 2, 3, 4, 9, 6, 5, 5]).expect("a stream");
        assert_eq!((stream.next, stream.missing, shown(&stream)), (10, 2, vec![7, 8]));
        assert_eq!((stream.late, stream.repeats), (2, 1));
    }

    #[test]
    fn a_far_jump_needs_a_successor() {
        let far = 5 + MAX_JUMP + 1;
        let near = watch((0..5).chain([far - 1])).expect("a stream");
        assert_eq!((near.next, near.missing), (far, MAX_JUMP));
        let pending_jump = watch((0..5).chain([far])).expect("a stream");
        assert_eq!((pending_jump.next, pending_jump.missing, pending_jump.received), (5, 0, 5));
        let believed = watch((0..5).chain([far, far + 2])).expect("a stream");
        assert_eq!((believed.next, believed.missing), (far + 3, MAX_JUMP + 2));
    }

    #[test]
    fn another_stream_in_between_changes_nothing() {
        let other = (1_000_000..).step_by(3);
        let numbers = (5..1_000).zip(other).flat_map(|(one, other)| [one, other]);
        let stream = watch((0..5).chain(numbers)).expect("a stream");
        assert_eq!((stream.next, stream.received), (1_000, 1_000));
        assert_eq!((stream.missing, stream.repeats, stream.late), (0, 0, 0));
    }

    #[test]
    fn a_restart_is_a_new_stream() {
        let repeats = u64::from(MAX_IMPLAUSIBLE);
        assert_eq!(watch((0..100).chain(0..repeats)), None);
        let stream = watch((0..100).chain(0..repeats + 5)).expect("a stream");
        assert_eq!((stream.next, stream.received, stream.repeats), (repeats + 5, 5, 0));
    }

    #[test]
    fn a_stream_out_of_order_is_found() {
        let mut rng = Rng::with_seed(7);
        for window in (2..=8).cycle().take(200) {
            let stream = watch(shuffled(0..840, window, &mut rng)).expect("a stream");
            assert_eq!((stream.next, stream.missing, stream.repeats), (840, 0, 0), "{window}");
            assert!(stream.late > 0, "{window}");
        }
    }

    #[test]
    fn random_numbers_are_no_stream() {
        let mut rng = Rng::with_seed(7);
        for range in [10, 20, 32, 64, 1_000, u64::MAX] {
            let mut watch = Detector::default();
            let found = (0..32_000).filter(|_| {
                watch.count(rng.u64(..range));
                watch.numbered(NumberForm::Binary).is_some()
            });
            // Of ten values a row comes up now and then, and is seen through.
            let found = found.count();
            assert!(found < if range == 10 { 320 } else { 1 }, "{found} of {range}");
        }
        assert_eq!(watch(iter::repeat_n(3, 100)), None);
        assert_eq!(watch((0..100).rev()), None);
        // Whoever throws a row of dice has a stream for as long as it takes to see that it is none.
        assert_eq!(watch([1, 2, 3, 4, 5].into_iter().chain((0..32).map(|it| it % 6))), None);
    }

    #[test]
    fn one_gap_past_the_bound_is_counted_and_forgotten() {
        let gaps = MAX_GAPS as u64 + 1;
        let numbers = (0..5).chain((0..gaps).map(|gap| 6 + 2 * gap));
        let mut watch = Detector::default();
        numbers.for_each(|number| watch.count(number));
        let stream = watch.numbered(NumberForm::Json).expect("a stream");
        assert_eq!((stream.missing, stream.gaps.len()), (gaps, MAX_SHOWN_GAPS));
        watch.count(5);
        watch.count(7);
        let stream = watch.numbered(NumberForm::Json).expect("a stream");
        assert_eq!((stream.missing, stream.repeats, stream.late), (gaps - 1, 1, 1));
        let Detector::Proven(stream) = watch else { panic!("a stream") };
        assert!(stream.gaps.len() <= MAX_GAPS);
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let stream = watch((u64::MAX - 9..=u64::MAX).chain([u64::MAX, 0, 1])).expect("a stream");
        assert_eq!((stream.next, stream.missing), (u64::MAX, 0));
    }

    /// Numbers from `first` on after an echo with `drop`, `duplicate` and `reorder`.
    fn faulty(first: u64) -> impl Strategy<Value = Vec<u64>> {
        let fates =
            prop::collection::vec(prop_oneof![1 => Just(0), 6 => Just(1), 1 => Just(2)], 0..600);
        (fates, 1..64_usize, any::<u64>()).prop_map(move |(fates, window, seed)| {
            let copies = |(number, copies)| iter::repeat_n(number, copies);
            let numbers = (first..).zip(fates).flat_map(copies);
            shuffled(numbers, window, &mut Rng::with_seed(seed))
        })
    }

    proptest! {
        #[test]
        fn faults_agree_with_a_set(numbers in faulty(MIN_ROW as u64)) {
            let mut seen = BTreeSet::new();
            let (mut repeats, mut late) = (0, 0);
            let all: Vec<_> = (0..MIN_ROW as u64).chain(numbers).collect();
            for number in &all {
                let highest = seen.last().copied().unwrap_or(0);
                if !seen.insert(*number) {
                    repeats += 1;
                } else if *number < highest {
                    late += 1;
                }
            }
            let next = seen.last().expect("a row") + 1;
            let missing: Vec<_> = (0..next).filter(|number| !seen.contains(number)).collect();

            let stream = watch(all.iter().copied()).expect("a stream");
            prop_assert_eq!((stream.next, stream.received), (next, all.len() as u64));
            prop_assert_eq!((stream.repeats, stream.late), (repeats, late));
            prop_assert_eq!(stream.missing, missing.len() as u64);
            let shown = shown(&stream);
            prop_assert!(missing.ends_with(&shown));
            prop_assert!(stream.gaps.len() == MAX_SHOWN_GAPS || shown.len() == missing.len());
        }

        #[test]
        fn arbitrary_numbers_do_not_panic(
            numbers in prop::collection::vec(
                prop_oneof![0..40_u64, any::<u64>(), u64::MAX - 40..=u64::MAX], 0..300
            )
        ) {
            // Stretched, so that rows come up.
            let rows = numbers.iter().flat_map(|number| *number..=number.saturating_add(number % 7));
            if let Some(stream) = watch(rows) {
                let shown: u64 = stream.gaps.iter().map(|gap| gap.end - gap.start).sum();
                prop_assert!(shown <= stream.missing && stream.missing <= stream.next);
                prop_assert!(stream.gaps.iter().all(|gap| gap.start < gap.end));
                prop_assert!(stream.gaps.windows(2).all(|pair| pair[0].end < pair[1].start));
            }
        }
    }
}
