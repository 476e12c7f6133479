//! Values of decision tables. Each result is decided on its own: wherever every row that may still hold agrees on it.

use super::{Failure, Hit, Scope, Table, TableRow, agreed_value};
use crate::value::{Truth, Value};

/// One output of the `table`-th table.
pub(super) fn output(table: usize, output: u16, scope: Scope<'_>) -> Value {
    let Some(table) = scope.env.program.tables.get(table) else { return Value::Unknown };
    match table.hit {
        Hit::First => first(table, output, scope),
        Hit::Unique => unique(table, output, scope),
        Hit::Collect => collect(table, output, scope),
    }
}

/// Down to the first row that holds for certain, every row may be the one.
fn first(table: &Table, output: u16, scope: Scope<'_>) -> Value {
    let mut found = None;
    for row in &table.rows {
        let truth = row.when.truth(scope);
        if truth.is_false() {
            continue;
        }
        found = Some(agreeing(found, row.value(output, scope)));
        if truth.is_true() {
            return found.unwrap_or_default();
        }
    }
    only_if_exhaustive(table, found, scope)
}

/// A second row may hold beside the one that does for certain, unless it does not.
fn unique(table: &Table, output: u16, scope: Scope<'_>) -> Value {
    let mut found = None;
    let mut certain = false;
    for row in &table.rows {
        let truth = row.when.truth(scope);
        if truth.is_false() {
            continue;
        }
        if truth.is_true() && std::mem::replace(&mut certain, true) {
            return scope.env.fail(Failure::SeveralRows { table: table.name.clone() });
        }
        found = Some(agreeing(found, row.value(output, scope)));
    }
    if certain { found.unwrap_or_default() } else { only_if_exhaustive(table, found, scope) }
}

/// One row that can't be told keeps the whole list unknown.
fn collect(table: &Table, output: u16, scope: Scope<'_>) -> Value {
    let mut collected = Vec::new();
    for row in &table.rows {
        match row.when.truth(scope) {
            Truth::True => collected.push(row.value(output, scope)),
            Truth::False => {}
            Truth::Unknown => return Value::Unknown,
        }
    }
    Value::List(collected.into())
}

/// What the rows that may hold agree on, none of them for certain: perhaps none does, unless that is ruled out.
fn only_if_exhaustive(table: &Table, found: Option<Value>, scope: Scope<'_>) -> Value {
    match found {
        Some(value) if table.exhaustive => value,
        Some(_) => Value::Unknown,
        None => scope.env.fail(Failure::NoRow { table: table.name.clone() }),
    }
}

fn agreeing(found: Option<Value>, value: Value) -> Value {
    match found {
        Some(other) => agreed_value(value, &other),
        None => value,
    }
}

impl TableRow {
    fn value(&self, output: u16, scope: Scope<'_>) -> Value {
        self.outputs.get(usize::from(output)).map_or(Value::Unknown, |term| term.value(scope))
    }
}
