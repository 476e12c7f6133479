//! Triage: many open cases in the order a desk works them, what times out first (TI-7).

use super::answer::{Decision, TimerState};
use crate::value::Instant;

/// Where a case stands in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Triaged {
    /// When its first open timer is due; cases without one come last.
    pub due: Instant,
    /// Its position among the cases sent.
    pub position: usize,
}

/// The order in which to work: overdue and soon due first, those without a deadline last, equals as they were sent.
pub fn triage(decisions: &[Decision<'_>]) -> Vec<Triaged> {
    let due_of = |decision: &Decision<'_>| {
        let open =
            decision.timers.iter().filter(|timer| !matches!(timer.state, TimerState::Met | TimerState::NeedsFacts));
        open.filter_map(|timer| timer.due).min().unwrap_or(Instant(i64::MAX))
    };
    let mut queue: Vec<Triaged> =
        decisions.iter().enumerate().map(|(position, decision)| Triaged { due: due_of(decision), position }).collect();
    queue.sort();
    queue
}
