//! A call in one line of the messages: what it was called, how it ended, and what it can be found by elsewhere.

use std::time::Duration;

use tonic::Code;
use tracing::Level;

use super::call::Fault;
use super::metrics::code_word;
use crate::rpc::trail::{Noted, Notes, Outcome};

/// What `RUST_LOG` calls these lines.
const TARGET: &str = "redress::calls";

/// How much of a digest tells policies apart.
const DIGEST_LETTERS: usize = 12;

/// What is told of a call that has ended.
#[derive(Debug)]
pub struct Line<'c> {
    pub request_id: &'c str,
    pub method: &'c str,
    pub code: Code,
    pub took: Duration,
    pub trace: Option<&'c str>,
    /// Where callers have to show who they are.
    pub caller: Option<&'c str>,
    pub notes: Option<&'c Notes>,
    pub fault: Option<&'c Fault>,
}

/// Whether a line of a call that went well is written at all.
pub fn is_wanted() -> bool {
    tracing::enabled!(target: TARGET, Level::INFO)
}

/// Writes it. What is the service's own fault is a warning, and an error where something went wrong inside.
pub fn write(line: &Line<'_>) {
    let Line { request_id, method, code, took, trace, caller, notes, fault } = line;
    let answers = notes.map_or(&[][..], |notes| notes.answers.as_slice());
    let only = match answers {
        [only] => Some(only),
        _ => None,
    };
    let ids =
        (!answers.is_empty()).then(|| answers.iter().map(|noted| noted.id.as_str()).collect::<Vec<_>>().join(","));
    let (effect, recommended) = match only.map(|noted| &noted.outcome) {
        Some(Outcome::Effect(effect)) => (Some(*effect), None),
        Some(Outcome::Recommended(remedy)) => (None, Some(remedy.as_str()).filter(|remedy| !remedy.is_empty())),
        None => (None, None),
    };
    let rule = only.and_then(|Noted { rule, .. }| rule.as_deref());
    let count = notes.map(|notes| notes.count).filter(|count| *count > 1);
    let bundle = notes.map(|notes| short(&notes.bundle)).filter(|digest| !digest.is_empty());
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let problem = fault.map(|Fault(problem)| problem.as_str());
    macro_rules! tell {
        ($level:expr) => {
            tracing::event!(
                target: TARGET,
                $level,
                request_id,
                decision_id = ids,
                method,
                status = code_word(*code),
                effect,
                recommended,
                rule,
                answers = count,
                duration_us = micros,
                caller,
                bundle,
                trace_id = trace,
                problem,
                "call"
            )
        };
    }
    if fault.is_some() {
        tell!(Level::ERROR);
    } else if is_own_fault(*code) {
        tell!(Level::WARN);
    } else {
        tell!(Level::INFO);
    }
}

/// Whether a call that ended so failed by our fault.
pub fn is_own_fault(code: Code) -> bool {
    matches!(code, Code::Unknown | Code::DeadlineExceeded | Code::Internal | Code::Unavailable | Code::DataLoss)
}

fn short(digest: &str) -> &str {
    let hash = digest.split_once(':').map_or(digest, |(_, hash)| hash);
    hash.get(..DIGEST_LETTERS).unwrap_or(hash)
}
