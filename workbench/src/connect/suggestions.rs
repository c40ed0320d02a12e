//! Suggestions of the address box: saved connections, recent addresses and the server's endpoints.

use super::{Preset, SavedConnection};

/// Endpoints of a group that is folded, at least: a group of misbehaving ones only.
const MIN_FOLD: usize = 5;

/// Suggested address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Address.
    pub address: String,
    /// Address as listed: of an endpoint, the path; of a saved connection, its name.
    pub label: String,
    /// Description; of a saved connection, its address; empty for recent ones.
    pub summary: String,
    /// Heading.
    pub group: Group,
    /// As in [`Preset`].
    pub dangerous: bool,
    /// As in [`Preset`].
    pub is_translated: bool,
}

/// Category of suggested addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Group {
    /// Saved connections.
    Saved,
    /// Recently used.
    Recent,
    /// Presets without a group.
    ThisServer,
    /// Named group of presets.
    Named(String),
}

/// Entry of the list of suggestions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// An address.
    Address(Suggestion),
    /// A folded group: its first address, and the number of all.
    Folded(Suggestion, usize),
}

impl Entry {
    /// The address, or the first one of a folded group.
    #[must_use]
    pub fn suggestion(&self) -> &Suggestion {
        match self {
            Self::Address(suggestion) | Self::Folded(suggestion, _) => suggestion,
        }
    }
}

/// Lists suggestions. With `folds`, a group of many endpoints that all misbehave is one entry.
#[must_use]
pub fn entries(found: &[Suggestion], folds: bool) -> Vec<Entry> {
    let groups = found.chunk_by(|one, next| one.group == next.group);
    let entries = groups.flat_map(|group| {
        let is_foldable = group.len() >= MIN_FOLD && group.iter().all(|it| it.dangerous);
        // The heading says it for all of them.
        let of = move |it: &Suggestion| Suggestion {
            dangerous: it.dangerous && !is_foldable,
            ..it.clone()
        };
        let (folded, listed) = if is_foldable && folds {
            (group.first().map(|first| Entry::Folded(of(first), group.len())), &[][..])
        } else {
            (None, group)
        };
        folded.into_iter().chain(listed.iter().map(move |it| Entry::Address(of(it))))
    });
    entries.collect()
}

/// Sources of suggestions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Listed<'a> {
    /// Saved connections.
    pub saved: &'a [SavedConnection],
    /// Recent addresses, newest first.
    pub recent: &'a [String],
    /// Endpoints of the server at `origin`.
    pub presets: &'a [Preset],
    /// Address of the page's server without a path; without one there are no presets.
    pub origin: Option<&'a str>,
}

/// Recent addresses, saved connections, then presets, that contain all words of `sought`.
#[must_use]
pub fn suggestions(listed: &Listed<'_>, sought: &str) -> Vec<Suggestion> {
    let Listed { saved, recent, presets, origin } = *listed;
    let own = |address: &String, label: &String, summary: &str, group| Suggestion {
        address: address.clone(),
        label: label.clone(),
        summary: summary.to_owned(),
        group,
        dangerous: false,
        is_translated: true,
    };
    let saved = saved
        .iter()
        .map(|SavedConnection { name, target }| own(&target.url, name, &target.url, Group::Saved));
    let recent = recent.iter().map(|address| own(address, address, "", Group::Recent));
    let presets = origin.into_iter().flat_map(|origin| {
        presets.iter().map(move |preset| Suggestion {
            address: preset.address(origin),
            label: preset.path.clone(),
            summary: preset.summary.clone(),
            group: match preset.group.as_str() {
                "" => Group::ThisServer,
                name => Group::Named(name.to_owned()),
            },
            dangerous: preset.dangerous,
            is_translated: preset.is_translated,
        })
    });
    let sought = sought.to_ascii_lowercase();
    let found = recent.chain(saved).chain(presets).filter(|it| {
        let text = format!("{} {} {}", it.label, it.address, it.summary).to_ascii_lowercase();
        sought.split_whitespace().all(|word| text.contains(word))
    });
    // A group's endpoints need not come together, and its heading stands there once.
    let mut grouped = Vec::<Suggestion>::new();
    for it in found {
        let last = grouped.iter().rposition(|other| other.group == it.group);
        grouped.insert(last.map_or(grouped.len(), |last| last + 1), it);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::Target;

    const ORIGIN: &str = "ws://localhost:8080";

    #[test]
    fn suggestions_are_found_by_words_and_grouped() {
        let grouped = |path: &str, group: &str| Preset {
            path: path.into(),
            summary: "Talks.".into(),
            group: group.into(),
            ..Preset::default()
        };
        let presets = [grouped("/a", "One"), grouped("/b", ""), grouped("/c", "One")];
        let recent = ["ws://localhost:9000/talk".to_owned()];
        let found = |origin, sought| {
            let saved = SavedConnection {
                name: "Talk at home".into(),
                target: Target { url: "wss://home.example".into(), ..Target::default() },
            };
            let listed = Listed { saved: &[saved], recent: &recent, presets: &presets, origin };
            let found = suggestions(&listed, sought);
            found.into_iter().map(|it| (it.group, it.address)).collect::<Vec<_>>()
        };
        let one = || Group::Named("One".to_owned());
        let all = [
            (Group::Recent, "ws://localhost:9000/talk".to_owned()),
            (Group::Saved, "wss://home.example".to_owned()),
            (one(), "ws://localhost:8080/a".to_owned()),
            (one(), "ws://localhost:8080/c".to_owned()),
            (Group::ThisServer, "ws://localhost:8080/b".to_owned()),
        ];
        assert_eq!(found(Some(ORIGIN), ""), all);
        assert_eq!(found(Some(ORIGIN), "TALK 8080"), all[2..]);
        assert_eq!(found(None, "home talk"), all[1..2], "a saved connection is found by its name");
        assert_eq!(found(Some(ORIGIN), "nothing"), []);
        assert_eq!(found(None, ""), all[..2]);
    }

    #[test]
    fn a_long_group_that_misbehaves_is_folded() {
        let preset = |number: usize| Preset {
            path: format!("/fault/{number}"),
            group: "Faults".into(),
            dangerous: true,
            ..Preset::default()
        };
        let presets: Vec<_> = (0..MIN_FOLD).map(preset).collect();
        let listed = |presets: &[Preset], folds| {
            let recent = ["ws://a".to_owned()];
            let listed =
                Listed { recent: &recent, presets, origin: Some(ORIGIN), ..Listed::default() };
            let found = suggestions(&listed, "");
            entries(&found, folds)
        };
        let [Entry::Address(recent), Entry::Folded(first, MIN_FOLD)] = &listed(&presets, true)[..]
        else {
            panic!("one entry a group")
        };
        assert_eq!((&*recent.label, &*first.label), ("ws://a", "/fault/0"));
        let unfolded = listed(&presets, false);
        assert_eq!(unfolded.len(), 1 + MIN_FOLD);
        assert!(unfolded.iter().all(|it| !it.suggestion().dangerous), "the heading says it");
        let few = listed(&presets[1..], true);
        assert_eq!(few.len(), MIN_FOLD);
        assert!(few[1].suggestion().dangerous);
        let mut mixed = presets.clone();
        mixed[3].dangerous = false;
        assert_eq!(listed(&mixed, true).len(), 1 + MIN_FOLD);
    }
}
