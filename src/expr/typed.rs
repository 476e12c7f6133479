//! An expression after checking: typed, its names resolved, its parameters inlined. Only [`check`](super::check) makes
//! these, so what is here can be evaluated without asking about types again.

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
    /// The value of a map under a computed key.
    Lookup(Box<Term>, Box<Term>),
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
    Absolute(Box<Term>),
    DateOf(Box<Term>),
    /// 00:00 of a date, in the bundle's zone.
    StartOfDay(Box<Term>),
    /// A date so many days later.
    DayAfter(Box<Term>, i64),
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
    /// An enumerated value, or a list of them, as the text that scripts see.
    SymbolText(Box<Term>, EnumId),
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
