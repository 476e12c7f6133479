//! Rows of a table as boxes over pieces of its inputs: which combination no row covers, which rows are hidden by
//! earlier ones, which two overlap. Plain combinatorics with bounded effort; knows nothing of policies.

use std::collections::HashSet;

use crate::expr::eval::Pieces;

/// Steps that all questions about one table may take together.
pub const STEPS_MAX: usize = 200_000;

/// A combination of pieces, one an axis; `None` where any piece will do.
pub type Point = Vec<Option<usize>>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Covered,
    Missing(Point),
    /// The question took too many steps.
    TooLarge,
}

/// The rows of a table over its axes.
#[derive(Debug)]
pub struct Grid {
    /// How many pieces each axis has.
    pieces: Vec<usize>,
    /// Row by row, axis by axis: the pieces that its cell fits.
    rows: Vec<Vec<Pieces>>,
    steps: usize,
}

impl Grid {
    pub fn new(pieces: Vec<usize>, rows: Vec<Vec<Pieces>>) -> Self {
        Self { pieces, rows, steps: STEPS_MAX }
    }

    /// The cells as they were given.
    pub fn into_rows(self) -> Vec<Vec<Pieces>> {
        self.rows
    }

    pub fn cell(&self, row: usize, axis: usize) -> Option<&Pieces> {
        self.rows.get(row)?.get(axis)
    }

    /// Whether a row fits every piece of an axis.
    pub fn is_free(&self, row: usize, axis: usize) -> bool {
        let pieces = self.pieces.get(axis).copied().unwrap_or_default();
        self.cell(row, axis).is_none_or(|cell| cell.count() == pieces)
    }

    pub fn is_catch_all(&self, row: usize) -> bool {
        (0..self.pieces.len()).all(|axis| self.is_free(row, axis))
    }

    /// Whether a row fits nothing, for one of its cells doesn't; which cell that is.
    pub fn dead_cell(&self, row: usize) -> Option<usize> {
        self.rows.get(row)?.iter().position(Pieces::is_empty)
    }

    /// A combination that two rows both fit.
    pub fn overlap(&self, one: usize, other: usize) -> Option<Vec<usize>> {
        let (one, other) = (self.rows.get(one)?, self.rows.get(other)?);
        one.iter().zip(other).map(|(a, b)| a.and(b).first()).collect()
    }

    /// Whether `by` fits whatever `row` does.
    pub fn hides(&self, by: usize, row: usize) -> bool {
        let (Some(by), Some(row)) = (self.rows.get(by), self.rows.get(row)) else { return false };
        by.iter().zip(row).all(|(a, b)| a.hold_all_of(b))
    }

    /// A combination that none of the rows `by` covers, among those that the row `within` fits, if one is named.
    pub fn uncovered(&mut self, by: &[usize], within: Option<usize>) -> Answer {
        let axes = self.axes(by, within);
        let mut search =
            Search { axes: &axes, open: open_from(&axes, by.len()), covered: HashSet::new(), steps: self.steps };
        let every = Pieces::of(by.iter().map(|_| true));
        let mut point = Vec::with_capacity(axes.len());
        let answer = search.from(0, &every, &mut point);
        self.steps = search.steps;
        match answer {
            None => Answer::TooLarge,
            Some(false) => Answer::Covered,
            Some(true) => Answer::Missing(self.generalized(point, by)),
        }
    }

    /// Axis by axis, the pieces in question, each with which of the rows `by` fit it; of pieces alike only the first.
    fn axes(&self, by: &[usize], within: Option<usize>) -> Vec<Vec<(usize, Pieces)>> {
        let axis = |(axis, pieces): (usize, &usize)| {
            let mut seen = HashSet::new();
            let fits = |row: usize, piece| self.cell(row, axis).is_some_and(|cell| cell.contains(piece));
            let pieces = (0..*pieces).filter(|piece| within.is_none_or(|row| fits(row, *piece)));
            let with_rows = pieces.map(|piece| (piece, Pieces::of(by.iter().map(|row| fits(*row, piece)))));
            with_rows.filter(|(_, rows)| seen.insert(rows.clone())).collect()
        };
        self.pieces.iter().enumerate().map(axis).collect()
    }

    /// The point without the axes on which any piece is as good: less for the author to read.
    fn generalized(&self, point: Vec<usize>, by: &[usize]) -> Point {
        let mut point: Point = point.into_iter().map(Some).collect();
        point.resize(self.pieces.len(), None);
        for axis in 0..point.len() {
            let kept = point.get_mut(axis).and_then(Option::take);
            let fits = |row: &usize| {
                let on_axis = |(axis, piece): (usize, &Option<usize>)| {
                    self.cell(*row, axis)
                        .is_some_and(|cell| piece.map_or(!cell.is_empty(), |piece| cell.contains(piece)))
                };
                point.iter().enumerate().all(on_axis)
            };
            if by.iter().any(fits)
                && let Some(place) = point.get_mut(axis)
            {
                *place = kept;
            }
        }
        point
    }
}

/// For each axis, the rows that fit every piece of it and of those behind it.
fn open_from(axes: &[Vec<(usize, Pieces)>], rows: usize) -> Vec<Pieces> {
    let mut open = vec![Pieces::of((0..rows).map(|_| true))];
    for pieces in axes.iter().rev() {
        let behind = open.last().cloned().unwrap_or_default();
        open.push(pieces.iter().fold(behind, |open, (_, fits)| open.and(fits)));
    }
    open.reverse();
    open
}

struct Search<'a> {
    axes: &'a [Vec<(usize, Pieces)>],
    open: Vec<Pieces>,
    /// From which axis on which rows are known to leave nothing out.
    covered: HashSet<(usize, Pieces)>,
    steps: usize,
}

impl Search<'_> {
    /// Whether something is left out from `axis` on by the rows that fit so far; `point` is then where. `None` if it
    /// takes too long to tell.
    fn from(&mut self, axis: usize, rows: &Pieces, point: &mut Vec<usize>) -> Option<bool> {
        if rows.is_empty() {
            return Some(true);
        }
        if self.open.get(axis).is_some_and(|open| !open.and(rows).is_empty()) {
            return Some(false);
        }
        let axes = self.axes;
        let Some(pieces) = axes.get(axis) else { return Some(false) };
        if self.covered.contains(&(axis, rows.clone())) {
            return Some(false);
        }
        for (piece, fits) in pieces {
            self.steps = self.steps.checked_sub(1)?;
            point.push(*piece);
            if self.from(axis.saturating_add(1), &rows.and(fits), point)? {
                return Some(true);
            }
            point.pop();
        }
        self.covered.insert((axis, rows.clone()));
        Some(false)
    }
}
