//! Which policies a command works on: a directory, or those that the program brings along.

use std::path::Path;

use redress::both;
use redress::disk::{self, Files, Unreadable};
use redress::embedded;
use redress::policy::{self, Bundle, Rejected};
use redress::text::Bilingual;

#[derive(Debug, Clone, Copy)]
pub enum Origin<'a> {
    Embedded,
    Directory(&'a Path),
}

impl<'a> Origin<'a> {
    /// The directory that was named, or else the program's own.
    pub fn of(directory: Option<&'a Path>) -> Self {
        directory.map_or(Self::Embedded, Self::Directory)
    }

    /// The policies and their suites.
    pub fn files(self) -> Result<Files, Unreadable> {
        match self {
            Self::Embedded => Ok(Files { files: embedded::policies_and_suites(), others: Vec::new() }),
            Self::Directory(root) => disk::read(root, |path| policy::is_source(path) || policy::is_suite(path)),
        }
    }

    /// The policies, loaded.
    pub fn load(self) -> Result<Bundle, Rejected> {
        policy::load(self.files().map_err(Unreadable::into_rejected)?.files)
    }

    /// For a sentence: "loaded from …".
    pub fn name(self) -> Bilingual {
        match self {
            Self::Embedded => both!("内置规则", "the built-in policies"),
            Self::Directory(root) => {
                let root = root.display();
                both!("`{root}`", "`{root}`")
            }
        }
    }
}
