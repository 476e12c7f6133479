//! The shipped calendars: dates that can be, the law's number of days off, and reckoning across holidays and years.

mod support;

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, Weekday};
use redress::calendar::Calendar;
use redress::policy::Bundle;
use redress::value::{Duration, Instant, SECOND};

/// Days off that the law grants a year; those on a weekend are made good, and every day more is worked another time.
const STATUTORY_DAYS: i64 = 13;

fn with<T>(name: &str, ask: impl FnOnce(&Calendar) -> T) -> T {
    let bundle: Bundle = support::shipped();
    let calendars = &bundle.rules_for(None, None).program.calendars;
    ask(calendars.iter().find(|calendar| &*calendar.name == name).unwrap())
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> Instant {
    let offset = if text.len() > 16 { "+08:00" } else { ":00+08:00" };
    Instant(DateTime::parse_from_rfc3339(&format!("{text}{offset}")).unwrap().timestamp_nanos_opt().unwrap())
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

#[test]
fn a_make_up_day_is_a_weekend_day_and_no_holiday() {
    with("desk", |desk| {
        assert!(!desk.make_up_days.is_empty());
        for date in &desk.make_up_days {
            assert!(is_weekend(*date), "{date} is a {}", date.weekday());
            assert!(!desk.holidays.contains(date), "{date} is a holiday");
            assert_eq!(desk.is_working_day(*date), Some(true));
        }
    });
}

#[test]
fn every_year_has_the_days_off_of_the_law() {
    with("desk", |desk| {
        for year in 2025..=2027 {
            let of_year = |days: &BTreeSet<NaiveDate>| -> Vec<NaiveDate> {
                days.iter().copied().filter(|date| date.year() == year).collect()
            };
            let off = of_year(&desk.holidays).into_iter().filter(|date| !is_weekend(*date)).count();
            let made_up = of_year(&desk.make_up_days).len();
            assert_eq!(i64::try_from(off).unwrap() - i64::try_from(made_up).unwrap(), STATUTORY_DAYS, "{year}");
        }
    });
}

/// First and last day, the weekday of the first, and how many days, as they were announced or are expected.
const HOLIDAYS: &[(&str, &str, Weekday, i64)] = &[
    ("2025-01-01", "2025-01-01", Weekday::Wed, 1),
    ("2025-01-28", "2025-02-04", Weekday::Tue, 8),
    ("2025-04-04", "2025-04-06", Weekday::Fri, 3),
    ("2025-05-01", "2025-05-05", Weekday::Thu, 5),
    ("2025-05-31", "2025-06-02", Weekday::Sat, 3),
    ("2025-10-01", "2025-10-08", Weekday::Wed, 8),
    ("2026-01-01", "2026-01-03", Weekday::Thu, 3),
    ("2026-02-15", "2026-02-23", Weekday::Sun, 9),
    ("2026-04-04", "2026-04-06", Weekday::Sat, 3),
    ("2026-05-01", "2026-05-05", Weekday::Fri, 5),
    ("2026-06-19", "2026-06-21", Weekday::Fri, 3),
    ("2026-09-25", "2026-09-27", Weekday::Fri, 3),
    ("2026-10-01", "2026-10-07", Weekday::Thu, 7),
    ("2027-01-01", "2027-01-01", Weekday::Fri, 1),
    ("2027-02-05", "2027-02-10", Weekday::Fri, 6),
    ("2027-04-05", "2027-04-05", Weekday::Mon, 1),
    ("2027-05-01", "2027-05-04", Weekday::Sat, 4),
    ("2027-06-09", "2027-06-09", Weekday::Wed, 1),
    ("2027-09-15", "2027-09-15", Weekday::Wed, 1),
    ("2027-10-01", "2027-10-05", Weekday::Fri, 5),
];

#[test]
fn holidays_begin_on_their_weekday_last_their_days_and_are_all_there_is() {
    with("desk", |desk| {
        let mut known = BTreeSet::new();
        for (from, until, weekday, days) in HOLIDAYS {
            let (from, until) = (day(from), day(until));
            assert_eq!((from.weekday(), (until - from).num_days() + 1), (*weekday, *days), "{from}");
            known.extend(from.iter_days().take_while(|date| *date <= until));
        }
        assert_eq!(known, desk.holidays);
    });
}

#[test]
fn every_calendar_of_the_pack_knows_the_same_years() {
    for name in ["desk", "platform_tickets", "refund_rounds"] {
        assert_eq!(with(name, |calendar| calendar.covers), (day("2025-01-01"), day("2027-12-31")), "{name}");
    }
}

/// From when, how many working days, the end of which day.
const WORKING_DAYS: &[(&str, u32, &str)] = &[
    // Across Spring Festival: 2026-02-14 is a Saturday worked, the 15th to the 23rd are off.
    ("2026-02-13T23:59:59", 1, "2026-02-15T00:00"),
    ("2026-02-14T00:00:00", 1, "2026-02-25T00:00"),
    ("2026-02-23T12:00:00", 4, "2026-02-28T00:00"),
    ("2026-02-23T12:00:00", 5, "2026-03-01T00:00"),
    ("2026-02-28T23:59:59", 1, "2026-03-03T00:00"),
    // Across National Day: Sunday 2026-09-20 and Saturday 2026-10-10 are worked.
    ("2026-09-18T09:00:00", 1, "2026-09-21T00:00"),
    ("2026-09-30T09:00:00", 3, "2026-10-11T00:00"),
    ("2025-09-30T23:59:59", 1, "2025-10-10T00:00"),
    ("2025-10-08T00:00:00", 3, "2025-10-12T00:00"),
    // Across Mid-Autumn and months.
    ("2026-09-24T10:00:00", 1, "2026-09-29T00:00"),
    ("2026-06-30T10:00:00", 1, "2026-07-02T00:00"),
    ("2028-02-28T10:00:00", 1, "none"),
    // Across the year: 2026-01-02 is off, Sunday the 4th is worked.
    ("2025-12-31T10:00:00", 1, "2026-01-05T00:00"),
    ("2026-12-31T23:59:59", 1, "2027-01-05T00:00"),
    // Beyond what the calendar knows nothing is guessed.
    ("2027-12-30T10:00:00", 1, "2028-01-01T00:00"),
    ("2027-12-30T10:00:00", 2, "none"),
    ("2026-11-22T10:00:00", 0, "2026-11-23T00:00"),
];

#[test]
fn working_days_are_counted_across_holidays_months_and_years() {
    with("desk", |desk| {
        for (start, days, until) in WORKING_DAYS {
            let expected = (*until != "none").then(|| at(until));
            assert_eq!(desk.working_days_after(at(start), *days), expected, "{days} after {start}");
        }
    });
}

/// Which calendar, from when, how many minutes, until when.
const DESK_TIMES: &[(&str, &str, i64, &str)] = &[
    ("desk", "2026-11-22T08:00:00", 960, "2026-11-23T00:00"),
    ("desk", "2026-11-22T08:00:01", 960, "2026-11-23T08:00:01"),
    ("desk", "2026-11-22T03:00:00", 1, "2026-11-22T08:01"),
    ("desk", "2026-12-31T23:30:00", 60, "2027-01-01T08:30"),
    ("desk", "2026-02-28T23:30:00", 60, "2026-03-01T08:30"),
    // Open on holidays as well.
    ("desk", "2026-02-16T23:30:00", 60, "2026-02-17T08:30"),
    ("platform_tickets", "2026-11-22T20:45:00", 20, "2026-11-23T09:05"),
    ("platform_tickets", "2026-11-22T20:40:00", 20, "2026-11-22T21:00"),
    ("platform_tickets", "2026-11-22T21:00:00", 20, "2026-11-23T09:20"),
    ("platform_tickets", "2026-11-22T08:59:59", 20, "2026-11-22T09:20"),
    ("platform_tickets", "2026-10-01T20:59:00", 20, "2026-10-02T09:19"),
    ("platform_tickets", "2026-11-22T09:00:00", 1_440, "2026-11-23T21:00"),
    ("refund_rounds", "2026-11-22T08:30:00", 60, "2026-11-22T13:30"),
    ("refund_rounds", "2026-11-22T19:30:00", 60, "2026-11-23T08:30"),
];

#[test]
fn desk_time_passes_only_while_the_desk_is_open() {
    for (name, start, minutes, until) in DESK_TIMES {
        let length = Duration(minutes * 60 * SECOND);
        let found = with(name, |calendar| calendar.business_time_after(at(start), length));
        assert_eq!(found, Some(at(until)), "{minutes} minutes of {name} after {start}");
    }
}

/// Which calendar, when; the next opening and closing.
const OPENINGS: &[(&str, &str, &str, &str)] = &[
    ("desk", "2026-11-22T07:59:59", "2026-11-22T08:00", "2026-11-23T00:00"),
    ("desk", "2026-11-22T08:00:00", "2026-11-23T08:00", "2026-11-23T00:00"),
    ("desk", "2026-11-22T23:59:59", "2026-11-23T08:00", "2026-11-23T00:00"),
    ("desk", "2026-11-23T00:00:00", "2026-11-23T08:00", "2026-11-24T00:00"),
    ("desk", "2026-12-31T23:00:00", "2027-01-01T08:00", "2027-01-01T00:00"),
    ("platform_tickets", "2026-11-22T20:59:59", "2026-11-23T09:00", "2026-11-22T21:00"),
    ("platform_tickets", "2026-11-22T21:00:00", "2026-11-23T09:00", "2026-11-23T21:00"),
    ("refund_rounds", "2026-11-22T09:00:00", "2026-11-22T13:00", "2026-11-22T14:00"),
    ("refund_rounds", "2026-11-22T13:00:00", "2026-11-22T19:00", "2026-11-22T14:00"),
    ("refund_rounds", "2026-11-22T20:00:00", "2026-11-23T08:00", "2026-11-23T09:00"),
];

#[test]
fn the_next_opening_and_closing_are_after_the_moment_asked_about() {
    for (name, moment, opening, closing) in OPENINGS {
        let found = with(name, |calendar| (calendar.next_opening(at(moment)), calendar.next_closing(at(moment))));
        assert_eq!(found, (Some(at(opening)), Some(at(closing))), "{name} at {moment}");
    }
}

/// When; the shift, until when it is so, and when the next begins.
const SHIFTS: &[(&str, &str, &str, &str)] = &[
    ("2026-11-22T07:59:59", "", "2026-11-22T08:00", "2026-11-22T08:00"),
    ("2026-11-22T08:00:00", "morning", "2026-11-22T13:00", "2026-11-22T13:00"),
    ("2026-11-22T12:59:59", "morning", "2026-11-22T13:00", "2026-11-22T13:00"),
    ("2026-11-22T13:00:00", "noon", "2026-11-22T18:00", "2026-11-22T18:00"),
    ("2026-11-22T18:00:00", "evening", "2026-11-23T00:00", "2026-11-23T08:00"),
    ("2026-11-22T23:59:59", "evening", "2026-11-23T00:00", "2026-11-23T08:00"),
    ("2026-11-23T00:00:00", "", "2026-11-23T08:00", "2026-11-23T08:00"),
];

#[test]
fn one_shift_takes_over_from_another_to_the_second() {
    with("desk", |desk| {
        for (moment, shift, until, next) in SHIFTS {
            let (on_duty, end) = desk.shift_at(at(moment)).unwrap();
            assert_eq!(on_duty.map_or("", |shift| &shift.id), *shift, "{moment}");
            assert_eq!((end, desk.next_shift(at(moment))), (at(until), Some(at(next))), "{moment}");
        }
    });
}

#[test]
fn a_desk_of_working_days_has_no_shift_on_a_holiday_and_one_that_never_closes_stays_open() {
    with("desk", |desk| {
        let weekdays = Calendar { working_days_only: true, ..desk.clone() };
        assert_eq!(weekdays.next_opening(at("2026-02-14T23:00:00")), Some(at("2026-02-24T08:00")));
        assert!(weekdays.shift_at(at("2026-02-16T10:00:00")).unwrap().0.is_none());
        assert_eq!(weekdays.next_shift(at("2026-02-16T10:00:00")), Some(at("2026-02-24T08:00")));
        assert_eq!(weekdays.next_opening(at("2027-12-31T10:00:00")), None, "beyond the calendar");
        let always = Calendar { hours: vec![(0, 1_440)], ..desk.clone() };
        let (open, until) = always.is_open(at("2026-11-22T10:00:00")).unwrap();
        assert!(open && until > at("2026-12-20T00:00"), "{until:?}");
    });
}
