//! The record of answers, as an auditor reads it: entries that are chained by their hashes, what breaks such a chain,
//! checkpoints that are signed and kept elsewhere, and the tokens that stand for personal facts.
//!
//! Pure: bytes in, bytes or findings out. Knows nothing of disks, of the wire, or of what an answer means; `journal`
//! keeps the entries, `rpc` fills them.
//!
//! `Answer → chain::append → line → chain::read → Verifier → Report`

pub mod chain;
pub mod checkpoint;
pub mod entry;
pub mod token;
pub mod verify;

pub use chain::{Digest, Head};
pub use entry::{Answer, Call, Granted};
pub use verify::{Finding, Flaw, Report, Verifier};

use crate::value::Instant;

/// A moment as records write it: RFC 3339 in UTC, exact.
pub fn written(at: Instant) -> String {
    chrono::DateTime::from_timestamp_nanos(at.0).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// The moment that a record's text says.
pub fn moment(text: &str) -> Option<Instant> {
    chrono::DateTime::parse_from_rfc3339(text).ok()?.timestamp_nanos_opt().map(Instant)
}
