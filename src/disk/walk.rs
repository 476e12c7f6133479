//! Which files a policy directory has, bounded in every way: a link back to `/` must not stop a server.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use super::{FILES_MAX, Fault};
use crate::both;

/// How deep directories may lie in each other.
const DEPTH_MAX: usize = 16;

/// How many names are looked at.
const NAMES_MAX: usize = 65_536;

/// A wanted file.
#[derive(Debug)]
pub(super) struct Found {
    /// Inside the directory, with `/` between its parts.
    pub path: String,
    pub at: PathBuf,
    /// Of the file itself where the name is a link.
    pub metadata: Metadata,
}

#[derive(Debug, Default)]
pub(super) struct Walked {
    pub found: Vec<Found>,
    pub faults: Vec<Fault>,
    pub others: Vec<String>,
    names: usize,
}

/// Everything below `root` that is `wanted`.
pub(super) fn walk(root: &Path, wanted: &impl Fn(&str) -> bool) -> Walked {
    let mut walked = Walked::default();
    // Its links are resolved once: what is read is of one directory even while another takes its place.
    match fs::canonicalize(root) {
        Ok(root) => walked.directory(&root, "", &mut Vec::new(), wanted),
        Err(error) => walked.faults.push(Fault::unreadable("", &error)),
    }
    walked
}

impl Walked {
    /// Looks through one directory; `above` are those it lies in, by their real paths.
    fn directory(&mut self, at: &Path, path: &str, above: &mut Vec<PathBuf>, wanted: &impl Fn(&str) -> bool) {
        let names = match names(at) {
            Ok(names) => names,
            Err(error) => return self.faults.push(Fault::unreadable(path, &error)),
        };
        above.push(at.to_owned());
        for name in names {
            self.names = self.names.saturating_add(1);
            if self.names > NAMES_MAX {
                self.give_up();
                break;
            }
            let inside = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            self.entry(&at.join(&name), inside, above, wanted);
        }
        above.pop();
    }

    fn entry(&mut self, at: &Path, path: String, above: &mut Vec<PathBuf>, wanted: &impl Fn(&str) -> bool) {
        match fs::metadata(at) {
            Ok(metadata) if metadata.is_dir() => self.below(at, &path, above, wanted),
            Ok(_) if wanted(&path) && self.found.len() >= FILES_MAX => self.give_up(),
            Ok(metadata) if wanted(&path) => self.found.push(Found { path, at: at.to_owned(), metadata }),
            Ok(_) => self.others.push(path),
            // A link that leads nowhere, or a file that is just being replaced.
            Err(error) if wanted(&path) => self.faults.push(Fault::unreadable(&path, &error)),
            Err(_) => {}
        }
    }

    fn below(&mut self, at: &Path, path: &str, above: &mut Vec<PathBuf>, wanted: &impl Fn(&str) -> bool) {
        match fs::canonicalize(at) {
            Ok(real) if above.contains(&real) => {
                let message = both!("这个链接指回它自己所在的目录", "the link leads back to a directory it lies in");
                self.faults.push(Fault::too_many(path, message));
            }
            Ok(_) if above.len() >= DEPTH_MAX => {
                let message = both!("目录嵌套超过 {DEPTH_MAX} 层", "directories lie more than {DEPTH_MAX} deep");
                self.faults.push(Fault::too_many(path, message));
            }
            Ok(real) => self.directory(&real, path, above, wanted),
            Err(error) => self.faults.push(Fault::unreadable(path, &error)),
        }
    }

    /// Says once that there is too much.
    fn give_up(&mut self) {
        let message = both!(
            "目录里的文件太多：策略最多 {FILES_MAX} 个，全部最多 {NAMES_MAX} 个",
            "there is too much in the directory: at most {FILES_MAX} policies and {NAMES_MAX} names are read"
        );
        let fault = Fault::too_many("", message);
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}

/// The visible names in a directory, in order. Names that are hidden are not policies: an editor's swap files, `.git`,
/// and the `..data` of a mounted volume, whose visible names are links into it.
fn names(at: &Path) -> std::io::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(at)? {
        // A name that is no text can't name a policy; the text that stands for it shows up as a file that is not there.
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && names.len() <= NAMES_MAX {
            names.insert(name);
        }
    }
    Ok(names)
}
