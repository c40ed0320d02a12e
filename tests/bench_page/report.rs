//! Report: Markdown tables.

use std::{fs, path::Path, process::Command};

use harness::Engine;

/// Measured quantity.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Measure {
    pub(crate) section: &'static str,
    pub(crate) what: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) bar: Option<Bar>,
}

/// Bound that a figure has to keep.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

impl Bar {
    fn holds(self, figure: f64) -> bool {
        match self {
            Self::AtMost(most) => figure <= most,
            Self::AtLeast(least) => figure >= least,
        }
    }
}

/// Figures of one page over the rounds.
struct Row {
    measure: Measure,
    of: String,
    figures: Vec<f64>,
}

impl Row {
    /// Median, minimum and maximum.
    fn spread(&self) -> (f64, f64, f64) {
        let mut figures = self.figures.clone();
        figures.sort_by(f64::total_cmp);
        let (low, high) = (figures[(figures.len() - 1) / 2], figures[figures.len() / 2]);
        (low.midpoint(high), figures[0], figures[figures.len() - 1])
    }

    fn cells(&self) -> [String; 4] {
        let (median, min, max) = self.spread();
        // About three digits.
        let digits = match median {
            0.0 => 0,
            ..1.0 => 3,
            ..100.0 => 1,
            _ => 0,
        };
        let unit = self.measure.unit;
        let figure = if self.figures.len() > 1 {
            format!("{median:.digits$} {unit} ({min:.digits$}–{max:.digits$})")
        } else {
            format!("{median:.digits$} {unit}")
        };
        let bar = self.measure.bar.map_or(String::new(), |bar| {
            let verdict = if bar.holds(median) { "✓" } else { "✗" };
            match bar {
                Bar::AtMost(most) => format!("≤ {most} {verdict}"),
                Bar::AtLeast(least) => format!("≥ {least} {verdict}"),
            }
        });
        [self.measure.what.to_owned(), self.of.clone(), figure, bar]
    }
}

/// All results, with the machine.
pub(crate) struct Report {
    machine: Vec<(&'static str, String)>,
    rounds: usize,
    rows: Vec<Row>,
}

impl Report {
    pub(crate) fn new(rounds: usize, browser: &str) -> Self {
        let said = |program: &str, arguments: &[&str]| {
            let output = Command::new(program).args(arguments).output().ok();
            let said = output.and_then(|output| String::from_utf8(output.stdout).ok());
            said.map(|said| said.trim().to_owned()).unwrap_or_default()
        };
        let changes = said("git", &["status", "--porcelain", "--", ":!docs/bench-page*"]);
        let commit = said("git", &["rev-parse", "--short=10", "HEAD"]);
        let commit = if changes.is_empty() { commit } else { format!("{commit} with changes") };
        let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let cpu = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let machine = vec![
            ("date", said("date", &["-u", "+%Y-%m-%d"])),
            ("commit", commit),
            ("browser", browser.to_owned()),
            ("cpu", format!("{}, {cores} cores", cpu.unwrap_or("unknown"))),
            ("kernel", said("uname", &["-sr"])),
            // Average of the last minute; near 0 on an idle machine.
            ("load before", load.split(' ').next().unwrap_or_default().to_owned()),
        ];
        Self { machine, rounds, rows: Vec::new() }
    }

    /// Adds the figure of a round.
    pub(crate) fn add(&mut self, measure: Measure, of: &str, figure: f64) {
        eprintln!("{}, {of}: {figure:.3} {}", measure.what, measure.unit);
        let row = self.rows.iter_mut().find(|row| row.measure == measure && row.of == of);
        match row {
            Some(row) => row.figures.push(figure),
            None => self.rows.push(Row { measure, of: of.to_owned(), figures: vec![figure] }),
        }
    }

    /// Writes `bench-page.md` into `folder`, with the name of a browser other than Chromium.
    pub(crate) fn write(&self, folder: &Path, engine: Engine) {
        let name = match engine {
            Engine::Chromium => "bench-page",
            Engine::Firefox => "bench-page-firefox",
            Engine::WebKit => "bench-page-webkit",
        };
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(folder.join(format!("{name}.md")), self.markdown()))
            .unwrap_or_else(|error| panic!("cannot write to {}: {error}", folder.display()));
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = format!(
            "# The page's bench\n\n\
             Written by `cargo xtask bench-page`, one report a browser: endless floods, once, and in headless \
             Chromium\nall else: pages take turns, {} rounds, and a figure is their median, in brackets the least \
             and the\ngreatest. Messages are texts of 32 B, numbered. The bare pages are a few lines of \
             JavaScript that only\ncount what comes: with the socket on the main thread, and in a worker.\n\n",
            self.rounds
        );
        text.extend(self.machine.iter().map(|(name, is)| format!("- {name}: {is}\n")));
        let mut section = "";
        for row in &self.rows {
            if row.measure.section != section {
                section = row.measure.section;
                let rows = self.rows.iter().filter(|row| row.measure.section == section);
                text.extend([format!("\n## {section}\n\n"), table(rows.map(Row::cells))]);
            }
        }
        text
    }
}

/// Markdown table with aligned columns.
fn table(rows: impl Iterator<Item = [String; 4]>) -> String {
    let mut table = comfy_table::Table::new();
    let head = ["what", "of", "figure", "bar"];
    table.load_preset(comfy_table::presets::ASCII_MARKDOWN).set_header(head).add_rows(rows);
    format!("{table}\n")
}
