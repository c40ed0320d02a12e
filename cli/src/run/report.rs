//! Report of a run: progress, failures with their lines, and files for other programs.

use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    fs,
    io::{self, IsTerminal, Write},
    time::Duration,
};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use scenario::{Diagnostic, Failure, Place, Secrets, Span, Verdict};
use serde_json::{Value, json};

use super::{
    flags::{ReportFile, ReportKind, RunFlags},
    scenario_file::ScenarioFile,
};
use crate::{
    process::{Colors, Exit, escape_controls, fail, print_error},
    quantity::format_duration,
};

/// Name of the reports, and of the test case that stands for an error of the run.
const PROGRAM: &str = "wsbench run";

/// Test case that has ended. Kept for the report files.
struct Case {
    /// Path of the file.
    file: String,
    /// Name of the section, if the file has any.
    section: Option<String>,
    /// File and line of the failure.
    at: (String, usize),
    /// Time from the first step to the verdict.
    took: Duration,
    /// Seed of a run with random values.
    seed: Option<u64>,
    failure: Option<Failure>,
}

/// Prints progress and failures, and collects them for report files.
pub(super) struct Report {
    /// True to print failures only.
    is_quiet: bool,
    /// True for a line on each step that passes: on a terminal only.
    shows_steps: bool,
    /// Renderer of snippets, with colors or without.
    renderer: Renderer,
    /// True in GitHub Actions, where failures are workflow commands, too.
    is_github: bool,
    /// Secrets that nothing shows.
    secrets: Secrets,
    files: Vec<ReportFile>,
    /// True while the files wait for their content.
    is_open: Cell<bool>,
    /// Sections that have ended, in the order of the files.
    cases: RefCell<Vec<Case>>,
    /// Sentences about errors of the run itself, rather than of a section.
    notes: RefCell<Vec<String>>,
}

/// Result of a section.
pub(super) struct Outcome<'a> {
    pub(super) source: &'a ScenarioFile,
    /// Name of the section, if the file has any.
    pub(super) section: Option<&'a str>,
    pub(super) verdict: Verdict,
    /// Time from the first step to the verdict.
    pub(super) took: Duration,
    pub(super) seed: u64,
    /// Lines of the steps that passed, if they are not printed yet.
    pub(super) steps: Vec<String>,
}

/// Steps of one section that passed, as lines for a terminal.
pub(super) struct Progress<'a> {
    report: &'a Report,
    source: &'a ScenarioFile,
    /// Lines that wait for their section's turn; `None` for the only section under way, whose lines
    /// are printed at once.
    kept: Option<Vec<String>>,
    /// Places of the steps shown: a loop passes its steps again and again.
    shown: HashSet<usize>,
}

impl<'a> Progress<'a> {
    /// Progress of a section that has not begun; `is_only_one` if no other runs at the same time.
    pub(super) fn new(report: &'a Report, source: &'a ScenarioFile, is_only_one: bool) -> Self {
        let kept = (!is_only_one).then(Vec::new);
        Self { report, source, kept, shown: HashSet::new() }
    }

    /// Prints or keeps a step that passed. Once for each step, and only where steps are shown.
    pub(super) fn passed(&mut self, span: &Span) {
        if !self.report.shows_steps || span.is_empty() || !self.shown.insert(span.start) {
            return;
        }
        let source = self.source;
        let step = source.text.get(span).lines().next().unwrap_or_default();
        let step = escape_controls(&self.report.secrets.hide(step));
        let line = format!("  ✓ {} {step}", source.text.place(span).at.line);
        match &mut self.kept {
            Some(kept) => kept.push(line),
            None => self.report.say(&line),
        }
    }

    /// Lines that were kept.
    pub(super) fn into_kept(self) -> Vec<String> {
        self.kept.unwrap_or_default()
    }
}

impl Report {
    /// Report of a run. `Err` is a usage error. Two reports cannot go to standard output.
    pub(super) fn new(flags: &RunFlags) -> Result<Self, String> {
        let piped = flags.report.iter().filter(|file| file.path.is_none()).count();
        if piped > 1 {
            return Err("--report: only one report can go to standard output".to_owned());
        }
        Ok(Self {
            is_quiet: flags.quiet,
            shows_steps: !flags.quiet && piped == 0 && io::stdout().is_terminal(),
            is_github: std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
            secrets: flags.scenario.secrets(),
            files: flags.report.clone(),
            ..Self::of_mistakes()
        })
    }

    /// Report for mistakes alone, without files.
    pub(super) fn of_mistakes() -> Self {
        let colors = Colors::new(None);
        Self {
            is_quiet: true,
            shows_steps: false,
            renderer: if colors.stderr { Renderer::styled() } else { Renderer::plain() },
            is_github: false,
            secrets: Secrets::default(),
            files: Vec::new(),
            is_open: Cell::default(),
            cases: RefCell::default(),
            notes: RefCell::default(),
        }
    }

    /// Begins a report, and checks that its files can be written. Their old content stays until
    /// [`Self::finish`].
    pub(super) fn open(&self) -> Result<(), Exit> {
        for path in self.files.iter().filter_map(|file| file.path.as_ref()) {
            let opened = fs::OpenOptions::new().append(true).create(true).open(path);
            opened.map_err(|error| fail(&format!("Cannot write {}: {error}.", path.display())))?;
        }
        self.cases.take();
        self.notes.take();
        self.is_open.set(true);
        Ok(())
    }

    /// Prints a line of progress: on standard error if a report goes to standard output. A failure
    /// to write is ignored: the exit status has the result.
    pub(super) fn say(&self, line: &str) {
        if self.files.iter().any(|file| file.path.is_none()) {
            // A report is on standard output.
            print_error(line);
        } else {
            let _ = writeln!(io::stdout(), "{line}");
        }
    }

    /// Keeps a sentence about an error of the run, for the report files.
    pub(super) fn note(&self, sentence: &str) {
        self.notes.borrow_mut().push(self.shown(sentence));
    }

    /// Prints and keeps a sentence about an error of the run.
    pub(super) fn fail(&self, sentence: &str) -> Exit {
        self.note(sentence);
        fail(&self.shown(sentence))
    }

    /// Sentence as it is printed: secrets are hidden first, which escapes could tear apart.
    fn shown(&self, sentence: &str) -> String {
        escape_controls(&self.secrets.hide(sentence))
    }

    /// Prints the mistakes of a file. Each with its line, and the help if there is any.
    pub(super) fn mistakes(&self, source: &ScenarioFile, mistakes: &[Diagnostic]) {
        for mistake in mistakes {
            let help = mistake.suggestion.iter().cloned().collect::<Vec<_>>();
            let Place { file, at, .. } = source.text.place(&mistake.span);
            self.note(&format!("{file}:{}:{}: {mistake}", at.line, at.column));
            self.snippet(source, mistake.span.clone(), &mistake.message, &help);
        }
    }

    /// Prints and keeps the outcome of a section. Lines of its steps come first. In GitHub Actions
    /// a failure is an annotation, too.
    pub(super) fn ended(&self, outcome: Outcome<'_>) {
        let Outcome { source, section, verdict, took, seed, steps } = outcome;
        for step in steps {
            self.say(&step);
        }
        let seed = source.is_random().then_some(seed);
        let file = source.path().display().to_string();
        let name = section.map_or_else(|| file.clone(), |section| format!("{file} [{section}]"));
        let failure = match verdict {
            Verdict::Passed => None,
            Verdict::Failed(failure) => Some(failure),
        };
        let word = if failure.is_none() { "passed" } else { "FAILED" };
        if !self.is_quiet || failure.is_some() {
            self.say(&format!("{word} {name} in {}", format_duration(took)));
        }
        // The file itself, or one that it includes.
        let place =
            source.text.place(&failure.as_ref().map_or(0..0, |failure| failure.span.clone()));
        if let Some(failure) = &failure {
            let message = self.shown(&failure.message);
            let notes = self.notes(failure, seed);
            self.snippet(source, failure.span.clone(), &message, &notes);
            if self.is_github {
                // Workflow commands: percent, carriage return and line feed are escaped, and in
                // properties colon and comma.
                let escape =
                    |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
                let (text, line) = (escape(&self.headline(failure)), place.at.line);
                let file = escape(place.file).replace(':', "%3A").replace(',', "%2C");
                self.say(&format!("::error file={file},line={line}::{text}"));
            }
        }
        self.cases.borrow_mut().push(Case {
            file,
            section: section.map(str::to_owned),
            at: (place.file.to_owned(), place.at.line),
            took,
            seed,
            failure,
        });
    }

    /// Writes the report files, if they wait for it, and a last line for several sections. Returns
    /// the exit status of writing.
    pub(super) fn finish(&self) -> Exit {
        if !self.is_open.take() {
            return Exit::Done;
        }
        let (cases, notes) = (self.cases.borrow(), self.notes.borrow());
        let failed = cases.iter().filter(|case| case.failure.is_some()).count();
        if cases.len() > 1 && !self.is_quiet {
            self.say(&format!("{} passed, {failed} failed", cases.len() - failed));
        }
        let mut exit = Exit::Done;
        for ReportFile { kind, path } in &self.files {
            let content = match kind {
                ReportKind::Junit => self.junit(&cases, &notes),
                ReportKind::Json => Ok(self.json(&cases, &notes)),
                ReportKind::Tap => Ok(self.tap(&cases, &notes)),
            };
            let written = content.and_then(|content| {
                let written = match path {
                    Some(path) => fs::write(path, content),
                    None => io::stdout().write_all(content.as_bytes()),
                };
                written.map_err(|error| error.to_string())
            });
            if let Err(error) = written {
                let shown =
                    path.as_ref().map_or("standard output".into(), |it| it.display().to_string());
                exit = fail(&format!("Cannot write {shown}: {error}."));
            }
        }
        exit
    }

    /// Sentence of a failure, with the first difference: for programs that show one line.
    fn headline(&self, failure: &Failure) -> String {
        let difference = failure.differences.first().and_then(|it| it.lines().next());
        let line = match difference {
            Some(difference) => format!("{} {difference}", failure.message),
            None => failure.message.clone(),
        };
        self.shown(&line)
    }

    /// Additions to the sentence of a failure.
    fn notes(&self, failure: &Failure, seed: Option<u64>) -> Vec<String> {
        let differences = failure.differences.iter();
        let mut notes: Vec<String> = differences.map(|it| self.shown(it)).collect();
        if !failure.recent.is_empty() {
            let messages = failure.recent.iter().map(|seen| {
                let arrow = if seen.sent { '>' } else { '<' };
                let name =
                    seen.connection.as_deref().map(|name| format!("{name} ")).unwrap_or_default();
                format!("\n  {name}{arrow} {}", self.secrets.hide(&seen.text))
            });
            notes.push(format!("the last messages:{}", messages.collect::<String>()));
        }
        notes.extend(
            seed.map(|seed| format!("--seed {seed} repeats the random values of this run")),
        );
        notes
    }

    /// Prints a part of a file with a sentence about it.
    fn snippet(
        &self,
        source: &ScenarioFile,
        span: std::ops::Range<usize>,
        message: &str,
        notes: &[String],
    ) {
        let place = source.text.place(&span);
        let lines = lines_of(place.text, &place.span);
        let span = place.span.start - lines.start..place.span.end - lines.start;
        let snippet = Snippet::source(&place.text[lines]).line_start(place.at.line);
        let snippet = snippet.path(place.file).annotation(AnnotationKind::Primary.span(span));
        let group: Group<'_> = Level::ERROR.primary_title(message).element(snippet);
        let group =
            notes.iter().fold(group, |group, note| group.element(Level::NOTE.message(&**note)));
        print_error(&self.renderer.render(&[group]));
    }

    /// Report as `JUnit` XML: a suite a file, a case a section; an error of the run is a suite of
    /// its own.
    fn junit(&self, cases: &[Case], notes: &[String]) -> Result<String, String> {
        let mut report = quick_junit::Report::new(PROGRAM);
        let mut suites: Vec<TestSuite> = Vec::new();
        for case in cases {
            let status = match &case.failure {
                None => TestCaseStatus::success(),
                Some(failure) => {
                    // An error is a test that could not be run.
                    let kind = if failure.is_error {
                        NonSuccessKind::Error
                    } else {
                        NonSuccessKind::Failure
                    };
                    let mut status = TestCaseStatus::non_success(kind);
                    let message = self.secrets.hide(&failure.message);
                    let place = format!("{}:{}", case.at.0, case.at.1);
                    let notes = self.notes(failure, case.seed).join("\n");
                    status
                        .set_message(self.headline(failure))
                        .set_description(format!("{place}: {message}\n{notes}"));
                    status
                }
            };
            let name = case.section.as_deref().unwrap_or(&case.file);
            let mut test = TestCase::new(name, status);
            test.set_time(case.took).set_classname(&*case.file);
            match suites.last_mut() {
                Some(suite) if suite.name.as_str() == case.file => suite.add_test_case(test),
                _ => {
                    let mut suite = TestSuite::new(&*case.file);
                    suite.add_test_case(test);
                    suites.push(suite);
                    continue;
                }
            };
        }
        if let Some(first) = notes.first() {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(&**first).set_description(notes.join("\n"));
            let mut suite = TestSuite::new(PROGRAM);
            suite.add_test_case(TestCase::new("run", status));
            suites.push(suite);
        }
        report.add_test_suites(suites);
        report.to_string().map_err(|error| error.to_string())
    }

    /// Test Anything Protocol, version 14: a line for each section, a YAML block below one that
    /// failed. An error of the run is `Bail out!`.
    fn tap(&self, cases: &[Case], notes: &[String]) -> String {
        let mut lines = vec!["TAP version 14".to_owned(), format!("1..{}", cases.len())];
        for (number, case) in (1..).zip(cases) {
            let section = case.section.iter().map(|section| format!(" [{section}]"));
            let name = format!("{}{}", case.file, section.collect::<String>());
            // A number sign begins a directive, such as SKIP.
            let name = name.replace('\\', "\\\\").replace('#', "\\#");
            let word = if case.failure.is_none() { "ok" } else { "not ok" };
            lines.push(format!("{word} {number} - {name}"));
            let Some(failure) = &case.failure else { continue };
            // A string of JSON is one of YAML.
            let entry = |name: &str, value: &str| format!("  {name}: {}", Value::from(value));
            lines.extend([
                "  ---".to_owned(),
                entry("message", &self.headline(failure)),
                entry("at", &format!("{}:{}", case.at.0, case.at.1)),
            ]);
            let details = self.notes(failure, case.seed).join("\n");
            lines.extend((!details.is_empty()).then(|| entry("details", &details)));
            lines.push("  ...".to_owned());
        }
        lines.extend(notes.first().map(|note| format!("Bail out! {}", note.replace('\n', " "))));
        lines.join("\n") + "\n"
    }

    /// A line of JSON for each section. An error of the run is a last line.
    fn json(&self, cases: &[Case], notes: &[String]) -> String {
        let lines = cases.iter().map(|case| {
            let failure = case.failure.as_ref().map(|failure| {
                json!({
                    "file": case.at.0,
                    "line": case.at.1,
                    "message": self.secrets.hide(&failure.message),
                    "notes": self.notes(failure, case.seed),
                    "error": failure.is_error,
                })
            });
            let seconds = case.took.as_secs_f64();
            let case = json!({
                "file": case.file,
                "section": case.section,
                "passed": case.failure.is_none(),
                "seconds": (seconds * 1e6).round() / 1e6,
                "seed": case.seed,
                "failure": failure,
            });
            format!("{case}\n")
        });
        let error = notes.first().map(|note| {
            let failure = json!({ "message": note, "notes": notes[1..], "error": true });
            format!("{}\n", json!({ "passed": false, "failure": failure }))
        });
        lines.chain(error).collect()
    }
}

/// Part of a text with the lines of a span, without the last line break: a snippet of a large file costs no more.
fn lines_of(text: &str, span: &Span) -> Span {
    let start = text[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[span.end..].find('\n').map_or(text.len(), |newline| span.end + newline);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_has_the_lines_of_its_span_only() {
        let text = "connect ws://a\n< {\n}\n> hi\n";
        for (part, lines) in [("ws", "connect ws://a"), ("{\n}", "< {\n}"), ("hi", "> hi")] {
            let at = text.find(part).expect("it is there");
            assert_eq!(&text[lines_of(text, &(at..at + part.len()))], lines);
        }
        assert_eq!(lines_of(text, &(text.len()..text.len())), text.len()..text.len());
    }
}
