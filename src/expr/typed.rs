//! An expression after checking: typed, its names resolved, its parameters inlined. Only [`check`](super::check) makes
//! these, so what is here can be evaluated without asking about types again.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::mentions::Word;
use crate::facts::{EnumId, FactId, RecordId, SymbolSet};
use crate::value::Value;

/// Something true, false or unknown.
#[derive(Debug, Clone, PartialEq)]
pub enum Cond {
    Const(bool),
    /// A boolean fact, table output or function result.
    Is(Box<Term>),
    Known(Box<Term>),
    Not(Box<Cond>),
    All(Box<[Cond]>),
    Any(Box<[Cond]>),
    If(Box<Cond>, Box<Cond>, Box<Cond>),
    /// An enumerated value is one of some.
    OneOf(Box<Term>, SymbolSet),
    /// Two values of one enumeration are the same.
    SameSymbol(Box<Term>, Box<Term>),
    /// Two truth values are the same.
    SameTruth(Box<Cond>, Box<Cond>),
    /// Numbers with numbers, or money with money.
    Decimal(Comparison, Box<Term>, Box<Term>),
    /// Instants with instants or durations with durations; `slope` is how fast left − right grows with the clock.
    Time {
        comparison: Comparison,
        left: Box<Term>,
        right: Box<Term>,
        slope: i8,
    },
    Date(Comparison, Box<Term>, Box<Term>),
    SameText(Box<Term>, Box<Term>),
    Text(TextTest, Box<Term>, Box<Term>),
    /// One of the texts has one of the words in it, however spaced or full-width (LA-13).
    Mentions {
        texts: Box<Term>,
        words: Box<Term>,
        /// The words made ready, where they are the same for every case.
        ready: Option<Box<[Option<Word>]>>,
    },
    /// The element is in the list.
    Member {
        element: Box<Term>,
        list: Box<Term>,
    },
    /// `any`, `all` over a list; the body sees the element as its innermost local.
    Quantified(Quantifier, Box<Term>, Box<Cond>),
    /// The desk of the calendar is open now.
    DeskOpen(usize),
    WorkingDay(usize, Box<Term>),
}

/// Something with a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    Const(Value),
    Fact(FactId),
    /// The element of the n-th enclosing list, counted from the innermost, or another local value.
    Local(u16),
    Field(Box<Term>, RecordId, u16),
    /// One side of a pair, 0 or 1.
    Side(Box<Term>, u16),
    /// The value of a map under a computed key.
    Lookup(Box<Term>, Box<Term>),
    /// The element of a list at a position, counted from 0.
    At(Box<Term>, Box<Term>),
    Cond(Box<Cond>),
    If(Box<Cond>, Box<Term>, Box<Term>),
    Otherwise(Box<Term>, Box<Term>),
    Arithmetic {
        operation: Arithmetic,
        left: Box<Term>,
        right: Box<Term>,
        money: bool,
    },
    Negate(Box<Term>),
    /// Instant ± duration, instant − instant, duration ± duration.
    TimeSum {
        left: Box<Term>,
        right: Box<Term>,
        subtract: bool,
        result: TimeResult,
    },
    /// A number of units (nanoseconds each) as a duration.
    Units(Box<Term>, i64),
    Now,
    /// The civil date of now.
    Today,
    List(Box<[Term]>),
    Count(Box<Term>, Option<Box<Cond>>),
    Aggregate {
        aggregate: Aggregate,
        list: Box<Term>,
        body: Option<Box<Term>>,
        money: bool,
    },
    /// The first element for which the condition holds.
    Find(Box<Term>, Box<Cond>),
    /// The elements for which the condition holds.
    Filter(Box<Term>, Box<Cond>),
    /// Two lists paired by position; what has no partner is paired with something unknown.
    Zip(Box<Term>, Box<Term>),
    /// The least or greatest of some values of one type.
    Extreme {
        least: bool,
        terms: Box<[Term]>,
    },
    Round {
        term: Box<Term>,
        digits: u32,
        rounding: Rounding,
    },
    /// The nearest multiple of `unit`, in the declared way.
    RoundTo {
        term: Box<Term>,
        unit: Decimal,
        rounding: Rounding,
    },
    Absolute(Box<Term>),
    DateOf(Box<Term>),
    /// 00:00 of a date, in the bundle's zone.
    StartOfDay(Box<Term>),
    /// A date so many days or months later; a day that its month does not have becomes the month's last.
    DateAfter {
        date: Box<Term>,
        count: Box<Term>,
        unit: DateUnit,
    },
    /// How many days the second date is after the first.
    DaysBetween(Box<Term>, Box<Term>),
    /// The end of the n-th working day after the day of an instant.
    WorkingDaysAfter {
        calendar: usize,
        start: Box<Term>,
        days: Box<Term>,
    },
    /// So much desk time after an instant.
    BusinessTimeAfter {
        calendar: usize,
        start: Box<Term>,
        length: Box<Term>,
    },
    /// What a calendar says of an instant; `moves` where that instant moves with the clock.
    AtDesk {
        calendar: usize,
        asked: DeskTime,
        at: Box<Term>,
        moves: bool,
    },
    Script {
        function: usize,
        arguments: Box<[Term]>,
        money: bool,
    },
    /// One output of a decision table.
    Table {
        table: usize,
        output: u16,
    },
    Length(Box<Term>),
    /// Texts one after the other.
    Joined(Box<Term>, Box<Term>),
    /// A text in one case and width.
    Folded(Box<Term>),
    /// An enumerated value, a record or a list of such, as texts and maps.
    Plain(Box<Term>, Shape),
}

/// How a value becomes one that explains itself, without a schema: what scripts are given.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    AsItIs,
    /// The name of a member.
    Member(EnumId),
    /// A map with these fields of the record; unknown if one of them is.
    Record(Box<[ShapeField]>),
    Each(Box<Shape>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct ShapeField {
    pub name: Arc<str>,
    pub record: RecordId,
    pub field: u16,
    pub shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateUnit {
    Days,
    Months,
}

/// What may be asked of a calendar about an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeskTime {
    /// When the desk opens next.
    NextOpening,
    /// When it closes next.
    NextClosing,
    /// Which shift is on duty.
    Shift,
    /// When the next shift begins.
    NextShift,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// The same comparison with its sides exchanged.
    #[must_use]
    pub fn flipped(self) -> Self {
        match self {
            Comparison::Equal | Comparison::NotEqual => self,
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        }
    }

    pub fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Comparison::Equal => ordering.is_eq(),
            Comparison::NotEqual => ordering.is_ne(),
            Comparison::Less => ordering.is_lt(),
            Comparison::LessOrEqual => ordering.is_le(),
            Comparison::Greater => ordering.is_gt(),
            Comparison::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantifier {
    Any,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeResult {
    Instant,
    Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aggregate {
    Sum,
    Least,
    Greatest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rounding {
    Down,
    HalfUp,
    HalfEven,
}
