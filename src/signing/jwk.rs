//! Public keys for others: JSON Web Key Sets (RFC 7517), where a key's name is its own thumbprint (RFC 7638).

use ring::digest;
use serde::Deserialize;
use serde_json::json;

use super::jws::{decoded, encoded};
use super::{PUBLIC_BYTES, PublicKey};

/// How many keys a set may hold.
const KEYS_MAX: usize = 100;

/// The name of a key, which follows from it.
pub fn thumbprint(key: &PublicKey) -> String {
    let x = encoded(key.bytes());
    // The members that the RFC names, in its order.
    let text = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    encoded(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// A key set as others read it.
pub fn written<'k>(keys: impl IntoIterator<Item = &'k PublicKey>) -> String {
    let keys = keys.into_iter().map(|key| {
        let x = encoded(key.bytes());
        json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": thumbprint(key), "x": x })
    });
    let mut text = format!("{:#}", json!({ "keys": keys.collect::<Vec<_>>() }));
    text.push('\n');
    text
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Key>,
}

/// A key as a set has it; what else it says is not looked at.
#[derive(Deserialize)]
struct Key {
    kty: String,
    crv: Option<String>,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    x: Option<String>,
    d: Option<serde::de::IgnoredAny>,
    k: Option<serde::de::IgnoredAny>,
}

/// What is wrong with a key set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    NoSet,
    TooMany,
    /// A secret one: whoever can verify could sign.
    Secret,
    /// An Ed25519 key whose name is not its thumbprint, or that is none.
    Misnamed,
    /// No Ed25519 key that signs.
    None,
}

/// Reads the Ed25519 keys of a set, with their names. Keys of other kinds and for other ends are passed over.
pub fn read(text: &[u8]) -> Result<Vec<(String, PublicKey)>, Fault> {
    let set: Set = serde_json::from_slice(text).map_err(|_| Fault::NoSet)?;
    if set.keys.len() > KEYS_MAX {
        return Err(Fault::TooMany);
    }
    let mut keys: Vec<(String, PublicKey)> = Vec::new();
    for key in set.keys {
        let Key { kty, crv, kid, alg, purpose, x, d, k } = key;
        if kty == "oct" || d.is_some() || k.is_some() {
            return Err(Fault::Secret);
        }
        let signs = purpose.is_none_or(|purpose| purpose == "sig") && alg.is_none_or(|alg| alg == "EdDSA");
        if kty != "OKP" || crv.as_deref() != Some("Ed25519") || !signs {
            continue;
        }
        let bytes = x.and_then(|x| decoded(&x)).filter(|bytes| bytes.len() == PUBLIC_BYTES);
        let key = bytes.and_then(|bytes| PublicKey::from_bytes(&bytes)).ok_or(Fault::Misnamed)?;
        let name = thumbprint(&key);
        if kid.is_some_and(|kid| kid != name) {
            return Err(Fault::Misnamed);
        }
        if keys.iter().all(|(known, _)| *known != name) {
            keys.push((name, key));
        }
    }
    if keys.is_empty() { Err(Fault::None) } else { Ok(keys) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::{SigningKey, generate};

    #[test]
    fn the_thumbprint_is_that_of_the_standard() {
        // The example of RFC 8037, appendix A.3.
        let key = PublicKey::from_bytes(&decoded("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap()).unwrap();
        assert_eq!(thumbprint(&key), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_set_is_read_as_it_was_written_and_what_is_no_set_is_refused() {
        let key = SigningKey::from_pem(&generate().unwrap().0).unwrap().public().unwrap();
        let (text, x) = (written([&key]), encoded(key.bytes()));
        assert_eq!(read(text.as_bytes()), Ok(vec![(thumbprint(&key), key)]));
        let of = |keys: serde_json::Value| read(json!({ "keys": keys }).to_string().as_bytes());
        let other = json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" });
        let bare = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
        assert_eq!(of(json!([other, bare, bare])), Ok(vec![(thumbprint(&key), key)]), "once, by its thumbprint");
        for (keys, fault) in [
            (json!([]), Fault::None),
            (json!([other]), Fault::None),
            (json!([{ "kty": "OKP", "crv": "Ed25519", "x": x, "use": "enc" }]), Fault::None),
            (json!([{ "kty": "OKP", "crv": "Ed25519", "x": x, "alg": "ES256" }]), Fault::None),
            (json!([{ "kty": "OKP", "crv": "Ed25519", "x": x, "d": "AQAB" }]), Fault::Secret),
            (json!([bare, { "kty": "oct", "k": "AQAB" }]), Fault::Secret),
            (json!([{ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "mine" }]), Fault::Misnamed),
            (json!([{ "kty": "OKP", "crv": "Ed25519", "x": "AQAB" }]), Fault::Misnamed),
            (json!({}), Fault::NoSet),
            (serde_json::Value::from(vec![bare; 101]), Fault::TooMany),
        ] {
            assert_eq!(of(keys.clone()), Err(fault), "{keys}");
        }
    }
}
