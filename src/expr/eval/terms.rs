//! Values of terms.

use std::cmp::Ordering;
use std::sync::Arc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Env, Failure, Scope, agreed_value, arithmetic, decimal_value, round, time_value};
use crate::calendar::{date_of, start_of_day};
use crate::expr::typed::{Aggregate, Arithmetic, Cond, Term, TimeResult};
use crate::facts::EnumId;
use crate::value::{Duration, Instant, Truth, Value};

impl Term {
    /// Its value, unknown where something it needs is.
    pub fn value(&self, scope: Scope<'_>) -> Value {
        match self {
            Term::Const(value) => value.clone(),
            Term::Fact(id) => scope.env.fact(*id).clone(),
            Term::Local(depth) => scope.local(*depth).cloned().unwrap_or_default(),
            Term::Field(record, _, field) => match record.value(scope) {
                Value::Record(fields) => fields.get(usize::from(*field)).cloned().unwrap_or_default(),
                _ => Value::Unknown,
            },
            Term::Lookup(map, key) => match (map.value(scope), key.value(scope)) {
                (Value::Map(map), Value::Text(key)) => map.get(&key).cloned().unwrap_or_default(),
                _ => Value::Unknown,
            },
            Term::Cond(cond) => cond.truth(scope).into(),
            Term::If(condition, then, otherwise) => match condition.truth(scope) {
                Truth::True => then.value(scope),
                Truth::False => otherwise.value(scope),
                Truth::Unknown => agreed_value(then.value(scope), &otherwise.value(scope)),
            },
            Term::Otherwise(first, second) => match first.value(scope) {
                Value::Unknown => second.value(scope),
                value => value,
            },
            Term::Arithmetic { operation, left, right, money } => {
                compute(*operation, left.decimal(scope), right.decimal(scope), *money, scope.env)
            }
            Term::Negate(inner) => negate(&inner.value(scope)),
            Term::TimeSum { left, right, subtract, result } => time_sum(left, right, *subtract, *result, scope),
            Term::Units(count, nanos) => units(count.decimal(scope), *nanos, scope.env),
            Term::Now => Value::Instant(scope.env.now),
            Term::Today => today(scope.env),
            Term::List(elements) => Value::List(elements.iter().map(|element| element.value(scope)).collect()),
            Term::Count(list, body) => count(list, body.as_deref(), scope),
            Term::Aggregate { aggregate, list, body, money } => {
                aggregated(*aggregate, list, body.as_deref(), *money, scope)
            }
            Term::Find(list, body) => find(list, body, scope),
            Term::Extreme { least, terms } => best_of(
                terms.iter().map(|term| term.value(scope)),
                if *least { Ordering::Less } else { Ordering::Greater },
            ),
            Term::Round { term, digits, rounding } => match term.value(scope) {
                Value::Number(value) => Value::Number(round(value, *digits, *rounding)),
                Value::Money(value) => Value::Money(round(value, *digits, *rounding)),
                _ => Value::Unknown,
            },
            Term::Absolute(inner) => absolute(&inner.value(scope)),
            Term::DateOf(_) | Term::StartOfDay(_) | Term::DayAfter(..) => civil(self, scope),
            Term::WorkingDaysAfter { .. } | Term::BusinessTimeAfter { .. } => calendar_time(self, scope),
            Term::Script { function, arguments, money } => script(*function, arguments, *money, scope),
            Term::Table { table, output } => table_output(*table, *output, scope),
            Term::Length(inner) => match inner.value(scope) {
                Value::Text(text) => Value::Number(Decimal::from(text.chars().count())),
                _ => Value::Unknown,
            },
            Term::SymbolText(inner, of) => symbol_text(&inner.value(scope), *of, scope.env),
        }
    }
}

/// Enumerated values as the texts that scripts see.
fn symbol_text(value: &Value, of: EnumId, env: &Env<'_>) -> Value {
    match value {
        Value::Symbol(symbol) => {
            let enumeration = env.program.schema.enumeration(of);
            enumeration.map_or(Value::Unknown, |of| Value::Text(of.id_of(*symbol).into()))
        }
        Value::List(list) => Value::List(list.iter().map(|value| symbol_text(value, of, env)).collect()),
        _ => Value::Unknown,
    }
}

fn compute(operation: Arithmetic, left: Option<Decimal>, right: Option<Decimal>, money: bool, env: &Env<'_>) -> Value {
    let (Some(left), Some(right)) = (left, right) else { return Value::Unknown };
    if right.is_zero() && matches!(operation, Arithmetic::Divide | Arithmetic::Remainder) {
        return env.fail(Failure::DivisionByZero);
    }
    match arithmetic(operation, left, right) {
        Some(result) => decimal_value(result, money),
        None => env.fail(Failure::Overflow),
    }
}

fn negate(value: &Value) -> Value {
    let flipped = |mut value: Decimal| {
        value.set_sign_positive(value.is_sign_negative());
        value
    };
    match *value {
        Value::Number(value) => Value::Number(flipped(value)),
        Value::Money(value) => Value::Money(flipped(value)),
        Value::Duration(Duration(nanos)) => Value::Duration(Duration(nanos.saturating_neg())),
        _ => Value::Unknown,
    }
}

fn absolute(value: &Value) -> Value {
    match *value {
        Value::Number(value) => Value::Number(value.abs()),
        Value::Money(value) => Value::Money(value.abs()),
        Value::Duration(Duration(nanos)) => Value::Duration(Duration(nanos.saturating_abs())),
        _ => Value::Unknown,
    }
}

fn time_sum(left: &Term, right: &Term, subtract: bool, result: TimeResult, scope: Scope<'_>) -> Value {
    let (Some(left), Some(right)) = (left.nanos(scope), right.nanos(scope)) else { return Value::Unknown };
    let sum = if subtract { left.checked_sub(right) } else { left.checked_add(right) };
    sum.map_or_else(|| scope.env.fail(Failure::Overflow), |nanos| time_value(nanos, result))
}

fn units(count: Option<Decimal>, nanos: i64, env: &Env<'_>) -> Value {
    let Some(count) = count else { return Value::Unknown };
    let product = count.checked_mul(Decimal::from(nanos)).and_then(|nanos| nanos.trunc().to_i64());
    product.map_or_else(|| env.fail(Failure::Overflow), |nanos| Value::Duration(Duration(nanos)))
}

fn today(env: &Env<'_>) -> Value {
    let zone = env.program.zone;
    let Some(date) = date_of(env.now, zone) else { return Value::Unknown };
    if let Some(midnight) = date.succ_opt().and_then(|next| start_of_day(next, zone)) {
        env.changes_at(midnight);
    }
    Value::Date(date)
}

fn list_of(list: &Term, scope: Scope<'_>) -> Option<Arc<[Value]>> {
    if let Value::List(list) = list.value(scope) { Some(list) } else { None }
}

fn count(list: &Term, body: Option<&Cond>, scope: Scope<'_>) -> Value {
    let Some(list) = list_of(list, scope) else { return Value::Unknown };
    let Some(body) = body else { return Value::Number(Decimal::from(list.len())) };
    let mut count: usize = 0;
    for element in list.iter() {
        match scope.with(element, |scope| body.truth(scope)) {
            Truth::True => count = count.saturating_add(1),
            Truth::False => {}
            Truth::Unknown => return Value::Unknown,
        }
    }
    Value::Number(Decimal::from(count))
}

fn aggregated(aggregate: Aggregate, list: &Term, body: Option<&Term>, money: bool, scope: Scope<'_>) -> Value {
    let Some(list) = list_of(list, scope) else { return Value::Unknown };
    let value_of = |element: &Value| match body {
        Some(body) => scope.with(element, |scope| body.value(scope)),
        None => element.clone(),
    };
    match aggregate {
        Aggregate::Sum => {
            let mut sum = Decimal::ZERO;
            for element in list.iter() {
                let (Value::Number(value) | Value::Money(value)) = value_of(element) else { return Value::Unknown };
                let Some(next) = sum.checked_add(value) else { return scope.env.fail(Failure::Overflow) };
                sum = next;
            }
            decimal_value(sum, money)
        }
        Aggregate::Least => best_of(list.iter().map(value_of), Ordering::Less),
        Aggregate::Greatest => best_of(list.iter().map(value_of), Ordering::Greater),
    }
}

fn find(list: &Term, body: &Cond, scope: Scope<'_>) -> Value {
    let Some(list) = list_of(list, scope) else { return Value::Unknown };
    for element in list.iter() {
        match scope.with(element, |scope| body.truth(scope)) {
            Truth::True => return element.clone(),
            Truth::False => {}
            Truth::Unknown => return Value::Unknown,
        }
    }
    Value::Unknown
}

/// The least or greatest; unknown if any is, or if there is none.
fn best_of(values: impl Iterator<Item = Value>, wanted: Ordering) -> Value {
    let mut best = Value::Unknown;
    for value in values {
        if value.is_unknown() {
            return Value::Unknown;
        }
        if best.is_unknown() || compare(&value, &best) == Some(wanted) {
            best = value;
        }
    }
    best
}

/// The order of two known values of one ordered type.
fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) | (Value::Money(left), Value::Money(right)) => {
            Some(left.cmp(right))
        }
        (Value::Instant(left), Value::Instant(right)) => Some(left.cmp(right)),
        (Value::Duration(left), Value::Duration(right)) => Some(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn civil(term: &Term, scope: Scope<'_>) -> Value {
    let zone = scope.env.program.zone;
    let found = match term {
        Term::DateOf(instant) => match instant.value(scope) {
            Value::Instant(instant) => date_of(instant, zone).map(Value::Date),
            _ => return Value::Unknown,
        },
        Term::StartOfDay(date) => match date.value(scope) {
            Value::Date(date) => start_of_day(date, zone).map(Value::Instant),
            _ => return Value::Unknown,
        },
        Term::DayAfter(date, days) => match date.value(scope) {
            Value::Date(date) => {
                chrono::TimeDelta::try_days(*days).and_then(|delta| date.checked_add_signed(delta)).map(Value::Date)
            }
            _ => return Value::Unknown,
        },
        _ => return Value::Unknown,
    };
    found.unwrap_or_else(|| scope.env.fail(Failure::Overflow))
}

fn calendar_time(term: &Term, scope: Scope<'_>) -> Value {
    let calendars = &scope.env.program.calendars;
    let (calendar, found) = match term {
        Term::WorkingDaysAfter { calendar, start, days } => {
            let Some(calendar) = calendars.get(*calendar) else { return Value::Unknown };
            let (Some(start), Some(days)) = (start.nanos(scope), days.decimal(scope)) else { return Value::Unknown };
            (calendar, days.to_u32().and_then(|days| calendar.working_days_after(Instant(start), days)))
        }
        Term::BusinessTimeAfter { calendar, start, length } => {
            let Some(calendar) = calendars.get(*calendar) else { return Value::Unknown };
            let (Some(start), Some(length)) = (start.nanos(scope), length.nanos(scope)) else { return Value::Unknown };
            (calendar, calendar.business_time_after(Instant(start), Duration(length)))
        }
        _ => return Value::Unknown,
    };
    let outside = || scope.env.fail(Failure::OutsideCalendar { calendar: calendar.name.clone() });
    found.map_or_else(outside, Value::Instant)
}

fn script(function: usize, arguments: &[Term], money: bool, scope: Scope<'_>) -> Value {
    let values: Vec<Value> = arguments.iter().map(|argument| argument.value(scope)).collect();
    if values.iter().any(Value::is_unknown) {
        return Value::Unknown;
    }
    match scope.env.program.functions.call(function, &values) {
        Ok(Value::Number(value)) if money => Value::Money(value),
        Ok(value) => value,
        Err(failure) => scope.env.fail(Failure::Script(failure)),
    }
}

/// One output of a table. Every row that may still match must agree on it, or it is undecided.
fn table_output(table: usize, output: u16, scope: Scope<'_>) -> Value {
    let Some(table) = scope.env.program.tables.get(table) else { return Value::Unknown };
    let mut found: Option<Value> = None;
    let mut collected: Vec<Value> = Vec::new();
    for row in &table.rows {
        let truth = row.when.truth(scope);
        if truth.is_false() {
            continue;
        }
        let value = row.outputs.get(usize::from(output)).map_or(Value::Unknown, |term| term.value(scope));
        if table.collect {
            if truth == Truth::Unknown {
                return Value::Unknown;
            }
            collected.push(value);
            continue;
        }
        found = Some(match found {
            None => value,
            Some(other) => agreed_value(value, &other),
        });
        if truth.is_true() {
            return found.unwrap_or_default();
        }
    }
    match found {
        _ if table.collect => Value::List(collected.into()),
        Some(value) if table.exhaustive => value,
        _ => Value::Unknown,
    }
}
