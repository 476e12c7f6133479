//! Where a journal's files are kept, as the journal needs it: a seam at which tests lose power, fill the disk and break
//! it.

use std::io;

use crate::value::Instant;

/// A place for files. What it has promised to keep, it keeps.
pub trait Storage: Send + Sync + 'static {
    type File: Appender;

    /// The files, in no order.
    fn list(&self) -> io::Result<Vec<Listed>>;

    fn exists(&self, name: &str) -> io::Result<bool>;

    fn read(&self, name: &str) -> io::Result<Vec<u8>>;

    /// A new, empty file. Its name is kept from now on.
    fn create(&self, name: &str) -> io::Result<Self::File>;

    /// A file that is there, to be written at its end.
    fn open(&self, name: &str) -> io::Result<Self::File>;

    /// Keeps a file whole or not at all, in place of one that had its name.
    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    fn remove(&self, name: &str) -> io::Result<()>;
}

/// A file that is written at its end.
pub trait Appender: Send {
    /// Hands bytes to the system; part of them may have been taken when this fails.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Keeps what was appended: a loss of power takes none of it.
    fn sync(&mut self) -> io::Result<()>;

    /// Keeps the first `bytes` and no more.
    fn cut(&mut self, bytes: u64) -> io::Result<()>;

    /// Whether it is still the file of its name: one that was deleted can be written all the same.
    fn is_in_place(&self) -> bool;
}

/// A file of a storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    pub modified: Instant,
}

/// The file of a segment that is being written.
pub fn segment_name(number: u64) -> String {
    format!("segment-{number:08}.jsonl")
}

/// The file of a segment that is closed.
pub fn closed_name(number: u64) -> String {
    format!("segment-{number:08}.jsonl.gz")
}

/// The segment that a file holds, and whether it is compressed.
pub fn segment_of(name: &str) -> Option<(u64, bool)> {
    let digits = name.strip_prefix("segment-")?;
    let (digits, closed) = match digits.strip_suffix(".jsonl.gz") {
        Some(digits) => (digits, true),
        None => (digits.strip_suffix(".jsonl")?, false),
    };
    (digits.len() >= 8 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(())?;
    Some((digits.parse().ok()?, closed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_known_by_their_files() {
        for number in [1, 99_999_999, 123_456_789] {
            assert_eq!(segment_of(&segment_name(number)), Some((number, false)));
            assert_eq!(segment_of(&closed_name(number)), Some((number, true)));
        }
        for other in
            ["segment-1.jsonl", "segment-00000001.jsonl.tmp", "torn-00000001-7.bin", "lock", "segment-0000000x.jsonl"]
        {
            assert_eq!(segment_of(other), None, "{other}");
        }
    }
}
