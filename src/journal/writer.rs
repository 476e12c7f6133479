//! Keeps entries in segments: what was acknowledged is there, in order, each following from the one before.
//!
//! After an error nothing more is written until [`Writer::resume`] has found the end that was acknowledged last; what
//! lies behind it nobody was told to be kept, and is cut off. Starts no thread, and is told what time it is; how long
//! the disk takes it measures itself.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ring::rand::{SecureRandom as _, SystemRandom};

use super::figures::Figures;
use super::storage::{Appender, Storage, closed_name, segment_name, segment_of};
use super::trouble::Trouble;
use super::{Durability, pack};
use crate::clock::Stopwatch;
use crate::policy::Bundle;
use crate::record::chain::{self, Digest, Head};
use crate::record::entry::{self, Body, Repaired, Resumed, Segment};
use crate::record::{moment, written};
use crate::value::Instant;

/// When a segment is full.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub bytes: u64,
    pub age: Duration,
}

/// Writes one log.
pub struct Writer<S: Storage> {
    storage: Arc<S>,
    durability: Durability,
    limits: Limits,
    log: String,
    /// The last entry that was acknowledged.
    head: Head,
    segment: Current,
    /// `None` after an error.
    file: Option<S::File>,
    /// Whether something was appended since the file was synced.
    unsynced: bool,
    /// Digests of the bundles that are kept beside the log.
    bundles: BTreeSet<Box<str>>,
    /// Segments that were closed and wait to be packed.
    closed: Vec<u64>,
    buffer: Vec<u8>,
    figures: Arc<Figures>,
}

/// The segment that is being written.
#[derive(Debug, Clone, Copy)]
struct Current {
    number: u64,
    /// How much of it was acknowledged.
    bytes: u64,
    begun: Instant,
}

impl<S: Storage> Writer<S> {
    /// Goes on where the log ends, and puts aside an end that is no whole entry.
    pub fn open(storage: Arc<S>, durability: Durability, limits: Limits, now: Instant) -> Result<Self, Trouble> {
        let mut writer = Self {
            storage,
            durability,
            limits,
            log: String::new(),
            head: Head::default(),
            segment: Current { number: 1, bytes: 0, begun: now },
            file: None,
            unsynced: false,
            bundles: BTreeSet::new(),
            closed: Vec::new(),
            buffer: Vec::new(),
            figures: Arc::default(),
        };
        let torn = writer.recover()?;
        if writer.log.is_empty() {
            writer.log = name()?;
        }
        writer.reopen()?;
        if let Some(torn) = torn {
            writer.note(now, &Repaired { at: written(now), ..torn })?;
        }
        Ok(writer)
    }

    pub fn log(&self) -> &str {
        &self.log
    }

    /// The last entry that was acknowledged.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Whether entries are taken.
    pub fn is_well(&self) -> bool {
        self.file.is_some()
    }

    /// Whether the disk has all that was acknowledged.
    pub fn is_synced(&self) -> bool {
        !self.unsynced
    }

    pub fn figures(&self) -> &Arc<Figures> {
        &self.figures
    }

    /// Segments that were closed since this was last asked.
    pub fn take_closed(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.closed)
    }

    /// Keeps one entry about the log itself.
    pub fn note(&mut self, now: Instant, body: &impl Body) -> Result<(), Trouble> {
        self.commit(now, |out, head| chain::append(out, head, body))
    }

    /// Keeps what `fill` writes, all of it or nothing. `fill` is given the end of the log, and tells the new one.
    pub fn commit(
        &mut self,
        now: Instant,
        fill: impl FnOnce(&mut Vec<u8>, Head) -> serde_json::Result<Head>,
    ) -> Result<(), Trouble> {
        if !self.is_well() {
            return Err(Trouble::gone());
        }
        if self.is_full(now) {
            self.rotate(now)?;
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let kept = self.keep(now, fill, &mut buffer);
        self.buffer = buffer;
        if kept.is_err() {
            self.file = None;
        }
        kept
    }

    fn keep(
        &mut self,
        now: Instant,
        fill: impl FnOnce(&mut Vec<u8>, Head) -> serde_json::Result<Head>,
        buffer: &mut Vec<u8>,
    ) -> Result<(), Trouble> {
        let file = self.file.as_mut().ok_or_else(Trouble::gone)?;
        let unwritable = |problem: serde_json::Error| Trouble::of(&problem.into());
        let mut head = self.head;
        if self.segment.bytes == 0 {
            let begins = entry::written_segment(&self.log, self.segment.number, &written(now));
            head = chain::append(buffer, head, &begins).map_err(unwritable)?;
            self.segment.begun = now;
        }
        let head = fill(buffer, head).map_err(unwritable)?;
        file.append(buffer).map_err(|error| Trouble::of(&error))?;
        self.unsynced = true;
        if self.durability == Durability::Fsync {
            synced(file, &self.figures)?;
            self.unsynced = false;
        }
        if !file.is_in_place() {
            return Err(Trouble::gone());
        }
        self.figures.written(head.seq.saturating_sub(self.head.seq), buffer.len());
        self.head = head;
        self.segment.bytes = self.segment.bytes.saturating_add(u64::try_from(buffer.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// Keeps what the system was handed so far.
    pub fn sync(&mut self) -> Result<(), Trouble> {
        if !self.unsynced {
            return Ok(());
        }
        let file = self.file.as_mut().ok_or_else(Trouble::gone)?;
        let synced = synced(file, &self.figures);
        match synced {
            Ok(()) => self.unsynced = false,
            Err(_) => self.file = None,
        }
        synced
    }

    /// Keeps what the system was handed so far, and finds out where the log is gone although nobody writes.
    pub fn look_after(&mut self) -> Result<(), Trouble> {
        self.sync()?;
        match &self.file {
            Some(file) if file.is_in_place() => Ok(()),
            Some(_) | None => {
                self.file = None;
                Err(Trouble::gone())
            }
        }
    }

    /// Keeps a bundle beside the log, once.
    pub fn keep_bundle(&mut self, bundle: &Bundle) -> Result<(), Trouble> {
        if self.bundles.contains(bundle.digest()) {
            return Ok(());
        }
        let name = pack::bundle_name(bundle.digest());
        let kept = || {
            if self.storage.exists(&name)? {
                return Ok(());
            }
            self.storage.put(&name, &pack::bundle(bundle.sources())?)
        };
        if let Err(error) = kept() {
            self.file = None;
            return Err(Trouble::of(&error));
        }
        self.bundles.insert(bundle.digest().into());
        Ok(())
    }

    /// Takes entries again, if the disk does: finds the end that was acknowledged last, cuts what lies behind it, and
    /// notes that there was trouble.
    pub fn resume(&mut self, now: Instant, trouble: &Trouble) -> Result<(), Trouble> {
        if self.file.is_none() {
            // Bundles may be gone with the rest.
            self.bundles.clear();
            self.reopen()?;
        }
        self.note(now, &Resumed { at: written(now), after: trouble.said.en.clone() })
    }

    fn is_full(&self, now: Instant) -> bool {
        let age = i64::try_from(self.limits.age.as_nanos()).unwrap_or(i64::MAX);
        let old = self.segment.begun.0.saturating_add(age) <= now.0;
        self.segment.bytes > 0 && (old || self.segment.bytes >= self.limits.bytes)
    }

    fn rotate(&mut self, now: Instant) -> Result<(), Trouble> {
        self.sync()?;
        let before = self.segment.number;
        self.segment = Current { number: before.saturating_add(1), bytes: 0, begun: now };
        self.closed.push(before);
        self.file = None;
        self.reopen()
    }

    /// Opens the segment that is being written, and makes sure that it ends where it was acknowledged last.
    fn reopen(&mut self) -> Result<(), Trouble> {
        let failed = |error| Trouble::of(&error);
        let name = segment_name(self.segment.number);
        let there = self.storage.exists(&name).map_err(failed)?;
        if self.segment.bytes > 0 && !(there && self.ends_as_acknowledged(&name).map_err(failed)?) {
            // What was acknowledged is gone. The chain goes on from it, so that everybody sees that it is missing.
            let last = self.numbers()?.into_iter().map(|(number, _)| number).max().unwrap_or_default();
            self.segment = Current {
                number: last.max(self.segment.number).saturating_add(1),
                bytes: 0,
                begun: self.segment.begun,
            };
            return self.reopen();
        }
        let mut file = if there { self.storage.open(&name) } else { self.storage.create(&name) }.map_err(failed)?;
        if there {
            file.cut(self.segment.bytes).map_err(failed)?;
        }
        self.unsynced = false;
        self.file = Some(file);
        Ok(())
    }

    fn ends_as_acknowledged(&self, name: &str) -> std::io::Result<bool> {
        let bytes = self.storage.read(name)?;
        let acknowledged = usize::try_from(self.segment.bytes).ok().and_then(|length| bytes.get(..length));
        Ok(acknowledged.and_then(last_link).is_some_and(|head| head == self.head))
    }

    /// The segments, by number; where one is there in both forms, both.
    fn numbers(&self) -> Result<Vec<(u64, bool)>, Trouble> {
        let listed = self.storage.list().map_err(|error| Trouble::of(&error))?;
        let mut numbers: Vec<_> = listed.iter().filter_map(|file| segment_of(&file.name)).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Finds the end of the log as the service before left it.
    fn recover(&mut self) -> Result<Option<Repaired>, Trouble> {
        let failed = |error| Trouble::of(&error);
        let numbers = self.numbers()?;
        let is_closed = |number: u64| numbers.contains(&(number, true));
        for (number, _) in numbers.iter().filter(|(number, closed)| !closed && is_closed(*number)) {
            self.drop_packed(*number)?;
        }
        let Some(&(last, _)) = numbers.last() else { return Ok(None) };
        self.closed = numbers
            .iter()
            .filter(|(number, closed)| !closed && !is_closed(*number) && *number < last)
            .map(|(number, _)| *number)
            .collect();
        if is_closed(last) {
            self.end_of_closed(last)?;
            return Ok(None);
        }
        let bytes = self.storage.read(&segment_name(last)).map_err(failed)?;
        let whole = chain::whole(&bytes);
        self.segment.number = last;
        let first = bytes.split(|byte| *byte == b'\n').next().and_then(entry::read::<Segment>);
        match (whole.head, first) {
            (Some(head), Some(first)) => {
                self.head = head;
                self.log = first.log;
                let begun = moment(&first.at).unwrap_or(self.segment.begun);
                self.segment = Current { number: last, bytes: u64::try_from(whole.bytes).unwrap_or(u64::MAX), begun };
            }
            // Not even its first line was kept: it follows from the segment before.
            _ => self.end_before(last, &numbers)?,
        }
        let kept = usize::try_from(self.segment.bytes).unwrap_or(usize::MAX);
        let torn = bytes.get(kept..).filter(|torn| !torn.is_empty());
        torn.map(|torn| self.put_aside(last, torn)).transpose()
    }

    fn end_before(&mut self, number: u64, numbers: &[(u64, bool)]) -> Result<(), Trouble> {
        let Some(&(before, closed)) = numbers.iter().rfind(|(other, _)| *other < number) else { return Ok(()) };
        let (begun, current) = (self.segment.begun, number);
        if closed {
            self.end_of_closed(before)?;
        } else {
            let bytes = self.storage.read(&segment_name(before)).map_err(|error| Trouble::of(&error))?;
            self.take_end(&bytes);
        }
        self.segment = Current { number: current, bytes: 0, begun };
        Ok(())
    }

    /// Goes on in a new segment after a closed one.
    fn end_of_closed(&mut self, number: u64) -> Result<(), Trouble> {
        let read = || pack::uncompressed(&self.storage.read(&closed_name(number))?);
        let bytes = read().map_err(|error| Trouble::of(&error))?;
        self.take_end(&bytes);
        self.segment.number = number.saturating_add(1);
        Ok(())
    }

    fn take_end(&mut self, bytes: &[u8]) {
        self.head = last_link(bytes).unwrap_or_default();
        let first = bytes.split(|byte| *byte == b'\n').next().and_then(entry::read::<Segment>);
        self.log = first.map(|first| first.log).unwrap_or_default();
    }

    /// A segment that is there in both forms was packed when the service broke off.
    fn drop_packed(&self, number: u64) -> Result<(), Trouble> {
        let same = || {
            let plain = self.storage.read(&segment_name(number))?;
            Ok::<_, std::io::Error>(pack::uncompressed(&self.storage.read(&closed_name(number))?)? == plain)
        };
        // Where they differ both stay, for whoever looks into it.
        if same().unwrap_or(false) {
            self.storage.remove(&segment_name(number)).map_err(|error| Trouble::of(&error))?;
        }
        Ok(())
    }

    fn put_aside(&self, segment: u64, torn: &[u8]) -> Result<Repaired, Trouble> {
        let kept = format!("torn-{segment:08}-{}.bin", self.segment.bytes);
        self.storage.put(&kept, torn).map_err(|error| Trouble::of(&error))?;
        let sound = |line: &&[u8]| chain::read(line).is_some_and(|link| link.sound);
        let whole_entries = torn.split(|byte| *byte == b'\n').filter(sound).count();
        Ok(Repaired {
            at: String::new(),
            segment,
            cut_bytes: u64::try_from(torn.len()).unwrap_or(u64::MAX),
            whole_entries: u64::try_from(whole_entries).unwrap_or(u64::MAX),
            kept,
            digest: Digest::of(torn).to_string(),
        })
    }
}

/// Has the disk keep a file, and tells how long it took.
fn synced(file: &mut impl Appender, figures: &Figures) -> Result<(), Trouble> {
    let begun = Stopwatch::start();
    let synced = file.sync();
    figures.synced(begun.elapsed());
    synced.map_err(|error| Trouble::of(&error))
}

/// The end of the chain after the last line of a segment.
pub fn last_link(bytes: &[u8]) -> Option<Head> {
    let line = bytes.strip_suffix(b"\n")?.rsplit(|byte| *byte == b'\n').next()?;
    chain::read(line).filter(|link| link.sound).map(|link| link.head())
}

/// A name for a new log, which no other has.
fn name() -> Result<String, Trouble> {
    let mut random = [0; 16];
    let filled = SystemRandom::new().fill(&mut random);
    filled.map_err(|_| Trouble::of(&std::io::Error::other("the system has no random numbers")))?;
    let digits = Digest::of(&random).to_string();
    Ok(digits.get(..16).unwrap_or_default().to_owned())
}
