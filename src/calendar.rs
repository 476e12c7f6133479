//! Civil time: which days are worked, when a desk is open, and what follows from both.
//!
//! Knows nothing of policies or cases. Every answer beyond the years a calendar covers is `None`, never a guess.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::value::{Duration, Instant, SECOND};

/// Nanoseconds in a minute.
const MINUTE: i64 = 60 * SECOND;

/// No search goes further than this many days: longer than any run of holidays and any sensible due time.
const DAYS_AHEAD_MAX: u32 = 3_660;

/// A desk that never closes is followed for so many days.
const OPEN_DAYS_MAX: u32 = 31;

/// One calendar of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    pub name: Box<str>,
    pub zone: Tz,
    /// First and last date on which it can be asked.
    pub covers: (NaiveDate, NaiveDate),
    /// Worked unless a holiday, Monday first.
    pub working_weekdays: [bool; 7],
    /// Not worked, whatever the weekday.
    pub holidays: BTreeSet<NaiveDate>,
    /// Years whose holidays are not announced yet: they are expected by the law alone.
    pub expected_years: BTreeSet<i32>,
    /// Worked, whatever the weekday: the days that make up for a holiday.
    pub make_up_days: BTreeSet<NaiveDate>,
    /// Opening and closing time in minutes of the day, in order and apart; 1440 is midnight.
    pub hours: Vec<(u16, u16)>,
    /// Whether the desk opens on working days only.
    pub working_days_only: bool,
    pub shifts: Vec<Shift>,
}

/// Who is on duty when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    pub id: Box<str>,
    /// Minutes of the day; 1440 is midnight.
    pub from: u16,
    pub until: u16,
}

impl Calendar {
    pub fn covers(&self, date: NaiveDate) -> bool {
        self.covers.0 <= date && date <= self.covers.1
    }

    /// Whether the holidays of that day's year are only expected.
    pub fn expects(&self, date: NaiveDate) -> bool {
        self.expected_years.contains(&date.year())
    }

    /// Whether `date` is worked.
    pub fn is_working_day(&self, date: NaiveDate) -> Option<bool> {
        if !self.covers(date) {
            return None;
        }
        let weekday = usize::try_from(date.weekday().num_days_from_monday()).unwrap_or_default();
        let usual = self.working_weekdays.get(weekday).copied().unwrap_or_default();
        Some(self.make_up_days.contains(&date) || (usual && !self.holidays.contains(&date)))
    }

    /// The end (24:00) of the `days`-th working day after the day of `start`, that day not counted (TI-10).
    pub fn working_days_after(&self, start: Instant, days: u32) -> Option<Instant> {
        let mut date = date_of(start, self.zone)?;
        let mut left = days;
        for _ in 0..DAYS_AHEAD_MAX {
            if left == 0 {
                return start_of_day(date.succ_opt()?, self.zone);
            }
            date = date.succ_opt()?;
            if self.is_working_day(date)? {
                left = left.saturating_sub(1);
            }
        }
        None
    }

    /// The instant at which `length` of open desk time has passed since `start`.
    pub fn business_time_after(&self, start: Instant, length: Duration) -> Option<Instant> {
        let mut left = length.0;
        let mut at = start.0;
        let mut date = date_of(start, self.zone)?;
        for _ in 0..DAYS_AHEAD_MAX {
            for (from, until) in self.open_on(date)? {
                let from = at.max(from.0);
                let room = until.0.saturating_sub(from);
                if room > 0 && room >= left {
                    return from.checked_add(left).map(Instant);
                }
                if room > 0 {
                    left = left.saturating_sub(room);
                    at = until.0;
                }
            }
            date = date.succ_opt()?;
        }
        None
    }

    /// Whether the desk is open at `at`, and when that next changes. A desk that does not close is told to be open for a
    /// month: asking again harms nobody.
    pub fn is_open(&self, at: Instant) -> Option<(bool, Instant)> {
        let mut date = date_of(at, self.zone)?;
        // The day before may reach past midnight only as 24:00, so today and the days after are enough.
        let mut open_since: Option<Instant> = None;
        for day in 0..DAYS_AHEAD_MAX {
            for (from, until) in self.open_on(date)? {
                match open_since {
                    Some(end) if from > end => return Some((true, end)),
                    Some(_) => open_since = Some(until),
                    None if until <= at => {}
                    None if from > at => return Some((false, from)),
                    None => open_since = Some(until),
                }
            }
            date = date.succ_opt()?;
            if let Some(end) = open_since
                && (end < start_of_day(date, self.zone)? || day >= OPEN_DAYS_MAX)
            {
                return Some((true, end));
            }
        }
        None
    }

    /// When the desk opens for the first time after `at`.
    pub fn next_opening(&self, at: Instant) -> Option<Instant> {
        match self.is_open(at)? {
            (false, opening) => Some(opening),
            (true, closing) => self.is_open(closing).map(|(_, opening)| opening),
        }
    }

    /// When the desk closes for the first time after `at`.
    pub fn next_closing(&self, at: Instant) -> Option<Instant> {
        match self.is_open(at)? {
            (true, closing) => Some(closing),
            (false, opening) => self.is_open(opening).map(|(_, closing)| closing),
        }
    }

    /// The shift on duty at `at`, the first of several, if there is one; and until when that is so.
    pub fn shift_at(&self, at: Instant) -> Option<(Option<&Shift>, Instant)> {
        let today = self.times_on(date_of(at, self.zone)?, &self.shift_times())?;
        let on_duty = self.shifts.iter().zip(today).find(|(_, (from, until))| *from <= at && at < *until);
        match on_duty {
            Some((shift, (_, until))) => Some((Some(shift), until)),
            None => Some((None, self.next_shift(at)?)),
        }
    }

    /// When the next shift begins after `at`.
    pub fn next_shift(&self, at: Instant) -> Option<Instant> {
        let mut date = date_of(at, self.zone)?;
        for _ in 0..DAYS_AHEAD_MAX {
            let starts = self.times_on(date, &self.shift_times())?.into_iter().map(|(from, _)| from);
            if let Some(start) = starts.filter(|from| *from > at).min() {
                return Some(start);
            }
            date = date.succ_opt()?;
        }
        None
    }

    fn shift_times(&self) -> Vec<(u16, u16)> {
        self.shifts.iter().map(|shift| (shift.from, shift.until)).collect()
    }

    /// The desk's opening times on one date, as instants.
    fn open_on(&self, date: NaiveDate) -> Option<Vec<(Instant, Instant)>> {
        self.times_on(date, &self.hours)
    }

    /// Times of day on one date, as instants; none on a day on which the desk does not open.
    fn times_on(&self, date: NaiveDate, times: &[(u16, u16)]) -> Option<Vec<(Instant, Instant)>> {
        if self.working_days_only && !self.is_working_day(date)? {
            return Some(Vec::new());
        }
        let midnight = start_of_day(date, self.zone)?;
        let at = |minute: u16| midnight.0.checked_add(i64::from(minute).checked_mul(MINUTE)?).map(Instant);
        times.iter().map(|(from, until)| Some((at(*from)?, at(*until)?))).collect()
    }
}

/// The civil date of an instant in a zone.
pub fn date_of(at: Instant, zone: Tz) -> Option<NaiveDate> {
    local(at, zone).map(|local| local.date_naive())
}

/// 00:00 of a date in a zone; where a clock change skips it, the first instant after.
pub fn start_of_day(date: NaiveDate, zone: Tz) -> Option<Instant> {
    let midnight = date.and_time(NaiveTime::MIN);
    let mut local = zone.from_local_datetime(&midnight).earliest();
    for minutes in [15, 30, 45, 60, 75, 90, 105, 120] {
        if local.is_none() {
            let later = midnight.checked_add_signed(chrono::TimeDelta::try_minutes(minutes)?)?;
            local = zone.from_local_datetime(&later).earliest();
        }
    }
    local?.timestamp_nanos_opt().map(Instant)
}

/// An instant on the wall clock of a zone.
pub fn local(at: Instant, zone: Tz) -> Option<DateTime<Tz>> {
    let utc = DateTime::<Utc>::from_timestamp(at.0.div_euclid(SECOND), u32::try_from(at.0.rem_euclid(SECOND)).ok()?)?;
    Some(utc.with_timezone(&zone))
}
