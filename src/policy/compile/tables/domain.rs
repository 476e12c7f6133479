//! Which numbers, amounts, times and days a column's input can come to: from where on, and in which steps. What is
//! not known of an input is left open, so that a gap is never claimed where no value lies only for lack of a row, and
//! none overlooked.

use rust_decimal::Decimal;

use crate::expr::eval::Derived;
use crate::expr::typed::{Aggregate, Arithmetic, Term};
use crate::facts::{BUILT_IN, FactId, Origin, RECORDS, RecordId, Schema, StaticType, Type};
use crate::value::Value;

/// Derived facts are followed this far.
const DEPTH_MAX: usize = 8;

/// The values that an input can have, on the scale of [`on_scale`](super::axis::on_scale).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Domain {
    pub least: Option<Decimal>,
    /// Values lie at whole multiples of this.
    pub step: Option<Decimal>,
}

impl Domain {
    const COUNT: Domain = Domain { least: Some(Decimal::ZERO), step: Some(Decimal::ONE) };
    /// What a front end may send: no amount below zero, none finer than a hundredth.
    const AMOUNT: Domain = Domain { least: Some(Decimal::ZERO), step: Some(Decimal::from_parts(1, 0, 0, false, 2)) };
    const POSITIVE: Domain = Domain { least: Some(Decimal::ZERO), step: None };
    const DAYS: Domain = Domain { least: None, step: Some(Decimal::ONE) };

    fn either(self, other: Domain) -> Domain {
        Domain { least: both(self.least, other.least).map(|(a, b)| a.min(b)), step: common_step(self.step, other.step) }
    }

    fn not_below_zero(self) -> bool {
        self.least.is_some_and(|least| !least.is_sign_negative())
    }
}

fn both<T>(a: Option<T>, b: Option<T>) -> Option<(T, T)> {
    a.zip(b)
}

/// The finer step, if the other is a multiple of it.
fn common_step(a: Option<Decimal>, b: Option<Decimal>) -> Option<Decimal> {
    let (a, b) = both(a, b)?;
    let (fine, coarse) = (a.min(b), a.max(b));
    coarse.checked_rem(fine)?.is_zero().then_some(fine)
}

/// What is known of all the facts.
#[derive(Debug, Clone, Copy)]
pub struct Known<'k> {
    pub schema: &'k Schema,
    pub definitions: &'k [Option<Derived>],
}

impl Known<'_> {
    pub fn domain(self, term: &Term, ty: &Type) -> Domain {
        if *ty == Type::Date { Domain::DAYS } else { self.of(term, 0) }
    }

    fn of(self, term: &Term, depth: usize) -> Domain {
        if depth > DEPTH_MAX {
            return Domain::default();
        }
        let inner = |term: &Term| self.of(term, depth.saturating_add(1));
        match term {
            Term::Const(value) => of_constant(value),
            Term::Fact(fact) => self.of_fact(*fact, depth),
            Term::Field(_, record, field) => self.of_field(*record, *field),
            Term::Count(..) | Term::Length(_) => Domain::COUNT,
            Term::Round { term, digits, .. } => {
                let step = Decimal::try_new(1, *digits).ok();
                Domain { step, least: Some(Decimal::ZERO).filter(|_| inner(term).not_below_zero()) }
            }
            Term::RoundTo { term, unit, .. } => {
                Domain { step: Some(*unit), least: Some(Decimal::ZERO).filter(|_| inner(term).not_below_zero()) }
            }
            Term::DaysBetween(..) => Domain { least: None, step: Some(Decimal::ONE) },
            Term::Absolute(term) => Domain { least: Some(Decimal::ZERO), ..inner(term) },
            Term::Aggregate { aggregate, list, body, .. } => {
                let each = body.as_deref().map_or_else(|| self.of_elements(list), inner);
                match aggregate {
                    Aggregate::Sum => {
                        Domain { least: Some(Decimal::ZERO).filter(|_| each.not_below_zero()), step: each.step }
                    }
                    Aggregate::Least | Aggregate::Greatest => each,
                }
            }
            Term::Arithmetic { operation, left, right, .. } => of_arithmetic(*operation, inner(left), inner(right)),
            Term::If(_, one, other) | Term::Otherwise(one, other) => inner(one).either(inner(other)),
            Term::Extreme { terms, .. } => terms.iter().map(inner).reduce(Domain::either).unwrap_or_default(),
            Term::Local(_)
            | Term::Side(..)
            | Term::Lookup(..)
            | Term::At(..)
            | Term::Cond(_)
            | Term::Negate(_)
            | Term::TimeSum { .. }
            | Term::Units(..)
            | Term::Now
            | Term::Today
            | Term::List(_)
            | Term::Find(..)
            | Term::Filter(..)
            | Term::Zip(..)
            | Term::DateOf(_)
            | Term::StartOfDay(_)
            | Term::DateAfter { .. }
            | Term::WorkingDaysAfter { .. }
            | Term::BusinessTimeAfter { .. }
            | Term::AtDesk { .. }
            | Term::Script { .. }
            | Term::Table { .. }
            | Term::Joined(..)
            | Term::Folded(_)
            | Term::Plain(..) => Domain::default(),
        }
    }

    fn of_fact(self, fact: FactId, depth: usize) -> Domain {
        if let Some(built_in) = BUILT_IN.get(usize::from(fact.0)) {
            return of_built_in(built_in.ty);
        }
        match self.schema.fact(fact) {
            Some(of) if of.origin == Origin::Attribute => of_attribute(&of.ty),
            Some(_) => {
                let derived = usize::from(fact.0).checked_sub(self.schema.stated());
                let definition = derived.and_then(|at| self.definitions.get(at)?.as_ref());
                definition.map_or_else(Domain::default, |derived| self.of(&derived.term, depth.saturating_add(1)))
            }
            None => Domain::default(),
        }
    }

    fn of_field(self, record: RecordId, field: u16) -> Domain {
        if let Some(of) = RECORDS.get(usize::from(record.0)) {
            return of.fields.get(usize::from(field)).map_or_else(Domain::default, |field| of_built_in(field.ty));
        }
        let field = self.schema.record(record).and_then(|of| of.fields.get(usize::from(field)));
        field.map_or_else(Domain::default, |field| of_attribute(&field.ty))
    }

    /// The elements of a list that is sent as a fact.
    fn of_elements(self, list: &Term) -> Domain {
        let Term::Fact(fact) = list else { return Domain::default() };
        let sent = self.schema.fact(*fact).filter(|of| of.origin != Origin::Derived);
        match sent.map(|of| &of.ty) {
            Some(Type::List(of)) => of_attribute(of),
            _ => Domain::default(),
        }
    }
}

fn of_built_in(ty: StaticType) -> Domain {
    match ty {
        StaticType::Count => Domain::COUNT,
        StaticType::Money => Domain::AMOUNT,
        StaticType::Number | StaticType::Duration => Domain::POSITIVE,
        StaticType::Bool
        | StaticType::Text
        | StaticType::Instant
        | StaticType::Date
        | StaticType::Enum(_)
        | StaticType::Record(_)
        | StaticType::List(_)
        | StaticType::Map(_) => Domain::default(),
    }
}

/// Numbers of the shop's own may be negative; amounts and lengths of time may not.
fn of_attribute(ty: &Type) -> Domain {
    match ty {
        Type::Money => Domain::AMOUNT,
        Type::Duration => Domain::POSITIVE,
        Type::Bool
        | Type::Number
        | Type::Text
        | Type::Instant
        | Type::Date
        | Type::Enum(_)
        | Type::Record(_)
        | Type::List(_)
        | Type::Map(_)
        | Type::Pair(_) => Domain::default(),
    }
}

fn of_constant(value: &Value) -> Domain {
    let (Value::Number(value) | Value::Money(value)) = value else { return Domain::default() };
    Domain { least: Some(*value), step: Decimal::try_new(1, value.normalize().scale()).ok() }
}

fn of_arithmetic(operation: Arithmetic, left: Domain, right: Domain) -> Domain {
    let not_negative = left.not_below_zero() && right.not_below_zero();
    match operation {
        Arithmetic::Add => Domain {
            least: both(left.least, right.least).and_then(|(a, b)| a.checked_add(b)),
            step: common_step(left.step, right.step),
        },
        Arithmetic::Subtract => Domain { least: None, step: common_step(left.step, right.step) },
        Arithmetic::Multiply => Domain {
            least: Some(Decimal::ZERO).filter(|_| not_negative),
            step: both(left.step, right.step).and_then(|(a, b)| a.checked_mul(b)),
        },
        Arithmetic::Divide | Arithmetic::Remainder => {
            Domain { least: Some(Decimal::ZERO).filter(|_| not_negative), step: None }
        }
    }
}
