//! Lane: a position in the program, and the loops that it is in.

use std::time::Duration;

use session::Time;

use super::program::Rounds;

/// Result of a step.
pub(super) enum Progress {
    /// Done: the lane continues with the next one.
    Next,
    /// Done: the lane continues at this position.
    Jump(usize),
    /// Waiting for an event, until this time.
    Wait(Time),
}

/// Position in the program: one for the whole, and one for each connection of a parallel block.
/// Lanes take turns in the order of their creation.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    /// Index into the program.
    pub(super) at: usize,
    /// Time at which the current step began.
    pub(super) since: Option<Time>,
    /// Loops that the lane is in, the innermost last.
    loops: Vec<Loop>,
    /// Expectations met by a step that takes several messages, by index.
    pub(super) met: Vec<bool>,
    /// State in the turns of all lanes.
    pub(super) state: LaneState,
}

/// State of a lane in the turns of all lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LaneState {
    /// Does steps, or waits for an event.
    Going,
    /// Waits for all lanes of its block at a barrier.
    AtBarrier,
    /// Waits for the lanes that it began, to go on at this position.
    Forked(usize),
    /// Has no step left.
    Ended,
}

/// Loop that a lane is in.
#[derive(Clone, Copy, Debug)]
struct Loop {
    /// Rounds left, this one included.
    left: u32,
    /// Start of the next round and the interval of rounds, in an `every` loop.
    next: Option<(Time, Duration)>,
    /// End of an `every` loop: no round begins after it.
    until: Option<Time>,
}

impl Lane {
    /// Lane at a position, outside of loops.
    pub(super) fn new(at: usize) -> Self {
        let (loops, met) = (Vec::new(), Vec::new());
        Self { at, since: None, loops, met, state: LaneState::Going }
    }

    /// Moves to another step, which has not begun.
    pub(super) fn go_to(&mut self, at: usize) {
        self.at = at;
        self.since = None;
        self.met.clear();
    }

    /// Begins a loop, before its first round.
    pub(super) fn begin(&mut self, rounds: Rounds, now: Time) {
        self.loops.push(match rounds {
            Rounds::Times(left) => Loop { left, next: None, until: None },
            Rounds::Every { interval, total } => Loop {
                left: u32::MAX,
                next: Some((now.after(interval), interval)),
                until: Some(now.after(total)),
            },
        });
    }

    /// Ends a round of a loop. `begin` is the position of the loop. A round of `every` waits for
    /// its start; the loop ends after its rounds, or its total time.
    pub(super) fn again(&mut self, begin: usize, now: Time) -> Progress {
        let after = self.at + 1;
        let Some(current) = self.loops.last_mut() else { return Progress::Jump(after) };
        current.left -= 1;
        let is_over = match current.next {
            _ if current.left == 0 => true,
            Some((next, _)) if current.until.is_some_and(|until| next >= until) => true,
            Some((next, _)) if now < next => {
                current.left += 1;
                return Progress::Wait(next);
            }
            Some((next, interval)) => {
                current.next = Some((next.after(interval), interval));
                false
            }
            None => false,
        };
        if !is_over {
            return Progress::Jump(begin + 1);
        }
        self.loops.pop();
        Progress::Jump(after)
    }
}

/// Waits from `since` on. [`Progress::Next`] once the time is over.
pub(super) fn wait(since: Time, duration: Duration, now: Time) -> Progress {
    let until = since.after(duration);
    if now >= until { Progress::Next } else { Progress::Wait(until) }
}
