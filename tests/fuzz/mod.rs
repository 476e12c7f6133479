//! What is fuzzed, stated once: the coverage-guided run in `fuzz/` and the test `tests/fuzz.rs` hold the same targets to
//! the same promises, from the same seeds, with the same slips.

pub mod answer;
pub mod bundle;
pub mod expression;
pub mod log;
mod slips;

use crate::support::random::Dice;

/// One way in for bytes that others wrote.
pub struct Target {
    /// Also the folder of its seeds, in `fuzz/corpus`.
    pub name: &'static str,
    /// Takes the bytes in, and panics if what comes of them breaks a promise.
    pub hold: fn(&[u8]),
    /// The bytes with a slip or two, of the kind that their form invites.
    pub slip: fn(&[u8], &mut Dice) -> Vec<u8>,
}

pub const TARGETS: [Target; 4] = [answer::TARGET, bundle::TARGET, expression::TARGET, log::TARGET];
