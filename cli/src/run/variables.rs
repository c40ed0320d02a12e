//! Variables of a scenario file by flags and environment, secrets, and the section to run.

use clap::Args;
use scenario::Secrets;
use server::environment_variables;

use crate::handshake::secret_value;

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
    #[arg(long, value_name = "NAME=VALUE", value_parser = secret_value())]
    secret: Vec<String>,
}

impl ScenarioFlags {
    /// True if none of them is set.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { only, seed, set, secret } = self;
        only.is_none() && seed.is_none() && set.is_empty() && secret.is_empty()
    }

    /// Variables by precedence: `--set`, `--secret`, then the environment. The error never shows a
    /// value.
    pub(crate) fn variables(&self) -> Result<Vec<(String, String)>, String> {
        let secrets = self
            .secret
            .iter()
            .map(|secret| scenario::assignment(secret))
            .collect::<Result<Vec<_>, _>>()?;
        let environment = environment_variables();
        Ok(self.set.iter().cloned().chain(secrets).chain(environment).collect())
    }

    /// Names of `--set` and `--secret`, each of which has to stand in a file.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let secrets = self.secret.iter().filter_map(|secret| secret.split_once('='));
        let set = self.set.iter().map(|(name, _)| name.as_str());
        set.chain(secrets.map(|(name, _)| name))
    }

    /// Values of `--secret`, which no output shows.
    pub(crate) fn secrets(&self) -> Secrets {
        let values = self.secret.iter().filter_map(|secret| secret.split_once('='));
        Secrets::new(values.map(|(_, value)| value))
    }
}
