//! Functions that ask a calendar: working days, opening hours, shifts.

use std::ops::Range;

use super::{Checker, Typed, suggestion};
use crate::both;
use crate::diagnostic::codes;
use crate::expr::syntax::{Kind, Syntax};
use crate::expr::typed::{Cond, DeskTime, Term};
use crate::facts::Type;

impl Checker<'_> {
    pub(super) fn calendar(&mut self, name: &str, arguments: &[Syntax], span: &Range<usize>) -> Option<Typed> {
        let own = match name {
            "desk_open" => 0,
            "working_days_after" | "business_time_after" => 2,
            _ => 1,
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
            (_, [at]) => return self.desk_time(name, at, calendar),
            _ => Typed::condition(Cond::DeskOpen(calendar)),
        })
    }

    /// What a calendar says of an instant. It may be `now`: such an answer stands for a while, and is known to end.
    fn desk_time(&mut self, name: &str, at: &Syntax, calendar: usize) -> Option<Typed> {
        let (asked, ty) = match name {
            "next_opening" => (DeskTime::NextOpening, Type::Instant),
            "next_closing" => (DeskTime::NextClosing, Type::Instant),
            "next_shift" => (DeskTime::NextShift, Type::Instant),
            _ => (DeskTime::Shift, Type::Text),
        };
        let typed = self.infer(at)?;
        let moves = typed.slope == 1;
        if !moves {
            self.still(&typed, &at.span)?;
        }
        let at = Box::new(self.coerce(typed, &Type::Instant, &at.span)?.term);
        Some(Typed::new(Term::AtDesk { calendar, asked, at, moves }, ty))
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
}
