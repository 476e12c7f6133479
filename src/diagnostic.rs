//! What is wrong with a policy source: a stable code, an exact place, a plain sentence in both languages, and how to
//! mend it. This module owns the data and its order; `diagnostic/render.rs` draws it.
//!
//! Nothing here reads files: a [`Span`] points into a source by its number in [`Sources`](crate::source::Sources).

use std::ops::Range;

use crate::text::Bilingual;

pub mod codes;

pub use codes::Code;

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

/// The problems found so far. Every stage adds all of its own before the next stage is refused.
#[derive(Debug, Clone, Default)]
pub struct Problems(Vec<Diagnostic>);

impl Problems {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity == Severity::Error)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn extend(&mut self, other: Problems) {
        self.0.extend(other.0);
    }

    /// All of them, by source, then place, then severity; each once.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.0.sort_by(|a, b| {
            (a.span.source, a.span.bytes.start, a.severity, a.code, &a.message.en).cmp(&(
                b.span.source,
                b.span.bytes.start,
                b.severity,
                b.code,
                &b.message.en,
            ))
        });
        self.0.dedup();
        self.0
    }
}
