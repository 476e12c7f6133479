//! Reads a log, beside the service that may be writing it: its segments, its answers, the bundles they were given from,
//! and whether it is as it was written.

use std::io;
use std::path::{Path, PathBuf};

use super::chores::CHECKPOINTS;
use super::storage::segment_of;
use super::{directory, pack};
use crate::both;
use crate::record::checkpoint::Checkpoint;
use crate::record::entry::{self, Answer, Segment};
use crate::record::verify::{Finding, Flaw, Report, Verifier};
use crate::signing::PublicKey;

/// A log in a directory.
#[derive(Debug)]
pub struct Log {
    root: PathBuf,
    segments: Vec<File>,
}

/// The file of one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub number: u64,
    pub name: String,
    pub is_packed: bool,
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'l> {
    pub segment: &'l str,
    pub line: u64,
}

impl Log {
    pub fn open(root: &Path) -> io::Result<Self> {
        let listed = directory::list(root)?;
        let mut segments: Vec<File> = listed
            .into_iter()
            .filter_map(|file| {
                segment_of(&file.name).map(|(number, is_packed)| File { number, name: file.name, is_packed })
            })
            .collect();
        // Of a segment that is there in both forms the plain one comes first.
        segments.sort_by(|a, b| (a.number, &a.name).cmp(&(b.number, &b.name)));
        Ok(Self { root: root.to_owned(), segments })
    }

    pub fn segments(&self) -> &[File] {
        &self.segments
    }

    pub fn read(&self, segment: &File) -> io::Result<Vec<u8>> {
        let bytes = directory::read(&self.root.join(&segment.name))?;
        if segment.is_packed { pack::uncompressed(&bytes) } else { Ok(bytes) }
    }

    /// Shows every answer with its place, in order, until `show` says that it is enough.
    pub fn answers(&self, mut show: impl FnMut(Place<'_>, &[u8], Answer) -> bool) -> io::Result<()> {
        let mut before = 0;
        for segment in &self.segments {
            if std::mem::replace(&mut before, segment.number) == segment.number {
                continue;
            }
            let bytes = self.read(segment)?;
            for (line, number) in bytes.split(|byte| *byte == b'\n').zip(1..) {
                if let Some(answer) = entry::read::<Answer>(line)
                    && !show(Place { segment: &segment.name, line: number }, line, answer)
                {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The files of the bundle with this digest, as they were kept beside the log; `None` if they are not there, or
    /// not as they were.
    pub fn bundle(&self, digest: &str) -> Option<Vec<(String, Vec<u8>)>> {
        let packed = directory::read(&self.root.join(pack::bundle_name(digest))).ok()?;
        pack::unbundle(&packed, digest)
    }

    /// Whether the log is as it was written.
    pub fn verify(&self, known: &[Checkpoint], key: Option<&PublicKey>) -> io::Result<Report> {
        let (sound, bad) = self.vouched(known, key);
        let mut verifier = Verifier::new(&sound);
        let mut extra = bad;
        let last = self.segments.last().map_or(0, |segment| segment.number);
        let mut before: Option<(u64, Vec<u8>)> = None;
        for segment in &self.segments {
            let bytes = match self.read(segment) {
                Ok(bytes) => bytes,
                Err(problem) => {
                    let said = both!("这个文件读不了：{problem}", "the file can't be read: {problem}");
                    extra.push(Finding { flaw: Flaw::Changed, segment: segment.name.clone(), line: 1, said });
                    continue;
                }
            };
            if let Some((number, plain)) = &before
                && *number == segment.number
            {
                if *plain != bytes {
                    let said = both!("同一段有两个不同的文件", "there are two files of this segment, and they differ");
                    extra.push(Finding { flaw: Flaw::Forked, segment: segment.name.clone(), line: 1, said });
                }
                continue;
            }
            verifier.segment(segment.number, &segment.name, &bytes, segment.number == last);
            before = Some((segment.number, bytes));
        }
        let mut report = verifier.finish();
        report.findings.extend(extra);
        Ok(report)
    }

    /// Checkpoints that the key signed for this log; and findings for the others.
    fn vouched(&self, known: &[Checkpoint], key: Option<&PublicKey>) -> (Vec<Checkpoint>, Vec<Finding>) {
        let name = self.name();
        let (mut sound, mut bad) = (Vec::new(), Vec::new());
        for (checkpoint, line) in known.iter().zip(1..) {
            let signed = key.is_none_or(|key| checkpoint.is_signed_by(key)) && checkpoint.head().is_some();
            let ours = name.as_ref().is_none_or(|name| *name == checkpoint.log);
            let said = if !signed {
                both!("检查点不是这把密钥签的", "the key did not sign this checkpoint")
            } else if ours {
                sound.push(checkpoint.clone());
                continue;
            } else {
                both!("检查点属于另一份日志", "the checkpoint is of another log")
            };
            bad.push(Finding { flaw: Flaw::BadCheckpoint, segment: CHECKPOINTS.into(), line, said });
        }
        (sound, bad)
    }

    /// The log's own name, which its first segment tells.
    fn name(&self) -> Option<String> {
        self.segments.iter().find_map(|segment| {
            let bytes = self.read(segment).ok()?;
            let first = bytes.split(|byte| *byte == b'\n').next().and_then(entry::read::<Segment>)?;
            Some(first.log)
        })
    }
}

/// The checkpoints in a directory, or in a file; none where there is neither yet. A line that is none is taken as one
/// that nobody signed.
pub fn checkpoints(path: &Path) -> io::Result<Vec<Checkpoint>> {
    let file = if path.is_dir() { path.join(CHECKPOINTS) } else { path.to_owned() };
    let bytes = match directory::read(&file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_dir() => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    Ok(lines.map(|line| serde_json::from_slice(line).unwrap_or_else(|_| nobodys())).collect())
}

fn nobodys() -> Checkpoint {
    let empty = String::new;
    Checkpoint { log: empty(), seq: 0, hash: empty(), at: empty(), key: empty(), signature: empty() }
}
