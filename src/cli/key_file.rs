//! Files of keys that a command makes.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;

/// Who may read a file of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readable {
    /// Whoever made it.
    Owner,
    Anyone,
}

/// Writes a file of a key; never over one that is there: a key that is lost can't be made again.
pub fn write_new(path: &Path, text: &str, readable: Readable) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if readable == Readable::Owner { 0o600 } else { 0o644 });
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.with_context(|| format!("can't write `{}`", path.display()))
}
