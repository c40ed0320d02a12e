//! Outline of a JSON text (RFC 8259): a flat list of formatted lines, so that folding is skipping.
//!
//! Content is verbatim: long numbers, duplicate keys, order. Invalid or truncated text has an
//! outline up to that point.

use std::ops::Range;

use super::{
    json::{JsonError, Kind, Scanner, Token, prefix},
    wrap::wrap,
};

/// Maximum number of nodes.
pub const MAX_NODES: usize = 100_000;
/// Maximum nesting depth.
pub const MAX_DEPTH: usize = 1_000;

/// Node: one line of an outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Nesting depth; a closing bracket has that of its opening one.
    pub depth: usize,
    /// Range of the quoted key, for members of an object.
    pub key: Option<Range<usize>>,
    /// Kind of the node.
    pub kind: Kind,
    /// Range of the value's text; of an object or array its bracket.
    pub text: Range<usize>,
    /// Number of members or elements with nodes, for objects and arrays.
    pub items: usize,
    /// Index of the next node that is not a descendant; skips the closing bracket, too.
    pub end: usize,
    /// True if the text was truncated inside the node.
    pub is_cut: bool,
}

/// End of an outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Complete.
    Whole,
    /// Truncated text, valid so far.
    Cut,
    /// [`MAX_NODES`] reached.
    Full,
    /// [`MAX_DEPTH`] exceeded.
    Deep,
    /// Invalid JSON.
    Wrong(JsonError),
}

/// Line of an outline that is wrapped: a node, or part of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlineLine {
    /// Index of the node.
    pub node: usize,
    /// Range of the value's text on this line; no two lines start at the same byte.
    pub text: Range<usize>,
}

/// JSON text and its nodes, in text order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Text before the JSON, such as a label.
    prefix: String,
    /// JSON text, from which nodes take their parts.
    text: String,
    /// Nodes in the order of the text.
    nodes: Vec<Node>,
    /// End of the outline: complete, cut, or at an error.
    end: End,
    /// False of a truncated text.
    is_whole: bool,
}

impl Outline {
    /// Builds the outline of `text`, which may be truncated anywhere unless whole. The JSON may be
    /// behind a prefix, such as `Echo: ` or `42`.
    #[must_use]
    pub fn new(mut text: String, is_whole: bool) -> Self {
        let json = text.split_off(prefix(&text, is_whole));
        let (prefix, text) = (text, json);
        let mut scanner = Scanner::new(&text);
        let mut nodes: Vec<Node> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let end = loop {
            let Some(token) = scanner.next() else {
                break match scanner.error() {
                    None => End::Whole,
                    Some(_) if !is_whole && scanner.error_offset() == Some(text.len()) => End::Cut,
                    Some(mistake) => End::Wrong(mistake),
                };
            };
            let Token { depth, key, kind, text: own } = token;
            if kind.is_opening() && depth >= MAX_DEPTH {
                break End::Deep;
            }
            let index = nodes.len();
            if index >= MAX_NODES {
                break End::Full;
            }
            if kind.is_closing() {
                if let Some(opening) = open.pop().and_then(|opening| nodes.get_mut(opening)) {
                    opening.end = index + 1;
                }
            } else if let Some(parent) = open.last().and_then(|parent| nodes.get_mut(*parent)) {
                parent.items += 1;
            }
            if kind.is_opening() {
                open.push(index);
            }
            // A number has no end mark.
            let may_go_on = scanner.error_offset().is_some() || kind == Kind::Number;
            let is_cut = !is_whole && own.end == text.len() && may_go_on;
            nodes.push(Node { depth, key, kind, text: own, items: 0, end: index + 1, is_cut });
        };
        let count = nodes.len();
        for index in open {
            nodes[index].end = count;
        }
        Self { prefix, text, nodes, end, is_whole }
    }

    /// Text before the JSON; most often empty.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Nodes.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Reason for the end of the outline.
    #[must_use]
    pub fn end(&self) -> &End {
        &self.end
    }

    /// Text at a range that a node names.
    #[must_use]
    pub fn text(&self, place: &Range<usize>) -> &str {
        self.text.get(place.clone()).unwrap_or_default()
    }

    /// True for a valid object or array, which is worth an outline. A lone number or string is
    /// JSON, too, but reads as well without.
    #[must_use]
    pub fn is_structured(&self) -> bool {
        let root = self.nodes.first();
        root.is_some_and(|root| root.kind.is_opening()) && !matches!(self.end, End::Wrong(_))
    }

    /// Closing bracket of the object or array at `index`, if present.
    #[must_use]
    pub fn closing(&self, index: usize) -> Option<&str> {
        let node = self.nodes.get(index)?;
        let last = self.nodes.get(node.end - 1)?;
        let is_closed = last.kind.is_closing() && last.depth == node.depth;
        (node.kind.is_opening() && is_closed).then(|| self.text(&last.text))
    }

    /// Closing bracket of an empty object or array, shown on one line.
    #[must_use]
    pub fn closing_of_empty(&self, index: usize) -> Option<&str> {
        self.closing(index).filter(|_| self.nodes[index].items == 0)
    }

    /// Visible nodes while the nodes matching `is_folded` are folded.
    #[must_use]
    pub fn lines(&self, is_folded: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut lines = Vec::new();
        let mut index = 0;
        while let Some(node) = self.nodes.get(index) {
            lines.push(index);
            let is_skipped = node.kind.is_opening() && is_folded(index);
            index = if is_skipped || self.closing_of_empty(index).is_some() {
                node.end
            } else {
                index + 1
            };
        }
        lines
    }

    /// Visible nodes while the nodes matching `is_folded` are folded, with values wrapped to the
    /// columns that `columns` gives a node on its first line and on the next ones.
    #[must_use]
    pub fn wrapped_lines(
        &self,
        is_folded: impl Fn(usize) -> bool,
        columns: impl Fn(&Node) -> (usize, usize),
    ) -> Vec<OutlineLine> {
        let wrapped = |index: usize| {
            let node = &self.nodes[index];
            let (first, next) = columns(node);
            let lines = wrap(self.text(&node.text), first, next).into_iter();
            let start = node.text.start;
            lines.map(move |line| OutlineLine {
                node: index,
                text: start + line.start..start + line.end,
            })
        };
        self.lines(is_folded).into_iter().flat_map(wrapped).collect()
    }

    /// Text of the value at `index`, verbatim; up to the end if the JSON does not close it. `None` if the text was
    /// truncated inside of it.
    #[must_use]
    pub fn value(&self, index: usize) -> Option<&str> {
        let Some(node) = self.nodes.get(index) else { return Some("") };
        let is_open = node.kind.is_opening() && self.closing(index).is_none();
        if !self.is_whole && (is_open || node.is_cut) {
            return None;
        }
        let last = self.nodes.get(node.end - 1).filter(|_| !is_open);
        let end = last.map_or(self.text.len(), |last| last.text.end);
        Some(self.text(&(node.text.start..end)))
    }

    /// `JSONPath` (RFC 9535) of the value at `index`, such as `$.a[0]["b c"]`. A closing bracket has that
    /// of its opening one.
    #[must_use]
    pub fn path(&self, index: usize) -> String {
        let mut path = "$".to_owned();
        // Innermost object or array known to contain the node, and the next of its items.
        let (mut parent, mut item, mut number) = (0, 1, 0);
        while parent != index
            && let Some(node) = self.nodes.get(item)
        {
            if index >= node.end {
                (item, number) = (node.end, number + 1);
                continue;
            }
            if node.kind.is_closing() {
                break;
            }
            match node.key.as_ref().map(|key| self.text(key)) {
                None => path.extend(["[", &number.to_string(), "]"]),
                Some(key) => match shorthand(key) {
                    Some(name) => path.extend([".", name]),
                    None => path.extend(["[", key, "]"]),
                },
            }
            (parent, item, number) = (item, item + 1, 0);
        }
        path
    }
}

/// Name in a quoted key that needs no quotation marks in a path.
fn shorthand(key: &str) -> Option<&str> {
    let name = key.strip_prefix('"')?.strip_suffix('"')?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let starts_well = name.starts_with(|first: char| !first.is_ascii_digit());
    (starts_well && name.bytes().all(is_plain)).then_some(name)
}
