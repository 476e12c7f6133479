//! Functions on times: lengths of time, what has passed, days of the calendar year.

use std::ops::Range;

use rust_decimal::Decimal;

use super::{Checker, Typed};
use crate::both;
use crate::diagnostic::codes;
use crate::expr::eval::units;
use crate::expr::syntax::Syntax;
use crate::expr::typed::{DateUnit, Term, TimeResult};
use crate::facts::Type;
use crate::value::{SECOND, Value};

impl Checker<'_> {
    pub(super) fn units(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
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
    pub(super) fn reckoned(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let [instant] = self.arity(name, arguments, span)?;
        let instant = Box::new(self.argument(instant, &Type::Instant)?.term);
        let now = Box::new(Term::Now);
        let (left, right, slope) = if name == "since" { (now, instant, 1) } else { (instant, now, -1) };
        let term = Term::TimeSum { left, right, subtract: true, result: TimeResult::Duration };
        Some(Typed { slope, ..Typed::new(term, Type::Duration) })
    }

    pub(super) fn civil(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
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
}
