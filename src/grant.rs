//! Grants: signed, short-lived proof that an action was allowed, for whoever carries it out and can't ask. What one
//! says, who signs it, and what a system that pays has to compare before it believes one.
//!
//! Pure: the clock, the keys and the answer are given. Knows nothing of files, of the wire, or of why it was allowed.
//!
//! `Allowed → Issuer::issue → token → Trusted::check(Expected) → Claims, or every binding that does not hold`

use std::str::FromStr as _;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::value::{Instant, SECOND};

mod check;
mod issuer;
mod keys;

pub use check::{Binding, Expected, Payment, Refusal, Refused, Trusted};
pub use issuer::{Allowed, Issuer, Signed, Terms, Unfit};
pub use keys::{Fault, Keys};

/// The one algorithm, and the type of token that no other token has.
const ALGORITHM: &str = "EdDSA";
pub const TYPE: &str = "redress-grant+jwt";

/// Who issues grants, and for whom, where nobody says otherwise.
pub const ISSUER: &str = "redress";
pub const AUDIENCE: &str = "payments";

/// How many seconds a grant may hold at most.
pub const LIFETIME_MAX: i64 = 86_400;

/// What the head of a token says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    alg: String,
    typ: String,
    /// Thumbprint of the key.
    kid: String,
}

/// What a grant says. Nothing else may stand in one: a restriction that is not known must not be passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// Seconds since 1970: when it was signed, from when it holds, and from when it holds no more.
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
    /// The decision id.
    pub jti: String,
    pub case_id: String,
    pub case_version: String,
    pub action: String,
    /// The most that may be paid, as exact decimal text; absent where no money may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    pub actor: String,
    pub role: String,
    /// Why the role was believed: `token`, `trusted` or `unchecked`.
    pub role_origin: String,
    /// Who asked, as the service identified the caller; empty where nobody has to show it.
    pub caller: String,
    /// Digest of the policies that allowed it.
    pub bundle: String,
}

/// An amount of money as text has it: digits, and a point with digits behind it.
pub fn amount(text: &str) -> Option<Decimal> {
    const LENGTH_MAX: usize = 20;
    let (whole, parts) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (text.len() <= LENGTH_MAX && digits(whole) && digits(parts)).then(|| Decimal::from_str(text).ok())?
}

/// The whole second that a moment lies in.
fn second(at: Instant) -> i64 {
    at.0.div_euclid(SECOND)
}

#[cfg(test)]
mod tests;
