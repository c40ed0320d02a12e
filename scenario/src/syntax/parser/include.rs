//! Includes: the files down to the place that is parsed, and their bounds.

use crate::syntax::{
    TEXT_BYTES,
    diagnostic::{Diagnostic, Span},
    source::Source,
};

/// Maximum depth of files that include each other.
const DEPTH: usize = 8;
/// Maximum number of included files, each counted as often as it is included.
const FILES: usize = 100;

/// Callback of [`Source::parse`].
pub(super) type Include<'a> = dyn FnMut(&str, &str) -> Result<(String, String), String> + 'a;

/// Files that are being parsed.
pub(super) struct Includes<'a> {
    /// Reads an included file.
    read: &'a mut Include<'a>,
    /// Chain of includes down to this place: the file itself first, the innermost last.
    files: Vec<Included>,
    /// Number of files included so far.
    included: usize,
    /// Bytes of all files, each counted as often as it is included.
    bytes: usize,
}

/// File that is being parsed.
struct Included {
    /// Index of the file in the source.
    file: usize,
    /// Place of the line that includes it.
    span: Span,
    /// Number of blocks that were open there.
    open: usize,
}

impl<'a> Includes<'a> {
    /// No file yet.
    pub(super) fn new(read: &'a mut Include<'a>) -> Self {
        Self { read, files: Vec::new(), included: 0, bytes: 0 }
    }

    /// Begins a file, which the line at `span` includes while `open` blocks are open. Fails if the files are too
    /// large.
    pub(super) fn begin(
        &mut self,
        source: &Source,
        file: usize,
        span: Span,
        open: usize,
    ) -> Result<(), Diagnostic> {
        let (start, text) = source.up_to_end(file);
        self.bytes += text.len() - start;
        if self.bytes > TEXT_BYTES {
            let limit = TEXT_BYTES >> 20;
            let message = if self.files.is_empty() {
                format!("The file is larger than {limit} MiB.")
            } else {
                format!("The file and its includes are larger than {limit} MiB.")
            };
            return Err(Diagnostic::new(span, message));
        }
        self.files.push(Included { file, span, open });
        Ok(())
    }

    /// Ends the innermost file.
    pub(super) fn end(&mut self) {
        self.files.pop();
    }

    /// Reads the file of the `include` at `span`, and adds it to the source. Returns its index. Bounds: the depth
    /// of includes, and their number. Circles are detected by file name.
    pub(super) fn read(
        &mut self,
        source: &mut Source,
        span: &Span,
        path: &str,
    ) -> Result<usize, Diagnostic> {
        if self.files.len() > DEPTH {
            let message = format!("Includes can be nested at most {DEPTH} deep.");
            return Err(Diagnostic::new(span.clone(), message));
        }
        self.included += 1;
        if self.included > FILES {
            let message = format!("More than {FILES} files are included.");
            return Err(Diagnostic::new(span.clone(), message));
        }
        let from = self.files.last().map_or(0, |included| included.file);
        let (name, text) = (self.read)(source.name(from), path)
            .map_err(|sentence| Diagnostic::new(span.clone(), sentence))?;
        let circle = self.files.iter().position(|included| source.name(included.file) == name);
        if let Some(first) = circle {
            return Err(circle_of(source, span, &self.files[first..]));
        }
        Ok(source.add(name, &text))
    }

    /// True in an included file.
    pub(super) fn is_included(&self) -> bool {
        self.files.len() > 1
    }

    /// Number of blocks that were open where the innermost file is included: they are not its own.
    pub(super) fn open_before(&self) -> usize {
        self.files.last().map_or(0, |included| included.open)
    }

    /// Checks that the line is not one of an included file. `what` is its name in the sentence.
    pub(super) fn check_outermost(&self, span: &Span, what: &str) -> Result<(), Diagnostic> {
        if !self.is_included() {
            return Ok(());
        }
        let message = format!(
            "An included file can have only settings and steps: {what} is not allowed here."
        );
        Err(Diagnostic::new(span.clone(), message))
    }
}

/// Mistake of files that include each other in a circle; the line at `span` closes it. Each step is named.
fn circle_of(source: &Source, span: &Span, files: &[Included]) -> Diagnostic {
    let lines = files.iter().skip(1).map(|included| &included.span).chain([span]);
    let names = files.iter().skip(1).chain(&files[..1]);
    let steps = lines.zip(names).map(|(line, included)| {
        let place = source.place(line);
        format!("{}:{} includes {}", place.file, place.at.line, source.name(included.file))
    });
    let steps = steps.collect::<Vec<_>>().join(", ");
    Diagnostic::new(span.clone(), format!("The files include each other in a circle: {steps}."))
}
