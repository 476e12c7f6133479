//! The one door through which the time of day comes in. Everything else is handed the time it works with.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::value::Instant;

/// The present moment.
pub fn now() -> Instant {
    let nanos = |length: std::time::Duration| i64::try_from(length.as_nanos()).unwrap_or(i64::MAX);
    Instant(match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => nanos(since),
        Err(before) => nanos(before.duration()).saturating_neg(),
    })
}
