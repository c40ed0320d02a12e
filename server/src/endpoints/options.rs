//! Options of an endpoint, in the query of a URL. An endpoint declares each option once, by reading it;
//! from that the option is parsed, refused with a sentence, and documented.

use std::{borrow::Cow, collections::HashSet, ops::RangeInclusive, time::Duration};

use axum::{
    Extension,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use fastrand::Rng;
use serde_json::{Value, json};
use workbench::format;

use super::rate::{MAX_RATE, Rate, parse_rate};
use crate::{
    quantity::{format_exact_duration, format_size, parse_size},
    websocket::handshake::refusal::Refused,
};

/// Max duration of an option.
pub(super) const MAX_DURATION: Duration = Duration::from_hours(1);

/// Max number of messages of an option.
pub(super) const MAX_MESSAGES: u64 = 1_000_000_000;

/// Range of rates in bytes per second.
const BYTE_RATES: RangeInclusive<usize> = 1..=(1 << 30);

/// Options of a query, at most: several times as many as any endpoint has.
const MAX_OPTIONS: usize = 64;

/// Characters of a given value that an error message repeats, at most.
const MAX_SHOWN: usize = 40;

/// Description of an option.
#[derive(Clone, Debug)]
pub(crate) struct OptionInfo {
    /// Name in the query, or of the segment.
    name: &'static str,
    /// Sentence of documentation, without its full stop.
    summary: &'static str,
    /// Kind of value, for the page's input: `duration`, `size`, `rate`, `integer`, `probability`, `text`
    /// or `choice`.
    kind: &'static str,
    /// Default value, as written in a query.
    default: Option<String>,
    /// Words of a choice, the default first; empty for other kinds.
    choices: Vec<&'static str>,
    /// Allowed values, in words.
    allowed: String,
    /// True for a segment of the path, false for the query.
    is_in_path: bool,
}

impl OptionInfo {
    /// Entry in `/endpoints.json`.
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

    /// Description without default, choices and allowed values.
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

    /// Adds the default, written as in a query.
    fn default(self, default: String) -> Self {
        Self { default: Some(default), ..self }
    }

    /// Adds the allowed values, in words.
    fn allowed(self, allowed: String) -> Self {
        Self { allowed, ..self }
    }
}

/// Wrong option, as a sentence for the author of the URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OptionError {
    /// Name that the endpoint does not read, often a misspelled one.
    #[error("Unknown option '{name}' of {path}. {known}")]
    Unknown { name: String, path: &'static str, known: String },
    /// Query of more than [`MAX_OPTIONS`] options.
    #[error("The query has more than {MAX_OPTIONS} options. Remove those that are not needed.")]
    TooMany,
    /// Name that the query has twice: no choice between the two would be right for all.
    #[error("Option '{name}' is given more than once.")]
    Repeated { name: String },
    /// Value that does not parse, or is out of range.
    #[error("Invalid value '{value}' of option '{name}'. Allowed: {allowed}.")]
    Value { name: &'static str, value: String, allowed: String },
}

/// Trigger of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// Number of messages received.
    Messages(u64),
    /// Time since the opening.
    Time(Duration),
}

/// Options of a URL, to be read one by one.
///
/// Each method reads one option and describes it at the same time: `name` in the query, `summary` for the
/// documentation, default and allowed range. The default stands where the option is missing or
/// wrong; [`Options::finish`] returns the error of a wrong one.
pub(crate) struct Options<'a> {
    /// Query options not read yet.
    given: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Segment of the path, until it is read.
    segment: Option<&'a str>,
    /// True if unknown options are allowed.
    allows_any: bool,
    /// Descriptions of the options read so far.
    infos: Vec<OptionInfo>,
    /// First error.
    error: Option<OptionError>,
    /// Seed of the random number generator, if there is one.
    pub(crate) seed: Option<u64>,
}

impl<'a> Options<'a> {
    /// Parses `query`. `segment` is the segment of the path that is an option, if any.
    pub(crate) fn new(query: &'a str, segment: Option<&'a str>) -> Self {
        let given = form_urlencoded::parse(query.as_bytes());
        let given = given.take(MAX_OPTIONS + 1).collect::<Vec<_>>();
        let mut names = HashSet::new();
        let repeated = given.iter().find(|(name, _)| !names.insert(name));
        let error = if given.len() > MAX_OPTIONS {
            Some(OptionError::TooMany)
        } else {
            repeated.map(|(name, _)| OptionError::Repeated { name: shorten(name) })
        };
        Self { given, segment, allows_any: false, infos: Vec::new(), error, seed: None }
    }

    /// Descriptions of the options read, or the first error in the query.
    ///
    /// # Errors
    /// Too many options, a repeated one, wrong value, or an option that was not read.
    pub(crate) fn finish(self, path: &'static str) -> Result<Vec<OptionInfo>, OptionError> {
        if self.allows_any {
            return Ok(self.infos);
        }
        if let Some((name, _)) = self.given.first() {
            let names = self.infos.iter().filter(|it| !it.is_in_path).map(|it| it.name);
            let names = names.collect::<Vec<_>>().join(", ");
            let known = match names.as_str() {
                "" => "It has no options.".to_owned(),
                names => format!("Known options: {names}."),
            };
            // Other errors were found before the unknown name.
            let unknown = OptionError::Unknown { name: shorten(name), path, known };
            return Err(self.error.unwrap_or(unknown));
        }
        self.error.map_or(Ok(self.infos), Err)
    }

    /// Allows any other option.
    pub(super) fn allow_any(&mut self) {
        self.allows_any = true;
    }

    /// Duration with a unit, such as `250ms`.
    pub(super) fn time(
        &mut self,
        name: &'static str,
        summary: &'static str,
        range: RangeInclusive<Duration>,
    ) -> Given<'_, Duration> {
        let show = |it: &Duration| format_exact_duration(*it);
        let allowed =
            format!("duration with unit, {} to {}", show(range.start()), show(range.end()));
        let info = OptionInfo::new(name, summary, "duration").allowed(allowed);
        let parse =
            |text: &str| humantime::parse_duration(text).ok().filter(|it| range.contains(it));
        self.given(info, parse, show)
    }

    /// Size in bytes, with or without a unit, such as `64KiB`.
    pub(super) fn size(
        &mut self,
        name: &'static str,
        summary: &'static str,
        range: RangeInclusive<usize>,
    ) -> Given<'_, usize> {
        let show = |it: &usize| format_size(*it);
        let allowed = format!("size in bytes, {} to {}", show(range.start()), show(range.end()));
        let info = OptionInfo::new(name, summary, "size").allowed(allowed);
        self.given(info, |text| size_in(text, &range), show)
    }

    /// Optional rate in bytes per second.
    pub(super) fn byte_rate_if(
        &mut self,
        name: &'static str,
        summary: &'static str,
    ) -> Option<usize> {
        let (least, most) = (format_size(*BYTE_RATES.start()), format_size(*BYTE_RATES.end()));
        let info = OptionInfo::new(name, summary, "rate")
            .allowed(format!("bytes per second, {least}/s to {most}/s"));
        self.read(info, |text| size_in(text.strip_suffix("/s")?, &BYTE_RATES))
    }

    /// Rate of messages, such as `10/s`. `default` must be a valid one.
    pub(super) fn rate(
        &mut self,
        name: &'static str,
        summary: &'static str,
        default: &'static str,
    ) -> Rate {
        let info = OptionInfo::new(name, summary, "rate").default(default.to_owned()).allowed(format!(
            "messages per second, minute or hour, as 5/s, 5/m, 5/h; 1/h to {}/s; max: as fast as the peer reads",
            format::count(MAX_RATE.into())
        ));
        self.read(info, parse_rate).or_else(|| parse_rate(default)).unwrap_or(Rate::PerSecond(1.0))
    }

    /// Integer within `range`, in digits only.
    pub(super) fn integer(
        &mut self,
        name: &'static str,
        summary: &'static str,
        range: RangeInclusive<u64>,
    ) -> Given<'_, u64> {
        let allowed = format!(
            "integer, {} to {}",
            format::count(*range.start()),
            format::count(*range.end())
        );
        let info = OptionInfo::new(name, summary, "integer").allowed(allowed);
        let parse = |text: &str| {
            // `parse` would accept a plus sign, which is a space in a query.
            let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|it| is_plain && range.contains(it))
        };
        self.given(info, parse, u64::to_string)
    }

    /// Probability, 0 by default.
    pub(super) fn probability(&mut self, name: &'static str, summary: &'static str) -> f64 {
        let info = OptionInfo::new(name, summary, "probability")
            .default("0".to_owned())
            .allowed("probability, 0 to 1".to_owned());
        let parse = |text: &str| text.parse().ok().filter(|it| (0.0..=1.0).contains(it));
        self.read(info, parse).unwrap_or_default()
    }

    /// Text of at most `max` bytes.
    pub(super) fn text(
        &mut self,
        name: &'static str,
        summary: &'static str,
        default: &'static str,
        max: usize,
    ) -> String {
        let info = OptionInfo::new(name, summary, "text")
            .default(default.to_owned())
            .allowed(format!("text, up to {} bytes", format::count(max as u64)));
        let parse = |text: &str| (text.len() <= max).then(|| text.to_owned());
        self.read(info, parse).unwrap_or_else(|| default.to_owned())
    }

    /// Text in a format of its own. `default` is given as text and as value.
    pub(super) fn parsed<T>(
        &mut self,
        name: &'static str,
        summary: &'static str,
        (default_text, default): (&str, T),
        allowed: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> T {
        let info = OptionInfo::new(name, summary, "text").default(default_text.to_owned());
        self.read(info.allowed(allowed.to_owned()), parse).unwrap_or(default)
    }

    /// Optional text in a format of its own.
    pub(super) fn parsed_if<T>(
        &mut self,
        name: &'static str,
        summary: &'static str,
        allowed: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        self.read(OptionInfo::new(name, summary, "text").allowed(allowed.to_owned()), parse)
    }

    /// Segment of the path, of 1 to `max` bytes.
    pub(super) fn segment(
        &mut self,
        name: &'static str,
        summary: &'static str,
        max: usize,
    ) -> String {
        let mut info =
            OptionInfo::new(name, summary, "text").allowed(format!("text, 1 to {max} bytes"));
        info.is_in_path = true;
        let parse = |text: &str| (1..=max).contains(&text.len()).then(|| text.to_owned());
        self.read(info, parse).unwrap_or_default()
    }

    /// One of several words, each with its value; the first one, which must be there, is the default.
    pub(super) fn choice<T: Clone>(
        &mut self,
        name: &'static str,
        summary: &'static str,
        choices: &[(&'static str, T)],
    ) -> T {
        let (first, default) = &choices[0];
        let info = OptionInfo::new(name, summary, "choice").default((*first).to_owned());
        self.choice_of(info, choices).unwrap_or_else(|| default.clone())
    }

    /// Optional choice of several words.
    pub(super) fn choice_if<T: Clone>(
        &mut self,
        name: &'static str,
        summary: &'static str,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        self.choice_of(OptionInfo::new(name, summary, "choice"), choices)
    }

    /// Value of one of the words, which are part of the documentation.
    fn choice_of<T: Clone>(
        &mut self,
        mut info: OptionInfo,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        info.choices = choices.iter().map(|(name, _)| *name).collect();
        let allowed = info.choices.join(" or ");
        self.read(info.allowed(allowed), |text| {
            choices.iter().find(|(name, _)| *name == text).map(|(_, value)| value.clone())
        })
    }

    /// Number of messages, or duration since the opening. Digits are a number; anything else is a duration, which
    /// needs a unit.
    pub(super) fn after(&mut self, name: &'static str, summary: &'static str) -> Given<'_, After> {
        let allowed = format!(
            "number of messages, 1 to {}, or duration with unit, 0s to {}",
            format::count(MAX_MESSAGES),
            format_exact_duration(MAX_DURATION)
        );
        let parse = |text: &str| {
            if text.bytes().all(|byte| byte.is_ascii_digit()) {
                let count = text.parse().ok().filter(|it| (1..=MAX_MESSAGES).contains(it))?;
                return Some(After::Messages(count));
            }
            let after = humantime::parse_duration(text).ok().filter(|it| *it <= MAX_DURATION)?;
            Some(After::Time(after))
        };
        let show = |it: &After| match it {
            After::Messages(count) => count.to_string(),
            After::Time(after) => format_exact_duration(*after),
        };
        self.given(OptionInfo::new(name, summary, "text").allowed(allowed), parse, show)
    }

    /// Random number generator, with a seed that can be given to repeat a run.
    pub(crate) fn seed(&mut self) -> Rng {
        let summary = "Random seed, to repeat a run. Default: random, reported in the response header \
                       x-wsbench-seed";
        let given = self.integer("seed", summary, 0..=u64::MAX).optional();
        let seed = given.unwrap_or_else(|| fastrand::u32(..).into());
        self.seed = Some(seed);
        Rng::with_seed(seed)
    }

    /// Reads one option, which `show` writes as in a query.
    fn given<T>(
        &mut self,
        info: OptionInfo,
        parse: impl FnOnce(&str) -> Option<T>,
        show: fn(&T) -> String,
    ) -> Given<'_, T> {
        Given { value: self.read(info, parse), info: self.infos.last_mut(), show }
    }

    /// Reads one option: its value if given and valid. Keeps its description, and the first error.
    fn read<T>(&mut self, info: OptionInfo, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let given = if info.is_in_path {
            self.segment.take().map(Cow::Borrowed)
        } else {
            let at = self.given.iter().position(|(name, _)| name == info.name);
            at.map(|at| self.given.remove(at).1)
        };
        let value = given.and_then(|given| {
            let value = parse(&given);
            if value.is_none() {
                self.error.get_or_insert(OptionError::Value {
                    name: info.name,
                    value: shorten(&given),
                    allowed: info.allowed.clone(),
                });
            }
            value
        });
        self.infos.push(info);
        value
    }
}

/// Option that was read, before its default is known.
pub(super) struct Given<'a, T> {
    /// Value in the query.
    value: Option<T>,
    /// Description, for the default.
    info: Option<&'a mut OptionInfo>,
    /// Text of a value, as in a query.
    show: fn(&T) -> String,
}

impl<T> Given<'_, T> {
    /// Value, if the query has a valid one.
    pub(super) fn optional(self) -> Option<T> {
        self.value
    }

    /// Value, or else `default`, which the description names.
    pub(super) fn or(self, default: T) -> T {
        if let Some(info) = self.info {
            info.default = Some((self.show)(&default));
        }
        self.value.unwrap_or(default)
    }
}

/// HTTP 400 with the sentence as its text.
impl IntoResponse for OptionError {
    fn into_response(self) -> Response {
        let refused = Extension(Refused("option"));
        (StatusCode::BAD_REQUEST, refused, format!("{self}\n")).into_response()
    }
}

/// Shortens a given value for an error message, in one line.
pub(super) fn shorten(given: &str) -> String {
    session::excerpt(given, MAX_SHOWN).chars().flat_map(char::escape_debug).collect()
}

/// Parses a size within `range`.
fn size_in(text: &str, range: &RangeInclusive<usize>) -> Option<usize> {
    parse_size(text).ok().filter(|size| range.contains(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Options `a0` to `aN`.
    fn query(options: usize) -> String {
        (0..options).map(|number| format!("a{number}")).collect::<Vec<_>>().join("&")
    }

    fn error(query: &str) -> Option<String> {
        Options::new(query, None).finish("/echo").err().map(|error| error.to_string())
    }

    #[test]
    fn the_number_of_options_is_bounded() {
        assert!(error(&query(MAX_OPTIONS)).unwrap().starts_with("Unknown option 'a0' of /echo."));
        assert!(
            error(&query(MAX_OPTIONS + 1))
                .unwrap()
                .starts_with("The query has more than 64 options.")
        );
    }

    #[test]
    fn options_take_linear_time() {
        growth::assert_linear(1 << 16, query, |query| drop(error(&query)));
    }
}
