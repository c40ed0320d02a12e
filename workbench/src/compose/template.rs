//! Variables in a message or an address: `{{now}}`, `{{now_ms}}`, `{{uuid}}`, `{{seq}}`, `{{random 1 100}}`,
//! and the user's own.
//!
//! `{{name}}` is expanded; `{{{{` is an escape for two literal braces. A backslash would be the
//! usual escape, but already has a meaning in JSON. `}}` alone is text, as JSON is full of it.
//! Expanded values are not expanded again.

use std::{borrow::Cow, fmt::Write, ops::Range};

use fastrand::Rng;
use session::{Time, is_secret_name};
use thiserror::Error;

use crate::payload::LineColumn;

/// Maximum length of a variable name in bytes.
pub const MAX_VARIABLE_BYTES: usize = 64;

/// Maximum size of an expanded message in bytes: as much as servers accept. Text without variables
/// is exempt, as it does not grow.
pub const MAX_FILLED_BYTES: usize = 16 << 20;

/// Built-in names.
pub const BUILT_IN: [&str; 5] = ["now", "now_ms", "random", "seq", "uuid"];

/// Beginning of a variable.
const OPENING: &str = "{{";
/// End of a variable.
const CLOSING: &str = "}}";
/// Escape for two literal braces that open; two that close need none.
const ESCAPED: &str = "{{{{";
/// Spelling of braces that are no variable.
const AS_TEXT: &str = "For a literal {{, write {{{{.";

/// Two literal braces in a URL, which are no variable if it is read again.
pub(crate) const BRACES_IN_URL: &str = "%7B%7B";

/// Bytes of a placeholder that is found beside invalid ones, at most, so that it is found in linear time.
const MAX_PLACEHOLDER: usize = 128;

/// Maximum length of quoted input in an error, in characters.
const MAX_EXCERPT: usize = 40;
/// Maximum number of names listed in an error.
const MAX_LISTED: usize = 12;

/// Parsed template; borrows a text without placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template<'a> {
    text: Cow<'a, str>,
    /// Variables in the order of the text.
    slots: Vec<Slot>,
}

/// Place of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Slot {
    /// Bytes of the text, braces included.
    place: Range<usize>,
    content: Content,
}

/// Kind of variable. Names of the user's own are looked up when a message is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    /// `{{{{`: two braces as text.
    Braces,
    /// `{{now}}`: the time by RFC 3339.
    Now,
    /// `{{now_ms}}`: milliseconds since 1970.
    NowMillis,
    /// `{{uuid}}`: a random UUID (RFC 9562, version 4).
    Uuid,
    /// `{{seq}}`: a number that counts messages.
    Seq,
    /// `{{random A B}}`: a random integer, both bounds included.
    Random(i64, i64),
    /// Custom variable, by the range of its name.
    Own(Range<usize>),
}

/// Values for the placeholders of templates. Shared by successive messages.
#[derive(Clone, Debug)]
pub struct Values {
    /// `{{now}}` and `{{now_ms}}`: constant within a message.
    pub now: Time,
    /// Source of `{{uuid}}` and `{{random}}`; each placeholder draws its own value.
    pub random: Rng,
    /// Next `{{seq}}`: constant within a message, incremented by each message that uses it.
    pub seq: u64,
    /// Custom variables as names and values; the first of a name wins.
    pub variables: Vec<(String, String)>,
    /// True for text to show: secret variables stay placeholders.
    pub hides_secrets: bool,
}

impl Values {
    /// Creates values that count from 1, without custom variables.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let random = Rng::with_seed(seed);
        Self { now: Time::default(), random, seq: 1, variables: Vec::new(), hides_secrets: false }
    }

    /// Value of one of the user's own variables.
    fn own(&self, name: &str) -> Option<&str> {
        let (_, value) = self.variables.iter().find(|(known, _)| known == name)?;
        Some(value)
    }
}

/// Invalid placeholder of a template.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {flaw}")]
pub struct TemplateError {
    /// Position of the opening braces.
    pub place: LineColumn,
    /// Error of the placeholder.
    pub flaw: Flaw,
}

/// Error of a placeholder.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Flaw {
    /// Missing `}}` on the same line, or another `{{` before it.
    #[error("{OPENING} is not closed. Add {CLOSING}. {AS_TEXT}")]
    Unclosed,
    /// Empty placeholder.
    #[error("no name between the braces. {AS_TEXT}")]
    Empty,
    /// Text in braces that is neither a name nor `random` with its bounds; a prefix of it.
    #[error("{0} is not a variable. Names have letters, digits and _ - . only. {AS_TEXT}")]
    NotAName(String),
    /// Arguments, which only `random` takes.
    #[error("{0} takes no arguments. {AS_TEXT}")]
    Arguments(String),
    /// Bounds that are not two 64-bit integers.
    #[error("random takes two whole numbers: {{{{random 1 100}}}}. {AS_TEXT}")]
    Bounds,
    /// Reversed bounds.
    #[error("the bounds of random are reversed: {low} is larger than {high}. {AS_TEXT}")]
    Order {
        /// First bound.
        low: i64,
        /// Second bound.
        high: i64,
    },
    /// Unknown variable; found when the template is filled.
    #[error("there is no variable “{name}”. Available: {}. {AS_TEXT}", listed(known))]
    Unknown {
        /// The name.
        name: String,
        /// Known names: custom, then built-in.
        known: Vec<String>,
    },
}

/// Template that cannot be filled.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FillError {
    /// Invalid placeholder, or unknown variable.
    #[error(transparent)]
    Placeholder(#[from] TemplateError),
    /// The expanded text would exceed [`MAX_FILLED_BYTES`].
    #[error("Expanded, the text exceeds {} MiB. Shorten the variables.", MAX_FILLED_BYTES >> 20)]
    TooLong,
}

impl FillError {
    /// Error as text without the position, for a text of one line.
    pub(crate) fn in_one_line(&self) -> String {
        match self {
            Self::Placeholder(error) => error.flaw.to_string(),
            Self::TooLong => self.to_string(),
        }
    }
}

/// Known names for a sentence, up to [`MAX_LISTED`].
fn listed(known: &[String]) -> String {
    let shown = known.iter().take(MAX_LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match known.len().saturating_sub(MAX_LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

impl<'a> Template<'a> {
    /// Parses a template.
    ///
    /// # Errors
    /// The first invalid placeholder.
    pub fn parse(text: impl Into<Cow<'a, str>>) -> Result<Self, TemplateError> {
        let text = text.into();
        let mut slots = Vec::new();
        let mut from = 0;
        while let Some(found) = text[from..].find(OPENING) {
            let start = from + found;
            let slot = slot(&text, start)
                .map_err(|flaw| TemplateError { place: LineColumn::of(&text, start), flaw })?;
            from = slot.place.end;
            slots.push(slot);
        }
        Ok(Self { text, slots })
    }

    /// Creates a template that expands to `text` literally.
    #[must_use]
    pub fn escaped(text: &str) -> Cow<'_, str> {
        if text.contains(OPENING) { text.replace(OPENING, ESCAPED).into() } else { text.into() }
    }

    /// True if the template has no placeholders.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.slots.is_empty()
    }

    /// True of a valid text without placeholders.
    #[must_use]
    pub fn is_constant_text(text: &'a str) -> bool {
        Self::parse(text).is_ok_and(|it| it.is_constant())
    }

    /// True if the template has a placeholder other than escaped braces.
    pub(crate) fn has_variables(&self) -> bool {
        self.slots.iter().any(|slot| slot.content != Content::Braces)
    }

    /// Names of the custom variables, each as often as it is used.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.slots.iter().filter_map(|slot| match &slot.content {
            Content::Own(name) => Some(&self.text[name.clone()]),
            _ => None,
        })
    }

    /// Source text with `stand_in` in the place of each variable.
    #[must_use]
    pub fn filled_by(&self, stand_in: &str) -> String {
        self.replaced(|slot, text| {
            text.push_str(if slot.content == Content::Braces { OPENING } else { stand_in });
        })
    }

    /// Source text with what `write` appends in the place of each slot.
    fn replaced(&self, write: impl Fn(&Slot, &mut String)) -> String {
        let mut text = String::with_capacity(self.text.len());
        let mut from = 0;
        for slot in &self.slots {
            text.push_str(&self.text[from..slot.place.start]);
            write(slot, &mut text);
            from = slot.place.end;
        }
        text + &self.text[from..]
    }

    /// Source text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Text as it was parsed.
    pub(super) fn into_text(self) -> Cow<'a, str> {
        self.text
    }

    /// Expands the placeholders; borrows if there are none.
    ///
    /// # Errors
    /// If a variable is unknown or the result is too long. No `{{seq}}` is consumed then.
    pub fn fill(&self, values: &mut Values) -> Result<Cow<'_, str>, FillError> {
        self.fill_with(values, OPENING, |_, value| value.into())
    }

    /// Expands the placeholders as [`fill`](Self::fill) does, escaped braces to `braces`, custom variables to
    /// `shape` of the placeholder's position and the value.
    pub(crate) fn fill_with(
        &self,
        values: &mut Values,
        braces: &str,
        shape: impl for<'v> Fn(usize, &'v str) -> Cow<'v, str>,
    ) -> Result<Cow<'_, str>, FillError> {
        if self.is_constant() {
            return Ok(Cow::Borrowed(&self.text));
        }
        let mut filled = String::with_capacity(self.text.len());
        let mut from = 0;
        let mut counts = false;
        for Slot { place, content } in &self.slots {
            filled.push_str(&self.text[from..place.start]);
            from = place.end;
            let _ = match content {
                Content::Braces => filled.write_str(braces),
                Content::Now => write!(filled, "{}", values.now),
                Content::NowMillis => write!(filled, "{}", values.now.0 / 1_000),
                Content::Uuid => filled.write_str(&uuid(&mut values.random)),
                Content::Seq => {
                    counts = true;
                    write!(filled, "{}", values.seq)
                }
                Content::Random(low, high) => {
                    write!(filled, "{}", values.random.i64(*low..=*high))
                }
                Content::Own(name) => {
                    let name = &self.text[name.clone()];
                    let value =
                        values.own(name).ok_or_else(|| self.unknown(place.start, name, values))?;
                    if values.hides_secrets && is_secret_name(name) {
                        filled.write_str(&self.text[place.clone()])
                    } else {
                        filled.write_str(&shape(place.start, value))
                    }
                }
            };
            if filled.len() > MAX_FILLED_BYTES {
                return Err(FillError::TooLong);
            }
        }
        filled.push_str(&self.text[from..]);
        if filled.len() > MAX_FILLED_BYTES {
            return Err(FillError::TooLong);
        }
        values.seq = values.seq.saturating_add(counts.into());
        Ok(filled.into())
    }

    /// Source text with a stand-in of equal length for each placeholder, valid within a JSON string
    /// and as part of a number, so that JSON errors keep their positions.
    pub(super) fn standing_in(&self) -> Cow<'_, str> {
        if self.is_constant() {
            return Cow::Borrowed(&self.text);
        }
        let replaced = self.replaced(|slot, text| match slot.content {
            Content::Braces => text.push_str("{{  "),
            // Stand-ins are ASCII without line breaks, so that positions are preserved.
            _ => text.extend(std::iter::repeat_n('1', slot.place.len())),
        });
        replaced.into()
    }

    /// Error about a name without a variable, with the names that there are.
    fn unknown(&self, at: usize, name: &str, values: &Values) -> TemplateError {
        let own = values.variables.iter().map(|(name, _)| name.as_str());
        let built_in = BUILT_IN.map(|name| if name == "random" { "random 1 100" } else { name });
        let known = own.chain(built_in).map(str::to_owned).collect();
        let flaw = Flaw::Unknown { name: name.to_owned(), known };
        TemplateError { place: LineColumn::of(&self.text, at), flaw }
    }
}

/// Ranges of the placeholders of a text, up to the first that is invalid.
pub(crate) fn placeholders(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(OPENING)?;
        let place = slot(text, start).ok()?.place;
        from = place.end;
        Some(place)
    })
}

/// Bytes of the placeholder that a text begins with, and true; or of the brace or the escape `{{{{`, and false.
pub(super) fn braces(text: &str) -> (usize, bool) {
    let text = &text[..text.floor_char_boundary(MAX_PLACEHOLDER)];
    match text.starts_with(OPENING).then(|| slot(text, 0)) {
        Some(Ok(slot)) => (slot.place.len(), slot.content != Content::Braces),
        Some(Err(_)) | None => (1, false),
    }
}

/// Parses the placeholder that opens at `start`.
fn slot(text: &str, start: usize) -> Result<Slot, Flaw> {
    let rest = &text[start..];
    if rest.starts_with(ESCAPED) {
        return Ok(Slot { place: start..start + ESCAPED.len(), content: Content::Braces });
    }
    let inside = &rest[OPENING.len()..];
    let end = inside.find(CLOSING).ok_or(Flaw::Unclosed)?;
    let inside = &inside[..end];
    if inside.contains(OPENING) || inside.contains('\n') {
        return Err(Flaw::Unclosed);
    }
    let mut words = inside.split([' ', '\t']).filter(|word| !word.is_empty());
    let name = words.next().ok_or(Flaw::Empty)?;
    let begin = start + OPENING.len();
    let content = match name {
        "random" => {
            // A plus sign is a space in a query.
            let mut bound = || words.next().filter(|word| !word.starts_with('+'))?.parse().ok();
            let (low, high) = bound().zip(bound()).ok_or(Flaw::Bounds)?;
            if words.next().is_some() {
                return Err(Flaw::Bounds);
            }
            if low > high {
                return Err(Flaw::Order { low, high });
            }
            Content::Random(low, high)
        }
        _ if !is_name(name) => {
            return Err(Flaw::NotAName(inside.chars().take(MAX_EXCERPT).collect()));
        }
        _ if words.next().is_some() => return Err(Flaw::Arguments(name.to_owned())),
        "now" => Content::Now,
        "now_ms" => Content::NowMillis,
        "uuid" => Content::Uuid,
        "seq" => Content::Seq,
        name => {
            let at = begin + inside.find(name).unwrap_or_default();
            Content::Own(at..at + name.len())
        }
    };
    Ok(Slot { place: start..begin + end + CLOSING.len(), content })
}

/// True for a valid variable name: ASCII letters, digits, `_`, `-` and `.`.
pub(super) fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    !name.is_empty() && name.len() <= MAX_VARIABLE_BYTES && name.bytes().all(fits)
}

/// UUID version 4 (RFC 9562 section 5.4): random except for version and variant.
fn uuid(random: &mut Rng) -> String {
    let bits = random.u128(..) & !(0xf << 76 | 0b11 << 62) | 4 << 76 | 0b10 << 62;
    let mut text = format!("{bits:032x}");
    for at in [8, 13, 18, 23] {
        text.insert(at, '-');
    }
    text
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;

    fn values() -> Values {
        let mut values = Values::new(7);
        values.now = Time(1_767_323_045_678_901);
        values.variables =
            vec![("host".into(), "{{seq}} {{none}}".into()), ("v1.x-_".into(), String::new())];
        values
    }

    fn filled(text: &str, values: &mut Values) -> String {
        let template = match Template::parse(text) {
            Ok(template) => template,
            Err(error) => return error.to_string(),
        };
        template.fill(values).map_or_else(|error| error.to_string(), Cow::into_owned)
    }

    #[test]
    fn variables_are_expanded() {
        let mut values = values();
        assert_eq!(filled("{{now}}", &mut values), "2026-01-02T03:04:05.678901Z");
        assert_eq!(filled("{{now_ms}}", &mut values), "1767323045678");
        assert_eq!(filled("{{ seq\t}}, {{seq}}", &mut values), "1, 1");
        assert_eq!(filled("{\"a\":{{seq}}}}", &mut values), "{\"a\":2}}");
        assert_eq!(filled("no number", &mut values), "no number");
        assert_eq!(filled("[{{random -3 -3}}{{v1.x-_}}]{{seq}}", &mut values), "[-3]3");
    }

    #[test]
    fn a_value_is_not_expanded_again() {
        assert_eq!(filled("<{{host}}>", &mut values()), "<{{seq}} {{none}}>");
    }

    #[test]
    fn four_braces_escape_two() {
        let mut values = values();
        assert_eq!(filled("{{{{seq}}", &mut values), "{{seq}}");
        assert_eq!(filled("{{{{{{seq}}", &mut values), "{{1");
        assert_eq!(filled("a }} b { {", &mut values), "a }} b { {");
    }

    #[test]
    fn errors_name_their_position() {
        let error = |text: &str| filled(text, &mut values());
        expect!["line 2, column 3: {{ is not closed. Add }}. For a literal {{, write {{{{."]
            .assert_eq(&error("\n가 {{seq"));
        expect!["line 1, column 1: {{ is not closed. Add }}. For a literal {{, write {{{{."]
            .assert_eq(&error("{{a {{seq}}"));
        expect!["line 1, column 1: {{ is not closed. Add }}. For a literal {{, write {{{{."]
            .assert_eq(&error("{{a\n}}"));
        expect!["line 1, column 1: no name between the braces. For a literal {{, write {{{{."]
            .assert_eq(&error("{{ }}"));
        expect!["line 1, column 1: é! is not a variable. Names have letters, digits and _ - . only. For a literal {{, write {{{{."]
            .assert_eq(&error("{{é!}}"));
        expect!["line 1, column 1: now takes no arguments. For a literal {{, write {{{{."]
            .assert_eq(&error("{{now 1}}"));
        for text in [
            "{{random}}",
            "{{random 1}}",
            "{{random 1 b}}",
            "{{random 1 +2}}",
            "{{random 1 2 3}}",
            "{{random 0 9223372036854775808}}",
        ] {
            assert_eq!(
                error(text),
                "line 1, column 1: random takes two whole numbers: {{random 1 100}}. For a literal {{, write {{{{.",
                "{text}"
            );
        }
        expect!["line 1, column 1: the bounds of random are reversed: 2 is larger than 1. For a literal {{, write {{{{."]
            .assert_eq(&error("{{random 2 1}}"));
    }

    #[test]
    fn an_unknown_variable_lists_the_known_ones() {
        let mut values = values();
        expect![
            "line 1, column 8: there is no variable “Host”. Available: host, v1.x-_, now, now_ms, random 1 100, seq, uuid. For a literal {{, write {{{{."
        ]
        .assert_eq(&filled("{{seq}}{{Host}}", &mut values));
        assert_eq!(values.seq, 1, "it was not sent");
        values.variables = (0..20).map(|number| (format!("v{number}"), String::new())).collect();
        assert!(filled("{{no}}", &mut values).contains(" v11 and 13 more. "));
    }

    #[test]
    fn expansion_is_bounded() {
        let mut values = values();
        values.variables = vec![("big".into(), "x".repeat(MAX_FILLED_BYTES / 2))];
        assert_eq!(filled("{{big}}{{big}}", &mut values).len(), MAX_FILLED_BYTES);
        let error = FillError::TooLong.to_string();
        assert_eq!(filled("{{big}}{{big}}x", &mut values), error);
        assert_eq!(filled("{{big}}{{big}}{{seq}}", &mut values), error);
        let large = "x".repeat(MAX_FILLED_BYTES + 1);
        assert_eq!(filled(&large, &mut values), large, "it does not grow");
    }

    #[test]
    fn a_text_without_variables_is_not_copied() {
        let template = Template::parse("}} {").unwrap();
        assert!(template.is_constant());
        assert!(matches!(template.fill(&mut values()), Ok(Cow::Borrowed("}} {"))));
        assert_eq!(template.slots.capacity(), 0);
    }

    #[test]
    fn a_uuid_has_version_and_variant_and_differs_at_each_place() {
        let text = filled("{{uuid}} {{uuid}}", &mut values());
        let (one, two) = text.split_once(' ').unwrap();
        assert_ne!(one, two);
        for uuid in [one, two] {
            let groups: Vec<_> = uuid.split('-').map(str::len).collect();
            assert_eq!(groups, [8, 4, 4, 4, 12]);
            assert_eq!(&uuid[14..15], "4");
            assert!("89ab".contains(&uuid[19..20]), "{uuid}");
        }
    }

    proptest! {
        #[test]
        fn random_numbers_are_within_their_bounds(a: i64, b: i64, seed: u64) {
            let (low, high) = (a.min(b), a.max(b));
            let text = filled(&format!("{{{{random {low} {high}}}}}"), &mut Values::new(seed));
            let number: i64 = text.parse().unwrap();
            prop_assert!((low..=high).contains(&number));
        }

        #[test]
        fn any_text_can_be_escaped(text in "[{}a-c가 \n]{0,20}") {
            prop_assert_eq!(filled(&Template::escaped(&text), &mut Values::new(0)), text);
        }

        #[test]
        fn stand_ins_keep_length_and_lines(text in "([{}a-c가 \n]|\\{\\{seq\\}\\}){0,20}") {
            if let Ok(template) = Template::parse(&*text) {
                let other = template.standing_in();
                prop_assert!(text.lines().map(str::len).eq(other.lines().map(str::len)));
                prop_assert!(template.is_constant() == (other == text));
            }
        }

        #[test]
        fn expansion_is_deterministic_and_failures_consume_no_number(
            text in "(\\{\\{(seq|uuid|host|none|random 1 9)\\}\\}|[a-c{} ]){0,8}", seed: u64
        ) {
            let mut one = Values { random: fastrand::Rng::with_seed(seed), ..values() };
            let mut two = one.clone();
            prop_assert_eq!(filled(&text, &mut one), filled(&text, &mut two));
            let Ok(template) = Template::parse(&*text) else { return Ok(()) };
            let before = one.seq;
            let is_filled = template.fill(&mut one).is_ok();
            let counts = is_filled && template.slots.iter().any(|it| it.content == Content::Seq);
            prop_assert_eq!(one.seq - before, u64::from(counts));
        }
    }
}
