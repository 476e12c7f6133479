//! The calls of `.rhai` functions within one answer: what failed is not tried again, and once a few calls had to be
//! stopped no more are made. Each call has its limits; these keep an answer from being a thousand such calls.

use super::{Env, ScriptFailure};
use crate::both;
use crate::value::Value;

/// After so many calls that a limit ended, an answer makes no more.
const STOPPED_MAX: usize = 4;

/// So many failed calls are remembered.
const REMEMBERED_MAX: usize = 64;

/// The calls that gave no value so far.
#[derive(Debug, Default)]
pub(super) struct Failed {
    calls: Vec<(usize, Box<[Value]>, ScriptFailure)>,
    stopped: usize,
}

impl Env<'_> {
    /// The value of the `function`-th function; no argument is unknown.
    pub(super) fn call(&self, function: usize, arguments: &[Value]) -> Result<Value, ScriptFailure> {
        let before = self.scripts.borrow();
        if let Some(known) = before.known(function, arguments) {
            return Err(known.clone());
        }
        if before.stopped >= STOPPED_MAX {
            let said = both!(
                "没有调用：本次答复中已有 {STOPPED_MAX} 次调用超出限制",
                "it was not called: {STOPPED_MAX} calls of this answer went beyond a limit"
            );
            return Err(self.program.functions.refuse(function, said));
        }
        drop(before);
        let called = self.program.functions.call(function, arguments);
        if let Err(failure) = &called {
            self.scripts.borrow_mut().note(function, arguments, failure);
        }
        called
    }
}

impl Failed {
    fn known(&self, function: usize, arguments: &[Value]) -> Option<&ScriptFailure> {
        let same = self.calls.iter().find(|(known, with, _)| *known == function && **with == *arguments);
        same.map(|(_, _, failure)| failure)
    }

    fn note(&mut self, function: usize, arguments: &[Value], failure: &ScriptFailure) {
        self.stopped = self.stopped.saturating_add(usize::from(failure.stopped));
        if self.calls.len() < REMEMBERED_MAX {
            self.calls.push((function, arguments.into(), failure.clone()));
        }
    }
}
