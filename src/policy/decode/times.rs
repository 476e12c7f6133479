//! What is written of time: dates, moments, lengths of time.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime};
use serde_json::{Value, json};

use super::words::{half_width, word, write_it};
use super::{Decode, Definitions, ExpressionText};
use crate::both;
use crate::diagnostic::Problems;
use crate::source::tree::{Node, NodeKind};
use crate::text::Bilingual;
use crate::value::{Duration, SECOND};

/// The years that a policy may speak of: sums of their moments and of a policy's lengths of time never overflow.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2200;

/// No policy waits longer, and sums stay far from overflow.
const DAYS_MAX: i64 = 36_500;

/// A civil date, as `2026-11-22`.
impl Decode for NaiveDate {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        word(node, &both!("一个日期", "a date"), problems, |text| {
            let shaped = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
            let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| shaped);
            date.filter(|date| YEARS.contains(&date.year())).ok_or_else(|| match date {
                Some(_) => years_help(),
                None if shaped => both!("没有这一天", "there is no such day"),
                None => both!("写成年-月-日，如 `2026-11-22`", "write year, month and day like `2026-11-22`"),
            })
        })
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "string", "format": "date" })
    }
}

/// A moment, as `2026-11-22T15:00:00+08:00`: never without its offset.
impl Decode for DateTime<FixedOffset> {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        word(node, &both!("一个时刻", "a moment"), problems, |text| {
            let moment = DateTime::parse_from_rfc3339(text).ok().filter(|moment| {
                let leaps = moment.timestamp_subsec_nanos() >= 1_000_000_000;
                text.as_bytes().get(10) == Some(&b'T') && !text.ends_with('z') && !leaps
            });
            moment.filter(|moment| YEARS.contains(&moment.year())).ok_or_else(|| match moment {
                Some(_) => years_help(),
                None => moment_help(text),
            })
        })
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "string", "format": "date-time" })
    }
}

fn moment_help(text: &str) -> Bilingual {
    let local = text.replacen(' ', "T", 1);
    if NaiveDateTime::parse_from_str(&local, "%Y-%m-%dT%H:%M:%S").is_ok() {
        let text = format!("{local}+08:00");
        return both!("写上时区：`{text}`", "write the offset from UTC too: `{text}`");
    }
    both!(
        "写成日期、时间和时区，如 `2026-11-22T15:00:00+08:00`",
        "write date, time and offset from UTC like `2026-11-22T15:00:00+08:00`"
    )
}

fn years_help() -> Bilingual {
    let (first, last) = (YEARS.start(), YEARS.end());
    both!("年份要在 {first} 到 {last} 之间", "the year must be from {first} to {last}")
}

/// A length of time, as `48h` or `1d12h`. A day is 24 hours here.
impl Decode for Duration {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        word(node, &both!("一段时间", "a length of time"), problems, |text| {
            parse_duration(text).ok_or_else(|| duration_help(text))
        })
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "string", "pattern": "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$" })
    }
}

/// A length of time as it may be written: out, as `24h`, or by an expression, as `$contact_every` or `hours(24)`.
#[derive(Debug, Clone, PartialEq)]
pub enum DurationText {
    Written(Duration),
    Computed(ExpressionText),
}

impl Decode for DurationText {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        let computed = matches!(&node.kind, NodeKind::Scalar(scalar) if is_computed(&scalar.text));
        if computed {
            return ExpressionText::decode(node, problems).map(Self::Computed);
        }
        Duration::decode(node, problems).map(Self::Written)
    }

    fn schema(definitions: &mut Definitions) -> Value {
        // An expression may be any text.
        ExpressionText::schema(definitions)
    }
}

/// Whether a text names or calls something, so that it is no slip of a length written out.
fn is_computed(text: &str) -> bool {
    let named = text.trim_start().starts_with(|c: char| c.is_ascii_alphabetic()) && text.contains('.');
    named || text.contains(['$', '('])
}

/// Reads `7d`, `48h`, `30m`, `20s` or several of these from the greatest to the least; `None` if it is anything else.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut units: &[(char, i64)] = &[('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
    let mut seconds = 0_i64;
    let mut rest = text;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at_checked(digits)?;
        let unit = tail.chars().next()?;
        let index = units.iter().position(|(name, _)| *name == unit)?;
        let (_, length) = units.get(index)?;
        seconds = seconds.checked_add(number.parse::<i64>().ok()?.checked_mul(*length)?)?;
        units = units.get(index.checked_add(1)?..)?;
        rest = tail.get(unit.len_utf8()..)?;
    }
    (seconds <= DAYS_MAX.checked_mul(86_400)?).then_some(())?;
    seconds.checked_mul(SECOND).map(Duration)
}

fn duration_help(text: &str) -> Bilingual {
    let mut plain: String = text.chars().map(half_width).filter(|c| *c != ' ').collect();
    plain.make_ascii_lowercase();
    let units = [
        ("个小时", "h"),
        ("小时", "h"),
        ("hours", "h"),
        ("hour", "h"),
        ("分钟", "m"),
        ("minutes", "m"),
        ("minute", "m"),
        ("min", "m"),
        ("seconds", "s"),
        ("second", "s"),
        ("秒", "s"),
        ("天", "d"),
        ("days", "d"),
        ("day", "d"),
    ];
    for (word, unit) in units {
        plain = plain.replace(word, unit);
    }
    if parse_duration(&plain).is_some() {
        return write_it(&plain);
    }
    both!(
        "用 `d`（天）、`h`（时）、`m`（分）、`s`（秒）从大到小写，如 `48h` 或 `1d12h`，最多 {DAYS_MAX} 天",
        "write days, hours, minutes and seconds in this order, like `48h` or `1d12h`, and at most {DAYS_MAX} days"
    )
}
