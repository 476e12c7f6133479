//! Values of terms.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::decimals::arithmetic;
use super::{Env, Failure, Scope, agreed_value, civil, decimal_value, lists, part, round, round_to, table, time_value};
use crate::expr::mentions;
use crate::expr::typed::{Arithmetic, Rounding, Shape, Term, TimeResult};
use crate::facts::Schema;
use crate::value::{Duration, Truth, Value};

impl Term {
    /// Its value, unknown where something it needs is.
    pub fn value(&self, scope: Scope<'_>) -> Value {
        match self {
            Term::Const(value) => value.clone(),
            Term::Fact(id) => scope.env.fact(*id).clone(),
            Term::Local(depth) => scope.local(*depth).cloned().unwrap_or_default(),
            Term::Field(record, _, at) | Term::Side(record, at) => {
                record.with(scope, |record| part(record, *at).clone())
            }
            Term::Lookup(map, key) => map.with(scope, |map| match (map, key.value(scope)) {
                (Value::Map(map), Value::Text(key)) => map.get(&key).cloned().unwrap_or_default(),
                _ => Value::Unknown,
            }),
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
            other => other.computed(scope),
        }
    }

    /// The same of what is more than choosing among values: apart, so that choosing stays quick.
    #[inline(never)]
    fn computed(&self, scope: Scope<'_>) -> Value {
        match self {
            Term::Arithmetic { operation, left, right, money } => {
                compute(*operation, left.decimal(scope), right.decimal(scope), *money, scope.env)
            }
            Term::Negate(inner) => negate(&inner.value(scope)),
            Term::TimeSum { left, right, subtract, result } => time_sum(left, right, *subtract, *result, scope),
            Term::Units(count, nanos) => match count.decimal(scope) {
                Some(count) => units(count, *nanos).map_or_else(|| scope.env.fail(Failure::Overflow), Value::Duration),
                None => Value::Unknown,
            },
            Term::Now => Value::Instant(scope.env.now),
            Term::Today => civil::today(scope.env),
            Term::List(elements) => Value::List(elements.iter().map(|element| element.value(scope)).collect()),
            Term::Count(..)
            | Term::Aggregate { .. }
            | Term::Find(..)
            | Term::Filter(..)
            | Term::Zip(..)
            | Term::At(..) => lists::value(self, scope),
            Term::Extreme { least, terms } => lists::best_of(
                terms.iter().map(|term| term.value(scope)),
                if *least { Ordering::Less } else { Ordering::Greater },
            ),
            Term::Round { term, digits, rounding } => match term.value(scope) {
                Value::Number(value) => Value::Number(round(value, *digits, *rounding)),
                Value::Money(value) => Value::Money(round(value, *digits, *rounding)),
                _ => Value::Unknown,
            },
            Term::RoundTo { term, unit, rounding } => rounded_to(&term.value(scope), *unit, *rounding, scope.env),
            Term::Absolute(inner) => absolute(&inner.value(scope)),
            Term::DateOf(_) | Term::StartOfDay(_) | Term::DateAfter { .. } | Term::DaysBetween(..) => {
                civil::value(self, scope)
            }
            Term::WorkingDaysAfter { .. } | Term::BusinessTimeAfter { .. } => civil::by_calendar(self, scope),
            Term::AtDesk { calendar, asked, at, moves } => civil::at_desk(*calendar, *asked, at, *moves, scope),
            Term::Script { function, arguments, money } => script(*function, arguments, *money, scope),
            Term::Table { table, output } => table::output(*table, *output, scope),
            Term::Length(inner) => match inner.value(scope) {
                Value::Text(text) => Value::Number(Decimal::from(text.chars().count())),
                _ => Value::Unknown,
            },
            Term::Joined(left, right) => joined(&left.value(scope), &right.value(scope)),
            Term::Folded(inner) => folded(&inner.value(scope)),
            Term::Plain(inner, shape) => plain(&inner.value(scope), shape, &scope.env.program.schema),
            chosen => chosen.value(scope),
        }
    }
}

fn joined(left: &Value, right: &Value) -> Value {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Value::Text([&**left, &**right].concat().into()),
        _ => Value::Unknown,
    }
}

fn folded(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(mentions::folded(text).collect::<String>().into()),
        _ => Value::Unknown,
    }
}

/// A value that explains itself. A record of which a field is wanted and absent is unknown, and so is a list with one.
fn plain(value: &Value, shape: &Shape, schema: &Schema) -> Value {
    match (value, shape) {
        (Value::Symbol(symbol), Shape::Member(of)) => {
            schema.enumeration(*of).map_or(Value::Unknown, |of| Value::Text(of.id_of(*symbol).into()))
        }
        (Value::List(list), Shape::Each(of)) => {
            let elements: Arc<[Value]> = list.iter().map(|element| plain(element, of, schema)).collect();
            if elements.iter().any(Value::is_unknown) { Value::Unknown } else { Value::List(elements) }
        }
        (Value::Map(map), Shape::Each(of)) => {
            let entries = map.iter().map(|(key, value)| (key.clone(), plain(value, of, schema)));
            let map: BTreeMap<Arc<str>, Value> = entries.collect();
            if map.values().any(Value::is_unknown) { Value::Unknown } else { Value::Map(Arc::new(map)) }
        }
        (Value::Record(values), Shape::Record(fields)) => {
            let mut map: BTreeMap<Arc<str>, Value> = BTreeMap::new();
            for field in fields {
                let value = values.get(usize::from(field.field)).unwrap_or(&Value::Unknown);
                match plain(value, &field.shape, schema) {
                    Value::Unknown => return Value::Unknown,
                    value => map.insert(field.name.clone(), value),
                };
            }
            Value::Map(Arc::new(map))
        }
        (value, Shape::AsItIs) => value.clone(),
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

/// So many units of so many nanoseconds; `None` beyond three centuries.
pub fn units(count: Decimal, nanos: i64) -> Option<Duration> {
    count.checked_mul(Decimal::from(nanos))?.trunc().to_i64().map(Duration)
}

fn rounded_to(value: &Value, unit: Decimal, rounding: Rounding, env: &Env<'_>) -> Value {
    let (Value::Number(number) | Value::Money(number)) = value else { return Value::Unknown };
    match round_to(*number, unit, rounding) {
        Some(number) => decimal_value(number, matches!(value, Value::Money(_))),
        None => env.fail(Failure::Overflow),
    }
}

fn script(function: usize, arguments: &[Term], money: bool, scope: Scope<'_>) -> Value {
    let values: Vec<Value> = arguments.iter().map(|argument| argument.value(scope)).collect();
    if values.iter().any(Value::is_unknown) {
        return Value::Unknown;
    }
    match scope.env.call(function, &values) {
        Ok(Value::Number(value)) if money => Value::Money(value),
        Ok(value) => value,
        Err(failure) => scope.env.fail(Failure::Script(failure)),
    }
}
