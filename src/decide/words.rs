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

/// The two largest units of a length of time: "2 天 3 小时", "2 d 3 h".
fn duration(length: Duration, zh: bool) -> String {
    let seconds = length.0.checked_div(SECOND).unwrap_or_default().unsigned_abs();
    let units: [(u64, &str, &str); 4] =
        [(86_400, "天", "d"), (3_600, "小时", "h"), (60, "分钟", "min"), (1, "秒", "s")];
    let mut left = seconds;
    let mut words = Vec::new();
    for (size, chinese, english) in units {
        let count = left.checked_div(size).unwrap_or_default();
        left = left.checked_rem(size).unwrap_or_default();
        if count > 0 && words.len() < 2 {
            words.push(format!("{count} {}", if zh { chinese } else { english }));
        }
    }
    if words.is_empty() {
        words.push(format!("0 {}", if zh { "秒" } else { "s" }));
    }
    let sign = if length.0 < 0 { "-" } else { "" };
    format!("{sign}{}", words.join(" "))
}
