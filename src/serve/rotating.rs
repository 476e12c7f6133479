//! Files that are read together and replaced while the service runs, one after the other and in any order.
//!
//! What they say is used only where it is sound as a whole. Until then what was read before stays, and that is told.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::disk;

/// How large one of them may be.
const FILE_BYTES_MAX: usize = 1 << 20;

/// A file that does not hold what it has to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` {reason}", file.display())]
pub struct Unsound {
    pub file: PathBuf,
    pub reason: String,
}

/// One file and its bytes.
pub type Contents = (PathBuf, Vec<u8>);

/// Makes of the files' contents what they say.
type Reader<T> = Box<dyn Fn(&[Contents]) -> Result<T, Unsound> + Send + Sync>;

/// What was read from files, to be read again when they change.
pub struct Rotating<T> {
    /// What people call it.
    name: &'static str,
    files: Vec<PathBuf>,
    read: Reader<T>,
    live: ArcSwap<T>,
    tried: Mutex<Tried>,
}

/// The contents that were last tried, and whether they are the live ones; the same are not tried again.
#[derive(PartialEq)]
struct Tried {
    contents: Result<blake3::Hash, Unsound>,
    sound: bool,
}

impl<T> Rotating<T> {
    pub fn load(
        name: &'static str,
        files: Vec<PathBuf>,
        read: impl Fn(&[Contents]) -> Result<T, Unsound> + Send + Sync + 'static,
    ) -> Result<Self, Unsound> {
        let contents = contents(&files)?;
        let live = ArcSwap::from_pointee(read(&contents)?);
        let tried = Mutex::new(Tried { contents: Ok(digest(&contents)), sound: true });
        Ok(Self { name, files, read: Box::new(read), live, tried })
    }

    pub fn live(&self) -> Arc<T> {
        self.live.load_full()
    }

    /// Uses what the files say, if that has changed and is sound. Whether what they say is used.
    pub fn look(&self) -> bool {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let read = contents(&self.files);
        let seen = read.as_ref().map(|contents| digest(contents)).map_err(Clone::clone);
        if tried.contents == seen {
            return tried.sound;
        }
        let outcome = read.and_then(|contents| (self.read)(&contents));
        *tried = Tried { contents: seen, sound: outcome.is_ok() };
        match outcome {
            Ok(new) => {
                self.live.store(Arc::new(new));
                tracing::info!("the {} changed and is used from now on", self.name);
                true
            }
            Err(problem) => {
                tracing::error!(%problem, "the {} changed and is refused; the one before stays", self.name);
                false
            }
        }
    }
}

fn contents(files: &[PathBuf]) -> Result<Vec<Contents>, Unsound> {
    let read = |file: &PathBuf| {
        let bytes = disk::file(file, FILE_BYTES_MAX).map_err(|reason| wrong(file, reason.en))?;
        Ok((file.clone(), bytes))
    };
    files.iter().map(read).collect()
}

fn digest(contents: &[Contents]) -> blake3::Hash {
    let mut digest = blake3::Hasher::new();
    for (_, bytes) in contents {
        digest.update(blake3::hash(bytes).as_bytes());
    }
    digest.finalize()
}

/// Says what is wrong with a file.
pub fn wrong(file: &Path, reason: impl Into<String>) -> Unsound {
    Unsound { file: file.to_owned(), reason: reason.into() }
}
