//! Values of decision tables. Each result is decided on its own: wherever every row that may still give it agrees.

use std::ops::ControlFlow;

use smallvec::SmallVec;

use super::{Env, Failure, Hit, Scope, Table, TableRow, agreed_value};
use crate::expr::typed::Term;
use crate::value::Value;

/// Steps that may be taken to tell which rows can still give a result.
const STEPS_MAX: u32 = 1_000;

/// Some of the pieces that a table's cells cut an input into, by number; or some of its rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Pieces(Box<[u64]>);

impl Pieces {
    /// Those that are so, in the order of their numbers.
    pub fn of(members: impl IntoIterator<Item = bool>) -> Self {
        let mut words: Vec<u64> = Vec::new();
        for (at, _) in members.into_iter().enumerate().filter(|(_, member)| *member) {
            words.resize(words.len().max((at >> 6).saturating_add(1)), 0);
            if let Some(word) = words.get_mut(at >> 6) {
                *word |= 1 << (at & 63);
            }
        }
        Pieces(words.into())
    }

    pub fn contains(&self, member: usize) -> bool {
        self.0.get(member >> 6).is_some_and(|word| (word >> (member & 63)) & 1 == 1)
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    #[must_use]
    pub fn and(&self, other: &Pieces) -> Pieces {
        Pieces(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    /// Whether every member of `other` is one of these.
    pub fn hold_all_of(&self, other: &Pieces) -> bool {
        other.0.iter().enumerate().all(|(at, word)| word & !self.0.get(at).copied().unwrap_or(0) == 0)
    }

    pub fn first(&self) -> Option<usize> {
        let at = self.0.iter().position(|word| *word != 0)?;
        let bit = usize::try_from(self.0.get(at)?.trailing_zeros()).ok()?;
        at.checked_mul(64)?.checked_add(bit)
    }

    pub fn count(&self) -> usize {
        self.0.iter().map(|word| usize::try_from(word.count_ones()).unwrap_or_default()).sum()
    }
}

/// An input of a table, cut into so many pieces that none of its cells tells the values of one apart.
#[derive(Debug, Clone, PartialEq)]
pub struct TableInput {
    pub term: Term,
    pub pieces: usize,
}

/// One output of the `table`-th table.
pub(super) fn output(table: usize, output: u16, scope: Scope<'_>) -> Value {
    let env = scope.env;
    let (Some(standing), Some(table)) = (env.standing(table), env.program.tables.get(table)) else {
        return Value::Unknown;
    };
    match standing {
        Standing::None => env.fail(Failure::NoRow { table: table.name.clone() }),
        Standing::Several => env.fail(Failure::SeveralRows { table: table.name.clone() }),
        Standing::Rows { complete: false, .. } => Value::Unknown,
        Standing::Rows { rows, complete: true } => {
            let values = table.at(rows).map(|row| row.value(output, Scope::new(env)));
            match table.hit {
                Hit::Collect => Value::List(values.collect()),
                Hit::First | Hit::Unique => {
                    values.reduce(|found, value| agreed_value(value, &found)).unwrap_or_default()
                }
            }
        }
    }
}

/// Which rows may give a table's results, as far as its inputs are known.
#[derive(Debug)]
pub(crate) enum Standing {
    None,
    /// Two rows hold of which only one should.
    Several,
    Rows {
        /// By their place in the table.
        rows: SmallVec<[usize; 3]>,
        /// One of them surely does; of a table that collects, all do.
        complete: bool,
    },
}

impl Table {
    /// The rows at these places.
    pub(crate) fn at<'t>(&'t self, rows: &'t [usize]) -> impl Iterator<Item = &'t TableRow> {
        rows.iter().filter_map(|row| self.rows.get(*row))
    }

    pub(super) fn standing(&self, env: &Env<'_>) -> Standing {
        let mut rows = SmallVec::new();
        let (mut certain, mut all_certain) = (false, true);
        let mut several = false;
        self.index.each_candidate(env, |at, _| {
            let Some(row) = self.rows.get(at) else { return ControlFlow::Continue(()) };
            let truth = row.when.truth(Scope::new(env));
            if truth.is_false() {
                return ControlFlow::Continue(());
            }
            all_certain &= truth.is_true();
            several |= truth.is_true() && std::mem::replace(&mut certain, true);
            rows.push(at);
            let settled = if self.hit == Hit::First { certain } else { several && self.hit == Hit::Unique };
            if settled { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if several && self.hit == Hit::Unique {
            return Standing::Several;
        }
        if self.hit == Hit::Collect {
            return Standing::Rows { rows, complete: all_certain };
        }
        if rows.is_empty() {
            return Standing::None;
        }
        if rows.len() > 1
            && let Some(rows) = self.narrowed(&rows, Scope::new(env))
        {
            return Standing::Rows { rows, complete: true };
        }
        Standing::Rows { rows, complete: certain || self.exhaustive }
    }

    /// Of rows that what is known leaves open, those that can be the first to hold for some values of the unknown
    /// inputs. `None` if for some values none of them does, or if that would take too long to tell.
    fn narrowed(&self, open: &[usize], scope: Scope<'_>) -> Option<SmallVec<[usize; 3]>> {
        let places = open;
        let open: Vec<&TableRow> = self.at(open).collect();
        if self.hit == Hit::Unique && !open.iter().all(|row| row.exact) {
            return None;
        }
        // What is known of the other inputs fits these rows, or they would not be open.
        let unknown: Vec<(usize, usize)> = (0..)
            .zip(&self.inputs)
            .filter(|(_, input)| input.term.value(scope).is_unknown())
            .map(|(at, input)| (at, input.pieces))
            .collect();
        let mut search =
            Narrowing { open: &open, unknown: &unknown, can_hit: vec![false; open.len()], steps: STEPS_MAX };
        search.over(0, &(0..open.len()).collect::<Vec<_>>())?;
        Some(places.iter().zip(search.can_hit).filter(|(_, can)| *can).map(|(row, _)| *row).collect())
    }
}

struct Narrowing<'n, 't> {
    open: &'n [&'t TableRow],
    /// The unknown inputs, with how many pieces each has.
    unknown: &'n [(usize, usize)],
    can_hit: Vec<bool>,
    steps: u32,
}

impl Narrowing<'_, '_> {
    /// Marks the first of `rows` for every combination of pieces of the unknown inputs from the `depth`-th on.
    fn over(&mut self, depth: usize, rows: &[usize]) -> Option<()> {
        self.steps = self.steps.checked_sub(1)?;
        let (first, others) = rows.split_first()?;
        let row = self.open.get(*first)?;
        let fits = |(input, pieces): &(usize, usize)| row.cells.get(*input).is_some_and(|cell| cell.count() == *pieces);
        if self.unknown.get(depth..)?.iter().all(fits) {
            *self.can_hit.get_mut(*first)? = true;
            // What is opaque may hold or not.
            return if row.exact { Some(()) } else { self.over(depth, others) };
        }
        let (input, pieces) = *self.unknown.get(depth)?;
        for piece in 0..pieces {
            let fits = |row: &&usize| {
                let cells = self.open.get(**row).map(|row| &row.cells);
                cells.and_then(|cells| cells.get(input)).is_some_and(|cell| cell.contains(piece))
            };
            let left: Vec<usize> = rows.iter().filter(fits).copied().collect();
            self.over(depth.saturating_add(1), &left)?;
        }
        Some(())
    }
}

impl TableRow {
    fn value(&self, output: u16, scope: Scope<'_>) -> Value {
        self.outputs.get(usize::from(output)).map_or(Value::Unknown, |term| term.value(scope))
    }
}
