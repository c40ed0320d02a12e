//! Text of a file and of its includes.

use workbench::payload::LineColumn;

use super::diagnostic::Span;

/// Text of a scenario file, followed by the texts of the files that it includes. A [`Span`] is a
/// range in all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Texts of all files, one after the other, each with a line break behind it.
    text: String,
    /// Names with their parts of the text. The first is the file itself.
    files: Vec<(String, Span)>,
    /// Positions of the line breaks.
    breaks: Vec<usize>,
}

/// Place of a span in its own file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// Name of the file.
    pub file: &'a str,
    /// Text of that file alone.
    pub text: &'a str,
    /// Range in that text.
    pub span: Span,
    /// Line and column of its start.
    pub at: LineColumn,
}

impl Source {
    /// Source of a file by its name, such as its path, and its text.
    #[must_use]
    pub fn new(name: &str, text: &str) -> Self {
        let mut source = Self { text: String::new(), files: Vec::new(), breaks: Vec::new() };
        source.add(name.to_owned(), text);
        source
    }

    /// Text of all files.
    #[must_use]
    pub fn text(&self) -> &str {
        // Without the end of the last line, which is not the file's.
        self.files.last().map_or("", |(_, file)| &self.text[..file.end])
    }

    /// Place of a span. The span is cut to the file in which it begins, and to character
    /// boundaries.
    #[must_use]
    pub fn place(&self, span: &Span) -> Place<'_> {
        let index = self.files.partition_point(|(_, file)| file.start <= span.start);
        let (name, file) = &self.files[index.saturating_sub(1)];
        let boundary = |at: usize, from| self.text.floor_char_boundary(at.clamp(from, file.end));
        let start = boundary(span.start, file.start);
        let line = |at| self.breaks.partition_point(|&it| it < at);
        let begins =
            self.text[file.start..start].rfind('\n').map_or(file.start, |at| file.start + at + 1);
        Place {
            file: name,
            text: &self.text[file.clone()],
            span: start - file.start..boundary(span.end, start) - file.start,
            at: LineColumn {
                line: line(start) - line(file.start) + 1,
                column: self.text[begins..start].chars().count() + 1,
            },
        }
    }

    /// Text of a span; empty if it is not one of this source.
    #[must_use]
    pub fn get(&self, span: &Span) -> &str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// Adds a file, unless one of this name is there. Returns its index.
    pub(super) fn add(&mut self, name: String, text: &str) -> usize {
        if let Some(index) = self.files.iter().position(|(known, _)| *known == name) {
            return index;
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.files.push((name, start..self.text.len()));
        // The next file begins on a line of its own.
        self.text.push('\n');
        let breaks = self.text[start..].bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        self.breaks.extend(breaks.map(|(at, _)| start + at));
        self.files.len() - 1
    }

    /// Name of a file. It expects an index of [`Self::add`].
    pub(super) fn name(&self, file: usize) -> &str {
        &self.files[file].0
    }

    /// Start of a file's text, and the text up to its end.
    pub(super) fn up_to_end(&self, file: usize) -> (usize, &str) {
        let Span { start, end } = self.files[file].1;
        (start, &self.text[..end])
    }
}
