//! What a table's author is told of the table as a whole: rows and cells that fit nothing, rows hidden by earlier ones,
//! rows of a `unique` table that overlap, combinations that no row fits, and names forgotten above a catch-all row.

use super::axis::{Axis, CellFit};
use super::coverage::{Answer, Grid, Point};
use super::domain::Known;
use super::{Column, Row, cells};
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::expr::eval::{Derived, Hit, Pieces, TableInput};
use crate::expr::typed::Cond;
use crate::facts::{EnumType, Schema};
use crate::policy::compile::Compiler;
use crate::policy::files::TableEntry;
use crate::text::Bilingual;

/// Tables with more rows are not judged.
const ROWS_MAX: usize = 2_000;

/// A name whose siblings all have rows is probably forgotten, if they are at least so many.
const SIBLINGS_MIN: usize = 3;

/// What came out about a table beside its problems.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Some row always fits.
    pub exhaustive: bool,
    pub inputs: Vec<TableInput>,
    /// Row by row: the pieces of each input that it fits, and whether that is all it says.
    pub rows: Vec<(Vec<Pieces>, bool)>,
}

/// Judges a table whose cells are all in order.
pub fn judge(
    entry: &TableEntry,
    hit: Hit,
    columns: &[Column<'_>],
    rows: &[Row<'_>],
    definitions: &[Option<Derived>],
    compiler: &mut Compiler<'_>,
) -> Verdict {
    if rows.len() > ROWS_MAX {
        too_large(entry, compiler.problems);
        let exhaustive = rows.iter().any(|row| row.cells.iter().all(|cell| *cell == Cond::Const(true)));
        return Verdict { exhaustive, ..Verdict::default() };
    }
    let known = Known { schema: compiler.schema, definitions };
    let table = Judged::new(entry, columns, rows, known);
    table.judge(hit, compiler.problems)
}

/// A table over its axes. Columns with the same input share one.
struct Judged<'t> {
    entry: &'t TableEntry,
    rows: &'t [Row<'t>],
    schema: &'t Schema,
    axes: Vec<Axis>,
    /// Column by column, its axis.
    axis_of: Vec<usize>,
    /// Row by row, whether it is told exactly by the pieces it fits.
    exact: Vec<bool>,
    grid: Grid,
}

impl<'t> Judged<'t> {
    fn new(entry: &'t TableEntry, columns: &'t [Column<'t>], rows: &'t [Row<'t>], known: Known<'t>) -> Self {
        let mut firsts: Vec<&Column<'_>> = Vec::new();
        let mut axis_of = Vec::new();
        for column in columns {
            let alike = firsts.iter().position(|first| first.input.term == column.input.term);
            axis_of.push(alike.unwrap_or(firsts.len()));
            if alike.is_none() {
                firsts.push(column);
            }
        }
        let mut axes = Vec::new();
        let mut boxes: Vec<Vec<Pieces>> = vec![Vec::new(); rows.len()];
        let mut exact = vec![true; rows.len()];
        for (at, column) in firsts.into_iter().enumerate() {
            let of_axis = |row: &'t Row<'t>| row.cells.iter().zip(&axis_of).filter(move |(_, axis)| **axis == at);
            let of_axis = |row| of_axis(row).map(|(cell, _)| cell);
            let all: Vec<&Cond> = rows.iter().flat_map(of_axis).collect();
            let axis = Axis::new(column.text.text().trim(), &column.input, &all, known);
            for ((row, fits), exact) in rows.iter().zip(&mut boxes).zip(&mut exact) {
                let cells: Vec<CellFit> = of_axis(row).map(|cell| axis.fit(cell, &column.input)).collect();
                *exact &= cells.iter().all(|cell| !cell.opaque);
                fits.extend(cells.into_iter().map(|cell| cell.pieces).reduce(|a, b| a.and(&b)));
            }
            axes.push(axis);
        }
        let grid = Grid::new(axes.iter().map(|axis| axis.pieces.len()).collect(), boxes);
        Self { entry, rows, schema: known.schema, axes, axis_of, exact, grid }
    }

    fn judge(mut self, hit: Hit, problems: &mut Problems) -> Verdict {
        let exhaustive = self.problems(hit, problems);
        let inputs = self.axes.into_iter().map(|axis| TableInput { term: axis.input, pieces: axis.pieces.len() });
        Verdict {
            exhaustive,
            inputs: inputs.collect(),
            rows: self.grid.into_rows().into_iter().zip(self.exact).collect(),
        }
    }

    /// Tells every problem; says whether some row always fits.
    fn problems(&mut self, hit: Hit, problems: &mut Problems) -> bool {
        self.dead_cells(problems);
        if self.everything_cells(problems) {
            return false;
        }
        if hit == Hit::First && self.hidden(problems).is_none() {
            too_large(self.entry, problems);
            return self.catch_all().is_some();
        }
        if hit == Hit::Unique {
            self.overlaps(problems);
        }
        let exhaustive = self.gap(hit, problems);
        if hit == Hit::First {
            self.forgotten(problems);
        }
        exhaustive
    }

    /// Cells that fit nothing.
    fn dead_cells(&self, problems: &mut Problems) {
        for at in 0..self.rows.len() {
            let Some(axis) = self.grid.dead_cell(at) else { continue };
            let message = both!("这一格不可能成立，这一行永远用不到", "this cell fits nothing: the row can never hit");
            let help = both!(
                "区间要从小到大写；`,` 表示“或”，`&&` 表示“且”",
                "a range goes from the lesser to the greater; `,` means “or”, `&&` means “and”"
            );
            problems.push(Diagnostic::error(codes::DEAD_ROW, self.cell_span(at, axis), message).help(help));
        }
    }

    /// Cells of several comparisons that fit everything, such as `> 30, <= 60`: their author means “and”.
    fn everything_cells(&self, problems: &mut Problems) -> bool {
        let mut found = false;
        for (at, row) in self.rows.iter().enumerate().filter(|(at, _)| self.is_exact(*at)) {
            for (column, (text, cell)) in row.entry.when.iter().zip(&row.cells).enumerate() {
                let compares = matches!(cell, Cond::Any(_)) && text.text().contains(['<', '>']);
                let everything = || self.axis_of(column).is_some_and(|axis| self.grid.is_free(at, axis));
                if !compares || !everything() {
                    continue;
                }
                let and: Vec<&str> = text.text().split(',').map(str::trim).collect();
                let and = and.join(" && ");
                let message = both!("`,` 表示“或”，这一格对任何值都成立", "`,` means “or”: this cell fits every value");
                let help = both!(
                    "要同时满足就写 `{and}`；任何值都可以就写 `-`",
                    "write `{and}` where both must hold, or `-` if any value will do"
                );
                problems.push(Diagnostic::error(codes::BAD_ROW, text.span().clone(), message).help(help));
                found = true;
            }
        }
        found
    }

    /// The axis of a column.
    fn axis_of(&self, column: usize) -> Option<usize> {
        self.axis_of.get(column).copied()
    }

    /// Rows that earlier ones leave nothing to. `None` if it takes too long to tell.
    fn hidden(&mut self, problems: &mut Problems) -> Option<()> {
        for at in 0..self.rows.len() {
            if self.grid.dead_cell(at).is_some() {
                continue;
            }
            let earlier: Vec<usize> = (0..at).filter(|row| self.is_exact(*row)).collect();
            if let Some(by) = earlier.iter().find(|by| self.grid.hides(**by, at)) {
                let message = both!(
                    "前面的行总是先命中，这一行永远用不到",
                    "an earlier row always fits first: this one can never hit"
                );
                let found = Diagnostic::error(codes::DEAD_ROW, self.row_span(at), message);
                problems.push(found.related(self.row_span(*by), both!("就是这一行", "this one")));
                continue;
            }
            let beside: Vec<usize> = earlier.into_iter().filter(|row| self.grid.overlap(*row, at).is_some()).collect();
            match self.grid.uncovered(&beside, Some(at)) {
                Answer::Missing(_) => {}
                Answer::TooLarge => return None,
                Answer::Covered => {
                    let message = both!(
                        "前面几行合起来总是先命中，这一行永远用不到",
                        "earlier rows together always fit first: this one can never hit"
                    );
                    let found = Diagnostic::error(codes::DEAD_ROW, self.row_span(at), message);
                    let label = || both!("其中一行", "one of them");
                    problems.push(
                        beside.iter().take(3).fold(found, |found, by| found.related(self.row_span(*by), label())),
                    );
                }
            }
        }
        Some(())
    }

    /// Each row of a `unique` table with the first that it overlaps.
    fn overlaps(&self, problems: &mut Problems) {
        for at in (0..self.rows.len()).filter(|at| self.is_exact(*at)) {
            let found =
                (0..at).filter(|row| self.is_exact(*row)).find_map(|row| Some((row, self.grid.overlap(row, at)?)));
            let Some((other, point)) = found else { continue };
            let free = |axis| self.grid.is_free(at, axis) && self.grid.is_free(other, axis);
            let point: Point =
                point.into_iter().enumerate().map(|(axis, piece)| (!free(axis)).then_some(piece)).collect();
            let (row, case) = (other.saturating_add(1), self.case(&point));
            let (zh, en) = (&case.zh, &case.en);
            let message = both!(
                "这一行与第 {row} 行都符合 {zh}；`unique` 表只能有一行符合",
                "this row and row {row} both fit {en}; in a `unique` table only one row may"
            );
            let problem = Diagnostic::error(codes::OVERLAP, self.row_span(at), message);
            let problem = problem.related(self.row_span(other), both!("另一行", "the other row"));
            problems.push(self.touching(other, at, &point).into_iter().fold(problem, Diagnostic::help));
        }
    }

    /// How to mend rows that share no more than the end of a range.
    fn touching(&self, one: usize, other: usize, point: &Point) -> Option<Bilingual> {
        let mut shared = point.iter().enumerate().filter_map(|(axis, piece)| {
            let (a, b) = (self.grid.cell(one, axis)?, self.grid.cell(other, axis)?);
            let axis = self.axes.get(axis).filter(|axis| axis.enumeration.is_none())?;
            (a.and(b).count() == 1 && a.count() > 1 && b.count() > 1).then_some(&axis.pieces.get((*piece)?)?.words.en)
        });
        let end = shared.next()?;
        Some(both!(
            "区间含两端，`{end}` 同时属于两行；把其中一行改成 `> {end}` 或 `< {end}`，例如 `> {end} && <= …`",
            "a range includes both its ends, so both rows have `{end}`; begin one with `> {end}`, as in `> {end} && <= …`, or end one with `< {end}`"
        ))
    }

    /// A combination that no row fits. Says whether there is surely none.
    fn gap(&mut self, hit: Hit, problems: &mut Problems) -> bool {
        if hit == Hit::Collect || self.catch_all().is_some() {
            return true;
        }
        let exact: Vec<usize> = (0..self.rows.len()).filter(|row| self.is_exact(*row)).collect();
        let every: Vec<usize> = (0..self.rows.len()).collect();
        match self.grid.uncovered(&exact, None) {
            Answer::Covered => return true,
            Answer::TooLarge => {
                too_large(self.entry, problems);
                return false;
            }
            Answer::Missing(_) => {}
        }
        let id = &self.entry.id;
        let help = match hit {
            Hit::Unique => both!("为它加一行", "add a row for it"),
            Hit::First | Hit::Collect => both!(
                "为它加一行，或在最后加一行全是 `-` 的",
                "add a row for it, or a last row of `-` for all the rest"
            ),
        };
        match self.grid.uncovered(&every, None) {
            Answer::Missing(point) => {
                let case = self.case(&point);
                let (zh, en) = (&case.zh, &case.en);
                let message = both!("没有一行符合 {zh}", "no row fits {en}");
                problems.push(Diagnostic::error(codes::GAP, id.span.clone(), message).help(help));
            }
            Answer::Covered if exact.len() < every.len() => {
                let message = both!(
                    "有些格无法和其他格比较，不能确定各行是否覆盖了所有情形",
                    "some cells can't be compared with the others: whether the rows leave something out can't be told"
                );
                let help = match hit {
                    Hit::Unique => both!(
                        "把这样的条件另设一列，格里写 `true` 和 `false`",
                        "give such a condition a column of its own, with `true` and `false` in the cells"
                    ),
                    Hit::First | Hit::Collect => {
                        both!("在最后加一行全是 `-` 的", "add a last row of `-` for all the rest")
                    }
                };
                problems.push(Diagnostic::warning(codes::GAP, id.span.clone(), message).help(help));
            }
            Answer::Covered => {}
            Answer::TooLarge => too_large(self.entry, problems),
        }
        false
    }

    /// Names that only a catch-all row fits although every sibling has a row of its own, where all other rows are told
    /// apart by such names.
    fn forgotten(&self, problems: &mut Problems) {
        let Some(last) = self.catch_all().filter(|row| row.checked_add(1) == Some(self.rows.len())) else { return };
        for (at, axis) in self.axes.iter().enumerate() {
            let Some(of) = axis.enumeration.and_then(|of| self.schema.enumeration(of)) else { continue };
            if (0..last).any(|row| self.grid.is_free(row, at)) {
                continue;
            }
            let telling: Vec<&Pieces> = (0..last).filter_map(|row| self.grid.cell(row, at)).collect();
            let named = |member: usize| telling.iter().any(|cell| cell.contains(member));
            for (member, siblings) in left_out(of, named) {
                let (name, input) = (member, &axis.name);
                let message = both!(
                    "`{input}` 为 `{name}` 时只有最后一行符合，而同级的 {siblings} 个取值都有自己的行",
                    "only this last row fits `{name}` of `{input}`, though its {siblings} siblings all have rows of their own"
                );
                let help = both!(
                    "如果漏写了就为它加一行；本来如此也请写明这一行",
                    "add a row for it, even if it gives the same as this one"
                );
                problems.push(Diagnostic::warning(codes::GAP, self.row_span(last), message).help(help));
            }
        }
    }

    /// The first row that fits anything.
    fn catch_all(&self) -> Option<usize> {
        (0..self.rows.len()).find(|row| self.is_exact(*row) && self.grid.is_catch_all(*row))
    }

    fn is_exact(&self, row: usize) -> bool {
        self.exact.get(row) == Some(&true)
    }

    fn row_span(&self, row: usize) -> Span {
        self.rows.get(row).map_or_else(|| self.entry.id.span.clone(), |row| row.entry.span.clone())
    }

    /// The first cell of an axis that says something.
    fn cell_span(&self, row: usize, axis: usize) -> Span {
        let texts = self.rows.get(row).into_iter().flat_map(|row| row.entry.when.iter().enumerate());
        let mut of_axis =
            texts.filter(|(column, text)| self.axis_of(*column) == Some(axis) && !cells::fits_anything(text.text()));
        of_axis.next().map_or_else(|| self.row_span(row), |(_, text)| text.span().clone())
    }

    /// A combination in words: `issue.class` = product.other, `order.amount` = 150.01.
    fn case(&self, point: &Point) -> Bilingual {
        let mut case = Bilingual::new("", "");
        for (axis, piece) in self.axes.iter().zip(point) {
            let Some(piece) = piece.and_then(|piece| axis.pieces.get(piece)) else { continue };
            let name = &axis.name;
            let (zh, en) = (&piece.words.zh, &piece.words.en);
            if !case.en.is_empty() {
                case.zh.push('、');
                case.en.push_str(", ");
            }
            let told = both!("`{name}` = {zh}", "`{name}` = {en}");
            case.zh.push_str(&told.zh);
            case.en.push_str(&told.en);
        }
        if case.en.is_empty() { both!("任何情形", "every case") } else { case }
    }
}

/// The one member of each branch that no row names, with how many siblings are named. A name such as `other` is what a
/// last row is for.
fn left_out<'e>(of: &'e EnumType, named: impl Fn(usize) -> bool) -> Vec<(&'e str, usize)> {
    let parent = |id: &'e str| id.rsplit_once('.').map_or("", |(parent, _)| parent);
    let last = |id: &'e str| id.rsplit('.').next().unwrap_or_default();
    let mut branches: Vec<&str> = of.members.iter().map(|member| parent(&member.id)).collect();
    branches.sort_unstable();
    branches.dedup();
    let of_branch = |branch: &&str| {
        let mut unnamed = Vec::new();
        let mut siblings = 0_usize;
        for (at, member) in of.members.iter().enumerate().filter(|(_, member)| parent(&member.id) == *branch) {
            if named(at) {
                siblings = siblings.saturating_add(1);
            } else {
                unnamed.push(&*member.id);
            }
        }
        match unnamed.as_slice() {
            [only] if siblings >= SIBLINGS_MIN => Some((*only, siblings)),
            _ => None,
        }
    };
    let found = branches.iter().filter_map(of_branch);
    found.filter(|(id, _)| !matches!(last(id), "other" | "others" | "unknown" | "none" | "unspecified")).collect()
}

fn too_large(entry: &TableEntry, problems: &mut Problems) {
    let message =
        both!("这张表太大，没有检查各行是否重叠或遗漏", "the table is too large to check for gaps and overlaps");
    let help = both!("把它拆成几张小表", "split it into smaller tables");
    problems.push(Diagnostic::warning(codes::GAP, entry.id.span.clone(), message).help(help));
}
