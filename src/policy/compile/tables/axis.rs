//! An input of a table, cut into pieces that none of its cells tells apart, each with a value that stands for it.

use chrono::{Datelike as _, NaiveDate};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::domain::{Domain, Known};
use super::reading;
use crate::both;
use crate::expr::check::Typed;
use crate::expr::eval::Pieces;
use crate::expr::typed::{Cond, Term};
use crate::facts::{EnumId, Schema, Type};
use crate::text::Bilingual;
use crate::value::{Duration, Instant, SECOND, Symbol, Value};

/// One input with its pieces.
#[derive(Debug)]
pub struct Axis {
    /// The input as its author wrote it.
    pub name: String,
    pub input: Term,
    pub pieces: Vec<Piece>,
    pub enumeration: Option<EnumId>,
}

/// Some values of an input, by one of them.
#[derive(Debug)]
pub struct Piece {
    /// `None` where nothing is known of the values.
    pub value: Option<Value>,
    pub words: Bilingual,
}

/// What a row's cell says of an axis.
#[derive(Debug)]
pub struct CellFit {
    /// The pieces that it fits, or may fit if it is opaque.
    pub pieces: Pieces,
    pub opaque: bool,
}

impl Axis {
    /// Cuts `input` at every constant that one of `cells` compares it with.
    pub fn new(name: &str, input: &Typed, cells: &[&Cond], known: Known<'_>) -> Self {
        let mut constants = Vec::new();
        for cell in cells {
            let mut of_cell = Vec::new();
            if reading::constants(cell, &input.term, &mut of_cell).is_some() {
                constants.append(&mut of_cell);
            }
        }
        let mut pieces = match &input.ty {
            Type::Bool => [true, false].map(|value| piece(Value::Bool(value), input, known.schema)).into(),
            Type::Enum(of) => members(*of, known.schema),
            Type::Text => texts(constants),
            Type::Number | Type::Money | Type::Instant | Type::Duration | Type::Date => {
                let points = scale(&constants, known.domain(&input.term, &input.ty), &input.ty);
                points
                    .into_iter()
                    .filter_map(|point| off_scale(point, &input.ty))
                    .map(|value| piece(value, input, known.schema))
                    .collect()
            }
            Type::Record(_) | Type::List(_) | Type::Map(_) | Type::Pair(_) => Vec::new(),
        };
        if pieces.is_empty() {
            pieces.push(Piece { value: None, words: both!("任意值", "anything") });
        }
        let enumeration = if let Type::Enum(of) = input.ty { Some(of) } else { None };
        Self { name: name.to_owned(), input: input.term.clone(), pieces, enumeration }
    }

    pub fn fit(&self, cell: &Cond, input: &Typed) -> CellFit {
        let opaque = reading::constants(cell, &input.term, &mut Vec::new()).is_none();
        let fits = |piece: &Piece| match &piece.value {
            Some(value) if !opaque => reading::fits(cell, &input.term, value),
            _ => true,
        };
        let unknowable = self.pieces.iter().any(|piece| piece.value.is_none()) && *cell != Cond::Const(true);
        CellFit { pieces: Pieces::of(self.pieces.iter().map(fits)), opaque: opaque || unknowable }
    }
}

fn piece(value: Value, input: &Typed, schema: &Schema) -> Piece {
    let text = match (&value, &input.ty) {
        (Value::Bool(value), _) => value.to_string(),
        (Value::Number(value), _) => value.normalize().to_string(),
        (Value::Money(value), _) if value.normalize().scale() <= 2 => format!("{value:.2}"),
        (Value::Money(value), _) => value.normalize().to_string(),
        (Value::Symbol(symbol), Type::Enum(of)) => {
            schema.enumeration(*of).map_or_else(String::new, |of| of.id_of(*symbol).to_owned())
        }
        (Value::Date(day), _) => day.to_string(),
        (Value::Instant(Instant(nanos)), _) => {
            chrono::DateTime::from_timestamp_nanos(*nanos).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
        }
        (Value::Duration(length), _) => length_in_words(*length),
        (Value::Text(text), _) => format!("\"{text}\""),
        _ => String::new(),
    };
    Piece { value: Some(value), words: Bilingual::new(text.clone(), text) }
}

/// `48h`, `1h30m`, `48h0.001s`.
fn length_in_words(Duration(nanos): Duration) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let mut rest = Decimal::from(nanos.unsigned_abs());
    let mut words = String::new();
    for (unit, seconds) in [("h", 3_600_i64), ("m", 60)] {
        let size = Decimal::from(seconds.saturating_mul(SECOND));
        let count = rest.checked_div(size).unwrap_or_default().trunc();
        rest = rest.checked_rem(size).unwrap_or_default();
        if !count.is_zero() {
            words = format!("{words}{count}{unit}");
        }
    }
    let seconds = rest.checked_div(Decimal::from(SECOND)).unwrap_or_default().normalize();
    if words.is_empty() || !seconds.is_zero() {
        words = format!("{words}{seconds}s");
    }
    format!("{sign}{words}")
}

fn members(of: EnumId, schema: &Schema) -> Vec<Piece> {
    let Some(enumeration) = schema.enumeration(of) else { return Vec::new() };
    let pieces = (0..).map(Symbol).zip(&enumeration.members).map(|(symbol, member)| {
        let words = Bilingual::new(&*member.id, &*member.id);
        Piece { value: Some(Value::Symbol(symbol)), words }
    });
    pieces.collect()
}

/// The texts that cells name, and one that none does.
fn texts(constants: Vec<Value>) -> Vec<Piece> {
    let mut named: Vec<_> = constants
        .into_iter()
        .filter_map(|value| if let Value::Text(text) = value { Some(text) } else { None })
        .collect();
    named.sort();
    named.dedup();
    let mut other = String::from("…");
    while named.iter().any(|text| **text == *other) {
        other.push('…');
    }
    let other = Piece { value: Some(Value::Text(other.into())), words: both!("其他文本", "any other text") };
    let pieces = named.into_iter().map(|text| {
        let words = format!("\"{text}\"");
        Piece { value: Some(Value::Text(text)), words: Bilingual::new(words.clone(), words) }
    });
    pieces.chain([other]).collect()
}

/// One value for each constant and for each stretch between, below and above them, where the domain has one.
fn scale(constants: &[Value], domain: Domain, ty: &Type) -> Vec<Decimal> {
    let mut points: Vec<Decimal> = constants.iter().filter_map(on_scale).collect();
    points.sort();
    points.dedup();
    points.retain(|point| domain.least.is_none_or(|least| least <= *point));
    let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else {
        return vec![domain.least.unwrap_or_default()];
    };
    let usual = domain.step.unwrap_or_else(|| usual_step(ty));
    let mut found = Vec::new();
    found.extend(below(first, usual, domain));
    for (at, point) in points.iter().enumerate() {
        let on_grid = domain.step.is_none_or(|step| point.checked_rem(step).is_some_and(|rest| rest.is_zero()));
        found.extend(on_grid.then_some(*point));
        if let Some(next) = at.checked_add(1).and_then(|next| points.get(next)) {
            found.extend(between(*point, *next, usual, domain));
        }
    }
    found.extend(after(last, usual));
    found
}

/// What people would name as a little more.
fn usual_step(ty: &Type) -> Decimal {
    match ty {
        Type::Money => Decimal::new(1, 2),
        Type::Instant | Type::Duration => Decimal::from(SECOND),
        Type::Number
        | Type::Date
        | Type::Bool
        | Type::Text
        | Type::Enum(_)
        | Type::Record(_)
        | Type::List(_)
        | Type::Map(_)
        | Type::Pair(_) => Decimal::ONE,
    }
}

/// The next multiple of `step` above a point.
fn after(point: Decimal, step: Decimal) -> Option<Decimal> {
    let rest = point.checked_rem(step)?;
    let floor = point.checked_sub(rest)?;
    let floor = if rest.is_sign_negative() && !rest.is_zero() { floor.checked_sub(step)? } else { floor };
    floor.checked_add(step)
}

fn below(point: Decimal, step: Decimal, domain: Domain) -> Option<Decimal> {
    let rest = point.checked_rem(step)?;
    let floor = if rest.is_zero() { point.checked_sub(step)? } else { after(point, step)?.checked_sub(step)? };
    match domain.least {
        Some(least) if floor < least => (domain.step.is_none() && least < point).then_some(least),
        _ => Some(floor),
    }
}

fn between(low: Decimal, high: Decimal, usual: Decimal, domain: Domain) -> Option<Decimal> {
    let next = after(low, usual).filter(|next| *next < high);
    if next.is_some() || domain.step.is_some() {
        return next;
    }
    low.checked_add(high)?.checked_div(Decimal::TWO).filter(|middle| low < *middle && *middle < high)
}

/// An ordered value as a number: amounts as they are, times in nanoseconds, dates in days.
pub fn on_scale(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(value) | Value::Money(value) => Some(*value),
        Value::Instant(Instant(nanos)) | Value::Duration(Duration(nanos)) => Some(Decimal::from(*nanos)),
        Value::Date(day) => Some(Decimal::from(day.num_days_from_ce())),
        Value::Unknown
        | Value::Bool(_)
        | Value::Text(_)
        | Value::Symbol(_)
        | Value::List(_)
        | Value::Record(_)
        | Value::Map(_) => None,
    }
}

fn off_scale(number: Decimal, ty: &Type) -> Option<Value> {
    match ty {
        Type::Number => Some(Value::Number(number)),
        Type::Money => Some(Value::Money(number)),
        Type::Instant => number.to_i64().map(|nanos| Value::Instant(Instant(nanos))),
        Type::Duration => number.to_i64().map(|nanos| Value::Duration(Duration(nanos))),
        Type::Date => NaiveDate::from_num_days_from_ce_opt(number.to_i32()?).map(Value::Date),
        Type::Bool | Type::Text | Type::Enum(_) | Type::Record(_) | Type::List(_) | Type::Map(_) | Type::Pair(_) => {
            None
        }
    }
}
