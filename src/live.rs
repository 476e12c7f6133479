//! The policies that are live: one snapshot for every answer, swapped as one, and what became of the last attempt to
//! replace it.
//!
//! Sources that are refused never touch the snapshot. Knows nothing of files or of the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::{ArcSwap, Guard};

use crate::clock;
use crate::diagnostic::Diagnostic;
use crate::policy::Bundle;
use crate::source::Sources;
use crate::value::Instant;

/// The live bundle and how it came to be.
#[derive(Debug)]
pub struct Live {
    bundle: ArcSwap<Bundle>,
    status: ArcSwap<LiveStatus>,
    counts: [AtomicU64; 3],
}

/// How often sources were read anew, by what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reloads {
    pub live: u64,
    pub refused: u64,
    pub unchanged: u64,
}

/// What operations want to know of the live bundle.
#[derive(Debug, Clone)]
pub struct LiveStatus {
    /// Where the bundle is read from, as the service was told.
    pub origin: Box<str>,
    pub loaded_at: Instant,
    /// When sources were last read, whatever came of it.
    pub last_attempt_at: Instant,
    /// Why the newest sources are not live.
    pub refused: Option<Refused>,
}

/// Sources that did not become live.
#[derive(Debug, Clone)]
pub struct Refused {
    pub at: Instant,
    /// What the diagnostics point into.
    pub sources: Sources,
    pub diagnostics: Vec<Diagnostic>,
}

impl Live {
    pub fn new(bundle: Bundle) -> Self {
        Self::with_origin(bundle, "")
    }

    /// `origin` tells people where the bundle is read from.
    pub fn with_origin(bundle: Bundle, origin: &str) -> Self {
        let now = clock::now();
        let status = LiveStatus { origin: origin.into(), loaded_at: now, last_attempt_at: now, refused: None };
        Self {
            bundle: ArcSwap::from_pointee(bundle),
            status: ArcSwap::from_pointee(status),
            counts: Default::default(),
        }
    }

    /// The bundle to answer from; one call takes it once.
    pub fn current(&self) -> Guard<Arc<Bundle>> {
        self.bundle.load()
    }

    /// The same, to be held for long.
    pub fn snapshot(&self) -> Arc<Bundle> {
        self.bundle.load_full()
    }

    pub fn status(&self) -> Arc<LiveStatus> {
        self.status.load_full()
    }

    pub fn reloads(&self) -> Reloads {
        let [live, refused, unchanged] = self.counts.each_ref().map(|count| count.load(Ordering::Relaxed));
        Reloads { live, refused, unchanged }
    }

    /// Makes `bundle` live. Calls under way end with the one before.
    pub fn replace(&self, bundle: Bundle) {
        let now = clock::now();
        self.counts[0].fetch_add(1, Ordering::Relaxed);
        self.bundle.store(Arc::new(bundle));
        self.status.rcu(|status| LiveStatus {
            origin: status.origin.clone(),
            loaded_at: now,
            last_attempt_at: now,
            refused: None,
        });
    }

    /// Keeps the live bundle, and remembers why `sources` did not replace it.
    pub fn reload_failed(&self, sources: Sources, diagnostics: Vec<Diagnostic>) {
        let now = clock::now();
        let refused = Refused { at: now, sources, diagnostics };
        self.counts[1].fetch_add(1, Ordering::Relaxed);
        self.status.rcu(|status| LiveStatus {
            origin: status.origin.clone(),
            loaded_at: status.loaded_at,
            last_attempt_at: now,
            refused: Some(refused.clone()),
        });
    }

    /// Remembers that the sources were read and are the live ones.
    pub fn unchanged(&self) {
        let now = clock::now();
        self.counts[2].fetch_add(1, Ordering::Relaxed);
        self.status.rcu(|status| LiveStatus { last_attempt_at: now, refused: None, ..LiveStatus::clone(status) });
    }
}
