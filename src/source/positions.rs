//! Where in a file each character of a YAML scalar was written.
//!
//! The parser hands over a scalar's text with its quotes, escapes, folds and indentation resolved. Expressions and
//! messages live inside such texts, and their problems must point into the file. So the scalar is read once more here,
//! beside its text: what is equal runs straight, what was replaced becomes a piece of its own. Every step is held
//! against the text; where the two readings part, the position is given up and the whole scalar is named instead.

use std::ops::Range;
use std::sync::Arc;

use granit_parser::ScalarStyle;

/// Which bytes of the file each part of a scalar's text comes from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Positions {
    /// Can't be told.
    Unknown,
    /// The text stands in the file as it is, from this byte on.
    Straight(usize),
    Pieces(Arc<[Piece]>),
}

/// A part of a text and where it was written. In order, and together they cover the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    /// Where it begins in the text; it ends where the next begins.
    text: usize,
    file: Range<usize>,
    /// Byte for byte the same in both; otherwise one stands for the other as a whole.
    straight: bool,
}

impl Positions {
    /// Traces `text`, which the parser read from the bytes `span` of `file`.
    pub(super) fn trace(text: &str, file: &str, span: &Range<usize>, style: ScalarStyle) -> Self {
        let Some(body) = file.get(span.clone()) else { return Self::Unknown };
        let start = span.start;
        let mut tracer = Tracer { text, done: 0, pieces: Vec::new() };
        let outcome = match style {
            ScalarStyle::Plain if body == text => return Self::Straight(start),
            ScalarStyle::Plain => tracer.flow(body, start, Escapes::None),
            ScalarStyle::SingleQuoted => unquoted(body, '\'').and_then(|body| {
                let start = start.saturating_add(1);
                tracer.flow(body, start, Escapes::Doubling)
            }),
            ScalarStyle::DoubleQuoted => unquoted(body, '"').and_then(|body| {
                let start = start.saturating_add(1);
                tracer.flow(body, start, Escapes::Backslash)
            }),
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let line = file
                    .get(..start)
                    .map_or(0, |before| before.rfind(['\n', '\r']).map_or(0, |at| at.saturating_add(1)));
                let indent = start.saturating_sub(line);
                tracer.block(body, start, indent, style == ScalarStyle::Folded)
            }
        };
        match outcome {
            Some(()) if tracer.rest().is_empty() => tracer.into_positions(),
            _ => Self::Unknown,
        }
    }

    /// The bytes of the file that a part of the text comes from. `range` lies within the text.
    pub(super) fn locate(&self, range: Range<usize>) -> Option<Range<usize>> {
        match self {
            Self::Unknown => None,
            Self::Straight(start) => {
                Some(start.saturating_add(range.start)..start.saturating_add(range.end.max(range.start)))
            }
            Self::Pieces(pieces) => {
                let holding = |at: usize| {
                    let index = pieces.partition_point(|piece| piece.text <= at).saturating_sub(1);
                    pieces.get(index)
                };
                let first = holding(range.start)?;
                let start = first.at(range.start, first.file.start);
                if range.is_empty() {
                    return Some(start..start);
                }
                // The piece of the last byte, not of the one after it: that one may be on the next line.
                let last = holding(range.end.saturating_sub(1))?;
                let end = last.at(range.end, last.file.end);
                Some(start..end.max(start))
            }
        }
    }
}

impl Piece {
    fn at(&self, text: usize, replaced: usize) -> usize {
        let straight = self.file.start.saturating_add(text.saturating_sub(self.text)).min(self.file.end);
        if self.straight { straight } else { replaced }
    }
}

/// How a flow scalar writes a character that it can't write as itself.
#[derive(Clone, Copy, PartialEq)]
enum Escapes {
    None,
    /// `''` is one `'`.
    Doubling,
    /// `\n`, `\u4e2d`, and a line break that is none.
    Backslash,
}

struct Tracer<'t> {
    text: &'t str,
    /// How much of `text` has been found in the file.
    done: usize,
    pieces: Vec<Piece>,
}

impl<'t> Tracer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.done..).unwrap_or("")
    }

    /// The next part of the text stands in the file as it is.
    fn same(&mut self, content: &str, at: usize) -> Option<()> {
        if !self.rest().starts_with(content) {
            return None;
        }
        let end = at.saturating_add(content.len());
        match self.pieces.last_mut() {
            Some(last) if last.straight && last.file.end == at => last.file.end = end,
            _ => self.pieces.push(Piece { text: self.done, file: at..end, straight: true }),
        }
        self.done = self.done.saturating_add(content.len());
        Some(())
    }

    /// The next `length` bytes of the text stand for these bytes of the file.
    fn replaced(&mut self, length: usize, file: Range<usize>) {
        if length > 0 {
            self.pieces.push(Piece { text: self.done, file, straight: false });
            self.done = self.done.saturating_add(length);
        }
    }

    /// A plain or quoted scalar: line breaks fold, escapes stand for characters.
    fn flow(&mut self, body: &str, start: usize, style: Escapes) -> Option<()> {
        let mut tail = body;
        while let Some(c) = tail.chars().next() {
            let at = start.saturating_add(body.len().saturating_sub(tail.len()));
            let escaped = style == Escapes::Backslash && c == '\\';
            let length = if escaped && tail.get(1..)?.starts_with(['\r', '\n']) {
                let gap = gap(tail.get(1..)?);
                let length = gap.len().saturating_add(1);
                self.replaced(line_breaks(gap).saturating_sub(1), at..at.saturating_add(length));
                length
            } else if escaped || (style == Escapes::Doubling && c == '\'') {
                let length = if escaped { escape_length(tail) } else { 2 };
                let character = self.rest().chars().next()?;
                self.replaced(character.len_utf8(), at..at.saturating_add(length));
                length
            } else if matches!(c, ' ' | '\t' | '\r' | '\n') {
                let gap = gap(tail);
                match line_breaks(gap) {
                    0 => self.same(gap, at)?,
                    // One line break is a space; of several, all but the first are kept.
                    1 => self.folded(" ", at..at.saturating_add(gap.len()))?,
                    more => self.folded(&"\n".repeat(more.saturating_sub(1)), at..at.saturating_add(gap.len()))?,
                }
                gap.len()
            } else {
                self.same(tail.get(..c.len_utf8())?, at)?;
                c.len_utf8()
            };
            tail = tail.get(length..)?;
        }
        Some(())
    }

    fn folded(&mut self, text: &str, file: Range<usize>) -> Option<()> {
        self.rest().starts_with(text).then(|| self.replaced(text.len(), file))
    }

    /// A block scalar: every line without its indentation, what lies between two lines being kept or folded.
    fn block(&mut self, body: &str, start: usize, indent: usize, folded: bool) -> Option<()> {
        let newlines = |text: &str| text.len().saturating_sub(text.trim_start_matches('\n').len());
        self.replaced(newlines(self.rest()), start..start);
        let mut line_start = start;
        let mut previous_end = None;
        for line in body.split_inclusive(['\n', '\r']) {
            // The two characters of one line end come apart here; the second makes an empty line, and those are skipped.
            let content = line.trim_end_matches(['\n', '\r']);
            let margin = match previous_end {
                None if line_start == start => 0,
                _ => content.len().saturating_sub(content.trim_start_matches(' ').len()).min(indent),
            };
            let content = content.get(margin..)?;
            let content_start = line_start.saturating_add(margin);
            if !content.is_empty() {
                if let Some(previous_end) = previous_end {
                    let between = match newlines(self.rest()) {
                        0 if folded && self.rest().starts_with(' ') => 1,
                        0 => return None,
                        kept => kept,
                    };
                    self.replaced(between, previous_end..content_start);
                }
                self.same(content, content_start)?;
                previous_end = Some(content_start.saturating_add(content.len()));
            }
            line_start = line_start.saturating_add(line.len());
        }
        self.replaced(newlines(self.rest()), previous_end.unwrap_or(start)..line_start);
        Some(())
    }

    fn into_positions(self) -> Positions {
        match self.pieces.as_slice() {
            [] => Positions::Unknown,
            [piece] if piece.straight => Positions::Straight(piece.file.start),
            _ => Positions::Pieces(self.pieces.into()),
        }
    }
}

/// The blanks and line breaks at the head of a text.
fn gap(text: &str) -> &str {
    let tail = text.trim_start_matches([' ', '\t', '\r', '\n']);
    text.get(..text.len().saturating_sub(tail.len())).unwrap_or("")
}

fn line_breaks(gap: &str) -> usize {
    let of = |pattern: &str| gap.matches(pattern).count();
    of("\n").saturating_add(of("\r")).saturating_sub(of("\r\n"))
}

/// How many bytes an escape of a double-quoted scalar takes; two of them make one character outside the basic plane.
fn escape_length(text: &str) -> usize {
    let surrogate =
        || text.get(2..4).is_some_and(|hex| matches!(hex.to_ascii_lowercase().as_str(), "d8" | "d9" | "da" | "db"));
    match text.as_bytes().get(1) {
        Some(b'x') => 4,
        Some(b'u') if surrogate() => 12,
        Some(b'u') => 6,
        Some(b'U') => 10,
        _ => 2,
    }
}

fn unquoted(body: &str, quote: char) -> Option<&str> {
    body.strip_prefix(quote)?.strip_suffix(quote)
}

/// The nearest character boundary at or before `at`.
pub(super) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
