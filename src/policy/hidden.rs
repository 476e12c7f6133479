//! Names that can't be known, as the file that declares them can't be read. Whoever uses one is not to blame: an author
//! who slips in one line shall be told of that line, and not of every place that builds on it.

use std::collections::BTreeSet;

use super::files::Kind;
use crate::diagnostic::{Code, Diagnostic, Problems, codes};
use crate::source::Source;

/// What files that could not be read keep from being known.
#[derive(Debug, Default)]
pub struct Hidden {
    sources: BTreeSet<u32>,
    codes: BTreeSet<Code>,
    /// Beginnings of the paths of facts, as problems write them.
    facts: Vec<String>,
}

impl Hidden {
    /// Notes a file that gave no policy.
    pub fn note(&mut self, source: &Source) {
        self.sources.insert(source.number());
        let codes = match kind(source.text()) {
            Some((Kind::Parameters, _)) => &[codes::UNKNOWN_PARAMETER, codes::NOTHING_TO_OVERRIDE][..],
            Some((Kind::Attributes, _)) => {
                self.note_fact("attributes.");
                &[]
            }
            Some((Kind::Facts, name)) => {
                self.note_fact(&format!("{name}."));
                &[]
            }
            Some((Kind::Calendar, _)) => &[codes::UNKNOWN_NAME],
            Some((
                Kind::Bundle
                | Kind::Authority
                | Kind::Ladder
                | Kind::Guards
                | Kind::Evidence
                | Kind::Timers
                | Kind::Duties,
                _,
            )) => &[codes::NOTHING_TO_OVERRIDE],
            // It may have been any.
            None => {
                &[codes::UNKNOWN_PARAMETER, codes::NOTHING_TO_OVERRIDE, codes::UNKNOWN_FACT, codes::UNKNOWN_NAME][..]
            }
        };
        self.codes.extend(codes);
    }

    /// Notes a fact that can't be known, or with a point at its end, all facts below it.
    pub fn note_fact(&mut self, path: &str) {
        self.facts.push(format!("`{path}"));
    }

    /// Leaves out what other files are told only because of it.
    pub fn leave_out(&self, problems: &mut Problems) {
        let follows = |problem: &Diagnostic| {
            let of_a_fact = matches!(problem.code, codes::UNKNOWN_FACT | codes::UNKNOWN_NAME);
            self.codes.contains(&problem.code)
                || of_a_fact && self.facts.iter().any(|path| problem.message.en.contains(path.as_str()))
        };
        problems.retain(|problem| self.sources.contains(&problem.span.source) || !follows(problem));
    }
}

/// The kind that a text's first key names, and the policy's name, though the text as a whole can't be read.
fn kind(text: &str) -> Option<(Kind, &str)> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let (word, name) = line.split_once(':')?;
    let kind = Kind::ALL.iter().copied().find(|kind| kind.word() == word)?;
    Some((kind, name.trim()))
}
