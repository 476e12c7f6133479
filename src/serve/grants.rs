//! Who signs grants: the file of the keys, and its rotation. What is wrong with it at the start is refused, what is
//! wrong later changes nothing and is told.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::rotating::{Rotating, Unsound, wrong};
use crate::grant::{Issuer, Keys, Terms, Unfit};

/// What grants are signed with, and what they all say.
#[derive(Debug, Clone)]
pub struct GrantOptions {
    /// File with Ed25519 keys, PEM: the first private one signs, all are published.
    pub keys: PathBuf,
    pub issuer: String,
    pub audience: String,
    pub lifetime: Duration,
}

/// Why no grant can be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    #[error(transparent)]
    File(#[from] Unsound),
    #[error(transparent)]
    Terms(#[from] Unfit),
}

/// The issuer, and the file that its keys come from.
pub struct Grants {
    files: Rotating<Keys>,
    issuer: Arc<Issuer>,
}

impl Grants {
    /// Reads the file; whatever is wrong with it is an error.
    pub fn load(options: GrantOptions) -> Result<Self, GrantError> {
        let GrantOptions { keys, issuer, audience, lifetime } = options;
        let whole = i64::try_from(lifetime.as_secs()).ok().filter(|_| lifetime.subsec_nanos() == 0);
        let terms = Terms::new(&issuer, &audience, whole.ok_or(Unfit::Lifetime)?)?;
        let files = Rotating::load("grant key", vec![keys], |files| {
            let Some((file, bytes)) = files.first() else { return Err(wrong("".as_ref(), "is not there")) };
            let text = std::str::from_utf8(bytes).map_err(|_| wrong(file, "is no text; keys are kept in PEM"))?;
            Keys::read(text).map_err(|fault| wrong(file, fault.to_string()))
        })?;
        let issuer = Arc::new(Issuer::new(terms, files.live()));
        Ok(Self { files, issuer })
    }

    pub fn issuer(&self) -> &Arc<Issuer> {
        &self.issuer
    }

    /// Looks whether the file has changed: what is sound is used from now on, what is not is logged once. Whether it is
    /// sound.
    pub fn look(&self) -> bool {
        let sound = self.files.look();
        self.issuer.replace(self.files.live());
        sound
    }
}

impl fmt::Debug for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grants").field("key", &self.issuer.keys().name()).finish_non_exhaustive()
    }
}
