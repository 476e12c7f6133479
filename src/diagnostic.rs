//! What is wrong with a policy source: a stable code, an exact place, a plain sentence in both languages, and how to
//! mend it. This module owns the data and its order; `diagnostic/render.rs` draws it.
//!
//! Nothing here reads files: a [`Span`] points into a source by its number in [`Sources`](crate::source::Sources).

use std::ops::Range;

use crate::both;
use crate::text::Bilingual;

pub mod codes;
pub mod render;
mod suggest;

pub use codes::Code;
pub use suggest::closest;

/// A place in a source: which one, and which bytes of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Span {
    /// Position of the source in [`Sources`](crate::source::Sources).
    pub source: u32,
    /// Bytes, on character boundaries, end exclusive.
    pub bytes: Range<usize>,
}

impl Span {
    pub fn new(source: u32, bytes: Range<usize>) -> Self {
        Self { source, bytes }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The bundle is refused.
    Error,
    /// The bundle loads; it probably does not mean what its author thinks.
    Warning,
}

/// One problem of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    /// Where the author must look.
    pub span: Span,
    /// One plain sentence: what is wrong, with the author's own words in backticks.
    pub message: Bilingual,
    /// How to mend it, where that is known.
    pub help: Option<Bilingual>,
    /// Further places that belong to the problem, such as the first of two rules of one name.
    pub related: Vec<(Span, Bilingual)>,
}

impl Diagnostic {
    pub fn error(code: Code, span: Span, message: Bilingual) -> Self {
        Self { code, severity: Severity::Error, span, message, help: None, related: Vec::new() }
    }

    pub fn warning(code: Code, span: Span, message: Bilingual) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    #[must_use]
    pub fn help(mut self, help: Bilingual) -> Self {
        self.help = Some(help);
        self
    }

    #[must_use]
    pub fn related(mut self, span: Span, label: Bilingual) -> Self {
        self.related.push((span, label));
        self
    }
}

/// How many problems are kept. A file made to have a hundred thousand must not cost more than one with a few.
pub const PROBLEMS_MAX: usize = 1000;

/// The problems found so far. Every stage adds all of its own before the next stage is refused.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    kept: Vec<Diagnostic>,
    errors: bool,
    left_out: usize,
}

impl Problems {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let first_error = diagnostic.severity == Severity::Error && !self.errors;
        if self.kept.len() < PROBLEMS_MAX || first_error {
            self.errors |= first_error;
            self.kept.push(diagnostic);
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    pub fn has_errors(&self) -> bool {
        self.errors
    }

    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    pub fn extend(&mut self, other: Problems) {
        self.left_out = self.left_out.saturating_add(other.left_out);
        for diagnostic in other.kept {
            self.push(diagnostic);
        }
    }

    /// Those that are not among others.
    #[must_use]
    pub fn without(mut self, others: &Problems) -> Self {
        self.kept.retain(|problem| !others.kept.contains(problem));
        self.errors = self.kept.iter().any(|problem| problem.severity == Severity::Error);
        self
    }

    /// Each told otherwise.
    #[must_use]
    pub fn mapped(mut self, told: impl FnMut(Diagnostic) -> Diagnostic) -> Self {
        self.kept = self.kept.into_iter().map(told).collect();
        self
    }

    /// Leaves out what is not worth telling. Whether there was an error stays.
    pub fn retain(&mut self, worth: impl FnMut(&Diagnostic) -> bool) {
        self.kept.retain(worth);
    }

    /// All of them, by source, then place, then severity; each once. Where some were left out, the last one says so.
    pub fn into_sorted(self) -> Vec<Diagnostic> {
        let mut sorted = self.kept;
        let place = |d: &Diagnostic| (d.span.source, d.span.bytes.start, d.severity, d.code);
        sorted.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.message.en.cmp(&b.message.en)));
        sorted.dedup();
        if let (more @ 1.., Some(last)) = (self.left_out, sorted.last()) {
            let message = both!("还有 {more} 个问题没有列出", "{more} more problems are not shown");
            let help = both!("先改正上面这些", "mend those above first");
            sorted.push(Diagnostic::warning(codes::MORE_PROBLEMS, last.span.clone(), message).help(help));
        }
        sorted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_bounded_and_never_lose_that_there_was_an_error() {
        let at = |n: usize| Span::new(0, n..n);
        let mut problems = Problems::default();
        for n in 0..PROBLEMS_MAX + 5 {
            problems.push(Diagnostic::warning(codes::GAP, at(n), both!("慢", "slow")));
        }
        assert!(!problems.has_errors());
        problems.push(Diagnostic::error(codes::CYCLE, at(0), both!("错", "wrong")));
        assert!(problems.has_errors());
        let sorted = problems.into_sorted();
        assert_eq!(sorted[0].code, codes::CYCLE);
        assert_eq!(sorted.last().unwrap().code, codes::MORE_PROBLEMS);
        assert_eq!(sorted.last().unwrap().message.en, "5 more problems are not shown");
    }

    #[test]
    fn a_problem_found_twice_is_told_once_and_in_the_order_of_places() {
        let problem = |n: usize| Diagnostic::error(codes::GAP, Span::new(0, n..n), both!("甲", "a"));
        let mut problems = Problems::default();
        for at in [7, 3, 7] {
            problems.push(problem(at));
        }
        assert_eq!(problems.into_sorted(), [problem(3), problem(7)]);
    }
}
