//! Listing: the filtered entries of a transcript as numbered rows.

use std::{collections::VecDeque, ops::Range};

use crate::log::{Filter, Transcript};

/// Steps that a filter may take until it has reached the newest entry: about half a minute.
const MAX_STEPS: u64 = 1 << 32;

/// Listed entries: all, or those that match the filter; without cleared ones, and up to the point
/// where the list was paused.
///
/// Row numbers start at 0 and are permanent: an evicted row takes its number with it, so that rows
/// 500 to 540 stay in place when earlier ones are dropped.
#[derive(Debug)]
pub(crate) struct Listing {
    /// Filter of the rows; `None` lists all.
    filter: Option<Filter>,
    /// Ids of matching entries; unused without a filter.
    admitted: VecDeque<u64>,
    /// Evicted rows of `admitted`.
    evicted_rows: u64,
    /// Next entry to filter.
    next: u64,
    /// Steps left; none once the filter has given up.
    budget: u64,
    /// First entry not cleared.
    cleared_before: u64,
    /// First entry after the pause.
    paused_from: Option<u64>,
}

impl Default for Listing {
    /// Lists everything.
    fn default() -> Self {
        Self {
            filter: None,
            admitted: VecDeque::new(),
            evicted_rows: 0,
            next: 0,
            budget: MAX_STEPS,
            cleared_before: 0,
            paused_from: None,
        }
    }
}

impl Listing {
    /// Applies a filter. Rows are renumbered.
    pub(crate) fn filter(&mut self, filter: Option<Filter>) {
        self.filter = filter;
        self.relist();
    }

    /// Pauses at the newest entry, or resumes.
    pub(crate) fn pause(&mut self, from: Option<u64>) {
        self.paused_from = from;
    }

    /// First entry that arrived during the pause, and was not cleared.
    pub(crate) fn paused_from(&self) -> Option<u64> {
        self.paused_from.map(|from| from.max(self.cleared_before))
    }

    /// Clears entries before `id`; an earlier `id` than the last undoes it.
    pub(crate) fn clear_before(&mut self, id: u64) {
        self.cleared_before = id;
        self.relist();
    }

    /// First entry that was not cleared.
    pub(crate) fn cleared_before(&self) -> u64 {
        self.cleared_before
    }

    /// Begins to list all entries anew.
    fn relist(&mut self) {
        self.admitted.clear();
        self.evicted_rows = 0;
        self.next = 0;
        self.budget = MAX_STEPS;
    }

    /// True if the filter takes too long: the rest of the entries is not listed.
    pub(crate) fn has_given_up(&self) -> bool {
        self.budget == 0
    }

    /// Filters entries for about this many steps. `true` if more remain.
    pub(crate) fn advance(&mut self, transcript: &Transcript, slice: u64) -> bool {
        let Some(filter) = &mut self.filter else { return false };
        let held = transcript.ids();
        let begin = held.start.max(self.cleared_before);
        let evicted = self.admitted.partition_point(|id| *id < begin);
        self.admitted.drain(..evicted);
        self.evicted_rows += evicted as u64;
        self.next = self.next.max(begin);
        let slice = slice.min(self.budget);
        let mut steps = slice;
        for entry in transcript.entries(self.next..held.end) {
            if steps == 0 {
                break;
            }
            let Some(admits) = filter.admits(&entry, &mut steps) else { break };
            self.admitted.extend(admits.then_some(entry.id));
            self.next = entry.id + 1;
        }
        self.budget -= slice - steps;
        if self.next >= held.end {
            self.budget = MAX_STEPS;
        }
        self.next < held.end && !self.has_given_up()
    }

    /// True if the filter has checked all entries, or has given up.
    pub(crate) fn has_checked_all(&self, transcript: &Transcript) -> bool {
        self.unfiltered(transcript) == 0 || self.has_given_up()
    }

    /// True if the filter has checked the entries up to `id`.
    pub(crate) fn has_checked(&self, id: u64) -> bool {
        self.filter.is_none() || self.next > id
    }

    /// Number of entries that the filter has not checked yet.
    pub(crate) fn unfiltered(&self, transcript: &Transcript) -> u64 {
        let Some(_) = self.filter else { return 0 };
        let held = transcript.ids();
        held.end - self.next.max(held.start.max(self.cleared_before)).min(held.end)
    }

    /// Available rows.
    pub(crate) fn rows(&self, transcript: &Transcript) -> Range<u64> {
        let held = transcript.ids();
        let begin = held.start.max(self.cleared_before).min(held.end);
        let end = self.paused_from.unwrap_or(held.end).clamp(begin, held.end);
        self.row(begin)..self.row(end)
    }

    /// Entry of a row.
    pub(crate) fn id(&self, row: u64) -> Option<u64> {
        if self.filter.is_none() {
            return Some(row);
        }
        self.admitted.get(usize::try_from(row.checked_sub(self.evicted_rows)?).ok()?).copied()
    }

    /// Row of an entry, or of the first one listed after it.
    pub(crate) fn row(&self, id: u64) -> u64 {
        if self.filter.is_none() {
            return id;
        }
        self.evicted_rows + self.admitted.partition_point(|it| *it < id) as u64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use session::{Message, Time};

    use super::*;
    use crate::log::{Bounds, Item, Query};

    /// Filter's key, and the rows with their entries.
    type Shown = (Option<u8>, Vec<(u64, u64)>);

    fn filter(text: &str) -> Option<Filter> {
        Filter::new(Query { text: text.into(), ..Query::default() }).unwrap()
    }

    #[derive(Clone, Debug)]
    enum Step {
        Push(u8),
        Filter(Option<u8>),
        Advance(u64),
        Pause(bool),
        Clear,
        Undo,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            6 => (0..3_u8).prop_map(Step::Push),
            1 => prop::option::of(0..3_u8).prop_map(Step::Filter),
            3 => (1..300_u64).prop_map(Step::Advance),
            1 => any::<bool>().prop_map(Step::Pause),
            1 => Just(Step::Clear),
            1 => Just(Step::Undo),
        ];
        prop::collection::vec(step, 0..80)
    }

    #[test]
    fn a_filter_that_takes_too_long_gives_up() {
        let mut transcript = Transcript::new(Bounds { entries: 10, bytes: 1 << 20 });
        for text in ["a", &"a".repeat(1_000), "a"] {
            transcript.push(Time(0), Item::Received(Message::Text(text.into())), None);
        }
        let mut listing = Listing { filter: filter("a!"), ..Listing::default() };
        let mut slices = 0;
        while listing.advance(&transcript, 100) {
            slices += 1;
        }
        assert!((5..20).contains(&slices), "{slices}");
        assert_eq!((listing.budget, listing.unfiltered(&transcript)), (MAX_STEPS, 0));
        listing.relist();
        listing.budget = 500;
        while listing.advance(&transcript, 100) {}
        assert!(listing.has_given_up());
        assert_eq!(listing.unfiltered(&transcript), 2);
        listing.filter(filter("a"));
        assert!(!listing.has_given_up() && !listing.advance(&transcript, 10_000));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// Against a list of everything that ever came, filtered anew each time.
        #[test]
        fn listing_matches_the_filter(steps in steps()) {
            const HELD: usize = 20;
            let mut transcript = Transcript::new(Bounds { entries: HELD, bytes: 1_000 });
            let mut listing = Listing::default();
            let (mut all, mut wanted, mut paused, mut cleared) = (Vec::new(), None, None, 0);
            let mut shown: Option<Shown> = None;
            for step in steps {
                match step {
                    Step::Push(kind) => {
                        let text = kind.to_string();
                        transcript.push(Time(0), Item::Received(Message::Text(text)), None);
                        all.push(kind);
                    }
                    Step::Filter(kind) => {
                        wanted = kind;
                        shown = None;
                        listing.filter(kind.and_then(|kind| filter(&kind.to_string())));
                    }
                    Step::Advance(budget) => {
                        listing.advance(&transcript, budget);
                    }
                    Step::Pause(is_paused) => {
                        paused = is_paused.then_some(all.len());
                        listing.pause(paused.map(|from| from as u64));
                    }
                    Step::Clear => {
                        cleared = all.len();
                        shown = None;
                        listing.clear_before(cleared as u64);
                    }
                    Step::Undo => {
                        cleared = 0;
                        shown = None;
                        listing.clear_before(0);
                    }
                }
                let unfiltered = listing.unfiltered(&transcript);
                let end = if wanted.is_some() { all.len() - usize::try_from(unfiltered).unwrap() } else { all.len() };
                let begin = all.len().saturating_sub(HELD).max(cleared);
                let end = end.min(paused.unwrap_or(end));
                let expected: Vec<u64> = (begin..end.max(begin))
                    .filter(|id| wanted.is_none_or(|kind| all[*id] == kind))
                    .map(|id| id as u64)
                    .collect();
                let rows = listing.rows(&transcript);
                let listed: Vec<(u64, u64)> =
                    rows.clone().filter_map(|row| Some((row, listing.id(row)?))).collect();
                let ids: Vec<u64> = listed.iter().map(|(_, id)| *id).collect();
                prop_assert_eq!(ids, expected);
                prop_assert_eq!(rows.end - rows.start, listed.len() as u64);
                for (row, id) in &listed {
                    prop_assert_eq!(listing.row(*id), *row);
                }
                // A row keeps its number as long as the filter stays.
                if let Some((_, before)) = &shown {
                    for (row, id) in before {
                        let now = listed.iter().find(|(_, it)| it == id);
                        prop_assert!(now.is_none_or(|(it, _)| it == row));
                    }
                }
                shown = Some((wanted, listed));
            }
            // A step at a time, in the end every entry has been looked at.
            while listing.advance(&transcript, 3) {}
            prop_assert_eq!(listing.unfiltered(&transcript), 0);
        }
    }
}
