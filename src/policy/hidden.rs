//! Names that can't be known, as the file that declares them can't be read. Whoever uses one is not to blame: an author
//! who slips in one line shall be told of that line, and not of every place that builds on it.

use std::collections::BTreeSet;

use super::files::Kind;
use crate::diagnostic::{Code, Problems, codes};
use crate::source::Source;

/// What files that could not be read keep from being known.
#[derive(Debug, Default)]
pub struct Hidden {
    sources: BTreeSet<u32>,
    codes: BTreeSet<Code>,
}

impl Hidden {
    /// Notes a file that gave no policy.
    pub fn note(&mut self, source: &Source) {
        self.sources.insert(source.number());
        let codes = match kind(source.text()) {
            Some(Kind::Parameters) => &[codes::UNKNOWN_PARAMETER, codes::NOTHING_TO_OVERRIDE][..],
            Some(Kind::Attributes | Kind::Facts) => &[codes::UNKNOWN_FACT],
            Some(Kind::Calendar) => &[codes::UNKNOWN_NAME],
            Some(
                Kind::Bundle
                | Kind::Authority
                | Kind::Ladder
                | Kind::Guards
                | Kind::Evidence
                | Kind::Timers
                | Kind::Duties,
            ) => &[codes::NOTHING_TO_OVERRIDE],
            // It may have been any.
            None => {
                &[codes::UNKNOWN_PARAMETER, codes::NOTHING_TO_OVERRIDE, codes::UNKNOWN_FACT, codes::UNKNOWN_NAME][..]
            }
        };
        self.codes.extend(codes);
    }

    /// Leaves out what other files are told only because of it.
    pub fn leave_out(&self, problems: &mut Problems) {
        problems.retain(|problem| self.sources.contains(&problem.span.source) || !self.codes.contains(&problem.code));
    }
}

/// The kind that a text's first key names, though the text as a whole can't be read.
fn kind(text: &str) -> Option<Kind> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let (word, _) = line.split_once(':')?;
    Kind::ALL.iter().copied().find(|kind| kind.word() == word)
}
