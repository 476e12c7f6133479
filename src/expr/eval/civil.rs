//! Values of dates and of times reckoned by a calendar, in the bundle's zone.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Env, Failure, Scope};
use crate::calendar::{date_of, start_of_day};
use crate::expr::typed::{DateUnit, DeskTime, Term};
use crate::value::{Duration, Instant, Value};

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
fn later(date: chrono::NaiveDate, count: Decimal, unit: DateUnit) -> Option<chrono::NaiveDate> {
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
    let (calendar, found) = match term {
        Term::WorkingDaysAfter { calendar, start, days } => {
            let Some(calendar) = scope.env.calendar(*calendar) else { return Value::Unknown };
            let (Some(start), Some(days)) = (start.nanos(scope), days.decimal(scope)) else { return Value::Unknown };
            (calendar, days.to_u32().and_then(|days| calendar.working_days_after(Instant(start), days)))
        }
        Term::BusinessTimeAfter { calendar, start, length } => {
            let Some(calendar) = scope.env.calendar(*calendar) else { return Value::Unknown };
            let (Some(start), Some(length)) = (start.nanos(scope), length.nanos(scope)) else { return Value::Unknown };
            (calendar, calendar.business_time_after(Instant(start), Duration(length)))
        }
        _ => return Value::Unknown,
    };
    let outside = || scope.env.fail(Failure::OutsideCalendar { calendar: calendar.name.clone() });
    found.map_or_else(outside, Value::Instant)
}

/// What a calendar says of an instant. Where that moves with the clock, the answer changes when the instant comes to the
/// next opening, closing or shift.
pub(super) fn at_desk(calendar: usize, asked: DeskTime, at: &Term, moves: bool, scope: Scope<'_>) -> Value {
    let Some(calendar) = scope.env.program.calendars.get(calendar) else { return Value::Unknown };
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
    if moves && let Some(change) = until.0.checked_sub(at.0).and_then(|left| scope.env.now.0.checked_add(left)) {
        scope.env.changes_at(Instant(change));
    }
    value
}
