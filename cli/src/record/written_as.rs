//! Scenario file of recordings.

use std::collections::BTreeSet;

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use scenario::{Diagnostic, Recording, Side, Written};
use server::secret_variable;

use crate::process::{Exit, print_error, print_notice};

/// Flags of what is written.
#[derive(Args)]
pub(super) struct WrittenAs {
    /// Kind of scenario file: a test of the server, or a mock of it
    #[arg(long = "as", value_name = "SIDE", default_value = "test", value_parser = side())]
    side: Side,
    /// Replace VALUE with {{NAME}} everywhere; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = secret_variable())]
    secret: Vec<(String, String)>,
}

/// Parser of a side, by the file that takes it.
fn side() -> impl TypedValueParser<Value = Side> {
    let side = |name: String| if name == "mock" { Side::Server } else { Side::Client };
    PossibleValuesParser::new(["test", "mock"]).map(side)
}

impl WrittenAs {
    /// Content of the file, and the parts left out. `order` has the recording of each fact; empty
    /// for connections one after the other.
    pub(super) fn convert(
        &self,
        recordings: &[Recording],
        order: &[usize],
    ) -> Result<Written, Vec<Diagnostic>> {
        scenario::write(recordings, order, self.side, &self.secret)
    }

    /// Content of the file. Prints the parts left out; `goes_on` tells that the recordings are cut.
    pub(super) fn write(
        &self,
        recordings: &[Recording],
        order: &[usize],
        goes_on: bool,
    ) -> Result<String, Exit> {
        let written = self.convert(recordings, order).map_err(|mistakes| {
            for mistake in &mistakes {
                print_error(&format!("Cannot save the recording: {mistake}"));
            }
            Exit::Usage
        })?;
        for index in written.left_out {
            print_error(&format!(
                "Connection {} omitted: same path and subprotocols as an earlier connection.",
                index + 1
            ));
        }
        if written.is_cut || goes_on {
            print_error("Recording truncated: a scenario file can be at most 1 MiB.");
        }
        tell_variables(&written.variables);
        Ok(written.text)
    }
}

/// Prints the variables that a run of the file needs.
fn tell_variables(names: &BTreeSet<String>) {
    if names.is_empty() {
        return;
    }
    let flags: Vec<_> = names.iter().map(|name| format!("--secret {name}=…")).collect();
    print_notice(&format!("Values were left out. To run the file, set: {}", flags.join(" ")));
}
