//! The keys of whoever issues: one signs, and all are told to those who check.

use crate::signing::{PublicKey, SigningKey, blocks, jwk};

/// How many keys a file may hold.
const KEYS_MAX: usize = 20;

/// A key that signs, and every key whose grants still hold.
#[derive(Debug)]
pub struct Keys {
    pub(super) signing: SigningKey,
    /// The name of the key that signs.
    pub(super) name: String,
    written: String,
}

/// What is wrong with a file of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error(
        "holds no Ed25519 private key in PEM; make one with `redress grant key --new` or `openssl genpkey -algorithm ed25519`"
    )]
    NoKey,
    #[error("holds something that is no Ed25519 key in PEM; keep private keys and public ones in it, and nothing else")]
    Foreign,
    #[error("holds more than {KEYS_MAX} keys")]
    TooMany,
}

impl Keys {
    /// Reads keys in PEM. The first private key signs. All are published: private keys that will sign later, and keys,
    /// private or public, that have signed before.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let (mut signing, mut public): (_, Vec<PublicKey>) = (None, Vec::new());
        for (at, block) in blocks(text).enumerate() {
            if at >= KEYS_MAX {
                return Err(Fault::TooMany);
            }
            let block = block.ok_or(Fault::Foreign)?;
            let private = block.signing();
            let key = private.as_ref().and_then(SigningKey::public).or_else(|| block.public());
            let key = key.ok_or(Fault::Foreign)?;
            if !public.contains(&key) {
                public.push(key);
            }
            signing = signing.or(private);
        }
        let signing = signing.ok_or(Fault::NoKey)?;
        let name = signing.public().map(|key| jwk::thumbprint(&key)).ok_or(Fault::NoKey)?;
        Ok(Self { signing, name, written: jwk::written(&public) })
    }

    /// The public keys, as a JSON Web Key Set.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The thumbprint of the key that signs.
    pub fn name(&self) -> &str {
        &self.name
    }
}
