//! What must be true of every answer as it goes over the wire.

use std::cmp::Ordering;

use pbjson_types::Timestamp;
use redress::rpc::proto::google::r#type::Money;
use redress::rpc::proto::redress::v1 as wire;
use wire::{Effect, Layer, RungState, TimerState};

pub fn of_authorization(answer: &wire::Authorization, action: &wire::Action) {
    let wire::Authorization { effect, approver, limit, why_not, blocked_by, missing, failures, .. } = answer;
    let (effect, blocked_by) = (Effect::try_from(*effect).unwrap(), Layer::try_from(*blocked_by).unwrap());
    assert!(!answer.decision_id.is_empty() && !answer.bundle_digest.is_empty());
    later(answer.evaluated_at.as_ref(), answer.next_change_at.as_ref());
    match effect {
        Effect::Unspecified => panic!("no effect"),
        Effect::Allow => {
            assert!(approver.is_empty() && why_not.is_empty() && blocked_by == Layer::Unspecified, "{answer:?}");
            if let (Some(limit), Some(amount)) = (limit, &action.amount) {
                let remaining = limit.remaining.as_ref().unwrap();
                assert!(compared(amount, remaining).is_le(), "{amount:?} is allowed beyond {remaining:?}");
            }
        }
        Effect::Deny => assert!(blocked_by != Layer::Unspecified && !why_not.is_empty(), "{answer:?}"),
        Effect::NeedsApproval => assert!(!approver.is_empty() && !why_not.is_empty(), "{answer:?}"),
        Effect::NeedsInput => {
            let waits = !missing.is_empty() || !failures.is_empty() || !answer.evidence.is_empty();
            assert!(waits && !why_not.is_empty(), "{answer:?}");
        }
    }
    for limit in [limit, &answer.approver_limit].into_iter().flatten() {
        let remaining = limit.remaining.as_ref().unwrap();
        assert!(!is_negative(remaining) && compared(remaining, limit.total.as_ref().unwrap()).is_le(), "{limit:?}");
    }
}

pub fn of_decision(decision: &wire::Decision) {
    let wire::Decision { recommended, ladder, timers, .. } = decision;
    assert!(!decision.decision_id.is_empty() && !decision.bundle_digest.is_empty());
    later(decision.evaluated_at.as_ref(), decision.next_change_at.as_ref());
    assert!(!ladder.is_empty(), "the ladder has no rung");
    assert!(recommended.is_empty() || ladder.iter().any(|rung| rung.remedy == *recommended), "{decision:?}");
    for rung in ladder {
        let state = RungState::try_from(rung.state).unwrap();
        assert!(state != RungState::Unspecified && !rung.because.is_empty(), "{rung:?}");
        assert!(state != RungState::NeedsApproval || !rung.approver.is_empty(), "{rung:?}");
        if let Some(offer) = &rung.offer {
            let (opening, ceiling) = (offer.opening.as_ref().unwrap(), offer.ceiling.as_ref().unwrap());
            assert!(!is_negative(opening) && compared(opening, ceiling).is_lt(), "{offer:?}");
            let next = offer.next.as_ref();
            assert!(next.is_none_or(|next| compared(next, ceiling).is_le()), "{offer:?}");
        }
    }
    for timer in timers {
        let state = TimerState::try_from(timer.state).unwrap();
        assert!(state != TimerState::Unspecified && (timer.due_at.is_some() || !timer.missing.is_empty()), "{timer:?}");
    }
}

pub fn of_triage(answer: &wire::TriageResponse, asked: usize) {
    use wire::triaged_case::Result as Outcome;
    let mut seen = vec![false; asked];
    let mut problems = false;
    for case in &answer.cases {
        let again = std::mem::replace(&mut seen[usize::try_from(case.position).unwrap()], true);
        assert!(!again, "a case stands twice in the queue");
        match case.result.as_ref().unwrap() {
            Outcome::Entry(_) => assert!(!problems, "what was refused does not stand last"),
            Outcome::Problem(problem) => {
                problems = true;
                of_problem(problem);
            }
        }
    }
    assert!(seen.iter().all(|seen| *seen), "a case got lost");
}

pub fn of_problem(problem: &wire::Problem) {
    assert!(!problem.message.is_empty() && !problem.violations.is_empty(), "{problem:?}");
    for wire::FieldViolation { field, description, reason } in &problem.violations {
        assert!(!field.is_empty() && !description.is_empty() && !reason.is_empty(), "{problem:?}");
    }
}

/// The last moment at which an answer still stands.
pub fn last_moment(next_change_at: Option<&Timestamp>) -> Option<Timestamp> {
    let Timestamp { seconds, nanos } = *next_change_at?;
    Some(if nanos == 0 {
        Timestamp { seconds: seconds - 1, nanos: 999_999_999 }
    } else {
        Timestamp { seconds, nanos: nanos - 1 }
    })
}

pub fn same_authorization(now: &wire::Authorization, then: &wire::Authorization) {
    let told = |answer: &wire::Authorization| {
        let limit = |limit: &Option<wire::Limit>| limit.as_ref().map(|limit| limit.remaining.clone());
        let missing: Vec<_> = answer.missing.iter().map(|missing| missing.path.clone()).collect();
        (answer.effect, answer.approver.clone(), limit(&answer.limit), answer.blocked_by, missing)
    };
    assert_eq!(told(now), told(then), "changed before {:?}", now.next_change_at);
}

pub fn same_decision(now: &wire::Decision, then: &wire::Decision) {
    let told = |answer: &wire::Decision| {
        let rungs: Vec<_> =
            answer.ladder.iter().map(|rung| (rung.remedy.clone(), rung.state, rung.offer.clone())).collect();
        let timers: Vec<_> = answer.timers.iter().map(|timer| (timer.id.clone(), timer.state, timer.due_at)).collect();
        let forbidden: Vec<_> = answer.forbidden.iter().map(|forbidden| forbidden.action.clone()).collect();
        let missing: Vec<_> = answer.missing.iter().map(|missing| missing.path.clone()).collect();
        (answer.recommended.clone(), rungs, timers, forbidden, missing, answer.route.clone())
    };
    assert_eq!(told(now), told(then), "changed before {:?}", now.next_change_at);
}

fn later(at: Option<&Timestamp>, change: Option<&Timestamp>) {
    let at = at.unwrap();
    if let Some(change) = change {
        assert!((change.seconds, change.nanos) > (at.seconds, at.nanos), "{change:?} is not after {at:?}");
    }
}

fn compared(one: &Money, other: &Money) -> Ordering {
    assert!(other.currency_code == one.currency_code, "{one:?} and {other:?}");
    (one.units, one.nanos).cmp(&(other.units, other.nanos))
}

fn is_negative(money: &Money) -> bool {
    money.units < 0 || money.nanos < 0
}
