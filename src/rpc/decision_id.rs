//! Names for answers, and for calls that bring none: UUIDs of version 7, which sort by the time they were given.

use std::cell::Cell;
use std::hash::{BuildHasher as _, RandomState};

use uuid::Builder;

use crate::value::Instant;

thread_local! {
    // Keyed by the system's randomness once a thread. A number a call, hashed, never comes twice, and spares a system
    // call for each answer.
    static NUMBERS: (RandomState, Cell<u64>) = (RandomState::new(), Cell::new(0));
}

/// A new name for an answer given at `at` by the wall clock.
pub fn decision_id(at: Instant) -> String {
    let bits = NUMBERS.with(|(keyed, number)| {
        let next = number.get().wrapping_add(1);
        number.set(next);
        (u128::from(keyed.hash_one((next, 0_u8))) << 64) | u128::from(keyed.hash_one((next, 1_u8)))
    });
    let mut random = [0; 10];
    random.iter_mut().zip(bits.to_be_bytes()).for_each(|(place, byte)| *place = byte);
    let milliseconds = u64::try_from(at.0.div_euclid(1_000_000)).unwrap_or_default();
    Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_carry_their_time() {
        let names: BTreeSet<String> = (0..10_000).map(|_| decision_id(Instant(1_763_794_800_000_000_000))).collect();
        assert_eq!(names.len(), 10_000);
        for name in names {
            assert!(name.starts_with("019aaa5c-cd80-7"), "{name}");
        }
    }
}
