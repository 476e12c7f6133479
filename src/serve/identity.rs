//! Who is asking: the server's own certificate, the callers' certificates and tokens, and whose word on roles counts.
//!
//! Owns the files of all that and their rotation: what is wrong at the start is refused, what is wrong later changes
//! nothing and is told. Knows nothing of calls; what a caller may do is `rpc::caller`'s.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header};
use tokio_rustls::TlsAcceptor;
use tonic::Status;

use super::rotating::{Rotating, Unsound};
use crate::clock;
use crate::rpc::caller::{Caller, Callers, Roles};
use crate::value::Instant;

mod certificate;
mod peer;
mod tls;
mod token;

pub use peer::Peer;
use tls::Tls;
use token::{Expected, TokenKeys};

/// What the service shows of itself, and how its callers show who they are.
#[derive(Debug, Clone, Default)]
pub struct IdentityOptions {
    /// Files of the server's certificate chain and private key, both PEM.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// File with the authorities, PEM, that vouch for clients' certificates.
    pub client_authorities: Option<PathBuf>,
    pub tokens: Option<TokenOptions>,
    /// Callers that may state any role for their actors: `certificate:NAME`, `token:NAME`.
    pub trusted: Vec<String>,
}

/// Which tokens are accepted.
#[derive(Debug, Clone)]
pub struct TokenOptions {
    /// File with the public keys that sign them, a JSON Web Key Set.
    pub keys: PathBuf,
    pub issuer: String,
    pub audience: String,
    /// The claim with the actor's role or roles: its name, or the path to it as a JSON pointer, `/realm_access/roles`.
    pub role_claim: String,
}

/// Why the service can't show who it is, or tell who asks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    #[error(transparent)]
    File(#[from] Unsound),
    #[error("client certificates come over TLS alone: give the server a certificate and a key too")]
    ClientsWithoutTls,
    #[error("write `{0}` as `certificate:NAME` or `token:NAME`, as the log names callers")]
    TrustedUnnamed(String),
    #[error("roles can't be trusted from `{0}`: callers do not show who they are that way here")]
    TrustedUnseen(String),
    #[error("a token's issuer, audience and role claim can't be empty")]
    TokenUnpinned,
}

/// Who we are, and who may ask.
pub struct Identity {
    tls: Option<Rotating<Tls>>,
    tokens: Option<Tokens>,
    certificates: bool,
    trusted: Vec<String>,
}

struct Tokens {
    keys: Rotating<TokenKeys>,
    expected: Expected,
}

impl Identity {
    /// Nobody has to show anything, and we neither.
    pub fn none() -> Self {
        Self { tls: None, tokens: None, certificates: false, trusted: Vec::new() }
    }

    /// Reads all files; whatever is wrong with one is an error.
    pub fn load(options: IdentityOptions) -> Result<Self, IdentityError> {
        let IdentityOptions { certificate, client_authorities, tokens, trusted } = options;
        for name in &trusted {
            match name.split_once(':') {
                Some(("certificate", of)) if !of.is_empty() => {
                    if client_authorities.is_none() {
                        return Err(IdentityError::TrustedUnseen(name.clone()));
                    }
                }
                Some(("token", of)) if !of.is_empty() => {
                    if tokens.is_none() {
                        return Err(IdentityError::TrustedUnseen(name.clone()));
                    }
                }
                _ => return Err(IdentityError::TrustedUnnamed(name.clone())),
            }
        }
        let certificates = client_authorities.is_some();
        // Who also takes tokens lets those in who show one instead.
        let either = tokens.is_some();
        let tls = match (certificate, client_authorities) {
            (None, None) => None,
            (None, Some(_)) => return Err(IdentityError::ClientsWithoutTls),
            (Some((certificate, key)), authorities) => {
                let files = [Some(certificate), Some(key), authorities].into_iter().flatten().collect();
                Some(Rotating::load("certificate", files, move |files| Tls::read(files, either))?)
            }
        };
        let tokens = match tokens {
            None => None,
            Some(TokenOptions { keys, issuer, audience, role_claim }) => {
                if [&issuer, &audience, &role_claim].iter().any(|pinned| pinned.is_empty()) {
                    return Err(IdentityError::TokenUnpinned);
                }
                let keys = Rotating::load("token keys", vec![keys], TokenKeys::read)?;
                Some(Tokens { keys, expected: Expected { issuer, audience, role_claim } })
            }
        };
        Ok(Self { tls, tokens, certificates, trusted })
    }

    /// Whether callers have to show who they are.
    pub fn callers(&self) -> Callers {
        if self.certificates || self.tokens.is_some() { Callers::Known } else { Callers::Anyone }
    }

    pub fn has_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// When the server's certificate expires.
    pub fn expires(&self) -> Option<Instant> {
        self.tls.as_ref().map(|tls| tls.live().expires)
    }

    /// What the newest connection is accepted with.
    pub fn acceptor(&self) -> Option<TlsAcceptor> {
        self.tls.as_ref().map(|tls| TlsAcceptor::from(Arc::clone(&tls.live().config)))
    }

    /// Looks whether the files have changed: what is sound is used from now on, what is not is logged once. Tells how
    /// many were refused.
    pub fn look(&self) -> usize {
        let tls = self.tls.as_ref().is_none_or(Rotating::look);
        let keys = self.tokens.as_ref().is_none_or(|tokens| tokens.keys.look());
        [tls, keys].into_iter().filter(|sound| !sound).count()
    }

    /// Whether there are files to look at.
    pub fn rotates(&self) -> bool {
        self.tls.is_some() || self.tokens.is_some()
    }

    /// Who asks: `None` where nobody has to show it.
    pub fn identify(&self, headers: &HeaderMap, peer: &Peer) -> Result<Option<Arc<Caller>>, Status> {
        if self.callers() == Callers::Anyone {
            return Ok(None);
        }
        let shown = headers.get(header::AUTHORIZATION);
        match (&self.tokens, shown, &peer.certificate) {
            (Some(tokens), Some(token), certificate) => {
                self.of_token(tokens, token, certificate.as_ref(), peer).map(Some).map_err(Status::unauthenticated)
            }
            (_, _, Some(certificate)) => Ok(Some(Arc::clone(certificate))),
            (Some(_), None, None) => Err(Status::unauthenticated("send a token: `authorization: Bearer …`")),
            (None, _, None) => Err(Status::unauthenticated("show a client certificate")),
        }
    }

    /// The caller whose certificate was shown, and verified, when the connection was opened.
    fn of_certificate(&self, name: &str) -> Arc<Caller> {
        let name: Box<str> = format!("certificate:{name}").into();
        let roles = if self.trusts(&name) { Roles::Stated } else { Roles::Verified(Box::default()) };
        Arc::new(Caller { name, roles })
    }

    fn of_token(
        &self,
        tokens: &Tokens,
        shown: &HeaderValue,
        certificate: Option<&Arc<Caller>>,
        peer: &Peer,
    ) -> Result<Arc<Caller>, String> {
        let (keys, now) = (tokens.keys.live(), clock::now());
        if let Some(caller) = peer.remembered(shown, &keys, now) {
            return Ok(caller);
        }
        let said = shown.to_str().ok().and_then(|said| said.split_once(' '));
        let token = said.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
        let token = token.ok_or("the header `authorization` has to be `Bearer` and a token")?;
        let verified = keys.verify(token, &tokens.expected, now)?;
        let name: Box<str> = format!("token:{}", verified.subject).into();
        let vouched_for = certificate.is_some_and(|caller| caller.roles == Roles::Stated);
        let stated = self.trusts(&name) || (verified.roles.is_empty() && vouched_for);
        let roles = if stated { Roles::Stated } else { Roles::Verified(verified.roles) };
        let caller = Arc::new(Caller { name, roles });
        peer.remember(shown, &keys, verified.until, &caller);
        Ok(caller)
    }

    fn trusts(&self, name: &str) -> bool {
        self.trusted.iter().any(|trusted| trusted == name)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tls, tokens, certificates, trusted } = self;
        let (tls, tokens) = (tls.is_some(), tokens.is_some());
        write!(f, "Identity {{ tls: {tls}, tokens: {tokens}, certificates: {certificates}, trusted: {trusted:?} }}")
    }
}
