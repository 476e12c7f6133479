//! The few lines of a source that a diagnostic is drawn on, however large the source and however long its lines.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Origin, Snippet};

use crate::diagnostic::Span;
use crate::source::{Source, Sources};

/// Marks of one source so many lines apart or less are drawn in one window.
const LINES_BETWEEN_MAX: usize = 3;

/// Only marks near the beginnings of their lines share a window: the renderer shows no width that holds them else.
const COLUMN_MAX: usize = 120;

/// How much of a line is kept before its first mark and after, in bytes. The renderer trims further by width.
const BEFORE_MAX: usize = 2000;
const AFTER_MAX: usize = 1000;

/// Lines of a source with what is marked on them.
pub(super) struct Window<'a> {
    pub(super) source: &'a Source,
    marks: Vec<Mark<'a>>,
}

struct Mark<'a> {
    line: usize,
    /// How many bytes of its line stand before it.
    column: usize,
    /// Bytes of the source, all on `line`.
    bytes: Range<usize>,
    label: Option<&'a str>,
    kind: AnnotationKind,
}

impl<'a> Window<'a> {
    /// The windows for these marks, of which the first is what the diagnostic is about.
    pub(super) fn around(
        marks: impl Iterator<Item = (&'a Span, Option<&'a str>)>,
        sources: &'a Sources,
    ) -> Vec<Window<'a>> {
        let mut windows: Vec<Window<'a>> = Vec::new();
        for (index, (span, label)) in marks.enumerate() {
            let Some(source) = sources.get(span.source) else { continue };
            let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            let mark = Mark::new(source, span, label, kind);
            match windows.iter_mut().find(|window| window.is_near(source, &mark)) {
                Some(window) => window.marks.push(mark),
                None => windows.push(Window { source, marks: vec![mark] }),
            }
        }
        windows
    }

    /// The place, and the lines from the first mark to the last with the marks on them.
    pub(super) fn draw(&self) -> Vec<Element<'a>> {
        let lines = || self.marks.iter().map(|mark| mark.line);
        let first = lines().min().unwrap_or(1);
        let last = lines().max().unwrap_or(first);
        let mut text = String::new();
        let mut annotations = Vec::new();
        let mut cut = false;
        for line in first..=last {
            if line > first {
                text.push('\n');
            }
            let on_line = || self.marks.iter().filter(|mark| mark.line == line);
            let whole = self.source.line(line);
            let kept = self.kept(&whole, on_line().map(|mark| mark.bytes.start).min());
            cut |= kept.start > whole.start;
            let start = text.len();
            text.push_str(self.source.text().get(kept.clone()).unwrap_or(""));
            for mark in on_line() {
                let place = |at: usize| start.saturating_add(at.clamp(kept.start, kept.end).saturating_sub(kept.start));
                let range = place(mark.bytes.start)..place(mark.bytes.end);
                annotations.push(mark.kind.span(range).label(mark.label.map(str::to_string)));
            }
        }
        let snippet = Snippet::source(text).line_start(first).annotations(annotations);
        if !cut {
            return vec![snippet.path(self.source.path()).into()];
        }
        // The renderer would count columns from where the line was cut.
        let position = self.source.position(self.marks.first().map_or(0, |mark| mark.bytes.start));
        let origin = Origin::path(self.source.path()).line(position.line).char_column(position.column);
        vec![origin.into(), snippet.into()]
    }

    /// What of a line is drawn: all of it, or, if it is long, what surrounds its first mark.
    fn kept(&self, whole: &Range<usize>, mark: Option<usize>) -> Range<usize> {
        let mark = mark.unwrap_or(whole.start).clamp(whole.start, whole.end);
        let start = self.source.ceil(mark.saturating_sub(BEFORE_MAX).max(whole.start));
        let end = self.source.floor(mark.saturating_add(AFTER_MAX).min(whole.end));
        start..end.max(start)
    }

    fn is_near(&self, source: &Source, mark: &Mark<'_>) -> bool {
        self.source.number() == source.number()
            && mark.column < COLUMN_MAX
            && self.marks.iter().all(|other| other.column < COLUMN_MAX)
            && self.marks.iter().any(|other| other.line.abs_diff(mark.line) <= LINES_BETWEEN_MAX)
    }
}

impl<'a> Mark<'a> {
    fn new(source: &Source, span: &Span, label: Option<&'a str>, kind: AnnotationKind) -> Self {
        let start = source.floor(span.bytes.start);
        let line = source.position(start).line;
        let whole = source.line(line);
        let start = start.clamp(whole.start, whole.end);
        let end = source.ceil(span.bytes.end).clamp(start, whole.end);
        Self { line, column: start.saturating_sub(whole.start), bytes: start..end, label, kind }
    }
}
