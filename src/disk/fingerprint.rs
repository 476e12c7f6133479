//! Whether anything in a policy directory may have changed, told without reading a file.

use std::fs::{self, Metadata};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use super::walk::walk;

/// What the system tells about the files of a directory: names, sizes, times, identities. It changes with every change
/// of a file; that it is the same is a strong sign, and only the contents prove it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    /// Which directory it is: another of the same path has another.
    pub root: u64,
    /// Of all wanted files.
    pub files: u64,
    /// How many there are.
    pub count: usize,
}

/// Takes the fingerprint of the files that are `wanted`.
pub fn fingerprint(root: &Path, wanted: impl Fn(&str) -> bool) -> Fingerprint {
    let walked = walk(root, &wanted);
    let mut files = DefaultHasher::new();
    for found in &walked.found {
        found.path.hash(&mut files);
        found.at.hash(&mut files);
        identity(&found.metadata, &mut files);
    }
    for fault in &walked.faults {
        fault.path.hash(&mut files);
        fault.message.hash(&mut files);
    }
    let mut directory = DefaultHasher::new();
    fs::canonicalize(root).ok().hash(&mut directory);
    if let Ok(metadata) = fs::metadata(root) {
        node(&metadata, &mut directory);
    }
    Fingerprint { root: directory.finish(), files: files.finish(), count: walked.found.len() }
}

fn identity(metadata: &Metadata, hasher: &mut DefaultHasher) {
    metadata.len().hash(hasher);
    metadata.modified().ok().hash(hasher);
    node(metadata, hasher);
    changed(metadata, hasher);
}

#[cfg(unix)]
fn node(metadata: &Metadata, hasher: &mut DefaultHasher) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino()).hash(hasher);
}

/// Unlike the time of modification, nobody can set this one back.
#[cfg(unix)]
fn changed(metadata: &Metadata, hasher: &mut DefaultHasher) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.ctime(), metadata.ctime_nsec()).hash(hasher);
}

#[cfg(not(unix))]
fn node(metadata: &Metadata, hasher: &mut DefaultHasher) {
    metadata.created().ok().hash(hasher);
}

#[cfg(not(unix))]
fn changed(_: &Metadata, _: &mut DefaultHasher) {}
