//! Signs grants, with the keys that are live.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rust_decimal::Decimal;

use super::keys::Keys;
use super::{ALGORITHM, Claims, Head, LIFETIME_MAX, TYPE, second};
use crate::signing::jws;
use crate::value::{Instant, SECOND};

/// What every grant of an issuer has in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    issuer: String,
    audience: String,
    /// In seconds.
    lifetime: i64,
}

/// Why terms can't be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("a grant's issuer and audience can't be empty")]
    Unnamed,
    #[error("a grant holds for at least a second and at most a day, in whole seconds")]
    Lifetime,
}

impl Terms {
    /// `lifetime` is in seconds.
    pub fn new(issuer: &str, audience: &str, lifetime: i64) -> Result<Self, Unfit> {
        if issuer.is_empty() || audience.is_empty() {
            return Err(Unfit::Unnamed);
        }
        if !(1..=LIFETIME_MAX).contains(&lifetime) {
            return Err(Unfit::Lifetime);
        }
        Ok(Self { issuer: issuer.to_owned(), audience: audience.to_owned(), lifetime })
    }
}

/// An action that was allowed.
#[derive(Debug, Clone, Copy)]
pub struct Allowed<'a> {
    pub decision_id: &'a str,
    pub case_id: &'a str,
    pub case_version: &'a str,
    pub action: &'a str,
    /// The most that may be paid; `None` where no money may be.
    pub amount: Option<Decimal>,
    pub currency: &'a str,
    pub actor: &'a str,
    pub role: &'a str,
    pub role_origin: &'a str,
    pub caller: &'a str,
    pub bundle: &'a str,
    /// The present moment, for which it was allowed.
    pub now: Instant,
    /// When the answer may change of itself.
    pub next_change_at: Option<Instant>,
}

/// A grant.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed {
    pub token: String,
    pub expires_at: Instant,
    /// Name of the key that signed it.
    pub key: String,
}

impl std::fmt::Debug for Signed {
    /// Without the token: whoever has it may be paid.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { token: _, expires_at, key } = self;
        f.debug_struct("Signed").field("expires_at", expires_at).field("key", key).finish_non_exhaustive()
    }
}

/// Issues grants.
#[derive(Debug)]
pub struct Issuer {
    terms: Terms,
    keys: ArcSwap<Keys>,
}

impl Issuer {
    pub fn new(terms: Terms, keys: Arc<Keys>) -> Self {
        Self { terms, keys: ArcSwap::new(keys) }
    }

    /// Signs with other keys from now on.
    pub fn replace(&self, keys: Arc<Keys>) {
        self.keys.store(keys);
    }

    pub fn keys(&self) -> Arc<Keys> {
        self.keys.load_full()
    }

    /// Signs a grant for what was allowed; `None` only where it can't be written. It holds no longer than the answer
    /// does: rounded down to the second, but for a second at least, as clocks are never nearer to each other.
    pub fn issue(&self, allowed: &Allowed<'_>) -> Option<Signed> {
        let Terms { issuer, audience, lifetime } = &self.terms;
        let from = second(allowed.now);
        let until = from.saturating_add(*lifetime);
        let until = allowed.next_change_at.map_or(until, |change| until.min(second(change)));
        let until = until.max(from.saturating_add(1));
        let money = allowed.amount.map(|amount| (format!("{amount:.2}"), allowed.currency.to_owned()));
        let (amount, currency) = money.unzip();
        let claims = Claims {
            iss: issuer.clone(),
            aud: audience.clone(),
            iat: from,
            nbf: from,
            exp: until,
            jti: allowed.decision_id.to_owned(),
            case_id: allowed.case_id.to_owned(),
            case_version: allowed.case_version.to_owned(),
            action: allowed.action.to_owned(),
            amount,
            currency,
            actor: allowed.actor.to_owned(),
            role: allowed.role.to_owned(),
            role_origin: allowed.role_origin.to_owned(),
            caller: allowed.caller.to_owned(),
            bundle: allowed.bundle.to_owned(),
        };
        let keys = self.keys.load();
        let head = Head { alg: ALGORITHM.to_owned(), typ: TYPE.to_owned(), kid: keys.name.clone() };
        let (head, claims) = (serde_json::to_vec(&head).ok()?, serde_json::to_vec(&claims).ok()?);
        let token = jws::sign(&head, &claims, &keys.signing);
        Some(Signed { token, expires_at: Instant(until.saturating_mul(SECOND)), key: keys.name.clone() })
    }
}
