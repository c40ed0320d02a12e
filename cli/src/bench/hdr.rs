//! Latency logs: interval logs of `HdrHistogram`, version 2, and their merge.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
    time::{Duration, SystemTime},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hdrhistogram::serialization::{
    Deserializer, V2DeflateSerializer,
    interval_log::{
        IntervalLogIterator, IntervalLogWriter, IntervalLogWriterBuilder, IntervalLogWriterError,
        LogEntry, Tag,
    },
};
use serde_json::Value;
use server::read_bounded;
use tokio::time::Instant;

use super::{
    figures::{Counts, Histogram},
    measure::Window,
    report::counts_json,
};

/// Start of the comment with the numbers of messages: a log of latencies has no other place for
/// them.
const COUNTS: &str = "[wsbench counts: ";

/// Divisor of the largest latency of an interval, in nanoseconds: milliseconds, as other writers
/// have it.
const MAX_DIVISOR: f64 = 1e6;

/// Largest log that is merged. An interval takes about 2 KiB.
const MAX_LOG: u64 = 1 << 30;

/// Measures with `measure`, and writes a log of the latencies to `path`, if there is one. Returns
/// the results, with a sentence if the log could not be written to its end. `Err` is a sentence:
/// the log could not be created.
pub(super) async fn with_log<T>(
    path: Option<&Path>,
    is_tagged: bool,
    measure: impl AsyncFnOnce(&mut Option<HdrLog<'_>>) -> (T, Counts),
) -> Result<(T, Option<String>), String> {
    let Some(path) = path else { return Ok((measure(&mut None).await.0, None)) };
    let mut file = HdrFile::create(path)?;
    let log = HdrLog::begin(&mut file, is_tagged).map_err(|error| cannot_write(path, &error))?;
    let mut log = Some(log);
    let (results, counts) = measure(&mut log).await;
    let written = match log.map(|log| log.end(&counts_json(&counts))) {
        Some(Err(error)) => Err(cannot_write(path, &error)),
        _ => file.flush(path),
    };
    Ok((results, written.err()))
}

/// Destination of a log: the file, and its serializer. An interval is written in one piece.
struct HdrFile {
    file: BufWriter<File>,
    /// Encoder of a histogram (version 2, deflate).
    serializer: V2DeflateSerializer,
}

impl HdrFile {
    /// Creates the file. The error is a sentence.
    fn create(path: &Path) -> Result<Self, String> {
        let file = File::create(path).map_err(|error| cannot_write(path, &error))?;
        Ok(Self { file: BufWriter::new(file), serializer: V2DeflateSerializer::new() })
    }

    /// Writes the buffer. The error is a sentence.
    fn flush(&mut self, path: &Path) -> Result<(), String> {
        self.file.flush().map_err(|error| cannot_write(path, &error))
    }
}

/// Sentence for a file that cannot be written.
fn cannot_write(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("Cannot write {}: {error}.", path.display())
}

/// Log being written. Latencies of every interval, in nanoseconds, as Base64.
pub(super) struct HdrLog<'a> {
    writer: IntervalLogWriter<'a, 'a, BufWriter<File>, V2DeflateSerializer>,
    /// Time zero of the log.
    base: Instant,
    /// End of the last interval.
    last: Instant,
    /// True if an interval is tagged with its server.
    is_tagged: bool,
    /// First error of a write; later intervals are still tried.
    error: Option<String>,
}

impl<'a> HdrLog<'a> {
    /// Begins a log. With several servers, each interval is tagged with its own.
    fn begin(file: &'a mut HdrFile, is_tagged: bool) -> io::Result<Self> {
        let (now, base) = (SystemTime::now(), Instant::now());
        let writer = IntervalLogWriterBuilder::new()
            .add_comment("[Histogram log format version 1.3]")
            .add_comment("[Latencies in nanoseconds, written by wsbench bench]")
            .with_start_time(now)
            .with_base_time(now)
            .with_max_value_divisor(MAX_DIVISOR)
            .begin_log_with(&mut file.file, &mut file.serializer)?;
        Ok(Self { writer, base, last: base, is_tagged, error: None })
    }

    /// Writes the interval that ends now, of a server, before [`Self::next_interval`]. Its
    /// latencies go over to the whole measurement.
    pub(super) fn write_interval(&mut self, server: &str, window: &mut Window, now: Instant) {
        let (start, length) = (self.last - self.base, now.saturating_duration_since(self.last));
        // Characters that a tag cannot have.
        let tag = server.replace(',', "%2C").replace(' ', "%20");
        let tag = if self.is_tagged { Tag::new(&tag) } else { None };
        let written = window
            .end_interval(now, |latency| self.writer.write_histogram(latency, start, length, tag));
        if let Err(error) = written {
            self.error.get_or_insert(match error {
                IntervalLogWriterError::IoError(error) => error.to_string(),
                IntervalLogWriterError::SerializeError(error) => error.to_string(),
            });
        }
    }

    /// Begins the next interval, of all servers.
    pub(super) fn next_interval(&mut self, now: Instant) {
        self.last = now;
    }

    /// Writes the numbers of messages. Returns the first error of all.
    fn end(mut self, counts: &Value) -> Result<(), String> {
        let written = self.writer.write_comment(&format!("{COUNTS}{counts}]"));
        match self.error {
            Some(error) => Err(error),
            None => written.map_err(|error| error.to_string()),
        }
    }
}

/// Logs of several machines or runs together.
pub(super) struct Merged {
    /// Latencies of all logs, of unbounded range.
    pub(super) latency: Histogram,
    /// Time from the first start to the last end. Time zero of a log is its machine's clock, so
    /// that they should agree.
    pub(super) time: Duration,
    /// Numbers of all logs; `None` if one has none, as a log of another program.
    pub(super) counts: Option<Counts>,
}

/// Merges logs. The error is a sentence that names the file. Reads one log at a time, of 1 GiB at
/// most.
pub(super) fn merge(paths: &[impl AsRef<Path>]) -> Result<Merged, String> {
    let mut latency = Histogram::new(3).unwrap_or_else(|_| unreachable!("3 digits are valid"));
    latency.auto(true);
    let mut merged = Merged { latency, time: Duration::ZERO, counts: Some(Counts::default()) };
    let mut span: Option<(Duration, Duration)> = None;
    for path in paths {
        let path = path.as_ref();
        let wrong = |why: &str| format!("Cannot read {}: {why}.", path.display());
        let log = read_bounded(path, MAX_LOG).map_err(|error| wrong(&error.to_string()))?;
        let one = merge_one(&log, &mut merged.latency).map_err(|why| wrong(&why))?;
        span = match (span, one) {
            (Some((start, end)), Some(one)) => Some((start.min(one.0), end.max(one.1))),
            (span, one) => span.or(one),
        };
        merged.counts = merged.counts.zip(read_counts(&log)).map(|(mut all, one)| {
            all.add(one);
            all
        });
    }
    merged.time = span.map_or(Duration::ZERO, |(start, end)| end.saturating_sub(start));
    Ok(merged)
}

/// Adds the intervals of a log. Returns its start and end since the epoch; `None` if it has none.
/// The error is the reason, as the end of a sentence.
fn merge_one(log: &[u8], latency: &mut Histogram) -> Result<Option<(Duration, Duration)>, String> {
    let mut base = Duration::ZERO;
    let mut span: Option<(Duration, Duration)> = None;
    let mut deserializer = Deserializer::new();
    for entry in IntervalLogIterator::new(log) {
        let entry = entry.map_err(|_| "not an HdrHistogram log")?;
        let interval = match entry {
            LogEntry::BaseTime(time) => {
                base = time;
                continue;
            }
            LogEntry::StartTime(_) => continue,
            LogEntry::Interval(interval) => interval,
        };
        let damaged = |error: &dyn std::fmt::Display| format!("invalid interval: {error}");
        let bytes = BASE64_STANDARD
            .decode(interval.encoded_histogram())
            .map_err(|error| damaged(&error))?;
        let one: Histogram =
            deserializer.deserialize(&mut &bytes[..]).map_err(|error| damaged(&error))?;
        latency.add(one).map_err(|error| damaged(&error))?;
        // Any number may be in a log.
        let start = base.saturating_add(interval.start_timestamp());
        let end = start.saturating_add(interval.duration());
        let (first, last) = span.unwrap_or((start, end));
        span = Some((first.min(start), last.max(end)));
    }
    Ok(span)
}

/// Numbers of messages in the comment of a log. `None` if there is no such comment, or one of its
/// numbers is missing.
fn read_counts(log: &[u8]) -> Option<Counts> {
    let log = std::str::from_utf8(log).ok()?;
    let line = log.lines().rev().find_map(|line| line.strip_prefix('#')?.strip_prefix(COUNTS))?;
    let counts: Value = serde_json::from_str(line.strip_suffix(']')?).ok()?;
    let count = |key: &str| counts.get(key)?.as_u64();
    Some(Counts {
        not_sent: count("not_sent")?,
        unanswered: count("unanswered")?,
        answered: count("answered")?,
        errors: count("answered_with_error")?,
        pushes: count("pushes")?,
    })
}

#[cfg(test)]
mod tests {
    use hdrhistogram::serialization::Serializer;

    use super::*;

    #[test]
    fn any_times_of_a_log_are_merged() {
        let (mut bytes, mut latency) = (Vec::new(), Histogram::new(3).unwrap());
        V2DeflateSerializer::new().serialize(&latency, &mut bytes).unwrap();
        let (histogram, time) = (BASE64_STANDARD.encode(bytes), u64::MAX);
        let log = format!(
            "#[BaseTime: {time}.000 (seconds since epoch)]\n{time}.000,{time}.000,0.0,{histogram}\n"
        );
        assert!(merge_one(log.as_bytes(), &mut latency).unwrap().is_some());
    }
}
