//! Paths that a mock serves: `/rooms/{room}`.

use percent_encoding::percent_decode_str;

/// Maximum number of segments. It bounds the comparison of two paths.
const SEGMENTS: usize = 32;

/// Path of a `serve` line. A segment in braces is a parameter. Segments are compared with those of a
/// request after percent-decoding of both.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Path {
    /// Segments, at least one; a slash at the end makes an empty last one.
    segments: Vec<Segment>,
}

/// Part of a path between slashes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Segment {
    /// Bytes that a request's segment has to equal.
    Literal(Vec<u8>),
    /// Name of the parameter that any segment but an empty one sets.
    Parameter(String),
}

impl Path {
    /// Parses a path, and checks the names of its parameters by `check`. The error is a sentence:
    /// no path, a query or fragment, over 32 segments, a parameter that is a part of a segment, or
    /// one that stands twice.
    pub(crate) fn parse<E: From<String>>(
        text: &str,
        mut check: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<Self, E> {
        let Some(path) = text.strip_prefix('/').filter(|path| !path.contains(['?', '#'])) else {
            return Err(format!("'{text}' is not a path, like /rooms/{{room}}.").into());
        };
        let mut segments = Vec::new();
        for segment in path.split('/') {
            if segments.len() == SEGMENTS {
                return Err(format!("A path can have at most {SEGMENTS} segments.").into());
            }
            let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            segments.push(match name {
                Some(name) => {
                    check(name)?;
                    let parameter = Segment::Parameter(name.to_owned());
                    if segments.contains(&parameter) {
                        return Err(format!("Parameter {{{name}}} is repeated.").into());
                    }
                    parameter
                }
                None if segment.contains(['{', '}']) => {
                    return Err(format!("'{segment}' is not a parameter: a parameter is a whole segment, like /rooms/{{room}}.").into());
                }
                None => Segment::Literal(percent_decode_str(segment).collect()),
            });
        }
        Ok(Self { segments })
    }

    /// Parameters of `path`, percent-decoded, in order; `None` if this does not serve it. A
    /// parameter is never empty.
    pub(crate) fn parameters(&self, path: &str) -> Option<Vec<(String, String)>> {
        let mut given = path.strip_prefix('/')?.split('/');
        let mut parameters = Vec::new();
        for segment in &self.segments {
            let value: Vec<u8> = percent_decode_str(given.next()?).collect();
            match segment {
                Segment::Literal(literal) if *literal == value => {}
                Segment::Parameter(name) if !value.is_empty() => {
                    parameters.push((name.clone(), String::from_utf8(value).ok()?));
                }
                _ => return None,
            }
        }
        given.next().is_none().then_some(parameters)
    }

    /// Names of its parameters, in order, each once.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Literal(_) => None,
            Segment::Parameter(name) => Some(&**name),
        })
    }

    /// True if this serves every path that `other` does.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.fits(other, false)
    }

    /// True if there is a path that both serve.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.fits(other, true)
    }

    /// Compares segment by segment. `either_way` allows a parameter in place of a literal of this path, too. No
    /// parameter stands for an empty segment.
    fn fits(&self, other: &Self, either_way: bool) -> bool {
        let fits = |(one, other): (&Segment, &Segment)| match (one, other) {
            (Segment::Literal(one), Segment::Literal(other)) => one == other,
            (Segment::Literal(literal), _) => either_way && !literal.is_empty(),
            (_, Segment::Literal(literal)) => !literal.is_empty(),
            _ => true,
        };
        self.segments.len() == other.segments.len()
            && self.segments.iter().zip(&other.segments).all(fits)
    }
}
