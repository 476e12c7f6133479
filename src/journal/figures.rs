//! What a log tells of itself in numbers: how far the disk lags behind, how long it takes, and what became of the work
//! beside the writing. Counts without locks; knows no entry's contents.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use crate::value::Instant;

/// Upper bounds of [`Times`], in microseconds: a disk with a cache of its own takes the first, one that is busy the last.
pub const BOUNDS: [u64; 16] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    10_000_000,
];

/// Figures of one log since the service was started.
#[derive(Debug, Default)]
pub struct Figures {
    handed: AtomicU64,
    /// Those that wait no more: the disk has them, or they were refused.
    settled: AtomicU64,
    /// When the oldest of those that wait came in, or a little earlier.
    oldest: AtomicI64,
    entries: AtomicU64,
    bytes: AtomicU64,
    syncs: Times,
    troubles: AtomicU64,
    last_trouble: AtomicI64,
    chores: [(AtomicU64, AtomicU64); Work::ALL.len()],
}

/// How far the disk lags behind what was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    pub answers: u64,
    /// Of the oldest of them.
    pub age: Duration,
}

/// How often something took how long.
#[derive(Debug, Default)]
pub struct Times {
    buckets: [AtomicU64; BOUNDS.len()],
    longer: AtomicU64,
    nanoseconds: AtomicU64,
}

/// Work beside the writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    Pack,
    Export,
    FindOld,
    Remove,
}

impl Work {
    pub const ALL: [Self; 4] = [Self::Pack, Self::Export, Self::FindOld, Self::Remove];

    /// What operations call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pack => "pack",
            Self::Export => "checkpoint",
            Self::FindOld => "find_old",
            Self::Remove => "remove",
        }
    }
}

impl Figures {
    /// Answers were handed over, the first of which came in then.
    pub(super) fn handed(&self, answers: usize, at: Instant) {
        let answers = count(answers);
        let before = self.handed.fetch_add(answers, Ordering::Relaxed);
        if before == self.settled.load(Ordering::Relaxed) {
            self.oldest.store(at.0, Ordering::Relaxed);
        }
    }

    /// Answers wait no more; what still waits came in after `newest`.
    pub(super) fn settled(&self, answers: usize, newest: Instant) {
        self.oldest.store(newest.0, Ordering::Relaxed);
        self.settled.fetch_add(count(answers), Ordering::Relaxed);
    }

    pub(super) fn written(&self, entries: u64, bytes: usize) {
        self.entries.fetch_add(entries, Ordering::Relaxed);
        self.bytes.fetch_add(count(bytes), Ordering::Relaxed);
    }

    pub(super) fn synced(&self, took: Duration) {
        self.syncs.count(took);
    }

    pub(super) fn troubled(&self, at: Instant) {
        self.troubles.fetch_add(1, Ordering::Relaxed);
        self.last_trouble.store(at.0, Ordering::Relaxed);
    }

    pub(super) fn worked(&self, work: Work, well: bool) {
        let counts = Work::ALL.iter().zip(&self.chores).find(|(known, _)| **known == work);
        if let Some((_, (done, failed))) = counts {
            if well { done } else { failed }.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What the disk does not have yet.
    pub fn lag(&self, now: Instant) -> Lag {
        let settled = self.settled.load(Ordering::Relaxed);
        let answers = self.handed.load(Ordering::Relaxed).saturating_sub(settled);
        let waited = now.0.saturating_sub(self.oldest.load(Ordering::Relaxed));
        let waited = if answers > 0 { u64::try_from(waited).unwrap_or_default() } else { 0 };
        Lag { answers, age: Duration::from_nanos(waited) }
    }

    /// Entries of any kind that were kept, and their bytes.
    pub fn kept(&self) -> (u64, u64) {
        (self.entries.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }

    pub fn syncs(&self) -> &Times {
        &self.syncs
    }

    /// How often entries could not be kept any more, and when that was last so.
    pub fn troubles(&self) -> (u64, Option<Instant>) {
        let count = self.troubles.load(Ordering::Relaxed);
        (count, (count > 0).then(|| Instant(self.last_trouble.load(Ordering::Relaxed))))
    }

    /// Work beside the writing: done, and failed.
    pub fn chores(&self) -> impl Iterator<Item = (Work, u64, u64)> {
        let counts = Work::ALL.iter().zip(&self.chores);
        counts.map(|(work, (done, failed))| (*work, done.load(Ordering::Relaxed), failed.load(Ordering::Relaxed)))
    }
}

impl Times {
    pub fn count(&self, took: Duration) {
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|bound| microseconds <= *bound).and_then(|at| self.buckets.get(at));
        bucket.unwrap_or(&self.longer).fetch_add(1, Ordering::Relaxed);
        self.nanoseconds.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How many took at most as long as each bound, and how many there are in all.
    pub fn at_most(&self) -> ([u64; BOUNDS.len()], u64) {
        let mut sum = 0_u64;
        let at_most = self.buckets.each_ref().map(|bucket| {
            sum = sum.saturating_add(bucket.load(Ordering::Relaxed));
            sum
        });
        (at_most, sum.saturating_add(self.longer.load(Ordering::Relaxed)))
    }

    /// All of them together.
    pub fn sum(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed))
    }
}

fn count(of: usize) -> u64 {
    u64::try_from(of).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lag_is_what_was_handed_over_and_is_not_settled() {
        let (figures, second) = (Figures::default(), |count: i64| Instant(count * 1_000_000_000));
        let lag = |at| {
            let Lag { answers, age } = figures.lag(second(at));
            (answers, age.as_secs())
        };
        assert_eq!(lag(100), (0, 0));
        figures.handed(1, second(100));
        figures.handed(2, second(103));
        assert_eq!(lag(110), (3, 10));
        figures.settled(1, second(100));
        assert_eq!(lag(110), (2, 10), "the next may have come right after it");
        figures.settled(2, second(103));
        assert_eq!(lag(120), (0, 0));
        figures.handed(1, second(130));
        assert_eq!(lag(131), (1, 1));
    }

    #[test]
    fn times_are_counted_at_their_bound_and_beyond_the_last() {
        let times = Times::default();
        for micros in [50, 51, 10_000_000, 10_000_001] {
            times.count(Duration::from_micros(micros));
        }
        let (at_most, all) = times.at_most();
        assert_eq!((at_most[0], at_most[1], at_most[15], all), (1, 2, 3, 4));
        assert_eq!(times.sum(), Duration::from_micros(20_000_102));
    }
}
