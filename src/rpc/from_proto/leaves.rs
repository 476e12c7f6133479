//! Single values off the wire: exact, in range, of the bundle's currency and vocabulary, or refused by name.

use chrono::{Datelike, NaiveDate};
use pbjson_types::{Duration as WireDuration, Timestamp};
use rust_decimal::Decimal;

use crate::both;
use crate::expr::check;
use crate::facts::{ENUMS, EnumId, Schema, Type};
use crate::policy::decode::parse_duration;
use crate::rpc::proto::google::r#type::{Date, Decimal as WireDecimal, Money};
use crate::rpc::violation::Reason;
use crate::text::{Bilingual, quoted};
use crate::value::{Duration, Instant, SECOND, Symbol, Value};

/// Elements of one list.
pub const LIST_MAX: usize = 1_000;

/// Characters of a number, a name, a title.
pub const TEXT_MAX: usize = 4_000;

/// Characters of what people write: words, notes, descriptions.
pub const PROSE_MAX: usize = 20_000;

/// Yuan in one amount; also the greatest plain number.
const MAGNITUDE_MAX: i64 = 1_000_000_000_000;

/// Characters of a number sent as text: 28 digits, a sign, a point.
const DIGITS_MAX: usize = 30;

const YEAR_MIN: i32 = 1990;
const YEAR_MAX: i32 = 2200;
/// 1990-01-01T00:00:00Z and 2200-01-01T00:00:00Z.
const SECONDS_MIN: i64 = 631_152_000;
const SECONDS_MAX: i64 = 7_258_118_400;

/// Ten years: no period of an after-sales case is longer.
const DURATION_SECONDS_MAX: i64 = 315_576_000;

const NANOS_MAX: i32 = 999_999_999;

/// Billionths of a unit in one fen.
const NANOS_PER_FEN: i32 = 10_000_000;

/// What values are read against.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'b> {
    pub schema: &'b Schema,
    /// ISO 4217 code of the bundle's currency.
    pub currency: &'b str,
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub reason: Reason,
    pub description: Bilingual,
}

impl Fault {
    pub fn new(reason: Reason, description: Bilingual) -> Self {
        Self { reason, description }
    }
}

pub type Read = Result<Value, Fault>;

pub fn money(reading: &Reading<'_>, sent: &Money) -> Read {
    let Money { currency_code, units, nanos } = sent;
    let ours = reading.currency;
    if currency_code.is_empty() {
        let description = both!("没有写币种；应为 `{ours}`", "it has no currency; it has to be `{ours}`");
        return Err(Fault::new(Reason::CURRENCY_MISSING, description));
    }
    if currency_code != ours {
        let theirs = quoted(currency_code);
        let description = both!("币种是 {theirs}；只接受 `{ours}`", "its currency is {theirs}; only `{ours}` is taken");
        return Err(Fault::new(Reason::FOREIGN_CURRENCY, description));
    }
    if nanos.unsigned_abs() > NANOS_MAX.unsigned_abs() || units.signum().saturating_mul(nanos.signum().into()) < 0 {
        let description = both!(
            "units 与 nanos 的正负号须一致，nanos 的绝对值不超过 {NANOS_MAX}",
            "its units and nanos must have one sign, and its nanos are at most {NANOS_MAX}"
        );
        return Err(Fault::new(Reason::MALFORMED_AMOUNT, description));
    }
    if *units < 0 || *nanos < 0 {
        let description = both!("金额不能为负数", "an amount can't be negative");
        return Err(Fault::new(Reason::NEGATIVE_AMOUNT, description));
    }
    if *units > MAGNITUDE_MAX {
        return Err(too_large_amount());
    }
    if nanos.checked_rem(NANOS_PER_FEN) != Some(0) {
        return Err(too_precise());
    }
    let fen = nanos.checked_div(NANOS_PER_FEN).unwrap_or_default();
    let all = units.saturating_mul(100).saturating_add(fen.into());
    Ok(Value::Money(Decimal::new(all, 2)))
}

fn too_large_amount() -> Fault {
    let description = both!("金额过大；最多 {MAGNITUDE_MAX}", "the amount is too large; at most {MAGNITUDE_MAX}");
    Fault::new(Reason::AMOUNT_TOO_LARGE, description)
}

fn too_precise() -> Fault {
    let description = both!("金额最多精确到分（两位小数）", "an amount has at most two digits after the point");
    Fault::new(Reason::AMOUNT_TOO_PRECISE, description)
}

/// An amount sent as text, in the bundle's currency.
pub fn money_text(sent: &str) -> Read {
    let amount = exact(sent)?;
    if amount.is_sign_negative() && !amount.is_zero() {
        return Err(Fault::new(Reason::NEGATIVE_AMOUNT, both!("金额不能为负数", "an amount can't be negative")));
    }
    if amount > Decimal::from(MAGNITUDE_MAX) {
        return Err(too_large_amount());
    }
    if amount.normalize().scale() > 2 { Err(too_precise()) } else { Ok(Value::Money(amount)) }
}

pub fn number(sent: &WireDecimal) -> Read {
    let WireDecimal { value } = sent;
    let number = exact(value)?;
    if number.is_sign_negative() && !number.is_zero() {
        return Err(Fault::new(Reason::NEGATIVE_NUMBER, both!("不能为负数", "it can't be negative")));
    }
    in_bounds(number)
}

/// A number sent as text, which may be negative.
pub fn number_text(sent: &str) -> Read {
    in_bounds(exact(sent)?)
}

fn in_bounds(number: Decimal) -> Read {
    if number.abs() > Decimal::from(MAGNITUDE_MAX) {
        let description = both!("数过大；最多 {MAGNITUDE_MAX}", "the number is too large; at most {MAGNITUDE_MAX}");
        return Err(Fault::new(Reason::NUMBER_TOO_LARGE, description));
    }
    Ok(Value::Number(number))
}

/// Digits with at most a sign before them and one point among them; neither exponents nor `NaN` or `Infinity`.
fn exact(sent: &str) -> Result<Decimal, Fault> {
    let unsigned = sent.strip_prefix('-').unwrap_or(sent);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let plain = sent.len() <= DIGITS_MAX && digits(whole) && digits(fraction);
    let number = if plain { Decimal::from_str_exact(sent).ok() } else { None };
    number.ok_or_else(|| {
        let theirs = quoted(sent);
        let description = both!(
            "{theirs} 不是精确的数；写成 `12.5` 这样的数字，不带指数，最多 28 位",
            "{theirs} is no exact number; write digits such as `12.5`, without an exponent, at most 28 of them"
        );
        Fault::new(Reason::MALFORMED_NUMBER, description)
    })
}

/// How many of something there are.
pub fn count(sent: i32) -> Read {
    if sent < 0 {
        return Err(Fault::new(Reason::NEGATIVE_NUMBER, both!("不能为负数", "it can't be negative")));
    }
    Ok(Value::Number(Decimal::from(sent)))
}

pub fn text(sent: &str, length_max: usize) -> Read {
    check_length(sent, length_max)?;
    Ok(Value::Text(sent.into()))
}

pub fn check_length(sent: &str, length_max: usize) -> Result<(), Fault> {
    // Bytes are counted first: as many characters take no fewer bytes.
    if sent.len() > length_max && sent.chars().count() > length_max {
        let description =
            both!("文字过长；最多 {length_max} 字", "the text is too long; at most {length_max} characters");
        return Err(Fault::new(Reason::TEXT_TOO_LONG, description));
    }
    Ok(())
}

pub fn check_count(elements: usize) -> Result<(), Fault> {
    if elements > LIST_MAX {
        let description = both!("列表过长；最多 {LIST_MAX} 项", "the list is too long; at most {LIST_MAX} elements");
        return Err(Fault::new(Reason::LIST_TOO_LONG, description));
    }
    Ok(())
}

/// A word of one of the bundle's vocabularies, or of an enumeration of its own.
pub fn name(reading: &Reading<'_>, ty: &Type, sent: &str) -> Read {
    let Type::Enum(of) = ty else { return Ok(Value::Unknown) };
    let symbol = reading.schema.enumeration(*of).and_then(|of| of.find(sent));
    symbol.map(Value::Symbol).ok_or_else(|| unknown_name(reading.schema, *of, sent))
}

fn unknown_name(schema: &Schema, of: EnumId, sent: &str) -> Fault {
    let theirs = quoted(sent);
    let enumeration = schema.enumeration(of);
    let own = enumeration.map_or("", |of| &of.name);
    let (zh, en) = ENUMS.iter().find(|known| known.name == own).map_or((own, own), |known| (known.zh, known.en));
    let mut said = both!("{theirs} 不是已有的{zh}", "{theirs} is not a known {en}");
    let names = enumeration.iter().flat_map(|of| &of.members).map(|member| &*member.id);
    add_suggestion(&mut said, sent, names);
    Fault::new(Reason::UNKNOWN_NAME, said)
}

/// Adds what may have been meant by `sent`.
pub fn add_suggestion<'a>(said: &mut Bilingual, sent: &str, names: impl Iterator<Item = &'a str> + Clone) {
    /// Comparing costs the product of the lengths; nothing so long is a slip of the pen.
    const COMPARED_MAX: usize = 100;
    if sent.len() > COMPARED_MAX {
        return;
    }
    if let Some(help) = check::suggestion(sent, names) {
        said.zh.push('；');
        said.zh.push_str(&help.zh);
        said.en.push_str("; ");
        said.en.push_str(&help.en);
    }
}

/// A member of an enumeration of the wire's: 0 is not said, n is the n-th of ours.
pub fn choice(reading: &Reading<'_>, ty: &Type, sent: i32) -> Read {
    let Type::Enum(of) = ty else { return Ok(Value::Unknown) };
    let Some(position) = sent.checked_sub(1) else { return Ok(Value::Unknown) };
    if position == -1 {
        return Ok(Value::Unknown);
    }
    let symbol = u16::try_from(position).ok().map(Symbol);
    let members = reading.schema.enumeration(*of).map_or(0, |of| of.members.len());
    symbol.filter(|symbol| usize::from(symbol.0) < members).map(Value::Symbol).ok_or_else(|| {
        let description = both!(
            "没有编号为 {sent} 的取值；可用 1 到 {members}，0 表示未说明",
            "there is no value numbered {sent}; there are 1 to {members}, and 0 for not said"
        );
        Fault::new(Reason::UNKNOWN_ENUM_VALUE, description)
    })
}

pub fn instant(sent: &Timestamp) -> Result<Instant, Fault> {
    let Timestamp { seconds, nanos } = sent;
    if !(0..=NANOS_MAX).contains(nanos) {
        let description =
            both!("时间的 nanos 须在 0 到 {NANOS_MAX} 之间", "the nanos of a time are between 0 and {NANOS_MAX}");
        return Err(Fault::new(Reason::MALFORMED_TIME, description));
    }
    if !(SECONDS_MIN..SECONDS_MAX).contains(seconds) {
        return Err(time_out_of_range());
    }
    Ok(Instant(seconds.saturating_mul(SECOND).saturating_add((*nanos).into())))
}

fn time_out_of_range() -> Fault {
    let description =
        both!("时间须在 {YEAR_MIN} 年到 {YEAR_MAX} 年之间", "a time lies between the years {YEAR_MIN} and {YEAR_MAX}");
    Fault::new(Reason::TIME_OUT_OF_RANGE, description)
}

/// A time sent as text, by RFC 3339.
pub fn instant_text(sent: &str) -> Read {
    let read = chrono::DateTime::parse_from_rfc3339(sent).map_err(|_| {
        let theirs = quoted(sent);
        let description = both!(
            "{theirs} 不是时间；写成 `2026-11-22T15:00:00+08:00` 的形式",
            "{theirs} is no time; write it as `2026-11-22T15:00:00+08:00`"
        );
        Fault::new(Reason::MALFORMED_TIME, description)
    })?;
    if !(SECONDS_MIN..SECONDS_MAX).contains(&read.timestamp()) {
        return Err(time_out_of_range());
    }
    read.timestamp_nanos_opt().map(|nanos| Value::Instant(Instant(nanos))).ok_or_else(time_out_of_range)
}

pub fn date(sent: &Date) -> Read {
    let Date { year, month, day } = sent;
    let part = |part: &i32| u32::try_from(*part).ok();
    let read = part(month).zip(part(day)).and_then(|(month, day)| NaiveDate::from_ymd_opt(*year, month, day));
    let read = read.ok_or_else(|| {
        let description = both!(
            "没有 {year} 年 {month} 月 {day} 日；年、月、日都要有",
            "there is no day {year}-{month}-{day}; a date has a year, a month and a day"
        );
        Fault::new(Reason::MALFORMED_DATE, description)
    })?;
    date_in_range(read)
}

/// A date sent as text: `2026-11-22`.
pub fn date_text(sent: &str) -> Read {
    let read = NaiveDate::parse_from_str(sent, "%Y-%m-%d").map_err(|_| {
        let theirs = quoted(sent);
        let description =
            both!("{theirs} 不是日期；写成 `2026-11-22` 的形式", "{theirs} is no date; write it as `2026-11-22`");
        Fault::new(Reason::MALFORMED_DATE, description)
    })?;
    date_in_range(read)
}

fn date_in_range(date: NaiveDate) -> Read {
    if (YEAR_MIN..YEAR_MAX).contains(&date.year()) {
        return Ok(Value::Date(date));
    }
    let description =
        both!("日期须在 {YEAR_MIN} 年到 {YEAR_MAX} 年之间", "a date lies between the years {YEAR_MIN} and {YEAR_MAX}");
    Err(Fault::new(Reason::DATE_OUT_OF_RANGE, description))
}

pub fn duration(sent: &WireDuration) -> Read {
    let WireDuration { seconds, nanos } = sent;
    let one_sign = seconds.signum().saturating_mul(nanos.signum().into()) >= 0;
    if nanos.unsigned_abs() > NANOS_MAX.unsigned_abs() || !one_sign {
        let description = both!(
            "seconds 与 nanos 的正负号须一致，nanos 的绝对值不超过 {NANOS_MAX}",
            "its seconds and nanos must have one sign, and its nanos are at most {NANOS_MAX}"
        );
        return Err(Fault::new(Reason::MALFORMED_DURATION, description));
    }
    if *seconds < 0 || *nanos < 0 {
        let description = both!("时长不能为负", "a length of time can't be negative");
        return Err(Fault::new(Reason::NEGATIVE_DURATION, description));
    }
    if *seconds > DURATION_SECONDS_MAX {
        return Err(too_long_duration());
    }
    Ok(Value::Duration(Duration(seconds.saturating_mul(SECOND).saturating_add((*nanos).into()))))
}

fn too_long_duration() -> Fault {
    Fault::new(
        Reason::DURATION_TOO_LONG,
        both!("时长过长；最多十年", "the length of time is too long; at most ten years"),
    )
}

/// A length of time sent as text: `36h`, `1d12h`, `90s`; days are of 24 hours.
pub fn duration_text(sent: &str) -> Read {
    let length = parse_duration(sent).ok_or_else(|| {
        let theirs = quoted(sent);
        let description = both!(
            "{theirs} 不是时长；写成 `36h`、`1d12h`、`90s` 的形式",
            "{theirs} is no length of time; write it as `36h`, `1d12h` or `90s`"
        );
        Fault::new(Reason::MALFORMED_DURATION, description)
    })?;
    if length.0 > DURATION_SECONDS_MAX.saturating_mul(SECOND) {
        Err(too_long_duration())
    } else {
        Ok(Value::Duration(length))
    }
}
