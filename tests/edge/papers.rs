//! What callers show: certificates from an authority of our own, and tokens signed as an issuer would, well or badly.

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use redress::clock;
use redress::value::SECOND;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

/// A directory for files that a server is given.
pub struct Desk(tempfile::TempDir);

impl Desk {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file as careful programs do: beside it, and then in its place.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let (file, beside) = (self.file(name), self.file("beside"));
        fs::write(&beside, text).unwrap();
        fs::rename(&beside, &file).unwrap();
        file
    }
}

/// An authority.
pub struct Authority {
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key.
pub struct Pair {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// A certificate for a host, or another name that can stand beside hosts.
    pub fn pair(&self, name: &str) -> Pair {
        self.issue(&CertificateParams::new(vec![name.to_owned()]).unwrap())
    }

    /// A certificate with a common name alone.
    pub fn pair_in_common(&self, name: &str) -> Pair {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        self.issue(&params)
    }

    pub fn expired(&self, name: &str) -> Pair {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (rcgen::date_time_ymd(2020, 1, 1), rcgen::date_time_ymd(2021, 1, 1));
        self.issue(&params)
    }

    fn issue(&self, params: &CertificateParams) -> Pair {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Pair { certificate, key: key.serialize_pem() }
    }
}

/// Whoever signs tokens, with one key.
pub struct Signer {
    key: EcdsaKeyPair,
    pub id: String,
}

pub const ISSUER: &str = "https://login.example";
pub const AUDIENCE: &str = "redress";

impl Signer {
    pub fn new(id: &str) -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
        Self { key, id: id.to_owned() }
    }

    pub fn public(&self) -> &[u8] {
        self.key.public_key().as_ref()
    }

    /// Its public key as a key set has it.
    pub fn jwk(&self) -> Value {
        let (x, y) = self.public()[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "kid": self.id, "x": encoded(x), "y": encoded(y) })
    }

    pub fn keys(&self) -> String {
        json!({ "keys": [self.jwk()] }).to_string()
    }

    pub fn sign(&self, claims: &Value) -> String {
        self.sign_as(&json!({ "alg": "ES256", "kid": self.id }), claims)
    }

    pub fn sign_as(&self, head: &Value, claims: &Value) -> String {
        let signed = unsigned(head, claims);
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", encoded(signature.as_ref()))
    }
}

/// What is claimed, good for a minute, with changes: `null` leaves a claim out.
pub fn claims(changes: &Value) -> Value {
    let now = clock::now().0 / SECOND;
    let mut claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "a17", "role": "agent", "iat": now, "nbf": now, "exp": now + 60,
    });
    let of = claims.as_object_mut().unwrap();
    of.extend(changes.as_object().unwrap().clone());
    of.retain(|_, claim| !claim.is_null());
    claims
}

/// Seconds from now.
pub fn in_seconds(seconds: i64) -> i64 {
    clock::now().0 / SECOND + seconds
}

pub fn unsigned(head: &Value, claims: &Value) -> String {
    format!("{}.{}", encoded(head.to_string().as_bytes()), encoded(claims.to_string().as_bytes()))
}

pub fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
