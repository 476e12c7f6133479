//! Functions on numbers and sums: rounding, shares.

use std::ops::Range;

use rust_decimal::Decimal;

use super::{Checker, Typed};
use crate::both;
use crate::diagnostic::codes;
use crate::expr::syntax::Syntax;
use crate::expr::typed::{Arithmetic, Rounding, Term};
use crate::facts::Type;
use crate::value::Value;

impl Checker<'_> {
    pub(super) fn absolute(&mut self, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let [inner] = self.arity("abs", arguments, span)?;
        let typed = self.infer(inner)?;
        self.still(&typed, &inner.span)?;
        match typed.ty {
            Type::Number | Type::Money | Type::Duration => {
                Some(Typed { bare: false, ..Typed::new(Term::Absolute(Box::new(typed.term)), typed.ty) })
            }
            _ => self.coerce(typed, &Type::Number, &inner.span),
        }
    }

    pub(super) fn round(
        &mut self,
        rounding: Rounding,
        name: &str,
        arguments: &[Syntax],
        span: &Range<usize>,
    ) -> Option<Typed> {
        let [inner, digits] = self.arity(name, arguments, span)?;
        let typed = self.infer(inner)?;
        let typed = if typed.ty == Type::Money { typed } else { self.coerce(typed, &Type::Number, &inner.span)? };
        let digits_term = self.argument(digits, &Type::Number)?;
        let known = match digits_term.term {
            Term::Const(Value::Number(value)) if value.is_integer() => {
                u32::try_from(value).ok().filter(|digits| *digits <= 28)
            }
            _ => None,
        };
        let Some(digits) = known else {
            return self.problem(
                codes::WRONG_ARGUMENTS,
                &digits.span,
                both!(
                    "保留的小数位数要写成 0 到 28 的整数",
                    "the number of digits must be a whole number from 0 to 28"
                ),
            );
        };
        let ty = typed.ty.clone();
        Some(Typed::new(Term::Round { term: Box::new(typed.term), digits, rounding }, ty))
    }

    /// `round_down_to(x, unit)`: a whole multiple of the unit.
    pub(super) fn round_to(
        &mut self,
        rounding: Rounding,
        name: &str,
        arguments: &[Syntax],
        span: &Range<usize>,
    ) -> Option<Typed> {
        let [inner, unit] = self.arity(name, arguments, span)?;
        let (typed, unit_typed) = (self.infer(inner), self.infer(unit));
        let (typed, unit_typed) = (typed?, unit_typed?);
        let typed = if typed.ty == Type::Money { typed } else { self.coerce(typed, &Type::Number, &inner.span)? };
        let known = match unit_typed.term {
            Term::Const(Value::Number(unit) | Value::Money(unit)) if unit > Decimal::ZERO => Some(unit),
            _ => None,
        };
        let Some(unit) = known else {
            return self.problem(
                codes::WRONG_ARGUMENTS,
                &unit.span,
                both!("取整单位要写成大于零的数", "the unit must be written as a number above zero"),
            );
        };
        let ty = typed.ty.clone();
        Some(Typed::new(Term::RoundTo { term: Box::new(typed.term), unit, rounding }, ty))
    }

    /// `percent(p, of)`: p hundredths of it, exactly.
    pub(super) fn percent(&mut self, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let [percent, of] = self.arity("percent", arguments, span)?;
        let (percent, of_typed) = (self.argument(percent, &Type::Number), self.infer(of));
        let (percent, of_typed) = (percent?, of_typed?);
        let of = if of_typed.ty == Type::Money { of_typed } else { self.coerce(of_typed, &Type::Number, &of.span)? };
        let money = of.ty == Type::Money;
        Some(Typed::new(percent_of(percent.term, of.term, money), of.ty))
    }
}

/// `percent` hundredths of `of`.
pub fn percent_of(percent: Term, of: Term, money: bool) -> Term {
    let share = match &percent {
        Term::Const(Value::Number(percent)) => percent.checked_div(Decimal::ONE_HUNDRED),
        _ => None,
    };
    // A hundredth of a written percentage is exact unless it has more digits than a decimal holds.
    if let Some(share) = share.filter(|share| share.scale() < Decimal::MAX_SCALE) {
        let share = Term::Const(Value::Number(share.normalize()));
        return Term::Arithmetic { operation: Arithmetic::Multiply, left: Box::new(of), right: Box::new(share), money };
    }
    let product =
        Term::Arithmetic { operation: Arithmetic::Multiply, left: Box::new(of), right: Box::new(percent), money };
    let hundred = Term::Const(Value::Number(Decimal::ONE_HUNDRED));
    Term::Arithmetic { operation: Arithmetic::Divide, left: Box::new(product), right: Box::new(hundred), money }
}
