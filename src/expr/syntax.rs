//! An expression as written, before anything is known of its types. The script module makes it from Rhai's own parse.

use std::ops::Range;

use rust_decimal::Decimal;

/// A node of the expression with the bytes of the expression's text that it spans.
#[derive(Debug, Clone, PartialEq)]
pub struct Syntax {
    pub kind: Kind,
    pub span: Range<usize>,
}

impl Syntax {
    /// The same expression with its places changed, as when it is a part of a longer text.
    #[must_use]
    pub fn map_spans(self, change: &dyn Fn(Range<usize>) -> Range<usize>) -> Syntax {
        let again = |inner: Box<Syntax>| Box::new(inner.map_spans(change));
        let all = |parts: Vec<Syntax>| parts.into_iter().map(|part| part.map_spans(change)).collect();
        let kind = match self.kind {
            Kind::Field(inner, name) => Kind::Field(again(inner), name),
            Kind::Index(left, right) => Kind::Index(again(left), again(right)),
            Kind::Call(name, parts) => Kind::Call(name, all(parts)),
            Kind::Not(inner) => Kind::Not(again(inner)),
            Kind::Negate(inner) => Kind::Negate(again(inner)),
            Kind::Binary(operator, left, right) => Kind::Binary(operator, again(left), again(right)),
            Kind::List(parts) => Kind::List(all(parts)),
            Kind::If(condition, then, otherwise) => Kind::If(again(condition), again(then), again(otherwise)),
            leaf @ (Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Name(_) | Kind::Parameter(_)) => leaf,
        };
        Syntax { kind, span: change(self.span) }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Bool(bool),
    Number(Decimal),
    Text(String),
    /// A fact's first part, a local name, or `now`.
    Name(String),
    /// `$name`: a parameter.
    Parameter(String),
    /// `left.name`
    Field(Box<Syntax>, String),
    /// `left[right]`
    Index(Box<Syntax>, Box<Syntax>),
    /// `name(args)`; a method call `a.name(b)` comes as `name(a, b)`.
    Call(String, Vec<Syntax>),
    Not(Box<Syntax>),
    Negate(Box<Syntax>),
    Binary(Operator, Box<Syntax>, Box<Syntax>),
    List(Vec<Syntax>),
    /// `if c { a } else { b }`; both branches are present and are single expressions.
    If(Box<Syntax>, Box<Syntax>, Box<Syntax>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    And,
    Or,
    /// `a ?? b`
    Otherwise,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// `a in [b, c]`
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}
