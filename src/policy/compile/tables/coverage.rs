//! Rows of a table as boxes over pieces of its inputs: which combination no row covers, which rows are hidden by
//! earlier ones, which two overlap. Plain combinatorics with bounded effort; knows nothing of policies.

use std::collections::HashSet;

/// Steps that all questions about one table may take together.
pub const STEPS_MAX: usize = 200_000;

/// Some of a table's rows, or some of an input's pieces, by number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Set(Box<[u64]>);

impl Set {
    pub fn empty(of: usize) -> Self {
        Set(vec![0; of.div_ceil(64)].into())
    }

    pub fn of(members: impl IntoIterator<Item = bool>) -> Self {
        let mut words: Vec<u64> = Vec::new();
        for (at, _) in members.into_iter().enumerate().filter(|(_, member)| *member) {
            words.resize(words.len().max((at >> 6).saturating_add(1)), 0);
            if let Some(word) = words.get_mut(at >> 6) {
                *word |= 1 << (at & 63);
            }
        }
        Set(words.into())
    }

    pub fn contains(&self, member: usize) -> bool {
        self.0.get(member >> 6).is_some_and(|word| (word >> (member & 63)) & 1 == 1)
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub fn and(&self, other: &Set) -> Set {
        Set(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    /// Whether every member of `other` is a member of `self`.
    pub fn holds_all_of(&self, other: &Set) -> bool {
        other.0.iter().enumerate().all(|(at, word)| word & !self.0.get(at).copied().unwrap_or(0) == 0)
    }

    pub fn first(&self) -> Option<usize> {
        let at = self.0.iter().position(|word| *word != 0)?;
        let bit = usize::try_from(self.0.get(at)?.trailing_zeros()).ok()?;
        at.checked_mul(64)?.checked_add(bit)
    }

    pub fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).fold(0, u32::saturating_add)
    }
}

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
    rows: Vec<Vec<Set>>,
    steps: usize,
}

impl Grid {
    pub fn new(pieces: Vec<usize>, rows: Vec<Vec<Set>>) -> Self {
        Self { pieces, rows, steps: STEPS_MAX }
    }

    pub fn cell(&self, row: usize, axis: usize) -> Option<&Set> {
        self.rows.get(row)?.get(axis)
    }

    /// Whether a row fits every piece of an axis.
    pub fn is_free(&self, row: usize, axis: usize) -> bool {
        let pieces = self.pieces.get(axis).copied().unwrap_or_default();
        self.cell(row, axis).is_none_or(|cell| usize::try_from(cell.count()) == Ok(pieces))
    }

    pub fn is_catch_all(&self, row: usize) -> bool {
        (0..self.pieces.len()).all(|axis| self.is_free(row, axis))
    }

    /// Whether a row fits nothing, for one of its cells doesn't; which cell that is.
    pub fn dead_cell(&self, row: usize) -> Option<usize> {
        self.rows.get(row)?.iter().position(Set::is_empty)
    }

    /// A combination that two rows both fit.
    pub fn overlap(&self, one: usize, other: usize) -> Option<Vec<usize>> {
        let (one, other) = (self.rows.get(one)?, self.rows.get(other)?);
        one.iter().zip(other).map(|(a, b)| a.and(b).first()).collect()
    }

    /// Whether `by` fits whatever `row` does.
    pub fn hides(&self, by: usize, row: usize) -> bool {
        let (Some(by), Some(row)) = (self.rows.get(by), self.rows.get(row)) else { return false };
        by.iter().zip(row).all(|(a, b)| a.holds_all_of(b))
    }

    /// A combination that none of the rows `by` covers, among those that the row `within` fits, if one is named.
    pub fn uncovered(&mut self, by: &[usize], within: Option<usize>) -> Answer {
        let axes = self.axes(by, within);
        let mut search =
            Search { axes: &axes, open: open_from(&axes, by.len()), covered: HashSet::new(), steps: self.steps };
        let every = Set::of(by.iter().map(|_| true));
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
    fn axes(&self, by: &[usize], within: Option<usize>) -> Vec<Vec<(usize, Set)>> {
        let axis = |(axis, pieces): (usize, &usize)| {
            let mut seen = HashSet::new();
            let fits = |row: usize, piece| self.cell(row, axis).is_some_and(|cell| cell.contains(piece));
            let pieces = (0..*pieces).filter(|piece| within.is_none_or(|row| fits(row, *piece)));
            let with_rows = pieces.map(|piece| (piece, Set::of(by.iter().map(|row| fits(*row, piece)))));
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
fn open_from(axes: &[Vec<(usize, Set)>], rows: usize) -> Vec<Set> {
    let mut open = vec![Set::of((0..rows).map(|_| true))];
    for pieces in axes.iter().rev() {
        let behind = open.last().cloned().unwrap_or_else(|| Set::empty(rows));
        open.push(pieces.iter().fold(behind, |open, (_, fits)| open.and(fits)));
    }
    open.reverse();
    open
}

struct Search<'a> {
    axes: &'a [Vec<(usize, Set)>],
    open: Vec<Set>,
    /// From which axis on which rows are known to leave nothing out.
    covered: HashSet<(usize, Set)>,
    steps: usize,
}

impl Search<'_> {
    /// Whether something is left out from `axis` on by the rows that fit so far; `point` is then where. `None` if it
    /// takes too long to tell.
    fn from(&mut self, axis: usize, rows: &Set, point: &mut Vec<usize>) -> Option<bool> {
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
