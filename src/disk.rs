//! Reads policy directories. Beside the command line this is the only module that touches files.
//!
//! Knows what a policy file is called and how much may be read, and nothing of what it means. A directory that can't
//! be read whole is refused with every reason: half of the policies are other policies.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use crate::both;
use crate::diagnostic::{Code, Diagnostic, Problems, Span, codes};
use crate::policy::{self, Bundle, Rejected};
use crate::source::{FILE_BYTES_MAX, FILES_MAX, Sources};
use crate::text::{Bilingual, quoted};

mod fingerprint;
mod walk;

pub use fingerprint::{Fingerprint, fingerprint};
use walk::{Found, walk};

/// How many bytes the files of one directory may have together.
pub const TOTAL_BYTES_MAX: usize = 64 << 20;

/// The files of a directory that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// Path inside the directory, with `/` between its parts, and bytes; sorted by path.
    pub files: Vec<(String, Vec<u8>)>,
    /// Visible files that were not asked for: where `ladder.ymal` shows up.
    pub others: Vec<String>,
}

/// A directory that can't be read whole, with every reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} can't be read: {}", quoted(root), self.reasons())]
pub struct Unreadable {
    root: String,
    faults: Vec<Fault>,
}

/// Why one file, or the directory itself, can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    /// Inside the directory; empty for the directory itself.
    path: String,
    code: Code,
    message: Bilingual,
    help: Option<Bilingual>,
}

/// Loads the policies of a directory.
pub fn load(root: &Path) -> Result<Bundle, Rejected> {
    let files = read(root, policy::is_source).map_err(Unreadable::into_rejected)?;
    policy::load(files.files)
}

/// Reads the files of a directory whose paths are `wanted`, in it and in the directories below; symbolic links are
/// followed, hidden names are not looked at.
pub fn read(root: &Path, wanted: impl Fn(&str) -> bool) -> Result<Files, Unreadable> {
    let walked = walk(root, &wanted);
    let mut faults = walked.faults;
    let mut files = Vec::new();
    let mut room = TOTAL_BYTES_MAX;
    for found in walked.found {
        match contents(&found, &mut room) {
            Ok(bytes) => files.push((found.path, bytes)),
            Err(fault) => faults.push(*fault),
        }
    }
    if faults.is_empty() {
        files.sort();
        let mut others = walked.others;
        others.sort();
        return Ok(Files { files, others });
    }
    faults.sort_by(|a, b| a.path.cmp(&b.path));
    Err(Unreadable { root: root.display().to_string(), faults })
}

fn contents(found: &Found, room: &mut usize) -> Result<Vec<u8>, Box<Fault>> {
    let failed = |error: io::Error| Box::new(Fault::unreadable(&found.path, &error));
    let refused = |code, message, help| Err(Box::new(Fault { path: found.path.clone(), code, message, help }));
    // A pipe would block, and a device never end.
    if !found.metadata.is_file() {
        let message = both!("它不是普通文件，读不了", "it is no ordinary file and can't be read");
        return refused(codes::UNREADABLE, message, None);
    }
    let size = found.metadata.len();
    let limit = u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let too_large = size > limit || {
        // One byte more than is allowed shows that the file has grown since it was measured.
        let file = File::open(&found.at).map_err(failed)?;
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
        bytes.len() > FILE_BYTES_MAX
    };
    if too_large {
        let message = both!(
            "文件有 {size} 字节，最多只能有 {FILE_BYTES_MAX} 字节",
            "the file has {size} bytes; at most {FILE_BYTES_MAX} are allowed"
        );
        let help = Some(both!("把它拆成几个文件", "split it into several files"));
        return refused(codes::TOO_LARGE, message, help);
    }
    match room.checked_sub(bytes.len()) {
        Some(rest) => {
            *room = rest;
            Ok(bytes)
        }
        None => {
            let message = both!(
                "目录里的文件合计超过 {TOTAL_BYTES_MAX} 字节",
                "the files of the directory have more than {TOTAL_BYTES_MAX} bytes together"
            );
            refused(codes::TOO_LARGE, message, None)
        }
    }
}

impl Fault {
    fn unreadable(path: &str, error: &io::Error) -> Self {
        let reason = reason(error);
        let message = Bilingual::new(format!("读不了：{}", reason.zh), format!("can't be read: {}", reason.en));
        Self { path: path.into(), code: codes::UNREADABLE, message, help: None }
    }

    fn too_many(path: &str, message: Bilingual) -> Self {
        let help = both!("策略目录里只放策略文件", "keep only policies in the policy directory");
        Self { path: path.into(), code: codes::TOO_LARGE, message, help: Some(help) }
    }
}

/// What the system says, in both languages where that is known.
fn reason(error: &io::Error) -> Bilingual {
    let kind = error.kind();
    if kind == io::ErrorKind::NotFound {
        both!("不存在", "it is not there")
    } else if kind == io::ErrorKind::PermissionDenied {
        both!("没有读取权限", "permission denied")
    } else if kind == io::ErrorKind::NotADirectory {
        both!("它不是目录", "it is no directory")
    } else {
        both!("{error}", "{error}")
    }
}

impl Unreadable {
    fn reasons(&self) -> String {
        let reason = |fault: &Fault| match fault.path.as_str() {
            "" => fault.message.en.clone(),
            path => format!("{}: {}", quoted(path), fault.message.en),
        };
        self.faults.iter().map(reason).collect::<Vec<_>>().join("; ")
    }

    /// The same as a refusal of the files, to be shown and kept like any other.
    pub fn into_rejected(self) -> Rejected {
        let named = |path: &str| if path.is_empty() { self.root.clone() } else { path.to_owned() };
        let mut paths: Vec<String> = self.faults.iter().map(|fault| named(&fault.path)).collect();
        paths.dedup();
        // What a path of the system looks like is no fault of the bundle.
        let sources = Sources::new(paths.into_iter().map(|path| (path, "")), &mut Problems::default());
        let mut problems = Problems::default();
        for fault in &self.faults {
            let source = sources.at(&named(&fault.path)).map_or(0, crate::source::Source::number);
            let problem = Diagnostic::error(fault.code, Span::new(source, 0..0), fault.message.clone());
            problems.push(fault.help.clone().into_iter().fold(problem, Diagnostic::help));
        }
        Rejected { sources, problems: problems.into_sorted() }
    }
}

/// The bytes of one ordinary file, of which there may be at most so many; or else why it can't be read.
pub fn file(at: &Path, bytes_max: usize) -> Result<Vec<u8>, Bilingual> {
    let failed = |error: io::Error| {
        let reason = reason(&error);
        Bilingual::new(format!("读不了：{}", reason.zh), format!("can't be read: {}", reason.en))
    };
    if !fs::metadata(at).map_err(failed)?.is_file() {
        return Err(both!("不是普通文件", "is no ordinary file"));
    }
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(at).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() > bytes_max {
        return Err(both!("超过 {bytes_max} 字节", "has more than {bytes_max} bytes"));
    }
    Ok(bytes)
}

/// Writes files below a directory, which is made if it is not there.
pub fn write<'f>(root: &Path, files: impl IntoIterator<Item = (&'f str, &'f [u8])>) -> io::Result<()> {
    for (path, bytes) in files {
        let at = root.join(path);
        if let Some(parent) = at.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&at, bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
