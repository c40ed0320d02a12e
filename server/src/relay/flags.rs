//! Flags of the relay, and the decision if it is on.

use std::{path::PathBuf, str::FromStr};

use connector::{Resolver, TlsOptions, tls_connector};

/// Relay: who may use it, and what it may use.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Relay")]
pub struct RelayFlags {
    /// Let the page connect through this server: with headers, client certificates and a view of
    /// frames, which browsers do not offer. auto: while every --listen address is a loopback address
    /// and neither --allow-host nor --trusted-proxy is given
    #[arg(
        long = "relay",
        env = "WSBENCH_RELAY",
        value_name = "WHEN",
        value_enum,
        default_value_t = RelayMode::Auto
    )]
    pub mode: RelayMode,
    /// With --relay on, let others use it, too: whoever can open the page, other users of this machine
    /// included, connects with the position in the network, and the client certificates, of this machine
    #[arg(long = "relay-for-others", env = "WSBENCH_RELAY_FOR_OTHERS", value_parser = clap::builder::BoolishValueParser::new())]
    pub for_others: bool,
    /// Let the relay connect to link-local addresses and metadata services of clouds, such as
    /// 169.254.169.254
    #[arg(long = "relay-link-local", env = "WSBENCH_RELAY_LINK_LOCAL", value_parser = clap::builder::BoolishValueParser::new())]
    pub link_local: bool,
    /// Client certificate that the page may choose by its name: chain and key in PEM format;
    /// repeatable
    #[arg(long = "client-cert", env = "WSBENCH_CLIENT_CERT", value_name = "NAME=CERT,KEY")]
    pub identities: Vec<Identity>,
    /// Lookup of names.
    #[arg(skip)]
    pub resolver: Resolver,
}

/// Choice to let pages connect through the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum RelayMode {
    /// Only while nobody but the person at this machine can use it
    #[default]
    Auto,
    /// Always; refuses to start where others could use it, without --relay-for-others
    On,
    /// Never
    Off,
}

/// Client certificate with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Name that the page chooses it by.
    pub name: String,
    /// File with its certificate in PEM format, its own first, then its issuers.
    pub chain: PathBuf,
    /// File with its private key in PEM format, not encrypted.
    pub key: PathBuf,
}

/// Relay that does not start, as a sentence with a remedy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RelayError {
    /// `--relay on` on a server that others can reach, without `--relay-for-others`.
    #[error(
        "--relay on would let others connect through this machine: it can be reached from elsewhere, \
         or --allow-host or --trusted-proxy says so. Listen on localhost only, or add \
         --relay-for-others if that is what you want."
    )]
    ForOthers,
    /// Client certificate that cannot be used.
    #[error("--client-cert {name}: {why}")]
    Identity { name: String, why: String },
}

impl RelayFlags {
    /// True if the relay is on. `is_private`: nobody but the person at this machine can use the server.
    ///
    /// # Errors
    /// [`RelayError`] if it is to be on and must not.
    pub(crate) fn decide(&self, is_private: bool) -> Result<bool, RelayError> {
        match self.mode {
            RelayMode::Off => Ok(false),
            RelayMode::Auto => Ok(is_private),
            RelayMode::On if is_private || self.for_others => Ok(true),
            RelayMode::On => Err(RelayError::ForOthers),
        }
    }

    /// True if others than the person at this machine may use it.
    pub(crate) fn is_for_others(&self) -> bool {
        self.mode == RelayMode::On && self.for_others
    }

    /// Checks that the files of all client certificates can be used.
    ///
    /// # Errors
    /// [`RelayError::Identity`] for the first that cannot.
    pub(crate) fn check_identities(&self) -> Result<(), RelayError> {
        for Identity { name, chain, key } in &self.identities {
            let identity = Some((&**chain, &**key));
            // What a server's certificate must be does not matter here.
            let options = TlsOptions { identity, insecure: true, ..TlsOptions::default() };
            tls_connector(&options).map_err(|error| RelayError::Identity {
                name: name.clone(),
                why: error.to_string(),
            })?;
        }
        Ok(())
    }
}

impl FromStr for Identity {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('=').and_then(|(name, files)| {
            let (chain, key) = files.split_once(',')?;
            Some((name, chain, key))
        });
        match parts {
            Some((name, chain, key)) if ![name, chain, key].contains(&"") => {
                Ok(Self { name: name.to_owned(), chain: chain.into(), key: key.into() })
            }
            _ => Err("write NAME=CERT,KEY, such as work=cert.pem,key.pem"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_on_only_where_the_person_is_alone_or_says_so() {
        let decide = |mode, for_others, is_private| {
            let flags = RelayFlags { mode, for_others, ..RelayFlags::default() };
            flags.decide(is_private).map_err(|error| error.to_string())
        };
        assert_eq!(decide(RelayMode::Auto, false, true), Ok(true));
        assert_eq!(decide(RelayMode::Auto, true, false), Ok(false));
        assert_eq!(decide(RelayMode::On, false, true), Ok(true));
        assert_eq!(decide(RelayMode::On, true, false), Ok(true));
        assert_eq!(decide(RelayMode::Off, true, true), Ok(false));
        assert!(decide(RelayMode::On, false, false).unwrap_err().contains("--relay-for-others"));
    }

    #[test]
    fn a_client_certificate_has_a_name_and_two_files() {
        let work = "work=a.pem,b.pem".parse::<Identity>().unwrap();
        assert_eq!((&*work.name, work.key), ("work", PathBuf::from("b.pem")));
        for wrong in ["", "a.pem,b.pem", "work=a.pem", "=a.pem,b.pem", "work=,b.pem"] {
            assert!(wrong.parse::<Identity>().is_err(), "{wrong}");
        }
    }
}
