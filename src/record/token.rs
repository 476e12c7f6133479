//! Tokens that stand for personal facts: the same text has the same token, and only who holds the key can tell which
//! text a token stands for.

use std::fmt;

/// A key of fewer bytes could be guessed.
pub const KEY_BYTES_MIN: usize = 32;

/// Makes tokens.
#[derive(Clone)]
pub struct TokenKey([u8; 32]);

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey")
    }
}

impl TokenKey {
    /// A key from a secret; `None` if that is too short.
    pub fn new(secret: &[u8]) -> Option<Self> {
        let key = blake3::derive_key("redress 2026-11 tokens of personal facts in the decision log", secret);
        (secret.len() >= KEY_BYTES_MIN).then_some(Self(key))
    }

    /// The token of a text of the fact at `path`.
    pub fn token(&self, path: &str, text: &str) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        // The length keeps path and text apart.
        hasher.update(&u64::try_from(path.len()).unwrap_or_default().to_le_bytes());
        hasher.update(path.as_bytes());
        hasher.update(text.as_bytes());
        let digits = hasher.finalize().to_hex();
        format!("hash:{}", digits.get(..32).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_depends_on_the_key_the_fact_and_the_text() {
        let key = TokenKey::new(&[7; 32]).unwrap();
        let token = key.token("customer.id", "tb_881");
        assert_eq!(token.len(), "hash:".len() + 32);
        assert_eq!(key.token("customer.id", "tb_881"), token);
        assert_ne!(key.token("customer.id", "tb_882"), token);
        assert_ne!(key.token("actor.id", "tb_881"), token);
        assert_ne!(TokenKey::new(&[8; 32]).unwrap().token("customer.id", "tb_881"), token);
        assert!(TokenKey::new(&[7; 31]).is_none());
        assert!(!format!("{key:?}").contains('7'));
    }
}
