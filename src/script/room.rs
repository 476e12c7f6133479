//! Stack for deep recursion. Rhai's parser needs up to 16 KiB for one level of nesting in a debug build, and the
//! thread that loads a bundle may be a small one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

/// Enough for the deepest text that the limits admit, several times over.
const LARGE_STACK_BYTES: usize = 16 << 20;
/// Texts of at most so many tokens can't nest deep enough to need more than half a megabyte.
const FEW_TOKENS: usize = 64;

/// Runs `work`, which recurses as deep as a text of so many `tokens` can make it. `None` if it panicked, which Rhai's
/// parser has done before, or if no thread could be had.
pub(super) fn with_room<R: Send>(tokens: usize, work: impl FnOnce() -> R + Send) -> Option<R> {
    if tokens <= FEW_TOKENS {
        return catch_unwind(AssertUnwindSafe(work)).ok();
    }
    thread::scope(|scope| {
        let worker = thread::Builder::new().name("script-parser".to_owned()).stack_size(LARGE_STACK_BYTES);
        worker.spawn_scoped(scope, work).ok()?.join().ok()
    })
}
