//! Report: tables in Markdown.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{load::Sample, machine::Machine, shape::Shape, stats::Spread};

/// Results of a run.
pub(crate) struct Report {
    pub(crate) machine: Machine,
    /// Rounds of each row.
    pub(crate) rounds: usize,
    /// Seconds measured in a round, after the warm-up.
    pub(crate) seconds: f64,
    /// Servers under load.
    pub(crate) loads: Vec<LoadRow>,
    /// Clients at the same server, each pair beside the other.
    pub(crate) clients: Vec<LoadRow>,
    /// Virtual users beside `wsbench bench`.
    pub(crate) scenarios: Vec<LoadRow>,
    /// Servers as they start.
    pub(crate) starts: Vec<StartRow>,
    /// Servers with silent connections.
    pub(crate) idle: Vec<IdleRow>,
    /// Shapes that were left out, with the reason.
    pub(crate) notes: Vec<String>,
}

/// Server under a shape of load, or a client that loads a server.
pub(crate) struct LoadRow {
    /// Shape of the load, as the table names it.
    title: &'static str,
    connections: usize,
    /// Server or client.
    name: String,
    /// CPU time of an echo, in microseconds.
    cpu_us: Spread,
    /// Echoes per second over the rounds.
    echoes_per_s: Spread,
    /// Cores that it used; 1 is a whole one.
    busy: Spread,
    /// Ratio of the CPU time to the row that it is compared with, in the same round; none for that row.
    ratio: Option<Spread>,
    bar: f64,
}

impl LoadRow {
    /// Row of the rounds of a server or client, with its bar. `None` without a round.
    pub(crate) fn new(
        shape: &Shape,
        name: &str,
        samples: &[Sample],
        compared: Option<&[Sample]>,
        bar: f64,
    ) -> Option<Self> {
        let spread = |figure: fn(&Sample) -> f64| Spread::of(samples.iter().map(figure));
        let ratios = samples.iter().zip(compared.unwrap_or_default());
        Some(Self {
            title: shape.title,
            connections: shape.connections,
            name: name.to_owned(),
            cpu_us: spread(|sample| sample.cpu_us)?,
            echoes_per_s: spread(|sample| sample.echoes_per_s)?,
            busy: spread(|sample| sample.busy)?,
            ratio: Spread::of(ratios.map(|(own, other)| own.cpu_us / other.cpu_us)),
            bar,
        })
    }
}

/// Server as it starts, without a connection.
pub(crate) struct StartRow {
    pub(crate) server: String,
    /// Milliseconds from its start until it accepts a connection.
    pub(crate) ms: Spread,
    /// Resident memory in MiB, once it has settled.
    pub(crate) rss_mib: Spread,
    /// Bars of both.
    pub(crate) bars: (f64, f64),
}

/// Server with silent connections.
pub(crate) struct IdleRow {
    pub(crate) connections: usize,
    pub(crate) server: String,
    /// True if connections offered permessage-deflate.
    pub(crate) offers_deflate: bool,
    /// True if the server accepted it.
    pub(crate) agrees_to_deflate: bool,
    /// Resident memory of a connection in KiB.
    pub(crate) rss_kib_per_connection: Spread,
    pub(crate) bar: f64,
}

impl Report {
    /// Writes `bench.md` into `folder`.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(folder.join("bench.md"), self.markdown()))
            .with_context(|| format!("cannot write the report to {}", folder.display()))
    }

    /// Report as it is written to `docs/bench.md`, with one table for each kind of row.
    pub(crate) fn markdown(&self) -> String {
        let Self { rounds, seconds, .. } = self;
        let mut text = format!(
            "# Bench\n\n\
             Written by `cargo xtask bench`. Each server has a core to itself and the load another \
             one.\nA figure is the median of {rounds} rounds of {seconds} s, and in brackets the \
             least and the\ngreatest; the servers take turns, and a ratio compares two of the same \
             round.\n\n{}",
            self.machine.list()
        );
        if !self.loads.is_empty() {
            let head =
                ["load", "server", "CPU µs an echo", "echoes/s", "core used", "by raw TCP", "bar"];
            text += "\n## CPU time\n\n";
            text += &table(&head, self.loads.iter().map(load_cells));
        }
        for (title, by, rows) in [
            ("Clients", "by mio", &self.clients),
            ("Scenarios", "by wsbench bench", &self.scenarios),
        ] {
            if !rows.is_empty() {
                let head =
                    ["load", "client", "CPU µs a message", "messages/s", "core used", by, "bar"];
                text.extend(["\n## ", title, "\n\n"]);
                text += &table(&head, rows.iter().map(load_cells));
            }
        }
        if !self.starts.is_empty() {
            text += "\n## Start\n\n";
            text += &table(
                &["server", "ms", "bar", "RSS MiB", "bar"],
                self.starts.iter().map(start_cells),
            );
        }
        if !self.idle.is_empty() {
            let head = ["idle connections", "server", "deflate", "RSS KiB each", "bar"];
            text += "\n## Memory\n\n";
            text += &table(&head, self.idle.iter().map(idle_cells));
        }
        if !self.notes.is_empty() {
            text += "\n## Left out\n\n";
            text.extend(self.notes.iter().map(|note| format!("- {note}\n")));
        }
        text
    }
}

fn load_cells(row: &LoadRow) -> Vec<String> {
    let bar = row.ratio.map(|ratio| [spread(ratio), verdict(ratio, row.bar)]);
    // Empty for the row that others are compared with.
    let [ratio, bar] = bar.unwrap_or_default();
    vec![
        format!("{}, {} connections", row.title, row.connections),
        row.name.clone(),
        spread(row.cpu_us),
        format!("{:.0}", row.echoes_per_s.median),
        format!("{:.0} %", row.busy.median * 100.0),
        ratio,
        bar,
    ]
}

fn start_cells(row: &StartRow) -> Vec<String> {
    let StartRow { server, ms, rss_mib, bars } = row;
    let [time, memory] = [(*ms, bars.0), (*rss_mib, bars.1)].map(|(it, bar)| verdict(it, bar));
    vec![server.clone(), spread(*ms), time, spread(*rss_mib), memory]
}

fn idle_cells(row: &IdleRow) -> Vec<String> {
    let deflate = match (row.offers_deflate, row.agrees_to_deflate) {
        (false, _) => "not offered",
        (true, false) => "declined",
        (true, true) => "agreed",
    };
    vec![
        row.connections.to_string(),
        row.server.clone(),
        deflate.to_owned(),
        spread(row.rss_kib_per_connection),
        verdict(row.rss_kib_per_connection, row.bar),
    ]
}

/// Median with its spread: `1.08 (1.02–1.11)`.
fn spread(spread: Spread) -> String {
    let Spread { median, min, max } = spread;
    // Three digits or so, whether microseconds or milliseconds.
    let digits = match median {
        ..1.0 => 3,
        ..100.0 => 2,
        _ => 0,
    };
    format!("{median:.digits$} ({min:.digits$}–{max:.digits$})")
}

/// Bar with its verdict, which the median decides: a round may be unlucky.
fn verdict(figure: Spread, bar: f64) -> String {
    format!("{bar} {}", if figure.median <= bar { "✓" } else { "✗" })
}

/// Markdown table with aligned columns.
pub(crate) fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::ASCII_MARKDOWN).set_header(head).add_rows(rows);
    format!("{table}\n")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn of(median: f64) -> Spread {
        Spread { median, min: median * 0.9, max: median * 1.2 }
    }

    fn row(server: &str, cpu: f64, ratio: Option<f64>) -> LoadRow {
        LoadRow {
            title: "32 B, 1 in flight",
            connections: 100,
            name: server.to_owned(),
            cpu_us: of(cpu),
            echoes_per_s: of(123_456.7),
            busy: of(0.87),
            ratio: ratio.map(of),
            bar: 1.15,
        }
    }

    #[test]
    fn tables_show_ratios_beside_their_bars() {
        let rows = [
            row("raw TCP echo", 0.0612, None),
            row("wsbench", 3.6, Some(1.15)),
            row("Node ws", 2641.0, Some(2.2)),
        ];
        let head = ["load", "server", "CPU µs", "echoes/s", "core used", "by raw TCP", "bar"];
        expect![[r"
            | load                               | server       | CPU µs              | echoes/s | core used | by raw TCP       | bar    |
            |------------------------------------|--------------|---------------------|----------|-----------|------------------|--------|
            | 32 B, 1 in flight, 100 connections | raw TCP echo | 0.061 (0.055–0.073) | 123457   | 87 %      |                  |        |
            | 32 B, 1 in flight, 100 connections | wsbench      | 3.60 (3.24–4.32)    | 123457   | 87 %      | 1.15 (1.03–1.38) | 1.15 ✓ |
            | 32 B, 1 in flight, 100 connections | Node ws      | 2641 (2377–3169)    | 123457   | 87 %      | 2.20 (1.98–2.64) | 1.15 ✗ |
        "]].assert_eq(&table(&head, rows.iter().map(load_cells)));
    }

    #[test]
    fn an_idle_row_says_whether_compression_was_agreed_on() {
        let row = |offers_deflate, agrees_to_deflate| IdleRow {
            connections: 10_000,
            server: "wsbench".to_owned(),
            offers_deflate,
            agrees_to_deflate,
            rss_kib_per_connection: of(6.01),
            bar: 6.0,
        };
        let rows = [row(false, false), row(true, false), row(true, true)];
        let head = ["idle", "server", "deflate", "KiB", "bar"];
        expect![[r"
            | idle  | server  | deflate     | KiB              | bar |
            |-------|---------|-------------|------------------|-----|
            | 10000 | wsbench | not offered | 6.01 (5.41–7.21) | 6 ✗ |
            | 10000 | wsbench | declined    | 6.01 (5.41–7.21) | 6 ✗ |
            | 10000 | wsbench | agreed      | 6.01 (5.41–7.21) | 6 ✗ |
        "]]
        .assert_eq(&table(&head, rows.iter().map(idle_cells)));
    }
}
