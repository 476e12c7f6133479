//! The targets of `tests/fuzz` on every file of their seeds in `fuzz/corpus`, and on many slips of each. What follows
//! coverage, and runs for hours, is `fuzz/`.
//!
//! `REDRESS_SLIPS` sets how many for each target; `REDRESS_SEED` where to begin.

#[path = "fuzz/mod.rs"]
mod fuzz;
mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use fuzz::{TARGETS, Target};
use support::random::Dice;

/// No input takes longer; on a machine that does much else, not ten times as long.
const LONGEST: Duration = Duration::from_secs(10);

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn seeds(target: &Target) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target.name);
    let mut seeds = support::files_below(&folder);
    seeds.sort();
    assert!(seeds.len() >= 20, "{} seeds of {}", seeds.len(), target.name);
    seeds
}

fn hold(target: &Target, bytes: &[u8], name: &str) {
    let begun = Instant::now();
    let held = catch_unwind(AssertUnwindSafe(|| (target.hold)(bytes))).is_ok();
    assert!(held, "{} breaks a promise on {name}: {}", target.name, bytes.escape_ascii());
    assert!(begun.elapsed() < LONGEST, "{} takes too long on {name}: {}", target.name, bytes.escape_ascii());
}

/// `share`: the costlier an input is, the fewer are tried.
fn run(target: &Target, share: u64) {
    let seeds = seeds(target);
    for (name, bytes) in &seeds {
        hold(target, bytes, name);
    }
    let slips = variable("REDRESS_SLIPS", 20_000) / share;
    let mut dice = Dice::new(variable("REDRESS_SEED", 20_261_122));
    for number in 0..slips {
        let (name, bytes) = &seeds[usize::try_from(dice.below(seeds.len() as u64)).unwrap()];
        let mut bytes = bytes.clone();
        for _ in 0..=dice.below(4) {
            bytes = (target.slip)(&bytes, &mut dice);
        }
        hold(target, &bytes, &format!("slip {number} of {name}"));
    }
}

#[test]
fn requests_are_answered_soundly_or_refused_by_their_fields() {
    run(&TARGETS[0], 20);
}

#[test]
fn policies_become_a_bundle_or_are_told_what_is_wrong() {
    run(&TARGETS[1], 20);
}

#[test]
fn expressions_have_a_value_or_are_told_what_is_wrong() {
    run(&TARGETS[2], 5);
}

#[test]
fn no_tampering_with_a_log_goes_unnoticed() {
    run(&TARGETS[3], 1);
}
