//! Authority: how far each role may go, and whether this actor may take this action.
//!
//! A grant gives a role, and every higher one, an action up to the least of its bounds. What was already given is
//! deducted. A role's authority is the most that any of its grants gives.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::Asking;
use super::answer::{Authorization, Common, Effect, Limit, Reason, WhyNot};
use crate::both;
use crate::expr::eval::round;
use crate::expr::inspect::MissingFacts;
use crate::expr::typed::Rounding;
use crate::facts::id;
use crate::policy::rules::{AmountUse, Grant, Rule, SMALLEST_UNIT_DIGITS};
use crate::value::{Symbol, Truth, Value};

/// How far one role may go in one action.
#[derive(Debug, Clone)]
pub(super) enum Reach<'r> {
    /// Any amount.
    Unbounded(&'r Rule),
    Up(Limit<'r>),
}

/// What the grants for one action come to.
#[derive(Debug, Default)]
pub(super) struct Standing<'r> {
    /// The best certain grant of each role, lowest role first; a role's reach is the best up to it.
    certain: Vec<(Symbol, Reach<'r>)>,
    /// Grants that hang on absent facts, with the most they could give (`None`: any amount).
    uncertain: Vec<Uncertain<'r>>,
}

#[derive(Debug)]
struct Uncertain<'r> {
    role: Symbol,
    rule: &'r Rule,
    most: Option<Decimal>,
    missing: MissingFacts,
}

impl<'r> Reach<'r> {
    pub(super) fn rule(&self) -> &'r Rule {
        match self {
            Reach::Unbounded(rule) => rule,
            Reach::Up(limit) => limit.rule,
        }
    }

    /// Whether it covers an amount; an action without one needs no room.
    fn covers(&self, amount: Option<Decimal>, usage: AmountUse) -> bool {
        match (self, amount) {
            (Reach::Unbounded(_), _) => true,
            (Reach::Up(limit), Some(amount)) => amount <= limit.remaining,
            (Reach::Up(_), None) => usage != AmountUse::Required,
        }
    }

    fn wider_than(&self, other: &Reach<'_>) -> bool {
        match (self, other) {
            (_, Reach::Unbounded(_)) => false,
            (Reach::Unbounded(_), _) => true,
            (Reach::Up(a), Reach::Up(b)) => a.remaining > b.remaining,
        }
    }
}

impl<'r> Standing<'r> {
    /// The widest reach of a role.
    pub(super) fn of(&self, role: Symbol) -> Option<&Reach<'r>> {
        let mut best: Option<&Reach<'r>> = None;
        for (_, reach) in self.certain.iter().filter(|(granted, _)| *granted <= role) {
            if best.is_none_or(|best| reach.wider_than(best)) {
                best = Some(reach);
            }
        }
        best
    }

    /// The lowest role above `actor` whose reach passes the test.
    pub(super) fn lowest_above(
        &self,
        actor: Symbol,
        test: impl Fn(&Reach<'r>) -> bool,
    ) -> Option<(Symbol, &Reach<'r>)> {
        let able = self.certain.iter().filter(|(role, reach)| *role > actor && test(reach));
        able.min_by_key(|(role, _)| *role).map(|(role, reach)| (*role, reach))
    }

    /// Absent facts that could bring `amount` within the reach of a role that passes the test. A grant that can't be told
    /// because its computation failed lacks no fact: nothing is to be hoped from it.
    fn hoped(
        &self,
        amount: Option<Decimal>,
        role: impl Fn(Symbol) -> bool,
    ) -> impl Iterator<Item = (&MissingFacts, &'r Rule)> {
        self.uncertain
            .iter()
            .filter(move |grant| role(grant.role) && !grant.missing.is_empty())
            .filter(move |grant| grant.most.is_none_or(|most| amount.is_none_or(|amount| amount <= most)))
            .map(|grant| (&grant.missing, grant.rule))
    }

    pub(super) fn uncertain_for(&self, role: Symbol) -> impl Iterator<Item = (&MissingFacts, &'r Rule)> {
        self.hoped(None, move |granted| granted <= role)
    }
}

impl<'r> Asking<'r, '_> {
    /// What the grants for `action` to roles that pass the test come to in this case, added to `standing`.
    pub(super) fn stand(&self, standing: &mut Standing<'r>, action: Symbol, role: impl Fn(Symbol) -> bool) {
        let Some(authority) = self.rules.authority.get(usize::from(action.0)) else { return };
        for (grant, truth) in self.applying_of(&authority.grants, |grant| role(grant.role)) {
            match self.weigh(grant, truth) {
                Ok(reach) => standing.certain.push((grant.role, reach)),
                Err(uncertain) => standing.uncertain.push(uncertain),
            }
        }
    }

    /// What one grant gives, or what it could give once the absent facts are known.
    fn weigh(&self, grant: &'r Grant, truth: Truth) -> Result<Reach<'r>, Uncertain<'r>> {
        let mut missing = MissingFacts::new();
        if truth == Truth::Unknown {
            missing = self.missing_for(&grant.rule);
        }
        let mut least: Option<(Decimal, usize)> = None;
        let mut bounded = true;
        for (at, bound) in grant.up_to.iter().enumerate() {
            match bound.term.decimal(self.scope()) {
                Some(amount) => {
                    let amount = round(amount, SMALLEST_UNIT_DIGITS, Rounding::Down).max(Decimal::ZERO);
                    if least.is_none_or(|(least, _)| amount < least) {
                        least = Some((amount, at));
                    }
                }
                None => {
                    bounded = false;
                    bound.term.missing(self.scope(), &mut missing);
                }
            }
        }
        let used = match &grant.already_given {
            Some(given) if !grant.up_to.is_empty() => {
                let used = given.term.decimal(self.scope());
                if used.is_none() {
                    given.term.missing(self.scope(), &mut missing);
                }
                used
            }
            _ => Some(Decimal::ZERO),
        };
        self.note_failures(Some(&grant.rule));
        let most = least.map(|(amount, _)| amount.saturating_sub(used.unwrap_or_default()).max(Decimal::ZERO));
        let (true, true, Some(used)) = (truth.is_true(), bounded, used) else {
            return Err(Uncertain { role: grant.role, rule: &grant.rule, most, missing });
        };
        let Some((total, at)) = least else { return Ok(Reach::Unbounded(&grant.rule)) };
        let binding = grant.up_to.get(at).map_or("", |bound| self.localized(&bound.words));
        let remaining = most.unwrap_or_default();
        Ok(Reach::Up(Limit { total, used, remaining, binding: Cow::Borrowed(binding), rule: &grant.rule }))
    }

    /// Why no grant applies: of each, the first condition that does not hold.
    fn failed_grants(&self, action: Symbol) -> Vec<Reason<'r>> {
        let Some(authority) = self.rules.authority.get(usize::from(action.0)) else { return Vec::new() };
        let language = self.rules.program.languages.get(self.locale.0).copied().unwrap_or_default();
        let failed = authority.grants.rules.iter().filter_map(|grant| {
            let mut lines = grant.rule.when.iter().chain(&grant.rule.any);
            let line = &lines.find(|line| self.truth_of(line).is_false())?.text;
            let text = both!("不符合条件：{line}", "this does not hold: {line}");
            Some(Reason { rule: &grant.rule, text: Cow::Owned(text.get(language).to_owned()) })
        });
        failed.collect()
    }

    /// Answers for the action in the facts.
    pub(super) fn authorize(&self) -> Authorization<'r> {
        let (Value::Symbol(action), Value::Symbol(actor)) =
            (self.env.fact(id::ACTION_NAME), self.env.fact(id::ACTOR_ROLE))
        else {
            return Authorization::of(Effect::NeedsInput, WhyNot::Facts);
        };
        let (action, actor) = (*action, *actor);
        if let Some(stopped) = self.guarded(action) {
            return stopped;
        }
        let mut answer = self.granted(action, actor);
        if answer.effect == Effect::Deny {
            return answer;
        }
        let evidence = self.evidence(Some(action));
        let lacking = evidence.iter().any(|evidence| !evidence.satisfied.is_true());
        answer.evidence = evidence;
        if lacking && answer.effect != Effect::NeedsInput {
            answer.effect = Effect::NeedsInput;
            answer.why_not = Some(WhyNot::Evidence);
        }
        if answer.effect == Effect::Allow {
            answer.duties = self.duties(Some(action));
        }
        answer
    }

    /// Guards win over everything: one that holds denies, one that can't be told asks.
    fn guarded(&self, action: Symbol) -> Option<Authorization<'r>> {
        if self.platform_denies(action) {
            return Some(Authorization::of(Effect::Deny, WhyNot::Platform));
        }
        let guards = self.guards_on(action);
        let denying: Vec<_> =
            guards.iter().filter(|(_, truth)| truth.is_true()).map(|(rule, _)| self.reason(rule)).collect();
        if let Some(first) = denying.first().cloned() {
            let answer = Authorization::of(Effect::Deny, WhyNot::Guarded(first));
            return Some(Authorization { reasons: denying, ..answer });
        }
        let undecided: Vec<_> = guards.iter().map(|(rule, _)| *rule).collect();
        for rule in &undecided {
            self.ask_for(&self.missing_for(rule), rule);
        }
        let first = self.reason(undecided.first()?);
        let reasons = undecided.iter().map(|rule| self.reason(rule)).collect();
        Some(Authorization { reasons, ..Authorization::of(Effect::NeedsInput, WhyNot::Guarded(first)) })
    }

    /// The platform's own denials, as the front end reported them, are a layer above the shop's policy.
    pub(super) fn platform_denies(&self, action: Symbol) -> bool {
        let Value::List(denials) = self.env.fact(id::REQUEST_PLATFORM_DENIED) else { return false };
        let denies = |fields: &[Value]| fields.first() == Some(&Value::Symbol(action));
        denials.iter().any(|denial| matches!(denial, Value::Record(fields) if denies(fields)))
    }

    fn granted(&self, action: Symbol, actor: Symbol) -> Authorization<'r> {
        let usage = self.rules.amount_uses.get(usize::from(action.0)).copied().unwrap_or(AmountUse::Optional);
        let amount = if let Value::Money(amount) = self.env.fact(id::ACTION_AMOUNT) { Some(*amount) } else { None };
        let mut standing = Standing::default();
        self.stand(&mut standing, action, |role| role <= actor);
        let own = standing.of(actor);
        let limit = own.and_then(|reach| if let Reach::Up(limit) = reach { Some(limit.clone()) } else { None });
        let reasons: Vec<_> = own.iter().map(|reach| self.reason(reach.rule())).collect();
        if own.is_some_and(|reach| reach.covers(amount, usage)) {
            return Authorization { limit, reasons, ..Authorization::allow() };
        }
        self.stand(&mut standing, action, |role| role > actor);
        let approver = standing.lowest_above(actor, |reach| reach.covers(amount, usage));
        let unstated = usage == AmountUse::Required && amount.is_none();
        let mut hopes: Vec<_> = standing.hoped(amount, |role| role <= actor).collect();
        if hopes.is_empty() && approver.is_none() {
            hopes = standing.hoped(amount, |role| role > actor).collect();
        }
        for (facts, rule) in &hopes {
            self.ask_for(facts, rule);
        }
        // That it goes to a superior is settled; that a lower one would do is not.
        if let (true, Some((lowest, _))) = (hopes.is_empty(), approver) {
            for (facts, rule) in standing.hoped(amount, |role| role > actor && role < lowest) {
                self.ask_for(facts, rule);
            }
        }
        if unstated {
            let fact = MissingFacts::from([crate::expr::inspect::Missing { fact: id::ACTION_AMOUNT, field: None }]);
            let asking =
                standing.certain.iter().map(|(_, reach)| reach.rule()).chain(hopes.iter().map(|(_, rule)| *rule));
            for rule in asking {
                self.ask_for(&fact, rule);
            }
        }
        let short = match (&limit, amount) {
            (Some(limit), Some(amount)) => {
                WhyNot::TooMuch { remaining: limit.remaining, excess: amount.saturating_sub(limit.remaining) }
            }
            _ => WhyNot::NotGranted,
        };
        let granting = approver.map(|(_, reach)| self.reason(reach.rule()));
        let role = approver.map(|(role, _)| role);
        let reasons =
            reasons.into_iter().chain(granting).chain(hopes.iter().map(|(_, rule)| self.reason(rule))).collect();
        if role.is_none() && standing.certain.is_empty() && hopes.is_empty() {
            let failed = self.failed_grants(action);
            return Authorization { reasons: failed, ..Authorization::of(Effect::Deny, WhyNot::NobodyMay) };
        }
        let (effect, why_not) = if unstated && !standing.certain.is_empty() || !hopes.is_empty() {
            (Effect::NeedsInput, WhyNot::Facts)
        } else if role.is_some() {
            (Effect::NeedsApproval, short)
        } else {
            (Effect::Deny, if standing.certain.is_empty() { WhyNot::NobodyMay } else { short })
        };
        Authorization { approver: role, limit, reasons, ..Authorization::of(effect, why_not) }
    }
}

impl Authorization<'_> {
    fn allow() -> Self {
        Authorization {
            effect: Effect::Allow,
            approver: None,
            limit: None,
            why_not: None,
            evidence: Vec::new(),
            duties: Vec::new(),
            reasons: Vec::new(),
            common: Common::default(),
        }
    }
}

impl<'r> Authorization<'r> {
    fn of(effect: Effect, why_not: WhyNot<'r>) -> Self {
        Authorization { effect, why_not: Some(why_not), ..Authorization::allow() }
    }
}
