//! What was answered, counted: by effect, by what was recommended, by the rule that decided, and which rules failed.
//! Holds no case and nobody's name.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::proto::redress::v1 as wire;

/// How many names are told apart. A bundle has far fewer; those of many reloads may be more.
const NAMES_MAX: usize = 10_000;

/// Stands for the names beyond.
const OTHERS: &str = "…";

/// Answers given since the start.
#[derive(Debug, Default)]
pub struct Tally {
    effects: [AtomicU64; 4],
    grants: AtomicU64,
    /// What decisions recommend; empty where that is nothing.
    pub recommended: Names,
    /// The rules that authorisations rest on.
    pub decided: Names,
    /// The rules that failed, as when a script errs.
    pub failed: Names,
    /// Answers for which a function of a script gave no value, by that function.
    pub erred: Names,
}

/// Counts by name.
#[derive(Debug, Default)]
pub struct Names(Mutex<BTreeMap<Box<str>, u64>>);

const EFFECTS: [(wire::Effect, &str); 4] = [
    (wire::Effect::Allow, "allow"),
    (wire::Effect::Deny, "deny"),
    (wire::Effect::NeedsApproval, "needs_approval"),
    (wire::Effect::NeedsInput, "needs_input"),
];

impl Tally {
    pub fn decision(&self, decision: &wire::Decision) {
        self.recommended.count(&decision.recommended);
        self.failures(&decision.failures);
    }

    pub fn authorization(&self, authorization: &wire::Authorization) {
        let effect = authorization.effect();
        let counts = EFFECTS.iter().zip(&self.effects);
        if let Some((_, count)) = counts.into_iter().find(|((known, _), _)| *known == effect) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(rule) = rests_on(authorization) {
            self.decided.count(rule);
        }
        self.failures(&authorization.failures);
    }

    /// A grant was signed.
    pub fn grant(&self) {
        self.grants.fetch_add(1, Ordering::Relaxed);
    }

    pub fn grants(&self) -> u64 {
        self.grants.load(Ordering::Relaxed)
    }

    /// Authorisations by effect.
    pub fn effects(&self) -> impl Iterator<Item = (&'static str, u64)> {
        EFFECTS.iter().zip(&self.effects).map(|((_, name), count)| (*name, count.load(Ordering::Relaxed)))
    }

    fn failures(&self, failures: &[wire::Failure]) {
        for (at, failure) in failures.iter().enumerate() {
            self.failed.count(&failure.rule);
            // Several rules may ask it in one answer.
            let told = failures.iter().take(at).any(|before| before.function == failure.function);
            if !failure.function.is_empty() && !told {
                self.erred.count(&failure.function);
            }
        }
    }
}

/// The rule that an authorization rests on.
pub fn rests_on(authorization: &wire::Authorization) -> Option<&str> {
    // A limit names the grant that decided; without one, the first reason does.
    let grant = authorization.limit.as_ref().and_then(|limit| limit.because.as_ref());
    grant.or_else(|| authorization.reasons.first()).map(|reason| reason.rule.as_str())
}

/// The word of operations for an effect.
pub fn effect_word(effect: wire::Effect) -> &'static str {
    EFFECTS.iter().find(|(known, _)| *known == effect).map_or("", |(_, word)| word)
}

impl Names {
    fn count(&self, name: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(name) {
            *count = count.saturating_add(1);
        } else {
            let name = if counts.len() < NAMES_MAX { name } else { OTHERS };
            let count = counts.entry(name.into()).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// All of them, as they are now.
    pub fn counts(&self) -> BTreeMap<Box<str>, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
