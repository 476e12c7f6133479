//! A reference that is slow and plain: it walks the expression as written, knows no types, and never stops early. What
//! it does not know it has no opinion on.

use std::cell::Cell;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use redress::expr::syntax::{Kind, Operator, Syntax};
use redress::facts::{Field, Type};
use redress::policy::Bundle;
use redress::value::Value;
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

/// What the expression is worth; `None` where the reference has no opinion.
pub fn value(syntax: &Syntax, names: &Names, now: i64) -> Option<Known> {
    let naive = Naive { now, strayed: Cell::new(false) };
    let value = naive.value(syntax, names);
    (!naive.strayed.get()).then(|| normal(value))
}

fn normal(value: Known) -> Known {
    match value {
        Number(number) => Number(number.normalize()),
        List(list) => List(list.into_iter().map(normal).collect()),
        other => other,
    }
}

/// A native value as the references give it: enumerated values by name, money as a number.
pub fn plain(bundle: &Bundle, ty: &Type, value: &Value) -> Known {
    match (value, ty) {
        (Value::Unknown, _) => Unknown,
        (Value::Bool(value), _) => Bool(*value),
        (Value::Number(value) | Value::Money(value), _) => Number(value.normalize()),
        (Value::Text(text), _) => Text(text.to_string()),
        (Value::Symbol(symbol), Type::Enum(id)) => {
            Text(bundle.schema().enumeration(*id).unwrap().id_of(*symbol).to_owned())
        }
        (Value::Instant(at), _) => Instant(at.0),
        (Value::Duration(length), _) => Duration(length.0),
        (Value::Date(date), _) => Date(*date),
        (Value::List(list), Type::List(of)) => List(list.iter().map(|value| plain(bundle, of, value)).collect()),
        (Value::Record(fields), Type::Record(id)) => {
            let record = bundle.schema().record(*id).unwrap();
            let field = |(field, value): (&Field, &Value)| (field.name.to_string(), plain(bundle, &field.ty, value));
            Record(record.fields.iter().zip(fields.iter()).map(field).collect())
        }
        (Value::Symbol(_) | Value::List(_) | Value::Record(_) | Value::Map(_), _) => panic!("{value:?} is no {ty:?}"),
    }
}

struct Naive {
    now: i64,
    /// Something came up that it knows nothing of.
    strayed: Cell<bool>,
}

impl Naive {
    fn stray(&self) -> Known {
        self.strayed.set(true);
        Unknown
    }

    fn value(&self, syntax: &Syntax, names: &Names) -> Known {
        let of = |syntax: &Syntax| self.value(syntax, names);
        match &syntax.kind {
            Kind::Bool(value) => Bool(*value),
            Kind::Number(value) => Number(*value),
            Kind::Text(text) => Text(text.clone()),
            Kind::Name(name) if name == "now" => Instant(self.now),
            Kind::Name(name) => names.get(name).cloned().unwrap_or_else(|| self.stray()),
            Kind::Field(base, field) => match of(base) {
                Record(fields) => fields.get(field).cloned().unwrap_or_else(|| self.stray()),
                Unknown => Unknown,
                _ => self.stray(),
            },
            Kind::Not(inner) => match of(inner) {
                Bool(value) => Bool(!value),
                _ => Unknown,
            },
            Kind::Negate(inner) => match of(inner) {
                Number(value) => Number(-value),
                _ => Unknown,
            },
            Kind::Binary(operator, left, right) => {
                binary(*operator, of(left), of(right)).unwrap_or_else(|| self.stray())
            }
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
            Kind::Parameter(_) | Kind::Index(..) => self.stray(),
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
            return over(name, &elements, &bodies).unwrap_or_else(|| self.stray());
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
                let nanos = count.checked_mul(Decimal::from(3_600_000_000_000_i64)).filter(Decimal::is_integer);
                nanos.and_then(|nanos| i64::try_from(nanos).ok()).map_or_else(|| self.stray(), Duration)
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
            ("percent", [Number(percent), Number(of)]) => {
                let product = of.checked_mul(*percent).and_then(|product| product.checked_div(Decimal::ONE_HUNDRED));
                product.map_or_else(|| self.stray(), Number)
            }
            ("min", [Number(a), Number(b)]) => Number(*a.min(b)),
            ("max", [Number(a), Number(b)]) => Number(*a.max(b)),
            ("round_down", [Number(value), Number(digits)]) => {
                self.rounded(value, digits, RoundingStrategy::ToNegativeInfinity)
            }
            ("round_half_up", [Number(value), Number(digits)]) => {
                self.rounded(value, digits, RoundingStrategy::MidpointAwayFromZero)
            }
            ("round_half_even", [Number(value), Number(digits)]) => {
                self.rounded(value, digits, RoundingStrategy::MidpointNearestEven)
            }
            _ => self.stray(),
        }
    }

    fn rounded(&self, value: &Decimal, digits: &Decimal, strategy: RoundingStrategy) -> Known {
        let digits = Some(*digits).filter(Decimal::is_integer).and_then(|digits| u32::try_from(digits).ok());
        digits.map_or_else(|| self.stray(), |digits| Number(value.round_dp_with_strategy(digits, strategy)))
    }
}

fn over(name: &str, elements: &[Known], bodies: &[Known]) -> Option<Known> {
    Some(match name {
        "any" => bodies.iter().fold(Bool(false), |any, body| or(&any, body)),
        "none" => match bodies.iter().fold(Bool(false), |any, body| or(&any, body)) {
            Bool(any) => Bool(!any),
            _ => Unknown,
        },
        "all" => bodies.iter().fold(Bool(true), |all, body| and(&all, body)),
        "count" if bodies.contains(&Unknown) => Unknown,
        "count" => Number(Decimal::from(bodies.iter().filter(|body| **body == Bool(true)).count())),
        "sum" => {
            let mut sum = Decimal::ZERO;
            for body in bodies {
                match body {
                    Number(next) => sum = sum.checked_add(*next)?,
                    Unknown => return Some(Unknown),
                    _ => return None,
                }
            }
            Number(sum)
        }
        "find" => {
            for (element, body) in elements.iter().zip(bodies) {
                match body {
                    Bool(true) => return Some(element.clone()),
                    Bool(false) => {}
                    _ => return Some(Unknown),
                }
            }
            Unknown
        }
        _ => return None,
    })
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

/// `None` where the reference has no opinion.
fn binary(operator: Operator, left: Known, right: Known) -> Option<Known> {
    match operator {
        Operator::And => return Some(and(&left, &right)),
        Operator::Or => return Some(or(&left, &right)),
        Operator::Otherwise => return Some(if left == Unknown { right } else { left }),
        Operator::In => {
            let list = match right {
                List(list) => list,
                Unknown => return Some(Unknown),
                _ => return None,
            };
            let mut any = Bool(false);
            for other in list {
                any = or(&any, &binary(Operator::Equal, left.clone(), other)?);
            }
            return Some(any);
        }
        _ => {}
    }
    let ordering = match (&left, &right) {
        (Unknown, _) | (_, Unknown) => return Some(Unknown),
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
        return Some(Bool(compared));
    }
    match (operator, left, right) {
        (Operator::Add, Number(a), Number(b)) => a.checked_add(b).map(Number),
        (Operator::Subtract, Number(a), Number(b)) => a.checked_sub(b).map(Number),
        (Operator::Multiply, Number(a), Number(b)) => a.checked_mul(b).map(Number),
        (Operator::Divide, Number(a), Number(b)) => Some(a.checked_div(b).map_or(Unknown, Number)),
        (Operator::Remainder, Number(a), Number(b)) => Some(a.checked_rem(b).map_or(Unknown, Number)),
        (Operator::Add, Instant(a), Duration(b)) | (Operator::Add, Duration(a), Instant(b)) => {
            a.checked_add(b).map(Instant)
        }
        (Operator::Subtract, Instant(a), Duration(b)) => a.checked_sub(b).map(Instant),
        (Operator::Subtract, Instant(a), Instant(b)) => a.checked_sub(b).map(Duration),
        (Operator::Add, Duration(a), Duration(b)) => a.checked_add(b).map(Duration),
        (Operator::Subtract, Duration(a), Duration(b)) => a.checked_sub(b).map(Duration),
        _ => None,
    }
}
