//! Machine, date and commit of a measurement.

use std::{fs, path::Path, process::Command, thread};

/// Facts that the figures depend on; `unknown` for each that cannot be read.
pub(crate) struct Machine {
    /// Date in UTC.
    date: String,
    /// Short hash, with a note on uncommitted changes.
    commit: String,
    /// Model of the CPU.
    cpu: String,
    /// Cores that this process may use.
    cores: usize,
    /// Release of the Linux kernel.
    kernel: String,
    /// Setting of transparent huge pages: they change resident memory.
    huge_pages: String,
    /// Load average of the last minute, before the measurement: near 0 on a quiet machine.
    load: String,
    rustc: String,
    /// Version of Node.js, if it is measured.
    node: Option<String>,
    /// Version of npm's `ws`, if it is measured.
    ws: Option<String>,
}

impl Machine {
    /// Reads the facts; the version of npm's `ws` is read in the folder `modules`.
    pub(crate) fn read(modules: Option<&Path>) -> Self {
        Self {
            date: said("date", &["-u", "+%Y-%m-%d"]).unwrap_or_else(unknown),
            commit: commit().unwrap_or_else(unknown),
            cpu: fs::read_to_string("/proc/cpuinfo")
                .ok()
                .and_then(|text| cpu_model(&text))
                .unwrap_or_else(unknown),
            cores: thread::available_parallelism().map_or(1, usize::from),
            kernel: file("/proc/sys/kernel/osrelease").unwrap_or_else(unknown),
            huge_pages: file("/sys/kernel/mm/transparent_hugepage/enabled")
                .and_then(|text| chosen(&text))
                .unwrap_or_else(unknown),
            load: file("/proc/loadavg")
                .and_then(|text| Some(text.split_whitespace().next()?.to_owned()))
                .unwrap_or_else(unknown),
            rustc: said("rustc", &["--version"]).unwrap_or_else(unknown),
            node: modules.and_then(|_| said("node", &["--version"])),
            ws: modules.and_then(|folder| {
                let package = fs::read(folder.join("ws/package.json")).ok()?;
                let package: serde_json::Value = serde_json::from_slice(&package).ok()?;
                Some(package.get("version")?.as_str()?.to_owned())
            }),
        }
    }

    /// Markdown list.
    pub(crate) fn list(&self) -> String {
        let Self { date, commit, cpu, cores, kernel, huge_pages, load, rustc, node, ws } = self;
        let mut list = format!(
            "- {date}, commit {commit}, {rustc}\n\
             - {cpu}, {cores} cores; Linux {kernel}; huge pages: {huge_pages}\n\
             - load of the machine before: {load}\n"
        );
        if let (Some(node), Some(ws)) = (node, ws) {
            list.extend([format!("- Node.js {node}, ws {ws}\n")]);
        }
        list
    }
}

/// Text for a fact that cannot be read.
fn unknown() -> String {
    "unknown".to_owned()
}

/// Commit of the working tree. Changes of the reports alone do not count.
fn commit() -> Option<String> {
    let commit = said("git", &["rev-parse", "--short=10", "HEAD"])?;
    let is_changed = said("git", &["status", "--porcelain", "--", ":!docs/bench.*"]).is_some();
    Some(if is_changed { format!("{commit} with changes") } else { commit })
}

/// Standard output of a program; `None` if it is empty.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !said.is_empty()).then_some(said)
}

/// Content of a file, trimmed.
fn file(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}

/// Model of the first CPU in `/proc/cpuinfo`.
fn cpu_model(text: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// Chosen word of a kernel setting: `madvise` of `always [madvise] never`.
fn chosen(text: &str) -> Option<String> {
    Some(text.split_once('[')?.1.split_once(']')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_from_what_the_kernel_writes() {
        let cpuinfo = "processor\t: 0\nmodel name\t: AMD EPYC\nmodel name\t: another\n";
        assert_eq!(cpu_model(cpuinfo).as_deref(), Some("AMD EPYC"));
        assert_eq!(cpu_model("processor : 0"), None);
        assert_eq!(chosen("always [madvise] never").as_deref(), Some("madvise"));
        assert_eq!(chosen("always"), None);
    }

    #[test]
    fn a_program_that_is_not_there_says_nothing() {
        assert_eq!(said("no-such-program", &[]), None);
        assert_eq!(said("echo", &["hi"]).as_deref(), Some("hi"));
    }
}
