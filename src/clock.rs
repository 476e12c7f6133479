//! The one place that reads the machine's clock. Everything else is given its time: a decision by its `as_of`, a
//! script by its [`Deadline`].

#![allow(clippy::disallowed_methods, reason = "this is the place that reads the clock")]

use std::time::{self, Duration, SystemTime};

use crate::value::Instant;

/// The present moment, as the machine knows it.
pub fn now() -> Instant {
    let nanoseconds = |elapsed: Duration| i64::try_from(elapsed.as_nanos()).unwrap_or(i64::MAX);
    match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => Instant(nanoseconds(since)),
        Err(before) => Instant(nanoseconds(before.duration()).saturating_neg()),
    }
}

/// A moment by which some work must be done. It follows the monotonic clock: setting the machine's time does not move
/// it.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Option<time::Instant>);

impl Deadline {
    /// The moment that lies `wait` ahead. One too far ahead to be told never passes.
    pub fn after(wait: Duration) -> Self {
        Self(time::Instant::now().checked_add(wait))
    }

    /// Whether the moment lies behind.
    pub fn passed(&self) -> bool {
        self.0.is_some_and(|moment| time::Instant::now() >= moment)
    }
}

/// How long something takes. It follows the monotonic clock too.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(time::Instant);

impl Stopwatch {
    pub fn start() -> Self {
        Self(time::Instant::now())
    }

    /// The time since it was started.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::{Deadline, now};
    use std::time::Duration;

    #[test]
    fn a_deadline_passes_when_its_time_is_over_and_not_before() {
        assert!(Deadline::after(Duration::ZERO).passed());
        assert!(!Deadline::after(Duration::from_secs(3600)).passed());
        assert!(!Deadline::after(Duration::MAX).passed());
    }

    #[test]
    fn now_lies_between_the_writing_of_this_test_and_the_end_of_the_range() {
        assert!(now().0 > 1_767_225_600 * crate::value::SECOND);
        assert!(now().0 < i64::MAX);
    }
}
