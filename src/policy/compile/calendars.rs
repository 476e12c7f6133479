//! Calendars, checked against themselves.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

use crate::both;
use crate::calendar::{Calendar, Shift};
use crate::diagnostic::{Diagnostic, Problems, codes};
use crate::policy::decode::Spanned;
use crate::policy::files::{CalendarFile, HolidayStatus, OpenOn, Weekday};
use crate::policy::texts::Texts;
use crate::text::Bilingual;

/// Longest run of days that one holiday may have.
const HOLIDAY_DAYS_MAX: usize = 60;

pub fn calendar(file: &CalendarFile, zone: Tz, texts: &Texts<'_>, problems: &mut Problems) -> Calendar {
    let covers = (file.covers.from.value, file.covers.until.value);
    if covers.0 > covers.1 {
        bad(
            &file.covers.until,
            both!("覆盖日期的结束早于开始", "the last day it covers is before the first"),
            problems,
        );
    }
    let (mut holidays, mut expected_years) = (BTreeSet::new(), BTreeSet::new());
    for holiday in &file.holidays {
        texts.localized(&holiday.title, problems);
        let (from, until) = (holiday.from.value, holiday.until.value);
        if from > until {
            bad(&holiday.until, both!("假期的结束早于开始", "the holiday ends before it begins"), problems);
        }
        for day in from.iter_days().take_while(|day| *day <= until).take(HOLIDAY_DAYS_MAX) {
            outside(&holiday.from, day, covers, problems);
            holidays.insert(day);
            if holiday.status == HolidayStatus::Expected {
                expected_years.insert(day.year());
            }
        }
    }
    let mut make_up_days = BTreeSet::new();
    for day in &file.make_up_days {
        outside(day, day.value, covers, problems);
        if holidays.contains(&day.value) {
            bad(day, both!("这一天既是假期又是调休上班", "this day is both a holiday and a make-up day"), problems);
        }
        make_up_days.insert(day.value);
    }
    let mut working_weekdays = [false; 7];
    for weekday in &file.working_week {
        if let Some(day) = working_weekdays.get_mut(weekday_number(weekday.value)) {
            *day = true;
        }
    }
    let hours = file.hours.iter().filter_map(|hours| period(&hours.from, &hours.until, problems)).collect::<Vec<_>>();
    for (pair, entry) in hours.windows(2).zip(file.hours.iter().skip(1)) {
        if let [(_, end), (start, _)] = pair
            && start < end
        {
            bad(
                &entry.from,
                both!("营业时间互相重叠或没有按先后写", "opening hours overlap or are out of order"),
                problems,
            );
        }
    }
    let shifts = file.shifts.iter().filter_map(|shift| {
        texts.localized(&shift.title, problems);
        let (from, until) = period(&shift.from, &shift.until, problems)?;
        Some(Shift { id: shift.id.value.as_ref().into(), from, until })
    });
    let shifts = shifts.collect();
    Calendar {
        name: file.name.value.as_ref().into(),
        zone,
        covers,
        working_weekdays,
        holidays,
        expected_years,
        make_up_days,
        hours,
        working_days_only: file.open_on != Some(OpenOn::EveryDay),
        shifts,
    }
}

fn outside(written: &Spanned<NaiveDate>, day: NaiveDate, covers: (NaiveDate, NaiveDate), problems: &mut Problems) {
    if day < covers.0 || covers.1 < day {
        bad(
            written,
            both!("{day} 不在日历覆盖的日期之内", "{day} is not among the days the calendar covers"),
            problems,
        );
    }
}

fn bad<T>(written: &Spanned<T>, message: Bilingual, problems: &mut Problems) {
    problems.push(Diagnostic::error(codes::BAD_CALENDAR, written.span.clone(), message));
}

/// `08:00`–`24:00` in minutes of the day.
fn period(from: &Spanned<String>, until: &Spanned<String>, problems: &mut Problems) -> Option<(u16, u16)> {
    let (start, end) = (minute(from, problems), minute(until, problems));
    let (start, end) = (start?, end?);
    if start >= end {
        bad(
            until,
            both!(
                "结束要晚于开始；跨午夜的写成两段",
                "it must end after it begins; write two where it crosses midnight"
            ),
            problems,
        );
        return None;
    }
    Some((start, end))
}

fn minute(written: &Spanned<String>, problems: &mut Problems) -> Option<u16> {
    let parsed = written.value.split_once(':').and_then(|(hours, minutes)| {
        let two_digits = |text: &str| text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_digit());
        let (hours, minutes) =
            (Some(hours).filter(|text| two_digits(text))?, Some(minutes).filter(|text| two_digits(text))?);
        let total = hours.parse::<u16>().ok()?.checked_mul(60)?.checked_add(minutes.parse::<u16>().ok()?)?;
        (minutes.parse::<u16>().ok()? < 60 && total <= 1_440).then_some(total)
    });
    if parsed.is_none() {
        let word = &written.value;
        let message = both!("`{word}` 不是一天中的时刻", "`{word}` is not a time of day");
        let problem = Diagnostic::error(codes::BAD_CALENDAR, written.span.clone(), message);
        problems.push(
            problem.help(both!("写成 `\"08:00\"`，午夜写 `\"24:00\"`", "write `\"08:00\"`; midnight is `\"24:00\"`")),
        );
    }
    parsed
}

fn weekday_number(weekday: Weekday) -> usize {
    Weekday::ALL.iter().position(|day| *day == weekday).unwrap_or_default()
}
