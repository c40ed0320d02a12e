//! Variables of a scenario file by flags and environment, secrets, and the section to run.

use clap::Args;
use scenario::Secrets;
use server::{environment_variables, secret_variable};

// No doc comment: clap would take it for the description of the command.
#[derive(Args)]
pub(crate) struct ScenarioFlags {
    /// Run this section only
    #[arg(long, value_name = "SECTION")]
    pub(crate) only: Option<String>,
    /// Seed of the random values, to repeat a run
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
    /// Set a variable of the scenario; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = scenario::assignment)]
    set: Vec<(String, String)>,
    /// Set a secret variable, printed as ***; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = secret_variable())]
    secret: Vec<(String, String)>,
}

impl ScenarioFlags {
    /// True if none of them is set.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { only, seed, set, secret } = self;
        only.is_none() && seed.is_none() && set.is_empty() && secret.is_empty()
    }

    /// Variables by precedence: `--set`, `--secret`, then the environment.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let given = self.set.iter().chain(&self.secret).cloned();
        given.chain(environment_variables()).collect()
    }

    /// Names of `--set` and `--secret`, each of which has to stand in a file.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.set.iter().chain(&self.secret).map(|(name, _)| name.as_str())
    }

    /// Values of `--secret`, which no output shows.
    pub(crate) fn secrets(&self) -> Secrets {
        Secrets::new(self.secret.iter().map(|(_, value)| value.as_str()))
    }
}
