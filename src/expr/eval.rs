//! Evaluation of typed expressions: three-valued, exact, native. No clock, no I/O: time is the environment's `now`.

use std::cell::{Cell, OnceCell, RefCell};
use std::cmp::Ordering;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::index::Index;
use super::mentions::{self, Heard, Word};
use super::typed::{Comparison, Cond, Quantifier, Term, TextTest, TimeResult};
use crate::calendar::Calendar;
use crate::facts::{FactId, Schema, SymbolSet};
use crate::text::{Bilingual, Language};
use crate::value::{Duration, Instant, Symbol, Truth, Value};

mod civil;
mod decimals;
mod lists;
mod scripts;
mod table;
mod terms;

pub use decimals::{order, round, round_to};
pub use lists::compare;
pub(crate) use table::Standing;
pub use table::{Pieces, TableInput};
pub use terms::units;

/// How a derived fact gets its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Derived {
    pub term: Term,
}

/// A decision table, its cells lowered to one condition a row.
#[derive(Debug, Clone)]
pub struct Table {
    pub name: Box<str>,
    pub rows: Box<[TableRow]>,
    pub hit: Hit,
    /// Some row holds whatever the inputs are, as the checker has proved.
    pub exhaustive: bool,
    /// What the cells are about, each input once.
    pub inputs: Box<[TableInput]>,
    /// Finds the rows that can hold.
    pub index: Index,
}

impl Table {
    pub fn new(name: &str, hit: Hit, rows: Box<[TableRow]>, exhaustive: bool, inputs: Box<[TableInput]>) -> Self {
        let pins: Vec<_> = rows.iter().map(|row| row.when.pins()).collect();
        let index = Index::new(&pins);
        Table { name: name.into(), rows, hit, exhaustive, inputs, index }
    }
}

/// Which of the rows that hold give a table its results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hit {
    First,
    /// The only one; two at once are a failure.
    Unique,
    /// Every one, as lists.
    Collect,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TableRow {
    pub when: Cond,
    pub outputs: Box<[Term]>,
    /// Input by input, the pieces that the row's cells fit, or may fit.
    pub cells: Box<[Pieces]>,
    /// Whether that is all that they say.
    pub exact: bool,
}

/// Why a function of a `.rhai` file gave no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptFailure {
    pub function: String,
    pub message: Bilingual,
    /// Position of the script among the sources.
    pub source: u32,
    pub line: usize,
    pub column: usize,
    /// A limit ended the call; it would have taken longer.
    pub stopped: bool,
}

/// Runs the functions of `.rhai` files for expressions that call them.
pub trait Functions: std::fmt::Debug + Send + Sync {
    /// The value of the `function`-th function; no argument is unknown.
    fn call(&self, function: usize, arguments: &[Value]) -> Result<Value, ScriptFailure>;

    /// The failure of a call that is not made, for the reason given.
    fn refuse(&self, function: usize, why: Bilingual) -> ScriptFailure;
}

/// What every evaluation under one bundle shares.
#[derive(Debug)]
pub struct Program {
    pub schema: Schema,
    /// Definitions of the derived facts, which are the schema's last facts.
    pub derived: Vec<Derived>,
    pub tables: Vec<Table>,
    pub calendars: Vec<Calendar>,
    pub zone: chrono_tz::Tz,
    /// The ISO 4217 code of all amounts.
    pub currency: Box<str>,
    /// The engine's language for each of the bundle's locales.
    pub languages: Vec<Language>,
    pub functions: Arc<dyn Functions>,
}

impl Program {
    /// The position in the schema of the first derived fact.
    fn first_derived(&self) -> usize {
        self.schema.facts().len().saturating_sub(self.derived.len())
    }

    /// How `fact` is computed, if it is derived.
    pub fn definition(&self, fact: FactId) -> Option<&Derived> {
        self.derived.get(usize::from(fact.0).checked_sub(self.first_derived())?)
    }
}

/// Something that could not be computed although its facts are known. Its condition is unknown, and the answer says so.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// A function of a `.rhai` file failed or exceeded a limit.
    Script(ScriptFailure),
    /// A result beyond 28 digits, or beyond the calendar of years.
    Overflow,
    /// A division by zero.
    DivisionByZero,
    /// A working-day question outside the years its calendar covers.
    OutsideCalendar { calendar: Box<str> },
    /// A decision table of hit policy `unique` in which two rows hold.
    SeveralRows { table: Box<str> },
    /// A decision table of which no row holds.
    NoRow { table: Box<str> },
}

/// One case under one bundle at one time.
#[derive(Debug)]
pub struct Env<'a> {
    pub program: &'a Program,
    pub now: Instant,
    facts: &'a [Value],
    /// The derived facts that were asked for, in the program's order.
    derived: Box<[OnceCell<Value>]>,
    /// The tables that were asked, in the program's order.
    standings: Box<[OnceCell<Standing>]>,
    horizon: Cell<i64>,
    failures: RefCell<Vec<Failure>>,
    scripts: RefCell<scripts::Failed>,
    /// A bit for each calendar that was asked.
    calendars: Cell<u64>,
    /// A bit for each calendar of which something was told by holidays that are only expected.
    expected: Cell<u64>,
}

impl<'a> Env<'a> {
    /// `facts` in the order of the schema, without the derived ones.
    pub fn new(program: &'a Program, facts: &'a [Value], now: Instant) -> Self {
        Self {
            program,
            now,
            facts,
            derived: program.derived.iter().map(|_| OnceCell::new()).collect(),
            standings: program.tables.iter().map(|_| OnceCell::new()).collect(),
            horizon: Cell::new(i64::MAX),
            failures: RefCell::default(),
            scripts: RefCell::default(),
            calendars: Cell::new(0),
            expected: Cell::new(0),
        }
    }

    /// The value of a fact, computed at most once if it is derived.
    pub fn fact(&self, id: FactId) -> &Value {
        let at = usize::from(id.0);
        if let Some(value) = self.facts.get(at) {
            return value;
        }
        let derived = at.checked_sub(self.facts.len());
        let Some((cell, derived)) = derived.and_then(|at| Some((self.derived.get(at)?, self.program.derived.get(at)?)))
        else {
            return &Value::Unknown;
        };
        cell.get_or_init(|| derived.term.value(Scope::new(self)))
    }

    /// Which rows of the `table`-th table may give its results; found out once.
    pub(crate) fn standing(&self, table: usize) -> Option<&Standing> {
        let (cell, table) = (self.standings.get(table)?, self.program.tables.get(table)?);
        Some(cell.get_or_init(|| table.standing(self)))
    }

    /// When something that was evaluated may next come out differently by the passing of time alone.
    pub fn horizon(&self) -> Option<Instant> {
        Some(self.horizon.get()).filter(|at| *at != i64::MAX).map(Instant)
    }

    /// Something evaluated changes at `at`; ignored if that is past.
    pub fn changes_at(&self, at: Instant) {
        if at > self.now && at.0 < self.horizon.get() {
            self.horizon.set(at.0);
        }
    }

    /// Whether something failed since the failures were last taken.
    pub fn has_failed(&self) -> bool {
        !self.failures.borrow().is_empty()
    }

    /// Records that something could not be computed.
    pub fn report(&self, failure: Failure) {
        self.fail(failure);
    }

    /// Failures since the last call.
    pub fn take_failures(&self) -> Vec<Failure> {
        self.failures.take()
    }

    pub(crate) fn fail(&self, failure: Failure) -> Value {
        self.failures.borrow_mut().push(failure);
        Value::Unknown
    }
}

/// An environment with the local values of the lists being walked, innermost first.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    pub env: &'a Env<'a>,
    locals: Option<&'a Local<'a>>,
}

#[derive(Debug)]
struct Local<'a> {
    value: &'a Value,
    outer: Option<&'a Local<'a>>,
}

impl<'a> Scope<'a> {
    pub fn new(env: &'a Env<'a>) -> Self {
        Scope { env, locals: None }
    }

    /// Evaluates with one more local value in scope.
    pub fn with<R>(self, value: &Value, f: impl FnOnce(Scope<'_>) -> R) -> R {
        let local = Local { value, outer: self.locals };
        f(Scope { env: self.env, locals: Some(&local) })
    }

    fn local(self, depth: u16) -> Option<&'a Value> {
        let mut local = self.locals?;
        for _ in 0..depth {
            local = local.outer?;
        }
        Some(local.value)
    }
}

impl Cond {
    /// Whether it holds, by Kleene's rules.
    pub fn truth(&self, scope: Scope<'_>) -> Truth {
        match self {
            Cond::Const(value) => Truth::from(*value),
            Cond::Is(term) => term.with(scope, truth_of),
            Cond::Known(term) => Truth::from(!term.with(scope, Value::is_unknown)),
            Cond::Not(inner) => !inner.truth(scope),
            Cond::All(parts) => all(parts.iter().map(|part| part.truth(scope))),
            Cond::Any(parts) => any(parts.iter().map(|part| part.truth(scope))),
            Cond::If(condition, then, otherwise) => match condition.truth(scope) {
                Truth::True => then.truth(scope),
                Truth::False => otherwise.truth(scope),
                Truth::Unknown => agreed(then.truth(scope), otherwise.truth(scope)),
            },
            Cond::OneOf(term, set) => one_of(term, set, scope),
            Cond::SameSymbol(left, right) => match (left.symbol(scope), right.symbol(scope)) {
                (Some(left), Some(right)) => Truth::from(left == right),
                _ => Truth::Unknown,
            },
            Cond::SameTruth(left, right) => same_truth(left.truth(scope), right.truth(scope)),
            Cond::Decimal(comparison, left, right) => decimal(*comparison, left, right, scope),
            Cond::Time { comparison, left, right, slope } => time(*comparison, left, right, *slope, scope),
            Cond::Date(comparison, left, right) => both(left, right, scope, |left, right| match (left, right) {
                (Value::Date(left), Value::Date(right)) => Truth::from(comparison.holds(left.cmp(right))),
                _ => Truth::Unknown,
            }),
            Cond::SameText(left, right) => with_texts(left, right, scope, |left, right| left == right),
            Cond::Text(test, text, part) => with_texts(text, part, scope, |text, part| match test {
                TextTest::Contains => text.contains(part),
                TextTest::StartsWith => text.starts_with(part),
                TextTest::EndsWith => text.ends_with(part),
            }),
            Cond::Mentions { texts, words, ready } => texts.with(scope, |texts| match ready {
                Some(ready) => mentioned(texts, ready),
                None => words.with(scope, |words| {
                    mentions::ready(words).map_or(Truth::Unknown, |words| mentioned(texts, &words))
                }),
            }),
            Cond::Member { element, list } => member(element, list, scope),
            Cond::Quantified(quantifier, list, body) => quantified(*quantifier, list, body, scope),
            Cond::DeskOpen(calendar) => civil::desk_open(*calendar, scope.env),
            Cond::WorkingDay(calendar, date) => civil::working_day(*calendar, date, scope),
        }
    }
}

fn truth_of(value: &Value) -> Truth {
    if let Value::Bool(value) = value { Truth::from(*value) } else { Truth::Unknown }
}

/// Kleene's conjunction; stops at the first false.
fn all(parts: impl Iterator<Item = Truth>) -> Truth {
    let mut result = Truth::True;
    for part in parts {
        result = result.and(part);
        if result.is_false() {
            break;
        }
    }
    result
}

/// Kleene's disjunction; stops at the first true.
fn any(parts: impl Iterator<Item = Truth>) -> Truth {
    let mut result = Truth::False;
    for part in parts {
        result = result.or(part);
        if result.is_true() {
            break;
        }
    }
    result
}

/// A field of a record, or a side of a pair.
fn part(record: &Value, at: u16) -> &Value {
    match record {
        Value::Record(parts) => parts.get(usize::from(at)).unwrap_or(&Value::Unknown),
        _ => &Value::Unknown,
    }
}

/// The common value of two branches of which either may be taken.
fn agreed(left: Truth, right: Truth) -> Truth {
    if left == right { left } else { Truth::Unknown }
}

fn same_truth(left: Truth, right: Truth) -> Truth {
    if left == Truth::Unknown || right == Truth::Unknown { Truth::Unknown } else { Truth::from(left == right) }
}

fn one_of(term: &Term, set: &SymbolSet, scope: Scope<'_>) -> Truth {
    term.symbol(scope).map_or(Truth::Unknown, |symbol| Truth::from(set.contains(symbol)))
}

/// Of the values of two terms, neither copied where that need not be.
fn both(left: &Term, right: &Term, scope: Scope<'_>, test: impl FnOnce(&Value, &Value) -> Truth) -> Truth {
    left.with(scope, |left| right.with(scope, |right| test(left, right)))
}

fn with_texts(left: &Term, right: &Term, scope: Scope<'_>, test: impl FnOnce(&str, &str) -> bool) -> Truth {
    both(left, right, scope, |left, right| match (left, right) {
        (Value::Text(left), Value::Text(right)) => Truth::from(test(left, right)),
        _ => Truth::Unknown,
    })
}

fn decimal(comparison: Comparison, left: &Term, right: &Term, scope: Scope<'_>) -> Truth {
    both(left, right, scope, |left, right| match (left.decimal(), right.decimal()) {
        (Some(left), Some(right)) => Truth::from(comparison.holds(order(left, right))),
        _ => Truth::Unknown,
    })
}

fn time(comparison: Comparison, left: &Term, right: &Term, slope: i8, scope: Scope<'_>) -> Truth {
    let (Some(left), Some(right)) = (left.nanos(scope), right.nanos(scope)) else {
        return Truth::Unknown;
    };
    let Some(ahead) = left.checked_sub(right) else {
        scope.env.fail(Failure::Overflow);
        return Truth::Unknown;
    };
    if slope != 0
        && let Some(at) = next_flip(comparison, ahead, slope, scope.env.now)
    {
        scope.env.changes_at(at);
    }
    Truth::from(comparison.holds(ahead.cmp(&0)))
}

/// When a comparison of two times may come out differently, where left is `ahead` of right now and gains (slope 1) or
/// loses (slope −1) with the clock. That is when they become equal, also where it changes only a nanosecond later: a
/// whole second is what people expect to read, and asking then is early enough. Once they are equal, it is that
/// nanosecond.
fn next_flip(comparison: Comparison, ahead: i64, slope: i8, now: Instant) -> Option<Instant> {
    let (before, after) =
        if slope > 0 { (Ordering::Less, Ordering::Greater) } else { (Ordering::Greater, Ordering::Less) };
    let reached = now.0.checked_add(if slope > 0 { ahead.checked_neg()? } else { ahead })?;
    let current = ahead.cmp(&0);
    let holds = comparison.holds(current);
    let changes = |to: Ordering| comparison.holds(to) != holds;
    if current == before && (changes(Ordering::Equal) || changes(after)) {
        return Some(Instant(reached));
    }
    (current == Ordering::Equal && changes(after)).then(|| Instant(reached.saturating_add(1)))
}

fn mentioned(texts: &Value, words: &[Option<Word>]) -> Truth {
    let in_one = |text: &Value| {
        let Value::Text(text) = text else { return Truth::Unknown };
        let heard = Heard::new(text);
        any(words.iter().map(|word| word.as_ref().map_or(Truth::Unknown, |word| Truth::from(heard.mentions(word)))))
    };
    match texts {
        Value::List(texts) => any(texts.iter().map(in_one)),
        text => in_one(text),
    }
}

fn member(element: &Term, list: &Term, scope: Scope<'_>) -> Truth {
    both(element, list, scope, |element, list| match list {
        Value::List(list) => any(list.iter().map(|other| same_value(element, other))),
        _ => Truth::Unknown,
    })
}

/// Whether two values of one type are the same; numbers by value, not by notation (`1.0` is `1`).
pub fn same_value(left: &Value, right: &Value) -> Truth {
    match (left, right) {
        (Value::Unknown, _) | (_, Value::Unknown) => Truth::Unknown,
        (left, right) => Truth::from(left == right),
    }
}

fn quantified(quantifier: Quantifier, list: &Term, body: &Cond, scope: Scope<'_>) -> Truth {
    list.with(scope, |list| {
        let Value::List(list) = list else { return Truth::Unknown };
        let truths = list.iter().map(|element| scope.with(element, |scope| body.truth(scope)));
        match quantifier {
            Quantifier::Any => any(truths),
            Quantifier::All => all(truths),
        }
    })
}

impl Term {
    /// Its value where that need not be computed.
    fn at_hand<'v>(&'v self, scope: Scope<'v>) -> Option<&'v Value> {
        match self {
            Term::Const(value) => Some(value),
            Term::Fact(id) => Some(scope.env.fact(*id)),
            Term::Local(depth) => Some(scope.local(*depth).unwrap_or(&Value::Unknown)),
            Term::Field(record, _, field) => Some(part(record.at_hand(scope)?, *field)),
            Term::Side(pair, side) => Some(part(pair.at_hand(scope)?, *side)),
            _ => None,
        }
    }

    /// What `ask` makes of its value, which is not copied where that need not be.
    pub(super) fn with<R>(&self, scope: Scope<'_>, ask: impl FnOnce(&Value) -> R) -> R {
        match self.at_hand(scope) {
            Some(value) => ask(value),
            None => ask(&self.value(scope)),
        }
    }

    /// Its number or amount, if known.
    pub fn decimal(&self, scope: Scope<'_>) -> Option<Decimal> {
        self.with(scope, |value| value.decimal().copied())
    }

    /// Its enumerated value, if known.
    pub fn symbol(&self, scope: Scope<'_>) -> Option<Symbol> {
        self.with(scope, |value| if let Value::Symbol(symbol) = value { Some(*symbol) } else { None })
    }

    /// Its instant or duration in nanoseconds, if known.
    pub fn nanos(&self, scope: Scope<'_>) -> Option<i64> {
        self.with(scope, |value| match value {
            Value::Instant(Instant(nanos)) | Value::Duration(Duration(nanos)) => Some(*nanos),
            _ => None,
        })
    }
}

/// The common value of two branches of which either may be taken.
fn agreed_value(left: Value, right: &Value) -> Value {
    if left == *right { left } else { Value::Unknown }
}

fn decimal_value(amount: Decimal, money: bool) -> Value {
    if money { Value::Money(amount) } else { Value::Number(amount) }
}

fn time_value(nanos: i64, result: TimeResult) -> Value {
    match result {
        TimeResult::Instant => Value::Instant(Instant(nanos)),
        TimeResult::Duration => Value::Duration(Duration(nanos)),
    }
}
