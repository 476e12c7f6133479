//! The server's side of TLS, made from PEM files: certificate chain, private key, and the authorities of clients.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{Error, RootCertStore, ServerConfig};

use super::certificate;
use crate::clock;
use crate::serve::rotating::{Contents, Unsound, wrong};
use crate::value::Instant;

/// HTTP/2 for gRPC, HTTP/1.1 for JSON and gRPC-Web.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// What connections are accepted with.
pub struct Tls {
    pub config: Arc<ServerConfig>,
    /// When the server's certificate expires.
    pub expires: Instant,
}

impl Tls {
    /// Reads certificate, key and, where clients show certificates too, their authorities. `either` lets clients in
    /// without one.
    pub fn read(files: &[Contents], either: bool) -> Result<Self, Unsound> {
        let provider = Arc::new(ring::default_provider());
        let [(chain_file, chain), (key_file, key), authorities @ ..] = files else {
            return Err(wrong(Path::new(""), "is not there"));
        };
        let chain = certificates(chain_file, chain)?;
        let expires = end_of(chain_file, &chain)?;
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|_| wrong(key_file, "holds no private key in PEM; write it without a password"))?;
        let certified = CertifiedKey::from_der(chain, key, &provider).map_err(|problem| {
            let strange = matches!(problem, Error::InconsistentKeys(_));
            let reason = if strange {
                format!("is not the key of the certificate in `{}`", chain_file.display())
            } else {
                format!("can't be used: {problem}")
            };
            wrong(key_file, reason)
        })?;
        let versions = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|problem| wrong(key_file, format!("can't be used: {problem}")))?;
        let verified = match authorities {
            [] => versions.with_no_client_auth(),
            [(file, bytes), ..] => versions.with_client_cert_verifier(clients(file, bytes, either, provider)?),
        };
        let mut config = verified.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        config.alpn_protocols = PROTOCOLS.iter().map(|name| name.to_vec()).collect();
        Ok(Self { config: Arc::new(config), expires })
    }
}

/// Verifies clients by the authorities of a file.
fn clients(
    file: &Path,
    bytes: &[u8],
    either: bool,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, Unsound> {
    let mut roots = RootCertStore::empty();
    for authority in certificates(file, bytes)? {
        roots.add(authority).map_err(|problem| wrong(file, format!("holds no usable authority: {problem}")))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let verifier = if either { verifier.allow_unauthenticated() } else { verifier };
    verifier.build().map_err(|problem| wrong(file, format!("holds no usable authority: {problem}")))
}

fn certificates(file: &Path, bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, Unsound> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    let read = read.map_err(|_| wrong(file, "is no sound PEM"))?;
    if read.is_empty() { Err(wrong(file, "holds no certificate in PEM")) } else { Ok(read) }
}

/// When the first of a chain expires; one that has expired is of no use.
fn end_of(file: &Path, chain: &[CertificateDer<'_>]) -> Result<Instant, Unsound> {
    let end = chain.first().and_then(|first| certificate::expires(first));
    let end = end.ok_or_else(|| wrong(file, "holds no sound certificate"))?;
    if end < clock::now() { Err(wrong(file, "holds a certificate that has expired")) } else { Ok(end) }
}
