//! What a URL asks of an endpoint. An endpoint describes each of its options once, by asking for it;
//! from that the option is read, refused in a sentence, and listed.

use std::{borrow::Cow, ops::RangeInclusive, time::Duration};

use bytesize::ByteSize;
use serde_json::{Value, json};

/// The longest time that an option takes.
pub(super) const LONGEST: Duration = Duration::from_hours(1);

/// The most messages that an option counts.
pub(super) const MOST_MESSAGES: u64 = 1_000_000_000;

/// The greatest rate of messages, a second.
const FASTEST: f64 = 1_000_000.0;

/// The rates of bytes, a second.
const BYTE_RATES: RangeInclusive<usize> = 1..=(1 << 30);

/// Characters of what was given that a sentence repeats.
const SHOWN: usize = 40;

/// One option as it is described.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    name: &'static str,
    summary: &'static str,
    kind: &'static str,
    /// What holds where it is not given, as it would be given.
    default: Option<String>,
    choices: Vec<&'static str>,
    /// What may be given, in words.
    allowed: String,
    /// It is a segment of the path and not in the query.
    is_in_path: bool,
}

impl Setting {
    /// Its entry in `/endpoints.json`.
    pub(super) fn json(&self) -> Value {
        json!({
            "name": self.name,
            "summary": self.summary,
            "kind": self.kind,
            "default": self.default,
            "choices": self.choices,
            "allowed": self.allowed,
            "in": if self.is_in_path { "path" } else { "query" },
        })
    }
}

/// Why a URL asks for something that there is not, for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Wrong {
    #[error("'{name}' is not an option of {path}. {known}")]
    Unknown { name: String, path: &'static str, known: String },
    #[error("The option '{name}' is given more than once. Give it once.")]
    Repeated { name: String },
    #[error("The option '{name}' cannot be '{value}'. It takes {allowed}.")]
    Value { name: &'static str, value: String, allowed: String },
}

/// When something is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// Once so many messages came.
    Messages(u64),
    /// So long after the opening.
    Time(Duration),
}

/// How fast messages follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rate {
    /// As fast as the peer takes them.
    Max,
    /// So many a second.
    PerSecond(f64),
}

/// Asks a URL for options, one by one.
pub(crate) struct Ask<'a> {
    given: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    segment: Option<&'a str>,
    allows_faults: bool,
    takes_any: bool,
    settings: Vec<Setting>,
    wrong: Option<Wrong>,
    /// What randomness began with, if there is any.
    pub(super) seed: Option<u64>,
}

impl<'a> Ask<'a> {
    /// Asks for what stands in `query`, and in the `segment` of the path that is an option.
    pub(super) fn new(query: &'a str, segment: Option<&'a str>, allows_faults: bool) -> Self {
        let given = form_urlencoded::parse(query.as_bytes()).collect::<Vec<_>>();
        let repeated = given
            .iter()
            .enumerate()
            .find(|(at, (name, _))| given[..*at].iter().any(|(before, _)| before == name))
            .map(|(_, (name, _))| Wrong::Repeated { name: shown(name) });
        Self {
            given,
            segment,
            allows_faults,
            takes_any: false,
            settings: Vec::new(),
            wrong: repeated,
            seed: None,
        }
    }

    /// The options that were asked for, or what is wrong with what was given.
    pub(super) fn finish(self, path: &'static str) -> Result<Vec<Setting>, Wrong> {
        if self.takes_any {
            return Ok(self.settings);
        }
        if let Some((name, _)) = self.given.first() {
            let names = self.settings.iter().filter(|it| !it.is_in_path).map(|it| it.name);
            let names = names.collect::<Vec<_>>().join(", ");
            let known = match names.as_str() {
                "" => "It has none.".to_owned(),
                names => format!("Its options are: {names}."),
            };
            // Unknown names come last: a repeated one of them was found before.
            let unknown = Wrong::Unknown { name: shown(name), path, known };
            return Err(self.wrong.unwrap_or(unknown));
        }
        self.wrong.map_or(Ok(self.settings), Err)
    }

    /// Takes whatever else is given.
    pub(super) fn take_any(&mut self) {
        self.takes_any = true;
    }

    /// A time.
    pub(super) fn time(
        &mut self,
        name: &'static str,
        summary: &'static str,
        default: Duration,
        range: RangeInclusive<Duration>,
    ) -> Duration {
        let setting = Setting::new(name, summary, "duration").default(time(default));
        self.time_of(setting, range).unwrap_or(default)
    }

    /// A time, or none.
    pub(super) fn time_if(
        &mut self,
        name: &'static str,
        summary: &'static str,
        range: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        self.time_of(Setting::new(name, summary, "duration"), range)
    }

    fn time_of(&mut self, setting: Setting, range: RangeInclusive<Duration>) -> Option<Duration> {
        let allowed =
            format!("a time with its unit, {} to {}", time(*range.start()), time(*range.end()));
        self.ask(setting.allowed(allowed), |text| {
            humantime::parse_duration(text).ok().filter(|it| range.contains(it))
        })
    }

    /// A count of bytes.
    pub(super) fn size(
        &mut self,
        name: &'static str,
        summary: &'static str,
        default: usize,
        range: RangeInclusive<usize>,
    ) -> usize {
        let setting = Setting::new(name, summary, "size").default(size(default));
        self.size_of(setting, range).unwrap_or(default)
    }

    /// A count of bytes, or none.
    pub(super) fn size_if(
        &mut self,
        name: &'static str,
        summary: &'static str,
        range: RangeInclusive<usize>,
    ) -> Option<usize> {
        self.size_of(Setting::new(name, summary, "size"), range)
    }

    fn size_of(&mut self, setting: Setting, range: RangeInclusive<usize>) -> Option<usize> {
        let allowed =
            format!("a size in bytes, {} to {}", size(*range.start()), size(*range.end()));
        self.ask(setting.allowed(allowed), |text| parse_size(text, &range))
    }

    /// Bytes a second, or as many as go.
    pub(super) fn byte_rate_if(
        &mut self,
        name: &'static str,
        summary: &'static str,
    ) -> Option<usize> {
        let (least, most) = (size(*BYTE_RATES.start()), size(*BYTE_RATES.end()));
        let setting = Setting::new(name, summary, "rate")
            .allowed(format!("bytes a second, {least}/s to {most}/s"));
        self.ask(setting, |text| parse_size(text.strip_suffix("/s")?, &BYTE_RATES))
    }

    /// A rate of messages; `default` is one.
    pub(super) fn rate(
        &mut self,
        name: &'static str,
        summary: &'static str,
        default: &'static str,
    ) -> Rate {
        let max = if self.allows_faults {
            ", or max: as fast as the peer reads"
        } else {
            " (max is switched off by the server's --no-faults)"
        };
        let setting = Setting::new(name, summary, "rate")
            .default(default.to_owned())
            .allowed(format!("messages a second, minute or hour: 1/h to {FASTEST}/s{max}"));
        let allows_max = self.allows_faults;
        let parse = |text: &str| match text {
            "max" => allows_max.then_some(Rate::Max),
            text => parse_rate(text),
        };
        self.ask(setting, parse).or_else(|| parse_rate(default)).unwrap_or(Rate::PerSecond(1.0))
    }

    /// A number.
    pub(super) fn integer(
        &mut self,
        name: &'static str,
        summary: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
    ) -> u64 {
        let setting = Setting::new(name, summary, "integer").default(default.to_string());
        self.integer_of(setting, range).unwrap_or(default)
    }

    /// A number, or none.
    pub(super) fn integer_if(
        &mut self,
        name: &'static str,
        summary: &'static str,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        self.integer_of(Setting::new(name, summary, "integer"), range)
    }

    fn integer_of(&mut self, setting: Setting, range: RangeInclusive<u64>) -> Option<u64> {
        let allowed = format!("a number, {} to {}", range.start(), range.end());
        self.ask(setting.allowed(allowed), |text| {
            // A plus sign is a space in a query, and nothing else is written with one.
            let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|it| is_plain && range.contains(it))
        })
    }

    /// A chance: never unless it is given.
    pub(super) fn probability(&mut self, name: &'static str, summary: &'static str) -> f64 {
        let setting = Setting::new(name, summary, "probability")
            .default("0".to_owned())
            .allowed("a probability, 0 to 1".to_owned());
        let parse = |text: &str| text.parse().ok().filter(|it| (0.0..=1.0).contains(it));
        self.ask(setting, parse).unwrap_or_default()
    }

    /// A text of at most `most` bytes; none unless it is given.
    pub(super) fn text(
        &mut self,
        name: &'static str,
        summary: &'static str,
        default: &'static str,
        most: usize,
    ) -> String {
        let setting = Setting::new(name, summary, "text")
            .default(default.to_owned())
            .allowed(format!("a text of at most {most} bytes"));
        let parse = |text: &str| (text.len() <= most).then(|| text.to_owned());
        self.ask(setting, parse).unwrap_or_else(|| default.to_owned())
    }

    /// A text for which `parse` finds a meaning; `default` is one.
    pub(super) fn word<T>(
        &mut self,
        name: &'static str,
        summary: &'static str,
        (shown, default): (&str, T),
        allowed: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> T {
        let setting = Setting::new(name, summary, "text").default(shown.to_owned());
        self.ask(setting.allowed(allowed.to_owned()), parse).unwrap_or(default)
    }

    /// A text for which `parse` finds a meaning, or none.
    pub(super) fn word_if<T>(
        &mut self,
        name: &'static str,
        summary: &'static str,
        allowed: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        self.ask(Setting::new(name, summary, "text").allowed(allowed.to_owned()), parse)
    }

    /// The segment of the path that is an option, of 1 to `most` bytes.
    pub(super) fn segment(
        &mut self,
        name: &'static str,
        summary: &'static str,
        most: usize,
    ) -> String {
        let mut setting =
            Setting::new(name, summary, "text").allowed(format!("a text of 1 to {most} bytes"));
        setting.is_in_path = true;
        let parse = |text: &str| (1..=most).contains(&text.len()).then(|| text.to_owned());
        self.ask(setting, parse).unwrap_or_default()
    }

    /// One of several words, each with its meaning; the first unless it is given.
    pub(super) fn choice<T: Clone>(
        &mut self,
        name: &'static str,
        summary: &'static str,
        choices: &[(&'static str, T)],
        default: T,
    ) -> T {
        let first = choices.first().map(|(name, _)| (*name).to_owned());
        let setting = Setting { default: first, ..Setting::new(name, summary, "choice") };
        self.choice_of(setting, choices).unwrap_or(default)
    }

    /// One of several words, or none.
    pub(super) fn choice_if<T: Clone>(
        &mut self,
        name: &'static str,
        summary: &'static str,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        self.choice_of(Setting::new(name, summary, "choice"), choices)
    }

    fn choice_of<T: Clone>(
        &mut self,
        mut setting: Setting,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        setting.choices = choices.iter().map(|(name, _)| *name).collect();
        let allowed = setting.choices.join(" or ");
        self.ask(setting.allowed(allowed), |text| {
            choices.iter().find(|(name, _)| *name == text).map(|(_, meaning)| meaning.clone())
        })
    }

    /// A number of messages or a time.
    pub(super) fn after(
        &mut self,
        name: &'static str,
        summary: &'static str,
        default: After,
    ) -> After {
        let shown = match default {
            After::Messages(count) => count.to_string(),
            After::Time(after) => time(after),
        };
        self.after_of(Setting::new(name, summary, "text").default(shown)).unwrap_or(default)
    }

    /// A number of messages or a time, or none.
    pub(super) fn after_if(&mut self, name: &'static str, summary: &'static str) -> Option<After> {
        self.after_of(Setting::new(name, summary, "text"))
    }

    fn after_of(&mut self, setting: Setting) -> Option<After> {
        let allowed = format!(
            "a number of messages, 1 to {MOST_MESSAGES}, or a time with its unit, 0s to {}",
            time(LONGEST)
        );
        self.ask(setting.allowed(allowed), |text| {
            if text.bytes().all(|byte| byte.is_ascii_digit()) {
                let count = text.parse().ok().filter(|it| (1..=MOST_MESSAGES).contains(it))?;
                return Some(After::Messages(count));
            }
            let after = humantime::parse_duration(text).ok().filter(|it| *it <= LONGEST)?;
            Some(After::Time(after))
        })
    }

    /// Where randomness begins: the same again with the same seed.
    pub(super) fn seed(&mut self) -> fastrand::Rng {
        let summary = "Where randomness begins: the same seed, the same behaviour. Without it one is \
                       chosen; the header x-wsbench-seed of the answer names it";
        let given = self.integer_if("seed", summary, 0..=u64::MAX);
        let seed = given.unwrap_or_else(|| fastrand::u32(..).into());
        self.seed = Some(seed);
        fastrand::Rng::with_seed(seed)
    }

    /// Takes what is given for `setting`, if `parse` finds a meaning in it.
    fn ask<T>(&mut self, setting: Setting, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let given = if setting.is_in_path {
            self.segment.take().map(Cow::Borrowed)
        } else {
            let at = self.given.iter().position(|(name, _)| name == setting.name);
            at.map(|at| self.given.remove(at).1)
        };
        let value = given.and_then(|given| {
            let value = parse(&given);
            if value.is_none() {
                self.wrong.get_or_insert(Wrong::Value {
                    name: setting.name,
                    value: shown(&given),
                    allowed: setting.allowed.clone(),
                });
            }
            value
        });
        self.settings.push(setting);
        value
    }
}

impl Setting {
    fn new(name: &'static str, summary: &'static str, kind: &'static str) -> Self {
        Self {
            name,
            summary,
            kind,
            default: None,
            choices: Vec::new(),
            allowed: String::new(),
            is_in_path: false,
        }
    }

    fn default(self, default: String) -> Self {
        Self { default: Some(default), ..self }
    }

    fn allowed(self, allowed: String) -> Self {
        Self { allowed, ..self }
    }
}

fn time(time: Duration) -> String {
    // `1h`, not `1h 0m`: humantime leaves out what is nothing.
    humantime::format_duration(time).to_string()
}

fn size(bytes: usize) -> String {
    match bytes {
        0 => "0".to_owned(),
        _ if bytes.is_multiple_of(1 << 30) => format!("{}GiB", bytes >> 30),
        _ if bytes.is_multiple_of(1 << 20) => format!("{}MiB", bytes >> 20),
        _ if bytes.is_multiple_of(1 << 10) => format!("{}KiB", bytes >> 10),
        _ => bytes.to_string(),
    }
}

fn parse_size(text: &str, range: &RangeInclusive<usize>) -> Option<usize> {
    let ByteSize(bytes) = text.parse().ok()?;
    usize::try_from(bytes).ok().filter(|it| range.contains(it))
}

fn parse_rate(text: &str) -> Option<Rate> {
    let (count, unit) = text.split_once('/')?;
    let seconds = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let count = count.parse::<f64>().ok()?;
    let rate = count / seconds;
    (1.0 / 3600.0..=FASTEST).contains(&rate).then_some(Rate::PerSecond(rate))
}

/// What was given, cut, in one line.
pub(super) fn shown(given: &str) -> String {
    let cut = given.chars().take(SHOWN).flat_map(char::escape_debug).collect::<String>();
    if given.chars().nth(SHOWN).is_some() { cut + "…" } else { cut }
}
