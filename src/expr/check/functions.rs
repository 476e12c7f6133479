//! The functions that conditions and values may call: the engine's own, and those of `.rhai` files.

use std::ops::Range;

use super::{Checker, Typed};
use crate::both;
use crate::diagnostic::codes;
use crate::expr::syntax::Syntax;
use crate::expr::typed::{Cond, Rounding, Term};
use crate::facts::Type;

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
}
