//! Endpoints of the page's server, as described by its `/endpoints.json`.

use std::time::Duration;

use leptos::prelude::*;
use workbench::connect::{Preset, PresetOption};

use crate::{
    browser::{fetch::fetch_text, json::Json},
    connect::words::words,
};

/// Path of the description on the page's server.
const DESCRIPTION: &str = "/endpoints.json";
/// Time limit for the description; the built-in list stays after it.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum size of the description, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Maximum number of endpoints; the limits here keep an odd server from filling the page.
const MAX_ENDPOINTS: u32 = 200;
/// Maximum number of options of an endpoint.
const MAX_OPTIONS: u32 = 30;
/// Maximum number of choices of an option.
const MAX_CHOICES: u32 = 50;
/// Maximum length of a text, in characters.
const MAX_CHARACTERS: usize = 300;

/// Endpoints of the page's server; the built-in list until, or unless, it describes its own. The first of that
/// list is the page's own, which the description leaves out.
#[must_use]
pub fn presets() -> Signal<Vec<Preset>> {
    let presets = RwSignal::new(Preset::known());
    fetch_text(DESCRIPTION, TIMEOUT, MAX_BYTES, move |text| {
        let found = read_presets(text);
        if !found.is_empty() {
            presets.try_update(|presets| {
                presets.truncate(1);
                presets.extend(found);
            });
        }
    });
    presets.into()
}

/// Parses a description of endpoints; skips those that are malformed.
#[must_use]
pub fn read_presets(text: &str) -> Vec<Preset> {
    let Some(description) = Json::parse(text) else { return Vec::new() };
    description.list("endpoints", MAX_ENDPOINTS).iter().filter_map(preset).collect()
}

/// Replaces the texts of an endpoint and its options by the page's language, where it has them.
pub(in crate::connect) fn translate(preset: &mut Preset) {
    let words = &words().endpoints;
    if let Some(summary) = (words.summary)(&preset.path) {
        summary.clone_into(&mut preset.summary);
        preset.is_translated = true;
        if let Some(group) = (words.group)(&preset.group) {
            group.clone_into(&mut preset.group);
        }
    }
    for option in &mut preset.options {
        let allowed = (words.allowed)(&option.allowed);
        if let (Some(summary), Some(allowed)) =
            ((words.option)(&preset.path, &option.name), allowed)
        {
            summary.clone_into(&mut option.summary);
            option.allowed = allowed;
            option.is_translated = true;
        }
    }
}

/// Endpoint of an entry; `None` without a path from the root.
fn preset(json: &Json) -> Option<Preset> {
    Some(Preset {
        path: text(json, "path").filter(|path| path.starts_with('/'))?,
        summary: text(json, "summary").unwrap_or_default(),
        group: text(json, "group").unwrap_or_default(),
        dangerous: json.is_truthy("dangerous"),
        options: json.list("options", MAX_OPTIONS).iter().filter_map(option).collect(),
        is_translated: false,
    })
}

/// Option of an entry; `None` without a name.
fn option(json: &Json) -> Option<PresetOption> {
    let choices: Vec<_> =
        json.list("choices", MAX_CHOICES).iter().filter_map(Json::as_text).collect();
    // A list of choices says what is allowed.
    let allowed = text(json, "allowed").filter(|_| choices.is_empty());
    Some(PresetOption {
        name: text(json, "name").filter(|name| !name.is_empty())?,
        summary: text(json, "summary").unwrap_or_default(),
        default: text(json, "default").unwrap_or_default(),
        choices,
        allowed: allowed.unwrap_or_default(),
        is_translated: false,
        is_in_path: text(json, "in").is_some_and(|place| place == "path"),
    })
}

/// Text field, cut to a line's length.
fn text(json: &Json, name: &str) -> Option<String> {
    Some(json.text(name)?.chars().take(MAX_CHARACTERS).collect())
}
