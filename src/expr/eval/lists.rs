//! Values taken from lists: counts, sums, single elements, other lists.

use std::cmp::Ordering;
use std::sync::Arc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Failure, Scope, decimal_value};
use crate::expr::typed::{Aggregate, Cond, Term};
use crate::value::{Truth, Value};

pub(super) fn value(term: &Term, scope: Scope<'_>) -> Value {
    match term {
        Term::Count(list, body) => count(list, body.as_deref(), scope),
        Term::Aggregate { aggregate, list, body, money } => {
            aggregated(*aggregate, list, body.as_deref(), *money, scope)
        }
        Term::Find(list, body) => find(list, body, scope),
        Term::Filter(list, body) => filter(list, body, scope),
        Term::Zip(first, second) => zip(first, second, scope),
        Term::At(list, position) => at(list, position, scope),
        _ => Value::Unknown,
    }
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

/// The elements that hold; one that can't be told leaves open what the list is.
fn filter(list: &Term, body: &Cond, scope: Scope<'_>) -> Value {
    let Some(list) = list_of(list, scope) else { return Value::Unknown };
    let mut kept = Vec::new();
    for element in list.iter() {
        match scope.with(element, |scope| body.truth(scope)) {
            Truth::True => kept.push(element.clone()),
            Truth::False => {}
            Truth::Unknown => return Value::Unknown,
        }
    }
    Value::List(kept.into())
}

/// Unknown beyond the list's end.
fn at(list: &Term, position: &Term, scope: Scope<'_>) -> Value {
    let (Some(list), Some(position)) = (list_of(list, scope), position.decimal(scope)) else { return Value::Unknown };
    let position = if position.is_integer() { position.to_usize() } else { None };
    position.and_then(|position| list.get(position)).cloned().unwrap_or_default()
}

fn zip(first: &Term, second: &Term, scope: Scope<'_>) -> Value {
    let (Some(first), Some(second)) = (list_of(first, scope), list_of(second, scope)) else { return Value::Unknown };
    let side = |list: &[Value], at: usize| list.get(at).cloned().unwrap_or_default();
    let pairs = 0..first.len().max(second.len());
    Value::List(pairs.map(|at| Value::Record([side(&first, at), side(&second, at)].into())).collect())
}

/// The least or greatest; unknown if any is, or if there is none.
pub(super) fn best_of(values: impl Iterator<Item = Value>, wanted: Ordering) -> Value {
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
pub fn compare(left: &Value, right: &Value) -> Option<Ordering> {
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
