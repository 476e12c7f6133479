//! Ed25519 keys as files hold them, and what is signed with them: bytes here, tokens in [`jws`], public keys for others
//! in [`jwk`].
//!
//! Pure: text and bytes in, text and bytes out. Knows nothing of files, and not what a signature means.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

pub mod jwk;
pub mod jws;

/// The bytes of a public key.
pub const PUBLIC_BYTES: usize = 32;

/// What stands before the 32 bytes of an Ed25519 public key in its usual form (RFC 8410).
const PUBLIC_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

const PRIVATE: &str = "PRIVATE KEY";
const PUBLIC: &str = "PUBLIC KEY";

/// Signs.
pub struct SigningKey(Ed25519KeyPair);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey")
    }
}

impl SigningKey {
    /// Reads an Ed25519 key in PEM, as `openssl genpkey -algorithm ed25519` or [`generate`] writes it.
    pub fn from_pem(text: &str) -> Option<Self> {
        blocks(text).find_map(|block| block?.signing())
    }

    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.sign(bytes).as_ref().to_vec()
    }

    /// The key by which others tell what this one signed.
    pub fn public(&self) -> Option<PublicKey> {
        PublicKey::from_bytes(self.0.public_key().as_ref())
    }
}

/// Tells what the key that it belongs to has signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; PUBLIC_BYTES]);

impl PublicKey {
    /// Reads an Ed25519 public key in PEM.
    pub fn from_pem(text: &str) -> Option<Self> {
        blocks(text).find_map(|block| block?.public())
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn has_signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(bytes, signature).is_ok()
    }
}

/// A new pair of keys in PEM, the private one first.
pub fn generate() -> Option<(String, String)> {
    let private = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).ok()?;
    let pair = Ed25519KeyPair::from_pkcs8(private.as_ref()).ok()?;
    let public = [&PUBLIC_PREFIX[..], pair.public_key().as_ref()].concat();
    Some((written(private.as_ref(), PRIVATE), written(&public, PUBLIC)))
}

/// One of several things that a PEM file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    label: String,
    bytes: Vec<u8>,
}

impl Block {
    /// The Ed25519 key that it is, if it is one.
    pub fn signing(&self) -> Option<SigningKey> {
        let bytes = (self.label == PRIVATE).then_some(&self.bytes)?;
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes).ok().map(SigningKey)
    }

    /// The Ed25519 public key that it is, if it is one.
    pub fn public(&self) -> Option<PublicKey> {
        let bytes = (self.label == PUBLIC).then_some(&self.bytes)?;
        PublicKey::from_bytes(bytes.strip_prefix(&PUBLIC_PREFIX)?)
    }
}

/// What a PEM text holds, in its order; `None` where a part of it can't be read.
pub fn blocks(text: &str) -> impl Iterator<Item = Option<Block>> {
    const BEGIN: &str = "-----BEGIN ";
    text.split(BEGIN).skip(1).map(|rest| {
        let (label, rest) = rest.split_once("-----")?;
        let (inside, _) = rest.split_once(&format!("-----END {label}-----"))?;
        let bytes = STANDARD.decode(inside.split_whitespace().collect::<String>()).ok()?;
        Some(Block { label: label.to_owned(), bytes })
    })
}

fn written(bytes: &[u8], label: &str) -> String {
    let text = STANDARD.encode(bytes);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands before the 32 bytes of a private key where its public half is left out, as OpenSSL writes it.
    const PRIVATE_PREFIX: [u8; 16] =
        [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

    #[test]
    fn keys_of_the_usual_tools_are_read_and_others_are_not() {
        let openssl = written(&[&PRIVATE_PREFIX[..], &[7; 32]].concat(), PRIVATE);
        assert!(SigningKey::from_pem(&openssl).is_some());
        let (private, public) = generate().unwrap();
        for wrong in ["", "-----BEGIN PRIVATE KEY-----", &public] {
            assert!(SigningKey::from_pem(wrong).is_none());
        }
        assert!(PublicKey::from_pem(&private).is_none());
        assert_eq!(SigningKey::from_pem(&private).unwrap().public(), PublicKey::from_pem(&public));
    }

    #[test]
    fn what_one_key_signed_no_other_vouches_for() {
        let [one, other] = [(); 2].map(|()| SigningKey::from_pem(&generate().unwrap().0).unwrap());
        let signature = one.sign(b"x");
        assert!(one.public().unwrap().has_signed(b"x", &signature));
        assert!(!one.public().unwrap().has_signed(b"y", &signature));
        assert!(!other.public().unwrap().has_signed(b"x", &signature));
    }

    #[test]
    fn a_file_of_several_keys_is_read_in_its_order() {
        let ((private, _), (_, public)) = (generate().unwrap(), generate().unwrap());
        let text = format!("new\n{private}\nold\n{public}-----BEGIN PUBLIC KEY-----\nnot closed");
        let read: Vec<_> = blocks(&text).collect();
        assert_eq!(read.len(), 3);
        assert!(read[0].as_ref().unwrap().signing().is_some() && read[0].as_ref().unwrap().public().is_none());
        assert_eq!(read[1].as_ref().unwrap().public(), PublicKey::from_pem(&public));
        assert_eq!(read[2], None);
    }
}
