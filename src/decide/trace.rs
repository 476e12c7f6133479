//! The trace: how every rule that concerns the question was evaluated, condition by condition, with the values seen.

use std::collections::BTreeSet;

use super::Asking;
use super::answer::{ConditionTrace, RuleTrace};
use crate::policy::rules::{HasRule, Line, Rule, Rung, Timer};
use crate::value::{Symbol, Truth};

impl<'r> Asking<'r, '_> {
    /// For an action, its guards, proof, grants and duties; without one, everything that a decision asks.
    pub(super) fn trace(&self, action: Option<Symbol>) -> Vec<RuleTrace<'r>> {
        let rules = self.rules;
        let mut traced: Vec<&'r Rule> = Vec::new();
        let concerned = |actions: &[Symbol]| action.is_none_or(|action| actions.contains(&action));
        traced.extend(rules.guards.rules.iter().filter(|guard| concerned(&guard.forbids)).map(HasRule::rule));
        if action.is_none() {
            traced.extend(rules.ladder.entries.iter().map(HasRule::rule));
            traced.extend(rules.ladder.rungs.iter().flat_map(Rung::rules));
        }
        traced.extend(rules.evidence.rules.iter().filter(|needed| concerned(&needed.actions)).map(HasRule::rule));
        for (at, authority) in rules.authority.iter().enumerate() {
            if action.is_none_or(|action| usize::from(action.0) == at) {
                traced.extend(authority.grants.rules.iter().map(HasRule::rule));
            }
        }
        if action.is_none() {
            traced.extend(rules.timers.rules.iter().flat_map(Timer::rules));
            traced.extend(rules.routes.rules.iter().map(HasRule::rule));
        }
        traced.extend(rules.duties.rules.iter().filter(|duty| concerned(&duty.actions)).map(HasRule::rule));
        traced.into_iter().map(|rule| self.trace_of(rule)).collect()
    }

    fn trace_of(&self, rule: &'r Rule) -> RuleTrace<'r> {
        let all = rule.when.iter().map(|line| self.condition(line, false));
        let any = rule.any.iter().map(|line| self.condition(line, true));
        let conditions: Vec<ConditionTrace<'r>> = all.chain(any).collect();
        let (alternatives, required): (Vec<_>, Vec<_>) = conditions.iter().partition(|condition| condition.alternative);
        let mut outcome = required.iter().fold(Truth::True, |truth, condition| truth.and(condition.outcome));
        if !alternatives.is_empty() {
            outcome =
                outcome.and(alternatives.iter().fold(Truth::False, |truth, condition| truth.or(condition.outcome)));
        }
        let effective = self.in_force(rule);
        RuleTrace { rule, outcome: if effective { outcome } else { Truth::False }, effective, conditions }
    }

    fn condition(&self, line: &'r Line, alternative: bool) -> ConditionTrace<'r> {
        let mut read = BTreeSet::new();
        line.cond.facts(&mut read);
        ConditionTrace {
            text: &line.text,
            line: line.line,
            alternative,
            outcome: self.truth_of(line),
            facts: read.into_iter().map(|fact| (fact, self.env.fact(fact).clone())).collect(),
        }
    }
}
