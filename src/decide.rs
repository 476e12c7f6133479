//! The decision itself: a pure function of (rules, case, time). No I/O, no clock, no script engine, no wire.
//!
//! One case is asked in a fixed order, and guards win over everything:
//! derived facts → guards → ladder → evidence → authority → timers → duties.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use rust_decimal::Decimal;

use crate::calendar::{self, Calendar};
use crate::expr::eval::{Env, Failure, Scope};
use crate::expr::index::Sure;
use crate::expr::inspect::{Missing, MissingFacts};
use crate::expr::typed::Term;
use crate::facts::id;
use crate::policy::rules::{Guard, HasRule, Line, Message, Output, Rule, Ruled, Rules};
use crate::text::Locale;
use crate::value::{Instant, Symbol, Truth, Value};

pub mod answer;
mod authority;
mod duties;
mod ladder;
mod timers;
mod trace;
mod triage;
pub mod words;

use answer::{
    Authorization, Common, Decision, EvidenceAnswer, FailedRule, Forbidden, Forbidder, MissingFact, OutputAnswer,
    Reason,
};
pub use triage::{Triaged, step_now, triage};

/// A case with its actor and, for an authorisation, its action: every fact in the schema's order, absent ones unknown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Case {
    pub facts: Vec<Value>,
}

/// How to answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    pub locale: Locale,
    /// Whether the trace of every rule is wanted.
    pub explain: bool,
}

/// What may be done for the customer of this case, by whom, how far, by when and why.
pub fn decide<'r>(rules: &'r Rules, case: &Case, now: Instant, asked: Asked) -> Decision<'r> {
    let env = Env::new(&rules.program, &case.facts, now);
    let asking = Asking::new(rules, &env, asked.locale);
    let ladder = asking.ladder();
    let evidence = asking.evidence(None);
    let forbidden = asking.forbidden();
    let timers = asking.timers();
    let duties = asking.duties(None);
    let route = asking.route();
    let outputs = rules.outputs.iter().filter_map(|output| asking.output(output)).collect();
    let urgency = asking.urgency();
    let common = asking.finish(|| asked.explain.then(|| asking.trace(None)));
    Decision {
        recommended: ladder.recommended,
        ladder: ladder.rungs,
        forbidden,
        evidence,
        route,
        timers,
        duties,
        outputs,
        urgency,
        reasons: ladder.reasons,
        common,
    }
}

/// Whether this actor may take this action on this case now, and how far.
pub fn authorize<'r>(rules: &'r Rules, case: &Case, now: Instant, asked: Asked) -> Authorization<'r> {
    let env = Env::new(&rules.program, &case.facts, now);
    let asking = Asking::new(rules, &env, asked.locale);
    let mut answer = Authorization::allow();
    asking.authorize(&mut answer);
    answer.common = asking.finish(|| {
        let Value::Symbol(action) = env.fact(id::ACTION_NAME) else { return None };
        asked.explain.then(|| asking.trace(Some(*action)))
    });
    answer
}

/// Whether a rule for these actions (none: for the case as such) concerns the question.
fn concerns(actions: &[Symbol], asked: Option<Symbol>) -> bool {
    asked.map_or(actions.is_empty(), |action| actions.contains(&action))
}

/// One question being answered.
struct Asking<'r, 'e> {
    rules: &'r Rules,
    env: &'e Env<'e>,
    locale: Locale,
    guards: OnceCell<Vec<(&'r Guard, Truth)>>,
    missing: RefCell<BTreeMap<Missing, Vec<&'r Rule>>>,
    failures: RefCell<Vec<FailedRule<'r>>>,
}

impl<'r, 'e> Asking<'r, 'e> {
    fn new(rules: &'r Rules, env: &'e Env<'e>, locale: Locale) -> Self {
        Asking {
            rules,
            env,
            locale,
            guards: OnceCell::new(),
            missing: RefCell::default(),
            failures: RefCell::default(),
        }
    }

    fn scope(&self) -> Scope<'e> {
        Scope::new(self.env)
    }

    /// Whether a rule applies: in force, all of `when`, one of `any`.
    fn applies(&self, rule: &'r Rule) -> Truth {
        self.holds(rule, Sure(false))
    }

    /// The same of a rule that an index found, which has seen to what the rule pins if it was `sure`.
    fn holds(&self, rule: &'r Rule, sure: Sure) -> Truth {
        if !self.in_force(rule) {
            return Truth::False;
        }
        let scope = self.scope();
        let mut truth = Truth::True;
        for line in rule.when.iter().filter(|line| !(sure.0 && line.indexed)) {
            truth = truth.and(line.cond.truth(scope));
            if truth.is_false() {
                break;
            }
        }
        if !truth.is_false() && !rule.any.is_empty() {
            truth = truth.and(rule.any.iter().fold(Truth::False, |any, line| any.or(line.cond.truth(scope))));
        }
        self.note_failures(Some(rule));
        truth
    }

    fn in_force(&self, rule: &Rule) -> bool {
        let (from, until) = rule.effective;
        for boundary in [from, until].into_iter().flatten() {
            self.env.changes_at(boundary);
        }
        from.is_none_or(|from| from <= self.env.now) && until.is_none_or(|until| self.env.now < until)
    }

    /// The rules of one kind that may apply, with whether they do, leaving out those that don't.
    fn applying<R: HasRule>(&self, ruled: &'r Ruled<R>) -> Vec<(&'r R, Truth)> {
        let mut applying = Vec::new();
        self.each_applying(
            ruled,
            |_| true,
            |rule, truth| {
                applying.push((rule, truth));
                ControlFlow::Continue(())
            },
        );
        applying
    }

    /// Visits them, of those that `concern` the question at all, until `visit` has seen enough.
    fn each_applying<R: HasRule>(
        &self,
        ruled: &'r Ruled<R>,
        concern: impl Fn(&R) -> bool,
        mut visit: impl FnMut(&'r R, Truth) -> ControlFlow<()>,
    ) {
        ruled.index.each_candidate(self.env, |at, sure| {
            let Some(rule) = ruled.rules.get(at).filter(|rule| concern(rule)) else { return ControlFlow::Continue(()) };
            let truth = self.holds(rule.rule(), sure);
            if truth.is_false() { ControlFlow::Continue(()) } else { visit(rule, truth) }
        });
    }

    /// The absent facts that keep `rule` undecided.
    fn missing_for(&self, rule: &Rule) -> MissingFacts {
        let mut found = MissingFacts::new();
        for line in rule.when.iter().chain(&rule.any) {
            line.cond.missing(self.scope(), &mut found);
        }
        found
    }

    /// Puts absent facts on the answer's list, with the rule that asked for them.
    fn ask_for(&self, facts: &MissingFacts, rule: &'r Rule) {
        let mut missing = self.missing.borrow_mut();
        for fact in facts {
            let rules = missing.entry(*fact).or_default();
            if !rules.iter().any(|known| std::ptr::eq(*known, rule)) {
                rules.push(rule);
            }
        }
    }

    /// Each failure is told once for a rule, and without a rule only where no rule tells it.
    fn note_failures(&self, rule: Option<&'r Rule>) {
        if !self.env.has_failed() {
            return;
        }
        let mut told = self.failures.borrow_mut();
        for failure in self.env.take_failures() {
            let of_it = |known: &FailedRule<'r>| match (rule, known.rule) {
                (Some(rule), Some(known)) => std::ptr::eq(rule, known),
                (None, _) => true,
                (Some(_), None) => false,
            };
            if !told.iter().any(|known| known.failure == failure && of_it(known)) {
                told.push(FailedRule { rule, failure });
            }
        }
    }

    fn truth_of(&self, line: &Line) -> Truth {
        line.cond.truth(self.scope())
    }

    /// What a rule tells the reader.
    fn reason(&self, rule: &'r Rule) -> Reason<'r> {
        Reason { rule, text: self.words_of(rule) }
    }

    fn words_of(&self, rule: &'r Rule) -> Cow<'r, str> {
        rule.message
            .as_ref()
            .map_or_else(|| Cow::Borrowed(rule.title.get(self.locale)), |message| self.message(message))
    }

    fn message(&self, message: &'r Message) -> Cow<'r, str> {
        words::message(message, self.scope(), self.locale)
    }

    /// The guards that forbid an action, and those that can't be told.
    fn guards_on(&self, action: Symbol) -> Vec<(&'r Rule, Truth)> {
        let mut guards = Vec::new();
        self.each_applying(
            &self.rules.guards,
            |guard| guard.forbids.contains(&action),
            |guard, truth| {
                guards.push((&guard.rule, truth));
                ControlFlow::Continue(())
            },
        );
        guards
    }

    /// The guards that forbid something, and those that can't be told; asked once for the whole ladder.
    fn guards(&self) -> &[(&'r Guard, Truth)] {
        self.guards.get_or_init(|| self.applying(&self.rules.guards))
    }

    /// Every action that the platform denies, or a guard forbids outright.
    fn forbidden(&self) -> Vec<Forbidden<'r>> {
        let denied: &[Value] =
            if let Value::List(denied) = self.env.fact(id::REQUEST_PLATFORM_DENIED) { denied } else { &[] };
        let denied = denied.iter().filter_map(|denial| {
            let Value::Record(fields) = denial else { return None };
            let Some(Value::Symbol(action)) = fields.first() else { return None };
            Some(Forbidden { action: *action, by: Forbidder::Platform })
        });
        let mut forbidden: Vec<Forbidden<'r>> = denied.collect();
        for (guard, truth) in self.guards() {
            if truth.is_true() {
                let because = self.reason(&guard.rule);
                let by = || Forbidder::Guard(because.clone());
                forbidden.extend(guard.forbids.iter().map(|action| Forbidden { action: *action, by: by() }));
            }
        }
        forbidden.sort_by_key(|forbidden| forbidden.action);
        forbidden
    }

    /// The proof needed before `action`, or with no action, the proof needed whatever is done.
    fn evidence(&self, action: Option<Symbol>) -> Vec<EvidenceAnswer<'r>> {
        let mut answers = Vec::new();
        self.each_applying(
            &self.rules.evidence,
            |requirement| concerns(&requirement.actions, action),
            |requirement, _| {
                let rule = &requirement.rule;
                let satisfied = self.truth_of(&requirement.satisfied);
                self.note_failures(Some(rule));
                answers.push(EvidenceAnswer { rule, text: self.words_of(rule), satisfied });
                ControlFlow::Continue(())
            },
        );
        answers
    }

    /// How urgent the case is, where the policies say it.
    fn urgency(&self) -> Option<Decimal> {
        self.rules.queue.and_then(|queue| Term::Fact(queue.urgency).decimal(self.scope()))
    }

    /// One named result, with what keeps it undecided; none where it is not given for this case.
    fn output(&self, output: &Output) -> Option<OutputAnswer> {
        if !output.when.iter().all(|line| self.truth_of(line).is_true()) {
            return None;
        }
        let fact = output.fact;
        let value = self.env.fact(fact).clone();
        let mut missing = MissingFacts::new();
        if value.is_unknown() {
            Term::Fact(fact).missing(self.scope(), &mut missing);
        }
        Some(OutputAnswer { fact, value, missing: missing.into_iter().collect() })
    }

    /// The trace is made last: it evaluates what the answer did not hang on, and must not change the answer.
    fn finish(&self, trace: impl FnOnce() -> Option<Vec<answer::RuleTrace<'r>>>) -> Common<'r> {
        self.note_failures(None);
        let missing = self.missing.take().into_iter().map(|(missing, rules)| MissingFact { missing, rules }).collect();
        let (failures, next_change_at) = (self.failures.take(), self.env.horizon());
        let outside = self.uncovered(&failures);
        let expecting = self.expecting();
        Common { missing, failures, outside, expecting, next_change_at, trace: trace().unwrap_or_default() }
    }

    /// The calendars by which something was told that hangs on holidays not announced yet.
    fn expecting(&self) -> Vec<&'r Calendar> {
        let names: Vec<&str> = self.env.calendars_expecting().map(|calendar| &*calendar.name).collect();
        self.rules.program.calendars.iter().filter(|calendar| names.contains(&&*calendar.name)).collect()
    }

    /// The calendars that the answer hangs on and that end before what it was asked for, or begin after it.
    fn uncovered(&self, failures: &[FailedRule<'r>]) -> Vec<&'r Calendar> {
        let asked = self.env.calendars_asked().map(|calendar| &*calendar.name);
        let asked: Vec<&str> = asked.collect();
        let failed = |calendar: &Calendar| {
            let of = |failure: &Failure| matches!(failure, Failure::OutsideCalendar { calendar: name } if *name == calendar.name);
            failures.iter().any(|failed| of(&failed.failure))
        };
        let covered = |calendar: &Calendar| {
            calendar::date_of(self.env.now, calendar.zone).is_some_and(|day| calendar.covers(day))
        };
        let calendars = self.rules.program.calendars.iter().filter(|calendar| asked.contains(&&*calendar.name));
        calendars.filter(|calendar| !covered(calendar) || failed(calendar)).collect()
    }
}
