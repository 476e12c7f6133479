//! Operators: what may be compared, joined and calculated with what.

use std::ops::Range;

use super::{Checker, Typed, coercible, into_cond, is_logical, negated, symbols};
use crate::both;
use crate::diagnostic::codes;
use crate::expr::syntax::{Operator, Syntax};
use crate::expr::typed::{Arithmetic, Comparison, Cond, Term, TextTest, TimeResult};
use crate::facts::{SymbolSet, Type};
use crate::text::Bilingual;
use crate::value::{Duration, Value};

impl Checker<'_> {
    pub(super) fn binary(
        &mut self,
        operator: Operator,
        left: &Syntax,
        right: &Syntax,
        span: &Range<usize>,
    ) -> Option<Typed> {
        if is_logical(operator) {
            let (left, right) = (self.condition(left), self.condition(right));
            return Some(Typed::condition(joined(operator, left?, right?)));
        }
        let (a, b) = (self.infer(left), self.infer(right));
        let (a, b) = (a?, b?);
        if let Some(comparison) = comparison(operator) {
            return self.compare(comparison, a, &left.span, b, &right.span);
        }
        match operator {
            Operator::In => self.membership(a, &left.span, b, &right.span),
            Operator::Otherwise => self.otherwise(a, &left.span, b, &right.span),
            Operator::Add => self.sum(false, a, b, &left.span, &right.span),
            Operator::Subtract => self.sum(true, a, b, &left.span, &right.span),
            Operator::Multiply => self.product(Arithmetic::Multiply, a, b, span),
            Operator::Divide => self.product(Arithmetic::Divide, a, b, span),
            Operator::Remainder => self.product(Arithmetic::Remainder, a, b, span),
            _ => None,
        }
    }

    fn compare(
        &mut self,
        comparison: Comparison,
        left: Typed,
        left_at: &Range<usize>,
        right: Typed,
        right_at: &Range<usize>,
    ) -> Option<Typed> {
        let (left, right) = self.unify(left, left_at, right, right_at)?;
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let ordered = matches!(left.ty, Type::Number | Type::Money | Type::Instant | Type::Date | Type::Duration);
        let span = left_at.start..right_at.end;
        let equal = equality && matches!(left.ty, Type::Bool | Type::Text | Type::Enum(_));
        if !ordered && !equal {
            let ty = self.describe(&left.ty);
            let (zh, en) = (&ty.zh, &ty.en);
            return self.problem(
                codes::TYPE_MISMATCH,
                &span,
                both!("{zh}不能这样比较", "{en} can't be compared like this"),
            );
        }
        let slope = left.slope.saturating_sub(right.slope);
        if !(-1..=1).contains(&slope) {
            return self.unforeseeable(&span);
        }
        let ty = left.ty.clone();
        let (a, b) = (Box::new(left.term), Box::new(right.term));
        let cond = match ty {
            Type::Number | Type::Money => Cond::Decimal(comparison, a, b),
            Type::Instant | Type::Duration => Cond::Time { comparison, left: a, right: b, slope },
            Type::Date => Cond::Date(comparison, a, b),
            _ => {
                let same = same(&ty, a, b)?;
                if comparison == Comparison::NotEqual { negated(same) } else { same }
            }
        };
        Some(Typed::condition(cond))
    }

    fn membership(
        &mut self,
        element: Typed,
        element_at: &Range<usize>,
        list: Typed,
        list_at: &Range<usize>,
    ) -> Option<Typed> {
        self.still(&element, element_at)?;
        if element.ty == Type::Text && list.ty == Type::Text {
            let cond = Cond::Text(TextTest::Contains, Box::new(list.term), Box::new(element.term));
            return Some(Typed::condition(cond));
        }
        let Type::List(of) = list.ty.clone() else {
            let ty = self.describe(&list.ty);
            let (zh, en) = (&ty.zh, &ty.en);
            return self.problem_with_help(
                codes::TYPE_MISMATCH,
                list_at,
                both!("`in` 的右边必须是列表，这里却是{zh}", "the right side of `in` must be a list, but this is {en}"),
                Some(both!("写成 `… in [\"甲\", \"乙\"]`", "write `… in [\"a\", \"b\"]`")),
            );
        };
        let (element, list) = if coercible(&element, &of) {
            (self.coerce(element, &of, element_at)?, list)
        } else {
            let wanted = Type::list(element.ty.clone());
            let list = self.coerce(list, &wanted, list_at)?;
            (element, list)
        };
        let set = if let Term::Const(list) = &list.term { symbols(list) } else { None };
        let cond = match set {
            Some(set) => Cond::OneOf(Box::new(element.term), set),
            None => Cond::Member { element: Box::new(element.term), list: Box::new(list.term) },
        };
        Some(Typed::condition(cond))
    }

    fn otherwise(
        &mut self,
        first: Typed,
        first_at: &Range<usize>,
        second: Typed,
        second_at: &Range<usize>,
    ) -> Option<Typed> {
        let (first, second) = self.unify(first, first_at, second, second_at)?;
        if first.slope != second.slope {
            return self.unforeseeable(second_at);
        }
        let (ty, slope) = (first.ty.clone(), first.slope);
        let term = Term::Otherwise(Box::new(first.term), Box::new(second.term));
        Some(Typed { slope, ..Typed::new(term, ty) })
    }

    fn sum(
        &mut self,
        subtract: bool,
        left: Typed,
        right: Typed,
        left_at: &Range<usize>,
        right_at: &Range<usize>,
    ) -> Option<Typed> {
        let slope =
            if subtract { left.slope.saturating_sub(right.slope) } else { left.slope.saturating_add(right.slope) };
        let result = match (&left.ty, &right.ty, subtract) {
            (Type::Instant, Type::Instant, true) | (Type::Duration, Type::Duration, _) => Some(TimeResult::Duration),
            (Type::Instant, Type::Duration, _) | (Type::Duration, Type::Instant, false) => Some(TimeResult::Instant),
            _ => None,
        };
        if let Some(result) = result {
            if !(-1..=1).contains(&slope) {
                return self.unforeseeable(&(left_at.start..right_at.end));
            }
            if let (Term::Const(Value::Duration(a)), Term::Const(Value::Duration(b))) = (&left.term, &right.term)
                && let Some(sum) = if subtract { a.0.checked_sub(b.0) } else { a.0.checked_add(b.0) }
            {
                return Some(Typed::new(Term::Const(Value::Duration(Duration(sum))), Type::Duration));
            }
            let ty = if result == TimeResult::Instant { Type::Instant } else { Type::Duration };
            let term = Term::TimeSum { left: Box::new(left.term), right: Box::new(right.term), subtract, result };
            return Some(Typed { slope, ..Typed::new(term, ty) });
        }
        let is_text = |typed: &Typed| typed.ty == Type::Text;
        let can_be_text = |typed: &Typed| matches!(typed.ty, Type::Text | Type::Enum(_));
        if !subtract && can_be_text(&left) && can_be_text(&right) && (is_text(&left) || is_text(&right)) {
            let (left, right) = (self.as_text(left, left_at)?, self.as_text(right, right_at)?);
            return Some(Typed::new(Term::Joined(Box::new(left.term), Box::new(right.term)), Type::Text));
        }
        let (left, right) = self.unify(left, left_at, right, right_at)?;
        let money = match left.ty {
            Type::Number => false,
            Type::Money => true,
            _ => {
                let ty = self.describe(&left.ty);
                let (zh, en) = (&ty.zh, &ty.en);
                let span = left_at.start..right_at.end;
                return self.problem(
                    codes::TYPE_MISMATCH,
                    &span,
                    both!("{zh}不能加减", "{en} can't be added or subtracted"),
                );
            }
        };
        let operation = if subtract { Arithmetic::Subtract } else { Arithmetic::Add };
        Some(arithmetic(operation, left, right, money))
    }

    fn product(&mut self, operation: Arithmetic, left: Typed, right: Typed, span: &Range<usize>) -> Option<Typed> {
        let money = match (&left.ty, &right.ty, operation) {
            (Type::Number, Type::Number, _) => Some(false),
            (Type::Money, Type::Number, Arithmetic::Multiply | Arithmetic::Divide)
            | (Type::Number, Type::Money, Arithmetic::Multiply) => Some(true),
            (Type::Money, Type::Money, Arithmetic::Divide) => Some(false),
            _ => None,
        };
        let Some(money) = money else {
            let (a, b) = (self.describe(&left.ty), self.describe(&right.ty));
            return self.problem(
                codes::TYPE_MISMATCH,
                span,
                Bilingual::new(
                    format!("{}与{}不能这样相乘或相除", a.zh, b.zh),
                    format!("{} and {} can't be multiplied or divided like this", a.en, b.en),
                ),
            );
        };
        Some(arithmetic(operation, left, right, money))
    }
}

fn arithmetic(operation: Arithmetic, left: Typed, right: Typed, money: bool) -> Typed {
    let bare = left.bare && right.bare;
    let ty = if money { Type::Money } else { Type::Number };
    let term = Term::Arithmetic { operation, left: Box::new(left.term), right: Box::new(right.term), money };
    Typed { bare, ..Typed::new(term, ty) }
}

fn comparison(operator: Operator) -> Option<Comparison> {
    Some(match operator {
        Operator::Equal => Comparison::Equal,
        Operator::NotEqual => Comparison::NotEqual,
        Operator::Less => Comparison::Less,
        Operator::LessOrEqual => Comparison::LessOrEqual,
        Operator::Greater => Comparison::Greater,
        Operator::GreaterOrEqual => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

/// `a && b && c` as one conjunction of three.
fn joined(operator: Operator, left: Cond, right: Cond) -> Cond {
    let mut parts = Vec::new();
    for side in [left, right] {
        match (operator, side) {
            (Operator::And, Cond::All(inner)) | (Operator::Or, Cond::Any(inner)) => parts.extend(inner.into_vec()),
            (_, side) => parts.push(side),
        }
    }
    if operator == Operator::And { Cond::All(parts.into()) } else { Cond::Any(parts.into()) }
}

/// What to write instead, for the mismatches people make.
pub(super) fn mismatch_help(left: &Typed, right: &Typed) -> Option<Bilingual> {
    let quoted_number = |typed: &Typed| match &typed.term {
        Term::Const(Value::Text(text)) => text.parse::<rust_decimal::Decimal>().is_ok(),
        _ => false,
    };
    let types = (&left.ty, &right.ty);
    if quoted_number(left) || quoted_number(right) {
        return Some(both!("数字不要加引号", "write the number without quotes"));
    }
    match types {
        (Type::Money, Type::Number) | (Type::Number, Type::Money) => Some(both!(
            "如果这个参数是金额，请给它写上 `type: money`",
            "if the parameter is an amount, declare it `type: money`"
        )),
        (Type::Duration, Type::Number) | (Type::Number, Type::Duration) => {
            Some(both!("时长要带单位，例如 `hours(48)`", "a length of time needs its unit, as in `hours(48)`"))
        }
        (Type::Bool, Type::Text) | (Type::Text, Type::Bool) => {
            Some(both!("真假不加引号，写 `true` 或 `false`", "write `true` or `false` without quotes"))
        }
        (Type::Bool, _) | (_, Type::Bool) => Some(both!(
            "两个比较要用 `&&` 连起来，例如 `5 <= x && x <= 500`",
            "join two comparisons with `&&`, as in `5 <= x && x <= 500`"
        )),
        _ => None,
    }
}

/// Equality of values that have no order.
fn same(ty: &Type, left: Box<Term>, right: Box<Term>) -> Option<Cond> {
    Some(match ty {
        Type::Bool => Cond::SameTruth(Box::new(into_cond(*left)), Box::new(into_cond(*right))),
        Type::Text => Cond::SameText(left, right),
        Type::Enum(_) => match (*left, *right) {
            (term, Term::Const(Value::Symbol(symbol))) | (Term::Const(Value::Symbol(symbol)), term) => {
                Cond::OneOf(Box::new(term), SymbolSet::from_iter([symbol]))
            }
            (left, right) => Cond::SameSymbol(Box::new(left), Box::new(right)),
        },
        _ => return None,
    })
}
