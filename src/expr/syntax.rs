//! An expression as written, before anything is known of its types. The script module makes it from Rhai's own parse.

use std::ops::Range;

use rust_decimal::Decimal;

/// A node of the expression with the bytes of the expression's text that it spans.
#[derive(Debug, Clone, PartialEq)]
pub struct Syntax {
    pub kind: Kind,
    pub span: Range<usize>,
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
