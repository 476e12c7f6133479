//! Whether a call is taken on: where more comes in than can be answered, the excess is sent away at once, so that what
//! is taken on is answered in time. Knows nothing of what a call asks.
//!
//! Each thread judges for all of its connections. A queue may grow while a burst passes. Once somebody had to be sent
//! away, it is held short until nobody had to be for a second: a queue that stays long makes everyone wait and helps
//! no one.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::{Code, Request, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::clock::Stopwatch;

/// How long a call may wait while a burst passes…
const PATIENCE: Duration = Duration::from_millis(500);

/// …and at least, however short the queue is held.
const PATIENCE_MIN: Duration = Duration::from_millis(1);

/// How long a queue is held short after somebody was sent away.
const STRICT: Duration = Duration::from_secs(1);

/// When somebody who was sent away may come again.
pub const RETRY: Duration = Duration::from_secs(1);

/// The calls of one thread.
#[derive(Debug)]
pub struct Admission {
    under_way: AtomicUsize,
    under_way_max: usize,
    /// Since when the times below are counted, in nanoseconds.
    since: Stopwatch,
    short: Queue,
    many: Queue,
    /// Calls with many cases are worked on one after the other; so many wait for it.
    working: Arc<Semaphore>,
    waiting: AtomicUsize,
    sent_away: AtomicU64,
}

/// How long calls wait, and may.
#[derive(Debug, Default)]
struct Queue {
    strict_until: AtomicU64,
    /// How long one of them is usually worked on.
    usual: AtomicU64,
}

/// A call that was taken on; counted for as long as this lives.
#[derive(Debug)]
pub struct Place(Arc<Admission>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The turn of a call with many cases; the next one's comes when this is dropped.
#[derive(Debug)]
pub struct Turn {
    begun: Option<(Stopwatch, Arc<Admission>)>,
    _working: Option<OwnedSemaphorePermit>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some((begun, admission)) = self.begun.take() {
            admission.many.worked(begun.elapsed());
        }
    }
}

/// The work on a short call; how long it took is remembered when this is dropped.
#[derive(Debug)]
pub struct Work<'a> {
    begun: Stopwatch,
    queue: &'a Queue,
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        self.queue.worked(self.begun.elapsed());
    }
}

impl Admission {
    /// For a thread that may have so many calls under way.
    pub fn new(under_way_max: usize) -> Self {
        Self {
            under_way: AtomicUsize::new(0),
            under_way_max,
            since: Stopwatch::start(),
            short: Queue::default(),
            many: Queue::default(),
            working: Arc::new(Semaphore::new(1)),
            waiting: AtomicUsize::new(0),
            sent_away: AtomicU64::new(0),
        }
    }

    /// Takes a call on, if there is room.
    pub fn enter(self: &Arc<Self>) -> Result<Place, Status> {
        // Given back at once where it is too much.
        let place = Place(Arc::clone(self));
        let before = self.under_way.fetch_add(1, Ordering::Relaxed);
        if before < self.under_way_max { Ok(place) } else { Err(self.send_away()) }
    }

    /// Begins on a short call that came in then, if it is still worked on.
    pub fn begin(&self, arrived: &Stopwatch) -> Result<Work<'_>, Status> {
        self.judge(&self.short, arrived.elapsed())?;
        Ok(Work { begun: Stopwatch::start(), queue: &self.short })
    }

    /// Takes a call with many cases on before it is read, if its turn may come in time.
    pub fn enter_with_many(self: &Arc<Self>) -> Result<Place, Status> {
        let place = self.enter()?;
        let waiting = self.waiting.load(Ordering::Relaxed) > 0;
        if waiting && self.many.is_strict(self.now()) { Err(self.refuse(&self.many)) } else { Ok(place) }
    }

    /// How many calls were taken on and have not ended.
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// How many calls were sent away.
    pub fn sent_away(&self) -> u64 {
        self.sent_away.load(Ordering::Relaxed)
    }

    async fn turn(self: &Arc<Self>) -> Result<Turn, Status> {
        let waiting = Stopwatch::start();
        let patience = self.many.patience(self.now());
        let place = Waiting::new(&self.waiting);
        let working = tokio::time::timeout(patience, Arc::clone(&self.working).acquire_owned()).await;
        drop(place);
        // It is never closed: who has waited long enough is who got none.
        let Ok(Ok(working)) = working else { return Err(self.refuse(&self.many)) };
        self.judge(&self.many, waiting.elapsed())?;
        Ok(Turn { begun: Some((Stopwatch::start(), Arc::clone(self))), _working: Some(working) })
    }

    fn judge(&self, queue: &Queue, waited: Duration) -> Result<(), Status> {
        if waited <= PATIENCE_MIN || waited <= queue.patience(self.now()) { Ok(()) } else { Err(self.refuse(queue)) }
    }

    fn refuse(&self, queue: &Queue) -> Status {
        queue.strict_until.store(nanoseconds(self.since.elapsed().saturating_add(STRICT)), Ordering::Relaxed);
        self.send_away()
    }

    fn send_away(&self) -> Status {
        self.sent_away.fetch_add(1, Ordering::Relaxed);
        OVERLOADED.clone()
    }

    fn now(&self) -> u64 {
        nanoseconds(self.since.elapsed())
    }
}

/// Counts a call that waits, for as long as it lives.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Queue {
    fn is_strict(&self, now: u64) -> bool {
        now < self.strict_until.load(Ordering::Relaxed)
    }

    fn patience(&self, now: u64) -> Duration {
        if self.is_strict(now) {
            // Who waits for three quarters of the usual work is answered within twice of it.
            let usual = self.usual.load(Ordering::Relaxed);
            PATIENCE_MIN.max(Duration::from_nanos(usual.saturating_sub(usual >> 2))).min(PATIENCE)
        } else {
            PATIENCE
        }
    }

    /// Remembers how long work took: mostly what it took before, an eighth what it took now.
    fn worked(&self, time: Duration) {
        let (usual, now) = (self.usual.load(Ordering::Relaxed), nanoseconds(time));
        let mean = if usual == 0 { now } else { usual.saturating_sub(usual >> 3).saturating_add(now >> 3) };
        self.usual.store(mean, Ordering::Relaxed);
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Waits until it is a call's turn that brings many cases. Where nobody admits calls, as in a test, it is at once.
pub async fn turn<T>(request: &Request<T>) -> Result<Turn, Status> {
    match request.extensions().get::<Arc<Admission>>() {
        Some(admission) => Arc::clone(admission).turn().await,
        None => Ok(Turn { begun: None, _working: None }),
    }
}

static OVERLOADED: LazyLock<Status> = LazyLock::new(|| {
    let details = ErrorDetails::with_retry_info(Some(RETRY));
    Status::with_error_details(Code::ResourceExhausted, "there is more to answer than can be; ask again later", details)
});
