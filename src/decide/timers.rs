//! Timers: what falls due when, how it stands, and what to do next about it.

use super::Asking;
use super::answer::{StepAnswer, TimerAnswer, TimerState};
use crate::expr::inspect::MissingFacts;
use crate::facts::{FactId, id};
use crate::policy::rules::{Length, Rule, Step, StepTime, Timer};
use crate::value::{Duration, Instant, Truth, Value};

/// The instants that a platform reports as the end of something.
const PLATFORM_DEADLINES: [FactId; 3] =
    [id::REQUEST_PLATFORM_DEADLINE_AT, id::DISPUTE_DUE_AT, id::DISPUTE_EVIDENCE_DUE_AT];

/// A timer is shown with at most this many steps; a repeated one has two of them.
const STEPS_MAX: usize = 64;

impl<'r> Asking<'r, '_> {
    /// The timers that apply, the next to be due first; then those overdue or met, then those that can't be told.
    pub(super) fn timers(&self) -> Vec<TimerAnswer<'r>> {
        let applying = self.applying(&self.rules.timers);
        let mut timers: Vec<TimerAnswer<'r>> =
            applying.into_iter().filter_map(|(timer, truth)| self.timer(timer, truth)).collect();
        timers.sort_by_key(|timer| (rank(timer.state), timer.due.map_or(i64::MAX, |due| due.0)));
        timers
    }

    /// A timer of which nothing is known, neither that it applies nor when it would have begun, is left out: nothing
    /// says that it runs. One that applies and lacks its start, or has begun and may apply, asks for what it lacks.
    fn timer(&self, timer: &'r Timer, truth: Truth) -> Option<TimerAnswer<'r>> {
        let scope = self.scope();
        let text = self.words_of(&timer.rule);
        let answer = |state, started, due, steps, missing| TimerAnswer {
            rule: &timer.rule,
            text,
            state,
            started,
            due,
            reported: self.reported(due),
            steps,
            missing,
        };
        let started = timer.start.term.nanos(scope).map(Instant);
        if truth == Truth::Unknown && started.is_none() {
            return None;
        }
        let due = self.due(timer, started);
        self.note_failures(Some(&timer.rule));
        let (Truth::True, Some(due)) = (truth, due) else {
            let mut missing = self.missing_for(&timer.rule);
            timer.start.term.missing(scope, &mut missing);
            self.missing_length(timer, &mut missing);
            self.ask_for(&missing, &timer.rule);
            return Some(answer(TimerState::NeedsFacts, started, due, Vec::new(), missing.into_iter().collect()));
        };
        let now = self.env.now;
        let met = timer.done.iter().any(|line| self.truth_of(line).is_true());
        let state = if met {
            TimerState::Met
        } else if started.is_some_and(|start| now < start) {
            TimerState::Pending
        } else if now <= due {
            TimerState::Running
        } else {
            TimerState::Overdue
        };
        if met {
            return Some(answer(state, started, Some(due), Vec::new(), Vec::new()));
        }
        if let Some(start) = started {
            self.env.changes_at(start);
        }
        // The due instant itself is still in time; a nanosecond later it is not.
        self.env.changes_at(due);
        self.env.changes_at(Instant(due.0.saturating_add(1)));
        let mut missing = MissingFacts::new();
        let taken = timer.steps.iter().filter(|step| self.is_taken(step.when.as_ref(), &mut missing));
        let mut steps: Vec<StepAnswer<'r>> = taken.flat_map(|step| self.step(step, started, due)).collect();
        self.note_failures(Some(&timer.rule));
        self.ask_for(&missing, &timer.rule);
        steps.sort_by_key(|step| step.at);
        steps.truncate(STEPS_MAX);
        Some(answer(state, started, Some(due), steps, missing.into_iter().collect()))
    }

    /// Whether a step's conditions hold. A step that can't be told is not shown: it asks for what it lacks.
    pub(super) fn is_taken(&self, when: Option<&'r Rule>, missing: &mut MissingFacts) -> bool {
        let Some(rule) = when else { return true };
        let truth = self.applies(rule);
        if truth == Truth::Unknown {
            missing.extend(self.missing_for(rule));
        }
        truth.is_true()
    }

    /// When a timer is due. An end that is known of itself, such as one that the platform reports, needs no start.
    fn due(&self, timer: &Timer, start: Option<Instant>) -> Option<Instant> {
        use rust_decimal::prelude::ToPrimitive;
        let scope = self.scope();
        let calendar = |at: usize| self.env.calendar(at);
        if let Length::Until(due) = &timer.length {
            return due.nanos(scope).map(Instant);
        }
        let start = start?;
        match &timer.length {
            Length::Until(_) => None,
            Length::Elapsed(length) => start.0.checked_add(length.nanos(scope)?).map(Instant),
            Length::WorkingDays { calendar: at, days } => {
                let days = days.decimal(scope)?.to_u32()?;
                let calendar = calendar(*at)?;
                let due = calendar.working_days_after(start, days).or_else(|| self.outside(&calendar.name))?;
                self.env.told_by(*at, due, true);
                Some(due)
            }
            Length::Business { calendar: at, length } => {
                let length = Duration(length.nanos(scope)?);
                let calendar = calendar(*at)?;
                let due = calendar.business_time_after(start, length).or_else(|| self.outside(&calendar.name))?;
                self.env.told_by(*at, due, false);
                Some(due)
            }
        }
    }

    /// Whether that instant is a deadline that the platform reports.
    fn reported(&self, due: Option<Instant>) -> bool {
        due.is_some_and(|due| PLATFORM_DEADLINES.iter().any(|fact| *self.env.fact(*fact) == Value::Instant(due)))
    }

    fn outside(&self, calendar: &str) -> Option<Instant> {
        self.env.report(crate::expr::eval::Failure::OutsideCalendar { calendar: calendar.into() });
        None
    }

    fn missing_length(&self, timer: &Timer, missing: &mut MissingFacts) {
        match &timer.length {
            Length::Elapsed(term) | Length::Until(term) => term.missing(self.scope(), missing),
            Length::WorkingDays { days: term, .. } | Length::Business { length: term, .. } => {
                term.missing(self.scope(), missing);
            }
        }
    }

    /// When a step falls due: once, or for a repeated one the last time that has come and the next.
    /// Those reckoned from a start that is not known are left out.
    fn step(&self, step: &'r Step, start: Option<Instant>, due: Instant) -> Vec<StepAnswer<'r>> {
        let now = self.env.now;
        let times: Vec<Option<i64>> = match (step.at, start) {
            (StepTime::After(after), Some(start)) => vec![start.0.checked_add(after.0)],
            (StepTime::Before(before), _) => vec![due.0.checked_sub(before.0)],
            (StepTime::Expired, _) => vec![Some(due.0)],
            (StepTime::Every(every), Some(start)) if every.0 > 0 => {
                // It repeats until the timer is due; the last time before that stays told.
                let passed = now.0.min(due.0).saturating_sub(start.0).max(0).checked_div(every.0).unwrap_or(0);
                let nth = |n: i64| every.0.checked_mul(n).and_then(|offset| start.0.checked_add(offset));
                let last = if now < start { None } else { nth(passed) };
                let next = if now < start { Some(start.0) } else { nth(passed.saturating_add(1)) };
                [last, next].into_iter().map(|at| at.filter(|at| *at <= due.0)).collect()
            }
            (StepTime::After(_) | StepTime::Every(_), _) => Vec::new(),
        };
        // "Less than a day left" begins after the moment at which a day is left, as "expired" does after the due time.
        let after_it = matches!(step.at, StepTime::Before(_) | StepTime::Expired);
        let answers = times.into_iter().flatten().map(|at| {
            let comes = if after_it { at.saturating_add(1) } else { at };
            self.env.changes_at(Instant(comes));
            StepAnswer {
                id: &step.id,
                text: self.message(&step.action),
                at: Instant(at),
                due: comes <= now.0,
                who: step.who,
                channel: step.channel,
            }
        });
        answers.collect()
    }
}

fn rank(state: TimerState) -> u8 {
    match state {
        TimerState::Overdue | TimerState::Running | TimerState::Pending => 0,
        TimerState::NeedsFacts => 1,
        TimerState::Met => 2,
    }
}
