//! What a run has shown of the policies: which rules held and decided, which conditions were seen true and false, and
//! which business rules that carries out.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::Bundle;
use crate::policy::rules::{HasRule, Rule, Rules, Rung, Timer};
use crate::rpc::proto::redress::v1 as wire;
use crate::view::{Content, View};

/// Every rule that answers are traced by, with what was seen of it.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// In the order of files and lines.
    pub rules: Vec<RuleCoverage>,
    /// The facts that carry out business rules.
    pub facts: Vec<FactCoverage>,
    at: BTreeMap<(String, usize, String), usize>,
}

/// What was seen of one rule.
#[derive(Debug, Clone)]
pub struct RuleCoverage {
    pub id: String,
    pub file: String,
    pub line: usize,
    /// The business rules that it carries out.
    pub implements: Vec<String>,
    /// In some test it applied.
    pub held: bool,
    /// In how many tests it applied.
    pub tests: usize,
    /// In some test it did not.
    pub failed: bool,
    /// Some answer names it as its reason.
    pub decided: bool,
    pub conditions: Vec<ConditionCoverage>,
}

/// What was seen of a definition or table of facts that carries out business rules.
#[derive(Debug, Clone)]
pub struct FactCoverage {
    pub id: String,
    pub file: String,
    pub line: usize,
    /// The business rules that it carries out.
    pub implements: Vec<String>,
    /// In how many tests it had a value that its answer tells.
    pub tests: usize,
    gives: Vec<String>,
    seen: BTreeSet<String>,
}

/// What was seen of one line of a rule's conditions.
#[derive(Debug, Clone)]
pub struct ConditionCoverage {
    pub text: String,
    pub line: usize,
    pub seen_true: bool,
    pub seen_false: bool,
}

impl Coverage {
    pub(super) fn new(bundle: &Bundle) -> Self {
        let mut rules: BTreeMap<(String, usize, String), RuleCoverage> = BTreeMap::new();
        for rule in bundle.variants().flat_map(rules_of) {
            let key = (rule.at.file.to_string(), rule.at.line, rule.id.to_string());
            rules.entry(key).or_insert_with(|| RuleCoverage::of(rule));
        }
        let at = rules.keys().cloned().enumerate().map(|(position, key)| (key, position)).collect();
        Self { rules: rules.into_values().collect(), facts: FactCoverage::all(bundle), at }
    }

    /// Takes in one answer.
    pub(super) fn note(&mut self, answer: &View, trace: &[wire::RuleTrace]) {
        if answer.get("ladder").is_some() {
            self.facts.iter_mut().for_each(|fact| fact.note(answer));
        }
        for traced in trace {
            let (file, line) = place(traced.location.as_ref());
            if let Some(rule) = self.rule(file, line, &traced.rule) {
                rule.note(traced);
            }
        }
        let mut reasons = BTreeSet::new();
        reasons_in(answer, &mut reasons);
        for (file, line, id) in reasons {
            if let Some(rule) = self.rule(file, line, id) {
                rule.decided = true;
            }
        }
    }

    fn rule(&mut self, file: &str, line: usize, id: &str) -> Option<&mut RuleCoverage> {
        let position = *self.at.get(&(file.to_owned(), line, id.to_owned()))?;
        self.rules.get_mut(position)
    }

    /// Rules that applied in no test.
    pub fn never_held(&self) -> impl Iterator<Item = &RuleCoverage> {
        self.rules.iter().filter(|rule| !rule.held)
    }

    /// Conditions that were not seen both true and false, with their rules.
    pub fn one_sided(&self) -> impl Iterator<Item = (&RuleCoverage, &ConditionCoverage)> {
        let conditions = self.rules.iter().flat_map(|rule| rule.conditions.iter().map(move |line| (rule, line)));
        conditions.filter(|(_, line)| !(line.seen_true && line.seen_false))
    }

    /// The business rules, and whether a policy rule that carries each out applied in some test.
    pub fn implemented(&self) -> BTreeMap<&str, bool> {
        let mut ids = BTreeMap::new();
        for rule in &self.rules {
            for id in &rule.implements {
                *ids.entry(id.as_str()).or_insert(false) |= rule.held;
            }
        }
        for fact in self.facts.iter().filter(|fact| fact.told()) {
            for id in &fact.implements {
                *ids.entry(id.as_str()).or_insert(false) |= fact.tests > 0;
            }
        }
        ids
    }

    /// How many sides of conditions were seen, and how many there are.
    pub fn sides(&self) -> (usize, usize) {
        let conditions = || self.rules.iter().flat_map(|rule| &rule.conditions);
        let seen = conditions().map(|line| usize::from(line.seen_true).saturating_add(usize::from(line.seen_false)));
        (seen.sum(), conditions().count().saturating_mul(2))
    }
}

impl FactCoverage {
    /// Those of all files, once each.
    fn all(bundle: &Bundle) -> Vec<Self> {
        let outputs: BTreeSet<&str> = bundle.outputs().collect();
        let facts = bundle.policies().iter().flat_map(|policy| policy.facts.iter().map(move |fact| (policy, fact)));
        let carrying = facts.filter(|(_, fact)| !fact.implements.is_empty());
        let texts = |list: &[Box<str>]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        let covered = carrying.map(|(policy, fact)| Self {
            id: fact.id.to_string(),
            file: policy.file.to_string(),
            line: fact.line,
            implements: texts(&fact.implements),
            tests: 0,
            gives: texts(&fact.gives).into_iter().filter(|name| outputs.contains(name.as_str())).collect(),
            seen: BTreeSet::new(),
        });
        covered.collect()
    }

    /// Whether answers tell what it gives.
    pub fn told(&self) -> bool {
        !self.gives.is_empty()
    }

    /// Whether answers of the tests told different things by it.
    pub fn made_a_difference(&self) -> bool {
        self.seen.len() > 1
    }

    fn note(&mut self, answer: &View) {
        if !self.told() {
            return;
        }
        let outputs = answer.get("outputs");
        let values = self.gives.iter().map(|name| outputs.and_then(|outputs| outputs.get(name)));
        let values: Vec<Option<&Content>> = values.map(|value| value.map(|value| &value.content)).collect();
        self.tests = self.tests.saturating_add(usize::from(values.iter().any(Option::is_some)));
        self.seen.insert(format!("{values:?}"));
    }
}

impl RuleCoverage {
    /// Whether it was seen to apply, and not to.
    pub fn made_a_difference(&self) -> bool {
        self.held && self.failed
    }

    fn of(rule: &Rule) -> Self {
        let lines = rule.when.iter().chain(&rule.any);
        Self {
            id: rule.id.to_string(),
            file: rule.at.file.to_string(),
            line: rule.at.line,
            implements: rule.implements.iter().map(ToString::to_string).collect(),
            held: false,
            tests: 0,
            failed: false,
            decided: false,
            conditions: lines
                .map(|line| ConditionCoverage {
                    text: line.text.to_string(),
                    line: line.line,
                    seen_true: false,
                    seen_false: false,
                })
                .collect(),
        }
    }

    fn note(&mut self, traced: &wire::RuleTrace) {
        let held = traced.outcome() == wire::Outcome::True;
        self.held |= held;
        self.tests = self.tests.saturating_add(usize::from(held));
        self.failed |= traced.outcome() == wire::Outcome::False;
        // The trace has the conditions in the order of the rule.
        for (known, seen) in self.conditions.iter_mut().zip(&traced.conditions) {
            known.seen_true |= seen.outcome() == wire::Outcome::True;
            known.seen_false |= seen.outcome() == wire::Outcome::False;
        }
    }
}

fn place(location: Option<&wire::SourceLocation>) -> (&str, usize) {
    location.map_or(("", 0), |at| (at.file.as_str(), usize::try_from(at.line).unwrap_or_default()))
}

/// The rules that any part of an answer names as its reason.
fn reasons_in<'v>(view: &'v View, found: &mut BTreeSet<(&'v str, usize, &'v str)>) {
    let reasons = view.because.iter();
    found.extend(
        reasons.map(|rule| (rule.file.as_str(), usize::try_from(rule.line).unwrap_or_default(), rule.id.as_str())),
    );
    match &view.content {
        Content::Value(_) => {}
        Content::List(items) => items.iter().for_each(|item| reasons_in(item, found)),
        Content::Group(members) => members.iter().for_each(|(_, member)| reasons_in(member, found)),
    }
}

/// Every rule that a trace can show.
fn rules_of(rules: &Rules) -> Vec<&Rule> {
    let mut all: Vec<&Rule> = rules.guards.rules.iter().map(HasRule::rule).collect();
    all.extend(rules.ladder.entries.iter().map(HasRule::rule));
    all.extend(rules.ladder.rungs.iter().flat_map(Rung::rules));
    all.extend(rules.evidence.rules.iter().map(HasRule::rule));
    all.extend(rules.authority.iter().flat_map(|authority| &authority.grants.rules).map(HasRule::rule));
    all.extend(rules.timers.rules.iter().flat_map(Timer::rules));
    all.extend(rules.routes.rules.iter().map(HasRule::rule));
    all.extend(rules.duties.rules.iter().map(HasRule::rule));
    all
}
