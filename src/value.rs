//! Values of facts and expressions: exact, typed, and possibly unknown.
//!
//! Knows nothing of policies, wire or scripts. Money and numbers are exact decimals; instants and durations are whole
//! nanoseconds. There is no float anywhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

mod units;

pub use units::{SMALLEST_UNIT_DIGITS, Units};

/// Nanoseconds in a second.
pub const SECOND: i64 = 1_000_000_000;

/// A point in time: nanoseconds since 1970-01-01T00:00:00Z. The edge admits 1990 to 2200 only, so that sums of an
/// instant and a policy's durations stay far from overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

/// An elapsed time in nanoseconds; may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub i64);

/// A member of an enumeration, by its position in the [`EnumType`](crate::facts::EnumType).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(pub u16);

/// What a fact or an expression is worth.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Not known: the front end did not say, or it follows from something it did not say.
    #[default]
    Unknown,
    Bool(bool),
    /// A plain number: a count, a percentage, a ratio.
    Number(Decimal),
    /// An amount in the bundle's currency, in its major unit (yuan).
    Money(Decimal),
    Text(Arc<str>),
    Symbol(Symbol),
    Instant(Instant),
    /// A civil date in the bundle's zone.
    Date(NaiveDate),
    Duration(Duration),
    List(Arc<[Value]>),
    /// The fields of a record, in the order of its type.
    Record(Arc<[Value]>),
    Map(Arc<BTreeMap<Arc<str>, Value>>),
}

impl Value {
    pub fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown)
    }

    /// Its number or amount, if that is what it is.
    pub fn decimal(&self) -> Option<&Decimal> {
        if let Value::Number(value) | Value::Money(value) = self { Some(value) } else { None }
    }
}

/// Kleene's third truth value beside the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    False,
    Unknown,
    True,
}

impl Truth {
    /// False if either is false, true if both are, unknown otherwise.
    #[must_use]
    pub fn and(self, other: Truth) -> Truth {
        self.min(other)
    }

    /// True if either is true, false if both are false, unknown otherwise.
    #[must_use]
    pub fn or(self, other: Truth) -> Truth {
        self.max(other)
    }

    pub fn is_true(self) -> bool {
        self == Truth::True
    }

    pub fn is_false(self) -> bool {
        self == Truth::False
    }
}

impl std::ops::Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        match self {
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
            Truth::True => Truth::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Truth {
        if value { Truth::True } else { Truth::False }
    }
}

impl From<Truth> for Value {
    fn from(truth: Truth) -> Value {
        match truth {
            Truth::False => Value::Bool(false),
            Truth::Unknown => Value::Unknown,
            Truth::True => Value::Bool(true),
        }
    }
}
