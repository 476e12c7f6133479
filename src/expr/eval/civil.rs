//! Values of dates and of times reckoned by a calendar, in the bundle's zone.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Env, Failure, Scope};
use crate::calendar::{Calendar, date_of, start_of_day};
use crate::expr::typed::{DateUnit, DeskTime, Term};
use crate::value::{Duration, Instant, Truth, Value};

/// A date, the start of one, or how far apart two are.
pub(super) fn value(term: &Term, scope: Scope<'_>) -> Value {
    let zone = scope.env.program.zone;
    let found = match term {
        Term::DateOf(instant) => match instant.value(scope) {
            Value::Instant(instant) => date_of(instant, zone).map(Value::Date),
            _ => return Value::Unknown,
        },
        Term::StartOfDay(date) => match date.value(scope) {
            Value::Date(date) => start_of_day(date, zone).map(Value::Instant),
            _ => return Value::Unknown,
        },
        Term::DateAfter { date, count, unit } => match (date.value(scope), count.decimal(scope)) {
            (Value::Date(date), Some(count)) => later(date, count, *unit).map(Value::Date),
            _ => return Value::Unknown,
        },
        Term::DaysBetween(from, until) => match (from.value(scope), until.value(scope)) {
            (Value::Date(from), Value::Date(until)) => {
                Some(Value::Number(Decimal::from(until.signed_duration_since(from).num_days())))
            }
            _ => return Value::Unknown,
        },
        _ => return Value::Unknown,
    };
    found.unwrap_or_else(|| scope.env.fail(Failure::Overflow))
}

/// `None` beyond the calendar of years, or for a part of a day.
fn later(date: NaiveDate, count: Decimal, unit: DateUnit) -> Option<NaiveDate> {
    let count = count.to_i32().filter(|_| count.is_integer())?;
    match unit {
        DateUnit::Days => date.checked_add_signed(chrono::TimeDelta::try_days(count.into())?),
        DateUnit::Months if count < 0 => date.checked_sub_months(chrono::Months::new(count.unsigned_abs())),
        DateUnit::Months => date.checked_add_months(chrono::Months::new(count.unsigned_abs())),
    }
}

pub(super) fn today(env: &Env<'_>) -> Value {
    let zone = env.program.zone;
    let Some(date) = date_of(env.now, zone) else { return Value::Unknown };
    if let Some(midnight) = date.succ_opt().and_then(|next| start_of_day(next, zone)) {
        env.changes_at(midnight);
    }
    Value::Date(date)
}

/// A time reckoned in working days or desk hours.
pub(super) fn by_calendar(term: &Term, scope: Scope<'_>) -> Value {
    let env = scope.env;
    let (at, found, working_days) = match term {
        Term::WorkingDaysAfter { calendar: at, start, days } => {
            let Some(calendar) = env.calendar(*at) else { return Value::Unknown };
            let (Some(start), Some(days)) = (start.nanos(scope), days.decimal(scope)) else { return Value::Unknown };
            (*at, days.to_u32().and_then(|days| calendar.working_days_after(Instant(start), days)), true)
        }
        Term::BusinessTimeAfter { calendar: at, start, length } => {
            let Some(calendar) = env.calendar(*at) else { return Value::Unknown };
            let (Some(start), Some(length)) = (start.nanos(scope), length.nanos(scope)) else { return Value::Unknown };
            (*at, calendar.business_time_after(Instant(start), Duration(length)), false)
        }
        _ => return Value::Unknown,
    };
    match found {
        Some(end) => {
            env.told_by(at, end, working_days);
            Value::Instant(end)
        }
        None => env
            .calendar(at)
            .map_or(Value::Unknown, |calendar| env.fail(Failure::OutsideCalendar { calendar: calendar.name.clone() })),
    }
}

/// What a calendar says of an instant. Where that moves with the clock, the answer changes when the instant comes to the
/// next opening, closing or shift.
pub(super) fn at_desk(number: usize, asked: DeskTime, at: &Term, moves: bool, scope: Scope<'_>) -> Value {
    let Some(calendar) = scope.env.program.calendars.get(number) else { return Value::Unknown };
    let Some(at) = at.nanos(scope).map(Instant) else { return Value::Unknown };
    let found = match asked {
        DeskTime::NextOpening => calendar.next_opening(at).map(|opening| (Value::Instant(opening), opening)),
        DeskTime::NextClosing => calendar.next_closing(at).map(|closing| (Value::Instant(closing), closing)),
        DeskTime::NextShift => calendar.next_shift(at).map(|start| (Value::Instant(start), start)),
        DeskTime::Shift => calendar.shift_at(at).map(|(shift, until)| {
            // Nobody on duty is no shift: `shift_at(now) ?? "night"` gives it a name.
            (shift.map_or(Value::Unknown, |shift| Value::Text((*shift.id).into())), until)
        }),
    };
    let Some((value, until)) = found else {
        return scope.env.fail(Failure::OutsideCalendar { calendar: calendar.name.clone() });
    };
    scope.env.told_by(number, until, false);
    if moves && let Some(change) = until.0.checked_sub(at.0).and_then(|left| scope.env.now.0.checked_add(left)) {
        scope.env.changes_at(Instant(change));
    }
    value
}

/// Whether the desk is open now.
pub(super) fn desk_open(at: usize, env: &Env<'_>) -> Truth {
    let Some(calendar) = env.calendar(at) else { return Truth::Unknown };
    match calendar.is_open(env.now) {
        Some((open, until)) => {
            env.changes_at(until);
            env.told_by(at, until, false);
            Truth::from(open)
        }
        None => outside(calendar, env),
    }
}

/// Whether a day is worked.
pub(super) fn working_day(at: usize, date: &Term, scope: Scope<'_>) -> Truth {
    let Some(calendar) = scope.env.calendar(at) else { return Truth::Unknown };
    match date.with(scope, |date| if let Value::Date(date) = date { Some(*date) } else { None }) {
        Some(date) => match calendar.is_working_day(date) {
            Some(working) => {
                if let Some(end) = date.succ_opt().and_then(|next| start_of_day(next, calendar.zone)) {
                    scope.env.told_by(at, end, true);
                }
                Truth::from(working)
            }
            None => outside(calendar, scope.env),
        },
        None => Truth::Unknown,
    }
}

fn outside(calendar: &Calendar, env: &Env<'_>) -> Truth {
    env.fail(Failure::OutsideCalendar { calendar: calendar.name.clone() });
    Truth::Unknown
}

impl<'a> Env<'a> {
    /// A calendar of the bundle's, which the answer then hangs on.
    pub fn calendar(&self, at: usize) -> Option<&'a Calendar> {
        self.calendars.set(self.calendars.get() | bit(at));
        self.program.calendars.get(at)
    }

    /// Notes that a calendar has told of a time up to `end`. What hangs on which days are worked may come out otherwise
    /// once the holidays of that year are announced.
    pub fn told_by(&self, at: usize, end: Instant, working_days: bool) {
        let Some(calendar) = self.program.calendars.get(at) else { return };
        // The end of a day is the first instant of the next.
        let last_day = date_of(Instant(end.0.saturating_sub(1)), calendar.zone);
        if (working_days || calendar.working_days_only) && last_day.is_some_and(|day| calendar.expects(day)) {
            self.expected.set(self.expected.get() | bit(at));
        }
    }

    /// The calendars that were asked so far.
    pub fn calendars_asked(&self) -> impl Iterator<Item = &'a Calendar> {
        self.calendars_of(self.calendars.get())
    }

    /// Those that have told something by holidays that are only expected.
    pub fn calendars_expecting(&self) -> impl Iterator<Item = &'a Calendar> {
        self.calendars_of(self.expected.get())
    }

    fn calendars_of(&self, set: u64) -> impl Iterator<Item = &'a Calendar> {
        let numbered = self.program.calendars.iter().enumerate();
        numbered.filter(move |(at, _)| set & bit(*at) != 0).map(|(_, calendar)| calendar)
    }
}

/// The bit of the calendar at that position.
fn bit(at: usize) -> u64 {
    u32::try_from(at).ok().and_then(|at| 1_u64.checked_shl(at)).unwrap_or_default()
}
