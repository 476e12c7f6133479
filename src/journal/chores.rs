//! What a log needs done beside the writing: closed segments are packed, checkpoints handed out, old segments removed.
//! On a thread of its own, for none of it may hold up an answer.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::WeakSender;

use super::figures::{Figures, Work};
use super::storage::{Storage, closed_name, segment_name, segment_of};
use super::trouble::OpenError;
use super::{Message, directory, pack, reading};
use crate::record::chain::{self, Head};
use crate::record::checkpoint::Checkpoint;
use crate::record::entry::Retired;
use crate::signing::SigningKey;
use crate::value::Instant;

/// The file of checkpoints in the directory they are handed out to.
pub const CHECKPOINTS: &str = "checkpoints.jsonl";

/// Where signed checkpoints go.
#[derive(Debug)]
pub struct Export {
    pub directory: PathBuf,
    pub key: SigningKey,
    pub every: Duration,
}

impl Export {
    /// Refuses to go on with a log whose end is not the one that was vouched for.
    pub fn check(&self, log: &str, end: Head) -> Result<(), OpenError> {
        let known = reading::checkpoints(&self.directory)
            .map_err(|source| OpenError::Unusable { path: self.directory.display().to_string(), source })?;
        let newest = known.into_iter().filter(|known| known.log == log).max_by_key(|known| known.seq);
        match newest {
            Some(known) if known.seq > end.seq => {
                Err(OpenError::BehindCheckpoint { end: end.seq, known: known.seq, at: known.at })
            }
            _ => Ok(()),
        }
    }
}

/// Something to do.
#[derive(Debug)]
pub enum Chore {
    Pack(u64),
    Export { log: String, head: Head, at: String },
    FindOld { before: Instant },
    Remove { first: u64, last: u64 },
}

/// The thread that does them, in order.
#[derive(Debug)]
pub struct Chores {
    chores: Sender<Chore>,
    export_every: Option<Duration>,
    thread: JoinHandle<()>,
}

impl Chores {
    pub fn start<S: Storage>(
        storage: Arc<S>,
        export: Option<Export>,
        writer: WeakSender<Message>,
        figures: Arc<Figures>,
    ) -> io::Result<Self> {
        let (chores, received) = channel();
        let export_every = export.as_ref().map(|export| export.every);
        let housekeeper = Housekeeper { storage, export, writer, figures };
        let thread = std::thread::Builder::new().name("decision-log-chores".into());
        let thread = thread.spawn(move || housekeeper.work(&received))?;
        Ok(Self { chores, export_every, thread })
    }

    /// How often a checkpoint is handed out, if at all.
    pub fn export_every(&self) -> Option<Duration> {
        self.export_every
    }

    pub fn hand(&self, chore: Chore) {
        // If the thread has broken off, that was told.
        let _ = self.chores.send(chore);
    }

    /// Waits until all is done.
    pub fn stop(self) {
        drop(self.chores);
        if self.thread.join().is_err() {
            tracing::error!("the thread that looks after the decision log broke off");
        }
    }
}

struct Housekeeper<S> {
    storage: Arc<S>,
    export: Option<Export>,
    writer: WeakSender<Message>,
    figures: Arc<Figures>,
}

impl<S: Storage> Housekeeper<S> {
    fn work(&self, received: &Receiver<Chore>) {
        while let Ok(chore) = received.recv() {
            let done = match &chore {
                Chore::Pack(number) => pack_segment(&*self.storage, *number),
                Chore::Export { log, head, at } => self.export(log, *head, at),
                Chore::FindOld { before } => self.find_old(*before),
                Chore::Remove { first, last } => remove(&*self.storage, *first, *last),
            };
            let (work, what, left) = match chore {
                Chore::Pack(_) => (Work::Pack, "a closed segment can't be packed", "it stays as it is"),
                Chore::Export { .. } => (Work::Export, "a checkpoint can't be handed out", "the next one covers it"),
                Chore::FindOld { .. } => (Work::FindOld, "old segments can't be looked for", "they stay"),
                Chore::Remove { .. } => (Work::Remove, "an old segment can't be removed", "it stays"),
            };
            self.figures.worked(work, done.is_ok());
            if let Err(problem) = done {
                tracing::error!(%problem, left, "{what}");
            }
        }
    }

    fn export(&self, log: &str, head: Head, at: &str) -> io::Result<()> {
        let Some(export) = &self.export else { return Ok(()) };
        let checkpoint = Checkpoint::signed(&export.key, log, head, at.to_owned());
        directory::add_line(&export.directory.join(CHECKPOINTS), &serde_json::to_vec(&checkpoint)?)
    }

    /// Finds segments that were last written before a moment, and has the writer note that they go.
    fn find_old(&self, before: Instant) -> io::Result<()> {
        let Some(retired) = old(&*self.storage, before)? else { return Ok(()) };
        if let Some(writer) = self.writer.upgrade() {
            let _ = writer.blocking_send(Message::Retire(retired));
        }
        Ok(())
    }
}

/// Compresses a segment that is closed.
pub fn pack_segment(storage: &impl Storage, number: u64) -> io::Result<()> {
    let packed = pack::compressed(&storage.read(&segment_name(number))?)?;
    storage.put(&closed_name(number), &packed)?;
    storage.remove(&segment_name(number))
}

/// The segments from the first on that were last written before a moment; never the one that is being written.
pub fn old(storage: &impl Storage, before: Instant) -> io::Result<Option<Retired>> {
    let mut segments: Vec<_> = storage
        .list()?
        .into_iter()
        .filter_map(|file| segment_of(&file.name).map(|(number, _)| (number, file.modified)))
        .collect();
    segments.sort();
    let current = segments.last().map_or(0, |(number, _)| *number);
    let old = segments.iter().take_while(|(number, modified)| *number < current && *modified < before);
    let numbers: Vec<u64> = old.map(|(number, _)| *number).collect();
    let (Some(&first), Some(&last)) = (numbers.first(), numbers.last()) else { return Ok(None) };
    // The segment after it says where it ended.
    let next = last.saturating_add(1);
    let bytes = if storage.exists(&closed_name(next))? {
        pack::uncompressed(&storage.read(&closed_name(next))?)?
    } else {
        storage.read(&segment_name(next))?
    };
    let link = bytes.split(|byte| *byte == b'\n').next().and_then(chain::read).filter(|link| link.sound);
    Ok(link.map(|link| Retired {
        at: String::new(),
        first,
        last,
        through: link.seq.saturating_sub(1),
        through_hash: link.prev.to_string(),
    }))
}

fn remove(storage: &impl Storage, first: u64, last: u64) -> io::Result<()> {
    for number in first..=last {
        for name in [closed_name(number), segment_name(number)] {
            if storage.exists(&name)? {
                storage.remove(&name)?;
            }
        }
    }
    Ok(())
}
