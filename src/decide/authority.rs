//! Authority: how far each role may go, and whether this actor may take this action.
//!
//! A grant gives a role, and every higher one, an action up to the least of its bounds. What was already given is
//! deducted. A role's authority is the most that any of its grants gives.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::ControlFlow;

use smallvec::SmallVec;

use super::Asking;
use super::answer::{Authorization, Common, Effect, Limit, Reason, WhyNot};
use crate::both;
use crate::expr::eval::Scope;
use crate::expr::inspect::MissingFacts;
use crate::facts::id;
use crate::policy::rules::{Amount, AmountUse, Authority, Grant, Reckoned, Rule};
use crate::text::Locale;
use crate::value::{Symbol, Truth, Units, Value};

/// So many grants are named where none applies.
const FAILED_GRANTS_MAX: usize = 8;

/// How far one grant lets its role go in one action.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach<'r> {
    grant: &'r Grant,
    /// None: any amount.
    bound: Option<Limited>,
}

#[derive(Debug, Clone, Copy)]
struct Limited {
    total: Units,
    used: Units,
    /// Which of the grant's bounds is the least.
    at: usize,
}

impl Limited {
    fn remaining(&self) -> Units {
        self.total.less(self.used)
    }
}

/// What the grants for one action come to.
#[derive(Debug, Default)]
pub(super) struct Standing<'r> {
    /// What each certain grant gives; a role's reach is the widest up to it.
    certain: SmallVec<[Reach<'r>; 3]>,
    /// Grants that hang on absent facts.
    uncertain: Vec<Uncertain<'r>>,
}

#[derive(Debug)]
struct Uncertain<'r> {
    role: Symbol,
    rule: &'r Rule,
    /// The most it could give; none: any amount.
    most: Option<Units>,
    missing: MissingFacts,
}

/// What several grants have in common, each reckoned when first asked for.
struct Shared<'r> {
    authority: &'r Authority,
    bounds: SmallVec<[OnceCell<Option<Units>>; 4]>,
    given: OnceCell<Option<Units>>,
}

impl<'r> Shared<'r> {
    fn of(authority: &'r Authority) -> Self {
        let bounds = authority.shared.iter().map(|_| OnceCell::new()).collect();
        Self { authority, bounds, given: OnceCell::new() }
    }

    fn bound(&self, at: usize, scope: Scope<'_>) -> Option<Units> {
        let term = self.authority.shared.get(at)?;
        *self.bounds.get(at)?.get_or_init(|| term.decimal(scope).map(Units::down))
    }

    fn given(&self, given: &Amount, scope: Scope<'_>) -> Option<Units> {
        let reckoned = || given.term.decimal(scope).map(Units::up);
        if self.authority.given_alike { *self.given.get_or_init(reckoned) } else { reckoned() }
    }
}

impl<'r> Reach<'r> {
    pub(super) fn rule(&self) -> &'r Rule {
        &self.grant.rule
    }

    /// How much may still be given; none: any amount.
    pub(super) fn room(&self) -> Option<Units> {
        self.bound.map(|bound| bound.remaining())
    }

    /// Whether it covers an amount; an action without one needs no room.
    fn covers(&self, amount: Option<Units>, usage: AmountUse) -> bool {
        match (self.room(), amount) {
            (None, _) => true,
            (Some(room), Some(amount)) => amount <= room,
            (Some(_), None) => usage != AmountUse::Required,
        }
    }

    fn wider_than(&self, other: &Reach<'_>) -> bool {
        match (self.room(), other.room()) {
            (_, None) => false,
            (None, _) => true,
            (Some(room), Some(other)) => room > other,
        }
    }

    fn limit(&self, locale: Locale) -> Option<Limit<'r>> {
        let bound = self.bound?;
        let binding = self.grant.up_to.get(bound.at).map_or("", |bound| bound.amount.words.get(locale));
        let (total, used, remaining) = (bound.total.amount(), bound.used.amount(), bound.remaining().amount());
        Some(Limit { total, used, remaining, binding, rule: self.rule() })
    }
}

impl<'r> Standing<'r> {
    /// The widest reach of a role.
    pub(super) fn of(&self, role: Symbol) -> Option<&Reach<'r>> {
        let granted = self.certain.iter().filter(|reach| reach.grant.role <= role);
        granted.reduce(|best, reach| if reach.wider_than(best) { reach } else { best })
    }

    /// The lowest role above `actor` whose reach passes the test.
    pub(super) fn lowest_above(
        &self,
        actor: Symbol,
        test: impl Fn(&Reach<'r>) -> bool,
    ) -> Option<(Symbol, &Reach<'r>)> {
        let able = self.certain.iter().filter(|reach| reach.grant.role > actor && test(reach));
        able.min_by_key(|reach| reach.grant.role).map(|reach| (reach.grant.role, reach))
    }

    /// Absent facts that could bring `amount` within the reach of a role that passes the test. A grant that can't be told
    /// because its computation failed lacks no fact: nothing is to be hoped from it.
    fn hoped(
        &self,
        amount: Option<Units>,
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
        let shared = Shared::of(authority);
        self.each_applying(
            &authority.grants,
            |grant| role(grant.role),
            |grant, truth| {
                match self.weigh(grant, truth, &shared) {
                    Ok(reach) => standing.certain.push(reach),
                    Err(uncertain) => standing.uncertain.push(uncertain),
                }
                ControlFlow::Continue(())
            },
        );
    }

    /// What one grant gives, or what it could give once the absent facts are known.
    fn weigh(&self, grant: &'r Grant, truth: Truth, shared: &Shared<'_>) -> Result<Reach<'r>, Uncertain<'r>> {
        let mut missing = MissingFacts::new();
        if truth == Truth::Unknown {
            missing = self.missing_for(&grant.rule);
        }
        let mut least: Option<(Units, usize)> = None;
        let mut bounded = true;
        for (at, bound) in grant.up_to.iter().enumerate() {
            let amount = match bound.reckoned {
                Reckoned::Fixed(amount) => Some(amount),
                Reckoned::Shared(at) => shared.bound(at, self.scope()),
                Reckoned::Alone => bound.amount.term.decimal(self.scope()).map(Units::down),
            };
            match amount {
                Some(amount) => {
                    if least.is_none_or(|(least, _)| amount < least) {
                        least = Some((amount, at));
                    }
                }
                None => {
                    bounded = false;
                    bound.amount.term.missing(self.scope(), &mut missing);
                }
            }
        }
        let used = match &grant.already_given {
            Some(given) if !grant.up_to.is_empty() => {
                let used = shared.given(given, self.scope());
                if used.is_none() {
                    given.term.missing(self.scope(), &mut missing);
                }
                used
            }
            _ => Some(Units::default()),
        };
        self.note_failures(Some(&grant.rule));
        let (true, true, Some(used)) = (truth.is_true(), bounded, used) else {
            let most = least.map(|(total, _)| total.less(used.unwrap_or_default()));
            return Err(Uncertain { role: grant.role, rule: &grant.rule, most, missing });
        };
        let bound = least.map(|(total, at)| Limited { total, used, at });
        Ok(Reach { grant, bound })
    }

    /// Why no grant applies: of each, the first condition that does not hold. Of many, only those that are for such a
    /// case count, as far as the index can tell, and the first few of them: nobody reads a thousand reasons.
    fn failed_grants(&self, action: Symbol) -> Vec<Reason<'r>> {
        let Some(authority) = self.rules.authority.get(usize::from(action.0)) else { return Vec::new() };
        let all = &authority.grants.rules;
        let mut near: SmallVec<[usize; FAILED_GRANTS_MAX]> = SmallVec::new();
        if all.len() > FAILED_GRANTS_MAX {
            authority.grants.index.each_candidate(self.env, |at, _| {
                near.push(at);
                if near.len() < FAILED_GRANTS_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
        }
        if near.is_empty() {
            near.extend((0..all.len()).take(FAILED_GRANTS_MAX));
        }
        let language = self.rules.program.languages.get(self.locale.0).copied().unwrap_or_default();
        let failed = near.into_iter().filter_map(|at| all.get(at)).filter_map(|grant| {
            let mut lines = grant.rule.when.iter().chain(&grant.rule.any);
            let line = &lines.find(|line| self.truth_of(line).is_false())?.text;
            let text = both!("不符合条件：{line}", "this does not hold: {line}");
            Some(Reason { rule: &grant.rule, text: Cow::Owned(text.get(language).to_owned()) })
        });
        failed.collect()
    }

    /// Answers for the action in the facts.
    pub(super) fn authorize(&self, answer: &mut Authorization<'r>) {
        let (Value::Symbol(action), Value::Symbol(actor)) =
            (self.env.fact(id::ACTION_NAME), self.env.fact(id::ACTOR_ROLE))
        else {
            return answer.refuse(Effect::NeedsInput, WhyNot::Facts);
        };
        let (action, actor) = (*action, *actor);
        if self.guarded(action, answer) {
            return;
        }
        self.granted(action, actor, answer);
        if answer.effect == Effect::Deny {
            return;
        }
        answer.evidence = self.evidence(Some(action));
        let lacking = answer.evidence.iter().any(|evidence| !evidence.satisfied.is_true());
        if lacking && answer.effect != Effect::NeedsInput {
            answer.refuse(Effect::NeedsInput, WhyNot::Evidence);
        }
        if answer.effect == Effect::Allow {
            answer.duties = self.duties(Some(action));
        }
    }

    /// Guards win over everything: one that holds denies, one that can't be told asks.
    fn guarded(&self, action: Symbol, answer: &mut Authorization<'r>) -> bool {
        if self.platform_denies(action) {
            answer.refuse(Effect::Deny, WhyNot::Platform);
            return true;
        }
        let guards = self.guards_on(action);
        let denying = guards.iter().any(|(_, truth)| truth.is_true());
        let deciding = guards.iter().filter(|(_, truth)| truth.is_true() == denying).map(|(rule, _)| *rule);
        let Some(first) = deciding.clone().next() else { return false };
        answer.refuse(if denying { Effect::Deny } else { Effect::NeedsInput }, WhyNot::Guarded(self.reason(first)));
        for rule in deciding {
            answer.reasons.push(self.reason(rule));
            if !denying {
                self.ask_for(&self.missing_for(rule), rule);
            }
        }
        true
    }

    /// The platform's own denials, as the front end reported them, are a layer above the shop's policy.
    pub(super) fn platform_denies(&self, action: Symbol) -> bool {
        let Value::List(denials) = self.env.fact(id::REQUEST_PLATFORM_DENIED) else { return false };
        let denies = |fields: &[Value]| fields.first() == Some(&Value::Symbol(action));
        denials.iter().any(|denial| matches!(denial, Value::Record(fields) if denies(fields)))
    }

    fn granted(&self, action: Symbol, actor: Symbol, answer: &mut Authorization<'r>) {
        let usage = self.rules.amount_uses.get(usize::from(action.0)).copied().unwrap_or(AmountUse::Optional);
        let asked = if let Value::Money(amount) = self.env.fact(id::ACTION_AMOUNT) { Some(*amount) } else { None };
        let amount = asked.map(Units::up);
        let mut standing = Standing::default();
        self.stand(&mut standing, action, |role| role <= actor);
        let own = standing.of(actor);
        answer.limit = own.and_then(|reach| reach.limit(self.locale));
        answer.reasons.extend(own.map(|reach| self.reason(reach.rule())));
        if own.is_some_and(|reach| reach.covers(amount, usage)) {
            return;
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
            let asking = standing.certain.iter().map(Reach::rule).chain(hopes.iter().map(|(_, rule)| *rule));
            for rule in asking {
                self.ask_for(&fact, rule);
            }
        }
        let short = match (&answer.limit, asked) {
            (Some(limit), Some(amount)) => {
                WhyNot::TooMuch { remaining: limit.remaining, excess: amount.saturating_sub(limit.remaining) }
            }
            _ => WhyNot::NotGranted,
        };
        answer.reasons.extend(approver.map(|(_, reach)| self.reason(reach.rule())));
        answer.reasons.extend(hopes.iter().map(|(_, rule)| self.reason(rule)));
        answer.approver = approver.map(|(role, _)| role);
        answer.approver_limit = approver.and_then(|(_, reach)| reach.limit(self.locale));
        let nobody = standing.certain.is_empty();
        if approver.is_none() && nobody && hopes.is_empty() {
            answer.reasons = self.failed_grants(action);
            answer.limit = None;
            return answer.refuse(Effect::Deny, WhyNot::NobodyMay);
        }
        if unstated && !nobody || !hopes.is_empty() {
            answer.refuse(Effect::NeedsInput, WhyNot::Facts);
        } else if approver.is_some() {
            answer.refuse(Effect::NeedsApproval, short);
        } else {
            answer.refuse(Effect::Deny, if nobody { WhyNot::NobodyMay } else { short });
        }
    }
}

impl<'r> Authorization<'r> {
    /// The answer where nothing stands against the action.
    pub(super) fn allow() -> Self {
        Authorization {
            effect: Effect::Allow,
            approver: None,
            limit: None,
            approver_limit: None,
            why_not: None,
            evidence: Vec::new(),
            duties: Vec::new(),
            reasons: Vec::new(),
            common: Common::default(),
        }
    }

    fn refuse(&mut self, effect: Effect, why_not: WhyNot<'r>) {
        self.effect = effect;
        self.why_not = Some(why_not);
    }
}
