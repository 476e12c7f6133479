//! Checkpoints: signed statements that a log had come to a certain entry at a certain time. Kept where whoever can
//! change the log can't change them, they show that its end was cut off or that it was written anew.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::chain::{Digest, Head};
use crate::signing::{PublicKey, SigningKey};

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
    /// States that the log had come to `head` then, and signs it.
    pub fn signed(key: &SigningKey, log: &str, head: Head, at: String) -> Self {
        let public = key.public().map(|public| STANDARD.encode(public.bytes())).unwrap_or_default();
        let (log, hash) = (log.to_owned(), head.hash.to_string());
        let mut checkpoint = Self { log, seq: head.seq, hash, at, key: public, signature: String::new() };
        checkpoint.signature = STANDARD.encode(key.sign(checkpoint.statement().as_bytes()));
        checkpoint
    }

    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        let signature = STANDARD.decode(&self.signature);
        signature.is_ok_and(|signature| key.has_signed(self.statement().as_bytes(), &signature))
    }

    /// The end of the chain that it vouches for.
    pub fn head(&self) -> Option<Head> {
        Some(Head { seq: self.seq, hash: Digest::parse(&self.hash)? })
    }

    fn statement(&self) -> String {
        let Self { log, seq, hash, at, key: _, signature: _ } = self;
        format!("redress checkpoint 1\n{log}\n{seq}\n{hash}\n{at}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::generate;

    #[test]
    fn what_one_key_signed_no_other_vouches_for_and_no_word_of_it_can_be_another() {
        let (private, public) = generate().unwrap();
        let (_, stranger) = generate().unwrap();
        let key = SigningKey::from_pem(&private).unwrap();
        let head = Head { seq: 7, hash: Digest::of(b"x") };
        let checkpoint = Checkpoint::signed(&key, "log", head, "2026-11-22T07:00:00Z".into());
        let public = PublicKey::from_pem(&public).unwrap();
        assert!(checkpoint.is_signed_by(&public));
        assert_eq!(checkpoint.head(), Some(head));
        assert!(!checkpoint.is_signed_by(&PublicKey::from_pem(&stranger).unwrap()));
        for changed in [
            Checkpoint { seq: 8, ..checkpoint.clone() },
            Checkpoint { log: "other".into(), ..checkpoint.clone() },
            Checkpoint { hash: Digest::of(b"y").to_string(), ..checkpoint.clone() },
            Checkpoint { at: "2026-11-22T07:00:01Z".into(), ..checkpoint.clone() },
            Checkpoint { signature: String::new(), ..checkpoint.clone() },
        ] {
            assert!(!changed.is_signed_by(&public), "{changed:?}");
        }
        let unnamed = Checkpoint { key: String::new(), ..checkpoint };
        assert!(unnamed.is_signed_by(&public), "the key beside it is for people");
    }
}
