//! What must hold of every answer, tried on random cases over all facts with the shipped policies.
//!
//! `REDRESS_CASES` sets how many.

mod support;

use redress::decide::answer::{Decision, Effect, RungState};
use redress::decide::{Asked, Case, authorize, decide};
use redress::facts::{Type, id};
use redress::policy::Bundle;
use redress::value::{Instant, Symbol, Value};
use rust_decimal::Decimal;
use support::random::{self, Dice, NOW};

fn cases() -> u64 {
    std::env::var("REDRESS_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_500)
}

fn each(seed: u64, mut check: impl FnMut(&Bundle, &Case, &mut Dice)) {
    let bundle = support::shipped();
    let mut dice = Dice::new(seed);
    for _ in 0..cases() {
        let case = random::case(&bundle, &mut dice);
        check(&bundle, &case, &mut dice);
    }
}

/// An answer without what moves with every moment.
fn told(decision: &Decision<'_>) -> String {
    let rungs: Vec<_> = decision
        .ladder
        .iter()
        .map(|rung| (rung.remedy, rung.state, rung.offer, rung.approver, rung.missing.clone()))
        .collect();
    let timers: Vec<_> = decision
        .timers
        .iter()
        .map(|timer| {
            let steps: Vec<_> = timer.steps.iter().map(|step| (step.id, step.at, step.due)).collect();
            (&timer.rule.id, timer.state, timer.due, steps)
        })
        .collect();
    let forbidden: Vec<_> =
        decision.forbidden.iter().map(|forbidden| (forbidden.action, forbidden.guard().map(|rule| &rule.id))).collect();
    let evidence: Vec<_> = decision.evidence.iter().map(|evidence| (&evidence.rule.id, evidence.satisfied)).collect();
    let missing: Vec<_> = decision.common.missing.iter().map(|missing| missing.missing).collect();
    let route = decision.route.as_ref().map(|route| route.to);
    let outputs: Vec<_> = decision.outputs.iter().map(|output| (output.fact, output.value.clone())).collect();
    format!("{:?}", (decision.recommended, rungs, timers, forbidden, evidence, missing, route, outputs))
}

#[test]
fn an_answer_stands_until_its_next_change() {
    let mut foretold = 0;
    each(1, |bundle, case, dice| {
        let rules = bundle.rules_for(None, None);
        let now = decide(rules, case, Instant(NOW), Asked::default());
        let end = now.common.next_change_at.map_or(NOW + 365 * 86_400_000_000_000, |at| at.0);
        foretold += u64::from(now.common.next_change_at.is_some());
        assert!(end > NOW);
        let span = u64::try_from(end - NOW).unwrap();
        for later in [1, dice.below(span), span - 1].into_iter().filter(|later| *later < span) {
            let later = NOW + i64::try_from(later).unwrap();
            let then = decide(rules, case, Instant(later), Asked::default());
            assert_eq!(told(&now), told(&then), "changed before {end}, at {later}");
        }
    });
    assert!(foretold > cases() / 10, "too few answers foretell a change");
}

#[test]
fn opening_is_below_the_ceiling_and_the_ceiling_within_authority() {
    let mut offers = 0;
    each(2, |bundle, case, _| {
        let rules = bundle.rules_for(None, None);
        let case = &nothing_came_back(case);
        for rung in decide(rules, case, Instant(NOW), Asked::default()).ladder {
            let Some(offer) = rung.offer else { continue };
            offers += 1;
            assert!(Decimal::ZERO < offer.opening && offer.opening < offer.ceiling, "{offer:?}");
            assert!(offer.next.is_none_or(|next| offer.opening < next && next <= offer.ceiling), "{offer:?}");
            assert!(offer.ceiling.scale() <= 2 && offer.opening.scale() <= 2, "{offer:?}");
            let action =
                rules.ladder.rungs.iter().find(|known| known.remedy == rung.remedy).and_then(|known| known.action);
            if let Some(action) = action {
                let mut asked = with_action(case, action, Some(offer.ceiling));
                // Where it needs approval, the ceiling is the approver's.
                if let Some(approver) = rung.approver {
                    asked.facts[usize::from(id::ACTOR_ROLE.0)] = Value::Symbol(approver);
                }
                let answer = authorize(rules, &asked, Instant(NOW), Asked::default());
                assert_ne!(answer.effect, Effect::NeedsApproval, "the ceiling is beyond whoever gives it");
            }
        }
    });
    assert!(offers > 20, "too few offers for the test to mean much: {offers}");
}

/// Money is offered while nothing is wrong with what came back.
fn nothing_came_back(case: &Case) -> Case {
    let mut case = case.clone();
    for found in [id::INSPECTION_SWAPPED, id::INSPECTION_EMPTY, id::INSPECTION_SHORT, id::INSPECTION_USER_DAMAGED] {
        case.facts[usize::from(found.0)] = Value::Bool(false);
    }
    case.facts[usize::from(id::INSPECTION_RESALE_EFFECT.0)] = Value::Unknown;
    case
}

fn with_action(case: &Case, action: Symbol, amount: Option<Decimal>) -> Case {
    let mut case = case.clone();
    case.facts[usize::from(id::ACTION_NAME.0)] = Value::Symbol(action);
    case.facts[usize::from(id::ACTION_AMOUNT.0)] = amount.map_or(Value::Unknown, Value::Money);
    case
}

#[test]
fn what_a_role_may_do_every_higher_role_may_do() {
    let mut allowed = 0;
    each(3, |bundle, case, _| {
        let rules = bundle.rules_for(None, None);
        let Type::Enum(roles) = bundle.schema().fact(id::ACTOR_ROLE).unwrap().ty else { panic!() };
        let roles = bundle.schema().enumeration(roles).unwrap().members.len();
        let mut before = false;
        for role in 0..u16::try_from(roles).unwrap() {
            let mut case = case.clone();
            case.facts[usize::from(id::ACTOR_ROLE.0)] = Value::Symbol(Symbol(role));
            let effect = authorize(rules, &case, Instant(NOW), Asked::default()).effect;
            assert!(!before || effect == Effect::Allow, "role {role} may not do what a lower role may");
            before = effect == Effect::Allow;
            allowed += u64::from(before);
        }
    });
    assert!(allowed > cases() / 20, "too few actions are allowed for the test to mean much");
}

#[test]
fn the_named_approver_may_and_nobody_below() {
    let mut approvals = 0;
    each(4, |bundle, case, _| {
        let rules = bundle.rules_for(None, None);
        let answer = authorize(rules, case, Instant(NOW), Asked::default());
        if answer.effect != Effect::NeedsApproval {
            return;
        }
        approvals += 1;
        let approver = answer.approver.unwrap();
        for role in 0..=approver.0 {
            let mut case = case.clone();
            case.facts[usize::from(id::ACTOR_ROLE.0)] = Value::Symbol(Symbol(role));
            let effect = authorize(rules, &case, Instant(NOW), Asked::default()).effect;
            assert_eq!(effect == Effect::Allow, role == approver.0, "role {role}, approver {}", approver.0);
        }
    });
    assert!(approvals > 5, "too few approvals for the test to mean much: {approvals}");
}

#[test]
fn the_index_leaves_out_no_rule_that_the_trace_sees_hold() {
    each(5, |bundle, case, _| {
        let rules = bundle.rules_for(None, None);
        let explained = decide(rules, case, Instant(NOW), Asked { explain: true, ..Asked::default() });
        for trace in explained.common.trace.iter().filter(|trace| trace.outcome.is_true()) {
            if trace.rule.id.starts_with("guards.") {
                assert!(
                    explained
                        .forbidden
                        .iter()
                        .any(|forbidden| forbidden.guard().is_some_and(|rule| rule.id == trace.rule.id))
                );
            }
        }
        let quiet = decide(rules, case, Instant(NOW), Asked::default());
        assert_eq!(told(&explained), told(&quiet), "the trace changed the answer");
    });
}

#[test]
fn what_is_recommended_is_offered_and_what_is_blocked_says_why() {
    each(6, |bundle, case, _| {
        let rules = bundle.rules_for(None, None);
        let decision = decide(rules, case, Instant(NOW), Asked::default());
        for rung in &decision.ladder {
            assert!(!rung.because.is_empty(), "a rung without a reason");
            assert!(rung.state != RungState::NeedsApproval || rung.approver.is_some());
            if Some(rung.remedy) == decision.recommended {
                let open = matches!(rung.state, RungState::Offered | RungState::Alternative | RungState::NeedsApproval);
                assert!(open, "{:?} is recommended", rung.state);
            }
        }
        if decision.recommended.is_none() {
            let waits = decision.ladder.iter().any(|rung| rung.state == RungState::NeedsFacts);
            let closed = decision
                .ladder
                .iter()
                .all(|rung| matches!(rung.state, RungState::NotApplicable | RungState::Refused | RungState::Blocked));
            assert!(waits || closed, "nothing is recommended and nothing is asked");
            assert!(!waits || !decision.common.missing.is_empty() || !decision.common.failures.is_empty());
        }
    });
}
