//! Presets: endpoints of a server, and their addresses.
//!
//! The address is the only state: a preset matches it or not, and option values are read from it
//! and written to it, so that the options follow manual edits.

use super::query::without_named;
use crate::connect::{decoded, encoded, parameters, with_parameter, with_value};

/// Endpoint of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preset {
    /// Path on the server. A segment like `{room}` is an option's value.
    pub path: String,
    /// Description in at most eight words.
    pub summary: String,
    /// Heading; empty for none.
    pub group: String,
    /// True if the endpoint misbehaves on purpose.
    pub dangerous: bool,
    /// Options of the endpoint.
    pub options: Vec<PresetOption>,
    /// True if the texts are in the page's language; servers speak English.
    pub is_translated: bool,
}

/// Option of an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PresetOption {
    /// Name on the server.
    pub name: String,
    /// Description in one sentence.
    pub summary: String,
    /// The server's default.
    pub default: String,
    /// Enumerated values; empty if not a list.
    pub choices: Vec<String>,
    /// Allowed values in words: `0s to 1m`.
    pub allowed: String,
    /// True for a path segment, `false` for a query parameter.
    pub is_in_path: bool,
    /// As in [`Preset`].
    pub is_translated: bool,
}

impl Preset {
    /// Endpoints of every server of this project.
    #[must_use]
    pub fn known() -> Vec<Self> {
        let preset = |path: &str, summary: &str| Self {
            path: path.to_owned(),
            summary: summary.to_owned(),
            ..Self::default()
        };
        vec![
            preset("/ws", "Echoes each message after “Echo: ”"),
            preset("/echo", "Echoes each message, modified by the options"),
        ]
    }

    /// Address of this endpoint below `origin`, such as `ws://localhost:8080`, with default
    /// options.
    #[must_use]
    pub fn address(&self, origin: &str) -> String {
        let filled = self.path.split('/').map(|segment| match self.option_at(segment) {
            Some(option) => encoded(&option.default),
            None => segment.to_owned(),
        });
        format!("{origin}{}", filled.collect::<Vec<_>>().join("/"))
    }

    /// True if `address` is this endpoint below `origin`, with any options.
    #[must_use]
    pub fn fits(&self, address: &str, origin: &str) -> bool {
        let Some(path) = path_below(origin, path(address)) else { return false };
        let mut segments = path.split('/');
        self.path.split('/').all(|ours| {
            segments.next().is_some_and(|it| it == ours || self.option_at(ours).is_some())
        }) && segments.next().is_none()
    }

    /// Value of an option in `address`; `None` for the server's default, and in a path that is too short.
    #[must_use]
    pub fn value(&self, address: &str, option: &PresetOption) -> Option<String> {
        if option.is_in_path {
            let segment = path(address).rsplit('/').nth(self.segments_behind(option)?)?;
            return Some(decoded(segment));
        }
        let named = parameters(address).into_iter().find(|it| it.name == option.name)?;
        Some(named.value.unwrap_or_default())
    }

    /// True if `address` has all parts of the path that the person chooses, such as the name of a room.
    #[must_use]
    pub fn is_complete(&self, address: &str) -> bool {
        let is_there = |it: &PresetOption| self.value(address, it).is_some_and(|it| !it.is_empty());
        self.options.iter().filter(|it| it.is_in_path).all(is_there)
    }

    /// Sets an option in `address`. An empty or default value is left out.
    #[must_use]
    pub fn with_value(&self, address: &str, option: &PresetOption, value: &str) -> String {
        if option.is_in_path {
            return self.with_segment(address, option, value).unwrap_or(address.to_owned());
        }
        if value.is_empty() || value == option.default {
            return without_named(address, &option.name);
        }
        match parameters(address).iter().position(|it| it.name == option.name) {
            Some(index) => with_value(address, index, value),
            None => with_parameter(address, &option.name, value),
        }
    }

    /// Address with another segment of the path; `None` if it has too few.
    fn with_segment(&self, address: &str, option: &PresetOption, value: &str) -> Option<String> {
        let behind = self.segments_behind(option)?;
        let path = path(address);
        let mut segments: Vec<_> = path.split('/').collect();
        let index = segments.len().checked_sub(behind + 1)?;
        let value = encoded(value);
        segments[index] = &value;
        Some(format!("{}{}", segments.join("/"), &address[path.len()..]))
    }

    /// Option of this path segment.
    fn option_at(&self, segment: &str) -> Option<&PresetOption> {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        self.options.iter().find(|option| option.is_in_path && option.name == name)
    }

    /// Path segments after the segment of `option`.
    fn segments_behind(&self, option: &PresetOption) -> Option<usize> {
        self.path.rsplit('/').position(|segment| self.option_at(segment) == Some(option))
    }
}

/// Address without query and fragment.
fn path(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

/// Names of this machine, at each of which a server that listens at one of them is reached by default.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Path of an address at the server of `origin`; `None` for that of another server.
fn path_below<'a>(origin: &str, address: &'a str) -> Option<&'a str> {
    let below_another_name = || {
        let (scheme, authority) = origin.split_once("://")?;
        let rest = address.strip_prefix(scheme)?.strip_prefix("://")?;
        let port = LOOPBACK.iter().find_map(|name| authority.strip_prefix(name))?;
        LOOPBACK.iter().find_map(|name| rest.strip_prefix(name))?.strip_prefix(port)
    };
    address.strip_prefix(origin).or_else(below_another_name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ORIGIN: &str = "ws://localhost:8080";

    fn option(name: &str, default: &str, is_in_path: bool) -> PresetOption {
        PresetOption {
            name: name.into(),
            default: default.into(),
            is_in_path,
            ..PresetOption::default()
        }
    }

    fn room() -> Preset {
        Preset {
            path: "/room/{room}/talk".into(),
            options: vec![option("room", "lobby", true), option("delay", "0s", false)],
            ..Preset::default()
        }
    }

    #[test]
    fn a_preset_becomes_an_address_with_its_defaults() {
        assert_eq!(Preset::known()[0].address(ORIGIN), "ws://localhost:8080/ws");
        assert_eq!(room().address(ORIGIN), "ws://localhost:8080/room/lobby/talk");
    }

    #[test]
    fn an_address_matches_its_preset() {
        let fits = |address: &str| room().fits(address, ORIGIN);
        assert!(fits("ws://localhost:8080/room/any%20one/talk?delay=1s"));
        assert!(fits("ws://localhost:8080/room//talk"));
        assert!(!fits("ws://localhost:8080/room/a/b/talk"));
        assert!(!fits("ws://localhost:8080/room/a"));
        assert!(!fits("ws://localhost:80/room/a/talk"));
        assert!(!fits("/room/a/talk"));
        // The other names of this machine.
        assert!(fits("ws://127.0.0.1:8080/room/a/talk"));
        assert!(fits("ws://[::1]:8080/room/a/talk?delay=1s"));
        assert!(!fits("ws://localhost.test:8080/room/a/talk"));
        assert!(!fits("wss://127.0.0.1:8080/room/a/talk"));
        assert!(!Preset::known()[0].fits("ws://localhost:8080/ws/", ORIGIN));
    }

    #[test]
    fn an_address_with_an_empty_part_of_its_path_is_incomplete() {
        assert!(room().is_complete("ws://localhost:8080/room/a/talk"));
        assert!(!room().is_complete("ws://localhost:8080/room//talk?delay=1s"));
        assert!(Preset::known()[0].is_complete("ws://localhost:8080/ws"));
    }

    #[test]
    fn options_are_written_to_the_address_and_read_from_it() {
        let preset = room();
        let [room, delay] = &preset.options[..] else { unreachable!("there are two") };
        let address = "ws://localhost:8080/room/lobby/talk?a=%zz";
        assert_eq!(preset.value(address, delay), None);
        let late = preset.with_value(address, delay, "2 s");
        assert_eq!(late, "ws://localhost:8080/room/lobby/talk?a=%zz&delay=2%20s");
        assert_eq!(preset.value(&late, delay).as_deref(), Some("2 s"));
        let moved = preset.with_value(&late, room, "a/b?");
        assert_eq!(moved, "ws://localhost:8080/room/a%2Fb%3F/talk?a=%zz&delay=2%20s");
        assert_eq!(preset.value(&moved, room).as_deref(), Some("a/b?"));
        // The default and nothing are left to the server.
        for value in ["0s", ""] {
            assert_eq!(preset.with_value(&late, delay, value), address);
            assert_eq!(preset.with_value(address, delay, value), address);
        }
    }

    #[test]
    fn an_option_is_removed_in_linear_time() {
        let address = |size| format!("ws://localhost:8080/echo?{}", "delay&".repeat(size));
        growth::assert_linear(1 << 12, address, |address| {
            let [_, delay] = &room().options[..] else { unreachable!("there are two") };
            assert_eq!(room().with_value(&address, delay, ""), "ws://localhost:8080/echo?");
        });
    }

    proptest! {
        #[test]
        fn options_parse_back_and_keep_the_preset(
            query in "(\\?[a-c=&%+]{0,8}(&delay=1s&delay)?)?", values in prop::collection::vec((0..2_usize, any::<String>()), 0..6)
        ) {
            let preset = room();
            let mut address = preset.address(ORIGIN) + &query;
            for (index, value) in values {
                let option = &preset.options[index];
                address = preset.with_value(&address, option, &value);
                prop_assert!(preset.fits(&address, ORIGIN));
                let is_left_out = !option.is_in_path && (value.is_empty() || value == option.default);
                let expected = (!is_left_out).then_some(value);
                prop_assert_eq!(preset.value(&address, option), expected, "{}", address);
            }
        }
    }
}
