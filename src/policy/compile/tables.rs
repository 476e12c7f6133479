//! Decision tables: each cell lowered to a condition on its column's input, each row to the conjunction of its cells;
//! then the table as a whole is judged, whether rows overlap, are never reached or leave something out.
//!
//! The line: cells as written ([`cells`]) → conditions → what each says of its input alone ([`reading`]) → the inputs
//! cut into pieces no row tells apart ([`axis`]) → rows over those ([`coverage`]) → what the author is told ([`verdict`]).

use super::Compiler;
use super::facts::{Declarations, DefinedBy};
use crate::both;
use crate::diagnostic::{Diagnostic, codes};
use crate::expr::check::{self, Typed};
use crate::expr::eval::{Derived, Hit, Table, TableRow};
use crate::expr::syntax::{Kind, Syntax};
use crate::expr::typed::{Cond, Term};
use crate::facts::Type;
use crate::policy::decode::ExpressionText;
use crate::policy::files::{HitPolicy, RowEntry, TableEntry};
use verdict::Verdict;

mod axis;
pub(super) mod cells;
mod coverage;
mod domain;
mod reading;
mod verdict;

/// What a column is about.
struct Column<'f> {
    text: &'f ExpressionText,
    input: Typed,
}

/// A row with its cells apart.
struct Row<'f> {
    entry: &'f RowEntry,
    cells: Vec<Cond>,
    outputs: Box<[Term]>,
}

pub fn table(
    entry: &TableEntry,
    declared: &Declarations<'_>,
    definitions: &[Option<Derived>],
    compiler: &mut Compiler<'_>,
) -> Table {
    let hit = match entry.hit {
        None | Some(HitPolicy::First) => Hit::First,
        Some(HitPolicy::Unique) => Hit::Unique,
        Some(HitPolicy::Collect) => Hit::Collect,
    };
    let columns: Option<Vec<Column<'_>>> = {
        let columns: Vec<_> = entry.inputs.iter().map(|input| column(input, compiler)).collect();
        columns.into_iter().collect()
    };
    let number = declared.tables.iter().position(|known| std::ptr::eq(*known, entry));
    let types: Vec<Option<Type>> =
        (0_u16..).zip(&entry.outputs).map(|(output, _)| output_type(number, output, hit, declared)).collect();
    let rows: Vec<Option<Row<'_>>> =
        entry.rows.iter().map(|entry| row(entry, columns.as_deref(), &types, compiler)).collect();
    if entry.rows.is_empty() {
        let message = both!("决策表没有任何一行", "the table has no rows");
        compiler.problems.push(Diagnostic::error(codes::GAP, entry.id.span.clone(), message));
    }
    // A table with a mistake in it is not judged as a whole: what follows from the mistake would only distract.
    let rows: Vec<Row<'_>> = rows.into_iter().collect::<Option<_>>().unwrap_or_default();
    let Verdict { exhaustive, inputs, rows: fits } = match columns {
        Some(columns) if !rows.is_empty() => verdict::judge(entry, hit, &columns, &rows, definitions, compiler),
        _ => Verdict::default(),
    };
    let fits = fits.into_iter().map(Some).chain(std::iter::repeat(None));
    let rows = rows.into_iter().zip(fits).map(|(row, fits)| {
        let (cells, exact) = fits.unwrap_or_default();
        TableRow { when: conjunction(row.cells), outputs: row.outputs, cells: cells.into(), exact }
    });
    Table::new(entry.id.value.as_str(), hit, rows.collect(), exhaustive, inputs.into())
}

fn output_type(table: Option<usize>, output: u16, hit: Hit, declared: &Declarations<'_>) -> Option<Type> {
    let of = |source: &DefinedBy<'_>| matches!(source, DefinedBy::Table(t, o) if Some(*t) == table && *o == output);
    let ty = declared.facts.iter().find(|fact| of(&fact.source)).map(|fact| fact.ty.clone())?;
    if hit != Hit::Collect {
        return Some(ty);
    }
    Some(if let Type::List(of) = ty { *of } else { ty })
}

fn column<'f>(text: &'f ExpressionText, compiler: &mut Compiler<'_>) -> Option<Column<'f>> {
    compiler.term(text, None, &[]).map(|input| Column { text, input })
}

fn row<'f>(
    entry: &'f RowEntry,
    columns: Option<&[Column<'_>]>,
    types: &[Option<Type>],
    compiler: &mut Compiler<'_>,
) -> Option<Row<'f>> {
    let outputs: Vec<Option<Term>> =
        entry.then.iter().zip(types).map(|(text, ty)| output(text, ty.as_ref()?, compiler)).collect();
    let columns = columns?;
    if entry.when.len() != columns.len() || entry.then.len() != types.len() {
        let (want, then) = (columns.len(), types.len());
        let (have, gave) = (entry.when.len(), entry.then.len());
        let message = both!(
            "这一行有 {have} 个条件格、{gave} 个结果，应为 {want} 个和 {then} 个",
            "this row has {have} cells and {gave} results; the table has {want} and {then}"
        );
        compiler.problems.push(Diagnostic::error(codes::BAD_ROW, entry.span.clone(), message));
        return None;
    }
    let cells: Vec<Option<Cond>> =
        entry.when.iter().zip(columns).map(|(text, column)| cell(text, column, compiler)).collect();
    let outputs: Option<Vec<Term>> = outputs.into_iter().collect();
    Some(Row { entry, cells: cells.into_iter().collect::<Option<_>>()?, outputs: outputs?.into() })
}

/// A result: an expression, or the bare name of an enumerated value.
fn output(text: &ExpressionText, ty: &Type, compiler: &mut Compiler<'_>) -> Option<Term> {
    let written = text.text();
    let word = written.trim();
    if matches!(ty, Type::Enum(_) | Type::Text) && cells::is_word(word) {
        let start = written.len().saturating_sub(written.trim_start().len());
        let span = start..start.saturating_add(word.len());
        if *ty == Type::Text && compiler.schema.find(word).is_some() {
            let message = both!(
                "`{word}` 在这里是这几个字，不是那个同名的事实",
                "`{word}` is a text here, not the fact of that name"
            );
            let help = both!(
                "要事实的值，写成 `({word})`；就是要这几个字，加引号：`\"{word}\"`",
                "write `({word})` for the value of the fact, or put the text in quotes: `\"{word}\"`"
            );
            let problem = Diagnostic::warning(codes::NAMED_LIKE_A_FACT, text.place(span.clone()), message);
            compiler.problems.push(problem.help(help));
        }
        let syntax = Syntax { kind: Kind::Text(word.to_owned()), span };
        let checked = check::term(&syntax, Some(ty), compiler.names(&[]));
        return compiler.accept(text, checked).map(|typed| typed.term);
    }
    compiler.still_term(text, ty).map(|typed| typed.term)
}

fn cell(text: &ExpressionText, column: &Column<'_>, compiler: &mut Compiler<'_>) -> Option<Cond> {
    let parsed = cells::condition(text.text(), &column.input.ty);
    let Some(syntax) = compiler.accept(text, parsed)? else { return Some(Cond::Const(true)) };
    let names = check::Names { it: Some(&column.input), ..compiler.names(&[]) };
    let checked = check::condition(&syntax, names);
    compiler.accept(text, checked)
}

fn conjunction(cells: Vec<Cond>) -> Cond {
    let telling: Vec<Cond> = cells.into_iter().filter(|cell| *cell != Cond::Const(true)).collect();
    if telling.is_empty() { Cond::Const(true) } else { Cond::All(telling.into()) }
}
