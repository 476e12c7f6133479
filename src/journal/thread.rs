//! The thread that writes: takes what has gathered, keeps it at once, and tells those who wait.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot, watch};

use super::chores::{Chore, Chores, Export};
use super::directory::Directory;
use super::storage::Storage;
use super::trouble::{OpenError, Trouble};
use super::writer::{Limits, Writer};
use super::{Answered, Durability, Journal, Message, Standing};
use crate::clock;
use crate::record::chain::{self, Head};
use crate::record::entry::{Answer, Retired, Started, Stopped};
use crate::record::written;
use crate::value::Instant;

/// Calls that wait to be taken; more wait to be let in.
const QUEUE: usize = 4_096;

/// Calls that share one `fdatasync`.
const TOGETHER_MAX: usize = 1_024;

/// How often an idle or failing log is looked after.
const LOOK: Duration = Duration::from_millis(500);

/// How often segments are looked at that may have been kept long enough.
const RETIRE_LOOK: i64 = 3_600 * crate::value::SECOND;

/// How to keep a log.
#[derive(Debug)]
pub struct Options {
    pub durability: Durability,
    pub limits: Limits,
    /// How long segments are kept; `None` is for ever.
    pub keep: Option<Duration>,
    /// How long a call waits for the disk before it goes without an answer.
    pub patience: Duration,
    /// Name and version of the program, for the record.
    pub program: String,
    pub export: Option<Export>,
    /// The part of an entry that people read and search, as JSON.
    pub describe: fn(&Answered) -> serde_json::Result<Box<RawValue>>,
}

/// A log that is being written.
#[derive(Debug)]
pub struct Running {
    journal: Journal,
    thread: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl Running {
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Keeps what was handed over, and ends the log in good order.
    pub fn stop(self) {
        let _ = self.stop.send(());
        drop(self.journal);
        if self.thread.join().is_err() {
            tracing::error!("the thread that writes the decision log broke off");
        }
    }
}

/// Begins to write a log to a directory, or goes on with the one that is there.
pub fn start(root: &Path, options: Options) -> Result<Running, OpenError> {
    let path = root.display().to_string();
    let directory = Directory::take(root).map_err(|source| {
        let taken = source.kind() == io::ErrorKind::WouldBlock;
        if taken { OpenError::Taken(path) } else { OpenError::Unusable { path, source } }
    })?;
    begin(Arc::new(directory), options)
}

fn begin<S: Storage>(storage: Arc<S>, options: Options) -> Result<Running, OpenError> {
    let now = clock::now();
    let mut writer = Writer::open(Arc::clone(&storage), options.durability, options.limits, now)?;
    if let Some(export) = &options.export {
        export.check(writer.log(), writer.head())?;
    }
    let durability = options.durability.word().to_owned();
    let started = Started { at: written(now), program: options.program.clone(), durability };
    writer.note(now, &started)?;
    let (messages, received) = mpsc::channel(QUEUE);
    let standing = Arc::new(watch::Sender::new(Standing::Well));
    let journal = Journal {
        messages: messages.clone(),
        standing: Arc::clone(&standing),
        figures: Arc::clone(writer.figures()),
        durability: options.durability,
        patience: options.patience,
    };
    let figures = Arc::clone(writer.figures());
    let chores = Chores::start(storage, options.export, messages.downgrade(), figures).map_err(OpenError::Thread)?;
    let exported = writer.head().seq;
    let scribe = Scribe {
        writer,
        describe: options.describe,
        standing,
        keep: options.keep,
        chores,
        exported: Exported { seq: 0, at: now },
        retired_at: Instant(0),
        unsettled: Unsettled { answers: 0, newest: now },
    };
    tracing::debug!(entry = exported, "the decision log goes on");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(OpenError::Thread)?;
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::Builder::new().name("decision-log".into());
    let thread = thread.spawn(move || runtime.block_on(scribe.write(received, stopped))).map_err(OpenError::Thread)?;
    Ok(Running { journal, thread, stop })
}

/// The last entry that a checkpoint was made for.
struct Exported {
    seq: u64,
    at: Instant,
}

struct Scribe<S: Storage> {
    writer: Writer<S>,
    describe: fn(&Answered) -> serde_json::Result<Box<RawValue>>,
    standing: Arc<watch::Sender<Standing>>,
    keep: Option<Duration>,
    chores: Chores,
    exported: Exported,
    retired_at: Instant,
    unsettled: Unsettled,
}

/// Answers that were written, and that the disk may not have yet.
struct Unsettled {
    answers: usize,
    /// When the last of them came in.
    newest: Instant,
}

/// Calls whose answers wait to be kept.
type Waiting = Vec<(Vec<Answered>, Option<oneshot::Sender<Result<(), Trouble>>>)>;

impl<S: Storage> Scribe<S> {
    async fn write(mut self, mut received: mpsc::Receiver<Message>, mut stopped: oneshot::Receiver<()>) {
        let mut messages = Vec::with_capacity(TOGETHER_MAX);
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = look.tick() => self.look_after(),
                taken = received.recv_many(&mut messages, TOGETHER_MAX) => {
                    if taken == 0 {
                        break;
                    }
                    self.take(&mut messages);
                }
                _ = &mut stopped => break,
            }
        }
        received.close();
        while received.recv_many(&mut messages, TOGETHER_MAX).await > 0 {
            self.take(&mut messages);
        }
        self.end();
    }

    fn take(&mut self, messages: &mut Vec<Message>) {
        let mut waiting: Waiting = Vec::with_capacity(messages.len());
        for message in messages.drain(..) {
            match message {
                Message::Answers { answers, done } => waiting.push((answers, done)),
                Message::Retire(retired) => self.retire(retired),
            }
        }
        if waiting.is_empty() {
            return;
        }
        let kept = self.keep(&waiting);
        let answers = waiting.iter().map(|(answers, _)| answers.len()).fold(0, usize::saturating_add);
        let newest = waiting.iter().filter_map(|(answers, _)| answers.first()).map(|first| first.received_at).max();
        self.unsettled.answers = self.unsettled.answers.saturating_add(answers);
        self.unsettled.newest = newest.unwrap_or(self.unsettled.newest);
        self.settle(kept.is_err());
        self.told(kept.as_ref());
        for (answers, done) in waiting {
            // Whoever does not wait any more has been told that there is no answer.
            let _ = done.map(|done| done.send(kept.clone()));
            drop(answers);
        }
        self.pack_closed();
    }

    fn keep(&mut self, waiting: &Waiting) -> Result<(), Trouble> {
        if let Standing::Failing(trouble) = &*self.standing.borrow()
            && !self.writer.is_well()
        {
            return Err(trouble.clone());
        }
        let answers = || waiting.iter().flat_map(|(answers, _)| answers);
        for answered in answers() {
            self.writer.keep_bundle(&answered.bundle)?;
        }
        let describe = self.describe;
        self.writer.commit(clock::now(), |out, mut head| {
            for answered in answers() {
                head = append(out, head, answered, describe)?;
            }
            Ok(head)
        })
    }

    /// Counts answers as waiting no more that the disk has, or that were refused.
    fn settle(&mut self, refused: bool) {
        let Unsettled { answers, newest } = self.unsettled;
        if answers > 0 && (refused || self.writer.is_synced()) {
            self.writer.figures().settled(answers, newest);
            self.unsettled.answers = 0;
        }
    }

    /// Tells everybody how the log is, if that has changed.
    fn told(&self, kept: Result<&(), &Trouble>) {
        let standing = kept.map_or_else(|trouble| Standing::Failing(trouble.clone()), |()| Standing::Well);
        let changed = self.standing.send_if_modified(|before| {
            let changed = *before != standing;
            before.clone_from(&standing);
            changed
        });
        match (changed, &standing) {
            (true, Standing::Well) => tracing::info!("the decision log is kept again; calls are answered"),
            (true, Standing::Failing(trouble)) => {
                self.writer.figures().troubled(clock::now());
                tracing::error!(%trouble, "answers can't be recorded, so calls are refused until they can");
            }
            (false, _) => {}
        }
    }

    /// Mends what fails, keeps what only the system has, and hands out checkpoints.
    fn look_after(&mut self) {
        let now = clock::now();
        let failing = match &*self.standing.borrow() {
            Standing::Failing(trouble) => Some(trouble.clone()),
            Standing::Well => None,
        };
        let kept = match failing {
            Some(trouble) => self.writer.resume(now, &trouble),
            None => self.writer.look_after(),
        };
        self.settle(kept.is_err());
        self.told(kept.as_ref());
        self.checkpoint(now, false);
        if self.keep.is_some() && now.0.saturating_sub(self.retired_at.0) > RETIRE_LOOK {
            self.retired_at = now;
            let age = self.keep.map_or(i64::MAX, |keep| i64::try_from(keep.as_nanos()).unwrap_or(i64::MAX));
            self.chores.hand(Chore::FindOld { before: Instant(now.0.saturating_sub(age)) });
        }
    }

    fn checkpoint(&mut self, now: Instant, last: bool) {
        let (Some(every), head) = (self.chores.export_every(), self.writer.head()) else { return };
        let every = i64::try_from(every.as_nanos()).unwrap_or(i64::MAX);
        let due = last || self.exported.seq == 0 || now.0.saturating_sub(self.exported.at.0) >= every;
        if due && head.seq > self.exported.seq && self.writer.is_well() && self.writer.sync().is_ok() {
            self.exported = Exported { seq: head.seq, at: now };
            self.chores.hand(Chore::Export { log: self.writer.log().to_owned(), head, at: written(now) });
        }
    }

    /// Notes that segments go, and only then lets them go.
    fn retire(&mut self, retired: Retired) {
        let now = clock::now();
        let (first, last) = (retired.first, retired.last);
        let noted = self.writer.note(now, &Retired { at: written(now), ..retired }).and_then(|()| self.writer.sync());
        if noted.is_ok() {
            self.chores.hand(Chore::Remove { first, last });
        }
    }

    fn pack_closed(&mut self) {
        for number in self.writer.take_closed() {
            self.chores.hand(Chore::Pack(number));
        }
    }

    fn end(mut self) {
        let now = clock::now();
        let ended = self.writer.note(now, &Stopped { at: written(now) }).and_then(|()| self.writer.sync());
        if let Err(trouble) = ended {
            tracing::error!(%trouble, "the decision log could not be ended in good order");
        }
        self.checkpoint(now, true);
        self.chores.stop();
    }
}

fn append(
    out: &mut Vec<u8>,
    head: Head,
    answered: &Answered,
    describe: fn(&Answered) -> serde_json::Result<Box<RawValue>>,
) -> serde_json::Result<Head> {
    let Answered { id, call, received_at, took, bundle, caller, role_origin, withheld, grant, request, answer } =
        answered;
    let entry = Answer {
        id: id.clone(),
        call: *call,
        received_at: written(*received_at),
        took_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        bundle: bundle.digest().to_owned(),
        caller: caller.to_string(),
        role_origin: (*role_origin).to_owned(),
        withheld: withheld.clone(),
        shown: describe(answered)?,
        grant: grant.clone(),
        request: STANDARD.encode(request),
        answer: STANDARD.encode(answer),
    };
    chain::append(out, head, &entry)
}
