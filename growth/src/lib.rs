//! Growth of work with its input: tests of all that a peer, a page or a pasted text can ask for.
//!
//! The input is doubled three times and the CPU time of the thread compared: eightfold where work is
//! linear, sixty-four times where it is quadratic. A ratio says the same on every machine, and CPU time
//! the same beside other work. Instructions would be steadier, but counting them takes `unsafe` and rights that
//! a container seldom gives (`perf_event_open`), or fifty times the time (valgrind). Work that counts steps of its own is tested by
//! these instead.

use std::{hint::black_box, time::Duration};

use cpu_time::ThreadTime;

/// Doublings: three.
const FACTOR: usize = 8;

/// Largest ratio: the middle between linear and quadratic, by factors.
const LIMIT: u32 = 24;

/// Runs of each size; the fastest counts.
const RUNS: usize = 3;

/// Least time that a ratio is taken from: below it, the clock and the first allocation count for more.
const LEAST: Duration = Duration::from_micros(200);

/// Checks that `work` takes time in proportion to its input, with inputs of `largest` units and an
/// eighth. Choose `largest` so that quadratic work would take seconds.
///
/// # Panics
///
/// If it takes more.
pub fn assert_linear<I>(largest: usize, input: impl Fn(usize) -> I, work: impl Fn(I)) {
    let part = cost(largest / FACTOR, &input, &work).max(LEAST);
    let whole = cost(largest, &input, &work);
    assert!(
        whole <= part * LIMIT,
        "{part:?} of CPU time, and {whole:?} for {FACTOR} times the input"
    );
}

fn cost<I>(size: usize, input: &impl Fn(usize) -> I, work: &impl Fn(I)) -> Duration {
    let run = |_| {
        let input = black_box(input(size));
        let start = ThreadTime::now();
        work(input);
        start.elapsed()
    };
    (0..RUNS).map(run).min().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_work_passes() {
        assert_linear(
            1 << 18,
            |size| vec![1_u64; size],
            |input| {
                black_box(input.iter().sum::<u64>());
            },
        );
    }

    #[test]
    #[should_panic(expected = "8 times the input")]
    fn quadratic_work_fails() {
        assert_linear(
            1 << 11,
            |size| size,
            |size| {
                black_box((0..size * size).fold(0, |sum, it| black_box(sum) ^ it));
            },
        );
    }
}
