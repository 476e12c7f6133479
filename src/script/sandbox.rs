//! The engine that runs scripts, with every limit set. It starts from nothing: no operator and no function is there
//! that `operators` and `functions` did not put there, and no clock, file, output or randomness is in reach.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};
use std::sync::OnceLock;
use std::time::Duration;

use rhai::{Array, Dynamic, Engine, FuncRegistration, INT, OptimizationLevel};
use rhai::{RhaiNativeFunc, Variant};

use super::{functions, operators};
use crate::both;
use crate::clock::Deadline;
use crate::text::Bilingual;

/// The most steps one call may take. This limit comes first: it stops the same call at the same step everywhere.
pub const MAX_STEPS: u32 = 20_000;
/// The longest a call may run. Only what is slow within single steps comes this far.
pub const TIME_LIMIT: Duration = Duration::from_millis(10);
const HALF_TIME: Duration = Duration::from_millis(5);
/// The most items of a list, nested ones included. It also limits how deep lists can nest, for a script can put a list
/// into itself again and again.
pub const MAX_ITEMS: usize = 1_000;
/// The longest text, in bytes.
pub const MAX_TEXT: usize = 16_384;
/// The deepest nesting within one function.
pub(super) const MAX_DEPTH: usize = 64;
/// The most functions of one bundle, those written in place included.
const MAX_FUNCTIONS: usize = 2_000;
/// Calls can't go in circles and their nesting is limited when they are loaded; this only guards that.
const MAX_CALLS: usize = 64;
const MAX_VARIABLES: usize = 200;
/// Steps between two looks at the clock.
const STEPS_PER_LOOK: u32 = 64;

/// An engine and the functions that it offers, each with the numbers of arguments that it takes.
pub(super) struct Sandbox {
    pub engine: Engine,
    pub functions: BTreeMap<&'static str, BTreeSet<usize>>,
}

impl Sandbox {
    /// The sandbox of the functions in `.rhai` files.
    pub fn of_functions() -> &'static Sandbox {
        static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
        SANDBOX.get_or_init(|| {
            let mut sandbox = Sandbox::bare();
            functions::register(&mut sandbox);
            sandbox
        })
    }

    /// A sandbox that knows the operators and no function.
    pub fn bare() -> Sandbox {
        let mut engine = Engine::new_raw();
        engine
            .set_optimization_level(OptimizationLevel::None)
            .set_max_operations(u64::from(MAX_STEPS))
            .set_max_expr_depths(MAX_DEPTH, MAX_DEPTH)
            .set_max_call_levels(MAX_CALLS)
            .set_max_functions(MAX_FUNCTIONS)
            .set_max_variables(MAX_VARIABLES)
            .set_max_string_size(MAX_TEXT)
            .set_max_array_size(MAX_ITEMS)
            .set_max_map_size(MAX_ITEMS)
            // Interned texts are behind a lock that all threads would share.
            .set_max_strings_interned(0)
            // Rhai's own operators call 1/3 zero, and "500" neither more nor less than 500.
            .set_fast_operators(false)
            .set_fail_on_invalid_map_property(true)
            .on_progress(|_| if METER.with(Meter::step) { None } else { Some(METER.with(Meter::reason)) });
        engine.register_iterator::<Array>();
        engine.register_iterator::<Range<INT>>();
        engine.register_iterator::<RangeInclusive<INT>>();
        operators::register(&mut engine);
        Sandbox { engine, functions: BTreeMap::new() }
    }

    /// Offers `function`, which leaves its arguments as they are.
    pub fn offer<A, const N: usize, const X: bool, R, const F: bool>(
        &mut self,
        name: &'static str,
        function: impl RhaiNativeFunc<A, N, X, R, F> + Send + Sync + 'static,
    ) where
        A: 'static,
        R: Variant + Clone,
    {
        FuncRegistration::new(name).with_purity(true).register_into_engine(&mut self.engine, function);
        self.functions.entry(name).or_default().insert(N);
    }

    /// Offers `function`, which changes its first argument.
    pub fn offer_change<A, const N: usize, const X: bool, R, const F: bool>(
        &mut self,
        name: &'static str,
        function: impl RhaiNativeFunc<A, N, X, R, F> + Send + Sync + 'static,
    ) where
        A: 'static,
        R: Variant + Clone,
    {
        self.engine.register_fn(name, function);
        self.functions.entry(name).or_default().insert(N);
    }
}

/// Runs `work` with a fresh account of steps and time.
pub(super) fn metered<R>(work: impl FnOnce() -> R) -> R {
    METER.with(Meter::reset);
    work()
}

thread_local! {
    static METER: Meter = const { Meter { steps: Cell::new(0), deadline: Cell::new(None), halves: Cell::new(0) } };
}

/// What is left to the script that runs on this thread. Rhai's own count forgets the steps of functions written in
/// place.
///
/// The time limit is granted in two halves, each from the moment that it is first asked for. A thread that loses its
/// processor for a while loses at most one half by it; a short script never looks at the clock.
struct Meter {
    steps: Cell<u32>,
    deadline: Cell<Option<Deadline>>,
    halves: Cell<u32>,
}

impl Meter {
    fn reset(&self) {
        self.steps.set(MAX_STEPS);
        self.deadline.set(None);
        self.halves.set(2);
    }

    /// Accounts for one step; says whether the script may take it.
    fn step(&self) -> bool {
        match self.steps.get().checked_sub(1) {
            Some(left) => {
                self.steps.set(left);
                left % STEPS_PER_LOOK != 0 || self.in_time()
            }
            None => false,
        }
    }

    fn in_time(&self) -> bool {
        if self.deadline.get().is_some_and(|deadline| !deadline.passed()) {
            return true;
        }
        let Some(halves) = self.halves.get().checked_sub(1) else { return false };
        self.halves.set(halves);
        self.deadline.set(Some(Deadline::after(HALF_TIME)));
        true
    }

    /// Why the script was stopped.
    fn reason(&self) -> Dynamic {
        let limit = TIME_LIMIT.as_millis();
        Dynamic::from(match self.steps.get() {
            0 => too_many_steps(),
            _ => both!("运行超过 {limit} 毫秒", "it runs longer than {limit} milliseconds"),
        })
    }
}

pub(super) fn too_many_steps() -> Bilingual {
    both!("运行超过 {MAX_STEPS} 步", "it takes more than {MAX_STEPS} steps")
}
