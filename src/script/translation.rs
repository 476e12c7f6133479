//! From Rhai's syntax tree of a condition to our [`Syntax`], with the bytes of every part. Rhai nests chains such as
//! `a.b[0].c` to the right and drops parentheses; both are undone here. A part that has no place in [`Syntax`] is
//! refused.

use std::ops::RangeInclusive;

use rhai::{AST, ASTFlags, Expr, FlowControl, FnCallExpr, Position, Stmt, StmtBlock, Token};
use rust_decimal::Decimal;

use super::expression::ExpressionProblem;
use super::lexemes::{Lexemes, number};
use crate::both;
use crate::diagnostic::codes;
use crate::expr::syntax::{Kind, Operator, Syntax};
use crate::text::Bilingual;

/// Translates the one expression that `ast` holds. `parameters` are the bytes at which a `$name` starts.
pub(super) fn translate(
    ast: &AST,
    lexemes: &Lexemes<'_>,
    parameters: &[usize],
) -> Result<Syntax, Vec<ExpressionProblem>> {
    let mut translation = Translation { lexemes, parameters, problems: Vec::new() };
    let part = match ast.statements() {
        [Stmt::Expr(expr)] => translation.expr(expr),
        _ => translation.refuse_at(Position::NONE, both!("条件必须是一个表达式", "a condition is one expression")),
    };
    match part {
        Some(part) if translation.problems.is_empty() => Ok(part.syntax),
        _ => Err(translation.problems),
    }
}

struct Translation<'t> {
    lexemes: &'t Lexemes<'t>,
    parameters: &'t [usize],
    problems: Vec<ExpressionProblem>,
}

/// A translated part and the tokens that it spans.
struct Part {
    syntax: Syntax,
    tokens: RangeInclusive<usize>,
}

impl Part {
    fn boxed(self) -> Box<Syntax> {
        Box::new(self.syntax)
    }
}

impl Translation<'_> {
    fn expr(&mut self, expr: &Expr) -> Option<Part> {
        match expr {
            Expr::BoolConstant(value, at) => self.leaf(Kind::Bool(*value), *at),
            Expr::IntegerConstant(value, at) => self.number(Decimal::from(*value), *at),
            Expr::DynamicConstant(value, at) => match value.as_decimal() {
                Ok(value) => self.number(value, *at),
                Err(_) => self.refuse_at(*at, not_here()),
            },
            Expr::StringConstant(text, at) => self.leaf(Kind::Text(text.to_string()), *at),
            Expr::Variable(variable, _, at) => self.name(&variable.1, *at),
            Expr::Array(items, at) => self.list(items, *at),
            Expr::FnCall(call, at) => self.call(call, *at),
            Expr::And(items, _) => self.fold(Operator::And, items),
            Expr::Or(items, _) => self.fold(Operator::Or, items),
            Expr::Coalesce(items, _) => self.fold(Operator::Otherwise, items),
            Expr::Dot(chain, flags, at) => {
                let base = self.expr(&chain.lhs)?;
                self.dot(base, &chain.rhs, *flags, *at)
            }
            Expr::Index(chain, flags, at) => {
                let base = self.expr(&chain.lhs)?;
                self.index(base, &chain.rhs, *flags, *at)
            }
            Expr::Stmt(block) => self.block(block),
            other => self.refuse_at(other.start_position(), not_here()),
        }
    }

    fn leaf(&mut self, kind: Kind, at: Position) -> Option<Part> {
        let index = self.token_at(at)?;
        Some(self.part(kind, index..=index))
    }

    /// A number has its value from the text, for Rhai rounds what is longer than its decimals. `- 5` and `-(5)` Rhai
    /// has already made into one number, which starts at the sign.
    fn number(&mut self, value: Decimal, at: Position) -> Option<Part> {
        let sign = self.token_at(at)?;
        if let Some(value) = self.lexemes.get(sign).and_then(|lexeme| number(lexeme.text)) {
            return Some(self.part(Kind::Number(value), sign..=sign));
        }
        let rest = sign..self.lexemes.all.len();
        let digits = rest.clone().find(|index| self.lexemes.get(*index).is_some_and(|l| number(l.text).is_some()));
        let digits = digits.unwrap_or(sign);
        Some(self.part(Kind::Number(value), sign..=digits))
    }

    fn name(&mut self, name: &str, at: Position) -> Option<Part> {
        let index = self.token_at(at)?;
        let start = self.lexemes.get(index).map_or(0, |lexeme| lexeme.bytes.start);
        let kind = match name.strip_prefix('_') {
            Some(parameter) if self.parameters.contains(&start) => Kind::Parameter(parameter.to_owned()),
            _ => Kind::Name(name.to_owned()),
        };
        Some(self.part(kind, index..=index))
    }

    fn list(&mut self, items: &[Expr], at: Position) -> Option<Part> {
        let open = self.token_at(at)?;
        let close = self.lexemes.partner(open)?;
        let items = self.all(items)?;
        Some(self.part(Kind::List(items), open..=close))
    }

    /// Translates each, so that every problem is found.
    fn all(&mut self, items: &[Expr]) -> Option<Vec<Syntax>> {
        let parts: Vec<Option<Part>> = items.iter().map(|item| self.expr(item)).collect();
        parts.into_iter().map(|part| part.map(|part| part.syntax)).collect()
    }

    /// `a && b && c`, which Rhai keeps as one list, from the left.
    fn fold(&mut self, operator: Operator, items: &[Expr]) -> Option<Part> {
        let parts: Vec<Option<Part>> = items.iter().map(|item| self.expr(item)).collect();
        let mut parts = parts.into_iter();
        let mut left = parts.next()??;
        for right in parts {
            left = self.binary(operator, left, right?);
        }
        Some(left)
    }

    fn binary(&self, operator: Operator, left: Part, right: Part) -> Part {
        let tokens = *self.widened(&left).start()..=*self.widened(&right).end();
        self.part(Kind::Binary(operator, left.boxed(), right.boxed()), tokens)
    }

    /// An operator or a function call: Rhai keeps both as calls.
    fn call(&mut self, call: &FnCallExpr, at: Position) -> Option<Part> {
        let index = self.token_at(at)?;
        let token = self.lexemes.token(index)?;
        match (token, call.args.as_slice()) {
            (Token::In | Token::NotIn, [list, item]) => self.membership(item, list),
            (Token::NotIn, [contains]) => {
                let inner = self.expr(contains)?;
                let tokens = inner.tokens.clone();
                Some(self.part(Kind::Not(inner.boxed()), tokens))
            }
            (Token::Bang, [operand]) if call.is_operator_call() => self.unary(Kind::Not, index, operand),
            (Token::Minus | Token::UnaryMinus, [operand]) => self.unary(Kind::Negate, index, operand),
            (token, [left, right]) if call.is_operator_call() => match operator(token) {
                Some(operator) => self.comparison(operator, index, left, right),
                None => self.refuse_at(at, not_here()),
            },
            _ if call.is_operator_call() || call.capture_parent_scope => self.refuse_at(at, not_here()),
            (_, args) => {
                let args = self.all(args)?;
                let end = self.end_of_call(index)?;
                Some(self.part(Kind::Call(call.name.to_string(), args), index..=end))
            }
        }
    }

    fn membership(&mut self, item: &Expr, list: &Expr) -> Option<Part> {
        let (item, list) = (self.expr(item), self.expr(list));
        Some(self.binary(Operator::In, item?, list?))
    }

    fn unary(&mut self, kind: fn(Box<Syntax>) -> Kind, sign: usize, operand: &Expr) -> Option<Part> {
        let operand = self.expr(operand)?;
        let tokens = sign..=*self.widened(&operand).end();
        Some(self.part(kind(operand.boxed()), tokens))
    }

    /// A binary operator; `5 <= x <= 500` is refused, for it would compare true or false with 500.
    fn comparison(&mut self, operator: Operator, index: usize, left: &Expr, right: &Expr) -> Option<Part> {
        let (left, right) = (self.expr(left), self.expr(right));
        let (left, right) = (left?, right?);
        let chained = match &left.syntax.kind {
            Kind::Binary(inner, ..) => same_chain(*inner, operator) && self.widened(&left) == left.tokens,
            _ => false,
        };
        if chained {
            return self.refuse_chain(&left, index, &right);
        }
        Some(self.binary(operator, left, right))
    }

    fn refuse_chain(&mut self, left: &Part, index: usize, right: &Part) -> Option<Part> {
        let Kind::Binary(_, _, middle) = &left.syntax.kind else { return None };
        let start = self.lexemes.all.iter().position(|lexeme| lexeme.bytes.start == middle.span.start)?;
        let text = |tokens: RangeInclusive<usize>| self.text(&tokens);
        let (first, middle) = (text(left.tokens.clone()), text(start..=*left.tokens.end()));
        let (operator, last) = (text(index..=index), text(right.tokens.clone()));
        let tokens = *left.tokens.start()..=*right.tokens.end();
        let span = self.bytes(&tokens);
        let problem = ExpressionProblem::new(
            span,
            codes::FORBIDDEN_EXPRESSION,
            both!("比较不能连写", "comparisons can't be chained"),
        );
        self.problems.push(problem.help(both!(
            "写 `{first} && {middle} {operator} {last}`",
            "write `{first} && {middle} {operator} {last}`"
        )));
        None
    }

    /// What follows a `.`: a field, a call, or the rest of the chain.
    fn dot(&mut self, base: Part, rest: &Expr, flags: ASTFlags, at: Position) -> Option<Part> {
        if flags.contains(ASTFlags::NEGATED) {
            return self.refuse_at(at, not_here());
        }
        match rest {
            Expr::Property(property, at) => {
                let end = self.token_at(*at)?;
                let start = *self.widened(&base).start();
                Some(self.part(Kind::Field(base.boxed(), property.2.to_string()), start..=end))
            }
            Expr::MethodCall(call, at) => {
                let name = self.token_at(*at)?;
                let end = self.end_of_call(name)?;
                let start = *self.widened(&base).start();
                let others = self.all(&call.args)?;
                let args = std::iter::once(base.syntax).chain(others).collect();
                Some(self.part(Kind::Call(call.name.to_string(), args), start..=end))
            }
            Expr::Dot(chain, inner, inner_at) => {
                let base = self.dot(base, &chain.lhs, flags, at)?;
                self.dot(base, &chain.rhs, *inner, *inner_at)
            }
            Expr::Index(chain, inner, inner_at) => {
                let base = self.dot(base, &chain.lhs, flags, at)?;
                self.index(base, &chain.rhs, *inner, *inner_at)
            }
            _ => self.refuse_at(at, not_here()),
        }
    }

    /// What stands in brackets, and the rest of the chain if it does not end there.
    fn index(&mut self, base: Part, rest: &Expr, flags: ASTFlags, at: Position) -> Option<Part> {
        if flags.contains(ASTFlags::NEGATED) {
            return self.refuse_at(at, not_here());
        }
        match rest {
            Expr::Dot(chain, inner, inner_at) if !flags.contains(ASTFlags::BREAK) => {
                let base = self.element(base, &chain.lhs)?;
                self.dot(base, &chain.rhs, *inner, *inner_at)
            }
            Expr::Index(chain, inner, inner_at) if !flags.contains(ASTFlags::BREAK) => {
                let base = self.element(base, &chain.lhs)?;
                self.index(base, &chain.rhs, *inner, *inner_at)
            }
            whole => self.element(base, whole),
        }
    }

    fn element(&mut self, base: Part, index: &Expr) -> Option<Part> {
        let around = self.widened(&base);
        let close = around.end().checked_add(1).and_then(|open| self.lexemes.partner(open))?;
        let index = self.expr(index)?;
        Some(self.part(Kind::Index(base.boxed(), index.boxed()), *around.start()..=close))
    }

    /// `if … { … } else { … }`, the only block that is an expression.
    fn block(&mut self, block: &StmtBlock) -> Option<Part> {
        match block.statements() {
            [Stmt::If(flow, at)] => self.conditional(flow, *at),
            _ => self.refuse_at(block.position(), not_here()),
        }
    }

    fn conditional(&mut self, flow: &FlowControl, at: Position) -> Option<Part> {
        let start = self.token_at(at)?;
        if flow.branch.is_empty() {
            let message = both!("`if` 缺少 `else`", "this `if` has no `else`");
            return self.refuse_at(at, message);
        }
        let condition = self.expr(&flow.expr);
        let then = self.branch(&flow.body);
        let otherwise = self.branch(&flow.branch);
        let (condition, then, otherwise) = (condition?, then?, otherwise?);
        let end = *self.widened(&otherwise).end();
        let end = if matches!(flow.branch.statements(), [Stmt::If(..)]) { end } else { end.saturating_add(1) };
        Some(self.part(Kind::If(condition.boxed(), then.boxed(), otherwise.boxed()), start..=end))
    }

    fn branch(&mut self, block: &StmtBlock) -> Option<Part> {
        match block.statements() {
            [Stmt::Expr(expr)] => self.expr(expr),
            [Stmt::FnCall(call, at)] => self.call(call, *at),
            [Stmt::If(flow, at)] => self.conditional(flow, *at),
            _ => self.refuse_at(block.position(), both!("分支必须是一个表达式", "a branch is one expression")),
        }
    }

    /// The token that ends the call of the name at `index`.
    fn end_of_call(&self, index: usize) -> Option<usize> {
        let open = index.checked_add(1)?;
        match self.lexemes.token(open)? {
            Token::Unit => Some(open),
            _ => self.lexemes.partner(open),
        }
    }

    fn token_at(&mut self, at: Position) -> Option<usize> {
        let found = self.lexemes.at(at);
        if found.is_none() {
            self.refuse_at::<()>(at, not_here());
        }
        found
    }

    fn part(&self, kind: Kind, tokens: RangeInclusive<usize>) -> Part {
        let tokens = self.balanced(tokens);
        Part { syntax: Syntax { kind, span: self.bytes(&tokens) }, tokens }
    }

    fn bytes(&self, tokens: &RangeInclusive<usize>) -> std::ops::Range<usize> {
        let start = self.lexemes.get(*tokens.start()).map_or(0, |lexeme| lexeme.bytes.start);
        let end = self.lexemes.get(*tokens.end()).or(self.lexemes.all.last()).map_or(start, |lexeme| lexeme.bytes.end);
        start..end.max(start)
    }

    fn text(&self, tokens: &RangeInclusive<usize>) -> String {
        let slice = self.lexemes.all.get(tokens.clone()).unwrap_or_default();
        let mut text = String::new();
        let mut end = None;
        for lexeme in slice {
            if end.is_some_and(|end| end != lexeme.bytes.start) {
                text.push(' ');
            }
            text.push_str(lexeme.text);
            end = Some(lexeme.bytes.end);
        }
        text
    }

    /// The tokens of a part together with the parentheses right around it.
    fn widened(&self, part: &Part) -> RangeInclusive<usize> {
        let (mut start, mut end) = (*part.tokens.start(), *part.tokens.end());
        while let (Some(open), Some(close)) = (start.checked_sub(1), end.checked_add(1)) {
            let grouping = self.lexemes.token(open) == Some(&Token::LeftParen)
                && self.lexemes.partner(open) == Some(close)
                && !matches!(self.lexemes.before(open), Some(Token::Identifier(_) | Token::Reserved(_)));
            if !grouping {
                break;
            }
            (start, end) = (open, close);
        }
        start..=end
    }

    /// `a && (b && c)` Rhai keeps as one list, and the part that ends with `b` would end inside the parentheses.
    fn balanced(&self, tokens: RangeInclusive<usize>) -> RangeInclusive<usize> {
        let partners = tokens.clone().filter_map(|index| self.lexemes.partner(index));
        let (mut start, mut end) = tokens.into_inner();
        for partner in partners {
            (start, end) = (start.min(partner), end.max(partner));
        }
        start..=end
    }

    fn refuse_at<T>(&mut self, at: Position, message: Bilingual) -> Option<T> {
        let span = self.lexemes.bytes_at(at);
        self.problems.push(ExpressionProblem::new(span, codes::FORBIDDEN_EXPRESSION, message));
        None
    }
}

fn not_here() -> Bilingual {
    both!("条件中不能这样写", "this may not be used in a condition")
}

fn operator(token: &Token) -> Option<Operator> {
    Some(match token {
        Token::EqualsTo => Operator::Equal,
        Token::NotEqualsTo => Operator::NotEqual,
        Token::LessThan => Operator::Less,
        Token::LessThanEqualsTo => Operator::LessOrEqual,
        Token::GreaterThan => Operator::Greater,
        Token::GreaterThanEqualsTo => Operator::GreaterOrEqual,
        Token::Plus => Operator::Add,
        Token::Minus => Operator::Subtract,
        Token::Multiply => Operator::Multiply,
        Token::Divide => Operator::Divide,
        Token::Modulo => Operator::Remainder,
        _ => return None,
    })
}

/// Whether `a inner b outer c` reads like one comparison of three.
fn same_chain(inner: Operator, outer: Operator) -> bool {
    let order = |operator| {
        matches!(operator, Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual)
    };
    let equality = |operator| matches!(operator, Operator::Equal | Operator::NotEqual);
    (order(inner) && order(outer)) || (equality(inner) && equality(outer))
}
