//! The targets of `tests/fuzz`, made ready for libFuzzer.

#[path = "../../tests/fuzz/mod.rs"]
pub mod fuzz;
#[path = "../../tests/support/mod.rs"]
pub mod support;

pub use libfuzzer_sys;

use fuzz::Target;
use support::random::Dice;

/// Makes a program of one target.
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        $crate::libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ($crate::fuzz::$name::TARGET.hold)(bytes));
        $crate::libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            $crate::mutated(&$crate::fuzz::$name::TARGET, data, size, max_size, seed)
        });
    };
}

/// Half of the time one of the target's own slips, else one of libFuzzer's.
pub fn mutated(target: &Target, data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    if seed & 1 == 0 {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    }
    let slipped = (target.slip)(&data[..size], &mut Dice::new(u64::from(seed)));
    let size = slipped.len().min(max_size);
    data[..size].copy_from_slice(&slipped[..size]);
    size
}
