//! Memory of the processes that show pages, from Linux's `/proc`.

use std::{fs, path::Path};

/// Parts of the command lines of processes that show pages: in Chromium, Firefox and `WebKitGTK`.
const PAGES: [&str; 3] = ["--type=renderer", "-contentproc", "WebKitWebProcess"];

/// Memory of a process, in MB.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Anonymous memory.
    pub private: f64,
    /// Resident memory.
    pub resident: f64,
}

/// Memory of the processes in the process group `group` that show pages.
pub(super) fn of_pages(group: u32) -> Vec<Memory> {
    let listing = fs::read_dir("/proc").expect("Linux");
    let folders = listing.filter_map(|entry| Some(entry.ok()?.path()));
    folders
        .filter(|it| shows_a_page(it, group) == Some(true))
        .filter_map(|it| memory(&it))
        .collect()
}

fn shows_a_page(process: &Path, group: u32) -> Option<bool> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    // "7 (name) S parent group …": only the name may have spaces and parentheses.
    let (_, fields) = stat.rsplit_once(')')?;
    let is_in_group = fields.split_whitespace().nth(2)? == group.to_string();
    let command = fs::read_to_string(process.join("cmdline")).ok()?;
    Some(is_in_group && PAGES.iter().any(|it| command.contains(it)))
}

fn memory(process: &Path) -> Option<Memory> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    let megabytes = |name: &str| {
        let field = status.lines().find_map(|line| line.strip_prefix(name))?;
        Some(field.split_whitespace().next()?.parse::<f64>().ok()? * 1_024.0 / 1_000_000.0)
    };
    Some(Memory { private: megabytes("RssAnon:")?, resident: megabytes("VmRSS:")? })
}
