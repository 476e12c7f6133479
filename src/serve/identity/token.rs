//! JSON Web Tokens, verified with the keys of a file.
//!
//! The key says which algorithms may be used with it, never the token: `none` has no key, and a symmetric key is never
//! taken from the file. What is claimed is read only after the signature is found good.

use ring::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::certificate;
use crate::serve::rotating::{Contents, Unsound, wrong};
use crate::signing::jws::{self, decoded};
use crate::value::{Instant, SECOND};

/// How far the clocks of issuer and service may lie apart.
const LEEWAY: i64 = 30 * SECOND;

/// How many keys a file may hold, and roles a token.
const KEYS_MAX: usize = 100;
const ROLES_MAX: usize = 100;

/// What every token has to say.
pub struct Expected {
    pub issuer: String,
    pub audience: String,
    pub role_claim: String,
}

/// What a good token says.
#[derive(Debug)]
pub struct Verified {
    pub subject: String,
    pub roles: Box<[Box<str>]>,
    /// From then on it is no longer good.
    pub until: Instant,
}

/// The keys that sign tokens.
pub struct TokenKeys(Vec<Key>);

struct Key {
    id: Option<String>,
    /// The one algorithm that the file allows it for, if it says so.
    algorithm: Option<String>,
    material: Material,
}

enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// An elliptic curve's point, with the algorithm of the curve.
    Point {
        names: &'static [&'static str],
        by: &'static dyn VerificationAlgorithm,
        point: Vec<u8>,
    },
}

/// A key as the file has it.
#[derive(Deserialize)]
struct Written {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct WrittenKeys {
    keys: Vec<Written>,
}

/// What a token says of its signature.
#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood; we know none.
    crit: Option<serde::de::IgnoredAny>,
}

impl TokenKeys {
    /// Reads a JSON Web Key Set.
    pub fn read(files: &[Contents]) -> Result<Self, Unsound> {
        let Some((file, bytes)) = files.first() else { return Ok(Self(Vec::new())) };
        let written: WrittenKeys = serde_json::from_slice(bytes)
            .map_err(|problem| wrong(file, format!("is no JSON Web Key Set: {problem}")))?;
        if written.keys.len() > KEYS_MAX {
            return Err(wrong(file, format!("holds more than {KEYS_MAX} keys")));
        }
        let mut keys = Vec::new();
        for key in written.keys {
            if key.kty == "oct" || key.d.is_some() {
                return Err(wrong(file, "holds a secret key; tokens are verified with public keys alone"));
            }
            // Keys for other purposes, and kinds that we don't know, verify nothing here.
            if key.purpose.as_deref().is_none_or(|purpose| purpose == "sig") {
                keys.extend(key.read());
            }
        }
        if keys.is_empty() {
            return Err(wrong(file, "holds no RSA, P-256, P-384 or Ed25519 key that signs"));
        }
        Ok(Self(keys))
    }

    /// Whose token it is, if it is good at this moment; or else what is wrong with it.
    pub fn verify(&self, token: &str, expected: &Expected, now: Instant) -> Result<Verified, String> {
        let malformed = || "the token is no signed JSON Web Token".to_owned();
        let jws::Parts { signed, head, payload, signature } = jws::take_apart(token).ok_or_else(malformed)?;
        let head: Head = serde_json::from_slice(&head).map_err(|_| malformed())?;
        if head.crit.is_some() {
            return Err("the token asks for an extension that is not known".into());
        }
        let key = self.key(&head)?;
        if !key.verifies(&head.alg, signed.as_bytes(), &signature) {
            return Err("the token's signature is not good".into());
        }
        let claims: Map<String, Value> = serde_json::from_slice(&payload).map_err(|_| malformed())?;
        expected.check(claims, now)
    }

    /// The key that a token names; where it names none, the only one that fits.
    fn key(&self, head: &Head) -> Result<&Key, String> {
        let named = |key: &&Key| head.kid.is_none() || key.id == head.kid;
        let mut fitting = self.0.iter().filter(named).filter(|key| key.allows(&head.alg));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err("the token is signed by a key, or in a way, that is not known".into()),
            (Some(_), Some(_)) => Err("the token has to name the key that signed it, with `kid`".into()),
        }
    }
}

impl Expected {
    fn check(&self, claims: Map<String, Value>, now: Instant) -> Result<Verified, String> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("iss") != Some(&self.issuer) {
            return Err("the token is of another issuer".into());
        }
        let for_us = match claims.get("aud") {
            Some(Value::Array(all)) => all.iter().any(|one| one.as_str() == Some(&self.audience)),
            one => one.and_then(Value::as_str) == Some(&self.audience),
        };
        if !for_us {
            return Err("the token is for another audience".into());
        }
        let moment = |name: &str| {
            let said = claims.get(name).map(moment);
            said.map(|said| said.ok_or_else(|| format!("the token's `{name}` is no moment"))).transpose()
        };
        let until = moment("exp")?.ok_or("the token has no end: `exp` is missing")?;
        let until = Instant(until.0.saturating_add(LEEWAY));
        if until <= now {
            return Err("the token has expired".into());
        }
        if moment("nbf")?.is_some_and(|from| now.0.saturating_add(LEEWAY) < from.0) {
            return Err("the token is not good yet".into());
        }
        let subject = text("sub").filter(|subject| certificate::is_plain(subject));
        let subject = subject.ok_or("the token does not say whose it is: `sub` is missing")?.to_owned();
        let claimed = if self.role_claim.starts_with('/') {
            Value::Object(claims).pointer(&self.role_claim).cloned()
        } else {
            claims.get(&self.role_claim).cloned()
        };
        let roles = match claimed {
            Some(Value::String(role)) => vec![role.into()],
            Some(Value::Array(all)) => {
                all.iter().take(ROLES_MAX).filter_map(|role| role.as_str().map(Box::from)).collect()
            }
            _ => Vec::new(),
        };
        Ok(Verified { subject, roles: roles.into(), until })
    }
}

impl Written {
    fn read(self) -> Option<Key> {
        let Self { kty, kid, alg, crv, n, e, x, y, purpose: _, d: _ } = self;
        let bytes = |text: Option<String>| text.and_then(|text| decoded(&text));
        let material = match (&*kty, crv.as_deref()) {
            ("RSA", _) => Material::Rsa { modulus: number(bytes(n)?), exponent: number(bytes(e)?) },
            ("EC", Some("P-256")) => {
                let point = point(&bytes(x)?, &bytes(y)?, 32)?;
                Material::Point { names: &["ES256"], by: &signature::ECDSA_P256_SHA256_FIXED, point }
            }
            ("EC", Some("P-384")) => {
                let point = point(&bytes(x)?, &bytes(y)?, 48)?;
                Material::Point { names: &["ES384"], by: &signature::ECDSA_P384_SHA384_FIXED, point }
            }
            ("OKP", Some("Ed25519")) => {
                Material::Point { names: &["EdDSA", "Ed25519"], by: &signature::ED25519, point: bytes(x)? }
            }
            _ => return None,
        };
        Some(Key { id: kid, algorithm: alg, material })
    }
}

impl Key {
    fn allows(&self, algorithm: &str) -> bool {
        let fits = match &self.material {
            Material::Rsa { .. } => rsa(algorithm).is_some(),
            Material::Point { names, .. } => names.contains(&algorithm),
        };
        fits && self.algorithm.as_deref().is_none_or(|only| only == algorithm)
    }

    fn verifies(&self, algorithm: &str, signed: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Rsa { modulus, exponent } => rsa(algorithm).is_some_and(|by| {
                RsaPublicKeyComponents { n: modulus, e: exponent }.verify(by, signed, signature).is_ok()
            }),
            Material::Point { by, point, .. } => UnparsedPublicKey::new(*by, point).verify(signed, signature).is_ok(),
        }
    }
}

fn rsa(algorithm: &str) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        "RS256" => &signature::RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &signature::RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &signature::RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
        "PS384" => &signature::RSA_PSS_2048_8192_SHA384,
        "PS512" => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

/// A number's bytes without leading zeros, which some write and `ring` refuses.
fn number(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().skip_while(|byte| *byte == 0).collect()
}

/// An uncompressed point of a curve.
fn point(x: &[u8], y: &[u8], size: usize) -> Option<Vec<u8>> {
    (x.len() == size && y.len() == size).then(|| [&[4], x, y].concat())
}

/// A moment in seconds since 1970; parts of a second are left out.
fn moment(said: &Value) -> Option<Instant> {
    let Value::Number(number) = said else { return None };
    let seconds: i64 = number.to_string().split('.').next()?.parse().ok()?;
    Some(Instant(seconds.saturating_mul(SECOND)))
}
