//! Values in words that staff read: amounts, times and lengths of time, in the language of a locale.

use std::borrow::Cow;

use crate::calendar;
use crate::expr::eval::{Program, Scope};
use crate::facts::Type;
use crate::policy::rules::{Message, Piece};
use crate::text::{Language, Locale};
use crate::value::{Duration, SECOND, Value};

/// A message with its values filled in.
pub fn message<'r>(message: &'r Message, scope: Scope<'_>, locale: Locale) -> Cow<'r, str> {
    let Some(template) = message.0.get(locale.0).or_else(|| message.0.first()) else { return Cow::Borrowed("") };
    if let [Piece::Text(text)] = &*template.0 {
        return Cow::Borrowed(text);
    }
    let program = scope.env.program;
    let language = program.languages.get(locale.0).copied().unwrap_or_default();
    let pieces = template.0.iter().map(|piece| match piece {
        Piece::Text(text) => Cow::Borrowed(&**text),
        Piece::Value(term, ty) => Cow::Owned(value(&term.value(scope), ty, program, locale, language)),
    });
    Cow::Owned(pieces.collect())
}

/// One value, as a reader of that locale expects it.
pub fn value(value: &Value, ty: &Type, program: &Program, locale: Locale, language: Language) -> String {
    let zh = language == Language::Chinese;
    match (value, ty) {
        (Value::Unknown, _) => if zh { "(未知)" } else { "(unknown)" }.to_owned(),
        (Value::Bool(true), _) => if zh { "是" } else { "yes" }.to_owned(),
        (Value::Bool(false), _) => if zh { "否" } else { "no" }.to_owned(),
        (Value::Number(number), _) => number.normalize().to_string(),
        (Value::Money(amount), _) if zh => format!("{amount:.2} 元"),
        (Value::Money(amount), _) => format!("{} {amount:.2}", program.currency),
        (Value::Text(text), _) => text.to_string(),
        (Value::Symbol(symbol), Type::Enum(id)) => {
            let member = program.schema.enumeration(*id).and_then(|of| of.member(*symbol));
            member.map_or_else(String::new, |member| member.title.get(locale).to_owned())
        }
        (Value::Instant(at), _) => {
            calendar::local(*at, program.zone).map_or_else(String::new, |at| at.format("%Y-%m-%d %H:%M:%S").to_string())
        }
        (Value::Date(date), _) => date.to_string(),
        (Value::Duration(length), _) => duration(*length, zh),
        (Value::List(list), Type::List(of)) => {
            let words: Vec<String> =
                list.iter().map(|element| self::value(element, of, program, locale, language)).collect();
            words.join(if zh { "、" } else { ", " })
        }
        (Value::Symbol(_) | Value::List(_) | Value::Record(_) | Value::Map(_), _) => "…".to_owned(),
    }
}

/// Up to here a length of time is told in hours: a desk speaks of 48 or 72 hours, and means these and no days.
const HOURS_MAX: u64 = 72 * 3_600;

/// The two largest units of a length of time: "5 天 3 小时", "5 days 3 hours".
fn duration(length: Duration, zh: bool) -> String {
    let seconds = length.0.checked_div(SECOND).unwrap_or_default().unsigned_abs();
    let units: [(u64, &str, &str); 4] =
        [(86_400, "天", "day"), (3_600, "小时", "hour"), (60, "分钟", "minute"), (1, "秒", "second")];
    let told = |size: u64| size < 86_400 || seconds > HOURS_MAX;
    let mut left = seconds;
    let mut words = Vec::new();
    for (size, chinese, english) in units.into_iter().filter(|(size, ..)| told(*size)) {
        let count = left.checked_div(size).unwrap_or_default();
        left = left.checked_rem(size).unwrap_or_default();
        if count > 0 && words.len() < 2 {
            words.push(counted(count, chinese, english, zh));
        }
    }
    if words.is_empty() {
        words.push(counted(0, "秒", "second", zh));
    }
    let sign = if length.0 < 0 { "-" } else { "" };
    format!("{sign}{}", words.join(" "))
}

fn counted(count: u64, chinese: &str, english: &str, zh: bool) -> String {
    match (zh, count) {
        (true, _) => format!("{count} {chinese}"),
        (false, 1) => format!("1 {english}"),
        (false, _) => format!("{count} {english}s"),
    }
}
