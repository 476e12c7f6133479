//! Type checking: an expression as written against the facts, parameters and functions of its bundle. What passes is
//! lowered to [`typed`](super::typed) form; every problem of the expression is reported, not only the first.

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::syntax::{Kind, Operator, Syntax};
use super::typed::{Cond, Shape, Term};
use crate::both;
use crate::diagnostic::Code;
use crate::diagnostic::codes;
use crate::facts::{EnumType, Schema, SymbolSet, Type};
use crate::text::Bilingual;
use crate::value::{Instant, Value};

mod calendars;
mod describe;
mod functions;
mod lists;
mod numbers;
mod operators;
mod paths;
mod scripts;
mod suggest;
mod texts;
mod times;

pub use describe::describe;
pub use functions::BUILT_IN;
pub use numbers::percent_of;
pub use suggest::{nearest, suggestion};

pub use super::problem::ExpressionProblem;

/// What an expression may name.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    pub schema: &'a Schema,
    pub parameters: &'a [Parameter],
    pub functions: &'a [Function],
    pub calendars: &'a [Box<str>],
    /// Values that exist only here, such as `ceiling` inside an offer; the last is the innermost.
    pub locals: &'a [(Box<str>, Type)],
    /// What `it` stands for outside lists: the input of a decision table's column.
    pub it: Option<&'a Typed>,
}

/// A number, text, duration or list that the shop may tune, with its value in this bundle and overlay.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    pub name: Box<str>,
    pub ty: Type,
    pub value: Value,
    /// Some expression names it.
    pub read: Cell<bool>,
}

impl Parameter {
    pub fn new(name: impl Into<Box<str>>, ty: Type, value: Value) -> Self {
        Self { name: name.into(), ty, value, read: Cell::new(false) }
    }
}

/// A function of a `.rhai` file.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    pub name: Box<str>,
    pub parameters: Vec<(Box<str>, Type)>,
    pub returns: Type,
    /// The names of the fields that it reads of records.
    pub reads: Vec<Arc<str>>,
}

/// A checked expression that has a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    pub term: Term,
    pub ty: Type,
    /// How much the value gains with each unit of time that passes: 0 unless it is a time reckoned from now.
    pub slope: i8,
    /// A number written in the expression, which may stand for money as well.
    bare: bool,
    /// Where the elements of a written list stand, so that each is refused in its own place.
    elements: Vec<Range<usize>>,
}

impl Typed {
    fn new(term: Term, ty: Type) -> Self {
        Self { term, ty, slope: 0, bare: false, elements: Vec::new() }
    }

    fn condition(cond: Cond) -> Self {
        Self::new(Term::Cond(Box::new(cond)), Type::Bool)
    }
}

/// Checks an expression that must be true or false.
pub fn condition(syntax: &Syntax, names: Names<'_>) -> Result<Cond, Vec<ExpressionProblem>> {
    let mut checker = Checker::new(names);
    let checked = checker.condition(syntax);
    checker.finish(checked)
}

/// Checks an expression that must have a value of type `wanted`, or of any type if that is `None`.
pub fn term(syntax: &Syntax, wanted: Option<&Type>, names: Names<'_>) -> Result<Typed, Vec<ExpressionProblem>> {
    let mut checker = Checker::new(names);
    let checked = checker.infer(syntax).and_then(|typed| match wanted {
        Some(wanted) => checker.coerce(typed, wanted, &syntax.span),
        None => Some(typed),
    });
    checker.finish(checked)
}

struct Checker<'a> {
    names: Names<'a>,
    /// Elements of the lists being walked, innermost last.
    locals: Vec<(Box<str>, Type)>,
    problems: Vec<ExpressionProblem>,
}

impl<'a> Checker<'a> {
    fn new(names: Names<'a>) -> Self {
        Self { names, locals: names.locals.to_vec(), problems: Vec::new() }
    }

    fn finish<T>(self, checked: Option<T>) -> Result<T, Vec<ExpressionProblem>> {
        match checked {
            Some(checked) if self.problems.is_empty() => Ok(checked),
            _ => Err(self.problems),
        }
    }

    /// Records a problem; returns `None` so that callers can end with it.
    fn problem<T>(&mut self, code: Code, span: &Range<usize>, message: Bilingual) -> Option<T> {
        self.problems.push(ExpressionProblem { code, span: span.clone(), message, help: None });
        None
    }

    fn problem_with_help<T>(
        &mut self,
        code: Code,
        span: &Range<usize>,
        message: Bilingual,
        help: Option<Bilingual>,
    ) -> Option<T> {
        self.problems.push(ExpressionProblem { code, span: span.clone(), message, help });
        None
    }

    fn condition(&mut self, syntax: &Syntax) -> Option<Cond> {
        let typed = self.infer(syntax)?;
        if typed.ty != Type::Bool {
            let ty = self.describe(&typed.ty);
            let (zh, en) = (&ty.zh, &ty.en);
            return self.problem_with_help(
                codes::NOT_A_CONDITION,
                &syntax.span,
                both!("条件必须是真或假，这里却是{zh}", "a condition must be true or false, but this is {en}"),
                Some(both!("写一个比较，例如 `… <= 150`", "write a comparison, such as `… <= 150`")),
            );
        }
        Some(into_cond(typed.term))
    }

    fn infer(&mut self, syntax: &Syntax) -> Option<Typed> {
        let span = &syntax.span;
        match &syntax.kind {
            Kind::Bool(value) => Some(Typed::condition(Cond::Const(*value))),
            Kind::Number(value) => {
                Some(Typed { bare: true, ..Typed::new(Term::Const(Value::Number(*value)), Type::Number) })
            }
            Kind::Text(text) => Some(Typed::new(Term::Const(Value::Text(text.as_str().into())), Type::Text)),
            Kind::Name(_) | Kind::Field(..) => self.path(syntax),
            Kind::Parameter(name) => self.parameter(name, span),
            Kind::Index(map, key) => self.lookup(map, key, span),
            Kind::Call(name, arguments) => self.call(name, arguments, span),
            Kind::Not(inner) => self.condition(inner).map(|inner| Typed::condition(negated(inner))),
            Kind::Negate(inner) => self.negate(inner),
            Kind::Binary(operator, left, right) => self.binary(*operator, left, right, span),
            Kind::List(elements) => self.list(elements),
            Kind::If(condition, then, otherwise) => self.conditional(condition, then, otherwise),
        }
    }

    fn parameter(&mut self, name: &str, span: &Range<usize>) -> Option<Typed> {
        let parameters = self.names.parameters;
        if let Some(parameter) = parameters.iter().find(|parameter| &*parameter.name == name) {
            parameter.read.set(true);
            return Some(Typed::new(Term::Const(parameter.value.clone()), parameter.ty.clone()));
        }
        let help = suggestion(name, parameters.iter().map(|parameter| &*parameter.name));
        self.problem_with_help(
            codes::UNKNOWN_PARAMETER,
            span,
            both!("没有名为 `{name}` 的参数", "there is no parameter `{name}`"),
            help,
        )
    }

    fn lookup(&mut self, map: &Syntax, key: &Syntax, span: &Range<usize>) -> Option<Typed> {
        let (typed, key_typed) = (self.infer(map), self.infer(key));
        let (typed, key_typed) = (typed?, key_typed?);
        if let Type::List(of) = typed.ty.clone() {
            let position = self.coerce(key_typed, &Type::Number, &key.span)?;
            return Some(Typed::new(Term::At(Box::new(typed.term), Box::new(position.term)), *of));
        }
        let Type::Map(of) = typed.ty.clone() else {
            return self.problem(
                codes::TYPE_MISMATCH,
                span,
                both!("只有列表和映射表才能用 `[…]` 取值", "only lists and maps have parts to take with `[…]`"),
            );
        };
        let key = self.as_text(key_typed, &key.span)?;
        Some(Typed::new(Term::Lookup(Box::new(typed.term), Box::new(key.term)), *of))
    }

    /// A text; the name of an enumerated value is one.
    fn as_text(&mut self, typed: Typed, span: &Range<usize>) -> Option<Typed> {
        match typed.ty {
            Type::Enum(of) => Some(Typed::new(Term::Plain(Box::new(typed.term), Shape::Member(of)), Type::Text)),
            _ => self.coerce(typed, &Type::Text, span),
        }
    }

    fn negate(&mut self, inner: &Syntax) -> Option<Typed> {
        let typed = self.infer(inner)?;
        match typed.ty {
            Type::Number | Type::Money | Type::Duration => {
                let slope = typed.slope.checked_neg().unwrap_or_default();
                let term = match typed.term {
                    Term::Const(Value::Number(value)) => Term::Const(Value::Number(Decimal::ZERO.checked_sub(value)?)),
                    term => Term::Negate(Box::new(term)),
                };
                Some(Typed { term, slope, ..typed })
            }
            _ => {
                let ty = self.describe(&typed.ty);
                let (zh, en) = (&ty.zh, &ty.en);
                self.problem(codes::TYPE_MISMATCH, &inner.span, both!("{zh}不能取负", "{en} can't be negated"))
            }
        }
    }

    fn list(&mut self, elements: &[Syntax]) -> Option<Typed> {
        let typed: Vec<Option<Typed>> = elements.iter().map(|element| self.infer(element)).collect();
        let typed: Vec<Typed> = typed.into_iter().collect::<Option<_>>()?;
        // An empty list is one of texts until it meets a list of something else.
        let first = typed.iter().find(|element| !element.bare).or(typed.first());
        let ty = first.map_or(Type::Text, |first| first.ty.clone());
        let mut terms = Vec::with_capacity(typed.len());
        for (element, syntax) in typed.into_iter().zip(elements) {
            self.still(&element, &syntax.span)?;
            terms.push(self.coerce(element, &ty, &syntax.span)?.term);
        }
        let elements = elements.iter().map(|element| element.span.clone()).collect();
        Some(Typed { elements, ..Typed::new(list_term(terms), Type::list(ty)) })
    }

    fn conditional(&mut self, condition: &Syntax, then: &Syntax, otherwise: &Syntax) -> Option<Typed> {
        let (condition, first, second) = (self.condition(condition), self.infer(then), self.infer(otherwise));
        let (condition, first, second) = (condition?, first?, second?);
        let (first, second) = self.unify(first, &then.span, second, &otherwise.span)?;
        if first.slope != second.slope {
            return self.unforeseeable(&otherwise.span);
        }
        let (ty, slope) = (first.ty.clone(), first.slope);
        if ty == Type::Bool {
            let branches =
                Cond::If(Box::new(condition), Box::new(into_cond(first.term)), Box::new(into_cond(second.term)));
            return Some(Typed::condition(branches));
        }
        let term = Term::If(Box::new(condition), Box::new(first.term), Box::new(second.term));
        Some(Typed { slope, bare: first.bare && second.bare, ..Typed::new(term, ty) })
    }

    /// Makes two operands of one type, where a literal allows it.
    fn unify(
        &mut self,
        left: Typed,
        left_at: &Range<usize>,
        right: Typed,
        right_at: &Range<usize>,
    ) -> Option<(Typed, Typed)> {
        if left.ty == right.ty {
            return Some((left, right));
        }
        if coercible(&right, &left.ty) {
            let ty = left.ty.clone();
            return self.coerce(right, &ty, right_at).map(|right| (left, right));
        }
        if coercible(&left, &right.ty) {
            let ty = right.ty.clone();
            return self.coerce(left, &ty, left_at).map(|left| (left, right));
        }
        let (a, b) = (self.describe(&left.ty), self.describe(&right.ty));
        let span = left_at.start.min(right_at.start)..left_at.end.max(right_at.end);
        let help = operators::mismatch_help(&left, &right);
        self.problem_with_help(
            codes::TYPE_MISMATCH,
            &span,
            Bilingual::new(
                format!("{}与{}不能放在一起比较或计算", a.zh, b.zh),
                format!("{} and {} don't go together", a.en, b.en),
            ),
            help,
        )
    }

    /// Fits a value to the wanted type: a bare number to money, a text to the member of an enumeration it names.
    fn coerce(&mut self, typed: Typed, wanted: &Type, span: &Range<usize>) -> Option<Typed> {
        if typed.ty == *wanted {
            return Some(typed);
        }
        match (&typed.term, wanted) {
            (Term::Const(Value::Number(value)), Type::Money) if typed.bare => {
                return Some(Typed::new(Term::Const(Value::Money(*value)), Type::Money));
            }
            (_, Type::Money) if typed.bare => return Some(Typed { ty: Type::Money, ..as_money(typed) }),
            (Term::Const(Value::Text(text)), Type::Enum(id)) => {
                let text = text.clone();
                let enumeration = self.names.schema.enumeration(*id)?;
                let symbol = enumeration.find(&text);
                return match symbol {
                    Some(symbol) => Some(Typed::new(Term::Const(Value::Symbol(symbol)), wanted.clone())),
                    None => self.not_a_member(&text, enumeration, span),
                };
            }
            (Term::Const(Value::Text(text)), Type::Date) => {
                let day = text.parse::<NaiveDate>().ok().filter(|day| day.to_string() == **text);
                let Some(day) = day else { return self.not_a_time(&text.clone(), "2026-11-22", span) };
                return Some(Typed::new(Term::Const(Value::Date(day)), Type::Date));
            }
            (Term::Const(Value::Text(text)), Type::Instant) => {
                let at = chrono::DateTime::parse_from_rfc3339(text).ok().and_then(|at| at.timestamp_nanos_opt());
                let Some(at) = at else { return self.not_a_time(&text.clone(), "2026-11-22T15:00:00+08:00", span) };
                return Some(Typed::new(Term::Const(Value::Instant(Instant(at))), Type::Instant));
            }
            (Term::Const(Value::List(list)), Type::List(of)) => {
                let elements: Vec<Term> = list.iter().cloned().map(Term::Const).collect();
                return self.coerce_list(elements, &typed, of, span);
            }
            (Term::List(elements), Type::List(of)) => {
                let elements = elements.to_vec();
                return self.coerce_list(elements, &typed, of, span);
            }
            _ => {}
        }
        let (have, want) = (self.describe(&typed.ty), self.describe(wanted));
        self.problem(
            codes::TYPE_MISMATCH,
            span,
            Bilingual::new(
                format!("这里要的是{},写的却是{}", want.zh, have.zh),
                format!("this must be {}, but it is {}", want.en, have.en),
            ),
        )
    }

    fn coerce_list(&mut self, elements: Vec<Term>, list: &Typed, of: &Type, span: &Range<usize>) -> Option<Typed> {
        let Type::List(element_ty) = &list.ty else { return None };
        let mut terms = Vec::with_capacity(elements.len());
        let mut failed = false;
        for (position, element) in elements.into_iter().enumerate() {
            let bare = matches!(element, Term::Const(Value::Number(_)));
            let element = Typed { bare, ..Typed::new(element, (**element_ty).clone()) };
            let at = list.elements.get(position).unwrap_or(span);
            match self.coerce(element, of, at) {
                Some(element) => terms.push(element.term),
                None => failed = true,
            }
        }
        if failed {
            return None;
        }
        Some(Typed::new(list_term(terms), Type::list(of.clone())))
    }

    fn not_a_member<T>(&mut self, text: &str, enumeration: &EnumType, span: &Range<usize>) -> Option<T> {
        let name = &enumeration.name;
        let help = suggestion(text, enumeration.members.iter().map(|member| &*member.id));
        self.problem_with_help(
            codes::NEVER_TRUE,
            span,
            both!(
                "`{text}` 不是 {name} 的取值，这个比较永远不会成立",
                "`{text}` is not a value of {name}: the comparison could never be true"
            ),
            help,
        )
    }

    fn not_a_time<T>(&mut self, text: &str, example: &str, span: &Range<usize>) -> Option<T> {
        self.problem_with_help(
            codes::TYPE_MISMATCH,
            span,
            both!("`{text}` 不是日期或时间", "`{text}` is not a date or time here"),
            Some(both!("写成 `\"{example}\"` 的形式", "write it as `\"{example}\"`")),
        )
    }

    /// Refuses a value that moves with the clock where its next change could not be foretold.
    fn still(&mut self, typed: &Typed, span: &Range<usize>) -> Option<()> {
        if typed.slope == 0 { Some(()) } else { self.unforeseeable(span) }
    }

    fn unforeseeable<T>(&mut self, span: &Range<usize>) -> Option<T> {
        self.problem_with_help(
            codes::UNFORESEEABLE_TIME,
            span,
            both!(
                "从现在起算的时间在这里无法预知何时变化",
                "when a time reckoned from now changes can't be foretold here"
            ),
            Some(both!(
                "直接比较它，例如 `since(request.applied_at) > hours(48)`，或使用 `today`",
                "compare it directly, as in `since(request.applied_at) > hours(48)`, or use `today`"
            )),
        )
    }

    /// A type in plain words.
    fn describe(&self, ty: &Type) -> Bilingual {
        describe(ty, self.names.schema)
    }
}

/// Whether a literal can stand for a value of another type.
fn coercible(typed: &Typed, wanted: &Type) -> bool {
    match (&typed.term, wanted) {
        (_, Type::Money) => typed.bare,
        (Term::Const(Value::Text(_)), Type::Enum(_) | Type::Date | Type::Instant) => true,
        (Term::Const(Value::List(list)), Type::List(_)) if list.is_empty() => true,
        (Term::Const(Value::List(_)) | Term::List(_), Type::List(of)) => match &typed.ty {
            Type::List(have) => {
                (**have == Type::Text && matches!(**of, Type::Enum(_) | Type::Date | Type::Instant))
                    || **of == Type::Money
            }
            _ => false,
        },
        _ => false,
    }
}

fn as_money(typed: Typed) -> Typed {
    let term = match typed.term {
        Term::Arithmetic { operation, left, right, .. } => Term::Arithmetic { operation, left, right, money: true },
        Term::Const(Value::Number(value)) => Term::Const(Value::Money(value)),
        Term::If(condition, then, otherwise) => {
            let money = |term: Term| as_money(Typed::new(term, Type::Number)).term;
            Term::If(condition, Box::new(money(*then)), Box::new(money(*otherwise)))
        }
        Term::Negate(inner) => Term::Negate(Box::new(as_money(Typed::new(*inner, Type::Number)).term)),
        term => term,
    };
    Typed { term, bare: false, ..typed }
}

/// A list, as one constant if all its elements are.
fn list_term(terms: Vec<Term>) -> Term {
    let constants: Option<Vec<Value>> =
        terms.iter().map(|term| if let Term::Const(value) = term { Some(value.clone()) } else { None }).collect();
    match constants {
        Some(values) => Term::Const(Value::List(values.into())),
        None => Term::List(terms.into()),
    }
}

/// A term known to be true-or-false, as a condition.
fn into_cond(term: Term) -> Cond {
    match term {
        Term::Cond(cond) => *cond,
        Term::Const(Value::Bool(value)) => Cond::Const(value),
        term => Cond::Is(Box::new(term)),
    }
}

fn negated(cond: Cond) -> Cond {
    match cond {
        Cond::Const(value) => Cond::Const(!value),
        Cond::Not(inner) => *inner,
        cond => Cond::Not(Box::new(cond)),
    }
}

/// The members of a constant list of symbols.
fn symbols(list: &Value) -> Option<SymbolSet> {
    let Value::List(list) = list else { return None };
    list.iter().map(|value| if let Value::Symbol(symbol) = value { Some(*symbol) } else { None }).collect()
}

/// Whether `operator` joins two conditions.
fn is_logical(operator: Operator) -> bool {
    matches!(operator, Operator::And | Operator::Or)
}
