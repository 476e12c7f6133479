//! A journal's files in a directory of this machine.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::storage::{Appender, Listed, Storage};
use crate::value::Instant;

/// Held as long as a service writes: two of them would make two histories.
const LOCK: &str = "lock";

/// What is not whole yet ends so.
const UNFINISHED: &str = ".unfinished";

/// A directory that one service writes to.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    _lock: File,
}

impl Directory {
    /// Takes a directory to write to; it is made if it is not there.
    pub fn take(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        let lock = OpenOptions::new().create(true).append(true).open(root.join(LOCK))?;
        lock.try_lock().map_err(io::Error::from)?;
        for entry in fs::read_dir(root)? {
            let path = entry?.path();
            if path.to_string_lossy().ends_with(UNFINISHED) {
                fs::remove_file(path)?;
            }
        }
        Ok(Self { root: root.to_owned(), _lock: lock })
    }

    /// Makes names durable: of files made, renamed and removed.
    fn sync_names(&self, at: &Path) -> io::Result<()> {
        let directory = at.parent().unwrap_or(&self.root);
        if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
    }
}

impl Storage for Directory {
    type File = Opened;

    fn list(&self) -> io::Result<Vec<Listed>> {
        list(&self.root)
    }

    fn exists(&self, name: &str) -> io::Result<bool> {
        self.root.join(name).try_exists()
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.root.join(name))
    }

    fn create(&self, name: &str) -> io::Result<Opened> {
        let path = self.root.join(name);
        let file = OpenOptions::new().create_new(true).append(true).open(&path)?;
        self.sync_names(&path)?;
        Ok(Opened { file, path })
    }

    fn open(&self, name: &str) -> io::Result<Opened> {
        let path = self.root.join(name);
        let file = OpenOptions::new().append(true).open(&path)?;
        Ok(Opened { file, path })
    }

    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.root.join(name);
        // The root itself is never made anew: a log that has lost its directory must not seem well.
        if let Some(parent) = path.parent().filter(|parent| *parent != self.root)
            && let Err(error) = fs::create_dir(parent)
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(error);
        }
        let unfinished = self.root.join(format!("{}{UNFINISHED}", name.replace('/', "-")));
        let mut file = File::create(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)?;
        self.sync_names(&path)?;
        self.sync_names(&self.root.join(LOCK))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let path = self.root.join(name);
        fs::remove_file(&path)?;
        self.sync_names(&path)
    }
}

/// A file of the directory.
#[derive(Debug)]
pub struct Opened {
    file: File,
    path: PathBuf,
}

impl Appender for Opened {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)?;
        self.file.sync_all()
    }

    #[cfg(unix)]
    fn is_in_place(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        let (ours, named) = (self.file.metadata().map(identity), fs::metadata(&self.path).map(identity));
        matches!((ours, named), (Ok(ours), Ok(named)) if ours == named)
    }

    #[cfg(not(unix))]
    fn is_in_place(&self) -> bool {
        self.path.exists()
    }
}

/// The files of a directory; for whoever reads a log beside the service that writes it.
pub fn list(root: &Path) -> io::Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let modified = entry.metadata()?.modified()?.duration_since(std::time::SystemTime::UNIX_EPOCH);
        let modified = modified.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX));
        listed.push(Listed { name: entry.file_name().to_string_lossy().into_owned(), modified: Instant(modified) });
    }
    Ok(listed)
}

pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path)
}

/// Reads a small file, such as a key; more than `bytes_max` is refused.
pub fn read_small(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= bytes_max);
    if fits { Ok(bytes) } else { Err(io::Error::other("it is too large")) }
}

/// Adds a line to a file, which is made if it is not there, and keeps it. The line before it is ended if it is not.
pub fn add_line(path: &Path, line: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
    let mut bytes = Vec::new();
    if file.metadata()?.len() > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != [b'\n'] {
            bytes.push(b'\n');
        }
    }
    bytes.extend_from_slice(line);
    bytes.push(b'\n');
    file.write_all(&bytes)?;
    file.sync_all()
}
