//! The functions that a script may call: those of the language and those of all `.rhai` files.

use std::collections::{BTreeMap, BTreeSet};

/// Every function that is there, with the numbers of arguments that it takes.
pub(in crate::script) struct Names<'n> {
    language: &'n BTreeMap<&'static str, BTreeSet<usize>>,
    scripts: BTreeMap<&'n str, BTreeSet<usize>>,
}

impl<'n> Names<'n> {
    pub fn new(
        language: &'n BTreeMap<&'static str, BTreeSet<usize>>,
        scripts: impl Iterator<Item = (&'n str, usize)>,
    ) -> Self {
        Self { language, scripts: scripts.map(|(name, count)| (name, BTreeSet::from([count]))).collect() }
    }

    pub fn is_script_function(&self, name: &str) -> bool {
        self.scripts.contains_key(name)
    }

    /// The numbers of arguments that `name` takes; `None` if there is no such function.
    pub fn arity(&self, name: &str) -> Option<&BTreeSet<usize>> {
        self.scripts.get(name).or_else(|| self.language.get(name))
    }

    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.scripts.keys().copied().chain(self.language.keys().copied())
    }
}

/// Whether `name` walks a list with a function written in place.
pub(super) fn takes_function(name: &str) -> bool {
    matches!(name, "all" | "any" | "none" | "find" | "count" | "filter" | "map")
}

/// Functions that are part of Rhai itself and can't be taken out of it.
pub(super) fn is_forbidden(name: &str) -> bool {
    matches!(
        name,
        "eval" | "print" | "debug" | "Fn" | "call" | "curry" | "type_of" | "is_shared" | "is_def_fn" | "is_def_var"
    )
}
