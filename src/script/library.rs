//! The functions of a bundle's `.rhai` files: compiled together, judged before anything runs, and called by number
//! from any thread.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use rhai::{Caches, Dynamic, EvalAltResult, EvalContext, FnArgsVec, GlobalRuntimeState, Module, Scope, Shared};

use super::compilation::{self, Compiled, Place};
use super::failure::{self, ScriptFailure};
use super::operators::Outcome;
use super::sandbox::{Sandbox, metered};
use super::signature::Signature;
use super::values::{from_script, into_script};
use crate::both;
use crate::diagnostic::Problems;
use crate::text::Bilingual;
use crate::value::Value;

/// The functions of a bundle. It can be called from many threads at once; no call sees another.
pub struct Library {
    signatures: Vec<Signature>,
    reads: Vec<Vec<Arc<str>>>,
    /// Where each function is defined, private ones included.
    places: BTreeMap<String, Place>,
    module: Shared<Module>,
    /// States of finished calls, for the next ones.
    #[allow(clippy::vec_box, reason = "a state is large, and moves twice a call")]
    idle: Mutex<Vec<Box<Run>>>,
}

impl Library {
    /// Compiles all files together; each is given with its number among the sources. Every problem goes to
    /// `problems`; a library with errors must not be called.
    pub fn compile(sources: &[(u32, &str)], problems: &mut Problems) -> Self {
        let Compiled { signatures, reads, places, ast } = compilation::compile(sources, problems);
        Self { signatures, reads, places, module: ast.shared_lib().clone(), idle: Mutex::default() }
    }

    /// The public functions, in the order of their files; a function's number is its position here.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The fields that the function with this number reads of the records it is given; perhaps a few more.
    pub fn reads(&self, function: usize) -> &[Arc<str>] {
        self.reads.get(function).map_or(&[], Vec::as_slice)
    }

    /// Calls the function with this number. The arguments are of the declared types and known; symbols come as texts
    /// and records as maps. The result has the declared type, or there is none.
    pub fn call(&self, function: usize, arguments: &[Value]) -> Result<Value, ScriptFailure> {
        let Some(signature) = self.signatures.get(function) else {
            return Err(self.failure("", both!("没有这个函数", "there is no such function")));
        };
        let name = signature.name.as_str();
        let arguments: Option<FnArgsVec<Dynamic>> = arguments.iter().map(into_script).collect();
        let Some(mut arguments) = arguments.filter(|arguments| arguments.len() == signature.parameters.len()) else {
            return Err(self.failure(name, both!("参数未知或数目不对", "its arguments are unknown or too few")));
        };
        let mut run = self.take_idle().unwrap_or_else(|| Box::new(Run::new(&self.module)));
        match catch_unwind(AssertUnwindSafe(|| metered(|| run.call(name, &mut arguments)))) {
            Ok(Ok(result)) => {
                self.put_idle(run);
                from_script(result, &signature.returns).map_err(|message| self.failure(name, message))
            }
            Ok(Err(error)) => Err(self.failure_at(name, &error)),
            Err(_) => Err(self.failure(name, both!("脚本引擎出错", "the script engine failed"))),
        }
    }

    /// The failure of a call that is not made, for the reason given.
    pub fn refuse(&self, function: usize, why: Bilingual) -> ScriptFailure {
        self.failure(self.signatures.get(function).map_or("", |signature| &signature.name), why)
    }

    /// A failure of the function as a whole, placed where it is defined.
    fn failure(&self, function: &str, message: Bilingual) -> ScriptFailure {
        let Place { source, line, column } = self.places.get(function).copied().unwrap_or_default();
        ScriptFailure { function: function.to_owned(), message, source, line, column, stopped: false }
    }

    fn failure_at(&self, function: &str, error: &EvalAltResult) -> ScriptFailure {
        let (inner, at) = failure::place(error);
        let stopped = failure::is_stop(error);
        let failure = ScriptFailure { stopped, ..self.failure(function, failure::message(error)) };
        match (self.places.get(inner.unwrap_or(function)), at.line()) {
            (Some(place), Some(line)) => {
                ScriptFailure { source: place.source, line, column: at.position().unwrap_or(0), ..failure }
            }
            _ => failure,
        }
    }

    /// Never waits: a thread that finds the states in use makes one of its own.
    fn take_idle(&self) -> Option<Box<Run>> {
        self.idle.try_lock().ok()?.pop()
    }

    fn put_idle(&self, run: Box<Run>) {
        if let Ok(mut idle) = self.idle.try_lock() {
            idle.push(run);
        }
    }
}

/// The state of one call. Rhai resolves each function once for each state, which is worth keeping.
struct Run {
    global: GlobalRuntimeState,
    caches: Caches,
    scope: Scope<'static>,
}

impl Run {
    fn new(module: &Shared<Module>) -> Self {
        let mut global = Sandbox::of_functions().engine.new_global_runtime_state();
        global.lib.push(module.clone());
        let mut caches = Caches::new();
        // The bottom of the stack of caches is kept; what is pushed during a call is popped with it.
        caches.push_fn_resolution_cache();
        Self { global, caches, scope: Scope::new() }
    }

    fn call(&mut self, function: &str, arguments: &mut [Dynamic]) -> Outcome<Dynamic> {
        self.scope.clear();
        self.global.num_operations = Default::default();
        let mut arguments: FnArgsVec<&mut Dynamic> = arguments.iter_mut().collect();
        let engine = &Sandbox::of_functions().engine;
        EvalContext::new(engine, &mut self.global, &mut self.caches, &mut self.scope, None).call_fn_raw(
            function,
            false,
            false,
            &mut arguments,
        )
    }
}

#[cfg(test)]
mod tests;
