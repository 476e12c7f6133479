//! The functions that conditions and values may call: the engine's own, and those of `.rhai` files.

use std::ops::Range;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{Checker, Typed, suggestion};
use crate::both;
use crate::diagnostic::codes;
use crate::expr::eval::units;
use crate::expr::mentions;
use crate::expr::syntax::Syntax;
use crate::expr::typed::{Arithmetic, Cond, DateUnit, Rounding, Shape, ShapeField, Term, TextTest, TimeResult};
use crate::facts::{EnumType, RecordId, Type};
use crate::value::{SECOND, Value};

/// Every function of the engine's own, with how it is written.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("abs", "abs(x)"),
    ("all", "all(list, it.… )"),
    ("any", "any(list, it.… )"),
    ("business_time_after", "business_time_after(start, hours(8), \"calendar\")"),
    ("contains", "contains(text, \"part\")"),
    ("count", "count(list, it.… )"),
    ("date_of", "date_of(instant)"),
    ("day_after", "day_after(date, 3)"),
    ("days", "days(7)"),
    ("days_between", "days_between(from, until)"),
    ("desk_open", "desk_open(\"calendar\")"),
    ("ends_with", "ends_with(text, \"end\")"),
    ("filter", "filter(list, it.… )"),
    ("find", "find(list, it.… )"),
    ("folded", "folded(text)"),
    ("hours", "hours(48)"),
    ("is_working_day", "is_working_day(date, \"calendar\")"),
    ("known", "known(fact)"),
    ("len", "len(text)"),
    ("max", "max(a, b)"),
    ("mentions", "mentions(customer.words, $trigger_words)"),
    ("min", "min(a, b)"),
    ("minutes", "minutes(20)"),
    ("months_after", "months_after(date, 12)"),
    ("next_closing", "next_closing(now, \"calendar\")"),
    ("next_opening", "next_opening(now, \"calendar\")"),
    ("next_shift", "next_shift(now, \"calendar\")"),
    ("none", "none(list, it.… )"),
    ("percent", "percent(50, order.amount)"),
    ("round_down", "round_down(x, 2)"),
    ("round_down_to", "round_down_to(x, 0.05)"),
    ("round_half_even", "round_half_even(x, 2)"),
    ("round_half_even_to", "round_half_even_to(x, 0.05)"),
    ("round_half_up", "round_half_up(x, 2)"),
    ("round_half_up_to", "round_half_up_to(x, 0.05)"),
    ("seconds", "seconds(20)"),
    ("shift_at", "shift_at(now, \"calendar\")"),
    ("since", "since(instant)"),
    ("start_of_day", "start_of_day(date)"),
    ("starts_with", "starts_with(text, \"start\")"),
    ("sum", "sum(list, it.… )"),
    ("time_left", "time_left(instant)"),
    ("within", "within(issue.class, \"product.quality\")"),
    ("working_days_after", "working_days_after(instant, 3, \"calendar\")"),
    ("zip", "zip(list, list)"),
];

impl Checker<'_> {
    pub(super) fn call(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        match name {
            "any" | "all" | "none" | "find" | "filter" | "count" | "sum" => self.over_list(name, arguments, span),
            "min" | "max" => self.extreme(name, arguments, span),
            "known" => {
                let [inner] = self.arity(name, arguments, span)?;
                self.infer(inner).map(|typed| Typed::condition(Cond::Known(Box::new(typed.term))))
            }
            "within" => self.within(arguments, span),
            "contains" | "starts_with" | "ends_with" => self.text_test(name, arguments, span),
            "mentions" => self.mentions(arguments, span),
            "len" => {
                let [text] = self.arity(name, arguments, span)?;
                let text = self.argument(text, &Type::Text)?;
                Some(Typed::new(Term::Length(Box::new(text.term)), Type::Number))
            }
            "zip" => self.zip(arguments, span),
            "folded" => {
                let [text] = self.arity(name, arguments, span)?;
                let text = self.argument(text, &Type::Text)?;
                Some(Typed::new(Term::Folded(Box::new(text.term)), Type::Text))
            }
            "abs" => self.absolute(arguments, span),
            "round_down" => self.round(Rounding::Down, name, arguments, span),
            "round_half_up" => self.round(Rounding::HalfUp, name, arguments, span),
            "round_half_even" => self.round(Rounding::HalfEven, name, arguments, span),
            "round_down_to" => self.round_to(Rounding::Down, name, arguments, span),
            "round_half_up_to" => self.round_to(Rounding::HalfUp, name, arguments, span),
            "round_half_even_to" => self.round_to(Rounding::HalfEven, name, arguments, span),
            "percent" => self.percent(arguments, span),
            "seconds" | "minutes" | "hours" | "days" => self.units(name, arguments, span),
            "since" | "time_left" => self.reckoned(name, arguments, span),
            "date_of" | "start_of_day" | "day_after" | "months_after" | "days_between" => {
                self.civil(name, arguments, span)
            }
            "working_days_after"
            | "business_time_after"
            | "desk_open"
            | "is_working_day"
            | "next_opening"
            | "next_closing"
            | "shift_at"
            | "next_shift" => self.calendar(name, arguments, span),
            _ => self.scripted(name, arguments, span),
        }
    }

    /// Exactly so many arguments.
    pub(super) fn arity<'s, const N: usize>(
        &mut self,
        name: &str,
        arguments: &'s [Syntax],
        span: &Range<usize>,
    ) -> Option<&'s [Syntax; N]> {
        match arguments.try_into() {
            Ok(arguments) => Some(arguments),
            Err(_) => self.wrong_arguments(name, arguments.len(), &N.to_string(), span),
        }
    }

    pub(super) fn wrong_arguments<T>(&mut self, name: &str, have: usize, want: &str, span: &Range<usize>) -> Option<T> {
        let usage = BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, usage)| *usage);
        self.problem_with_help(
            codes::WRONG_ARGUMENTS,
            span,
            both!(
                "`{name}` 的参数要有 {want} 个，这里写了 {have} 个",
                "wrong number of arguments for `{name}`: {want} wanted, {have} given"
            ),
            usage.map(|usage| both!("写法：`{usage}`", "write `{usage}`")),
        )
    }

    /// An argument of a given type that does not move with the clock.
    pub(super) fn argument(&mut self, syntax: &Syntax, wanted: &Type) -> Option<Typed> {
        let typed = self.infer(syntax)?;
        self.still(&typed, &syntax.span)?;
        self.coerce(typed, wanted, &syntax.span)
    }

    fn within(&mut self, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let [subject, branch] = self.arity("within", arguments, span)?;
        let (subject_typed, branch_typed) = (self.infer(subject), self.infer(branch));
        let (subject_typed, branch_typed) = (subject_typed?, branch_typed?);
        let Type::Enum(id) = subject_typed.ty else {
            let ty = self.describe(&subject_typed.ty);
            let (zh, en) = (&ty.zh, &ty.en);
            return self.problem(
                codes::TYPE_MISMATCH,
                &subject.span,
                both!("`within` 要的是分类，这里却是{zh}", "`within` wants a classification, but this is {en}"),
            );
        };
        let enumeration = self.names.schema.enumeration(id)?;
        let Term::Const(Value::Text(prefix)) = &branch_typed.term else {
            return self.problem(
                codes::TYPE_MISMATCH,
                &branch.span,
                both!(
                    "分类要直接写出来，例如 `\"product.quality\"`",
                    "the branch must be written out, as in `\"product.quality\"`"
                ),
            );
        };
        let set = enumeration.branch(prefix);
        if set.is_empty() {
            return self.not_a_branch(prefix, enumeration, &branch.span);
        }
        Some(Typed::condition(Cond::OneOf(Box::new(subject_typed.term), set)))
    }

    fn not_a_branch<T>(&mut self, prefix: &str, enumeration: &EnumType, span: &Range<usize>) -> Option<T> {
        let name = &enumeration.name;
        let branches = enumeration.branches();
        let help = suggestion(prefix, branches.iter().copied());
        self.problem_with_help(
            codes::NEVER_TRUE,
            span,
            both!(
                "{name} 里没有 `{prefix}` 这一支，这个条件永远不会成立",
                "{name} has no branch `{prefix}`: the condition could never be true"
            ),
            help,
        )
    }

    fn text_test(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let [subject, part] = self.arity(name, arguments, span)?;
        let typed = self.infer(subject)?;
        if let Type::List(of) = typed.ty.clone()
            && name == "contains"
        {
            let element = self.argument(part, &of)?;
            let cond = Cond::Member { element: Box::new(element.term), list: Box::new(typed.term) };
            return Some(Typed::condition(cond));
        }
        let text = self.coerce(typed, &Type::Text, &subject.span)?;
        let part = self.argument(part, &Type::Text)?;
        let test = match name {
            "contains" => TextTest::Contains,
            "starts_with" => TextTest::StartsWith,
            _ => TextTest::EndsWith,
        };
        Some(Typed::condition(Cond::Text(test, Box::new(text.term), Box::new(part.term))))
    }

    fn mentions(&mut self, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let [texts, words] = self.arity("mentions", arguments, span)?;
        let (typed, words) = (self.infer(texts), self.argument(words, &Type::list(Type::Text)));
        let (typed, words) = (typed?, words?);
        let typed =
            if typed.ty == Type::Text { typed } else { self.coerce(typed, &Type::list(Type::Text), &texts.span)? };
        let texts = Box::new(typed.term);
        let ready = if let Term::Const(words) = &words.term { mentions::ready(words) } else { None };
        Some(Typed::condition(Cond::Mentions { texts, words: Box::new(words.term), ready }))
    }

    fn absolute(&mut self, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
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

    fn round(&mut self, rounding: Rounding, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
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
    fn round_to(&mut self, rounding: Rounding, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
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
    fn percent(&mut self, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let [percent, of] = self.arity("percent", arguments, span)?;
        let (percent, of_typed) = (self.argument(percent, &Type::Number), self.infer(of));
        let (percent, of_typed) = (percent?, of_typed?);
        let of = if of_typed.ty == Type::Money { of_typed } else { self.coerce(of_typed, &Type::Number, &of.span)? };
        let money = of.ty == Type::Money;
        Some(Typed::new(percent_of(percent.term, of.term, money), of.ty))
    }

    fn units(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let [count] = self.arity(name, arguments, span)?;
        let (count, at) = (self.argument(count, &Type::Number)?, &count.span);
        let seconds: i64 = match name {
            "seconds" => 1,
            "minutes" => 60,
            "hours" => 3_600,
            _ => 86_400,
        };
        let unit = seconds.checked_mul(SECOND)?;
        let Term::Const(Value::Number(count)) = count.term else {
            return Some(Typed::new(Term::Units(Box::new(count.term), unit), Type::Duration));
        };
        match units(count, unit) {
            Some(length) => Some(Typed::new(Term::Const(Value::Duration(length)), Type::Duration)),
            None => self.problem(codes::OUT_OF_RANGE, at, both!("时长过长", "the length of time is too long")),
        }
    }

    /// `since(t)` is `now - t`, `time_left(t)` is `t - now`.
    fn reckoned(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let [instant] = self.arity(name, arguments, span)?;
        let instant = Box::new(self.argument(instant, &Type::Instant)?.term);
        let now = Box::new(Term::Now);
        let (left, right, slope) = if name == "since" { (now, instant, 1) } else { (instant, now, -1) };
        let term = Term::TimeSum { left, right, subtract: true, result: TimeResult::Duration };
        Some(Typed { slope, ..Typed::new(term, Type::Duration) })
    }

    fn civil(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let date = |term| Typed::new(term, Type::Date);
        match (name, arguments) {
            ("day_after", [from]) => {
                let (from, one) = (self.argument(from, &Type::Date)?, Term::Const(Value::Number(Decimal::ONE)));
                let (from, one) = (Box::new(from.term), Box::new(one));
                Some(date(Term::DateAfter { date: from, count: one, unit: DateUnit::Days }))
            }
            ("day_after" | "months_after", [from, count]) => {
                let unit = if name == "day_after" { DateUnit::Days } else { DateUnit::Months };
                let (from, number) = (self.argument(from, &Type::Date), self.argument(count, &Type::Number));
                let (from, number) = (Box::new(from?.term), Box::new(number?.term));
                if matches!(*number, Term::Const(Value::Number(value)) if !value.is_integer()) {
                    return self.problem(
                        codes::WRONG_ARGUMENTS,
                        &count.span,
                        both!("天数或月数要写成整数", "the number of days or months must be whole"),
                    );
                }
                Some(date(Term::DateAfter { date: from, count: number, unit }))
            }
            ("days_between", [from, until]) => {
                let (from, until) = (self.argument(from, &Type::Date), self.argument(until, &Type::Date));
                let (from, until) = (Box::new(from?.term), Box::new(until?.term));
                Some(Typed::new(Term::DaysBetween(from, until), Type::Number))
            }
            ("date_of", [instant]) => Some(date(Term::DateOf(Box::new(self.argument(instant, &Type::Instant)?.term)))),
            ("start_of_day", [day]) => {
                let day = Box::new(self.argument(day, &Type::Date)?.term);
                Some(Typed::new(Term::StartOfDay(day), Type::Instant))
            }
            _ => {
                let wanted = if matches!(name, "date_of" | "start_of_day" | "day_after") { "1" } else { "2" };
                self.wrong_arguments(name, arguments.len(), wanted, span)
            }
        }
    }

    fn scripted(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let functions = self.names.functions;
        let Some(position) = functions.iter().position(|function| &*function.name == name) else {
            let known = BUILT_IN.iter().map(|(name, _)| *name).chain(functions.iter().map(|function| &*function.name));
            let help = suggestion(name, known.collect::<Vec<_>>().iter().copied());
            return self.problem_with_help(
                codes::UNKNOWN_FUNCTION,
                span,
                both!("没有名为 `{name}` 的函数", "there is no function `{name}`"),
                help,
            );
        };
        let function = functions.get(position)?;
        if function.parameters.len() != arguments.len() {
            let wanted = function.parameters.len().to_string();
            return self.wrong_arguments(name, arguments.len(), &wanted, span);
        }
        let mut terms = Vec::with_capacity(arguments.len());
        let mut failed = false;
        for (argument, (_, ty)) in arguments.iter().zip(&function.parameters) {
            match self.script_argument(argument, ty, &function.reads) {
                Some(term) => terms.push(term),
                None => failed = true,
            }
        }
        if failed {
            return None;
        }
        let money = function.returns == Type::Money;
        let ty = function.returns.clone();
        let term = Term::Script { function: position, arguments: terms.into(), money };
        if ty == Type::Bool {
            return Some(Typed::condition(Cond::Is(Box::new(term))));
        }
        Some(Typed::new(term, ty))
    }

    /// Scripts see enumerated values as texts, and records as maps of the fields that they read.
    fn script_argument(&mut self, argument: &Syntax, wanted: &Type, reads: &[Arc<str>]) -> Option<Term> {
        let typed = self.infer(argument)?;
        self.still(&typed, &argument.span)?;
        if !becomes(&typed.ty, wanted) {
            return self.coerce(typed, wanted, &argument.span).map(|typed| typed.term);
        }
        Some(match self.shape(&typed.ty, reads) {
            Shape::AsItIs => typed.term,
            shape => Term::Plain(Box::new(typed.term), shape),
        })
    }

    fn shape(&self, ty: &Type, reads: &[Arc<str>]) -> Shape {
        match ty {
            Type::Enum(of) => Shape::Member(*of),
            Type::List(of) | Type::Map(of) => Shape::Each(Box::new(self.shape(of, reads))),
            Type::Record(id) => {
                let fields = self.names.schema.record(*id).into_iter().flat_map(|record| (0..).zip(&record.fields));
                let read = fields.filter_map(|(at, field)| {
                    let name = reads.iter().find(|name| ***name == *field.name)?.clone();
                    Some(ShapeField { name, record: *id, field: at, shape: self.shape(&field.ty, reads) })
                });
                Shape::Record(read.collect())
            }
            Type::Pair(sides) => {
                let side = |name: &str, field, ty| {
                    let shape = self.shape(ty, reads);
                    ShapeField { name: name.into(), record: RecordId::ANY, field, shape }
                };
                Shape::Record([side("first", 0, &sides.0), side("second", 1, &sides.1)].into())
            }
            Type::Bool | Type::Number | Type::Money | Type::Text | Type::Instant | Type::Date | Type::Duration => {
                Shape::AsItIs
            }
        }
    }
}

/// Whether a value can be given to a script that wants another type.
fn becomes(ty: &Type, wanted: &Type) -> bool {
    match (ty, wanted) {
        (Type::Enum(_), Type::Text) | (Type::Record(_) | Type::Pair(_), Type::Record(RecordId::ANY)) => true,
        (Type::List(of), Type::List(wanted)) => becomes(of, wanted),
        (ty, wanted) => ty == wanted,
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
