//! A reference that is slow and plain: it walks the expression as written, knows no types, and never stops early.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use redress::expr::syntax::{Kind, Operator, Syntax};
use rust_decimal::{Decimal, RoundingStrategy};

/// A value without a schema: enumerated values are texts, money is a number.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    Unknown,
    Bool(bool),
    Number(Decimal),
    Text(String),
    Instant(i64),
    Duration(i64),
    Date(NaiveDate),
    List(Vec<Known>),
    Record(BTreeMap<String, Known>),
}

use Known::{Bool, Date, Duration, Instant, List, Number, Record, Text, Unknown};

type Names = BTreeMap<String, Known>;

pub fn value(syntax: &Syntax, names: &Names, now: i64) -> Known {
    normal(Naive { now }.value(syntax, names))
}

fn normal(value: Known) -> Known {
    match value {
        Number(number) => Number(number.normalize()),
        List(list) => List(list.into_iter().map(normal).collect()),
        other => other,
    }
}

struct Naive {
    now: i64,
}

impl Naive {
    fn value(&self, syntax: &Syntax, names: &Names) -> Known {
        let of = |syntax: &Syntax| self.value(syntax, names);
        match &syntax.kind {
            Kind::Bool(value) => Bool(*value),
            Kind::Number(value) => Number(*value),
            Kind::Text(text) => Text(text.clone()),
            Kind::Name(name) if name == "now" => Instant(self.now),
            Kind::Name(name) => names.get(name).cloned().unwrap_or(Unknown),
            Kind::Field(base, field) => match of(base) {
                Record(fields) => fields.get(field).cloned().unwrap_or(Unknown),
                _ => Unknown,
            },
            Kind::Not(inner) => match of(inner) {
                Bool(value) => Bool(!value),
                _ => Unknown,
            },
            Kind::Negate(inner) => match of(inner) {
                Number(value) => Number(-value),
                _ => Unknown,
            },
            Kind::Binary(operator, left, right) => binary(*operator, of(left), of(right)),
            Kind::List(elements) => List(elements.iter().map(of).collect()),
            Kind::If(condition, then, otherwise) => {
                let (then, otherwise) = (of(then), of(otherwise));
                match of(condition) {
                    Bool(true) => then,
                    Bool(false) => otherwise,
                    _ if then == otherwise => then,
                    _ => Unknown,
                }
            }
            Kind::Call(name, arguments) => self.call(name, arguments, names),
            other => panic!("{other:?} is not generated"),
        }
    }

    fn call(&self, name: &str, arguments: &[Syntax], names: &Names) -> Known {
        if let ("any" | "all" | "none" | "count" | "sum" | "find", [list, body]) = (name, arguments) {
            let List(elements) = self.value(list, names) else { return Unknown };
            let bodies: Vec<Known> = elements
                .iter()
                .map(|element| {
                    let mut names = names.clone();
                    names.insert("it".to_owned(), element.clone());
                    self.value(body, &names)
                })
                .collect();
            return over(name, &elements, &bodies);
        }
        let values: Vec<Known> = arguments.iter().map(|argument| self.value(argument, names)).collect();
        let nanos = |value: &Known| match value {
            Instant(nanos) => Some(*nanos),
            _ => None,
        };
        match (name, values.as_slice()) {
            ("known", [value]) => Bool(*value != Unknown),
            ("since", [at]) => nanos(at).map_or(Unknown, |at| Duration(self.now - at)),
            ("time_left", [at]) => nanos(at).map_or(Unknown, |at| Duration(at - self.now)),
            ("hours", [Number(count)]) => {
                Duration(i64::try_from((count * Decimal::from(3_600_000_000_000_i64)).trunc()).unwrap())
            }
            (_, values) if values.contains(&Unknown) => Unknown,
            ("within", [Text(value), Text(branch)]) => {
                Bool(value == branch || value.starts_with(&format!("{branch}.")))
            }
            ("contains", [Text(text), Text(part)]) => Bool(text.contains(part.as_str())),
            ("starts_with", [Text(text), Text(part)]) => Bool(text.starts_with(part.as_str())),
            ("ends_with", [Text(text), Text(part)]) => Bool(text.ends_with(part.as_str())),
            ("len", [Text(text)]) => Number(Decimal::from(text.chars().count())),
            ("abs", [Number(value)]) => Number(value.abs()),
            ("percent", [Number(percent), Number(of)]) => Number(of * percent / Decimal::ONE_HUNDRED),
            ("min", [Number(a), Number(b)]) => Number(*a.min(b)),
            ("max", [Number(a), Number(b)]) => Number(*a.max(b)),
            ("round_down", [Number(value), Number(digits)]) => {
                rounded(value, digits, RoundingStrategy::ToNegativeInfinity)
            }
            ("round_half_up", [Number(value), Number(digits)]) => {
                rounded(value, digits, RoundingStrategy::MidpointAwayFromZero)
            }
            ("round_half_even", [Number(value), Number(digits)]) => {
                rounded(value, digits, RoundingStrategy::MidpointNearestEven)
            }
            (name, values) => panic!("{name} of {values:?} is not generated"),
        }
    }
}

fn rounded(value: &Decimal, digits: &Decimal, strategy: RoundingStrategy) -> Known {
    Number(value.round_dp_with_strategy(u32::try_from(*digits).unwrap(), strategy))
}

fn over(name: &str, elements: &[Known], bodies: &[Known]) -> Known {
    match name {
        "any" => bodies.iter().fold(Bool(false), |any, body| or(&any, body)),
        "none" => match bodies.iter().fold(Bool(false), |any, body| or(&any, body)) {
            Bool(any) => Bool(!any),
            _ => Unknown,
        },
        "all" => bodies.iter().fold(Bool(true), |all, body| and(&all, body)),
        "count" if bodies.contains(&Unknown) => Unknown,
        "count" => Number(Decimal::from(bodies.iter().filter(|body| **body == Bool(true)).count())),
        "sum" => bodies.iter().fold(Number(Decimal::ZERO), |sum, body| match (sum, body) {
            (Number(sum), Number(next)) => Number(sum + next),
            _ => Unknown,
        }),
        "find" => {
            for (element, body) in elements.iter().zip(bodies) {
                match body {
                    Bool(true) => return element.clone(),
                    Bool(false) => {}
                    _ => return Unknown,
                }
            }
            Unknown
        }
        _ => Unknown,
    }
}

fn and(left: &Known, right: &Known) -> Known {
    match (left, right) {
        (Bool(false), _) | (_, Bool(false)) => Bool(false),
        (Bool(true), Bool(true)) => Bool(true),
        _ => Unknown,
    }
}

fn or(left: &Known, right: &Known) -> Known {
    match (left, right) {
        (Bool(true), _) | (_, Bool(true)) => Bool(true),
        (Bool(false), Bool(false)) => Bool(false),
        _ => Unknown,
    }
}

fn binary(operator: Operator, left: Known, right: Known) -> Known {
    match operator {
        Operator::And => return and(&left, &right),
        Operator::Or => return or(&left, &right),
        Operator::Otherwise => return if left == Unknown { right } else { left },
        Operator::In => {
            let List(list) = right else { return Unknown };
            return list
                .iter()
                .fold(Bool(false), |any, other| or(&any, &binary(Operator::Equal, left.clone(), other.clone())));
        }
        _ => {}
    }
    let ordering = match (&left, &right) {
        (Unknown, _) | (_, Unknown) => return Unknown,
        (Number(a), Number(b)) => Some(a.cmp(b)),
        (Instant(a), Instant(b)) | (Duration(a), Duration(b)) => Some(a.cmp(b)),
        (Date(a), Date(b)) => Some(a.cmp(b)),
        (Text(a), Text(b)) => Some(a.cmp(b)),
        (Bool(a), Bool(b)) => Some(a.cmp(b)),
        _ => None,
    };
    let compared = ordering.and_then(|ordering| {
        Some(match operator {
            Operator::Equal => ordering.is_eq(),
            Operator::NotEqual => ordering.is_ne(),
            Operator::Less => ordering.is_lt(),
            Operator::LessOrEqual => ordering.is_le(),
            Operator::Greater => ordering.is_gt(),
            Operator::GreaterOrEqual => ordering.is_ge(),
            _ => return None,
        })
    });
    if let Some(compared) = compared {
        return Bool(compared);
    }
    match (operator, left, right) {
        (Operator::Add, Number(a), Number(b)) => a.checked_add(b).map_or(Unknown, Number),
        (Operator::Subtract, Number(a), Number(b)) => a.checked_sub(b).map_or(Unknown, Number),
        (Operator::Multiply, Number(a), Number(b)) => a.checked_mul(b).map_or(Unknown, Number),
        (Operator::Divide, Number(a), Number(b)) => a.checked_div(b).map_or(Unknown, Number),
        (Operator::Remainder, Number(a), Number(b)) => a.checked_rem(b).map_or(Unknown, Number),
        (Operator::Add, Instant(a), Duration(b)) | (Operator::Add, Duration(a), Instant(b)) => Instant(a + b),
        (Operator::Subtract, Instant(a), Duration(b)) => Instant(a - b),
        (Operator::Subtract, Instant(a), Instant(b)) => Duration(a - b),
        (Operator::Add, Duration(a), Duration(b)) => Duration(a + b),
        (Operator::Subtract, Duration(a), Duration(b)) => Duration(a - b),
        (operator, a, b) => panic!("{operator:?} of {a:?} and {b:?} is not generated"),
    }
}
