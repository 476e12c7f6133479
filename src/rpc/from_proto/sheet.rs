//! The sheet that a case's facts are written on. A case fills a tenth of it: a thread keeps its sheets and blanks the
//! places that were filled, which costs a fraction of laying out and taking down a new one for each call.

use std::cell::RefCell;
use std::ops::Deref;

use smallvec::SmallVec;

use crate::decide::Case;
use crate::facts::FactId;
use crate::value::Value;

/// Sheets that a thread keeps. A call under way holds one, and calls of a thread come one after another.
const KEPT_MAX: usize = 4;

/// Facts that most cases fill.
const USUAL: usize = 48;

thread_local! {
    /// All of them blank.
    static KEPT: RefCell<Vec<Vec<Value>>> = const { RefCell::new(Vec::new()) };
}

/// One value for each fact that is stated, unknown until it is set.
#[derive(Debug)]
pub struct Sheet {
    pub facts: Vec<Value>,
    set: SmallVec<[FactId; USUAL]>,
}

impl Sheet {
    pub fn blank(stated: usize) -> Self {
        let kept = KEPT.with_borrow_mut(Vec::pop);
        // Another bundle's may have another length.
        let facts = kept.filter(|kept| kept.len() == stated).unwrap_or_else(|| {
            let mut facts = Vec::new();
            facts.resize_with(stated, Value::default);
            facts
        });
        Self { facts, set: SmallVec::new() }
    }

    pub fn set(&mut self, fact: FactId, value: Value) {
        if let Some(place) = self.facts.get_mut(usize::from(fact.0)) {
            *place = value;
            self.set.push(fact);
        }
    }

    /// The case, whose sheet the thread gets back.
    pub fn finish(self) -> Filled {
        Filled { case: Case { facts: self.facts }, set: self.set }
    }
}

/// A case on a sheet that is kept for the next one.
#[derive(Debug)]
pub struct Filled {
    case: Case,
    set: SmallVec<[FactId; USUAL]>,
}

impl Deref for Filled {
    type Target = Case;

    fn deref(&self) -> &Case {
        &self.case
    }
}

impl Drop for Filled {
    fn drop(&mut self) {
        let mut facts = std::mem::take(&mut self.case.facts);
        for fact in &self.set {
            if let Some(place) = facts.get_mut(usize::from(fact.0)) {
                *place = Value::Unknown;
            }
        }
        // A thread that is ending keeps nothing.
        let _ = KEPT.try_with(|kept| {
            let mut kept = kept.borrow_mut();
            if kept.len() < KEPT_MAX {
                kept.push(facts);
            }
        });
    }
}
