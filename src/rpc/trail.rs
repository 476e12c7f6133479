//! What is noted of a call on its way, for those who tell of it: its answers by their names, and when which step was
//! done. Holds nothing of the case. Nothing is noted, and nothing is spent, of a call that nobody tells of.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tonic::Request;

use super::proto::redress::v1 as wire;
use super::tally;
use crate::clock::Stopwatch;
use crate::policy::Bundle;

/// Answers of one call that are noted one by one; of more only their number is.
const ANSWERS_MAX: usize = 100;

/// Where notes of one call go, if anybody wants them. Travels with the request, among its extensions.
#[derive(Debug, Clone, Default)]
pub struct Trail(Option<Arc<Kept>>);

#[derive(Debug)]
struct Kept {
    begun: Stopwatch,
    notes: Mutex<Notes>,
}

/// What was noted.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    /// Digest of the policies that answered.
    pub bundle: Box<str>,
    /// The first answers, and how many there were.
    pub answers: Vec<Noted>,
    pub count: usize,
    /// In order; each begins where the one before ended, the first where the service took the call up.
    pub steps: Vec<(Step, Duration)>,
    pub taken_up: Duration,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    pub id: String,
    /// The effect of an authorization, the remedy that a decision recommends.
    pub outcome: Outcome,
    /// The rule it rests on, if one does.
    pub rule: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Effect(&'static str),
    Recommended(String),
}

/// A part of the work on a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Messages become a case.
    Convert,
    Decide,
    /// The answer becomes a message.
    Write,
    /// Until the decision log has it.
    Record,
}

impl Step {
    pub fn word(self) -> &'static str {
        match self {
            Self::Convert => "convert",
            Self::Decide => "decide",
            Self::Write => "write",
            Self::Record => "record",
        }
    }
}

impl Trail {
    /// Notes of a call that began then are wanted.
    pub fn wanted(begun: Stopwatch) -> Self {
        Self(Some(Arc::new(Kept { begun, notes: Mutex::default() })))
    }

    /// Nobody wants any.
    pub const fn none() -> Self {
        Self(None)
    }

    /// That of a request.
    pub fn of<T>(request: &Request<T>) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_default()
    }

    /// The service takes the call up.
    pub fn taken_up(&self, bundle: &Bundle) {
        self.note(|notes, begun| {
            notes.bundle = bundle.digest().into();
            notes.taken_up = begun.elapsed();
        });
    }

    /// A step is done.
    pub fn done(&self, step: Step) {
        self.note(|notes, begun| notes.steps.push((step, begun.elapsed())));
    }

    pub fn authorized(&self, answer: &wire::Authorization) {
        self.answered(|| Noted {
            id: answer.decision_id.clone(),
            outcome: Outcome::Effect(tally::effect_word(answer.effect())),
            rule: tally::rests_on(answer).map(str::to_owned),
        });
    }

    pub fn decided(&self, answer: &wire::Decision) {
        self.answered(|| Noted {
            id: answer.decision_id.clone(),
            outcome: Outcome::Recommended(answer.recommended.clone()),
            rule: answer.reasons.first().map(|reason| reason.rule.clone()),
        });
    }

    /// What was noted, if that was wanted.
    pub fn notes(&self) -> Option<Notes> {
        let kept = self.0.as_ref()?;
        Some(std::mem::take(&mut *kept.notes.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    fn answered(&self, noted: impl FnOnce() -> Noted) {
        self.note(|notes, _| {
            notes.count = notes.count.saturating_add(1);
            if notes.answers.len() < ANSWERS_MAX {
                notes.answers.push(noted());
            }
        });
    }

    fn note(&self, note: impl FnOnce(&mut Notes, &Stopwatch)) {
        if let Some(kept) = &self.0 {
            note(&mut kept.notes.lock().unwrap_or_else(PoisonError::into_inner), &kept.begun);
        }
    }
}
