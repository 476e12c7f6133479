//! The other end of one connection: who it showed to be when it was opened, and the token it last showed, so that the
//! same one is verified once.

use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderValue;
use rustls::pki_types::CertificateDer;

use super::token::TokenKeys;
use super::{Identity, certificate};
use crate::rpc::caller::Caller;
use crate::value::Instant;

/// The other end of a connection.
#[derive(Default)]
pub struct Peer {
    pub(super) certificate: Option<Arc<Caller>>,
    token: Mutex<Option<Remembered>>,
}

/// A token that was found good.
struct Remembered {
    shown: HeaderValue,
    /// By these keys; after a rotation it is verified anew.
    keys: Arc<TokenKeys>,
    until: Instant,
    caller: Arc<Caller>,
}

impl Peer {
    /// One that has shown these certificates, which were verified.
    pub fn new(identity: &Identity, chain: Option<&[CertificateDer<'_>]>) -> Self {
        let first = chain.and_then(|chain| chain.first()).filter(|_| identity.certificates);
        let name = first.and_then(|first| certificate::name(first));
        Self { certificate: name.map(|name| identity.of_certificate(&name)), token: Mutex::default() }
    }

    pub(super) fn remembered(&self, shown: &HeaderValue, keys: &Arc<TokenKeys>, now: Instant) -> Option<Arc<Caller>> {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |token: &&Remembered| token.shown == *shown && Arc::ptr_eq(&token.keys, keys) && now < token.until;
        token.as_ref().filter(same).map(|token| Arc::clone(&token.caller))
    }

    pub(super) fn remember(&self, shown: &HeaderValue, keys: &Arc<TokenKeys>, until: Instant, caller: &Arc<Caller>) {
        let remembered = Remembered { shown: shown.clone(), keys: Arc::clone(keys), until, caller: Arc::clone(caller) };
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(remembered);
    }
}
