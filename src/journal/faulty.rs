//! A storage in memory that loses power, fills up and fails where a test says so.
//!
//! Counts every step that writes. What was not synced may survive a loss of power, in part, or as zeros; after a failed
//! sync the bytes look written and are not, as on Linux.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use super::storage::{Appender, Listed, Storage};
use crate::value::Instant;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// One step fails.
    Error(io::ErrorKind),
    /// The step is the last before the power is gone.
    PowerLoss,
}

/// What is left of bytes that were not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    Nothing,
    Half,
    Zeros,
    Everything,
}

#[derive(Debug, Default, Clone)]
struct File {
    bytes: Vec<u8>,
    /// How many of them a loss of power leaves.
    synced: usize,
    /// From here on a sync has failed: another keeps nothing.
    lost_from: Option<usize>,
    identity: u64,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, File>,
    steps: usize,
    fault: Option<(usize, Fault)>,
    dead: bool,
    identities: u64,
}

#[derive(Debug, Clone, Default)]
pub struct Faulty(Arc<Mutex<State>>);

impl Faulty {
    pub fn failing_at(step: usize, fault: Fault) -> Self {
        let disk = Self::default();
        disk.0.lock().unwrap().fault = Some((step, fault));
        disk
    }

    pub fn steps(&self) -> usize {
        self.0.lock().unwrap().steps
    }

    pub fn is_dead(&self) -> bool {
        self.0.lock().unwrap().dead
    }

    /// The power is gone, and comes back.
    pub fn restart(&self, left: Left) {
        let mut state = self.0.lock().unwrap();
        for file in state.files.values_mut() {
            let synced = file.lost_from.map_or(file.synced, |lost| lost.min(file.synced));
            let unsynced = file.bytes.len() - synced;
            match left {
                Left::Nothing => file.bytes.truncate(synced),
                Left::Half => file.bytes.truncate(synced + unsynced / 2),
                Left::Zeros => file.bytes[synced..].fill(0),
                Left::Everything => {}
            }
            (file.synced, file.lost_from) = (file.bytes.len(), None);
        }
        state.dead = false;
        state.fault = None;
    }

    /// Deletes everything, as somebody might.
    pub fn wipe(&self) {
        self.0.lock().unwrap().files.clear();
    }

    /// Takes a step that writes; the fault that it meets.
    fn step(&self) -> Result<(), Fault> {
        let mut state = self.0.lock().unwrap();
        if state.dead {
            return Err(Fault::PowerLoss);
        }
        state.steps += 1;
        match state.fault {
            Some((at, fault)) if at == state.steps => {
                state.dead = fault == Fault::PowerLoss;
                Err(fault)
            }
            _ => Ok(()),
        }
    }

    fn file<T>(&self, name: &str, look: impl FnOnce(&mut File) -> T) -> io::Result<T> {
        self.0.lock().unwrap().files.get_mut(name).map(look).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

fn error(fault: Fault) -> io::Error {
    match fault {
        Fault::Error(kind) => kind.into(),
        Fault::PowerLoss => io::Error::other("no power"),
    }
}

impl Storage for Faulty {
    type File = Handle;

    fn list(&self) -> io::Result<Vec<Listed>> {
        let state = self.0.lock().unwrap();
        let listed = state.files.keys().map(|name| Listed { name: name.clone(), modified: Instant(0) });
        Ok(listed.collect())
    }

    fn exists(&self, name: &str) -> io::Result<bool> {
        Ok(self.0.lock().unwrap().files.contains_key(name))
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        self.file(name, |file| file.bytes.clone())
    }

    fn create(&self, name: &str) -> io::Result<Handle> {
        self.step().map_err(error)?;
        let mut state = self.0.lock().unwrap();
        assert!(!state.files.contains_key(name), "`{name}` is there already");
        state.identities += 1;
        let identity = state.identities;
        state.files.insert(name.into(), File { identity, ..File::default() });
        drop(state);
        self.open(name)
    }

    fn open(&self, name: &str) -> io::Result<Handle> {
        let identity = self.file(name, |file| file.identity)?;
        Ok(Handle { disk: self.clone(), name: name.into(), identity })
    }

    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.step().map_err(error)?;
        let mut state = self.0.lock().unwrap();
        state.files.insert(name.into(), File { bytes: bytes.into(), synced: bytes.len(), ..File::default() });
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.step().map_err(error)?;
        self.0.lock().unwrap().files.remove(name).map(|_| ()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

#[derive(Debug)]
pub struct Handle {
    disk: Faulty,
    name: String,
    identity: u64,
}

impl Appender for Handle {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let step = self.disk.step();
        // What fails has taken a part.
        let taken = if step.is_ok() { bytes } else { &bytes[..bytes.len() / 2] };
        // A deleted file takes them too.
        let _ = self.disk.file(&self.name, |file| file.bytes.extend_from_slice(taken));
        step.map_err(error)
    }

    fn sync(&mut self) -> io::Result<()> {
        let step = self.disk.step();
        let _ = self.disk.file(&self.name, |file| match step {
            Ok(()) => file.synced = file.bytes.len(),
            Err(_) => file.lost_from = Some(file.lost_from.unwrap_or(file.synced)),
        });
        step.map_err(error)
    }

    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        self.disk.step().map_err(error)?;
        let length = usize::try_from(bytes).unwrap();
        self.disk.file(&self.name, |file| {
            assert!(file.lost_from.is_none_or(|lost| lost >= length), "bytes that were kept are lost");
            file.bytes.truncate(length);
            (file.synced, file.lost_from) = (length, None);
        })
    }

    fn is_in_place(&self) -> bool {
        self.disk.file(&self.name, |file| file.identity == self.identity).unwrap_or(false)
    }
}
