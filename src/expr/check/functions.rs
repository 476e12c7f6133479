//! The functions that conditions and values may call: the engine's own, and those of `.rhai` files.

use std::ops::Range;

use super::{Checker, Typed, suggestion};
use crate::both;
use crate::diagnostic::codes;
use crate::expr::syntax::{Kind, Syntax};
use crate::expr::typed::{Aggregate, Arithmetic, Cond, Quantifier, Rounding, Term, TextTest, TimeResult};
use crate::facts::{EnumType, Type};
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
    ("day_after", "day_after(date)"),
    ("days", "days(7)"),
    ("desk_open", "desk_open(\"calendar\")"),
    ("ends_with", "ends_with(text, \"end\")"),
    ("find", "find(list, it.… )"),
    ("hours", "hours(48)"),
    ("is_working_day", "is_working_day(date, \"calendar\")"),
    ("known", "known(fact)"),
    ("len", "len(text)"),
    ("max", "max(a, b)"),
    ("mentions", "mentions(customer.words, $trigger_words)"),
    ("min", "min(a, b)"),
    ("minutes", "minutes(20)"),
    ("none", "none(list, it.… )"),
    ("percent", "percent(50, order.amount)"),
    ("round_down", "round_down(x, 2)"),
    ("round_half_even", "round_half_even(x, 2)"),
    ("round_half_up", "round_half_up(x, 2)"),
    ("seconds", "seconds(20)"),
    ("since", "since(instant)"),
    ("start_of_day", "start_of_day(date)"),
    ("starts_with", "starts_with(text, \"start\")"),
    ("sum", "sum(list, it.… )"),
    ("time_left", "time_left(instant)"),
    ("within", "within(issue.class, \"product.quality\")"),
    ("working_days_after", "working_days_after(instant, 3, \"calendar\")"),
];

impl Checker<'_> {
    pub(super) fn call(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        match name {
            "any" | "all" | "none" | "find" | "count" | "sum" => self.over_list(name, arguments, span),
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
            "abs" => self.absolute(arguments, span),
            "round_down" => self.round(Rounding::Down, name, arguments, span),
            "round_half_up" => self.round(Rounding::HalfUp, name, arguments, span),
            "round_half_even" => self.round(Rounding::HalfEven, name, arguments, span),
            "percent" => self.percent(arguments, span),
            "seconds" | "minutes" | "hours" | "days" => self.units(name, arguments, span),
            "since" | "time_left" => self.reckoned(name, arguments, span),
            "date_of" | "start_of_day" | "day_after" => self.civil(name, arguments, span),
            "working_days_after" | "business_time_after" | "desk_open" | "is_working_day" => {
                self.calendar(name, arguments, span)
            }
            _ => self.scripted(name, arguments, span),
        }
    }

    /// Exactly so many arguments.
    fn arity<'s, const N: usize>(
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

    fn wrong_arguments<T>(&mut self, name: &str, have: usize, want: &str, span: &Range<usize>) -> Option<T> {
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
    fn argument(&mut self, syntax: &Syntax, wanted: &Type) -> Option<Typed> {
        let typed = self.infer(syntax)?;
        self.still(&typed, &syntax.span)?;
        self.coerce(typed, wanted, &syntax.span)
    }

    /// `any(list, body)`, or `any(list, name, body)` to name the element; without a name it is `it`.
    fn over_list(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let (list, element, body) = match arguments {
            [list] if matches!(name, "count" | "sum" | "min" | "max") => (list, "it", None),
            [list, body] => (list, "it", Some(body)),
            [list, Syntax { kind: Kind::Name(element), .. }, body] => (list, element.as_str(), Some(body)),
            _ => return self.wrong_arguments(name, arguments.len(), "2", span),
        };
        let typed = self.infer(list)?;
        let Type::List(of) = typed.ty.clone() else {
            let ty = self.describe(&typed.ty);
            let (zh, en) = (&ty.zh, &ty.en);
            return self.problem(
                codes::TYPE_MISMATCH,
                &list.span,
                both!("`{name}` 要的是列表，这里却是{zh}", "`{name}` wants a list, but this is {en}"),
            );
        };
        self.locals.push((element.into(), (*of).clone()));
        let checked = self.over_elements(name, typed.term, &of, body);
        self.locals.pop();
        checked
    }

    fn over_elements(&mut self, name: &str, list: Term, of: &Type, body: Option<&Syntax>) -> Option<Typed> {
        let list = Box::new(list);
        if matches!(name, "sum" | "min" | "max") {
            return self.aggregate(name, list, of, body);
        }
        let body = match body {
            Some(body) => Some(self.condition(body)?),
            None => None,
        };
        Some(match (name, body) {
            ("any", Some(body)) => Typed::condition(Cond::Quantified(Quantifier::Any, list, Box::new(body))),
            ("all", Some(body)) => Typed::condition(Cond::Quantified(Quantifier::All, list, Box::new(body))),
            ("none", Some(body)) => {
                let any = Cond::Quantified(Quantifier::Any, list, Box::new(body));
                Typed::condition(Cond::Not(Box::new(any)))
            }
            ("find", Some(body)) => Typed::new(Term::Find(list, Box::new(body)), of.clone()),
            (_, body) => Typed::new(Term::Count(list, body.map(Box::new)), Type::Number),
        })
    }

    fn aggregate(&mut self, name: &str, list: Box<Term>, of: &Type, body: Option<&Syntax>) -> Option<Typed> {
        let (ty, term, span) = match body {
            Some(body) => {
                let typed = self.infer(body)?;
                self.still(&typed, &body.span)?;
                (typed.ty, Some(Box::new(typed.term)), body.span.clone())
            }
            None => (of.clone(), None, 0..0),
        };
        let numeric = matches!(ty, Type::Number | Type::Money);
        let ordered = matches!(ty, Type::Instant | Type::Date | Type::Duration);
        let aggregate = match name {
            "sum" => Aggregate::Sum,
            "min" => Aggregate::Least,
            _ => Aggregate::Greatest,
        };
        if !(numeric || ordered && aggregate != Aggregate::Sum) {
            let described = self.describe(&ty);
            let (zh, en) = (&described.zh, &described.en);
            return self.problem(
                codes::TYPE_MISMATCH,
                &span,
                both!("`{name}` 不能用于{zh}", "`{name}` can't be taken of {en}"),
            );
        }
        let money = ty == Type::Money;
        Some(Typed::new(Term::Aggregate { aggregate, list, body: term, money }, ty))
    }

    fn extreme(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let first = arguments.first().and_then(|first| {
            let mut probe = Checker { names: self.names, locals: self.locals.clone(), problems: Vec::new() };
            probe.infer(first)
        });
        if matches!(first, Some(Typed { ty: Type::List(_), .. })) {
            return self.over_list(name, arguments, span);
        }
        let typed: Vec<Option<Typed>> = arguments.iter().map(|argument| self.infer(argument)).collect();
        let typed: Vec<Typed> = typed.into_iter().collect::<Option<_>>()?;
        let Some(ty) = typed.iter().find(|typed| !typed.bare).or(typed.first()).map(|typed| typed.ty.clone()) else {
            return self.wrong_arguments(name, 0, "2", span);
        };
        if !matches!(ty, Type::Number | Type::Money | Type::Instant | Type::Date | Type::Duration) {
            let described = self.describe(&ty);
            let (zh, en) = (&described.zh, &described.en);
            return self.problem(
                codes::TYPE_MISMATCH,
                span,
                both!("`{name}` 不能用于{zh}", "`{name}` can't be taken of {en}"),
            );
        }
        let mut terms = Vec::with_capacity(typed.len());
        for (typed, argument) in typed.into_iter().zip(arguments) {
            self.still(&typed, &argument.span)?;
            terms.push(self.coerce(typed, &ty, &argument.span)?.term);
        }
        Some(Typed::new(Term::Extreme { least: name == "min", terms: terms.into() }, ty))
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
        let texts =
            if typed.ty == Type::Text { typed } else { self.coerce(typed, &Type::list(Type::Text), &texts.span)? };
        Some(Typed::condition(Cond::Mentions { texts: Box::new(texts.term), words: Box::new(words.term) }))
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
        let count = self.argument(count, &Type::Number)?;
        let seconds: i64 = match name {
            "seconds" => 1,
            "minutes" => 60,
            "hours" => 3_600,
            _ => 86_400,
        };
        Some(Typed::new(Term::Units(Box::new(count.term), seconds.checked_mul(SECOND)?), Type::Duration))
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
        if let ("day_after", [date, days]) = (name, arguments) {
            let (date, count) = (self.argument(date, &Type::Date), self.argument(days, &Type::Number));
            let (date, count) = (date?, count?);
            let whole = |value: rust_decimal::Decimal| i64::try_from(value).ok().filter(|_| value.is_integer());
            let known = if let Term::Const(Value::Number(value)) = count.term { whole(value) } else { None };
            return match known {
                Some(days) => Some(Typed::new(Term::DayAfter(Box::new(date.term), days), Type::Date)),
                None => self.problem(
                    codes::WRONG_ARGUMENTS,
                    &days.span,
                    both!("天数要写成整数", "the number of days must be whole"),
                ),
            };
        }
        let [inner] = self.arity(name, arguments, span)?;
        Some(match name {
            "date_of" => Typed::new(Term::DateOf(Box::new(self.argument(inner, &Type::Instant)?.term)), Type::Date),
            "start_of_day" => {
                Typed::new(Term::StartOfDay(Box::new(self.argument(inner, &Type::Date)?.term)), Type::Instant)
            }
            _ => Typed::new(Term::DayAfter(Box::new(self.argument(inner, &Type::Date)?.term), 1), Type::Date),
        })
    }

    fn calendar(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let own = match name {
            "desk_open" => 0,
            "is_working_day" => 1,
            _ => 2,
        };
        let Some((own_arguments, named)) = arguments.split_at_checked(own).filter(|(_, named)| named.len() <= 1) else {
            return self.wrong_arguments(name, arguments.len(), &own.to_string(), span);
        };
        let calendar = self.calendar_named(named.first(), span)?;
        Some(match (name, own_arguments) {
            ("working_days_after", [start, days]) => {
                let (start, days) = (self.argument(start, &Type::Instant), self.argument(days, &Type::Number));
                let (start, days) = (Box::new(start?.term), Box::new(days?.term));
                Typed::new(Term::WorkingDaysAfter { calendar, start, days }, Type::Instant)
            }
            ("business_time_after", [start, length]) => {
                let (start, length) = (self.argument(start, &Type::Instant), self.argument(length, &Type::Duration));
                let (start, length) = (Box::new(start?.term), Box::new(length?.term));
                Typed::new(Term::BusinessTimeAfter { calendar, start, length }, Type::Instant)
            }
            ("is_working_day", [date]) => {
                let date = self.argument(date, &Type::Date)?;
                Typed::condition(Cond::WorkingDay(calendar, Box::new(date.term)))
            }
            _ => Typed::condition(Cond::DeskOpen(calendar)),
        })
    }

    /// The calendar written out by name, or the only one there is.
    fn calendar_named(&mut self, name: Option<&Syntax>, span: &Range<usize>) -> Option<usize> {
        let calendars = self.names.calendars;
        let Some(name) = name else {
            return match calendars.len() {
                1 => Some(0),
                0 => self.problem(codes::UNKNOWN_NAME, span, both!("还没有定义日历", "no calendar is declared")),
                _ => self.problem_with_help(
                    codes::WRONG_ARGUMENTS,
                    span,
                    both!("日历不止一个，请写明用哪一个", "there are several calendars; name the one you mean"),
                    suggestion("", calendars.iter().map(|name| &**name)),
                ),
            };
        };
        let Kind::Text(wanted) = &name.kind else {
            return self.problem(
                codes::WRONG_ARGUMENTS,
                &name.span,
                both!("日历名要加双引号", "write the calendar's name in quotes"),
            );
        };
        if let Some(position) = calendars.iter().position(|known| **known == **wanted) {
            return Some(position);
        }
        let help = suggestion(wanted, calendars.iter().map(|name| &**name));
        self.problem_with_help(
            codes::UNKNOWN_NAME,
            &name.span,
            both!("没有名为 `{wanted}` 的日历", "there is no calendar `{wanted}`"),
            help,
        )
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
            match self.script_argument(argument, ty) {
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

    /// Scripts see enumerated values as texts.
    fn script_argument(&mut self, argument: &Syntax, wanted: &Type) -> Option<Term> {
        let typed = self.infer(argument)?;
        self.still(&typed, &argument.span)?;
        if let (Type::Enum(id), Type::Text) = (&typed.ty, wanted) {
            return Some(Term::SymbolText(Box::new(typed.term), *id));
        }
        if let (Type::List(of), Type::List(wanted)) = (&typed.ty, wanted)
            && let (Type::Enum(id), Type::Text) = (&**of, &**wanted)
        {
            return Some(Term::SymbolText(Box::new(typed.term), *id));
        }
        self.coerce(typed, wanted, &argument.span).map(|typed| typed.term)
    }
}

/// `percent` hundredths of `of`.
pub fn percent_of(percent: Term, of: Term, money: bool) -> Term {
    let share = match &percent {
        Term::Const(Value::Number(percent)) => percent.checked_div(rust_decimal::Decimal::ONE_HUNDRED),
        _ => None,
    };
    // A hundredth of a written percentage is exact unless it has more digits than a decimal holds.
    if let Some(share) = share.filter(|share| share.scale() < rust_decimal::Decimal::MAX_SCALE) {
        let share = Term::Const(Value::Number(share.normalize()));
        return Term::Arithmetic { operation: Arithmetic::Multiply, left: Box::new(of), right: Box::new(share), money };
    }
    let product =
        Term::Arithmetic { operation: Arithmetic::Multiply, left: Box::new(of), right: Box::new(percent), money };
    let hundred = Term::Const(Value::Number(rust_decimal::Decimal::ONE_HUNDRED));
    Term::Arithmetic { operation: Arithmetic::Divide, left: Box::new(product), right: Box::new(hundred), money }
}
