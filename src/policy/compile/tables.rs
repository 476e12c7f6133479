//! Decision tables: cells lowered to one condition a row.
//!
//! A cell is `-` (anything), a comparison (`<= 150`), a range (`150..500`, both ends included), one or several values
//! (`minor, moderate`), a branch (`product.quality.*`), or a condition on `it`.

use std::ops::Range;

use super::Compiler;
use super::facts::{Declarations, DefinedBy};
use crate::both;
use crate::diagnostic::{Diagnostic, codes};
use crate::expr::check::{self, ExpressionProblem};
use crate::expr::eval::{Table, TableRow};
use crate::expr::syntax::{Kind, Operator, Syntax};
use crate::expr::typed::{Cond, Term};
use crate::facts::Type;
use crate::policy::decode::ExpressionText;
use crate::policy::files::{HitPolicy, RowEntry, TableEntry};
use crate::script;
use crate::value::Value;

/// What a column is about.
struct Column {
    syntax: Syntax,
    ty: Type,
}

pub fn table(entry: &TableEntry, declared: &Declarations<'_>, compiler: &mut Compiler<'_>) -> Table {
    let columns: Vec<Option<Column>> = entry.inputs.iter().map(|input| column(input, compiler)).collect();
    let number = declared.tables.iter().position(|known| std::ptr::eq(*known, entry));
    let types: Vec<Option<Type>> =
        (0_u16..).zip(&entry.outputs).map(|(output, _)| output_type(number, output, entry.hit, declared)).collect();
    let rows: Vec<TableRow> = entry.rows.iter().map(|row| self::row(row, &columns, &types, compiler)).collect();
    if entry.rows.is_empty() {
        let message = both!("决策表没有任何一行", "the table has no rows");
        compiler.problems.push(Diagnostic::error(codes::GAP, entry.id.span.clone(), message));
    }
    let exhaustive = rows.iter().any(|row| row.when == Cond::Const(true));
    for (position, row) in entry.rows.iter().enumerate() {
        let hidden = rows.iter().take(position).any(|earlier| earlier.when == Cond::Const(true));
        if hidden && entry.hit != Some(HitPolicy::Collect) {
            let message = both!(
                "前面的行总是先命中，这一行永远用不到",
                "an earlier row always fits first: this one can never hit"
            );
            compiler.problems.push(Diagnostic::error(codes::DEAD_ROW, row.span.clone(), message));
        }
    }
    Table { rows: rows.into(), collect: entry.hit == Some(HitPolicy::Collect), exhaustive }
}

fn output_type(table: Option<usize>, output: u16, hit: Option<HitPolicy>, declared: &Declarations<'_>) -> Option<Type> {
    let of = |source: &DefinedBy<'_>| matches!(source, DefinedBy::Table(t, o) if Some(*t) == table && *o == output);
    let ty = declared.facts.iter().find(|fact| of(&fact.source)).map(|fact| fact.ty.clone())?;
    if hit != Some(HitPolicy::Collect) {
        return Some(ty);
    }
    Some(if let Type::List(of) = ty { *of } else { ty })
}

fn column(input: &ExpressionText, compiler: &mut Compiler<'_>) -> Option<Column> {
    let syntax = compiler.parse(input)?;
    let typed = compiler.term(input, None, &[])?;
    Some(Column { syntax, ty: typed.ty })
}

fn row(row: &RowEntry, columns: &[Option<Column>], types: &[Option<Type>], compiler: &mut Compiler<'_>) -> TableRow {
    if row.when.len() != columns.len() || row.then.len() != types.len() {
        let (want, then) = (columns.len(), types.len());
        let (have, gave) = (row.when.len(), row.then.len());
        let message = both!(
            "这一行有 {have} 个条件格、{gave} 个结果，应为 {want} 个和 {then} 个",
            "this row has {have} cells and {gave} results; the table has {want} and {then}"
        );
        compiler.problems.push(Diagnostic::error(codes::BAD_ROW, row.span.clone(), message));
    }
    let mut parts = Vec::new();
    for (text, column) in row.when.iter().zip(columns) {
        if let Some(column) = column {
            match cell(text, column, compiler) {
                Some(Cond::Const(true)) => {}
                Some(cond) => parts.push(cond),
                None => parts.push(Cond::Const(false)),
            }
        }
    }
    let outputs = row.then.iter().zip(types).map(|(text, ty)| {
        let term = ty.as_ref().and_then(|ty| output(text, ty, compiler));
        term.unwrap_or(Term::Const(Value::Unknown))
    });
    let outputs = outputs.collect();
    let when = if parts.is_empty() { Cond::Const(true) } else { Cond::All(parts.into()) };
    TableRow { when, outputs }
}

/// A result: an expression, or the bare name of an enumerated value.
fn output(text: &ExpressionText, ty: &Type, compiler: &mut Compiler<'_>) -> Option<Term> {
    let written = text.text();
    if matches!(ty, Type::Enum(_) | Type::Text) && is_word(written.trim()) {
        let at = offset(written);
        let syntax = Syntax { kind: Kind::Text(written.trim().to_owned()), span: at };
        let checked = check::term(&syntax, Some(ty), compiler.names(&[]));
        return compiler.accept(text, checked).map(|typed| typed.term);
    }
    compiler.term(text, Some(ty), &[]).map(|typed| typed.term)
}

fn cell(text: &ExpressionText, column: &Column, compiler: &mut Compiler<'_>) -> Option<Cond> {
    let written = text.text();
    if written.trim() == "-" {
        return Some(Cond::Const(true));
    }
    let mut alternatives = Vec::new();
    for part in split(written) {
        let parsed = part_syntax(written, part, column);
        alternatives.push(compiler.accept(text, parsed)?);
    }
    let joined = alternatives.into_iter().reduce(|left, right| {
        let span = left.span.start..right.span.end;
        Syntax { kind: Kind::Binary(Operator::Or, Box::new(left), Box::new(right)), span }
    })?;
    let checked = check::condition(&joined, compiler.names(&[]));
    compiler.accept(text, checked)
}

/// How a cell may begin; the longer signs first.
const COMPARISONS: [(&str, Operator); 7] = [
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("=", Operator::Equal),
];

/// One alternative of a cell, as a condition on the column's input.
fn part_syntax(written: &str, part: Range<usize>, column: &Column) -> Result<Syntax, Vec<ExpressionProblem>> {
    let text = written.get(part.clone()).unwrap_or_default();
    let input = || Box::new(Syntax { kind: column.syntax.kind.clone(), span: part.clone() });
    let compare =
        |operator, right| Syntax { kind: Kind::Binary(operator, input(), Box::new(right)), span: part.clone() };
    let enumerated = matches!(column.ty, Type::Enum(_) | Type::Text);
    if let Some(branch) = text.strip_suffix(".*").filter(|branch| enumerated && is_word(branch)) {
        let branch = Syntax { kind: Kind::Text(branch.to_owned()), span: part.clone() };
        return Ok(Syntax { kind: Kind::Call("within".to_owned(), vec![*input(), branch]), span: part });
    }
    if enumerated && is_word(text) && !matches!(text, "true" | "false") {
        return Ok(compare(Operator::Equal, Syntax { kind: Kind::Text(text.to_owned()), span: part.clone() }));
    }
    for (sign, operator) in COMPARISONS {
        if text.starts_with(sign) {
            let right = shifted(written, part.start.saturating_add(sign.len())..part.end)?;
            return Ok(compare(operator, right));
        }
    }
    if let Some(at) = text.find("..") {
        let low = shifted(written, part.start..part.start.saturating_add(at))?;
        let high = shifted(written, part.start.saturating_add(at).saturating_add(2)..part.end)?;
        let (low, high) = (compare(Operator::GreaterOrEqual, low), compare(Operator::LessOrEqual, high));
        return Ok(Syntax { kind: Kind::Binary(Operator::And, Box::new(low), Box::new(high)), span: part });
    }
    let syntax = shifted(written, part.clone())?;
    if mentions_it(&syntax) { Ok(with_input(syntax, &column.syntax)) } else { Ok(compare(Operator::Equal, syntax)) }
}

/// Parses a piece of a cell, with positions in the whole cell.
fn shifted(written: &str, range: Range<usize>) -> Result<Syntax, Vec<ExpressionProblem>> {
    let text = written.get(range.clone()).unwrap_or_default();
    let by = range.start;
    let move_span = |span: Range<usize>| span.start.saturating_add(by)..span.end.saturating_add(by);
    match script::parse_expression(text) {
        Ok(syntax) => Ok(map_spans(syntax, &move_span)),
        Err(problems) => Err(problems
            .into_iter()
            .map(|problem| ExpressionProblem { span: move_span(problem.span.clone()), ..problem })
            .collect()),
    }
}

/// Rebuilds an expression bottom-up.
fn rebuild(syntax: Syntax, change: &dyn Fn(Syntax) -> Syntax) -> Syntax {
    let again = |inner: Box<Syntax>| Box::new(rebuild(*inner, change));
    let all = |parts: Vec<Syntax>| parts.into_iter().map(|part| rebuild(part, change)).collect();
    let kind = match syntax.kind {
        Kind::Field(inner, name) => Kind::Field(again(inner), name),
        Kind::Index(left, right) => Kind::Index(again(left), again(right)),
        Kind::Call(name, parts) => Kind::Call(name, all(parts)),
        Kind::Not(inner) => Kind::Not(again(inner)),
        Kind::Negate(inner) => Kind::Negate(again(inner)),
        Kind::Binary(operator, left, right) => Kind::Binary(operator, again(left), again(right)),
        Kind::List(parts) => Kind::List(all(parts)),
        Kind::If(condition, then, otherwise) => Kind::If(again(condition), again(then), again(otherwise)),
        leaf @ (Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Name(_) | Kind::Parameter(_)) => leaf,
    };
    change(Syntax { kind, span: syntax.span })
}

fn map_spans(syntax: Syntax, move_span: &dyn Fn(Range<usize>) -> Range<usize>) -> Syntax {
    rebuild(syntax, &|node| Syntax { span: move_span(node.span.clone()), kind: node.kind })
}

/// Puts the column's input in the place of `it`.
fn with_input(syntax: Syntax, input: &Syntax) -> Syntax {
    let is_input = |kind: &Kind| matches!(kind, Kind::Name(name) if name == "it");
    rebuild(syntax, &|node| Syntax { kind: if is_input(&node.kind) { input.kind.clone() } else { node.kind }, ..node })
}

fn mentions_it(syntax: &Syntax) -> bool {
    match &syntax.kind {
        Kind::Name(name) => name == "it",
        Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Parameter(_) => false,
        Kind::Field(inner, _) | Kind::Not(inner) | Kind::Negate(inner) => mentions_it(inner),
        Kind::Index(left, right) | Kind::Binary(_, left, right) => mentions_it(left) || mentions_it(right),
        Kind::Call(_, parts) | Kind::List(parts) => parts.iter().any(mentions_it),
        Kind::If(condition, then, otherwise) => [condition, then, otherwise].into_iter().any(|part| mentions_it(part)),
    }
}

/// The alternatives of a cell, between commas outside quotes and brackets, trimmed.
fn split(written: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut quoted) = (0_usize, 0_usize, false);
    for (at, c) in written.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth = depth.saturating_add(1),
            ')' | ']' | '}' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                parts.push(trimmed(written, start..at));
                start = at.saturating_add(1);
            }
            _ => {}
        }
    }
    parts.push(trimmed(written, start..written.len()));
    parts
}

fn trimmed(written: &str, range: Range<usize>) -> Range<usize> {
    let text = written.get(range.clone()).unwrap_or_default();
    let start = range.start.saturating_add(text.len().saturating_sub(text.trim_start().len()));
    start..start.saturating_add(text.trim().len())
}

fn offset(written: &str) -> Range<usize> {
    trimmed(written, 0..written.len())
}

/// A bare name such as `product.quality`.
fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic())
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && !text.contains("..")
}
