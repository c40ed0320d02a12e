//! Endpoints of the page's server, as described by its `/endpoints.json`.

use std::time::Duration;

use leptos::prelude::*;
use workbench::connect::{Preset, PresetOption};

use crate::browser::{fetch::fetch_text, json::Json};

const DESCRIPTION: &str = "/endpoints.json";
const TIMEOUT: Duration = Duration::from_secs(10);
const MAX_BYTES: usize = 1 << 20;

/// Limits of what is read: endpoints, options an endpoint, choices an option, characters a text.
const MAX_ENDPOINTS: u32 = 200;
const MAX_OPTIONS: u32 = 30;
const MAX_CHOICES: u32 = 50;
const MAX_CHARACTERS: usize = 300;

/// Endpoints of the page's server; the built-in list until, or unless, it describes its own.
#[must_use]
pub fn presets() -> Signal<Vec<Preset>> {
    let presets = RwSignal::new(Preset::known());
    fetch_text(DESCRIPTION, TIMEOUT, MAX_BYTES, move |text| {
        let found = read_presets(text);
        if !found.is_empty() {
            presets.try_set(found);
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

fn preset(json: &Json) -> Option<Preset> {
    Some(Preset {
        path: text(json, "path").filter(|path| path.starts_with('/'))?,
        summary: text(json, "summary").unwrap_or_default(),
        group: text(json, "group").unwrap_or_default(),
        dangerous: json.is_truthy("dangerous"),
        options: json.list("options", MAX_OPTIONS).iter().filter_map(option).collect(),
    })
}

fn option(json: &Json) -> Option<PresetOption> {
    Some(PresetOption {
        name: text(json, "name").filter(|name| !name.is_empty())?,
        summary: text(json, "summary").unwrap_or_default(),
        default: text(json, "default").unwrap_or_default(),
        choices: json.list("choices", MAX_CHOICES).iter().filter_map(Json::as_text).collect(),
        allowed: text(json, "allowed").unwrap_or_default(),
        is_in_path: text(json, "in").is_some_and(|place| place == "path"),
    })
}

/// Text field, cut to a line's length.
fn text(json: &Json, name: &str) -> Option<String> {
    Some(json.text(name)?.chars().take(MAX_CHARACTERS).collect())
}
