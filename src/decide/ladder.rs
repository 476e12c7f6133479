//! The ladder: which remedy to lead the customer to, what stands beside it, what comes next, and the offers.

use std::borrow::Cow;

use super::Asking;
use super::answer::{AlternativeAnswer, FreightAnswer, OfferAnswer, Reason, RungAnswer, RungState};
use super::authority::{Reach, Standing};
use crate::expr::inspect::{Missing, MissingFacts};
use crate::facts::id;
use crate::policy::rules::{Amount, Offer, Rule, Rung};
use crate::value::{Symbol, Truth, Units, Value};

/// The ladder of one case.
pub(super) struct LadderAnswer<'r> {
    pub recommended: Option<Symbol>,
    pub rungs: Vec<RungAnswer<'r>>,
    pub reasons: Vec<Reason<'r>>,
}

/// How a rung stands by itself, before its place on the ladder counts.
struct Fit<'r> {
    state: RungState,
    because: Vec<Reason<'r>>,
    missing: MissingFacts,
    approver: Option<Symbol>,
    /// The most the actor may give, or else the approver, where that is bounded.
    room: Option<Units>,
    ceiling: Ceiling,
    alternatives: Vec<AlternativeAnswer<'r>>,
}

/// The most that may be given, in whole fen: the actor's room and the offer's own bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ceiling {
    Any,
    At(Units),
    /// It hangs on absent facts, or can't be computed.
    Unknown,
}

impl<'r> Asking<'r, '_> {
    pub(super) fn ladder(&self) -> LadderAnswer<'r> {
        let (entry, reasons) = self.entry();
        let rungs = &self.rules.ladder.rungs;
        let start = entry.and_then(|remedy| rungs.iter().position(|rung| rung.remedy == remedy)).unwrap_or(0);
        let mut answers: Vec<RungAnswer<'r>> = Vec::with_capacity(rungs.len());
        // The first rung from the entry down that fits is offered; one that can't be told holds back those below it.
        let mut open = true;
        for (position, rung) in rungs.iter().enumerate() {
            let fit = self.fit(rung);
            let state = if fit.state != RungState::Offered {
                fit.state
            } else if position < start {
                RungState::Alternative
            } else if open {
                RungState::Offered
            } else {
                RungState::Later
            };
            let settles = matches!(state, RungState::Offered | RungState::NeedsApproval | RungState::NeedsFacts);
            let answer = self.rung(rung, fit, state);
            if position >= start && settles && open {
                open = false;
                self.ask_for(&answer.missing.iter().copied().collect(), &rung.rule);
            }
            answers.push(answer);
        }
        let recommended = if open { self.fallback(&answers) } else { settled(&answers, start) };
        LadderAnswer { recommended, rungs: answers, reasons }
    }

    /// Where nothing from the entry down fits: the nearest rung above it that does; or else what would tell.
    fn fallback(&self, rungs: &[RungAnswer<'r>]) -> Option<Symbol> {
        let open = |rung: &&RungAnswer<'r>| matches!(rung.state, RungState::Alternative | RungState::NeedsApproval);
        if let Some(rung) = rungs.iter().rev().find(open) {
            return Some(rung.remedy);
        }
        for rung in rungs.iter().filter(|rung| rung.state == RungState::NeedsFacts) {
            self.ask_for(&rung.missing.iter().copied().collect(), rung.rule);
        }
        None
    }

    /// The remedy that the first applying entry leads to. One that can't be told is asked for and passed over.
    fn entry(&self) -> (Option<Symbol>, Vec<Reason<'r>>) {
        for entry in &self.rules.ladder.entries {
            match self.applies(&entry.rule) {
                Truth::True => return (Some(entry.remedy), vec![self.reason(&entry.rule)]),
                Truth::Unknown => self.ask_for(&self.missing_for(&entry.rule), &entry.rule),
                Truth::False => {}
            }
        }
        (None, Vec::new())
    }

    fn fit(&self, rung: &'r Rung) -> Fit<'r> {
        let fit = |state| Fit {
            state,
            because: vec![self.reason(&rung.rule)],
            missing: MissingFacts::new(),
            approver: None,
            room: None,
            ceiling: Ceiling::Any,
            alternatives: Vec::new(),
        };
        if self.refused(rung.remedy) {
            return fit(RungState::Refused);
        }
        match self.applies(&rung.rule) {
            Truth::False => return fit(RungState::NotApplicable),
            Truth::Unknown => return Fit { missing: self.missing_for(&rung.rule), ..fit(RungState::NeedsFacts) },
            Truth::True => {}
        }
        let Some(action) = rung.action else { return self.measured(rung, fit(RungState::Offered)) };
        if self.platform_denies(action) {
            return fit(RungState::Blocked);
        }
        let guards = self.guards().iter().filter(|(guard, _)| guard.forbids.contains(&action));
        let guards: Vec<(&'r Rule, Truth)> = guards.map(|(guard, truth)| (&guard.rule, *truth)).collect();
        let blocking: Vec<_> =
            guards.iter().filter(|(_, truth)| truth.is_true()).map(|(rule, _)| self.reason(rule)).collect();
        if !blocking.is_empty() {
            return Fit { because: blocking, ..fit(RungState::Blocked) };
        }
        let mut missing = MissingFacts::new();
        for (rule, _) in &guards {
            missing.extend(self.missing_for(rule));
        }
        if !guards.is_empty() {
            let because = guards.iter().map(|(rule, _)| self.reason(rule)).collect();
            return Fit { because, missing, ..fit(RungState::NeedsFacts) };
        }
        self.measured(rung, self.within_authority(rung, action, fit(RungState::Offered)))
    }

    /// How much may be given, in money or in kind. A rung whose own bounds leave nothing to give does not fit.
    fn measured(&self, rung: &'r Rung, mut fit: Fit<'r>) -> Fit<'r> {
        if !matches!(fit.state, RungState::Offered | RungState::NeedsApproval) {
            return fit;
        }
        fit.ceiling = self.ceiling(rung, fit.room, &mut fit.missing);
        fit.alternatives = self.alternatives(rung, fit.ceiling, &mut fit.missing);
        self.note_failures(Some(&rung.rule));
        let nothing = matches!(fit.ceiling, Ceiling::At(ceiling) if ceiling <= Units::ONE);
        if rung.offer.is_some() && nothing && fit.alternatives.is_empty() {
            fit.state = RungState::NotApplicable;
        }
        fit
    }

    fn ceiling(&self, rung: &'r Rung, room: Option<Units>, missing: &mut MissingFacts) -> Ceiling {
        let mut least = room;
        let mut known = true;
        for bound in rung.offer.iter().flat_map(|offer| &offer.ceiling) {
            match bound.term.decimal(self.scope()).map(Units::down) {
                Some(amount) => least = Some(least.map_or(amount, |least| least.min(amount))),
                None => {
                    known = false;
                    bound.term.missing(self.scope(), missing);
                }
            }
        }
        if !known {
            return Ceiling::Unknown;
        }
        least.map_or(Ceiling::Any, Ceiling::At)
    }

    /// What may certainly be given instead of money. What hangs on absent facts asks for them.
    fn alternatives(&self, rung: &'r Rung, ceiling: Ceiling, missing: &mut MissingFacts) -> Vec<AlternativeAnswer<'r>> {
        let mut alternatives = Vec::new();
        for alternative in &rung.alternatives {
            let rule = &alternative.rule;
            let truth = self.applies(rule);
            if truth == Truth::Unknown {
                missing.extend(self.missing_for(rule));
            }
            if !truth.is_true() {
                continue;
            }
            let answer = |worth: Option<Units>, capped| AlternativeAnswer {
                rule,
                text: self.words_of(rule),
                worth: worth.map(Units::amount),
                capped,
            };
            let Some(worth) = &alternative.worth else {
                alternatives.push(answer(None, false));
                continue;
            };
            match (worth.term.decimal(self.scope()).map(Units::down), ceiling) {
                (None, _) => worth.term.missing(self.scope(), missing),
                (Some(_), Ceiling::Unknown) => {}
                (Some(worth), Ceiling::Any) => alternatives.push(answer(Some(worth), false)),
                (Some(worth), Ceiling::At(most)) if worth <= most => alternatives.push(answer(Some(worth), false)),
                (Some(_), Ceiling::At(most)) if most < Units::ONE => {}
                (Some(_), Ceiling::At(most)) => alternatives.push(answer(Some(most), true)),
            }
            self.note_failures(Some(rule));
        }
        alternatives
    }

    /// Whether the actor may give this remedy at all, and how much room there is.
    fn within_authority(&self, rung: &'r Rung, action: Symbol, fit: Fit<'r>) -> Fit<'r> {
        let Value::Symbol(actor) = self.env.fact(id::ACTOR_ROLE) else { return fit };
        let mut standing = Standing::default();
        self.stand(&mut standing, action, |role| role <= *actor);
        let gives = |reach: &Reach<'r>| reach.room().is_none_or(|room| room > Units::ONE || rung.offer.is_none());
        if let Some(own) = standing.of(*actor).filter(|reach| gives(reach)) {
            return Fit { room: own.room(), ..fit };
        }
        let mut missing = MissingFacts::new();
        let mut because = fit.because;
        for (facts, rule) in standing.uncertain_for(*actor) {
            missing.extend(facts);
            because.push(self.reason(rule));
        }
        if !missing.is_empty() {
            return Fit { state: RungState::NeedsFacts, missing, because, ..fit };
        }
        self.stand(&mut standing, action, |role| role > *actor);
        let approver = standing.lowest_above(*actor, gives);
        because.extend(approver.map(|(_, reach)| self.reason(reach.rule())));
        let state = if approver.is_some() { RungState::NeedsApproval } else { RungState::Blocked };
        let room = approver.and_then(|(_, reach)| reach.room());
        Fit { state, because, approver: approver.map(|(role, _)| role), room, ..fit }
    }

    fn refused(&self, remedy: Symbol) -> bool {
        let Value::List(refused) = self.env.fact(id::REQUEST_REFUSED) else { return false };
        refused.contains(&Value::Symbol(remedy))
    }

    fn rung(&self, rung: &'r Rung, fit: Fit<'r>, state: RungState) -> RungAnswer<'r> {
        let (mut because, mut missing) = (fit.because, fit.missing);
        let shown =
            matches!(state, RungState::Offered | RungState::Alternative | RungState::Later | RungState::NeedsApproval);
        let offer = match &rung.offer {
            Some(offer) if shown => self.offer(offer, fit.ceiling, &mut because, &mut missing),
            _ => None,
        };
        RungAnswer {
            remedy: rung.remedy,
            rule: &rung.rule,
            state,
            offer,
            freight: if shown { self.freight(rung) } else { None },
            alternatives: if shown { fit.alternatives } else { Vec::new() },
            evidence: rung.action.filter(|_| shown).map(|action| self.evidence(Some(action))).unwrap_or_default(),
            steps: if shown { self.rung_steps(rung, &mut missing) } else { Vec::new() },
            approver: fit.approver,
            because,
            missing: missing.into_iter().collect::<Vec<Missing>>(),
        }
    }

    /// What to do, as far as its conditions certainly hold.
    fn rung_steps(&self, rung: &'r Rung, missing: &mut MissingFacts) -> Vec<Cow<'r, str>> {
        let taken = rung.steps.iter().filter(|step| self.is_taken(step.when.as_ref(), missing));
        taken.map(|step| self.message(&step.action)).collect()
    }

    /// Opening < ceiling ≤ authority, in whole fen; none where that leaves nothing to offer.
    fn offer(
        &self,
        offer: &'r Offer,
        ceiling: Ceiling,
        because: &mut Vec<Reason<'r>>,
        missing: &mut MissingFacts,
    ) -> Option<OfferAnswer> {
        let Ceiling::At(ceiling) = ceiling else { return None };
        let top = ceiling.less(Units::ONE);
        if top < Units::ONE {
            return None;
        }
        let local = Value::Money(ceiling.amount());
        let mut of_ceiling = |amount: &Amount| {
            self.scope().with(&local, |scope| {
                let value = amount.term.decimal(scope);
                if value.is_none() {
                    amount.term.missing(scope, missing);
                }
                value.map(Units::down)
            })
        };
        let opening = of_ceiling(&offer.opening)?.clamp(Units::ONE, top);
        let mut next = None;
        for concession in &offer.concessions {
            if self.applies(&concession.rule).is_true() {
                next = of_ceiling(&concession.amount).map(|amount| amount.min(ceiling)).filter(|next| *next > opening);
                because.push(self.reason(&concession.rule));
                break;
            }
        }
        Some(OfferAnswer { opening: opening.amount(), ceiling: ceiling.amount(), next: next.map(Units::amount) })
    }

    fn freight(&self, rung: &'r Rung) -> Option<FreightAnswer<'r>> {
        let mut applying = rung.freight.iter().map(|freight| (freight, self.applies(&freight.rule)));
        let (freight, truth) = applying.find(|(_, truth)| !truth.is_false())?;
        if truth == Truth::Unknown {
            let rule: &'r Rule = &freight.rule;
            self.ask_for(&self.missing_for(rule), rule);
            return None;
        }
        Some(FreightAnswer {
            rule: &freight.rule,
            outbound: freight.outbound.as_deref(),
            inbound: freight.inbound.as_deref(),
            replacement: freight.replacement.as_deref(),
            means: &freight.means,
        })
    }
}

/// The first rung from the entry down that is offered or goes to a superior, unless one before it can't be told.
fn settled(rungs: &[RungAnswer<'_>], start: usize) -> Option<Symbol> {
    let settles = |state| matches!(state, RungState::Offered | RungState::NeedsApproval | RungState::NeedsFacts);
    let first = rungs.iter().skip(start).find(|rung| settles(rung.state))?;
    (first.state != RungState::NeedsFacts).then_some(first.remedy)
}
