//! Triage: many open cases in the order a desk works them (TI-7).
//!
//! What has timed out comes first, before the platform above all, then what times out next. Only a timer that has steps
//! counts, or an end that the platform reports: any other, such as a window of the customer's, tells when something ends
//! and asks nothing of the desk. Times within the span that the policies name, such as a quarter of an hour, are as good
//! as the same; among those a deadline that the platform set comes before one of the shop's own, then the case that the
//! policies call more urgent, and then the one that times out a second time sooner.

use std::cmp::Reverse;

use rust_decimal::Decimal;

use super::answer::{Decision, StepAnswer, TimerAnswer, TimerState};
use crate::value::{Duration, Instant};

/// No more of a case's timers than this are compared with those of another.
const COMPARED_MAX: usize = 4;

/// Where a case stands in the queue.
#[derive(Debug, Clone, Copy)]
pub struct Triaged<'t, 'r> {
    /// Its position among the cases sent.
    pub position: usize,
    /// The timer that puts it there; cases without one come last.
    pub timer: Option<&'t TimerAnswer<'r>>,
}

type Span = (i64, Reverse<bool>);

/// Later than any.
const NEVER: Span = (i64::MAX, Reverse(false));

/// By what cases are compared; the smaller comes first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// How its first timer stands: timed out before the platform, timed out otherwise, not yet.
    standing: u8,
    /// Spans until its first timer is due, and whether the platform set that.
    first: Span,
    urgency: Reverse<Decimal>,
    /// The same of its other timers.
    others: Vec<Span>,
    /// When the first is due, to the nanosecond.
    due: Instant,
    position: usize,
}

/// The order in which to work. What falls due within the same `span`, counted from now, is due at about the same time.
pub fn triage<'t, 'r>(decisions: &'t [Decision<'r>], now: Instant, span: Duration) -> Vec<Triaged<'t, 'r>> {
    let mut queue: Vec<(Place, Triaged<'t, 'r>)> = decisions
        .iter()
        .enumerate()
        .map(|(position, decision)| {
            let open = open_timers(decision);
            (place(decision, &open, (now, span), position), Triaged { position, timer: open.first().copied() })
        })
        .collect();
    queue.sort_by(|(one, _), (other, _)| one.cmp(other));
    queue.into_iter().map(|(_, triaged)| triaged).collect()
}

/// What to do about a timer now: the step whose time came last, or where none has come, the next. Of several at the same
/// time it is the one written first; once the timer is due, the one written last, which is for that.
pub fn step_now<'t, 'r>(timer: &'t TimerAnswer<'r>) -> Option<&'t StepAnswer<'r>> {
    let come = || timer.steps.iter().filter(|step| step.due);
    let last = come().map(|step| step.at).max();
    let mut at_last = come().filter(|step| Some(step.at) == last);
    let now = if last == timer.due { at_last.next_back() } else { at_last.next() };
    now.or_else(|| timer.steps.first())
}

/// The timers that ask something of the desk, the first to be due first.
fn open_timers<'t, 'r>(decision: &'t Decision<'r>) -> Vec<&'t TimerAnswer<'r>> {
    let open = |timer: &&TimerAnswer<'_>| {
        let running = !matches!(timer.state, TimerState::Met | TimerState::NeedsFacts);
        running && timer.due.is_some() && (timer.reported || !timer.steps.is_empty())
    };
    let mut timers: Vec<_> = decision.timers.iter().filter(open).collect();
    timers.sort_by_key(|timer| (standing(timer), timer.due, Reverse(timer.reported)));
    timers
}

fn standing(timer: &TimerAnswer<'_>) -> u8 {
    match (timer.state, timer.reported) {
        (TimerState::Overdue, true) => 0,
        (TimerState::Overdue, false) => 1,
        _ => 2,
    }
}

fn place(
    decision: &Decision<'_>,
    open: &[&TimerAnswer<'_>],
    (now, length): (Instant, Duration),
    position: usize,
) -> Place {
    let due = |timer: &TimerAnswer<'_>| timer.due.unwrap_or(Instant(i64::MAX));
    let span = |timer: &&TimerAnswer<'_>| {
        let left = due(timer).0.saturating_sub(now.0);
        // A span of no length tells any two times apart.
        (left.checked_div_euclid(length.0).unwrap_or(left), Reverse(timer.reported))
    };
    let mut dues = open.iter().take(COMPARED_MAX).map(span);
    let first = dues.next().unwrap_or(NEVER);
    let mut others: Vec<Span> = dues.collect();
    others.sort_unstable();
    others.push(NEVER);
    Place {
        standing: open.first().map_or(u8::MAX, |timer| standing(timer)),
        first,
        urgency: Reverse(decision.urgency.unwrap_or_default()),
        others,
        due: open.first().map_or(Instant(i64::MAX), |timer| due(timer)),
        position,
    }
}
