//! Checkpoints: signed statements that a log had come to a certain entry at a certain time. Kept where whoever can
//! change the log can't change them, they show that its end was cut off or that it was written anew.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use super::chain::{Digest, Head};

/// What stands before the 32 bytes of an Ed25519 public key in its usual form (RFC 8410).
const PUBLIC_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// One line of a file of checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Name of the log.
    pub log: String,
    /// The entry that the log had come to, and its hash.
    pub seq: u64,
    pub hash: String,
    pub at: String,
    /// The key that signed, for people: whoever verifies brings their own copy.
    pub key: String,
    pub signature: String,
}

impl Checkpoint {
    /// The end of the chain that it vouches for.
    pub fn head(&self) -> Option<Head> {
        Some(Head { seq: self.seq, hash: Digest::parse(&self.hash)? })
    }

    fn statement(&self) -> String {
        let Self { log, seq, hash, at, key: _, signature: _ } = self;
        format!("redress checkpoint 1\n{log}\n{seq}\n{hash}\n{at}\n")
    }
}

/// Signs checkpoints.
pub struct SigningKey(Ed25519KeyPair);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey")
    }
}

impl SigningKey {
    /// Reads an Ed25519 key in PEM, as `openssl genpkey -algorithm ed25519` or [`generate`] writes it.
    pub fn from_pem(text: &str) -> Option<Self> {
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pem(text, "PRIVATE KEY")?).ok().map(Self)
    }

    pub fn sign(&self, log: &str, head: Head, at: String) -> Checkpoint {
        let key = STANDARD.encode(self.0.public_key());
        let (log, hash) = (log.to_owned(), head.hash.to_string());
        let mut checkpoint = Checkpoint { log, seq: head.seq, hash, at, key, signature: String::new() };
        checkpoint.signature = STANDARD.encode(self.0.sign(checkpoint.statement().as_bytes()));
        checkpoint
    }
}

/// Tells who signed.
#[derive(Debug, Clone)]
pub struct PublicKey(UnparsedPublicKey<Vec<u8>>);

impl PublicKey {
    /// Reads an Ed25519 public key in PEM.
    pub fn from_pem(text: &str) -> Option<Self> {
        let bytes = pem(text, "PUBLIC KEY")?;
        let key = bytes.strip_prefix(&PUBLIC_PREFIX).filter(|key| key.len() == 32)?;
        Some(Self(UnparsedPublicKey::new(&ED25519, key.to_vec())))
    }

    pub fn signed(&self, checkpoint: &Checkpoint) -> bool {
        let signature = STANDARD.decode(&checkpoint.signature);
        signature.is_ok_and(|signature| self.0.verify(checkpoint.statement().as_bytes(), &signature).is_ok())
    }
}

/// A new pair of keys in PEM, the private one first.
pub fn generate() -> Option<(String, String)> {
    let private = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).ok()?;
    let pair = Ed25519KeyPair::from_pkcs8(private.as_ref()).ok()?;
    let public = [&PUBLIC_PREFIX[..], pair.public_key().as_ref()].concat();
    Some((written(private.as_ref(), "PRIVATE KEY"), written(&public, "PUBLIC KEY")))
}

fn written(bytes: &[u8], label: &str) -> String {
    let text = STANDARD.encode(bytes);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn pem(text: &str, label: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (inside, _) = rest.split_once(&format!("-----END {label}-----"))?;
    STANDARD.decode(inside.split_whitespace().collect::<String>()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands before the 32 bytes of a private key where its public half is left out, as OpenSSL writes it.
    const PRIVATE_PREFIX: [u8; 16] =
        [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

    #[test]
    fn what_one_key_signed_no_other_vouches_for_and_no_word_of_it_can_be_another() {
        let (private, public) = generate().unwrap();
        let (_, stranger) = generate().unwrap();
        let key = SigningKey::from_pem(&private).unwrap();
        let head = Head { seq: 7, hash: Digest::of(b"x") };
        let checkpoint = key.sign("log", head, "2026-11-22T07:00:00Z".into());
        let public = PublicKey::from_pem(&public).unwrap();
        assert!(public.signed(&checkpoint));
        assert_eq!(checkpoint.head(), Some(head));
        assert!(!PublicKey::from_pem(&stranger).unwrap().signed(&checkpoint));
        for changed in [
            Checkpoint { seq: 8, ..checkpoint.clone() },
            Checkpoint { log: "other".into(), ..checkpoint.clone() },
            Checkpoint { hash: Digest::of(b"y").to_string(), ..checkpoint.clone() },
            Checkpoint { at: "2026-11-22T07:00:01Z".into(), ..checkpoint.clone() },
            Checkpoint { signature: String::new(), ..checkpoint.clone() },
        ] {
            assert!(!public.signed(&changed), "{changed:?}");
        }
        assert!(public.signed(&Checkpoint { key: String::new(), ..checkpoint }), "the key beside it is for people");
    }

    #[test]
    fn keys_of_the_usual_tools_are_read_and_others_are_not() {
        let openssl = written(&[&PRIVATE_PREFIX[..], &[7; 32]].concat(), "PRIVATE KEY");
        assert!(SigningKey::from_pem(&openssl).is_some());
        let (private, public) = generate().unwrap();
        for wrong in ["", "-----BEGIN PRIVATE KEY-----", &public] {
            assert!(SigningKey::from_pem(wrong).is_none());
        }
        assert!(PublicKey::from_pem(&private).is_none());
    }
}
