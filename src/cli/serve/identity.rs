//! What `redress serve` is told of certificates, tokens and whom to believe.

use std::path::PathBuf;

use redress::serve::Exposed;
use redress::serve::identity::{Identity, IdentityError, IdentityOptions, TokenOptions};

#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(next_help_heading = "Who is asking")]
pub struct Args {
    /// Certificate chain of the server, PEM; serves over TLS alone
    #[arg(long, value_name = "FILE", env = "REDRESS_TLS_CERT", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// Private key of the certificate, PEM
    #[arg(long, value_name = "FILE", env = "REDRESS_TLS_KEY", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Authorities of client certificates, PEM; callers have to show one
    #[arg(long, value_name = "FILE", env = "REDRESS_CLIENT_CA", requires = "tls_cert")]
    client_ca: Option<PathBuf>,

    /// Public keys of tokens, a JSON Web Key Set; callers have to send one
    #[arg(
        long,
        value_name = "FILE",
        env = "REDRESS_TOKEN_KEYS",
        requires = "token_issuer",
        requires = "token_audience"
    )]
    token_keys: Option<PathBuf>,

    /// Issuer that tokens must name (`iss`)
    #[arg(long, value_name = "NAME", env = "REDRESS_TOKEN_ISSUER", requires = "token_keys")]
    token_issuer: Option<String>,

    /// Audience that tokens must name (`aud`)
    #[arg(long, value_name = "NAME", env = "REDRESS_TOKEN_AUDIENCE", requires = "token_keys")]
    token_audience: Option<String>,

    /// Claim with the actor's role, or a path such as `/realm_access/roles`
    #[arg(long, value_name = "CLAIM", env = "REDRESS_TOKEN_ROLE_CLAIM", default_value = "role")]
    token_role_claim: String,

    /// Callers that may state their actors' roles, such as `certificate:helpdesk`
    #[arg(long, value_name = "NAME", env = "REDRESS_TRUST_ROLES_FROM", value_delimiter = ',')]
    trust_roles_from: Vec<String>,

    /// Serve other machines without TLS, because something else encrypts
    #[arg(long, env = "REDRESS_INSECURE_PLAINTEXT")]
    insecure_plaintext: bool,

    /// Answer anyone on other machines, because something else keeps them out
    #[arg(long, env = "REDRESS_INSECURE_ANONYMOUS")]
    insecure_anonymous: bool,
}

impl Args {
    /// Reads the files that are named.
    pub fn identity(&self) -> Result<Identity, IdentityError> {
        let tokens = match (&self.token_keys, &self.token_issuer, &self.token_audience) {
            (Some(keys), Some(issuer), Some(audience)) => Some(TokenOptions {
                keys: keys.clone(),
                issuer: issuer.clone(),
                audience: audience.clone(),
                role_claim: self.token_role_claim.clone(),
            }),
            _ => None,
        };
        Identity::load(IdentityOptions {
            certificate: self.tls_cert.clone().zip(self.tls_key.clone()),
            client_authorities: self.client_ca.clone(),
            tokens,
            trusted: self.trust_roles_from.clone(),
        })
    }

    pub fn exposed(&self) -> Exposed {
        Exposed { plaintext: self.insecure_plaintext, anonymous: self.insecure_anonymous }
    }
}
