//! What `redress serve` is told of grants.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use redress::grant::{AUDIENCE, ISSUER};
use redress::serve::grants::{GrantError, GrantOptions, Grants};

use super::duration;

#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(next_help_heading = "Grants")]
pub struct Args {
    /// Ed25519 keys, PEM: the first private one signs grants; `redress grant key --new` makes one [default: none are signed]
    #[arg(long, value_name = "FILE", env = "REDRESS_GRANT_KEY")]
    grant_key: Option<PathBuf>,

    /// Issuer that grants name (`iss`)
    #[arg(long, value_name = "NAME", env = "REDRESS_GRANT_ISSUER", default_value = ISSUER, requires = "grant_key")]
    grant_issuer: String,

    /// Audience that grants name (`aud`): the system that pays
    #[arg(long, value_name = "NAME", env = "REDRESS_GRANT_AUDIENCE", default_value = AUDIENCE, requires = "grant_key")]
    grant_audience: String,

    /// How long a grant holds, from a second to a day
    #[arg(long, value_name = "TIME", env = "REDRESS_GRANT_LIFETIME", default_value = "5m", requires = "grant_key", value_parser = duration)]
    grant_lifetime: Duration,
}

impl Args {
    /// Reads the file that is named.
    pub fn grants(&self) -> Result<Option<Arc<Grants>>, GrantError> {
        let Some(keys) = self.grant_key.clone() else { return Ok(None) };
        let (issuer, audience) = (self.grant_issuer.clone(), self.grant_audience.clone());
        let grants = Grants::load(GrantOptions { keys, issuer, audience, lifetime: self.grant_lifetime })?;
        Ok(Some(Arc::new(grants)))
    }
}
